"""What forms say about wrong input: what is wrong and what to do, in the product's words everywhere."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.utils.formats import localize

from accounts.admin.base import DomainForm
from accounts.forms.sign_in import SignInForm
from accounts.models import User
from core.forms import CleanCharField, use_house_messages
from crm.forms.customer import EditCustomerForm
from tests.people import SignIn
from ui.forms import PageForm, TokenForm

CHOICES = [("a", "A")]


class LoudField(forms.CharField):
    """A field of the product with words of its own."""

    default_error_messages = {"required": "Say who calls."}


def says(field: forms.Field, value: Any) -> str:
    """The one error of ``value``."""
    use_house_messages([field])
    with pytest.raises(forms.ValidationError) as refused:
        field.clean(value)
    (message,) = refused.value.messages
    return str(message)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        (CleanCharField(max_length=120), "x" * 500, "Use at most 120 characters: these are 500."),
        (CleanCharField(min_length=3), "x", "Use at least 3 characters: these are 1."),
        (forms.CharField(), "", "Fill in this field."),
        (forms.CharField(), "a\x00", "Remove the control characters, for example by typing the text again."),
        (forms.ChoiceField(choices=CHOICES), "", "Choose one."),
        (forms.ChoiceField(choices=CHOICES), "b", "Choose one of the offered values."),
        (forms.MultipleChoiceField(choices=CHOICES), [], "Choose at least one."),
        (forms.MultipleChoiceField(choices=CHOICES), ["b"], "Choose one of the offered values."),
        (forms.MultipleChoiceField(choices=CHOICES), "a", "Choose from the offered values."),
        (forms.DateField(), "soon", "Enter a date such as 27 Nov 2026."),
        (forms.TimeField(), "25:00", "Enter a time such as 14:30."),
        (forms.DateTimeField(), "soon", "Enter a date and a time such as 27 Nov 2026, 14:30."),
        (forms.EmailField(), "nora", "Enter an e-mail address such as name@example.com."),
        (forms.URLField(assume_scheme="https"), "a b", "Enter a web address such as https://example.com."),
        (forms.IntegerField(max_value=5), "6", "Enter a number of at most 5."),
        (forms.IntegerField(min_value=5), "4", "Enter a number of at least 5."),
        (forms.IntegerField(), "x", "Enter a whole number."),
        (forms.UUIDField(), "x", "Load the page again and send the form once more."),
        (LoudField(), "", "Say who calls."),
        (forms.CharField(error_messages={"required": "Say why."}), "", "Say why."),
    ],
)
def test_an_error_says_what_to_do(field: forms.Field, value: Any, message: str) -> None:
    assert says(field, value) == message


@pytest.mark.parametrize("text", ["27 Nov 2026", "27 November 2026", "27/11/2026", "2026-11-27"])
def test_what_the_words_suggest_is_understood(text: str) -> None:
    assert forms.DateField().clean(text) == date(2026, 11, 27)
    assert f"{forms.DateTimeField().clean(f'{text}, 14:30'):%d %H:%M}" == "27 14:30"


def test_dates_are_written_like_on_every_page() -> None:
    assert localize(datetime(2026, 11, 7, 20, 16)) == "7 Nov 2026, 20:16"  # noqa: DTZ001  no zone is shown
    assert localize(date(2026, 11, 7)) == "7 Nov 2026"


def all_below(kind: type) -> set[type]:
    """``kind``'s subclasses at any depth."""
    return {found for child in kind.__subclasses__() for found in {child, *all_below(child)}}


def test_no_form_speaks_by_itself() -> None:
    """Each is built on a base that gives its fields the product's words."""
    ours = {config.name for config in apps.get_app_configs() if Path(config.path).parent == settings.BASE_DIR}
    forms_of_ours = {
        found for found in all_below(forms.BaseForm) if found.__module__.partition(".")[0] in ours
    }
    bases = (PageForm, DomainForm, SignInForm)
    assert {EditCustomerForm, *bases} <= forms_of_ours
    assert {found for found in forms_of_ours if not issubclass(found, bases)} == {TokenForm}


@pytest.mark.django_db
def test_pages_lists_and_sign_in_speak_so_too(alice: User, sign_in: SignIn) -> None:
    answer = sign_in(alice).post("/customers/new/", {"name": "x" * 500, "tier": "Z"})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "Use at most 120 characters: these are 500." in html
    assert "Choose one of the offered values." in html
    answer = sign_in(alice).get("/orders/?placed_from=soon&kind=x")
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "Enter a date such as 27 Nov 2026." in html
    assert "Choose one of the offered values." in html
    answer = Client().post("/accounts/login/", {"login": "nora", "password": ""})
    html = answer.content.decode()
    assert "Enter an e-mail address such as name@example.com." in html
    assert "Fill in this field." in html


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en-gb", "en-us", "de"])
def test_the_administration_speaks_so_too(admin: User, sign_in: SignIn, language: str) -> None:
    office, asked = sign_in(admin), {"Accept-Language": language}
    User.objects.filter(pk=admin.pk).update(last_login=datetime(2026, 11, 7, 20, 16, tzinfo=UTC))
    assert "7 Nov 2026, 20:16" in office.get("/admin/accounts/user/", headers=asked).content.decode()
    answer = office.post("/admin/accounts/user/add/", {"name": "x" * 500, "email": "nora"}, headers=asked)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "2 things need your attention." in html
    assert re.search(r"Use at most \d+ characters: these are 500\.", html)
    assert "Enter an e-mail address such as name@example.com." in html
    assert "Please" not in html
    taken = office.post("/admin/accounts/user/add/", {"name": "Nora", "email": admin.email}, headers=asked)
    assert "1 thing needs your attention." in taken.content.decode()
    assert "This is in use already: enter another." in taken.content.decode()
