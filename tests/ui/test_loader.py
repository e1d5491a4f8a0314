"""Templates reach the browser without their indentation, and otherwise as they are written."""

from pathlib import Path

import pytest
from django.conf import settings
from django.template import Engine
from django.template.loader import get_template

from ui.loader import Loader


@pytest.fixture
def loaded(tmp_path: Path) -> str:
    lines = ("<p>", "    <b>one</b>", "  {{ two }}", "    three", '  <a href="#"', '     id="x">', "")
    (tmp_path / "page.html").write_text("\n".join(lines))
    engine = Engine(dirs=[tmp_path])
    (origin,) = Loader(engine).get_template_sources("page.html")
    return Loader(engine).get_contents(origin)


def test_lines_stay_where_they_are_and_only_tags_move(loaded: str) -> None:
    assert loaded == '<p>\n<b>one</b>\n{{ two }}\n    three\n<a href="#"\n     id="x">\n'


def test_our_templates_come_this_way() -> None:
    for name in ("base.html", "components/sidebar.html"):
        source = get_template(name).template.source  # type: ignore[attr-defined]
        written = (settings.BASE_DIR / "templates" / name).read_text()
        assert source.split() == written.split()
        assert len(source) < len(written)
