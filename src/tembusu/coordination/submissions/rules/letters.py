"""Letters from templates: only known placeholders, all of them filled, nothing executed."""

import re
from collections.abc import Mapping

from tembusu.coordination.submissions.rules.moves import SubmissionRefused

PLACEHOLDERS: Mapping[str, str] = {
    "number": "the submission’s number",
    "reference": "the body’s own reference number",
    "study_number": "the study’s number",
    "study_title": "the study’s title",
    "applicant": "the lead sponsor",
    "investigator": "the principal investigator",
    "sites": "the sites that it covers",
    "board": "the board’s name",
    "kind": "first application, amendment, …",
    "received_date": "the day of receipt",
    "decided_date": "the day of the decision",
    "meeting_date": "the day of the meeting",
    "valid_from": "the first day of the approval",
    "valid_to": "the last day of the approval",
    "renewal_due": "the day by which the status report is due",
    "conditions": "the conditions, one a line",
    "queries": "the queries, as they were asked",
    "documents": "the documents with their versions and dates",
    "chair": "the chair’s name",
    "secretary": "the secretary’s name",  # pragma: allowlist secret
    "reason": "the reasons for the decision",
}
MARK = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


class TemplateRefused(SubmissionRefused):
    """A template that names what no letter knows, or is not finished."""


def names_in(text: str) -> list[str]:
    """Return the placeholders of a template in their order, each once."""
    return list(dict.fromkeys(MARK.findall(text)))


def check_template(*, subject: str, body: str) -> None:
    """Refuse a template with unknown placeholders, or with braces that hold none.

    :raises TemplateRefused: naming what is unknown and what may be used
    """
    if not subject.strip() or not body.strip():
        raise TemplateRefused("A letter has a subject and a text. Write both.")
    if unknown := [name for name in names_in(f"{subject}\n{body}") if name not in PLACEHOLDERS]:
        raise TemplateRefused(
            f"No letter knows {', '.join('{{' + one + '}}' for one in unknown)}. "
            f"These may be used: {', '.join(PLACEHOLDERS)}."
        )
    if re.search(r"\{\{|\}\}", MARK.sub("", f"{subject}\n{body}")):
        raise TemplateRefused("A placeholder is not closed: write {{name}} with two braces each.")


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its placeholders filled once; what was filled in is not read again.

    A value that is not known yet is shown as '[not given: …]', so that nobody sends a gap unseen.
    """
    return MARK.sub(
        lambda found: (
            values.get(found[1]) or f"[not given: {PLACEHOLDERS.get(found[1], found[1])}]"
        ),
        text,
    )


def gaps(text: str) -> list[str]:
    """Return what a filled letter still lacks."""
    return re.findall(r"\[not given: ([^\]]+)\]", text)
