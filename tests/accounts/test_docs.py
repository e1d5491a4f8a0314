"""The page about permissions says what the code says."""

import re

from django.conf import settings

from accounts.functions import FUNCTIONS, SHIPPED_ROLES
from accounts.models import Level


def table() -> str:
    """The shipped roles as the page shows them: one row per job function, one column per role."""
    roles = [role.name for role in SHIPPED_ROLES]
    lines = ["| job function | " + " | ".join(roles) + " |", "|---" * (len(roles) + 1) + "|"]
    for function in FUNCTIONS:
        held = [role.levels.get(function.code) for role in SHIPPED_ROLES]
        cells = [Level(level).label.lower() if level else "none" for level in held]
        lines.append(f"| {function.label} | " + " | ".join(cells) + " |")
    lines.append(
        "| all records | " + " | ".join("yes" if role.all_records else "no" for role in SHIPPED_ROLES) + " |"
    )
    return "\n".join(lines)


def test_the_table_of_shipped_roles_is_the_code() -> None:
    text = (settings.BASE_DIR / "docs/permissions.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- generated.*?-->\n(.*?)\n?<!-- end -->", text, re.S)
    assert found
    assert found.group(1).strip() == table(), f"The table is now:\n{table()}"
