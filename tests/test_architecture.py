"""The house: who may import whom, which drawer may open which, and one door per dependency.

Every rule is a function from a parsed file to complaints, so that the tests at the end can show that
each complains when it is broken.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Highest first; apps on one line do not know each other.
STACK = [
    ["config"],
    ["demo"],
    ["events"],
    ["orders"],
    ["crm"],
    ["catalog"],
    ["accounts"],
    ["ui"],
    ["activity"],
    ["core"],
]
LEVEL = {app: len(STACK) - index for index, row in enumerate(STACK) for app in row}

# Lowest first; a drawer opens only itself and lower ones. Anything unlisted is a leaf of its own app.
DRAWERS = [
    ["models"],
    ["functions", "verbs", "condition_fields", "definition", "library", "navigation"],
    ["domain", "engine", "importing"],
    ["forms", "tables", "filters"],
    ["panels", "tiles", "admin"],
    ["views"],
    ["urls"],
]
DRAWER = {name: index for index, row in enumerate(DRAWERS) for name in row}
# What tasks and commands may use of an app: never its pages.
BACKSTAGE = {"tasks", "management"}
PAGES = {"forms", "tables", "filters", "panels", "tiles", "views", "urls", "admin"}

# A dependency and the only modules that may import it.
DOORS = {
    "guardian": ["core/permissions.py"],
    "celery": ["config/celery.py", "core/tasks.py"],
    "redis": [],
    "allauth": ["accounts/"],
    "axes": ["accounts/"],
    "holidays": ["core/dates.py"],
    "crispy_forms": ["ui/"],
    "django_filters": ["ui/filters.py"],
    "django.core.mail": ["core/mail.py"],
}
CLOCKS = {"now", "utcnow", "today", "localdate", "localtime"}
CLOCK_FILES = ["core/clock.py"]
SIGNALS = {"pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed", "pre_init", "post_init"}
REASON = re.compile(r"# import here: \S+")
REASON_CLOCK = re.compile(r"# clock: \S+")

File = tuple[str, ast.Module, list[str]]
Rule = Callable[[str, ast.Module, list[str]], Iterator[str]]


def sources() -> Iterator[File]:
    """Every Python file of the apps, with its path from the root, tree and lines."""
    for app in LEVEL:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                text = path.read_text(encoding="utf-8")
                yield str(path.relative_to(ROOT)), ast.parse(text), text.splitlines()


def imports(tree: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    """The dotted names that a tree imports, with the statement."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module, node


def place(name: str) -> tuple[str, str]:
    """App and drawer of a dotted or slashed name."""
    parts = name.removesuffix(".py").replace("/", ".").split(".")
    return parts[0], parts[1] if len(parts) > 1 else ""


def only_downward(path: str, tree: ast.Module, lines: list[str]) -> Iterator[str]:
    """Apps import only apps below them."""
    app = place(path)[0]
    for name, node in imports(tree):
        other = place(name)[0]
        if other in LEVEL and other != app and LEVEL[other] >= LEVEL[app]:
            yield f"{path}:{node.lineno} imports {name}, which stands above or beside {app}"


def drawers_hold(path: str, tree: ast.Module, lines: list[str]) -> Iterator[str]:
    """Inside an app a drawer imports only lower drawers; tasks and commands never import pages."""
    app, drawer = place(path)
    for name, node in imports(tree):
        other_app, other = place(name)
        if drawer in BACKSTAGE and other_app in LEVEL and other in PAGES:
            yield f"{path}:{node.lineno} is backstage and imports the page drawer {name}"
        if other_app != app or drawer not in DRAWER or other not in DRAWER:
            continue
        if DRAWER[other] > DRAWER[drawer] and not _has_reason(node, lines):
            yield f"{path}:{node.lineno} imports {name}, a higher drawer than {drawer}"


def one_door(path: str, tree: ast.Module, lines: list[str]) -> Iterator[str]:
    """Each dependency is imported by its door only."""
    for name, node in imports(tree):
        for dependency, doors in DOORS.items():
            inside = name == dependency or name.startswith(f"{dependency}.")
            if inside and not any(_opens(door, path) for door in doors):
                yield f"{path}:{node.lineno} imports {name}; its door is {', '.join(doors) or 'nowhere'}"


def _opens(door: str, path: str) -> bool:
    """A door is a file, or a folder with all its files."""
    return path.startswith(door) if door.endswith("/") else path == door


