import re

from django import forms
from django.core.exceptions import ValidationError

from tembusu.foundation.ui import forms as ui_forms
from tembusu.foundation.ui import specimens
from tembusu.foundation.ui.forms import Section
from tembusu.foundation.ui.forms_shown import StudyForm


class Short(forms.Form):
    sections = (Section("Names", ("name", "gone")),)
    name = forms.CharField(help_text="A <b> name")
    size = forms.ChoiceField(choices=[("s", "Small"), ("l", "Large")], widget=forms.RadioSelect)
    agreed = forms.BooleanField()
    secret = forms.CharField(widget=forms.HiddenInput)

    def clean(self):
        raise ValidationError("These two do not go together.")


def test_fields_in_no_section_follow_at_the_end():
    parts = ui_forms.bound_sections(Short())
    assert [(p.title, [f.name for f in p.fields]) for p in parts] == [
        ("Names", ["name"]),
        ("", ["size", "agreed"]),
    ]


def test_a_form_without_sections_is_one_part():
    class Plain(forms.Form):
        name = forms.CharField()

    assert [p.title for p in ui_forms.bound_sections(Plain())] == [""]


def test_faults_name_the_control_that_takes_the_focus():
    faults = list(ui_forms.faults(Short({"name": ""})))
    assert [(f.anchor, f.label) for f in faults] == [
        ("", ""),
        ("id_name", "Name"),
        ("id_size_0", "Size"),
        ("id_agreed", "Agreed"),
        ("", "Secret"),
    ]
    assert faults[0].message == "These two do not go together."


def test_every_link_of_the_summary_leads_to_a_control():
    html = str(StudyForm(specimens.WRONG_ENTRY))
    targets = re.findall(r'href="#([^"]+)"', html)
    assert len(targets) == 5
    assert all(f'id="{target}"' in html for target in targets)


def test_hint_and_error_are_tied_to_their_control():
    html = str(Short({"name": "", "size": "x", "secret": "s"}))
    name = re.search(r'<input type="text"[^>]*>', html)[0]
    assert 'aria-invalid="true"' in name
    described = re.search(r'aria-describedby="([^"]+)"', name)[1].split()
    assert described == ["id_name_helptext", "id_name_error"]
    assert all(f'id="{target}"' in html for target in described)


def test_the_summary_takes_the_focus():
    html = str(Short({}))
    assert 'role="alert"' in html
    assert "autofocus" in html
    assert 'tabindex="-1"' in html


def test_a_clean_form_has_no_summary():
    assert 'role="alert"' not in str(Short())


def test_texts_are_escaped():
    class Sly(forms.Form):
        name = forms.CharField(label="<script>", help_text="<img>")

    html = str(Sly({"name": ""}))
    assert "<script>" not in html
    assert "<img>" not in html


def test_what_was_typed_is_kept_when_the_form_comes_back():
    html = str(StudyForm(specimens.WRONG_ENTRY))
    assert 'value="LANTERN"' in html
    assert 'value="trials@rain-tree"' in html


def test_a_form_set_has_its_management_fields():
    html = str(forms.formset_factory(StudyForm, extra=2)())
    assert 'name="form-TOTAL_FORMS"' in html
    assert html.count("<legend") >= 2
