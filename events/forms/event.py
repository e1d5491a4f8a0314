"""Forms of the switches of an event."""

from django import forms

from crm.forms.fields import TextField
from events.domain.activation import ALL, CANCEL_ALL, CANCEL_UNTOUCHED, KEEP, MAX_REASON, NOW, SPREAD
from ui.forms import PageForm


class ActivateForm(PageForm):
    """What becomes of the present matches; ``token`` is the preview that the user saw."""

    choice = forms.ChoiceField(
        label="What about the present matches",
        choices=((NOW, "From now on"), (SPREAD, "Spread"), (ALL, "All now")),
        widget=forms.RadioSelect,
    )
    token = forms.CharField(max_length=2000, widget=forms.HiddenInput)


class DeactivateForm(PageForm):
    """What becomes of the open follow-ups, and why the event is switched off."""

    open_follow_ups = forms.ChoiceField(
        label="What about the open follow-ups",
        choices=(
            (KEEP, "Keep them"),
            (CANCEL_UNTOUCHED, "Cancel those that nobody has started"),
            (CANCEL_ALL, "Cancel all of them"),
        ),
        initial=KEEP,
        widget=forms.RadioSelect,
    )
    reason = TextField(label="Reason", max_length=MAX_REASON, rows=2)

    wide = ("open_follow_ups", "reason")


class ReasonForm(PageForm):
    """Why something is done."""

    reason = TextField(label="Reason", max_length=MAX_REASON, rows=2)

    wide = ("reason",)


class HeldForm(PageForm):
    """What becomes of held matches."""

    decision = forms.ChoiceField(
        label="What about the held matches",
        choices=(
            ("release", "Release them: they become follow-ups under the event's limits"),
            ("cancel", "Drop them: no follow-ups are made for them"),
        ),
        widget=forms.RadioSelect,
    )
    reason = TextField(label="Reason", max_length=MAX_REASON, rows=2)

    wide = ("decision", "reason")
