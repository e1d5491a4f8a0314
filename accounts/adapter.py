"""How sign-in behaves: allauth with sign-up closed."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Administrators make accounts; nobody signs himself up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
