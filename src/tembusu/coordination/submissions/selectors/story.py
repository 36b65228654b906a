"""How a submission tells its trail: which events and which rows belong to it."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.urls import reverse

from tembusu.coordination.submissions.models import (
    Condition,
    Decision,
    QueryRound,
    Submission,
    SubmissionDocument,
    SubmissionSite,
    SubmissionSponsor,
)
from tembusu.coordination.submissions.selectors import packages
from tembusu.foundation.core.trail import OWN_KEY, RowSource, Story

TITLES: Mapping[str, str] = {
    "submissions.submission.started": "Submission begun",
    "submissions.submission.changed": "Draft changed",
    "submissions.submission.classified": "Amendment classed",
    "submissions.submission.submitted": "Submitted",
    "submissions.submission.returned": "Sent back as incomplete",
    "submissions.submission.received": "Received as complete",
    "submissions.submission.review_begun": "Kind of review chosen",
    "submissions.submission.queried": "Queries raised",
    "submissions.submission.answered": "Queries answered",
    "submissions.submission.decided": "Decided",
    "submissions.submission.withdrawn": "Withdrawn",
    "submissions.submission.lapsed": "Lapsed",
    "submissions.submission.mirrored": "Mirrored from the body’s record",
    "submissions.submission.confirmed": "Body’s record read again: nothing new",
    "submissions.document.added": "Document added",
    "submissions.document.set_aside": "Document said not to apply",
    "submissions.condition.fulfilled": "Condition fulfilled",
    "submissions.letter.written": "Letter written",
    "submissions.letter.edited": "Letter changed",
    "submissions.letter.sent": "Letter sent",
}
SPARE: Mapping[str, str] = {
    "id": OWN_KEY,
    "submission": "The submission whose trail this is.",
    "changed_at": "The entry’s own time.",
    "started_at": "The entry’s own time.",
    "recorded_at": "The entry’s own time.",
    "mirrored_at": "The entry’s own time.",
    "was_sent": "Follows from the state.",
}


def find(user: Any, pk: int) -> models.Model:
    """Return the submission to those who may see it."""
    return packages.get_submission(user, pk)


def url(record: models.Model) -> str:
    return reverse("submissions:submission", args=[record.pk])


def refs(record: models.Model) -> list[str]:
    return [f"{Submission._meta.label}:{record.pk}"]


def sources(record: models.Model) -> list[RowSource]:
    """Return the tracked tables of a submission. The board’s reviews, interests, votes and drafts
    of letters are its own: the applicant reads this trail too."""
    own = {"submission_id": record.pk}
    decisions = list(Decision.objects.filter(submission_id=record.pk).values_list("pk", flat=True))
    return [
        RowSource(Submission, {"id": record.pk}, "", SPARE),
        RowSource(SubmissionSite, own, "Site", SPARE),
        RowSource(SubmissionSponsor, own, "Sponsor", SPARE),
        RowSource(SubmissionDocument, own, "Document", SPARE, is_told=True),
        RowSource(QueryRound, own, "Queries", SPARE),
        RowSource(Decision, own, "Decision", SPARE),
        RowSource(Condition, {"decision_id__in": decisions}, "Condition", SPARE, is_told=True),
    ]


SUBMISSION = Story(
    label="Submission", find=find, url=url, refs=refs, sources=sources, titles=TITLES
)
