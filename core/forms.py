"""Form fields that clean what people and other systems send, and the words of what can be wrong with it."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.text import clean_text, has_control_characters

BIGGEST_ID = 2**63 - 1
CONTROL_CHARACTERS = "Remove the control characters, for example by typing the text again."

# What is wrong and what to do, by the code of the error; they take the place of Django's own words.
MESSAGES = {
    "required": "Fill in this field.",
    "invalid_choice": "Choose one of the offered values.",
    "invalid_list": "Choose from the offered values.",
    "invalid_pk_value": "Choose from the offered values.",
    "max_length": "Use at most %(limit_value)d characters: these are %(show_value)d.",
    "min_length": "Use at least %(limit_value)d characters: these are %(show_value)d.",
    "max_value": "Enter a number of at most %(limit_value)s.",
    "min_value": "Enter a number of at least %(limit_value)s.",
    "null_characters_not_allowed": CONTROL_CHARACTERS,
    "unique": "This is in use already: enter another.",
}
INVALID: tuple[tuple[type[forms.Field], str], ...] = (
    (forms.DateTimeField, "Enter a date and a time such as 27 Nov 2026, 14:30."),
    (forms.DateField, "Enter a date such as 27 Nov 2026."),
    (forms.TimeField, "Enter a time such as 14:30."),
    (forms.EmailField, "Enter an e-mail address such as name@example.com."),
    (forms.URLField, "Enter a web address such as https://example.com."),
    (forms.UUIDField, "Load the page again and send the form once more."),
)
CHOICES = (forms.ChoiceField, forms.ModelChoiceField)
SEVERAL = (forms.MultipleChoiceField, forms.ModelMultipleChoiceField)


def use_house_messages(fields: Iterable[forms.Field]) -> None:
    """Give ``fields`` the product's words for every error for which they have only Django's."""
    for field in fields:
        stock = _stock_messages(field)
        for code, message in _house_messages(field).items():
            if field.error_messages.get(code) == stock.get(code):
                field.error_messages[code] = message


def _house_messages(field: forms.Field) -> dict[str, str]:
    messages = dict(MESSAGES)
    if isinstance(field, CHOICES):
        messages["required"] = "Choose at least one." if isinstance(field, SEVERAL) else "Choose one."
    invalid = next((text for kind, text in INVALID if isinstance(field, kind)), None)
    return messages | {"invalid": invalid} if invalid else messages


def _stock_messages(field: forms.Field) -> dict[str, Any]:
    """What Django's own classes say of themselves; classes of the product may say more."""
    messages: dict[str, Any] = {}
    for kind in reversed(type(field).__mro__):
        if kind.__module__.startswith("django."):
            messages |= getattr(kind, "default_error_messages", {})
    return messages


class CleanCharField(forms.CharField):
    """Text in composed form; control characters are an error that says so, not a crash."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return text
        if has_control_characters(text):
            raise ValidationError(CONTROL_CHARACTERS)
        return clean_text(text, lines=isinstance(self.widget, forms.Textarea))


class RecordsField(forms.ModelMultipleChoiceField):
    """Several records; an id beyond the database's integers names none, instead of crashing the query."""

    def clean(self, value: Any) -> Any:
        for pk in value if isinstance(value, list | tuple) else ():
            if str(pk).isdecimal() and int(pk) > BIGGEST_ID:
                raise ValidationError(
                    self.error_messages["invalid_choice"],
                    code="invalid_choice",
                    params={"value": str(pk)[:20]},
                )
        return super().clean(value)
