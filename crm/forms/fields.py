"""Fields that crm's forms share."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy

from core.dates import EARLIEST, LATEST
from core.forms import CleanCharField
from crm.models import Customer


class DayField(forms.DateField):
    """A day between 1900 and 2199, with the browser's calendar."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day is not None and not EARLIEST <= day <= LATEST:
            raise ValidationError("Enter a date between the years 1900 and 2199.")
        return day


class TextField(CleanCharField):
    """Several lines of text."""

    def __init__(self, *, max_length: int, rows: int = 4, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


class CustomerField(CleanCharField):
    """A customer by number, or by words that only one customer's record holds.

    The browser offers matches while one types; without a script the number or name is typed. The form
    sets ``customers`` to those the user may choose.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "Number or name.")
        super().__init__(max_length=150, **kwargs)
        self.customers = Customer.objects.none()
        self.widget.attrs |= {
            "list": "customer-options",
            "autocomplete": "off",
            "hx-get": reverse_lazy("crm:customer_options"),
            "hx-trigger": "input changed delay:250ms",
            "hx-target": "#customer-options",
            "hx-swap": "innerHTML",
            "hx-sync": "this:replace",
        }

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        number = text.split(" ", 1)[0]
        exact = self.customers.filter(number=number).first()
        if exact is not None:
            return exact
        found = list(self.customers.search(text)[:2])
        if len(found) == 1:
            return found[0]
        if found:
            raise ValidationError("Several customers match: enter the number.")
        raise ValidationError("No customer matches: enter the number or more of the name.")
