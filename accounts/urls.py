"""Sign-in, sign-out and the own password; the other pages of allauth stay unmounted."""

from django.urls import path

from accounts.views.password import PasswordChange
from accounts.views.sign_in import SignIn, SignOut

urlpatterns = [
    path("login/", SignIn.as_view(), name="account_login"),
    path("password/", PasswordChange.as_view(), name="account_change_password"),
    path("logout/", SignOut.as_view(), name="account_logout"),
]
