"""What people type about figures."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms

from tembusu.insight.rules.definitions import LONGEST_TARGET
from tembusu.insight.rules.papers import quarter_name
from tembusu.insight.terms import CountsFrom


class DefinitionForm(forms.Form):
    """A definition as it should stand, and why."""

    label = forms.CharField(label="Name", max_length=80)
    says = forms.CharField(
        label="What it counts",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="In words that a reader of the figure understands.",
    )
    counts_from = forms.ChoiceField(
        label="Counts from",
        choices=[(one.value, one.label) for one in CountsFrom],
        help_text="A change counts all study-sites again; a job does it.",
    )
    target_days = forms.IntegerField(
        label="Target, in calendar days",
        min_value=1,
        max_value=LONGEST_TARGET,
        required=False,
        help_text="Leave it empty where nobody has set one.",
    )
    target_source = forms.CharField(
        label="Where the target is laid down",
        max_length=500,
        required=False,
        help_text="A decision with its date, or the address of a page.",
    )
    reason = forms.CharField(
        label="Why it changes", max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    seen_version = forms.IntegerField(widget=forms.HiddenInput)


class PaperForm(forms.Form):
    """Of which quarter a committee paper is to be made."""

    quarter = forms.TypedChoiceField(label="Quarter", coerce=date.fromisoformat)

    def __init__(self, *args: Any, quarters: Sequence[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.TypedChoiceField", self.fields["quarter"])
        field.choices = [(one.isoformat(), quarter_name(one)) for one in quarters]
