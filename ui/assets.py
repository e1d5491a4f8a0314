"""Style sheets and scripts in pages, with the hash of what the browser has to find at their address."""

from base64 import b64encode
from functools import cache
from hashlib import sha384
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString


def stylesheet(name: str) -> SafeString:
    """The element that loads the style sheet at ``static/name``."""
    return format_html('<link rel="stylesheet" href="{}"{}>', static(name), _integrity(name))


def script(name: str, *, defer: bool = True) -> SafeString:
    """The element that loads the script at ``static/name``; ``defer`` waits for the page to be read."""
    return format_html(
        '<script src="{}"{}{}></script>', static(name), _integrity(name), " defer" if defer else ""
    )


def _integrity(name: str) -> SafeString:
    """Under plain names there is none: the browser may still hold an older file, and would refuse it."""
    return format_html(' integrity="{}"', _hash(name)) if settings.HASHED_STATIC else SafeString()


@cache  # a file under a hashed name never changes
def _hash(name: str) -> str:
    served = Path(staticfiles_storage.path(staticfiles_storage.stored_name(name)))  # type: ignore[attr-defined]
    return f"sha384-{b64encode(sha384(served.read_bytes()).digest()).decode()}"
