"""A second, independent reading of conditions: straight from the JSON, one row at a time.

Nothing here is shared with the product but the calendar's zones: it is what the compiler is measured by.
"""

import calendar
import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

COLUMN = {
    "age": "day",
    "secret": "number",
    **{f"fact_{name}": f"facts__{name}" for name in ("text", "count", "amount", "day")},
}
ZERO_IF_EMPTY = {"count", "fact_count"}
TEXTUAL = {"text", "note", "choice", "fact_text"}
DATES = {"day", "moment", "fact_day"}
EXACT = {"amount", "ratio", "fact_amount"}


def truth(asked: dict[str, Any], row: dict[str, Any], day: date, zone: ZoneInfo) -> bool:
    """Whether the condition is true of the row."""
    if "all" in asked:
        return all(truth(part, row, day, zone) for part in asked["all"])
    if "any" in asked:
        return any(truth(part, row, day, zone) for part in asked["any"])
    if "not" in asked:
        return not truth(asked["not"], row, day, zone)
    return "f" not in asked or leaf_truth(asked, row, day, zone)


def leaf_truth(leaf: dict[str, Any], row: dict[str, Any], day: date, zone: ZoneInfo) -> bool:
    key, op = leaf["f"], leaf["op"]
    have = held(key, row, day, zone)
    nothing = have is None or (key in TEXTUAL and have == "")
    if op in ("empty", "not_empty"):
        return nothing == (op == "empty")
    if op in ("is_not", "none_of"):
        positive = {**leaf, "op": "is" if op == "is_not" else "one_of"}
        return nothing or not leaf_truth(positive, row, day, zone)
    if nothing:
        return False
    if op in ("is_true", "is_false"):
        return have is (op == "is_true")
    if op in ("older_than", "within_last", "within_next"):
        back = -leaf["v"] if op != "within_next" else leaf["v"]
        edge = moved(day, back, leaf["unit"])
        if op == "older_than":
            return have <= edge
        return edge < have <= day if op == "within_last" else day < have <= edge
    want = [wanted(key, one) for one in (leaf["v"] if isinstance(leaf["v"], list) else [leaf["v"]])]
    match op:
        case "is" | "one_of":
            return have in want
        case "contains":
            return found(want[0], have) is not None
        case "starts_with":
            at = found(want[0], have)
            return at is not None and re.match(pattern(want[0]), dotless(have), re.I) is not None
        case "between":
            return want[0] <= have <= want[1]
    return {"lt": have < want[0], "lte": have <= want[0], "gt": have > want[0], "gte": have >= want[0]}[op]


def held(key: str, row: dict[str, Any], day: date, zone: ZoneInfo) -> Any:
    """What the row holds for the field, as users understand the field."""
    have = row[COLUMN.get(key, key)]
    if have is None:
        return 0 if key in ZERO_IF_EMPTY else None
    if key == "moment":
        return have.astimezone(zone).date()
    return (day - have).days if key == "age" else have


def wanted(key: str, value: Any) -> Any:
    if key in DATES:
        return date.fromisoformat(value)
    if key in EXACT:
        return Decimal(str(value))
    return unicodedata.normalize("NFC", value) if key in TEXTUAL and key != "choice" else value


def moved(day: date, count: int, unit: str) -> date:
    if unit != "months":
        return day + timedelta(days=count) * (7 if unit == "weeks" else 1)
    step, left = (1, count) if count > 0 else (-1, -count)
    year, month = day.year, day.month
    for _ in range(left):
        month += step
        if month in (0, 13):
            year, month = year + step, 12 if month == 0 else 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def dotless(text: str) -> str:
    """Python's regular expressions take the Turkish letters for an i; here they are letters of their own."""
    return text.replace("ı", "\ue000").replace("İ", "\ue001")  # noqa: RUF001


def pattern(text: str) -> str:
    return re.escape(dotless(text))


def found(text: str, have: str) -> int | None:
    match = re.search(pattern(text), dotless(have), re.I)
    return None if match is None else match.start()
