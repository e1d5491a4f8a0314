"""Overrides as rows."""

from ui.tables import Column, Table
from ui.templatetags.ui import day

OVERRIDES = Table(
    caption="Overrides",
    order="-number",
    columns=(
        Column("number", "Who was away", cell="events/cells/override_who.html", sort="id", card="a"),
        Column("starts_on", "From", text=day, card="c"),
        Column("returns_on", "Back on", cell="events/cells/override_back.html"),
        Column("reason", "Reason", value="get_reason_display"),
        Column("moved", "Rerouted", value="moved_count", numeric=True, card="d"),
        Column("created_by", "By"),
        Column("status", "Status", cell="events/cells/override_status.html", card="b"),
    ),
)
