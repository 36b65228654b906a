"""Forms of the delegation log and of escalations."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from tembusu.coordination.startup.forms.moves import day_field, text_field


class DelegationForm(forms.Form):
    """Who does which tasks, from when."""

    person = forms.ChoiceField(label="Person", choices=())
    tasks = forms.MultipleChoiceField(
        label="Tasks",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one task."},
    )
    start_date = day_field("From")
    end_date = day_field("Until", "Empty while nobody knows.", is_required=False)

    def __init__(
        self,
        *args: Any,
        persons: Sequence[tuple[str, str]],
        tasks: Mapping[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = persons  # type: ignore[attr-defined]
        self.fields["tasks"].choices = list(tasks.items())  # type: ignore[attr-defined]


class ChangeForm(forms.Form):
    """Other tasks, or an end; the signature breaks until it is given again."""

    tasks = forms.MultipleChoiceField(
        label="Tasks",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one task."},
    )
    end_date = day_field("Until", "Empty while nobody knows.", is_required=False)
    reason = text_field("Why", is_required=True)

    def __init__(self, *args: Any, tasks: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tasks"].choices = list(tasks.items())  # type: ignore[attr-defined]


class SignForm(forms.Form):
    override = text_field(
        "Why the person may do the tasks nevertheless", "Only where a training is lacking."
    )


class TrainingForm(forms.Form):
    """A training that somebody completed."""

    person = forms.ChoiceField(label="Person", choices=())
    training = forms.ChoiceField(label="Training", choices=())
    completed_date = day_field("Completed on")
    expires_date = day_field("Counts until", "As the certificate says.", is_required=False)
    certificate_no = forms.CharField(label="Certificate number", required=False, max_length=100)

    def __init__(
        self,
        *args: Any,
        persons: Sequence[tuple[str, str]],
        trainings: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = persons  # type: ignore[attr-defined]
        self.fields["training"].choices = trainings  # type: ignore[attr-defined]


class EscalateForm(forms.Form):
    to_person = forms.ChoiceField(label="Ask", choices=())
    key = forms.ChoiceField(label="About", choices=(), required=False)
    question = text_field("What is stuck, and what you ask for", is_required=True)
    reply_by = day_field("Reply by")

    def __init__(
        self,
        *args: Any,
        persons: Sequence[tuple[str, str]],
        milestones: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_person"].choices = persons  # type: ignore[attr-defined]
        self.fields["key"].choices = [("", "The site as a whole"), *milestones]  # type: ignore[attr-defined]


class ReplyForm(forms.Form):
    reply = text_field("Your answer", "What is being done, and by when.", is_required=True)
