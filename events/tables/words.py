"""Cells that say on a phone what a wide table leaves to its heads."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from ui.tables import read_path


def said(
    path: str, *, text: Callable[[Any], Any] = str, before: str = "", after: str = ""
) -> Callable[[Any, Mapping[str, Any]], SafeString]:
    """A cell of the value at ``path`` with the word ``before`` or ``after`` it."""

    def cell(row: Any, context: Mapping[str, Any]) -> SafeString:
        return format_html(
            '<span class="cw">{}</span>{}<span class="cw">{}</span>',
            f"{before} " if before else "",
            text(read_path(row, path)),
            f" {after}" if after else "",
        )

    return cell
