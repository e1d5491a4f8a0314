"""Routes of the CRM management screens."""

from typing import Any

app_name = "events"

urlpatterns: list[Any] = []
