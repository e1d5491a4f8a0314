"""Words and small figures of CRM management."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django import template
from django.template.defaultfilters import date as format_date
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from core.routes import page_url
from events.domain.status import Tally, age_params, closed_params, open_params, overdue_params

register = template.Library()

# Why a match was left out -> what the pages call it.
SUPPRESSED = {
    "archived": "archived",
    "open_follow_up": "has an open follow-up",
    "test_record": "test record",
    "not_trading": "no trade wanted",
    "do_not_contact": "do not contact",
}
BAR_HEIGHT = 20
BAR_STEP = 6.4


def suppressed_word(name: str) -> str:
    """Why a match was left out, in words."""
    return SUPPRESSED.get(name, name.replace("_", " "))


@register.filter
def left_out(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Why matches were left out, in words, with how many; "any" is their sum and no reason of its own."""
    return [(suppressed_word(name), count) for name, count in counts.items() if name != "any"]


@register.filter
def follow_ups(params: Mapping[str, str]) -> str:
    """The list of the board's follow-ups that ``params`` mean."""
    return f"{page_url('events:status_follow_ups')}?{urlencode(params)}"


@register.filter
def short_moment(value: datetime) -> str:
    """21 Nov, 02:05 in the zone of the request: the year would only be the present one."""
    return format_date(value.astimezone(timezone.get_current_timezone()), "j M, H:i")


@register.simple_tag
def trend(numbers: Sequence[int]) -> SafeString:
    """A row of small bars; the numbers stand elsewhere, so readers are spared."""
    top = max([*numbers, 1])
    bars = format_html_join(
        "",
        '<rect x="{}" width="5" y="{}" height="{}" rx="1" class="c1"/>',
        (_bar(place, number, top) for place, number in enumerate(numbers)),
    )
    return format_html(
        '<svg width="64" height="{}" viewBox="0 0 64 20" aria-hidden="true">{}</svg>', BAR_HEIGHT, bars
    )


def _bar(place: int, number: int, top: int) -> tuple[str, str, str]:
    height = max(round(BAR_HEIGHT * number / top, 1), 1)
    return f"{0.5 + place * BAR_STEP:.1f}", f"{BAR_HEIGHT - height:.1f}", f"{height:.1f}"


@register.simple_tag
def ages(counts: Sequence[int]) -> SafeString:
    """The ageing of overdue follow-ups as one bar in three shades, with the numbers for readers."""
    total = sum(counts)
    label = f"1 to 3 days: {counts[0]}, 4 to 7 days: {counts[1]}, 8 days and more: {counts[2]}"
    start, parts = 0.0, []
    for place, count in enumerate(counts, start=1):
        width = 100 * count / total if total else 0
        if width:
            parts.append((f"{start:.2f}%", f"{width:.2f}%", place))
        start += width
    bars = format_html_join("", '<rect x="{}" width="{}" height="14" class="age{}"/>', parts)
    return format_html('<svg class="age" height="14" role="img" aria-label="{}">{}</svg>', label, bars)


@register.simple_tag
def load_bar(now: int, added: int, top: int, average: int = 0) -> SafeString:
    """A workload: what is there, and hatched what would come on top; ``top`` is the end of the scale.

    ``average`` is marked by a line. The page that hatches has the pattern ``hatch``.
    """
    share = 100 / max(top, 1)
    parts = [(format_html('<rect class="bar" width="{}%" height="10"/>', f"{now * share:.2f}"),)]
    if added:
        hatched = '<rect x="{}%" width="{}%" height="10" fill="url(#hatch)"/>'
        parts.append((format_html(hatched, f"{now * share:.2f}", f"{added * share:.2f}"),))
    if average:
        line = '<rect class="mark" x="{}%" width="2" height="10"/>'
        parts.append((format_html(line, f"{min(average * share, 99):.2f}"),))
    return format_html(
        '<svg class="meter lg" height="10" role="img" aria-label="{}">{}</svg>',
        f"{now} now, {now + added} after" if added else f"{now} now",
        format_html_join("", "{}", parts),
    )


# --- the board: addresses of the rows behind a number


@register.filter
def open_url(tally: Tally) -> str:
    """The open ones."""
    return follow_ups(open_params(tally.params))


