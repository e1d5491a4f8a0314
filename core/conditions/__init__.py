"""Conditions: typed questions about rows, stored as JSON, compiled to SQL, explained in sentences.

``parse`` checks JSON against the whitelist of fields; ``compile_condition`` makes the filter of it;
``explain`` says of one row what it holds and whether it fits; ``describe`` says what is asked.
"""

from core.conditions.ast import AllOf, Always, AnyOf, Condition, Leaf, Not, leaves, to_json, used_fields
from core.conditions.compile import compile_condition
from core.conditions.errors import ConditionError, Problem
from core.conditions.explain import ExplainedGroup, ExplainedLeaf, Explanation, describe, explain, values_of
from core.conditions.fields import Cost, FieldRegistry, FieldSpec, Stored, wired_fields
from core.conditions.operators import FieldType, Operator, Unit
from core.conditions.parse import parse
from core.conditions.words import Names, reference_names

__all__ = [
    "AllOf",
    "Always",
    "AnyOf",
    "Condition",
    "ConditionError",
    "Cost",
    "ExplainedGroup",
    "ExplainedLeaf",
    "Explanation",
    "FieldRegistry",
    "FieldSpec",
    "FieldType",
    "Leaf",
    "Names",
    "Not",
    "Operator",
    "Problem",
    "Stored",
    "Unit",
    "compile_condition",
    "describe",
    "explain",
    "leaves",
    "parse",
    "reference_names",
    "to_json",
    "used_fields",
    "values_of",
    "wired_fields",
]
