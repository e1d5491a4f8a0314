"""JSON to a checked condition."""

from collections.abc import Callable, Mapping

from core.conditions.ast import (
    MAX_DEPTH,
    MAX_LEAVES,
    SCHEMA,
    AllOf,
    Always,
    AnyOf,
    Condition,
    Leaf,
    Node,
    Not,
    Value,
)
from core.conditions.errors import ConditionError, Problem, WrongValue
from core.conditions.fields import FieldSpec, wired_fields
from core.conditions.operators import LISTS, RELATIVE, WITHOUT_VALUE, Operator, Unit
from core.conditions.values import MAX_LIST, read_span, read_value, shown

_GROUPS = ("all", "any", "not")
_LEAF_KEYS = frozenset({"f", "op", "v", "unit"})


def parse(
    data: object,
    *,
    registry: Mapping[str, FieldSpec] | None = None,
    may: Callable[[str], bool] | None = None,
) -> Condition:
    """The condition that ``data`` (decoded JSON of any shape) stands for.

    ``registry`` holds the fields that may be asked about, by default the wired ones. ``may`` tells
    whether the author holds a permission; without it, all fields are open (stored conditions were
    checked when they were written). Raises :class:`ConditionError`, and nothing else.
    """
    fields = wired_fields() if registry is None else registry
    return _Parser(fields, may or (lambda permission: True)).parse(data)


class _TooMany(Exception):
    """The condition has more leaves than allowed; reading on would tell nothing new."""


class _Parser:
    """One reading: collects every problem, and the tree as far as it is sound."""

    def __init__(self, registry: Mapping[str, FieldSpec], may: Callable[[str], bool]) -> None:
        self.registry = registry
        self.may = may
        self.problems: list[Problem] = []
        self.leaves = 0

    def parse(self, data: object) -> Condition:
        """The whole condition, or :class:`ConditionError` with all problems."""
        node: Condition | None
        try:
            if isinstance(data, dict) and "schema" in data:
                data = self.without_schema(data)
            node = Always() if data == {} else self.node(data, "", depth=0)
        except _TooMany:
            self.problem("", f"A condition has at most {MAX_LEAVES} parts.")
        if self.problems:
            raise ConditionError(self.problems)
        assert node is not None  # a part that cannot be read has left a problem
        return node

    def without_schema(self, data: dict[object, object]) -> dict[object, object]:
        """The object without its schema number, which has to be ours."""
        if type(data["schema"]) is not int or data["schema"] != SCHEMA:
            self.problem("schema", f"The condition is not written in schema {SCHEMA}, the one known here.")
        return {key: value for key, value in data.items() if key != "schema"}

    def problem(self, path: str, sentence: str) -> None:
        self.problems.append(Problem(path.removeprefix("."), sentence))

    def count_leaf(self) -> None:
        self.leaves += 1
        if self.leaves > MAX_LEAVES:
            raise _TooMany

    def node(self, data: object, path: str, *, depth: int) -> Node | None:
        """A group or a leaf; whatever is neither counts as a leaf with a problem."""
        if isinstance(data, dict):
            if "f" in data:
                return self.leaf(data, path)
            if len(data) == 1 and (name := next(iter(data))) in _GROUPS:
                return self.group(name, data[name], f"{path}.{name}", depth=depth + 1)
        self.count_leaf()
        self.problem(path, "A part is a field with an operator, or exactly one of all, any and not.")
        return None

    def group(self, name: str, data: object, path: str, *, depth: int) -> Node | None:
        """The parts below ``all``, ``any`` or ``not``."""
        if depth > MAX_DEPTH:
            self.count_leaf()
            self.problem(path, f"Groups stand in groups at most {MAX_DEPTH} deep.")
            return None
        if name == "not":
            part = self.node(data, path, depth=depth)
            return None if part is None else Not(part)
        if not isinstance(data, list) or not data:
            self.count_leaf()
            self.problem(path, f"The group {name} holds a list of at least one part.")
            return None
        parts = [self.node(part, f"{path}[{index}]", depth=depth) for index, part in enumerate(data)]
        sound = tuple(part for part in parts if part is not None)
        return AllOf(sound) if name == "all" else AnyOf(sound)

    def leaf(self, data: dict[object, object], path: str) -> Leaf | None:
        """A field, one of its operators, and the value this operator takes."""
        self.count_leaf()
        for key in data:
            if key not in _LEAF_KEYS:
                self.problem(path, f"{shown(key)} is not known here: a part has f, op, v and unit.")
        field = self.field(data["f"], f"{path}.f")
        if field is None:
            return None
        try:
            op = Operator(data.get("op"))  # type: ignore[arg-type]
        except ValueError:
            op = None
        if op is None or op not in field.operators:
            offered = ", ".join(field.operators)
            found = shown(data.get("op"))
            self.problem(f"{path}.op", f"{field.label} offers the operators {offered}, not {found}.")
            return None
        unit = self.unit(op, data, f"{path}.unit")
        try:
            return Leaf(field, op, self.value(field, op, unit, data), unit)
        except ValueError as error:
            self.problem(f"{path}.v", str(error))
        return None

    def field(self, key: object, path: str) -> FieldSpec | None:
        """The field called ``key``; one that the author may not use is as unknown as any other."""
        field = self.registry.get(key) if isinstance(key, str) else None
        if field is not None and (not field.permission or self.may(field.permission)):
            return field
        self.problem(path, f"There is no field {shown(key)}.")
        return None

    def unit(self, op: Operator, data: dict[object, object], path: str) -> Unit | None:
        """The unit that operators about spans of time need and others do not take."""
        if op not in RELATIVE:
            if "unit" in data:
                self.problem(path, f"The operator {op} takes no unit.")
            return None
        given = data.get("unit")
        if isinstance(given, str) and given in set(Unit):
            return Unit(given)
        self.problem(path, f"The operator {op} needs a unit: {', '.join(Unit)}.")
        return None

    def value(
        self, field: FieldSpec, op: Operator, unit: Unit | None, data: dict[object, object]
    ) -> Value | tuple[Value, ...] | None:
        """What ``op`` compares with; ``ValueError`` with a sentence."""
        if op in WITHOUT_VALUE:
            if "v" in data:
                raise WrongValue(f"The operator {op} takes no value.")
            return None
        if "v" not in data:
            raise WrongValue(f"The operator {op} needs a value.")
        given = data["v"]
        if op in RELATIVE:
            return read_span(given, unit or Unit.DAYS)
        if op is Operator.BETWEEN:
            return self.pair(field, given)
        return self.values(field, given) if op in LISTS else read_value(field, given)

    def pair(self, field: FieldSpec, given: object) -> tuple[Value, Value]:
        if not isinstance(given, list) or len(given) != 2:
            raise WrongValue("The operator between needs two values, the lower one first.")
        low, high = read_value(field, given[0]), read_value(field, given[1])
        if low > high:  # type: ignore[operator]
            raise WrongValue("The operator between needs the lower value first.")
        return low, high

    def values(self, field: FieldSpec, given: object) -> tuple[Value, ...]:
        if not isinstance(given, list) or not 1 <= len(given) <= MAX_LIST:
            raise WrongValue(f"Give a list of 1 to {MAX_LIST} values for {field.label}.")
        return tuple(dict.fromkeys(read_value(field, one) for one in given))
