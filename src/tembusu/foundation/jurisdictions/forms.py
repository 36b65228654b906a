"""What people type about the reference data. Decisions are taken by the actions."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django import forms

from tembusu.foundation.jurisdictions.actions.items import Wanted
from tembusu.foundation.jurisdictions.rules import values
from tembusu.foundation.jurisdictions.rules.shapes import SHAPES
from tembusu.foundation.jurisdictions.rules.values import ValueRefused
from tembusu.foundation.jurisdictions.terms import Item, ItemKind, TrainingLevel
from tembusu.foundation.ui.forms import Section

if TYPE_CHECKING:
    from tembusu.foundation.people.models import Organisation

NOT_KNOWN = "Leave it empty where it is not known."
HINTS = {
    ItemKind.NUMBER: f"A whole number. {NOT_KNOWN}",
    ItemKind.YES_NO: "",
    ItemKind.TEXT: NOT_KNOWN,
    ItemKind.CHOICE: "",
    ItemKind.WORDS: f"One to a line. {NOT_KNOWN}",
    ItemKind.DATES: "One to a line: the day, then its name, as 2026-08-10 National Day.",
    ItemKind.TABLE: "Written as TOML, as in the pack's file. It is checked before it is kept.",
}
SAYS = {
    "awarded_pi": "The awarded principal investigator's",
    "overall_pi": "The overall principal investigator's",
    "initiator": "The initiator's",
    TrainingLevel.BLOCKS: "Its lack blocks",
    TrainingLevel.WARNS: "Its lack warns",
}


def reason_field() -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(
        label="Reason",
        max_length=2000,
        widget=widget,
        help_text="Others will judge the change by it.",
    )


def date_field(label: str, hint: str, *, required: bool) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=hint, required=required, widget=widget)


class ItemForm(forms.Form):
    """A new value of an item, or another source: what is typed stays when it is refused."""

    sections = (
        Section("Value", ("value", "unit", "starts")),
        Section("Where it comes from", ("source", "is_verified", "note")),
        Section("Why", ("reason",)),
    )
    source = forms.CharField(
        label="Source", max_length=1000, help_text="Address of the page or law: https://…"
    )
    is_verified = forms.BooleanField(label="Somebody read the value at its source", required=False)
    note = forms.CharField(
        label="Note", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    mark = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, item: Item, earliest: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.item, self.shape = item, SHAPES[item.theme]
        self.fields["value"] = self._value_field()
        if item.kind is ItemKind.NUMBER:
            units = [(one.value, one.label) for one in self.shape.units]
            self.fields["unit"] = forms.ChoiceField(label="Unit", choices=units)
        self.fields["starts"] = date_field(
            "The new value holds from",
            f"{earliest} Not needed where only the source, the check or the note changes.",
            required=False,
        )
        self.fields["reason"] = reason_field()

    def _value_field(self) -> forms.Field:
        kind, hint = self.item.kind, HINTS[self.item.kind]
        if kind is ItemKind.YES_NO:
            options = [("", "Not known"), ("yes", "Yes"), ("no", "No")]
            return forms.ChoiceField(label="Value", choices=options, required=False)
        if kind is ItemKind.CHOICE:
            options = [("", "Not known")]
            options += [(one, SAYS.get(one, one)) for one in self.shape.choices]
            return forms.ChoiceField(label="Value", choices=options, required=False)
        widget: forms.Widget = forms.TextInput()
        if kind is ItemKind.NUMBER:
            widget = forms.TextInput(attrs={"inputmode": "numeric"})
        elif kind is not ItemKind.TEXT:
            rows = 14 if kind is ItemKind.TABLE else 6
            widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false"})
        return forms.CharField(
            label="Value", required=False, widget=widget, help_text=hint, strip=False
        )

    def clean_value(self) -> Any:
        try:
            return values.read(
                str(self.cleaned_data["value"]).replace("\0", ""), self.item.kind, self.shape
            )
        except ValueRefused as fault:
            raise forms.ValidationError(str(fault)) from fault

    @property
    def wanted(self) -> Wanted:
        given = self.cleaned_data
        return Wanted(
            value=given["value"],
            unit=given.get("unit", ""),
            source=given["source"],
            is_verified=given["is_verified"],
            note=given["note"],
            starts=given["starts"],
        )


def initial_of(item: Item, mark: str) -> dict[str, Any]:
    """Return what a form on an item begins with."""
    return {
        "value": values.typed(item.value, item.kind),
        "unit": item.unit,
        "source": item.source,
        "is_verified": item.is_verified,
        "note": item.note,
        "mark": mark,
    }


class DecisionForm(forms.Form):
    """Accepting or declining the proposals that are ticked."""

    row = forms.MultipleChoiceField(
        label="Which of them",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Tick at least one proposal.",
            "invalid_choice": "One of these is decided already; look at the list again.",
        },
    )
    starts = date_field(
        "What is accepted holds from",
        "Not needed to decline. Before that day everything stays as it is.",
        required=False,
    )
    reason = reason_field()

    def __init__(self, *args: Any, waiting: Sequence[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        field: Any = self.fields["row"]
        field.choices = list(waiting)


class TieForm(forms.Form):
    """Which organisation a body of the pack is, by a part of its name."""

    organisation = forms.CharField(
        label="Organisation", max_length=300, help_text="A part of any of its names."
    )
    choice = forms.ChoiceField(
        label="The one that is meant",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of these, or mend the name above."},
    )
    reason = reason_field()

    def __init__(
        self, *args: Any, find: "Callable[[str], Sequence[Organisation]]", **more: Any
    ) -> None:
        super().__init__(*args, **more)
        typed = str(self.data.get("organisation", "")) if self.is_bound else ""
        text = typed.replace("\0", "").strip()
        self.found = list(find(text)) if text else []
        if len(self.found) < 2:
            del self.fields["choice"]
            return
        field: Any = self.fields["choice"]
        field.choices = [(str(body.pk), f"{body.name} ({body.city})") for body in self.found]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("organisation") and not self.found:
            self.add_error("organisation", "No organisation that would fit is called so.")
        chosen = given.get("choice")
        bodies = [one for one in self.found if chosen is None or str(one.pk) == chosen]
        given["body"] = bodies[0] if len(bodies) == 1 else None
        return given


class UntieForm(forms.Form):
    reason = reason_field()
