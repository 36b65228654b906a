"""Forms of curation: a value over what registries say, and two studies that are one."""

from typing import Any

from django import forms

from tembusu.coordination.registry.forms.drafts import SectionForm
from tembusu.coordination.registry.terms import Question

REASON = "Where you know it from. Whoever reviews this value later reads it."


class CurateForm(SectionForm):
    """One field of a study, typed as on the registration form, with the reason."""

    def __init__(
        self, question: Question, value: Any, *, data: Any = None, n_blank: int = 0
    ) -> None:
        held = {} if value is None else {question.field: value}
        super().__init__([question], held, data=data, blanks={question.field: n_blank})
        self.fields["reason"] = forms.CharField(
            label="Reason",
            max_length=500,
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text=REASON,
        )
        self.fields["checked"] = forms.BooleanField(label="I have checked this", required=False)

    def value(self) -> Any:
        """Return the value as JSON; None where the field was emptied."""
        [question] = self.questions
        given = self.answers()[question.field]
        # 'No' and 0 are answers; an empty list is none.
        return None if given in ([], {}, "") else given

    @property
    def reason(self) -> str:
        return str(self.cleaned_data.get("reason") or "")

    @property
    def has_doubts(self) -> bool:
        """Whether the value fits badly with the rest, so that a tick is asked for."""
        return "checked" in self.errors or bool(self["checked"].value())


class DecideForm(forms.Form):
    """Why differences are decided so; each keeps it in its trail."""

    reason = forms.CharField(
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stays in the trail of each.",
    )


class MergeForm(forms.Form):
    """Which of two studies stays, and how one knows that they are one."""

    stays = forms.ChoiceField(label="Which number stays?", widget=forms.RadioSelect)
    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="How you know that the two are one trial. It stays in both trails.",
    )

    def __init__(
        self, pairs: list[tuple[str, str]], *, data: Any = None, initial: Any = None
    ) -> None:
        super().__init__(data, initial=initial)
        chosen: Any = self.fields["stays"]
        chosen.choices = pairs
