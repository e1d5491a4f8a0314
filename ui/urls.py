"""Routes of the interface itself."""

from django.urls import path

from ui.views.about import about
from ui.views.counts import counts
from ui.views.preferences import letter_keys, theme

app_name = "ui"

urlpatterns = [
    path("about/", about, name="about"),
    path("theme/", theme, name="theme"),
    path("keys/", letter_keys, name="letter_keys"),
    path("navigation/", counts, name="counts"),
]
