"""What a body's extract says of submissions: its columns, what becomes of each row, and the taking."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from tembusu.coordination.submissions.models import Submission
from tembusu.coordination.submissions.rules import dates as date_rules
from tembusu.coordination.submissions.rules import mirror, moves
from tembusu.coordination.submissions.rules.moves import SubmissionRefused
from tembusu.coordination.submissions.selectors import bodies, packages
from tembusu.coordination.submissions.terms import Outcome, Stop
from tembusu.foundation.exchange.terms import Difference, Fault, Row, Verdict, VerdictKind

N_ROUNDS = 3  # rounds of queries that an extract may give in columns of their own


def conditions(cell: str) -> tuple[str, ...]:
    """Read conditions that stand in one cell, parted by semicolons or lines."""
    parts = [one.strip() for line in cell.splitlines() for one in line.split(";")]
    return tuple(one for one in parts if one)


def find_bodies(names: Collection[str], by: Any) -> Mapping[str, Any]:
    """Return the boards and regulators that have these names."""
    found = {}
    for name in names:
        try:
            found[name] = bodies.body_called(name)
        except bodies.UnknownBody:
            continue
    return found


def matched(rows: Sequence[Row], by: Any) -> dict[tuple[int, str], Submission]:
    """Return the submissions that these rows are about, by body and by either of their numbers."""
    seen = Submission.objects.visible_to(by).filter(
        body__in={row.values["body"].pk for row in rows}
    )
    wanted = {
        str(row.values[key])
        for row in rows
        for key in ("reference_no", "number")
        if row.values.get(key)
    }
    found = {}
    for one in seen.select_related("study", "body"):
        for number in (one.reference_no, one.number):
            if number in wanted:
                found[one.body_id, number] = one
    return found


def about(row: Row, known: Mapping[tuple[int, str], Submission]) -> Submission | None:
    """Return the submission of a row: by our number where it is given, else by the body's."""
    body = row.values["body"].pk
    number = row.values.get("number")
    if number:
        return known.get((body, number))
    return known.get((body, row.values["reference_no"]))


def says(row: Row) -> mirror.Mirrored:
    """Return what a row says. Rounds without an answer are open."""
    given = row.values
    stops = []
    for no in range(1, N_ROUNDS + 1):
        asked, answered = given.get(f"queried_{no}"), given.get(f"answered_{no}")
        if asked is None and answered is not None:
            raise Fault(
                f"an answer of {date_rules.said(answered)} has no query: give the day of query {no}."
            )
        if asked is not None:
            stops.append(Stop(asked, answered))
    return mirror.Mirrored(
        reference_no=given["reference_no"],
        submitted=given.get("submitted"),
        received=given.get("received"),
        stops=tuple(stops),
        outcome=given.get("outcome"),
        decided=given.get("decided"),
        conditions=given.get("conditions") or (),
        valid_from=given.get("valid_from"),
        valid_to=given.get("valid_to"),
    )


def judge(row: Row, known: Mapping[tuple[int, str], Submission], at: datetime) -> Verdict:
    """Say what becomes of a row: the same, changed, or refused with the reason."""
    submission = about(row, known)
    number = row.values.get("number") or row.values["reference_no"]
    if submission is None:
        return Verdict(
            VerdictKind.REFUSED,
            reason=f"No submission to {row.values['body'].name} that you may see has the number "
            f"'{number}'. Begin it from its study, or give our number (SUB-…) beside the body’s.",
        )
    if not submission.system:
        return Verdict(VerdictKind.REFUSED, reason=works_here(submission))
    try:
        stands = packages.stands(submission)
        wanted = mirror.over(says(row), stands)
        check(submission, wanted, at)
    except (SubmissionRefused, Fault) as refusal:
        return Verdict(VerdictKind.REFUSED, reason=str(refusal), what=submission.number)
    differs = mirror.differences(stands, wanted)
    what = f"{submission.number} of {submission.study.number}"
    if not differs:
        return Verdict(VerdictKind.SAME, what=what)
    kind = VerdictKind.CHANGED if submission.mirrored_at else VerdictKind.NEW
    return Verdict(kind, [Difference(d.field, d.here, d.there) for d in differs], what=what)


def works_here(submission: Submission) -> str:
    try:
        moves.check_mirrored(system=submission.system, body=submission.body.name)
    except SubmissionRefused as refusal:
        return str(refusal)
    return ""


def check(submission: Submission, wanted: mirror.Mirrored, at: datetime) -> None:
    """Refuse what cannot be true of a submission.

    :raises SubmissionRefused: naming what contradicts
    """
    if wanted.submitted is None:
        raise SubmissionRefused(
            "It was not sent yet, as far as this system knows: give the day of submission too."
        )
    mirror.check_mirrored(wanted)
    date_rules.check_dates(wanted.dates(), today=localdate(at))


OUTCOMES: Mapping[str, Outcome] = {
    **{one.label: one for one in Outcome},
    "approval": Outcome.APPROVED,
    "no objection": Outcome.APPROVED,
    "authorised": Outcome.APPROVED,
    "accepted": Outcome.APPROVED,
    "conditional approval": Outcome.APPROVED_WITH_CONDITIONS,
    "rejected": Outcome.REFUSED,
    "not approved": Outcome.REFUSED,
    "exempt": Outcome.EXEMPTED,
    "acknowledged": Outcome.NOTED,
}
