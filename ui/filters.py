"""Filters of list pages: a django-filter set whose active values are shown as removable chips.

The values live in the address, so every filtered view can be kept as a bookmark. The parameter ``q`` is
the search field of the filter bar and is no chip.
"""

from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.formats import localize
from django_filters import ChoiceFilter, ModelChoiceFilter, MultipleChoiceFilter

from core.dates import EARLIEST, LATEST
from core.forms import CleanCharField, use_house_messages

__all__ = [
    "ChoiceFilter",
    "DayFilter",
    "FilterChip",
    "IdFilter",
    "ListFilter",
    "ModelChoiceFilter",
    "MultipleChoiceFilter",
    "SearchFilter",
    "TextFilter",
    "in_words",
]

BIGGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class FilterChip:
    """An active filter: its label, its value in words, and the address without it."""

    label: str
    text: str
    url: str


class SearchFilter(django_filters.Filter):
    """The search field: asks the queryset's own method ``search``."""

    field_class = CleanCharField

    def __init__(self, label: str = "Search", **kwargs: Any) -> None:
        super().__init__(label=label, max_length=100, **kwargs)

    def filter(self, qs: Any, value: str) -> Any:
        return qs.search(value) if value else qs


class TextFilter(django_filters.CharFilter):
    """A text of at most 100 characters that must be equal."""

    field_class = CleanCharField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=100, **kwargs)


class IdFilter(django_filters.NumberFilter):
    """The id of a record. Links carry it, people do not type it: it stands in no menu, only as a chip."""

    field_class = forms.IntegerField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=BIGGEST_ID, widget=forms.HiddenInput, **kwargs)

    def get_max_validator(self) -> None:
        """The field has its own limit."""


class DayFilter(django_filters.DateFilter):
    """A day between 1900 and 2199."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, validators=[check_day], **kwargs)


def check_day(day: Any) -> None:
    """Refuse a day that no record can have."""
    if not EARLIEST <= day <= LATEST:
        raise ValidationError("Enter a day between the years 1900 and 2199.")


class ListFilter(django_filters.FilterSet):
    """Base of the filter sets; ``chips`` says which filters are on."""

    def get_form_class(self) -> type[forms.Form]:
        """The form, with the product's words for errors and the classes that the design system styles."""
        form_class: type[forms.Form] = super().get_form_class()
        use_house_messages(form_class.base_fields.values())
        for field in form_class.base_fields.values():
            chosen = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = "form-select" if chosen else "form-control"
        return form_class

    @property
    def search_field(self) -> Any:
        """The bound search field, when the set has one."""
        return self.form["q"] if "q" in self.form.fields else None

    @property
    def other_fields(self) -> list[Any]:
        """The bound fields behind the button "Filter"."""
        return [field for field in self.form if field.name != "q" and not field.is_hidden]

    @property
    def hidden_fields(self) -> list[Any]:
        """The bound fields that only links fill."""
        return [field for field in self.form if field.is_hidden and field.value()]

    @property
    def is_active(self) -> bool:
        """Whether any filter, the search included, has a value."""
        return bool(self.chips) or bool(self.search_field and self.search_field.value())

    @property
    def chips(self) -> list[FilterChip]:
        """The filters that are on, without the search."""
        values = getattr(self.form, "cleaned_data", {}) if self.form.is_valid() else {}
        active = [(field, values.get(field.name)) for field in self.form if field.name != "q"]
        return [
            FilterChip(
                label=str(field.label), text=self.words(field, value), url=self._url_without(field.name)
            )
            for field, value in active
            if value not in (None, "", []) and (not hasattr(value, "exists") or value.exists())
        ]

    @property
    def printed(self) -> list[tuple[str, str]]:
        """What narrows the list, as labels and words: for paper, where no filter bar stands."""
        search = self.search_field.value() if self.search_field else ""
        return [*([("Search", search)] if search else []), *((chip.label, chip.text) for chip in self.chips)]

    def words(self, field: Any, value: Any) -> str:
        """What the chip of ``field`` says about ``value``; sets with ids override it to give names."""
        return in_words(field, value)

    def _url_without(self, name: str) -> str:
        params = self.data.copy()
        for key in [key for key in params if key in (name, "page") or key.startswith(f"{name}_")]:
            params.pop(key)
        return f"?{params.urlencode()}"


def in_words(field: Any, value: Any) -> str:
    """``value`` of a filter field as the user chose it."""
    choices = {str(key): str(label) for key, label in getattr(field.field, "choices", [])}
    values = list(value) if isinstance(value, list | tuple | set) or hasattr(value, "iterator") else [value]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(
        str(item) if isinstance(item, Model) else choices.get(str(item)) or str(localize(item))
        for item in values
    )
