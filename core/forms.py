"""Form fields that clean what people and other systems send."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.text import clean_text, has_control_characters


class CleanCharField(forms.CharField):
    """Text in composed form; control characters are an error that says so, not a crash."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return text
        if has_control_characters(text):
            raise ValidationError("Remove the control characters, for example by typing the text again.")
        return clean_text(text, lines=isinstance(self.widget, forms.Textarea))
