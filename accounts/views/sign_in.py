"""Signing in and out."""

from typing import Any

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from accounts.sign_in import tries_many_emails
from core.clock import database_now
from core.permissions import public


class SignIn(LoginView):
    """The sign-in page; what is wrong with it is answered with 422."""

    policy = public("the way in")
    http_method_names = ["get", "head", "post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if tries_many_emails(request, now=database_now()):
            return render(request, settings.AXES_LOCKOUT_TEMPLATE, status=429)
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)
        response.status_code = 422
        return response


class SignOut(View):
    """Ends the session; by POST only, because an address alone must not sign anybody out."""

    policy = public("leaving needs no right")
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        logout(request)
        response = HttpResponseRedirect(reverse("account_login"))
        # What pages left in the browser goes too; the cookie ended with the session.
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response
