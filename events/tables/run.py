"""Runs as rows."""

from events.tables.words import said
from ui.tables import Column, Table
from ui.templatetags.ui import day, moment

RUNS = Table(
    caption="Runs",
    order="-number",
    columns=(
        Column(
            "number", "Started", value="started_at", text=moment, sort="id", descending_first=True, card="a"
        ),
        Column("kind", "Started by", cell="events/cells/run_kind.html", card="b"),
        Column("as_of", "Checked day", cell=said("as_of", text=day, before="Checked"), card="c"),
        Column("matched", "New", numeric=True),
        Column("already_known", "Handled before", numeric=True),
        Column("suppressed", "Left out", cell="events/cells/run_suppressed.html"),
        Column("fired", "Follow-ups", cell=said("fired", after="follow-ups"), numeric=True, card="d"),
        Column("queued", "Waiting", numeric=True),
        Column("expired", "Expired", numeric=True),
        Column("out_of_window", "Missed", numeric=True),
        Column("superseded", "Closed on their own", numeric=True),
        Column("ms_total", "Took", cell="events/cells/run_took.html", numeric=True),
    ),
)
