"""Routes of the CRM management screens."""

from django.urls import path

from events.views import event, event_verbs, override, override_past, status

app_name = "events"

urlpatterns = [
    path("events/", event.EventList.as_view(), name="events"),
    path("events/<int:pk>/", event.EventDetail.as_view(), name="event"),
    path("events/<int:pk>/occurrences/", event.EventOccurrences.as_view(), name="event_occurrences"),
    path("events/<int:pk>/runs/", event.EventRuns.as_view(), name="event_runs"),
    path("events/<int:pk>/activate/", event_verbs.EventActivate.as_view(), name="event_activate"),
    path("events/<int:pk>/deactivate/", event_verbs.EventDeactivate.as_view(), name="event_deactivate"),
    path("events/<int:pk>/pause/", event_verbs.EventPause.as_view(), name="event_pause"),
    path("events/<int:pk>/resume/", event_verbs.EventResume.as_view(), name="event_resume"),
    path("events/<int:pk>/run/", event_verbs.EventRun.as_view(), name="event_run"),
    path("events/<int:pk>/again/", event_verbs.EventAgain.as_view(), name="event_again"),
    path("events/<int:pk>/held/", event_verbs.EventHeld.as_view(), name="event_held"),
    path("status/", status.StatusBoard.as_view(), name="status"),
    path("status/cell/", status.StatusCell.as_view(), name="status_cell"),
    path("status/follow-ups/", status.StatusFollowUps.as_view(), name="status_follow_ups"),
    path("override/", override.OverridePage.as_view(), name="override"),
    path("override/past/", override_past.OverrideList.as_view(), name="overrides"),
    path("override/<int:pk>/", override_past.OverrideDetail.as_view(), name="override_detail"),
    path("override/<int:pk>/undo/", override_past.OverrideUndo.as_view(), name="override_undo"),
    path("override/<int:pk>/end/", override_past.OverrideEnd.as_view(), name="override_end"),
]
