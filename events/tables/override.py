"""Overrides as rows."""

from events.tables.words import said
from ui.tables import Column, Table
from ui.templatetags.ui import day, moment

OVERRIDES = Table(
    caption="Overrides",
    order="-made",
    columns=(
        Column("who", "Who was away", cell="events/cells/override_who.html", card="a"),
        Column("starts_on", "From", cell=said("starts_on", text=day, before="From"), card="c"),
        Column("returns_on", "Back on", cell="events/cells/override_back.html"),
        Column("reason", "Reason", value="get_reason_display"),
        Column("moved", "Follow-ups", cell=said("moved_count", after="follow-ups"), numeric=True, card="d"),
        # In the order of their ids, which is the order in which they were made.
        Column("made", "Rerouted", value="created_at", text=moment, sort="id", descending_first=True),
        Column("created_by", "By"),
        Column("status", "Status", cell="events/cells/override_status.html", card="b", css="on-top"),
    ),
)
