"""The about page: version, licences, and where the demonstration data come from."""

import json
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.permissions import policy, signed_in

LICENCES = {
    "MIT": "MIT licence",
    "0BSD": "Zero-Clause BSD licence",
    "OFL-1.1": "SIL Open Font License 1.1",
}


@dataclass(frozen=True)
class Asset:
    """A vendored package that browsers load, with the path of its licence text below the static files."""

    name: str
    version: str
    licence: str
    licence_path: str


@cache
def assets() -> tuple[Asset, ...]:
    """The packages that the manifest of the vendored files names."""
    manifest = json.loads((settings.BASE_DIR / "static/vendor/manifest.json").read_text())
    return tuple(
        Asset(entry["package"], entry["version"], LICENCES[entry["licence"]], f"vendor/{folder}/LICENSE")
        for folder, entry in manifest.items()
    )


@policy(signed_in())
def about(request: HttpRequest) -> HttpResponse:
    """What this is, and whose work is in it."""
    return render(request, "ui/about.html", {"title": "About Touchpoint", "assets": assets()})
