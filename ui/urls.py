"""Routes of the interface itself."""

from django.urls import path

from ui.views.about import about
from ui.views.counts import counts
from ui.views.theme import theme

app_name = "ui"

urlpatterns = [
    path("about/", about, name="about"),
    path("theme/", theme, name="theme"),
    path("navigation/", counts, name="counts"),
]
