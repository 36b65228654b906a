"""A board's letters and templates, and what a letter may say of a submission."""

from collections.abc import Mapping
from typing import Any

from tembusu.coordination.submissions.models import Letter, LetterTemplate, Submission
from tembusu.coordination.submissions.rules import letter_texts
from tembusu.coordination.submissions.rules.dates import said
from tembusu.coordination.submissions.selectors import packages
from tembusu.coordination.submissions.terms import LetterKind, SubmissionKind
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import Role


def newest_template(board: Any, kind: LetterKind) -> LetterTemplate | None:
    rows = LetterTemplate.objects.filter(board=board, kind=kind).select_related("saved_by")
    return rows.order_by("-version_no").first()


def text_of_template(board: Any, kind: LetterKind) -> tuple[str, str]:
    """Return subject and text that hold for a kind of letter: the board's, or those to begin with."""
    found = newest_template(board, kind)
    return (found.subject, found.body) if found else letter_texts.DEFAULTS[kind]


def versions(board: Any, kind: LetterKind) -> list[LetterTemplate]:
    rows = LetterTemplate.objects.filter(board=board, kind=kind).select_related("saved_by")
    return list(rows.order_by("-version_no"))


def letters_of(submission: Submission) -> list[Letter]:
    rows = Letter.objects.filter(submission=submission).select_related("sent_by", "template")
    return list(rows.order_by("written_at", "pk"))


def _first(role: Role, board: Any) -> str:
    found = people.holders([role], board.scope_id)
    return found[0].full_name if found else ""


def values(submission: Submission) -> Mapping[str, str]:
    """Return what the placeholders of a letter stand for; '' for what is not known yet."""
    study, decision = submission.study, packages.decision_of(submission)
    lead = submission.sponsors.filter(is_lead=True).select_related("organisation").first()
    sites = submission.sites.select_related("study_site__organisation").order_by("pk")
    opened = submission.queries.order_by("-number").first()
    item = submission.agenda_items.exclude(confirmed_at=None).order_by("-confirmed_at").first()
    found = {
        "number": submission.number,
        "reference": submission.reference_no,
        "study_number": study.number,
        "study_title": getattr(getattr(study, "index", None), "title", "") or study.number,
        "applicant": lead.organisation.name if lead else "",
        "investigator": submission.investigator_name,
        "sites": "\n".join(f"– {one.study_site.organisation.name}" for one in sites),
        "board": submission.body.name,
        "kind": SubmissionKind(submission.kind).label.lower(),
        "received_date": _day(submission.received_date),
        "documents": "\n".join(_documents(submission)),
        "queries": opened.text if opened else "",
        "meeting_date": _day(item.meeting.held_date) if item else "",
        "chair": _first(Role.BOARD_CHAIR, submission.body),
        "secretary": _first(Role.BOARD_SECRETARY, submission.body),
    }
    if decision is not None:
        conditions = [f"{one.number}. {one.text}" for one in decision.conditions.order_by("number")]
        found |= {
            "decided_date": _day(decision.decided_date),
            "valid_from": _day(decision.valid_from),
            "valid_to": _day(decision.valid_to),
            "renewal_due": _day(decision.renewal_due),
            "conditions": "\n".join(conditions) or "None.",
            "reason": decision.reasons,
        }
    return found


def _day(value: Any) -> str:
    return said(value) if value else ""


def _documents(submission: Submission) -> list[str]:
    rows = submission.documents.prefetch_related("versions").order_by("position")
    lines = []
    for one in rows:
        newest = max(one.versions.all(), key=lambda version: version.version_no, default=None)
        if newest is not None:
            lines.append(
                f"– {one.label}, version {newest.version_label} of {said(newest.version_date)}"
            )
    return lines
