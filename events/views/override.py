"""Follow-up Override on one page: whose, which, to whom, until when, and why."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from accounts.models import Absence, User
from core.errors import Denied, Refused
from core.permissions import requires
from events.domain.override import Choice, NothingDone, Result, create_override
from events.domain.override_rules import colleagues, may_reroute, people_within
from events.forms.override import ALL, DUE, OverrideForm
from events.models import Override
from events.views.management import ManagementPage
from events.views.override_draft import Draft, Ticks, default_values, draft_of, givers, left_alone
from ui.templatetags.ui import near_day
from ui.toasts import toast
from ui.views.page import redirect_to

BIGGEST_ID = 2**63 - 1


def as_id(text: str) -> int | None:
    """A record's id as forms send it; None for anything else."""
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        return None
    number = int(text)
    return number if 0 < number <= BIGGEST_ID else None


def ids_of(data: QueryDict, name: str) -> frozenset[int]:
    """The ids that ``data`` holds under ``name``; others are left out."""
    return frozenset(pk for pk in map(as_id, data.getlist(name)) if pk is not None)


class OverridePage(ManagementPage):
    """Asks by GET and by the button that only updates the proposal; reroutes by POST."""

    policy = requires("events.view_override")
    title = "Follow-up Override"
    template_name = "events/override.html"
    fragment_name = "events/override_form.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.kept: list[tuple[int, str]] = []

    def get(self, request: HttpRequest) -> HttpResponse:
        named = request.GET.get("from", "")
        from_user = self.chosen(named) if named else self.first_away()
        values = default_values(from_user, day=self.today) if from_user else {"starts_on": self.today}
        asked = ids_of(request.GET, "action")
        values |= {"which": ALL} if asked else {}
        ticks = Ticks(ticked=asked)
        return self.drawn(self.form(initial=values, from_user=from_user), from_user, values, ticks)

    def post(self, request: HttpRequest) -> HttpResponse:
        if not may_reroute(self.user):
            raise PermissionDenied("You may look at overrides, but not reroute follow-ups.")
        if "preview" in request.POST:
            return self.previewed(request.POST)
        form = self.form(request.POST, from_user=self.chosen(request.POST.get("from_user", "")))
        errors: dict[int, str] = {}
        result = self.rerouted(form, errors) if form.is_valid() else None
        if result is None:
            values = form.cleaned_data
            return self.drawn(
                form, values.get("from_user"), values, ticks_of(request.POST), errors, status=422
            )
        toast(request, self.said(result), undo=reverse("events:override_undo", args=[result.override.pk]))
        return redirect_to(request, result.override.get_absolute_url())

    def chosen(self, text: str) -> User | None:
        """The person of an id, among those whose work the user may reroute."""
        pk = as_id(text)
        return people_within(self.user).filter(pk=pk).first() if pk else None

    def first_away(self) -> User | None:
        """Who is away today with the most overdue work: the page opens with him."""
        groups = dict(givers(people_within(self.user), day=self.today))
        away = groups.get("Away today", [])
        return self.chosen(str(away[0][0])) if away else None

    def form(self, data: Any = None, *, from_user: User | None, initial: Any = None) -> OverrideForm:
        """The form with the choices of this user."""
        people = people_within(self.user)
        return OverrideForm(
            data,
            initial=initial,
            people=people,
            givers=givers(people, day=self.today, also=from_user),
            receivers=self.receivers(from_user),
            from_user=from_user,
        )

    def receivers(self, from_user: User | None) -> list[User]:
        """Who can be named as the one person or the stand-in: colleagues first, then everybody else."""
        if from_user is None:
            return []
        near = colleagues(from_user, self.user)
        known = {user.pk for user in near} | {from_user.pk}
        others = people_within(self.user).filter(is_active=True, suspended_at=None).exclude(pk__in=known)
        return [*near, *others.order_by("name", "pk")]

    def previewed(self, data: QueryDict) -> HttpResponse:
        """The page with what was changed on it taken in; nothing is complained about yet."""
        from_user = self.chosen(data.get("from_user", ""))
        if from_user is None or data.get("drawn_for") != str(from_user.pk):
            values = default_values(from_user, day=self.today) if from_user else {"starts_on": self.today}
            values |= {"note": data.get("note", ""), "form_token": data.get("form_token", "")}
            return self.drawn(self.form(initial=values, from_user=from_user), from_user, values, Ticks())
        bound = self.form(data, from_user=from_user)
        bound.full_clean()
        shown = {name: data.get(name, "") for name in bound.fields}
        form = self.form(initial=shown, from_user=from_user)
        return self.drawn(form, from_user, bound.cleaned_data, ticks_of(data))

    def drawn(
        self,
        form: OverrideForm,
        from_user: User | None,
        values: dict[str, Any],
        ticks: Ticks,
        errors: dict[int, str] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """The page with its rows."""
        draft: Draft | None = None
        if from_user is not None:
            draft = draft_of(
                from_user,
                by=self.user,
                day=self.today,
                returns_on=values.get("returns_on"),
                which=values.get("which") or DUE,
                strategy=values.get("strategy") or Override.Strategy.BALANCE,
                person=values.get("person"),
                ticks=ticks,
                errors=errors or {},
            )
        if draft and not draft.all_count:  # only new ones are left to reroute
            form.initial["also_new"] = True
        if draft and form.initial.get("also_new") and not form.initial.get("stand_in"):
            form.initial["stand_in"] = draft.least_loaded
        return self.answer(
            status,
            form=form,
            from_user=from_user,
            draft=draft,
            returns_on=values.get("returns_on"),
            one=values.get("strategy") == Override.Strategy.ONE,
            may_reroute=may_reroute(self.user),
            is_unknown=from_user is None and bool(self.request.GET.get("from")),
            goes_already=draft is not None and not draft.ticked and self.goes_already(from_user, form.new_to),
            left_alone=left_alone(self.kept, self.user, day=self.today),
        )

    def goes_already(self, from_user: User | None, new_to: User | None) -> bool:
        """Whether new follow-ups go to ``new_to`` without an override."""
        away = Absence.objects.on(self.today).filter(user=from_user, substitute=new_to)
        return new_to is not None and away.exists()

    def rerouted(self, form: OverrideForm, errors: dict[int, str]) -> Result | None:
        """Reroute; None with the reason in the form, and in ``errors`` at the row it concerns."""
        values = dict(form.cleaned_data)
        one = values["strategy"] == Override.Strategy.ONE
        person = values.pop("person")
        choices, missing = choices_of(self.request.POST, person.pk if one and person else None)
        also_new, stand_in, _ = values.pop("also_new"), values.pop("stand_in"), values.pop("which")
        if missing:
            errors |= dict.fromkeys(missing, "Choose a colleague, or untick the row.")
            form.add_error(None, "Choose a colleague for each follow-up that is ticked.")
            return None
        try:
            return create_override(
                **values, choices=choices, stand_in=stand_in if also_new else None, by=self.user, now=self.now
            )
        except Denied as denied:
            raise PermissionDenied(denied.message) from denied
        except NothingDone as refusal:
            self.kept = [(row.action_id, row.reason) for row in refusal.kept]
            form.add_error(None, refusal.message)
            return None
        except Refused as refusal:
            row = as_id(refusal.field.removeprefix("to_"))
            if row is not None:
                errors[row] = refusal.message
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return None

    def said(self, result: Result) -> str:
        """What the toast says: how many, to how many, until when, and what was left."""
        moved = len(result.moved)
        receivers = result.override.items.values("to_user").distinct().count()
        until = near_day(result.override.returns_on, self.today) if result.override.returns_on else ""
        text = f"{moved} follow-up{'' if moved == 1 else 's'} rerouted"
        text += f" to {receivers} colleague{'' if receivers == 1 else 's'}" if receivers else ""
        text += f" until {until}" if until else ""
        return text + (f", {len(result.kept)} left alone" if result.kept else "")


def ticks_of(data: QueryDict) -> Ticks:
    """What was ticked, and whom somebody picked by hand instead of the one proposed."""
    seen = ids_of(data, "seen")
    picked = {}
    for pk in seen:
        to, proposed = as_id(data.get(f"to_{pk}", "")), as_id(data.get(f"was_{pk}", ""))
        if to is not None and to != proposed:
            picked[pk] = to
    ticked = seen if "tick_all" in data else ids_of(data, "row")
    return Ticks(seen=seen, ticked=ticked, picked=picked)


def choices_of(data: QueryDict, person_id: int | None) -> tuple[list[Choice], list[int]]:
    """The ticked rows with their receivers, and the ids of those without one."""
    choices, missing = [], []
    for pk in sorted(ids_of(data, "row")):
        to = person_id or as_id(data.get(f"to_{pk}", ""))
        seq = data.get(f"seq_{pk}", "")
        if to is None:
            missing.append(pk)
        else:
            choices.append(Choice(pk, int(seq) if seq.isdecimal() and len(seq) < 10 else -1, to))
    return choices, missing
