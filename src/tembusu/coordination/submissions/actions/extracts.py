"""Outcomes from a body's extract: the purpose that the exchange offers, and the taking of its rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.timezone import localdate

from tembusu.coordination.submissions import permissions
from tembusu.coordination.submissions.actions.mirroring import record_outcome
from tembusu.coordination.submissions.selectors import extract, pack
from tembusu.coordination.submissions.terms import Source
from tembusu.foundation.exchange import terms as exchange
from tembusu.foundation.exchange.terms import Column, Outcome, Purpose, Row, Verdict, VerdictKind
from tembusu.foundation.people import selectors as people

KEY = "submissions.outcomes"


def _check(rows: Sequence[Row], *, by: Any, at: datetime) -> list[Verdict]:
    known = extract.matched(rows, by)
    return [extract.judge(row, known, at) for row in rows]


def _take(rows: Sequence[Row], *, by: Any, at: datetime, run: int) -> list[Outcome]:
    known = extract.matched(rows, by)
    done = []
    for row in rows:
        submission = extract.about(row, known)
        if submission is None:
            raise exchange.Fault("The submission is not known any more. Check the file again.")
        is_first = submission.mirrored_at is None
        said = extract.says(row)
        on = said.decided or localdate(at)
        differs = record_outcome(
            submission=submission,
            says=said,
            by=by,
            at=at,
            source=Source.EXTRACT,
            renewal_due=pack.renewal_due(submission.obligation, said.valid_to, on),
            note=f"Extract {run}",
        )
        kind = VerdictKind.NEW if is_first else VerdictKind.CHANGED
        url = reverse("submissions:submission", args=[submission.pk])
        done.append(Outcome(kind if differs else VerdictKind.SAME, url=url))
    return done


def _columns() -> tuple[Column, ...]:
    text = exchange.text(at_most=60)
    rounds = []
    for no in range(1, extract.N_ROUNDS + 1):
        rounds += [
            Column(f"queried_{no}", f"Query {no} raised", exchange.date()),
            Column(
                f"answered_{no}",
                f"Query {no} answered",
                exchange.date(),
                aliases=(f"Response {no}",),
            ),
        ]
    return (
        Column(
            "reference_no",
            "Reference number",
            text,
            is_required=True,
            aliases=("Reference no", "Ref no", "Application number", "Protocol reference"),
            hint="The number in the body’s own system",
        ),
        Column(
            "body",
            "Body",
            exchange.text(at_most=300),
            is_required=True,
            aliases=("Board", "Regulator", "IRB", "Committee", "Authority"),
            hint="A registered name or acronym of the board or regulator",
            look_up=extract.find_bodies,
            unknown="no board or regulator is called '{value}'.",
        ),
        Column(
            "number",
            "Submission",
            text,
            aliases=("Our number", "Submission number"),
            hint="SUB-…, where the reference number is not known here yet",
        ),
        Column("submitted", "Submitted", exchange.date(), aliases=("Date of submission",)),
        Column("received", "Received", exchange.date(), aliases=("Date of receipt", "Validated")),
        *rounds,
        Column(
            "outcome",
            "Decision",
            exchange.choice(extract.OUTCOMES),
            aliases=("Outcome", "Status"),
            hint="Approved, approved with conditions, refused, exempted, noted",
        ),
        Column(
            "decided", "Date of decision", exchange.date(), aliases=("Decided", "Approval date")
        ),
        Column("conditions", "Conditions", extract.conditions, hint="Parted by semicolons"),
        Column("valid_from", "Valid from", exchange.date()),
        Column("valid_to", "Valid to", exchange.date(), aliases=("Expiry date", "Expires")),
    )


def register() -> None:
    """Offer the purpose to those who take in extracts."""
    exchange.register_purpose(
        Purpose(
            key=KEY,
            title="Outcomes of boards and regulators",
            intro="A body’s own system gives such a file. Each row is put over the submission with "
            "its reference number; what it says otherwise than what stands here is shown first. An "
            "empty cell takes nothing back.",
            columns=_columns(),
            may=lambda user: people.may(user, permissions.IMPORT_OUTCOMES),
            check=_check,
            take=_take,
            row_key=lambda values: f"{values['body'].pk} {values['reference_no']}",
            url="submissions:list",
        )
    )
