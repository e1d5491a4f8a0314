"""Form fields that clean what people and other systems send."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.text import clean_text, has_control_characters

BIGGEST_ID = 2**63 - 1


class CleanCharField(forms.CharField):
    """Text in composed form; control characters are an error that says so, not a crash."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return text
        if has_control_characters(text):
            raise ValidationError("Remove the control characters, for example by typing the text again.")
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
