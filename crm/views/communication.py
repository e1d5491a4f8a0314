"""The page that logs a conversation."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from core.permissions import requires
from crm.domain.communication import log_communication
from crm.forms.communication import LogForm
from crm.models import Action, Customer
from crm.views.customer_detail import log_form
from ui.views.form import FormPage


class LogConversation(FormPage):
    """A conversation with the customer of the address."""

    policy = requires("crm.add_communication")
    title, submit_label, done = "Log a conversation", "Save conversation", "Conversation logged"
    model, form_class = Customer, LogForm
    action: Action | None = None

    def find(self, pk: int | None) -> None:
        """Whoever may see the customer may say that he spoke with them."""
        self.record = get_object_or_404(Customer.objects.visible_to(self.request.user), pk=pk)

    def make_form(self, data: Any = None, files: Any = None) -> LogForm:
        return log_form(self.record, user=self.request.user, chosen=self.action, data=data)

    def save(self, form: Any) -> Model:
        log_communication(customer=self.record, **form.cleaned_data, by=self.request.user, now=self.now)
        return self.record

    def context(self, **extra: Any) -> dict[str, Any]:
        return super().context(crumb=self.record.name, crumb_url=self.record.get_absolute_url(), **extra)


class LogResult(LogConversation):
    """A conversation about the follow-up of the address, which it may close."""

    policy = requires("crm.add_communication", "crm.change_action")
    title = "Log the result"

    def find(self, pk: int | None) -> None:
        rows = Action.objects.visible_to(self.request.user, "change").live().select_related("contact")
        self.action = get_object_or_404(rows, pk=pk)
        super().find(self.action.customer_id)

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.action = None
