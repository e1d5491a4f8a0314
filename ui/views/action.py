"""The action page: one verb on one record, asked by GET and done by POST."""

from typing import Any, ClassVar

from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import Model, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string

from ui.forms import PageForm
from ui.toasts import toast, with_toast
from ui.views.form import attempt
from ui.views.page import Page, redirect_to, safe_next


class ActionPage(Page):
    """One verb on one row of ``model``. A subclass writes ``act(record, form)``: one domain function call.

    GET shows a small form with the question, so that the verb works without a script. POST does it and
    goes back to ``next`` or the record. Under htmx, POST answers with the template ``row_name`` of the
    record as it now is, and a toast; a refusal answers 422 with the row unchanged and says why.
    """

    model: ClassVar[type[Model]]
    form_class: ClassVar[type[Form]] = PageForm
    submit_label = ""
    done = ""
    danger = False
    action = "change"
    row_name = ""
    template_name = "ui/action.html"
    fragment_name = "components/form.html"

    def act(self, record: Any, form: Form) -> Any:
        """Call the domain function; return the record."""
        raise NotImplementedError

    def undo_url(self, record: Any) -> str:
        """The address that takes the inverse by POST; empty when there is none."""
        return ""

    def rows(self) -> QuerySet[Any]:
        """The rows among which the record is looked up."""
        return self.model._default_manager.visible_to(self.request.user, self.action)  # type: ignore[attr-defined]

    def make_form(self, record: Any, data: Any = None) -> Form:
        """The form of the verb; without fields it only asks."""
        return self.form_class(data)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = get_object_or_404(self.rows(), pk=pk)
        return self.answer(record=record, form=self.make_form(record))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = get_object_or_404(self.rows(), pk=pk)
        form = self.make_form(record, request.POST)
        done = attempt(form, lambda valid: self.act(record, valid)) if form.is_valid() else None
        if done is None:
            return self.refused(record, form)
        return self.finished(done)

    @property
    def is_from_row(self) -> bool:
        """Whether a row of a list posted, not the form of this page (which htmx targets by its id)."""
        htmx = self.request.htmx  # type: ignore[attr-defined]  # set by django-htmx
        return bool(self.row_name and htmx and htmx.target != "form")

    def finished(self, record: Any) -> HttpResponse:
        """The answer after the verb was done."""
        undo = self.undo_url(record)
        if self.is_from_row:
            return with_toast(self.row(record), self.done, undo=undo)
        toast(self.request, self.done, undo=undo)
        return redirect_to(self.request, safe_next(self.request, record.get_absolute_url()))

    def refused(self, record: Any, form: Form) -> HttpResponse:
        """The answer when input is wrong or the domain refused."""
        if self.is_from_row:
            record.refresh_from_db()
            return with_toast(self.row(record, status=422), first_error(form), error=True)
        return self.answer(422, record=record, form=form)

    def row(self, record: Any, status: int = 200) -> HttpResponse:
        """The row of the record as it now is."""
        return HttpResponse(
            render_to_string(self.row_name, self.context(record=record), self.request), status=status
        )

    def context(self, **extra: Any) -> dict[str, Any]:
        return super().context(
            submit_label=self.submit_label or self.title,
            danger=self.danger,
            next=safe_next(self.request, ""),
            cancel_url=safe_next(self.request, extra["record"].get_absolute_url()),
            **extra,
        )


def first_error(form: Form) -> str:
    """The sentence that a toast can show: what the whole form says, else the first field's."""
    errors = form.errors.get(NON_FIELD_ERRORS) or next(iter(form.errors.values()), [""])
    return str(errors[0])
