"""How a form is drawn: native controls, with label, hint and error beside each.

``FORM_RENDERER`` names ``Renderer``, so ``{{ form }}`` in any room, and any form of a library,
looks the same. A form that is long may name its parts:

    class StudyForm(forms.Form):
        sections = (Section("Identity", ("title", "acronym"), hint="As on the protocol."),)

Fields in no section follow at the end, so none can be lost.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseForm, CharField
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates

from tembusu.foundation.ui import countries


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a form: heading, the names of its fields, a line of help."""

    title: str
    fields: Sequence[str]
    hint: str = ""


@dataclass(frozen=True, slots=True)
class BoundSection:
    title: str
    hint: str
    fields: Sequence[BoundField]


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of the error summary: where the field is on the page, its label, what is wrong."""

    anchor: str
    label: str
    message: str


class Renderer(DjangoTemplates):
    """Django's own renderer with our form, field and form set templates."""

    form_template_name = "ui/forms/form.html"
    field_template_name = "ui/forms/field.html"
    formset_template_name = "ui/forms/formset.html"


class CountryField(CharField):
    """A country, given by its two letters or its name; its value is the code."""

    def __init__(self, **kwargs: Any) -> None:
        hint = "Two letters of ISO 3166, such as SG, or the name in full."
        super().__init__(**{"max_length": 100, "help_text": hint, **kwargs})

    def clean(self, value: Any) -> str:
        given = str(super().clean(value))
        code = countries.country_code(given)
        if given and not code:
            raise ValidationError(f"“{given}” is no country. {countries.HOW_A_COUNTRY}")
        return code


def bound_sections(form: BaseForm) -> list[BoundSection]:
    """Return the form's visible fields by section; those in none come last without a heading."""
    declared: Sequence[Section] = getattr(form, "sections", ())
    parts: list[BoundSection] = []
    placed: set[str] = set()
    for section in declared:
        fields = [form[name] for name in section.fields if name in form.fields]
        placed.update(field.name for field in fields)
        shown = [field for field in fields if not field.is_hidden]
        if shown:
            parts.append(BoundSection(section.title, section.hint, shown))
    rest = [field for field in form.visible_fields() if field.name not in placed]
    return [*parts, BoundSection("", "", rest)] if rest else parts


def faults(form: BaseForm) -> Iterator[Fault]:
    """Yield what is wrong with a form, in the order of its fields, those of no field first.

    A form whose controls are labelled alike says in ``fault_labels`` what each is called here.
    """
    called: Mapping[str, str] = getattr(form, "fault_labels", {})
    for message in form.non_field_errors():
        yield Fault("", "", str(message))
    for bound in form:
        for message in bound.errors:
            label = called.get(bound.name) or str(bound.label or "")
            yield Fault("" if bound.is_hidden else anchor(bound), label, str(message))


def anchor(bound: BoundField) -> str:
    """Return the id of the control that takes the focus for this field."""
    direct = bound.id_for_label
    if direct or not bound.auto_id:
        return str(direct or "")
    first = next(iter(bound.subwidgets), None)
    return str((first and first.id_for_label) or bound.auto_id)


def kind(bound: BoundField) -> str:
    """Return how the field is laid out: 'check' (one box), 'choices' (a group) or 'plain'."""
    if bound.widget_type in {"checkbox", "nullbooleancheckbox"}:
        return "check"
    return "choices" if bound.use_fieldset else "plain"
