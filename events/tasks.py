"""What Celery runs: thin, repeatable, by name."""

from core.clock import database_now
from core.tasks import task
from events.engine.tick import tick


@task("events.tick")
def tick_task() -> None:
    """One heartbeat of the engine."""
    tick(clock=database_now)
