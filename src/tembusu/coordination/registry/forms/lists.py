"""Forms of the registry's lists. The actions decide what may be sent; forms say it nicely."""

from typing import Any

from django import forms

from tembusu.foundation.people.terms import OrganisationKind
from tembusu.foundation.ui.forms import CountryField


class ViewForm(forms.Form):
    """The name under which a person keeps a list."""

    name = forms.CharField(max_length=80, help_text="Only you see it.")


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files in one field; its value is the list of them."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        sent = data if isinstance(data, list | tuple) else [data] if data else []
        if not sent:
            return [super().clean(None, initial)]
        # An empty file is refused by the action, which says so by name.
        return list(sent)


class ImportForm(forms.Form):
    """Files of records from trial registries."""

    records = ManyFilesField(
        label="Files",
        help_text="ClinicalTrials.gov JSON (API v2), XML or CSV, or WHO ICTRP XML. Archives "
        "(.zip, .tar.gz, .gz) may hold many records; what they hold is found out by content.",
        error_messages={"required": "Choose at least one file."},
    )


class RejectForm(forms.Form):
    """Why a location's name stands for no institution."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=500,
        help_text="Whoever meets the name again reads this.",
    )


class NewOrganisationForm(forms.Form):
    """The institution that a location's name stands for, where it is not registered yet."""

    KINDS = (
        OrganisationKind.INSTITUTION,
        OrganisationKind.UNIVERSITY,
        OrganisationKind.CLUSTER,
        OrganisationKind.SPONSOR,
        OrganisationKind.CRO,
        OrganisationKind.AGENCY,
    )

    name = forms.CharField(max_length=300)
    kind = forms.ChoiceField(choices=[(kind.value, kind.label) for kind in KINDS])
    city = forms.CharField(max_length=100, required=False)
    country = CountryField()
