"""Fixtures and rules that every test shares: where Chromium is, and when browser tests are skipped."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# Playwright's synchronous interface runs an event loop in the test's thread, where Django would
# otherwise refuse the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# A machine may be slow; how long an example takes says nothing about the code.
settings.register_profile("touchpoint", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("touchpoint")

# alice, bob, charlie, lead, manager, admin … and sign_in.
pytest_plugins = ["tests.people"]

BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
BROWSER_PATHS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
BROWSER_FIXTURES = {"page", "context", "browser", "new_context", "launch_browser"}
NO_BROWSER = (
    "No Chromium was found, so the browser tests are skipped:"
    " install the package chromium, or name one in CHROMIUM."
)


def find_chromium() -> str | None:
    """The path of a Chromium to drive: ``CHROMIUM``, else a usual name in PATH, else a usual place."""
    if named := os.environ.get("CHROMIUM"):
        return shutil.which(named)
    found = (shutil.which(name) for name in BROWSER_NAMES)
    placed = (path for path in BROWSER_PATHS if Path(path).exists())
    return next((path for path in found if path), None) or next(placed, None)


def pytest_configure(config: pytest.Config) -> None:
    """With TOUCHPOINT_BROWSER_TESTS=required a missing browser ends the run instead of skipping tests."""
    if os.environ.get("TOUCHPOINT_BROWSER_TESTS") == "required" and not find_chromium():
        raise pytest.UsageError("No Chromium was found, and this run must not skip the browser tests.")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for a browser fixture is a browser test, and skipped where there is no browser.

    Files with a long test come first, so that at the end no process works alone while the others wait.
    """
    chromium = find_chromium()
    for item in items:
        if BROWSER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)
        if not chromium and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))
    long = {item.path for item in items if item.get_closest_marker("long")}
    items.sort(key=lambda item: item.path not in long)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once, in a sentence, that browser tests were skipped."""
    skipped = terminalreporter.stats.get("skipped", [])
    if any(NO_BROWSER in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(NO_BROWSER, yellow=True)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """Drive the system's Chromium, with everything off that would call home."""
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    return {**browser_type_launch_args, "executable_path": find_chromium(), "args": flags}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, object]) -> dict[str, object]:
    """A desktop window in the demo organisation's language and zone."""
    return {
        **browser_context_args,
        "viewport": {"width": 1280, "height": 900},
        "locale": "en-GB",
        "timezone_id": "Europe/London",
    }


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """pytest-django's database, which nothing but the tests changes."""
    from tests.postgresql import disable_autovacuum  # import here: Django is set up after this file is read

    with django_db_blocker.unblock():
        disable_autovacuum()


@pytest.fixture(scope="session", autouse=True)
def _shipped_events_come_back() -> None:
    """A test with real transactions empties all tables at its end, migrations' rows included.

    Roles come back by themselves, because emptying announces itself like a migration; the shipped events
    are installed by a migration only, so here they follow the same announcement.
    """
    from django.apps import apps  # import here: Django is set up after this file is read
    from django.db.models.signals import post_migrate  # import here: for the same reason

    post_migrate.connect(_install_events, sender=apps.get_app_config("events"), dispatch_uid="tests.events")


def _install_events(using: str, **_: object) -> None:
    from core.clock import database_now  # import here: Django is set up after this file is read
    from events.library import install  # import here: for the same reason
    from events.models import Event, Schedule, Version  # import here: for the same reason

    if using == "default":
        install(event_model=Event, version_model=Version, schedule_model=Schedule, now=database_now())
