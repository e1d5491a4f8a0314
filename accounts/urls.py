"""Sign-in and sign-out; the other pages of allauth stay unmounted."""

from allauth.account import views as allauth_views
from django.urls import path

urlpatterns = [
    path("login/", allauth_views.login, name="account_login"),
    path("logout/", allauth_views.logout, name="account_logout"),
    path("signup/", allauth_views.signup, name="account_signup"),
    path("inactive/", allauth_views.account_inactive, name="account_inactive"),
]
