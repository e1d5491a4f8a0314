"""Filters and tags of the interface: people, due dates, dates, money, numbers, icons, chips, meters.

English forms throughout: "17 Nov 2026", "4 days late", "£2,405.42". Whatever depends on the present day
takes it as an argument; pages have it as ``shell.today``.
"""

from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any
from zlib import crc32

from django import template
from django.template.defaultfilters import date as format_date
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from core.money import money_words, symbol_of
from ui import assets
from ui.blocks import RowLink
from ui.paging import COUNT_CAP
from ui.toasts import UNDO

register = template.Library()
register.simple_tag(assets.stylesheet)
register.simple_tag(assets.script)

AVATAR_HUES = 12
NEAR_DAYS = 7
NOBODY = mark_safe('<span class="t3">None</span>')


# --- people


@register.filter
def initials(person: Any) -> str:
    """The first letters of the first and the last word of a name: "Mara Ellison" gives "ME"."""
    words = str(person).split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.filter
def hue(record: Any) -> str:
    """The class of the avatar's hue: the same for the same id on every page."""
    return f"h{crc32(str(getattr(record, 'pk', record)).encode()) % AVATAR_HUES}"


@register.simple_tag
def avatar(person: Any, size: str = "sm", name: str = "show") -> SafeString:
    """The initials of ``person`` with the name beside them; ``name="hidden"`` keeps it for screen readers.

    ``size`` is sm, md, lg or xl. Without a person it says "None".
    """
    if not person:
        return NOBODY
    return format_html(
        '<span class="row-flex gap-6"><span class="{}" aria-hidden="true">{}</span>'
        '<span class="{}">{}</span></span>',
        words("ava", "" if size == "md" else size, hue(person)),
        initials(person),
        "sr" if name == "hidden" else "trunc",
        person,
    )


def words(*parts: str) -> str:
    """The parts that are not empty, with spaces between them: what stands in a ``class``."""
    return " ".join(part for part in parts if part)


# --- dates


@register.filter
def day(value: date | None) -> str:
    """17 Nov 2026"""
    return format_date(value, "j M Y") if value else ""


@register.filter
def short_day(value: date | None, today: date) -> str:
    """17 Nov; with the year when it is not this year's: what lists show."""
    return format_date(value, "j M" if value.year == today.year else "j M Y") if value else ""


@register.filter
def near_day(value: date | None, today: date) -> str:
    """Today, Tomorrow, Yesterday; else the date, without the year when it is this year's."""
    if value is None:
        return ""
    named = {0: "Today", 1: "Tomorrow", -1: "Yesterday"}.get((value - today).days)
    return named or short_day(value, today)


@register.filter
def told_day(value: date | None, today: date) -> str:
    """The near day inside a sentence: "due tomorrow", "due 17 Nov"."""
    near = near_day(value, today)
    return near if near[:1].isdigit() else near.lower()


@register.filter
def near_moment(value: datetime | None, today: date) -> str:
    """Today, 09:24; 17 Nov, 09:24; with the year when it is not this year's: what lists show."""
    if value is None:
        return ""
    local = value.astimezone(timezone.get_current_timezone())
    return f"{near_day(local.date(), today)}, {local:%H:%M}"


@register.filter
def moment(value: datetime | None) -> str:
    """17 Nov 2026, 09:24 in the zone of the request."""
    return format_date(value.astimezone(timezone.get_current_timezone()), "j M Y, H:i") if value else ""


@register.filter
def days_since(value: date | None, today: date) -> str:
    """62 days, 1 day, today; nothing for no date."""
    if value is None:
        return ""
    count = (today - value).days
    return "today" if count == 0 else f"{count:,} day{'' if abs(count) == 1 else 's'}"


@register.filter
def due_text(due_on: date, today: date) -> str:
    """4 days late, Today, Tomorrow, within a week Thu 19 Nov; else the date."""
    ahead = (due_on - today).days
    if ahead < 0:
        return f"{-ahead:,} day{'' if ahead == -1 else 's'} late"
    if ahead <= 1:
        return "Tomorrow" if ahead else "Today"
    return format_date(due_on, "D j M") if ahead <= NEAR_DAYS else near_day(due_on, today)


def due(due_on: date, today: date, due_time: time | None = None) -> dict[str, Any]:
    """When a follow-up is due: in words, and whether that is past or today."""
    ahead = (due_on - today).days
    text = f"{due_time:%H:%M}" if due_time and ahead == 0 else due_text(due_on, today)
    return {"text": text, "late": ahead < 0, "now": ahead == 0}


