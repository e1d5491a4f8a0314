"""Sign-in and sign-out; the other pages of allauth stay unmounted."""

from django.urls import path

from accounts.views.sign_in import SignIn, SignOut

urlpatterns = [
    path("login/", SignIn.as_view(), name="account_login"),
    path("logout/", SignOut.as_view(), name="account_logout"),
]
