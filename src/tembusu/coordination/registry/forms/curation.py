"""Forms of curation: a value over what registries say, and two studies that are one."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from tembusu.coordination.registry.forms.drafts import SectionForm
from tembusu.coordination.registry.terms import Question

REASON = "Where you know it from. Whoever reviews this value later reads it."


class CurateForm(SectionForm):
    """One field of a study with its kind, typed as on the registration form, with the reason."""

    def __init__(
        self,
        asked: Sequence[Question],
        values: Mapping[str, Any],
        *,
        data: Any = None,
        n_blank: int = 0,
    ) -> None:
        """Make the controls.

        :param asked: the field's question first, then those on what is said of it
        """
        held = {name: value for name, value in values.items() if value is not None}
        super().__init__(asked, held, data=data, blanks={asked[0].field: n_blank})
        self.fields["reason"] = forms.CharField(
            label="Reason",
            max_length=500,
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text=REASON,
        )
        self.fields["checked"] = forms.BooleanField(label="I have checked this", required=False)

    def values(self) -> dict[str, Any]:
        """Return the value and what is said of it as JSON, by field; None where it was emptied."""
        # 'No' and 0 are answers; an empty list is none.
        return {
            name: None if given in ([], {}, "") else given for name, given in self.answers().items()
        }

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

    checked = forms.BooleanField(
        error_messages={"required": "Read both again, and tick this only if you know better."}
    )

    def __init__(
        self,
        pairs: list[tuple[str, str]],
        *,
        data: Any = None,
        initial: Any = None,
        why_preset: str = "",
        unlike: str = "",
    ) -> None:
        """Make the form.

        :param why_preset: why one number is chosen already; '' where none is
        :param unlike: what differs where the two have nothing in common; '' where they may be one
        """
        super().__init__(data, initial=initial)
        chosen: Any = self.fields["stays"]
        chosen.choices, chosen.help_text = pairs, why_preset
        if unlike:
            self.fields["checked"].label = f"They are one study although {unlike} all differ"
        else:
            del self.fields["checked"]


class PartForm(forms.Form):
    """How one knows that two studies that were merged are two."""

    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="How you know that they are two. It stays in both trails.",
    )
