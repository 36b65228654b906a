"""Letters of a board, and the templates from which they are made."""

import hashlib
from datetime import datetime
from typing import Any

from tembusu.coordination.submissions import permissions
from tembusu.coordination.submissions.actions import moving, reviewing
from tembusu.coordination.submissions.models import Letter, LetterTemplate, Submission
from tembusu.coordination.submissions.rules import letter_texts, moves
from tembusu.coordination.submissions.rules import letters as rules
from tembusu.coordination.submissions.rules.moves import SubmissionRefused
from tembusu.coordination.submissions.selectors import letters as selectors
from tembusu.coordination.submissions.selectors import packages
from tembusu.coordination.submissions.terms import LetterKind, Outcome
from tembusu.foundation.core import audit
from tembusu.foundation.people import selectors as people


@audit.act
def save_template(
    *, board: Any, kind: LetterKind, subject: str, body: str, version_no: int, by: Any, at: datetime
) -> LetterTemplate:
    """Save a new version of a board's template; letters that were sent stay as they are.

    :param version_no: of the version that was edited; 0 for the text to begin with
    :raises PermissionDenied: unless the user writes the board's letters
    :raises TemplateRefused: naming placeholders that no letter knows
    :raises SubmissionRefused: if somebody saved a version meanwhile, or nothing changed
    """
    people.check(by, permissions.WRITE_LETTERS, board.scope_id)
    rules.check_template(subject=subject, body=body)
    newest = selectors.newest_template(board, kind)
    present = newest.version_no if newest else 0
    if present != version_no:
        raise SubmissionRefused(
            f"Somebody saved version {present} meanwhile. Compare your text with it and save again."
        )
    if (subject.strip(), body.strip()) == selectors.text_of_template(board, kind):
        raise SubmissionRefused("Nothing was changed, so no version was made.")
    made = LetterTemplate.objects.create(
        board=board,
        kind=kind,
        version_no=present + 1,
        subject=subject.strip(),
        body=body.strip(),
        saved_by=by,
        saved_at=at,
    )
    audit.record(
        "submissions.template.saved",
        on=audit.ref(board),
        by=by,
        at=at,
        change={"kind": kind.value, "version": [present, made.version_no]},
    )
    return made


@audit.act
def write_letter(*, submission: Submission, kind: LetterKind, by: Any, at: datetime) -> Letter:
    """Make a letter about a submission from the board's template, to be read before it is sent.

    :raises PermissionDenied: unless the user writes the board's letters
    :raises SubmissionRefused: if there is nothing yet of which such a letter could speak
    """
    permissions.check_body(by, permissions.WRITE_LETTERS, submission)
    submission = moving.locked(submission)
    moves.check_worked_here(system=submission.system, body=submission.body.name)
    _check_speaks(submission, kind)
    template = selectors.newest_template(submission.body, kind) or _first_version(
        submission.body, kind, at
    )
    known = selectors.values(submission)
    letter = Letter.objects.create(
        submission=submission,
        kind=kind,
        template=template,
        subject=rules.fill(template.subject, known)[:300],
        body=rules.fill(template.body, known),
        written_by=by,
        written_at=at,
    )
    audit.record(
        "submissions.letter.written",
        on=[audit.ref(submission), audit.ref(letter)],
        by=by,
        at=at,
        change={"kind": kind.value, "template": f"version {template.version_no}"},
    )
    return letter


def _first_version(board: Any, kind: LetterKind, at: datetime) -> LetterTemplate:
    """Keep the text to begin with as version 1, so that the letter names what it was made from."""
    subject, body = letter_texts.DEFAULTS[kind]
    return LetterTemplate.objects.create(
        board=board, kind=kind, version_no=1, subject=subject, body=body, saved_at=at
    )


def _check_speaks(submission: Submission, kind: LetterKind) -> None:
    decision = packages.decision_of(submission)
    outcome = Outcome(decision.outcome) if decision else None
    if kind is LetterKind.QUERIES:
        if not submission.queries.filter(answered_date=None).exists():
            raise SubmissionRefused("No queries are open of which a letter could speak.")
    elif outcome is None or outcome.is_favourable is not (kind is LetterKind.APPROVAL):
        word = "approved" if kind is LetterKind.APPROVAL else "refused"
        raise SubmissionRefused(f"{submission.number} is not {word}: no such letter is written.")


def _open(letter: Letter, by: Any) -> Letter:
    permissions.check_body(by, permissions.WRITE_LETTERS, letter.submission)
    letter = Letter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
    if letter.sent_at is not None:
        raise SubmissionRefused("This letter was sent: it stays as it is. Write another one.")
    return letter


@audit.act
def edit_letter(*, letter: Letter, subject: str, body: str, by: Any, at: datetime) -> Letter:
    """Change a letter that was not sent yet.

    :raises PermissionDenied: unless the user writes the board's letters
    :raises SubmissionRefused: if it was sent, or is empty
    """
    held = _open(letter, by)
    if not subject.strip() or not body.strip():
        raise SubmissionRefused("A letter has a subject and a text. Write both.")
    held.subject, held.body = subject.strip(), body.strip()
    held.written_by, held.written_at = by, at
    held.save()
    audit.record("submissions.letter.edited", on=letter.submission, by=by, at=at)
    return held


@audit.act
def send_letter(*, letter: Letter, by: Any, at: datetime) -> Letter:
    """Send a letter to the applicants; from then on it stays as it is.

    :raises PermissionDenied: unless the user writes the board's letters
    :raises SubmissionRefused: if it was sent, or something in it is not given
    """
    held = _open(letter, by)
    if lacking := rules.gaps(f"{held.subject}\n{held.body}"):
        raise SubmissionRefused(
            f"The letter lacks {'; '.join(lacking)}. Write it in, or take the words out."
        )
    held.sent_by, held.sent_at = by, at
    held.sha256 = hashlib.sha256(f"{held.subject}\n{held.body}".encode()).hexdigest()
    held.save()
    submission = letter.submission
    audit.record(
        "submissions.letter.sent",
        on=[audit.ref(submission), audit.ref(held)],
        by=by,
        at=at,
        change={"subject": held.subject, "sha256": held.sha256},
    )
    text = f"{submission.body.name} wrote to you about {submission.number}."
    reviewing.tell_applicants(submission, text, by=by, at=at)
    return held
