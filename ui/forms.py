"""Forms: crispy layout in two columns, error summary, and a token against double submits.

The only importer of crispy-forms. A form lists its cards in ``sections``; without them all fields stand in
one. Errors are drawn three times for three readers: in the summary, at the field, and as ``aria-invalid``
with ``aria-describedby`` on the input.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Field, Layout
from django import forms

from core.forms import use_house_messages


@dataclass(frozen=True)
class Section:
    """A card of a form: its title and the names of its fields; those in ``wide`` span both columns."""

    title: str
    fields: tuple[str, ...]
    wide: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldError:
    """One line of the error summary, with the id of the input it leads to (empty: the whole form)."""

    target: str
    label: str
    message: str


class PageForm(forms.Form):
    """Base of the forms of pages; mixes into model forms as :class:`PageModelForm`."""

    sections: tuple[Section, ...] = ()
    wide: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        use_house_messages(self.fields.values())
        for field in self.fields.values():
            if isinstance(field.widget, forms.Textarea):
                field.widget.attrs["rows"] = min(int(field.widget.attrs.get("rows", 4)), 4)

    @property
    def helper(self) -> FormHelper:
        """How crispy draws the fields; the page draws the form tag, the summary and the buttons."""
        helper = FormHelper(self)
        helper.form_tag = False
        helper.disable_csrf = True
        helper.form_show_errors = True
        helper.layout = Layout(*self._layout())
        return helper

    def _layout(self) -> list[Any]:
        if not self.sections:
            return [Div(*self._placed(tuple(self.fields), self.wide), css_class="fgrid")]
        return [
            Div(
                HTML(f'<div class="tp-card-h"><h2>{section.title}</h2></div>'),
                Div(*self._placed(section.fields, section.wide), css_class="tp-card-b fgrid"),
                css_class="tp-card",
            )
            for section in self.sections
        ]

    def _placed(self, names: tuple[str, ...], wide: tuple[str, ...]) -> list[Any]:
        return [Field(name, wrapper_class="f2") if name in wide else Field(name) for name in names]

    @property
    def summary(self) -> list[FieldError]:
        """Every error of the bound form, those of the whole form first."""
        lines = [FieldError("", "", str(message)) for message in self.non_field_errors()]
        for field in self:
            lines += [FieldError(field.id_for_label, str(field.label), str(text)) for text in field.errors]
        return lines


class PageModelForm(PageForm, forms.ModelForm):  # type: ignore[misc]
    """A model form of a page. ``save`` is not used: the view calls the domain function."""


class TokenForm(forms.Form):
    """Mix-in for forms that create a record: ``form_token`` is unique per created row.

    A second submit of the same page carries the same token, so the domain function finds the row that the
    first one made.
    """

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
