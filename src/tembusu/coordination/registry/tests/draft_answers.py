"""The registration form, answered: as JSON for the actions, and as a browser would send it."""

from typing import Any

from tembusu.coordination.registry.rules import form
from tembusu.coordination.registry.terms import QuestionKind

WHOLE: dict[str, Any] = {
    "brief_title": "Night light and sleep in hospital",
    "official_title": "A Randomised Trial of Dimmed Night Light on Sleep in Hospital Wards",
    "secondary_ids": [{"id_text": "NCT09990001"}],
    "lead_sponsor": {"name": "Damar Therapeutics", "kind": "INDUSTRY"},
    "support_sources": ["Gelam Research Fund"],
    "public_contacts": [{"name": "Study office", "email": "office@hospital.example"}],
    "scientific_contacts": [{"name": "Dr Farah Osman", "email": "farah@hospital.example"}],
    "ethics_reviews": [{"committee": "Meranti Ethics Board", "status": "Approved"}],
    "conditions": ["Insomnia"],
    "study_type": "INTERVENTIONAL",
    "interventions": [{"kind": "DEVICE", "name": "Dimmed light"}],
    "primary_outcomes": [{"measure": "Hours of sleep", "time_frame": "3 nights"}],
    "eligibility_text": "Inclusion criteria:\n\n* Adults",
    "enrolment_count": 120,
    "countries": ["Singapore"],
    "overall_status": "NOT_YET_RECRUITING",
    "start_dtc": "2100-01-01",
    "ipd_sharing": "NO",
}


def posted(key: str, answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return what a browser sends for a page of the form that shows these answers."""
    sent: dict[str, Any] = {"go": "draft", **more}
    part = next(one for one in form.sections() if one.key == key)
    for question in part.questions:
        value = answers.get(question.field)
        if question.kind is QuestionKind.ROWS:
            sent[f"{question.field}-n"] = len(value or [])
            for no, row in enumerate(value or []):
                sent |= {f"{question.field}-{no}-{name}": text for name, text in row.items()}
        elif question.kind is QuestionKind.GROUP:
            sent |= {f"{question.field}-{name}": text for name, text in (value or {}).items()}
        elif question.kind is QuestionKind.LINES:
            sent[question.field] = "\n".join(value or [])
        elif value is not None:
            sent[question.field] = value
    return sent
