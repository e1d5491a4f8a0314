"""What the pages have in common: they save through the domain, and their history is the journal."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.models import User
from activity.models import Entry
from activity.verbs import verb_named
from core.errors import Denied, Refused
from core.forms import CleanCharField, use_house_messages

SAVE_ONLY = {"show_save_and_continue": False, "show_save_and_add_another": False, "show_delete": False}


class DomainForm(forms.ModelForm):
    """A form whose values go to a domain function; ``save`` is not used.

    ``seen_version`` is the version of the record that the form was filled from.
    """

    by: User  # who fills it in; set on the class that is made for each request
    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        use_house_messages(self.fields.values())
        if self.instance.pk:
            self.initial["seen_version"] = self.instance.version


class DomainAdmin(admin.ModelAdmin):
    """A page that saves by ``create`` and ``change``, shows a refusal at the form, and deletes nothing."""

    form = DomainForm
    shown: tuple[str, ...] = ()  # on every page
    row_only: tuple[str, ...] = ()  # beside them, once there is a record
    form_only: tuple[str, ...] = ("seen_version",)  # where something can be typed
    view_only: tuple[str, ...] = ()  # on pages that only show
    formfield_overrides = {models.CharField: {"form_class": CleanCharField}}
    save_as = False

    def create(self, request: HttpRequest, form: Any) -> Model:
        """Make the record that the valid ``form`` describes."""
        raise NotImplementedError

    def change(self, request: HttpRequest, form: Any, row: Any) -> Model:
        """Change ``row`` to what the valid ``form`` says."""
        raise NotImplementedError

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """The offered filters only: by any column, lists would tell a password's hash letter by letter."""
        offered = {getattr(item, "parameter_name", item) for item in self.get_list_filter(request)}
        return lookup.partition("__")[0] in offered and super().lookup_allowed(lookup, value, request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return [*self.shown, *self.form_only]
        can_change = self.has_change_permission(request, obj)
        return [*self.shown, *self.row_only, *(self.form_only if can_change else self.view_only)]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.by = request.user  # type: ignore[attr-defined]
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        extra = SAVE_ONLY | (extra_context or {})
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra)
        row = self._row_to_write(request, object_id)
        fieldsets = self.get_fieldsets(request, row)
        form_class = self.get_form(request, row, change=row is not None, fields=flatten_fieldsets(fieldsets))
        form = form_class(request.POST, request.FILES, instance=row)
        saved = self._attempt(request, form, row) if form.is_valid() else None
        if saved is None:
            return self._form_again(request, form, row, object_id, form_url, extra)
        self.message_user(request, f"{saved} is saved.")
        return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))

    def _row_to_write(self, request: HttpRequest, object_id: str | None) -> Any:
        if object_id is None:
            if not self.has_add_permission(request):
                raise PermissionDenied
            return None
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        return row

    def _attempt(self, request: HttpRequest, form: Any, row: Any) -> Model | None:
        """The saved record; None with the refusal among the form's errors."""
        try:
            with transaction.atomic():
                return self.create(request, form) if row is None else self.change(request, form, row)
        except Denied as denied:
            raise PermissionDenied(denied.message) from denied
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.message)
        except ValidationError as error:
            form.add_error(None, error.messages)
        return None

    def _form_again(
        self,
        request: HttpRequest,
        form: Any,
        row: Any,
        object_id: str | None,
        form_url: str,
        extra: dict[str, Any],
    ) -> Any:
        """The page with what was typed and what is wrong with it, as 422."""
        shown = (
            self.get_object(request, unquote(object_id)) if object_id else None
        )  # the form changed its row
        fieldsets: Any = list(self.get_fieldsets(request, shown))
        admin_form = helpers.AdminForm(
            form,
            fieldsets,
            {},
            self.get_readonly_fields(request, shown),
            model_admin=self,
        )
        context = {
            **self.admin_site.each_context(request),
            "title": f"{'Change' if shown else 'Add'} {self.opts.verbose_name}",
            "subtitle": str(shown) if shown else None,
            "adminform": admin_form,
            "object_id": object_id,
            "original": shown,
            "is_popup": False,
            "to_field": None,
            "media": self.media + admin_form.media,
            "inline_admin_formsets": [],
            "mistakes": helpers.AdminErrorList(
                form, []
            ),  # not "errors": Django's page says them in its own words
            "preserved_filters": self.get_preserved_filters(request),
            **extra,
        }
        response: Any = self.render_change_form(
            request, context, add=shown is None, change=shown is not None, form_url=form_url, obj=shown
        )
        response.status_code = 422
        return response

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The journal of the record, newest first."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        entries = Entry.objects.filter(subject_type=self.opts.label_lower, subject_id=row.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": "History",
            "subtitle": str(row),
            "object": row,
            "opts": self.opts,
            "lines": [_line(entry) for entry in entries.select_related("by").order_by("-pk")[:200]],
        }
        return TemplateResponse(request, "admin/journal.html", context)

    def each(self, request: HttpRequest, rows: Iterable[Any], verb: Callable[[Any], Any], done: str) -> None:
        """Do ``verb`` to each row by itself; ``done`` says what happened to those that went through."""
        went = []
        for row in rows:
            try:
                verb(row)
                went.append(str(row))
            except Refused as refused:
                self.message_user(request, refused.message, messages.ERROR)
        if went:
            self.message_user(request, f"{done}: {', '.join(went)}.")


def _line(entry: Entry) -> dict[str, Any]:
    """One journal entry for the page: when, who did what, and what it changed."""
    moved = [
        f"{name.removeprefix('level:').replace('_', ' ')}: {_shown(pair[0])} → {_shown(pair[1])}"
        for name, pair in entry.data.items()
        if isinstance(pair, list) and len(pair) == 2
    ]
    who = entry.by.name if entry.by else "The system"
    return {"at": entry.at, "text": f"{who} {verb_named(entry.verb).says}", "moved": moved}


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value in (None, "") else str(value)


def working_users(*besides: int | None) -> QuerySet[User]:
    """Users to choose from: whose account is not closed, and those with the ids ``besides``."""
    return User.objects.filter(Q(is_active=True) | Q(pk__in=[pk for pk in besides if pk])).order_by(
        "name", "pk"
    )
