"""Occurrences as rows."""

from ui.tables import Column, Table
from ui.templatetags.ui import day

OCCURRENCES = Table(
    caption="Occurrences",
    order="-number",
    columns=(
        Column(
            "number", "Customer", cell="events/cells/occurrence_customer.html", sort="id", card="a", css="two"
        ),
        Column("trigger_on", "Came true", text=day, card="c"),
        Column("state", "State", cell="events/cells/occurrence_state.html", card="b"),
        Column("reason", "Reason", cell="events/cells/occurrence_reason.html"),
        Column("version", "Version", value="version.number", numeric=True),
    ),
)
