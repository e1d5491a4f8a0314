"""Runs as rows."""

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
        Column("as_of", "Judged day", text=day, card="c"),
        Column("matched", "New", numeric=True),
        Column("already_known", "Known", numeric=True),
        Column("suppressed", "Left out", cell="events/cells/run_suppressed.html"),
        Column("fired", "Follow-ups", numeric=True, card="d"),
        Column("queued", "Waiting", numeric=True),
        Column("superseded", "Came true", numeric=True),
        Column("ms_total", "Took", cell="events/cells/run_took.html", numeric=True),
    ),
)
