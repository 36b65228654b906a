"""What people type about submissions. Each form asks; the action decides."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tembusu.coordination.submissions.rules.mirror import Mirrored
from tembusu.coordination.submissions.terms import (
    Asked,
    Choice,
    LetterKind,
    Outcome,
    Stop,
    SubmissionKind,
)
from tembusu.foundation.ui.forms import Section

HAPPENED = "The day on which it happened. The day on which you write it down is kept beside it."
Choices = Sequence[tuple[Any, str]]


def day(label: str, *, required: bool = True, hint: str = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, help_text=hint, widget=widget)


def words(label: str, *, rows: int = 3, required: bool = True, hint: str = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(
        label=label, required=required, help_text=hint, widget=widget, max_length=20_000
    )


class ActForm(forms.Form):
    """The base of a form that does one act: it knows the submission and the day it is asked on."""

    def __init__(self, *args: Any, submission: Any = None, today: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.submission, self.today = submission, today
        if "on" in self.fields:
            self.fields["on"].initial = today
        self.prepare()

    def prepare(self) -> None:
        """Fill choices from the submission."""


class StartForm(ActForm):
    """What is sent, to whom, and for which sites."""

    sections = (
        Section("To whom, and what", ("body", "kind", "obligation", "earlier")),
        Section("For whom", ("sites", "sponsors", "lead", "investigator_name")),
        Section("", ("note",)),
    )

    body = forms.TypedChoiceField(label="Body", coerce=int)
    kind = forms.ChoiceField(label="What is sent", choices=SubmissionKind.choices())
    obligation = forms.ChoiceField(label="Kind of application")
    earlier = forms.TypedChoiceField(
        label="Follows",
        coerce=int,
        required=False,
        empty_value=None,
        help_text="The approval that an amendment, renewal, report or closure follows.",
    )
    sites = forms.TypedMultipleChoiceField(
        label="Sites that it covers",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    sponsors = forms.TypedMultipleChoiceField(
        label="Sponsors", coerce=int, widget=forms.CheckboxSelectMultiple
    )
    lead = forms.TypedChoiceField(
        label="Lead sponsor",
        coerce=int,
        required=False,
        empty_value=None,
        help_text="Needed where several sponsors stand behind it.",
    )
    investigator_name = forms.CharField(
        label="Principal investigator",
        max_length=200,
        required=False,
        help_text="Needed where one application is sent for each principal investigator.",
    )
    note = words("Note for your own side", rows=2, required=False)

    def offer(self, **choices: Choices) -> None:
        """Set what may be chosen, by field."""
        for name, found in choices.items():
            field: Any = self.fields[name]
            blank = [("", "None")] if name in ("earlier", "lead") else []
            field.choices = [*blank, *found]
            if not found and name in ("earlier", "sites"):
                del self.fields[name]


class OnForm(ActForm):
    on = day("Day", hint=HAPPENED)


class SubmitForm(OnForm):
    reference_no = forms.CharField(
        label="Reference number of the body",
        max_length=60,
        required=False,
        help_text="As the body’s own system shows it.",
    )

    def prepare(self) -> None:
        if not self.submission.system:
            del self.fields["reference_no"]


class NoteForm(OnForm):
    note = words("Note", rows=2, required=False)


class ReasonForm(OnForm):
    reason = words("Reason")


class ReviewWayForm(OnForm):
    way = forms.ChoiceField(label="Kind of review", widget=forms.RadioSelect)
    reason = words("Why this kind", rows=2, required=False)
    field_order = ("way", "reason", "on")


class QueriesForm(OnForm):
    text = words("What is asked", rows=6)
    due_date = day("Answer asked for by", required=False)
    field_order = ("text", "due_date", "on")


class AnswerForm(OnForm):
    answer = words(
        "Answer", rows=6, hint="Add documents first; the body sees them with the answer."
    )
    field_order = ("answer", "on")


class AssignForm(ActForm):
    reviewer = forms.TypedChoiceField(label="Member", coerce=int)
    due_date = day("To be read by", required=False)


class ReviewForm(ActForm):
    recommendation = forms.ChoiceField(choices=Choice.choices(), widget=forms.RadioSelect)
    comments = words("On what it rests", rows=5)


class InterestForm(ActForm):
    has_interest = forms.TypedChoiceField(
        label="Do you have an interest in this submission?",
        choices=(("no", "No"), ("yes", "Yes, and I leave for it")),
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    nature = words("Of what nature", rows=2, required=False, hint="The minutes name it.")


class ConditionLines(forms.CharField):
    """Conditions, one a line; a line may end in its day: 'Send the form | 2026-12-31'."""

    def clean(self, value: Any) -> Any:
        found = []
        for line in str(super().clean(value) or "").splitlines():
            text, _, by = line.partition("|")
            if text.strip():
                found.append(Asked(text.strip(), self._day(by.strip())))
        return found

    def _day(self, text: str) -> date | None:
        try:
            return date.fromisoformat(text) if text else None
        except ValueError as fault:
            raise ValidationError(
                f"“{text}” is no day. After the line write the day as 2026-12-31."
            ) from fault


class DecideForm(OnForm):
    outcome = forms.ChoiceField(choices=Outcome.choices(), widget=forms.RadioSelect)
    reasons = words("Reasons", rows=4, required=False, hint="Needed for a refusal.")
    conditions = ConditionLines(
        label="Conditions",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One a line; its day after a bar: Send the Malay consent form | 2026-12-31",
    )
    valid_from = day("Valid from", required=False)
    valid_to = day("Valid to", required=False)
    field_order: Sequence[str] = (
        "outcome",
        "reasons",
        "conditions",
        "valid_from",
        "valid_to",
        "on",
    )


class MirrorForm(ActForm):
    """What the body's letter or page says; an empty field says nothing and takes nothing back."""

    sections = (
        Section("The body’s record", ("reference_no", "submitted", "received")),
        Section(
            "Last round of queries", ("asked", "answered"), hint="Earlier rounds stay as they are."
        ),
        Section("Decision", ("outcome", "decided", "conditions", "valid_from", "valid_to")),
    )

    reference_no = forms.CharField(label="Reference number", max_length=60, required=False)
    submitted = day("Submitted", required=False)
    received = day("Received as complete", required=False)
    asked = day("Asked", required=False)
    answered = day("Answered", required=False)
    outcome = forms.ChoiceField(required=False, choices=[("", "Not decided"), *Outcome.choices()])
    decided = day("Decided", required=False)
    conditions = words("Conditions, one a line", rows=3, required=False)
    valid_from = day("Valid from", required=False)
    valid_to = day("Valid to", required=False)

    def says(self, stops: Sequence[Stop]) -> Mirrored:
        """Return what was typed, over the rounds of queries that stand."""
        given = self.cleaned_data
        rounds = [one for one in stops if one.start_date != given["asked"]]
        if given["asked"]:
            rounds.append(Stop(given["asked"], given["answered"]))
        lines = [one.strip() for one in given["conditions"].splitlines() if one.strip()]
        return Mirrored(
            reference_no=given["reference_no"].strip(),
            submitted=given["submitted"],
            received=given["received"],
            stops=tuple(sorted(rounds, key=lambda one: one.start_date)),
            outcome=Outcome(given["outcome"]) if given["outcome"] else None,
            decided=given["decided"],
            conditions=tuple(lines),
            valid_from=given["valid_from"],
            valid_to=given["valid_to"],
        )


