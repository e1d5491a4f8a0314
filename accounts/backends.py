"""Who an e-mail and a password belong to."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User


class SignInBackend(AuthenticationBackend):
    """Signs in users whose access is open, by the e-mail of their account in any case.

    A suspended or deactivated user is answered like a wrong password, and his sessions belong to nobody.
    """

    def user_can_authenticate(self, user: Any) -> bool:
        return bool(user.can_sign_in)

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> Any:
        """What his roles grant; nobody is given single permissions, and none holds for one record alone."""
        return set() if user_obj.is_anonymous or obj is not None else user_obj.access.permissions

    def _authenticate_by_email(self, email: str, password: str) -> Any:
        # The account's own e-mail only: allauth's table of further addresses would keep an old one valid.
        user = User.objects.filter(email=email.strip().lower()).first()
        return self._check_password(user, password)

    @classmethod
    def _stash_user(cls, user: Any) -> None:
        # allauth would keep whoever knew the password of a closed account, and tell him that it is closed.
        return None
