"""The matrix of a role: one row per job function, one column per level."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.functions import FUNCTIONS
from accounts.models import Level

COLUMNS = [(0, "None"), *Level.choices]


class LevelMatrix(forms.Widget):
    """Radio buttons in a table; ``limits`` are the highest levels that may be chosen, by function."""

    template_name = "admin/accounts/level_matrix.html"
    limits: Mapping[str, int] = {}

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        levels = value or {}
        context["widget"] |= {
            "columns": [label for _, label in COLUMNS],
            "rows": [self._row(name, function, str(levels.get(function.code, 0))) for function in FUNCTIONS],
        }
        return context

    def _row(self, name: str, function: Any, chosen: str) -> dict[str, Any]:
        limit = self.limits.get(function.code, 0)
        cells = [
            {
                "value": level,
                "level": label,
                "says": f"{function.label}: {label.lower()}",
                "checked": str(level) == chosen,
                "disabled": level > limit and str(level) != chosen,
            }
            for level, label in COLUMNS
        ]
        return {"name": f"{name}-{function.code}", "function": function, "cells": cells}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, Any]:
        return {function.code: data.get(f"{name}-{function.code}", "0") for function in FUNCTIONS}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def id_for_label(self, id_: str, index: str = "0") -> str:
        return ""  # a table has no single input to lead to

    def use_required_attribute(self, initial: Any) -> bool:
        return False


class LevelMatrixField(forms.Field):
    """Levels by the code of the job function; those at none are left out."""

    widget = LevelMatrix

    def clean(self, value: Any) -> dict[str, int]:
        levels = {code: int(level) for code, level in value.items() if level in {"0", "1", "2", "3"}}
        if levels.keys() != value.keys():
            raise ValidationError("Choose a level for each job function.")
        return {code: level for code, level in levels.items() if level}
