"""The table of contents of the whole site."""

from django.contrib import admin
from django.urls import include, path

handler400 = "ui.views.errors.bad_request"
handler403 = "ui.views.errors.denied"
handler404 = "ui.views.errors.not_found"
handler500 = "ui.views.errors.server_error"

urlpatterns = [
    path("", include("core.urls")),
    path("", include("ui.urls")),
    path("", include("crm.urls")),
    path("", include("orders.urls")),
    path("", include("events.urls")),
    path("accounts/", include("accounts.urls")),
    path("admin/", admin.site.urls),
]
