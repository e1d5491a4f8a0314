"""Rules that every style sheet keeps, so that themes, paper and phones hold without a list of exceptions."""

import re
from pathlib import Path

import pytest
from django.conf import settings

SHEETS = sorted((settings.BASE_DIR / "static/css").glob("*.css"))
LONGEST = 400


def rules(sheet: Path) -> str:
    """The sheet without its comments."""
    return re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_only_the_tokens_ask_for_the_theme(sheet: Path) -> None:
    asked = re.findall(r"\[data-bs-theme\W+dark.*", rules(sheet))
    assert len(asked) == (1 if sheet.name == "tokens.css" else 0)


def test_the_dark_theme_is_for_screens() -> None:
    tokens = rules(settings.BASE_DIR / "static/css/tokens.css")
    before, _, dark = tokens.partition("@media screen {")
    assert "dark" not in before
    assert re.match(r'\s*\[data-bs-theme="dark"\]\s*{[^}]*}\s*}', dark)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_paper_is_no_narrow_screen(sheet: Path) -> None:
    queries = re.findall(r"@media ([^{]*width[^{]*){", rules(sheet))
    assert [query for query in queries if not query.startswith("screen and")] == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_no_sheet_is_too_long_to_read(sheet: Path) -> None:
    assert len(sheet.read_text().splitlines()) <= LONGEST
