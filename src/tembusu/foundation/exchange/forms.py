"""What people type to send an extract, to map its columns and to keep webhooks."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from tembusu.foundation.exchange.rules import Proposal
from tembusu.foundation.exchange.terms import ORDERS, DateOrder, MappedBy, Purpose
from tembusu.foundation.ui.forms import Section

PROPOSED_BY = {
    MappedBy.SAVED: "As it was settled last time.",
    MappedBy.NAME: "Found by its name.",
    MappedBy.LIKENESS: "Its name is nearly the same: look whether it is meant.",
    MappedBy.NOTHING: "",
}
NOT_THERE = "–"


class UploadForm(forms.Form):
    """A file, and for which body it is sent."""

    file = forms.FileField(
        label="File",
        help_text="CSV or Excel workbook (.xlsx), at most 32 MB and 50,000 rows. The first row that"
        " names columns is taken for the header.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )

    def __init__(self, *args: Any, bodies: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if bodies:
            self.fields["organisation"] = forms.TypedChoiceField(
                label="Sent for",
                choices=[*bodies, ("", "none of these")],
                coerce=int,
                empty_value=None,
                required=False,
                initial=bodies[0][0],
                help_text="How its columns are mapped is kept for this body.",
            )

    @property
    def organisation_id(self) -> int | None:
        found: int | None = self.cleaned_data.get("organisation")
        return found


class MappingForm(forms.Form):
    """Where the file says what: one choice for each column of the purpose."""

    def __init__(
        self,
        *args: Any,
        purpose: Purpose,
        headers: Sequence[str],
        samples: Sequence[str],
        proposals: Mapping[str, Proposal],
        order: DateOrder,
        has_dates: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.purpose = purpose
        places = [(str(no), shown(no, headers, samples)) for no in range(len(headers))]
        for column in purpose.columns:
            proposal = proposals[column.key]
            self.fields[name_of(column.key)] = forms.ChoiceField(
                label=column.label,
                choices=[("", NOT_THERE + " not in this file"), *places],
                required=column.is_required,
                initial="" if proposal.place is None else str(proposal.place),
                help_text=" · ".join(filter(None, (column.hint, PROPOSED_BY[proposal.by]))),
                error_messages={"required": f"Say where the file has {column.label.lower()}."},
            )
        names = [name_of(column.key) for column in purpose.columns]
        self.sections = [
            Section("Columns", names, "The file's column, with what stands first in it.")
        ]
        if has_dates:
            self.fields["order"] = forms.ChoiceField(
                label="Dates such as 03/04/2026 are written",
                choices=[(one.value, says) for one, says in ORDERS.items()],
                widget=forms.RadioSelect,
                initial=order.value,
                help_text="Dates that can be read in one way only, such as 14 Mar 2026, need no order.",
            )
            self.sections.append(Section("Dates", ["order"]))

    @property
    def places(self) -> dict[str, int | None]:
        """Return the place of each column, None where the file lacks it."""
        given = {
            one.key: self.cleaned_data.get(name_of(one.key), "") for one in self.purpose.columns
        }
        return {key: int(place) if place else None for key, place in given.items()}

    @property
    def date_order(self) -> DateOrder:
        return DateOrder(self.cleaned_data.get("order") or DateOrder.DAY_FIRST)


def name_of(key: str) -> str:
    return f"column_{key}"


def shown(no: int, headers: Sequence[str], samples: Sequence[str]) -> str:
    """Return a column of the file as a choice: 'C · Decision date, such as 14/03/2026'."""
    header = headers[no] or "(no name)"
    sample = samples[no] if no < len(samples) else ""
    such = f", such as {sample[:40]}" if sample else ", empty at first"
    return f"{letters(no)} · {header[:60]}{such}"


def letters(no: int) -> str:
    """Return a column's letters, as a spreadsheet has them: 0 is A, 26 is AA."""
    found = ""
    while no >= 0:
        found = chr(ord("A") + no % 26) + found
        no = no // 26 - 1
    return found


# -- webhooks -------------------------------------------------------------------------------------


class HookForm(forms.Form):
    """What both kinds of webhook ask: whose it is, how it is called, which events."""

    organisation = forms.TypedChoiceField(coerce=int, label="Organisation")
    label = forms.CharField(
        max_length=100, label="Name", help_text="Such as that of the system at the other end."
    )

    def __init__(
        self, *args: Any, bodies: Sequence[Any], kinds: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.bodies = {body.pk: body for body in bodies}
        chosen: Any = self.fields["organisation"]
        chosen.choices = [(body.pk, body.name) for body in bodies]
        self.fields["kinds"] = forms.MultipleChoiceField(
            label="Events",
            choices=kinds,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "Choose at least one kind of event."},
        )
        if len(bodies) == 1:
            self.fields["organisation"].required = False
            self.fields["organisation"].widget = forms.HiddenInput()

    @property
    def body(self) -> Any:
        first = next(iter(self.bodies))
        return self.bodies[self.cleaned_data.get("organisation") or first]


class SubscriptionForm(HookForm):
    """A system that is to hear of events."""

    url = forms.CharField(
        max_length=500,
        label="Address",
        help_text="Begins with https:// and can be reached from the internet. Events are posted there.",
    )
    field_order = ("organisation", "label", "url", "kinds")


class SenderForm(HookForm):
    """A system that is to send events; what it asks is done as whoever registers it."""
