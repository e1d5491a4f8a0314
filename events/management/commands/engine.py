"""The event engine from the command line: thin calls of the same functions that pages and beat use."""

import json
from argparse import ArgumentParser
from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.domain.organisation import organisation
from core.clock import database_now
from core.dates import parse_day
from core.errors import Refused
from core.sql import statement_timeout
from events.domain import activation
from events.domain.event import latest_version
from events.engine.backtest import backtest
from events.engine.evaluate import Order, dry_run, evaluate
from events.engine.matching import facts_day
from events.engine.preview import preview
from events.engine.tick import tick
from events.engine.window import Window, last_complete_day
from events.models import Event, Run
from orders.domain.facts import roll


class Command(BaseCommand):
    """``engine tick | evaluate | backtest | activate | deactivate``."""

    help = "Runs the event engine: tick, evaluate, backtest, activate, deactivate."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("tick", help="one heartbeat: journal, nightly work, events that are due")
        self._evaluate_arguments(verbs.add_parser("evaluate", help="evaluate one event"))
        self._backtest_arguments(verbs.add_parser("backtest", help="what an event would have done"))
        switch_on = verbs.add_parser("activate", help="switch an event on")
        switch_on.add_argument("code")
        switch_on.add_argument("--choice", required=True, choices=["now", "spread", "all"])
        switch_on.add_argument("--as-of", help="the judged day, YYYY-MM-DD; default: the last complete day")
        switch_off = verbs.add_parser("deactivate", help="switch an event off")
        switch_off.add_argument("code")
        switch_off.add_argument("--reason", default="Switched off from the command line")
        switch_off.add_argument(
            "--open-follow-ups", default="keep", choices=["keep", "cancel_untouched", "cancel_all"]
        )

    def _evaluate_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code")
        parser.add_argument("--as-of", help="the judged day, YYYY-MM-DD; default: the last complete day")
        parser.add_argument("--catch-up", help="a number of days, or all: no window and no floor")
        parser.add_argument("--dry-run", action="store_true", help="say what would match and write nothing")
        parser.add_argument("--json", action="store_true")

    def _backtest_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code")
        parser.add_argument("--from", dest="first", required=True, help="first day, YYYY-MM-DD")
        parser.add_argument("--to", dest="last", required=True, help="last day, YYYY-MM-DD")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with statement_timeout(600):
                answer = getattr(self, f"do_{options['verb']}")(options)
        except Refused as error:
            raise CommandError(error.message) from error
        except ValueError as error:
            raise CommandError(str(error)) from error
        if options.get("json"):
            self.stdout.write(json.dumps(answer, indent=1))
            return
        for name, value in answer.items():
            self.stdout.write(f"{name.replace('_', ' ')}: {_short(value)}")

    def do_tick(self, options: dict[str, Any]) -> dict[str, Any]:
        """One heartbeat."""
        return dict(tick(clock=database_now))

    def do_evaluate(self, options: dict[str, Any]) -> dict[str, Any]:
        """Evaluate one event, for real or dry."""
        event, now = _event(options["code"]), database_now()
        judged_day = _day(options["as_of"])
        catch_up = _catch_up(options["catch_up"])
        order = Order(
            kind=Run.Kind.MANUAL,
            now=now,
            judged_day=judged_day,
            catch_up=catch_up,
            replay=_is_past(judged_day, now),
        )
        if options["dry_run"]:
            return _dry(event, order)
        _roll_to(judged_day, now)
        result = evaluate(event.pk, order)
        if result.run is None:
            raise Refused(result.skipped)
        run = result.run
        return {
            "as_of": run.as_of.isoformat(),
            "matched": run.matched,
            "already_known": run.already_known,
            "suppressed": run.suppressed,
            "fired": run.fired,
            "queued": run.queued,
            "held": run.held,
            "expired": run.expired,
            "superseded": run.superseded,
            "out_of_window": run.out_of_window,
        }

    def do_backtest(self, options: dict[str, Any]) -> dict[str, Any]:
        """Firings over a period."""
        event, now = _event(options["code"]), database_now()
        zone = organisation().zone
        first, last = parse_day(options["first"]), parse_day(options["last"])
        if last > last_complete_day(now, zone):
            raise Refused(f"{last:%d %b %Y} is not over yet: choose an earlier last day.")
        window = Window(last_complete_day(now, zone), now, zone)
        found = backtest(event, latest_version(event), first=first, last=last, window=window)
        return {
            "from": first.isoformat(),
            "to": last.isoformat(),
            "firings": found.firings,
            "customers": len(found.customers),
            "ordered_anyway_within_30_days": found.ordered_anyway,
            "approximate": found.approximate,
            "per_month": found.per_month,
        }

    def do_activate(self, options: dict[str, Any]) -> dict[str, Any]:
        """Switch an event on; the preview it needs is made here."""
        event, now = _event(options["code"]), database_now()
        judged_day = _day(options["as_of"])
        _roll_to(judged_day, now)
        seen = preview(event, latest_version(event), now=now, by=None, judged_day=judged_day)
        result = activation.activate(
            event, choice=options["choice"], token=seen.token, by=None, now=now, judged_day=judged_day
        )
        return {
            "as_of": seen.judged_day.isoformat(),
            "matches": seen.count,
            "fired": result.released.fired,
            "queued": result.run.queued if result.run else 0,
        }

    def do_deactivate(self, options: dict[str, Any]) -> dict[str, Any]:
        """Switch an event off."""
        event = _event(options["code"])
        cancelled = activation.deactivate(
            event,
            open_follow_ups=options["open_follow_ups"],
            reason=options["reason"],
            by=None,
            now=database_now(),
        )
        return {"event": event.code, "cancelled": cancelled}


def _event(code: str) -> Event:
    event = Event.objects.filter(code=code.upper()).first()
    if event is None:
        known = ", ".join(Event.objects.order_by("code").values_list("code", flat=True))
        raise Refused(f"There is no event {code!r}; there are {known}.")
    return event


def _day(text: str | None) -> date | None:
    return parse_day(text) if text else None


def _catch_up(text: str | None) -> int | str | None:
    if text is None or text == "all":
        return text
    if not text.isdigit() or not 1 <= int(text) <= 3650:
        raise ValueError(f"--catch-up is {text!r}, but must be all or a number of days from 1 to 3650.")
    return int(text)


def _is_past(judged_day: date | None, now: datetime) -> bool:
    return judged_day is not None and judged_day < last_complete_day(now, organisation().zone)


def _roll_to(judged_day: date | None, now: datetime) -> None:
    """Bring the facts to the day that is judged, as the nightly tick would have done."""
    zone = organisation().zone
    day = judged_day or last_complete_day(now, zone)
    if day > now.astimezone(zone).date():
        raise Refused(f"{day:%d %b %Y} has not come yet.")
    rolled = facts_day()
    if rolled is None or rolled < day:
        roll(day=day, now=now)


def _dry(event: Event, order: Order) -> dict[str, Any]:
    version = event.active_version or latest_version(event)
    found = dry_run(event, version, order)
    return {
        "event": event.code,
        "as_of": found.judged_day.isoformat(),
        "matched": found.counts.matched,
        "already_known": found.counts.already_known,
        "suppressed": found.counts.suppressed,
        "approximate": found.approximate,
        "customers": list(found.customers),
        "sha256": found.sha256,
    }


def _short(value: Any) -> str:
    if isinstance(value, list) and len(value) > 20:
        return ", ".join(str(item) for item in value[:20]) + f" and {len(value) - 20} more"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items()) or "none"
    return str(value)