class ClassifyForm(ActForm):
    is_substantial = forms.TypedChoiceField(
        label="Is the amendment substantial?",
        choices=(("yes", "Yes"), ("no", "No")),
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reasons = forms.MultipleChoiceField(
        label="Reasons that apply", required=False, widget=forms.CheckboxSelectMultiple
    )
    why = words("Why it is classed so")
    is_urgent_safety = forms.BooleanField(
        label="It is an urgent safety measure, taken before approval", required=False
    )

    def offer(self, reasons: Iterable[tuple[str, str]]) -> None:
        field: Any = self.fields["reasons"]
        field.choices = list(reasons)


class DocumentForm(ActForm):
    key = forms.ChoiceField(label="Document", required=False)
    label = forms.CharField(
        label="Name", max_length=200, required=False, help_text="For a document not on the list."
    )
    file = forms.FileField()
    version_label = forms.CharField(
        label="Version", max_length=60, help_text="As the document itself says."
    )
    version_date = day("Date of the version")
    note = words("What changed", rows=2, required=False)

    def prepare(self) -> None:
        field: Any = self.fields["key"]
        rows = self.submission.documents.order_by("position")
        field.choices = [*((one.key, one.label) for one in rows), ("", "Another document")]


class SetAsideForm(ActForm):
    key = forms.ChoiceField(label="Document")
    reason = words("Why it does not apply", rows=2)

    def prepare(self) -> None:
        field: Any = self.fields["key"]
        rows = self.submission.documents.filter(versions=None).order_by("position")
        field.choices = [(one.key, one.label) for one in rows]


class ConditionForm(OnForm):
    evidence = words("By what one sees it", rows=2, hint="A document, a letter, a report.")
    field_order = ("evidence", "on")


class PackageForm(ActForm):
    """What a draft covers and who stands behind it."""

    sites = forms.TypedMultipleChoiceField(
        label="Sites that it covers",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    sponsors = forms.TypedMultipleChoiceField(
        label="Sponsors", coerce=int, widget=forms.CheckboxSelectMultiple
    )
    lead = forms.TypedChoiceField(
        label="Lead sponsor", coerce=int, required=False, empty_value=None
    )
    investigator_name = forms.CharField(
        label="Principal investigator", max_length=200, required=False
    )
    reference_no = forms.CharField(
        label="Reference number of the body", max_length=60, required=False
    )
    note = words("Note for your own side", rows=2, required=False)

    def offer(self, *, sites: Choices, sponsors: Choices) -> None:
        for name, found in (("sites", sites), ("sponsors", sponsors)):
            field: Any = self.fields[name]
            field.choices = found
        lead: Any = self.fields["lead"]
        lead.choices = [("", "None"), *sponsors]


# -- boards ---------------------------------------------------------------------------------------


class MeetingForm(forms.Form):
    held_date = day("Day of the meeting")
    cut_off_date = day(
        "Cut-off", hint="The last day on which complete packages come before this meeting."
    )
    place = forms.CharField(max_length=200, required=False)


class AgendaForm(forms.Form):
    """Which of those that wait come before a meeting."""

    row = forms.TypedMultipleChoiceField(
        label="In time for this meeting",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick the submissions that come before this meeting."},
    )

    def __init__(self, *args: Any, waiting: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        row: Any = self.fields["row"]
        row.choices, row.initial = waiting, [key for key, _ in waiting]


class AttendanceForm(forms.Form):
    present = forms.TypedMultipleChoiceField(
        label="Present", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    chair = forms.TypedChoiceField(
        label="In the chair", coerce=int, required=False, empty_value=None
    )

    def __init__(self, *args: Any, members: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        present: Any = self.fields["present"]
        chair: Any = self.fields["chair"]
        present.choices = members
        chair.choices = [("", "Nobody"), *members]


class SeatForm(forms.Form):
    person = forms.TypedChoiceField(label="Member", coerce=int)
    qualities = forms.MultipleChoiceField(label="Sits as", widget=forms.CheckboxSelectMultiple)
    is_external = forms.BooleanField(label="From outside the institutions served", required=False)
    from_date = day("From")

    def __init__(self, *args: Any, members: Choices, qualities: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        person: Any = self.fields["person"]
        kinds: Any = self.fields["qualities"]
        person.choices, kinds.choices = members, qualities


class VoteForm(forms.Form):
    choice = forms.ChoiceField(
        label="Your vote", choices=Choice.choices(), widget=forms.RadioSelect
    )


class ConfirmForm(DecideForm):
    """The chair's confirmation of what was voted: a decision, questions, or a later meeting."""

    way = forms.ChoiceField(
        label="What the board does",
        choices=(
            ("decide", "Decides, as below"),
            ("ask", "Asks the applicant first"),
            ("put_off", "Puts the item off to a later meeting"),
        ),
        widget=forms.RadioSelect,
        initial="decide",
    )
    discussion = words("Discussion, for the minutes", rows=4, required=False)
    text = words("What is asked", rows=4, required=False)
    due_date = day("Answer asked for by", required=False)
    outcome = forms.ChoiceField(
        choices=[("", "No decision"), *Outcome.choices()], required=False, widget=forms.Select
    )
    field_order = ()
    sections = (
        Section("", ("way", "discussion")),
        Section(
            "The decision", ("outcome", "reasons", "conditions", "valid_from", "valid_to", "on")
        ),
        Section("What the applicant is asked", ("text", "due_date")),
    )

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        if given.get("way") == "decide" and not given.get("outcome"):
            self.add_error("outcome", "Choose the decision that the board made.")
        return given


class MinutesForm(forms.Form):
    body = words("Minutes", rows=24)
    revision = forms.IntegerField(widget=forms.HiddenInput)


class LetterForm(forms.Form):
    subject = forms.CharField(max_length=300)
    body = words("Text", rows=20)


class TemplateForm(LetterForm):
    version_no = forms.IntegerField(widget=forms.HiddenInput)


class LetterKindForm(forms.Form):
    kind = forms.ChoiceField(label="Letter", choices=LetterKind.choices())