def no_model_signals(path: str, tree: ast.Module, lines: list[str]) -> Iterator[str]:
    """Business rules are verbs, not receivers."""
    for node in ast.walk(tree):
        names = {alias.name for alias in node.names} if isinstance(node, ast.ImportFrom) else set()
        if isinstance(node, ast.Attribute):
            names = {node.attr}
        for name in names & SIGNALS:
            yield f"{path}:{getattr(node, 'lineno', 0)} uses the model signal {name}"


def no_unexplained_import_inside(path: str, tree: ast.Module, lines: list[str]) -> Iterator[str]:
    """An import inside a function says why on its line."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for _, node in imports(function):
                if not _has_reason(node, lines):
                    yield f"{path}:{node.lineno} imports inside a function without '# import here: reason'"


def one_clock(path: str, tree: ast.Module, lines: list[str]) -> Iterator[str]:
    """Nothing reads a clock but the one reader: time is an argument."""
    if path in CLOCK_FILES:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            owner = ast.unparse(node.func.value)
            if owner.split(".")[-1] in {"datetime", "date", "timezone"}:
                yield f"{path}:{node.lineno} reads the clock with {owner}.{node.func.attr}()"


def clock_only_at_the_top(path: str, tree: ast.Module, lines: list[str]) -> Iterator[str]:
    """``database_now`` is called by views, tasks, commands and middleware, not by the domain."""
    drawer = place(path)[1]
    if drawer not in {"models", "domain", "engine", "importing", "forms", "tables", "filters"}:
        return
    for node in ast.walk(tree):
        asks = isinstance(node, ast.Call) and ast.unparse(node.func).endswith("database_now")
        if asks and not REASON_CLOCK.search(lines[node.lineno - 1]):
            yield f"{path}:{node.lineno} asks the clock below views and tasks"


RULES: list[Rule] = [
    only_downward,
    drawers_hold,
    one_door,
    no_model_signals,
    no_unexplained_import_inside,
    one_clock,
    clock_only_at_the_top,
]


def _has_reason(node: ast.stmt, lines: list[str]) -> bool:
    above = max(node.lineno - 2, 0)  # the reason stands on the line itself or right above it
    return bool(REASON.search(" ".join(lines[above : node.end_lineno])))


def upward_urls(text: str, app: str) -> Iterator[str]:
    """Templates name routes of their own app and of apps below, never above."""
    for other in re.findall(r"{%\s*url\s+['\"](\w+):", text):
        if other in LEVEL and app in LEVEL and LEVEL[other] > LEVEL[app]:
            yield other


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_code_keeps_the_rule(rule: Rule) -> None:
    assert [complaint for file in sources() for complaint in rule(*file)] == []


def test_templates_link_only_downward() -> None:
    wrong = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        app = path.relative_to(ROOT / "templates").parts[0]
        wrong += [f"{path.name} links to {other}" for other in upward_urls(path.read_text("utf-8"), app)]
    assert wrong == []


def test_every_app_stands_in_the_stack() -> None:
    with_apps = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert with_apps == set(LEVEL) - {"demo"}  # no tables of its own: it only plays the others


BREAKS = [
    (only_downward, "crm/domain/customer.py", "from orders.models import SalesOrder"),
    (only_downward, "core/errors.py", "import accounts.models"),
    (only_downward, "accounts/models/user.py", "from config import settings"),
    (drawers_hold, "crm/models/customer.py", "from crm.domain.customer import create_customer"),
    (drawers_hold, "crm/domain/customer.py", "from crm.views.customer import CustomerList"),
    (drawers_hold, "events/tasks.py", "from events.views.status import StatusView"),
    (one_door, "crm/domain/customer.py", "from guardian.shortcuts import assign_perm"),
    (one_door, "events/tasks.py", "from celery import shared_task"),
    (one_door, "orders/domain/order.py", "import redis"),
    (no_model_signals, "crm/apps.py", "from django.db.models.signals import post_save"),
    (no_model_signals, "crm/apps.py", "signals.m2m_changed.connect(print)"),
    (no_unexplained_import_inside, "crm/domain/x.py", "def f():\n    import json"),
    (one_clock, "crm/domain/x.py", "at = timezone.now()"),
    (one_clock, "ui/views/x.py", "day = datetime.date.today()"),
    (clock_only_at_the_top, "crm/domain/x.py", "at = database_now()"),
]


@pytest.mark.parametrize(("rule", "path", "text"), BREAKS)
def test_rule_complains_when_broken(rule: Rule, path: str, text: str) -> None:
    assert list(rule(path, ast.parse(text), text.splitlines()))


def test_template_rule_complains_when_broken() -> None:
    assert list(upward_urls("{% url 'orders:order' order.pk %}", "crm")) == ["orders"]
    assert not list(upward_urls("{% url 'crm:customer' customer.pk %}", "orders"))
