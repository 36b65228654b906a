"""The forms of the gallery. They keep nothing."""

from django import forms

from tembusu.foundation.ui.forms import Section

PHASES = [("", "Choose"), ("1", "Phase 1"), ("2", "Phase 2"), ("3", "Phase 3"), ("4", "Phase 4")]
KINDS = [("interventional", "Interventional"), ("observational", "Observational")]
SITES = [
    ("rain", "Rain Tree General Hospital"),
    ("pulai", "Pulai Cancer Institute"),
    ("kempas", "Kempas Medical Centre"),
]
ANSWERS = [("accept", "Accept the site"), ("ask", "Ask a question"), ("decline", "Decline")]


class StudyForm(forms.Form):
    """Shows each kind of control, in sections, with hints and faults."""

    title = forms.CharField(
        max_length=300,
        help_text="As on the protocol, without the sponsor's name.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    acronym = forms.CharField(max_length=20, required=False)
    kind = forms.ChoiceField(label="Kind of study", choices=KINDS, widget=forms.RadioSelect)
    phase = forms.ChoiceField(choices=PHASES, help_text="Leave empty where phases do not apply.")
    planned_start = forms.DateField(
        label="Planned start", widget=forms.DateInput(attrs={"type": "date"})
    )
    n_planned = forms.IntegerField(label="Planned participants", min_value=1)
    sites = forms.MultipleChoiceField(
        choices=SITES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Only sites that have agreed to be asked.",
    )
    contact = forms.EmailField(label="Contact for the public")
    protocol = forms.FileField(required=False, help_text="PDF, up to 20 MB.")
    is_public = forms.BooleanField(
        label="Show this study to the public once it is registered", required=False
    )

    sections = (
        Section("Identity", ("title", "acronym", "kind", "phase")),
        Section(
            "Plan",
            ("planned_start", "n_planned", "sites"),
            hint="Estimates may be changed until the study opens.",
        ),
        Section("For the public", ("contact", "protocol", "is_public")),
    )


class DecisionForm(forms.Form):
    """One question, its answers and the reason."""

    answer = forms.ChoiceField(label="Your decision", choices=ANSWERS, widget=forms.RadioSelect)
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The site reads this. It stays in the trail.",
    )
