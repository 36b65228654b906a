"""What people type about people. Decisions are taken by the actions; forms only translate."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth import password_validation

from tembusu.foundation.people import rules
from tembusu.foundation.people.models import Organisation, Person
from tembusu.foundation.people.terms import NameKind, OrganisationKind, Role, TokenScope
from tembusu.foundation.ui.countries import country_name
from tembusu.foundation.ui.forms import CountryField, Section

TOKEN_DAYS = {30: "30 days", 90: "90 days", 180: "180 days", 365: "One year"}


def _date_field(label: str, *, required: bool = False, hint: str = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, help_text=hint, widget=widget)


class ParentForm(forms.Form):
    """Asks what a body belongs to by a part of its name; where that leaves a choice, asks again."""

    parent = forms.CharField(
        label="Belongs to",
        max_length=rules.NAME_MAX,
        required=False,
        help_text="A part of any of its names. Leave it empty where it belongs to none.",
    )
    parent_choice = forms.ChoiceField(
        label="The one that is meant",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of these, or mend the name above."},
    )

    def __init__(self, *args: Any, find: Callable[[str], Sequence[Organisation]], **kw: Any):
        super().__init__(*args, **kw)
        text = str(self.data.get("parent", "")).replace("\0", "").strip() if self.is_bound else ""
        self.found = list(find(text)) if text else []
        if not self.found or self._exact(text):
            del self.fields["parent_choice"]
            return
        field: Any = self.fields["parent_choice"]
        field.choices = [(str(body.pk), _with_place(body)) for body in self.found]

    def _exact(self, text: str) -> Organisation | None:
        """Return the one body that bears just this name."""
        named = [body for body in self.found if body.name.casefold() == text.casefold()]
        return named[0] if len(named) == 1 else None

    def clean(self) -> dict[str, Any] | None:
        given = self.cleaned_data
        text, chosen = given.get("parent", ""), given.pop("parent_choice", "")
        given["parent"] = self._exact(text) or next(
            (body for body in self.found if str(body.pk) == chosen), None
        )
        if text and not self.found:
            self.add_error("parent", "No organisation that others belong to is called so.")
        return given


def _with_place(body: Organisation) -> str:
    """Return a body's name with what tells it from another of that name."""
    place = ", ".join(part for part in (body.city, country_name(body.country)) if part)
    return f"{body.name} ({OrganisationKind(body.kind).label}, {place})"


class OrganisationForm(ParentForm):
    sections = (
        Section("Name", ("name", "named_since", "acronym")),
        Section("What it is", ("kind", "parent", "parent_choice", "ror_id")),
        Section("Where it is", ("country", "city")),
    )
    name = forms.CharField(max_length=rules.NAME_MAX, help_text="As the body writes it officially.")
    named_since = _date_field("In use since", hint="Leave empty where you don't know.")
    acronym = forms.CharField(max_length=50, required=False)
    kind = forms.ChoiceField(choices=[("", "Choose a kind"), *OrganisationKind.choices()])
    ror_id = forms.CharField(
        label="ROR id", max_length=60, required=False, help_text="Such as https://ror.org/036j6sg82"
    )
    country = CountryField()
    city = forms.CharField(max_length=100, required=False)


class RenameForm(forms.Form):
    name = forms.CharField(label="New official name", max_length=rules.NAME_MAX)
    on = _date_field("First day of the new name", required=True)
    reason = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="Shown in the trail."
    )


class AliasForm(forms.Form):
    name = forms.CharField(max_length=rules.NAME_MAX)
    kind = forms.ChoiceField(
        choices=[choice for choice in NameKind.choices() if choice[0] != NameKind.OFFICIAL]
    )
    valid_from = _date_field("In use since")
    valid_to = _date_field("In use until")


class PlaceForm(ParentForm):
    reason = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))


class RoleForm(forms.Form):
    """A role to grant or offer; the roles are those that the reader may grant here."""

    email = forms.EmailField(
        label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField()

    def __init__(self, *args: Any, roles: frozenset[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = sorted(roles, key=lambda role: role.label)
        field: Any = self.fields["role"]
        field.choices = [("", "Choose a role"), *((role.value, role.label) for role in shown)]


class GrantForm(RoleForm):
    reason = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))


class InviteForm(RoleForm):
    full_name = forms.CharField(label="Name", max_length=rules.NAME_MAX)
    field_order = ("full_name", "email", "role")


class EndForm(forms.Form):
    reason = forms.CharField(
        label="Why does it end?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The person and the trail will show it.",
    )


class ResetForm(forms.Form):
    reason = forms.CharField(
        label="Why, and how do you know who asked?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The person and the trail will show it.",
    )


class CloseForm(forms.Form):
    reason = forms.CharField(
        label="Why is it closed?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The trail of the account will show it.",
    )


class ReopenForm(forms.Form):
    reason = forms.CharField(
        label="Why is it opened again?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The trail of the account will show it.",
    )


class RevokeForm(forms.Form):
    reason = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))


class AcceptForm(forms.Form):
    """Name and password of somebody who has no account yet."""

    full_name = forms.CharField(
        label="Your name",
        max_length=rules.NAME_MAX,
        help_text="As colleagues should see it.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        strip=False,
        help_text="At least 12 characters. A few words that belong only to you are easy to keep.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="The password again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        person = Person(email=self.email, full_name=self.cleaned_data.get("full_name", ""))
        password_validation.validate_password(password, person)
        return password

    def clean(self) -> dict[str, Any] | None:
        given = self.cleaned_data
        if "password" in given and "again" in given and given["password"] != given["again"]:
            self.add_error("again", "The two passwords differ. Type both again.")
        return given


class NameForm(forms.Form):
    full_name = forms.CharField(
        label="Your name",
        max_length=rules.NAME_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class AddressForm(forms.Form):
    email = forms.EmailField(
        label="New e-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text="A link is sent there. Until you open it, you sign in with the present one.",
    )


class TokenForm(forms.Form):
    name = forms.CharField(
        label="What is it for?", max_length=100, help_text="Such as: nightly import, ward 5."
    )
    scopes = forms.MultipleChoiceField(
        label="It may be used to",
        choices=TokenScope.choices(),
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(
        label="It ends after", choices=list(TOKEN_DAYS.items()), coerce=int, initial=90
    )

    def lifetime(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])
