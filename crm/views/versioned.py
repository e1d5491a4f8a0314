"""Edit pages of records with a version: a lost update shows both versions and lets the user choose."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.forms import Form
from django.http import HttpRequest, HttpResponse

from ui.views.form import FormPage


@dataclass(frozen=True)
class Conflict:
    """A field that somebody else changed meanwhile: its label, what they saved, what was typed here."""

    label: str
    theirs: str
    mine: str


class EditPage(FormPage):
    """Changes a record by :meth:`change`. A second save after a conflict was shown is a decision.

    The form has the hidden field ``version``: the one it was filled from. ``fields`` are its fields that
    the record has by the same name.
    """

    template_name = "crm/edit.html"
    fragment_name = "crm/edit_form.html"
    fields: ClassVar[tuple[str, ...]] = ()

    def change(self, changes: dict[str, Any], version: int) -> Any:
        """Call the domain function; return the record."""
        raise NotImplementedError

    def initial(self) -> dict[str, Any]:
        values = {name: getattr(self.record, name) for name in self.fields}
        return {**values, "version": self.record.version}

    def save(self, form: Form) -> Any:
        values = dict(form.cleaned_data)
        return self.change(values, values.pop("version"))

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        self.find(pk)
        form: Any = self.make_form(request.POST)
        if form.is_valid() and form.cleaned_data["version"] != self.record.version:
            return self.conflict(form)
        return super().post(request, pk)

    def conflict(self, form: Any) -> HttpResponse:
        """The form with what was typed, the other's values beside it, and the version that stands now."""
        rows = [self._row(form, name) for name in form.changed_data if name in self.fields]
        data = self.request.POST.copy()
        data["version"] = str(self.record.version)
        again = self.make_form(data)
        again.add_error(
            None, "Somebody saved other changes meanwhile. Compare them, then save to keep yours."
        )
        return self.answer(422, form=again, conflicts=rows)

    def _row(self, form: Any, name: str) -> Conflict:
        field = form.fields[name]
        theirs, mine = getattr(self.record, name), form.cleaned_data[name]
        return Conflict(str(form[name].label), in_words(field, theirs), in_words(field, mine))


def in_words(field: Any, value: Any) -> str:
    """``value`` as the form's user reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    choices = (
        {str(key): str(label) for key, label in getattr(field, "choices", [])} if value is not None else {}
    )
    return choices.get(str(value)) or str(value or "") or "nothing"
