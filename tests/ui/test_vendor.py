"""The vendored files are what their manifests say, whole and without references to what is not there."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.conf import settings

HOMES = ["static/vendor", "tests/vendor"]


def manifest(home: str) -> dict[str, dict[str, dict[str, str]]]:
    return json.loads((settings.BASE_DIR / home / "manifest.json").read_text())


def files_below(home: str) -> list[Path]:
    root = settings.BASE_DIR / home
    return [path for path in root.rglob("*") if path.is_file() and path.name != "manifest.json"]


@pytest.mark.parametrize("home", HOMES)
def test_every_file_has_the_hash_of_the_manifest(home: str) -> None:
    listed = {
        f"{folder}/{name}": digest
        for folder, entry in manifest(home).items()
        for name, digest in entry["files"].items()
    }
    root = settings.BASE_DIR / home
    found = {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files_below(home)
    }
    assert found == listed


@pytest.mark.parametrize("home", HOMES)
def test_every_package_ships_its_licence(home: str) -> None:
    for folder, entry in manifest(home).items():
        assert "LICENSE" in entry["files"], folder


@pytest.mark.parametrize("home", HOMES)
def test_nothing_names_a_source_map(home: str) -> None:
    named = [path.name for path in files_below(home) if b"sourceMappingURL" in path.read_bytes()]
    assert named == []


def test_every_file_that_a_style_sheet_names_exists() -> None:
    for sheet in (settings.BASE_DIR / "static").rglob("*.css"):
        for target in re.findall(r"url\([\"']?([^\"')]+)", sheet.read_text()):
            if not target.startswith("data:"):
                path = sheet.parent / target.split("?")[0].split("#")[0]
                assert path.exists(), f"{sheet.name} names {target}"
