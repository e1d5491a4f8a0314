"""The form page: make a record or change one, by one domain function."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.forms import BaseModelForm, Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from core.errors import Denied, Refused
from ui.toasts import toast
from ui.views.page import Page, redirect_to


class FormPage(Page):
    """A form of ``form_class``; with a ``pk`` in the route it changes that row of ``model``.

    A subclass writes ``save(form)``, which calls one domain function and returns the record. What the
    domain refuses stands in the error summary, or at the field that it names. Bad input is answered with
    422, and what was typed stays.
    """

    model: ClassVar[type[Model]]
    form_class: ClassVar[type[Form]]
    submit_label = "Save"
    done = "Saved"
    cancel_url = ""
    template_name = "ui/form.html"
    fragment_name = "components/form.html"
    record: Any = None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.record = None

    def save(self, form: Form) -> Model:
        """Call the domain function with the cleaned data; return the record."""
        raise NotImplementedError

    def make_form(self, data: Any = None, files: Any = None) -> Form:
        """The form, bound to ``data`` when there is any; model forms get the record."""
        takes_record = self.record is not None and issubclass(self.form_class, BaseModelForm)
        extra = {"instance": self.record} if takes_record else {}
        return self.form_class(data, files, initial=self.initial(), **extra)

    def initial(self) -> dict[str, Any]:
        """Values that stand in the fields at first."""
        return {}

    def find(self, pk: int | None) -> None:
        """Look up the record to change among those that the user may change."""
        if pk is not None:
            rows = self.model._default_manager.visible_to(self.request.user, "change")  # type: ignore[attr-defined]
            self.record = get_object_or_404(rows, pk=pk)

    def get(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        self.find(pk)
        return self.answer(form=self.make_form())

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        self.find(pk)
        form = self.make_form(request.POST, request.FILES)
        record = attempt(form, self.save) if form.is_valid() else None
        if record is None:
            return self.answer(422, form=form)
        toast(request, self.done)
        return redirect_to(request, self.success_url(record))

    def success_url(self, record: Any) -> str:
        """Where to go afterwards."""
        return str(record.get_absolute_url())

    def context(self, **extra: Any) -> dict[str, Any]:
        cancel = self.cancel_url or (self.record.get_absolute_url() if self.record is not None else "")
        return super().context(record=self.record, cancel_url=cancel, submit_label=self.submit_label, **extra)


def attempt(form: Form, save: Any) -> Any:
    """``save(form)``, or None with the refusal in the form's errors.

    A refusal for lack of a right is no matter of input: it becomes the 403 page.
    """
    try:
        return save(form)
    except Denied as denied:
        raise PermissionDenied(denied.message) from denied
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.message)
    except ValidationError as error:
        form.add_error(None, error)
    return None
