"""The page that logs a conversation."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from core.permissions import requires
from crm.domain.communication import log_communication
from crm.forms.communication import LogForm
from crm.models import Action, Customer
from crm.tables.action import RELATED, follow_up_rows
from crm.views.customer_detail import log_form
from ui.views.form import FormPage
from ui.views.page import safe_next


class LogConversation(FormPage):
    """A conversation with the customer of the address."""

    policy = requires("crm.add_communication")
    title, submit_label, done = "Log a conversation", "Save conversation", "Conversation logged"
    model, form_class = Customer, LogForm
    action: Action | None = None
    outcome = ""

    def find(self, pk: int | None) -> None:
        """Whoever may see the customer may say that he spoke with them."""
        self.record = get_object_or_404(Customer.objects.visible_to(self.request.user), pk=pk)

    def make_form(self, data: Any = None, files: Any = None) -> LogForm:
        user = self.request.user
        return log_form(self.record, user=user, chosen=self.action, outcome=self.outcome, data=data)

    def save(self, form: Any) -> Model:
        log_communication(customer=self.record, **form.cleaned_data, by=self.request.user, now=self.now)
        return self.record

    def success_url(self, record: Any) -> str:
        return safe_next(self.request, super().success_url(record))

    def context(self, **extra: Any) -> dict[str, Any]:
        back = safe_next(self.request, "")
        page = super().context(
            crumb=self.record.name, crumb_url=self.record.get_absolute_url(), next=back, **extra
        )
        return {**page, "cancel_url": back or page["cancel_url"]}


class LogResult(LogConversation):
    """A conversation about the follow-up of the address, which it closes unless one says otherwise."""

    policy = requires("crm.add_communication", "crm.change_action")
    title = "Log the result"
    template_name = "crm/log_result.html"
    outcome = Action.Outcome.REACHED

    def find(self, pk: int | None) -> None:
        rows = Action.objects.visible_to(self.request.user, "change").live().select_related(*RELATED)
        self.action = get_object_or_404(rows, pk=pk)
        super().find(self.action.customer_id)

    def context(self, **extra: Any) -> dict[str, Any]:
        assert self.action is not None
        (row,) = follow_up_rows([self.action], self.request.user, today=self.today, with_links=True)
        return super().context(row=row, **extra)

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.action = None
