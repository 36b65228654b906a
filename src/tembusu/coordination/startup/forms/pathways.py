"""Forms of pathways: deciding on a proposed version, and editing one."""

from django import forms

from tembusu.coordination.startup.forms.moves import text_field
from tembusu.coordination.startup.terms import VersionState


class DecideForm(forms.Form):
    """What becomes of a proposed version."""

    to = forms.ChoiceField(
        label="It is",
        choices=[
            (VersionState.IN_FORCE, "Put in force, for sites selected from now on"),
            (VersionState.DECLINED, "Declined"),
        ],
        widget=forms.RadioSelect,
    )
    reason = text_field("Why", "The pathway's trail shows it.", is_required=True)
