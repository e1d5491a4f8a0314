"""Occurrences as rows."""

from events.tables.words import said
from ui.tables import Column, Table
from ui.templatetags.ui import day, moment

OCCURRENCES = Table(
    caption="Occurrences",
    order="-found",
    columns=(
        Column("customer", "Customer", cell="events/cells/occurrence_customer.html", card="a", css="two"),
        Column("trigger_on", "Happened", cell=said("trigger_on", text=day, before="Happened"), card="c"),
        Column("state", "State", cell="events/cells/occurrence_state.html", card="b"),
        # In the order of their ids, which is the order in which they were found.
        Column("found", "Found", value="detected_at", text=moment, sort="id", descending_first=True),
        Column("reason", "Reason", cell="events/cells/occurrence_reason.html"),
        Column("version", "Version", value="version.number", numeric=True),
    ),
)