@register.simple_tag(name="due")
def due_mark(due_on: date, today: date, due_time: time | None = None) -> SafeString:
    """When a follow-up is due, as text with its colour and, when late, an icon."""
    when = due(due_on, today, due_time)
    return format_html(
        '<time class="{}" datetime="{}">{}{}</time>',
        words("due", "late" if when["late"] else "now" if when["now"] else ""),
        due_on.isoformat(),
        icon("exclamation-circle") if when["late"] else "",
        when["text"],
    )


# --- money and numbers


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """£2,405.42, with the code in front where the currency has no sign of its own; nothing for no amount."""
    return "" if amount is None else money_words(amount, currency)


@register.filter
def money_short(amount: Decimal | None, currency: str) -> str:
    """For tiles: £2,405 and, from ten thousand thousands on, £12.36 m."""
    if amount is None:
        return ""
    sign, symbol = "-" if amount < 0 else "", symbol_of(currency)
    size = abs(amount)
    if size >= 10_000_000:
        return f"{sign}{symbol}{(size / 1_000_000).quantize(Decimal('0.01'), rounding=ROUND_HALF_UP):,} m"
    return f"{sign}{symbol}{size.quantize(Decimal(1), rounding=ROUND_HALF_UP):,}"


@register.filter
def number(value: int | Decimal | None) -> str:
    """10,482; nothing for no number."""
    return "" if value is None else f"{value:,}"


@register.filter
def capped(count: int) -> str:
    """A count that was stopped at the cap: 10,000+."""
    return f"{COUNT_CAP:,}+" if count > COUNT_CAP else f"{count:,}"


# --- marks


@register.simple_tag
@cache
def icon(name: str, css: str = "") -> SafeString:
    """A Bootstrap icon, hidden from screen readers: the word beside it says the same."""
    return format_html('<i class="{}" aria-hidden="true"></i>', words("bi", f"bi-{name}", css))


@register.simple_tag
def chip(word: str, tone: str = "", mark: str = "", size: str = "") -> SafeString:
    """A status as icon and word; ``tone`` is ok, warn, danger, info, violet, accent, line or nothing."""
    return format_html(
        '<span class="{}">{}{}</span>', words("chip", tone, size), icon(mark) if mark else "", word
    )


@register.inclusion_tag("components/meter.html")
def meter(value: float, top: float, label: str, tone: str = "") -> dict[str, Any]:
    """A bar that shows ``value`` of ``top``; ``label`` is the sentence that says it."""
    share = 0.0 if top <= 0 else min(max(float(value) / float(top), 0.0), 1.0)
    return {"percent": f"{share * 100:.1f}", "label": label, "tone": tone}


# --- follow-ups

REASON_MARKS = {
    "process": ("ev", "lightning-charge-fill"),
    "marketing": ("ev mk", "megaphone-fill"),
    "manual": ("ev man", "person-fill"),
}


FACT = '<span class="f">{}</span>'


@register.simple_tag
def reason(kind: str, event: str, url: str = "", fact: str = "") -> SafeString:
    """Why a follow-up exists: process, marketing or manual; the event, linked to ``url``; what fired it."""
    css, mark = REASON_MARKS[kind]
    said = format_html('{}<span class="sr">Why: </span>{}', icon(mark), event)
    if url:
        said = format_html('<a href="{}" class="{}">{}</a>', url, css, said)
    else:
        said = format_html('<span class="{}">{}</span>', css, said)
    return format_html('<div class="why">{}{}</div>', said, format_html(FACT, fact) if fact else "")


@register.filter
def row_links(links: list[RowLink]) -> SafeString:
    """What can be done with a follow-up row, as buttons that say their keys."""
    return format_html_join("", "{}", ((_row_link(link),) for link in links))


def _row_link(link: RowLink) -> SafeString:
    key = format_html(' data-key="{}"', link.key) if link.key else ""
    shown = format_html("<kbd>{}</kbd>", link.key.upper()) if link.key else ""
    return format_html(
        '<a class="btn btn-outline btn-sm" href="{}"{}>{}{}</a>', link.url, key, link.label, shown
    )


# --- forms


@register.filter
def options(choices: list[dict[str, Any]]) -> SafeString:
    """The options of a drop-down, drawn in Python: they may be all people."""
    return format_html_join("", '<option value="{}"{}{}>{}</option>', map(_option, choices))


def _option(choice: dict[str, Any]) -> tuple[str, str, str, Any]:
    chosen = " selected" if choice["selected"] else ""
    disabled = " disabled" if choice["attrs"].get("disabled") else ""
    return str(choice["value"]), chosen, disabled, choice["label"]


# --- messages


@register.filter
def undo_url(message: Any) -> str:
    """The address that undoes what ``message`` reports; empty when there is none."""
    tags = message.extra_tags or ""
    return tags.removeprefix(UNDO) if tags.startswith(UNDO) else ""
