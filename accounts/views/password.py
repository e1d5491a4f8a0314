"""Changing one's own password."""

from typing import Any

from django.contrib.auth import update_session_auth_hash

from accounts.domain.user import change_password
from accounts.forms.password import PasswordForm
from accounts.models import User
from accounts.sign_in import check_present_password
from core.permissions import signed_in
from ui.views.form import FormPage
from ui.views.page import safe_next


class PasswordChange(FormPage):
    """Asks for the present password and twice for the new one; the other sessions of the user end."""

    policy = signed_in()
    title, submit_label = "Change password", "Change password"
    done = "Password changed. You are signed out everywhere else"
    model, form_class = User, PasswordForm

    def initial(self) -> dict[str, Any]:
        return {"email": self.request.user.email}  # type: ignore[union-attr]  # the policy lets no visitor in

    def save(self, form: Any) -> User:
        user: Any = self.request.user
        check_present_password(self.request, user, form.cleaned_data["current"])
        user = change_password(user=user, password=form.cleaned_data["password"], by=user, now=self.now)
        update_session_auth_hash(self.request, user)
        return user

    def success_url(self, record: Any) -> str:
        return safe_next(self.request, "/")

    def context(self, **extra: Any) -> dict[str, Any]:
        back = safe_next(self.request, "/")
        return {**super().context(**extra), "cancel_url": back, "next": back}
