"""Forms of single acts: each move of a milestone, selecting a site, leaving and coming back."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from tembusu.coordination.startup.terms import PathState, PathwayPlan


def day_field(label: str, hint: str = "", *, is_required: bool = True) -> forms.DateField:
    """Return a field for a day, with the browser's own control."""
    return forms.DateField(
        label=label,
        help_text=hint,
        required=is_required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Give a day that there is, such as 2026-03-14."},
    )


def text_field(label: str, hint: str = "", *, is_required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=is_required,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class MoveForm(forms.Form):
    """The form of one move; knows the pathway for its choices."""

    def __init__(self, *args: Any, plan: PathwayPlan, key: str, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan, self.key, self.today = plan, key, today
        self.prepare()

    def prepare(self) -> None:
        """Set what depends on the pathway."""


class StartForm(MoveForm):
    day = day_field("Started on", "The day on which it happened, not today's.")


class CompleteForm(MoveForm):
    day = day_field(
        "Completed on", "The day on which it happened; when you told it is kept beside."
    )
    started = day_field("Started on", "If it was never recorded.", is_required=False)
    evidence = text_field("Evidence")

    def prepare(self) -> None:
        asked = self.plan.milestone(self.key)
        field = self.fields["evidence"]
        field.help_text = asked.evidence or "A number, a document, who said so."
        field.required = False


class HoldForm(MoveForm):
    waiting_on = forms.ChoiceField(label="Waits on", choices=())
    reason_code = forms.ChoiceField(label="Why", choices=())
    start_date = day_field("From")
    end_date = day_field(
        "Until", "The first day on which it was held no more; empty while it is.", is_required=False
    )
    note = text_field("Note", "What exactly is waited for.")

    def prepare(self) -> None:
        parties = list(self.plan.parties.items())
        self.fields["waiting_on"].choices = parties  # type: ignore[attr-defined]
        reasons = [(one.key, one.label) for one in self.plan.reasons]
        self.fields["reason_code"].choices = reasons  # type: ignore[attr-defined]


class ResumeForm(MoveForm):
    day = day_field("Goes on since", "The first day on which it was held no more.")


class ReasonMoveForm(MoveForm):
    reason = text_field("Why", "Everybody who sees the site reads this.", is_required=True)


FORMS: Mapping[str, type[MoveForm]] = {
    "start": StartForm,
    "complete": CompleteForm,
    "hold": HoldForm,
    "resume": ResumeForm,
    "drop": ReasonMoveForm,
    "reopen": ReasonMoveForm,
}


class LeaveForm(forms.Form):
    to = forms.ChoiceField(
        label="What happened",
        choices=[
            (PathState.WITHDRAWN, "The site withdrew, or was withdrawn"),
            (PathState.STOPPED, "The study stopped"),
        ],
        widget=forms.RadioSelect,
    )
    day = day_field("On")
    reason = text_field("Why", "Counted beside the sites that opened.", is_required=True)


class ReasonForm(forms.Form):
    reason = text_field("Why", is_required=True)


class VersionForm(forms.Form):
    """Along which version a study-site goes on."""

    version = forms.ChoiceField(
        label="Goes on along",
        help_text="Versions in force. Milestones of the same key keep what was recorded; one that"
        " was begun and that the version lacks is never dropped.",
    )
    reason = text_field("Why", "The site's trail shows it.", is_required=True)

    def __init__(self, *args: Any, versions: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].choices = [("", "Choose one"), *versions]  # type: ignore[attr-defined]


class SelectForm(forms.Form):
    """Which institutions become sites, on which day, along which pathway."""

    organisations = forms.MultipleChoiceField(
        label="Institutions",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one institution."},
    )
    day = day_field("Selected on")
    version = forms.ChoiceField(
        label="Pathway",
        required=False,
        help_text="Chosen from the study's facts unless you choose.",
        error_messages={"required": "No pathway fits this study by itself: choose one."},
    )

    def __init__(
        self,
        *args: Any,
        bodies: Sequence[tuple[str, str]],
        versions: Sequence[tuple[str, str]],
        chosen: str = "",
        **kwargs: Any,
    ) -> None:
        """``chosen`` names the pathway that the study's facts choose; '' where none fits."""
        super().__init__(*args, **kwargs)
        self.fields["organisations"].choices = bodies  # type: ignore[attr-defined]
        self.fields["version"].choices = [  # type: ignore[attr-defined]
            ("", f"As the study asks for: {chosen}" if chosen else "– none fits: choose one –"),
            *versions,
        ]
        self.fields["version"].required = not chosen


class RowForm(forms.Form):
    """One study-site among many: whether it is meant, and on which day it was completed."""

    row = forms.BooleanField(required=False)
    day = day_field("Completed on", is_required=False)
    evidence = forms.CharField(label="Evidence", required=False, max_length=2000)

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, said in (("row", "Tick"), ("day", "Completed on"), ("evidence", "Evidence")):
            self.fields[key].widget.attrs["aria-label"] = f"{said}, {name}"