@register.filter
def overdue_url(tally: Tally) -> str:
    """The overdue ones."""
    return follow_ups(overdue_params(tally.params))


@register.simple_tag
def closed_url(tally: Tally, day: date) -> str:
    """Those closed in the period that ends on ``day``."""
    return follow_ups(closed_params(tally.params, day))


@register.simple_tag
def age_url(tally: Tally, day: date, place: int) -> str:
    """The overdue ones of one age."""
    return follow_ups(age_params(tally.params, day, place))


@register.simple_tag
def board_cell(tally: Tally, who: str, measure: str, day: date, *, total: bool = False) -> SafeString:
    """One cell of the board: each number is a link to exactly its rows, which htmx shows as a side panel.

    Drawn here and not by a template because a large board has thousands. ``total`` leaves the shade out.
    """
    if measure != "open":
        return _closed_cell(tally, who, measure, day)
    if not tally.open:
        return mark_safe('<span class="mx-c"><span class="z">0<span class="sr"> open</span></span></span>')
    late = _panel_link(
        "l", overdue_params(tally.params), who, tally.overdue, "overdue", icon="exclamation-circle"
    )
    return format_html(
        '<span class="mx-c {}">{}{}</span>',
        "" if total else _shade(tally.overdue_share),
        _panel_link("o", open_params(tally.params), who, tally.open, "open"),
        late if tally.overdue else "",
    )


def _closed_cell(tally: Tally, who: str, measure: str, day: date) -> SafeString:
    if measure == "closed" and not tally.closed:
        return mark_safe('<span class="mx-c"><span class="z">0<span class="sr"> closed</span></span></span>')
    if not tally.closed:  # of nothing there is no share, and 0 would read as one
        return mark_safe('<span class="mx-c"><span class="sr">Nothing closed</span></span>')
    return format_html(
        '<span class="mx-c"><a class="o" href="{}"><span class="sr">{}: </span>{}'
        '<span class="sr"> closed{}</span></a></span>',
        follow_ups(closed_params(tally.params, day)),
        who,
        f"{tally.closed:,}" if measure == "closed" else share_of(tally.on_time_percent, tally.closed),
        "" if measure == "closed" else " on time",
    )


@register.simple_tag
def share_of(percent: int | None, base: int) -> SafeString:
    """86% of 14: a share never stands without its base."""
    return format_html('{}%<span class="of"> of {}</span>', percent, f"{base:,}")


def _panel_link(
    css: str, params: Mapping[str, str], who: str, count: int, word: str, icon: str = ""
) -> SafeString:
    query = urlencode(params)
    mark = format_html('<i class="bi bi-{}" aria-hidden="true"></i>', icon) if icon else ""
    return format_html(
        '<a class="{}" href="{}?{}" hx-get="{}?{}" hx-target="#panel">'
        '<span class="sr">{}: </span>{}{}<span class="sr"> {}</span></a>',
        css,
        page_url("events:status_follow_ups"),
        query,
        page_url("events:status_cell"),
        query,
        who,
        mark,
        f"{count:,}",
        word,
    )


def _shade(share: float) -> str:
    """The class of a cell by the overdue part of its open ones."""
    return "h3c" if share >= 0.6 else "h2c" if share >= 0.35 else "h1c" if share > 0 else ""


@register.filter
def offer(people: Sequence[User], chosen: int | None) -> SafeString:
    """People as the options of a drop-down. A page has a thousand of them, so they are drawn here."""
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((user.pk, " selected" if user.pk == chosen else "", user) for user in people),
    )


@register.filter
def percent_overdue(tally: Tally) -> int:
    """The overdue part of the open ones in percent."""
    return round(100 * tally.overdue_share)


@register.simple_tag
def share_bar(tally: Tally) -> SafeString:
    """The overdue part of the open ones as a bar."""
    share = tally.overdue_share
    tone = "danger" if share >= 0.35 else "warn" if share >= 0.18 else ""
    return format_html(
        '<svg class="meter lg" height="10" aria-hidden="true">'
        '<rect class="bar {}" width="{}%" height="10"/></svg>',
        tone,
        f"{100 * share:.1f}",
    )


@register.filter
def at(items: Sequence[Any], place: int) -> Any:
    """The item at a place."""
    return items[place]
