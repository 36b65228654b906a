"""Submissions one by one and in lists, scoped to a user."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404

from tembusu.coordination.registry.selectors import sites as registry_sites
from tembusu.coordination.submissions import permissions
from tembusu.coordination.submissions.models import (
    Decision,
    DocumentVersion,
    Occurrence,
    QueryRound,
    Submission,
    SubmissionSite,
)
from tembusu.coordination.submissions.rules import checklist, mirror, turns
from tembusu.coordination.submissions.terms import (
    BodyTurn,
    Dates,
    Happening,
    Listed,
    Outcome,
    Stop,
    SubmissionKind,
    SubmissionState,
)
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import Act

DECIDED = (Outcome.APPROVED, Outcome.APPROVED_WITH_CONDITIONS, Outcome.EXEMPTED)
_WHOLE = ("study__index", "study__sponsor", "body", "decision", "earlier")


def get_submission(user: Any, pk: int) -> Submission:
    """Return the submission if this user may see it; otherwise it does not exist for them (404)."""
    rows = Submission.objects.visible_to(user).select_related(*_WHOLE)
    return get_object_or_404(rows, pk=pk)


def list_submissions(
    user: Any,
    *,
    states: Collection[str] = (),
    kinds: Collection[str] = (),
    body_ids: Collection[int] = (),
    text: str = "",
) -> QuerySet[Submission]:
    """Return the submissions that this user may see, narrowed; not ordered.

    :param text: words of the number, the study's number or title, the body or its reference number
    """
    rows = Submission.objects.visible_to(user).select_related(*_WHOLE)
    if states:
        rows = rows.filter(state__in=states)
    if kinds:
        rows = rows.filter(kind__in=kinds)
    if body_ids:
        rows = rows.filter(body_id__in=body_ids)
    for word in text.split()[:6]:
        rows = rows.filter(
            Q(number__icontains=word)
            | Q(reference_no__icontains=word)
            | Q(study__number__icontains=word)
            | Q(study__index__title__icontains=word)
            | Q(body__name__icontains=word)
            | Q(label__icontains=word)
        )
    return rows


def of_study(user: Any, study: Any) -> QuerySet[Submission]:
    """Return a study's submissions that this user may see, first ones first."""
    rows = Submission.objects.visible_to(user).filter(study=study)
    return rows.select_related(*_WHOLE).order_by("started_at", "pk")


def list_for_study(user: Any, study: Any) -> list[Listed]:
    """Return a study's submissions that this user may see, as other rooms list them."""
    return [
        Listed(
            submission_id=one.pk,
            number=one.number,
            kind=SubmissionKind(one.kind),
            obligation=one.obligation,
            body=one.body.name,
            state=SubmissionState(one.state),
            outcome=outcome_of(one),
            since=one.submitted_date or one.started_at.date(),
            url=f"/submissions/{one.pk}/",
        )
        for one in of_study(user, study)
    ]


def outcome_of(submission: Submission) -> str:
    decision = decision_of(submission)
    return str(decision.outcome) if decision else ""


def decision_of(submission: Submission) -> Decision | None:
    """Return the decision, if there is one; read once with the submission."""
    try:
        return submission.decision
    except Decision.DoesNotExist:
        return None


def is_approved(submission: Submission) -> bool:
    """Say whether a submission was answered favourably, whatever became of it since."""
    return Decision.objects.filter(submission=submission, outcome__in=DECIDED).exists()


def scopes_of_study(study: Any, sites: Iterable[Any] | None = None) -> list[int]:
    """Return the scopes on which one may prepare a study's submissions: its own, its sponsor's, its
    sites'."""
    found = list(registry_sites.list_sites(study)) if sites is None else list(sites)
    scopes = [study.scope_id, *(one.scope_id for one in found)]
    return [*scopes, study.sponsor.scope_id] if study.sponsor_id else scopes


def may_start(user: Any, study: Any) -> bool:
    return permissions.may_for(user, permissions.PREPARE, scopes_of_study(study))


def may(user: Any, act: Act, submission: Submission) -> bool:
    """Say whether the user may do this act of an applicant on a submission."""
    return permissions.may_applicant(user, act, submission)


def checklist_lines(submission: Submission) -> list[checklist.Line]:
    rows = submission.documents.annotate(n=Count("versions")).order_by("position")
    return [
        checklist.Line(one.label, one.is_required, one.n, one.not_applicable_reason) for one in rows
    ]


def dates(submission: Submission) -> Dates:
    """Return when what happened to a submission, from what was read with it."""
    decision = decision_of(submission)
    rounds = sorted(submission.queries.all(), key=lambda one: one.number)
    return Dates(
        submitted=submission.submitted_date,
        received=submission.received_date,
        stops=tuple(Stop(one.raised_date, one.answered_date) for one in rounds),
        decided=decision.decided_date if decision else None,
        withdrawn=submission.withdrawn_date,
        valid_from=decision.valid_from if decision else None,
        valid_to=decision.valid_to if decision else None,
    )


def standing(submission: Submission) -> turns.Standing:
    """Return who holds a submission, and since when."""
    state = SubmissionState(submission.state)
    return turns.standing(state, dates(submission), started=submission.started_at.date())


def occurrences(submission: Submission) -> QuerySet[Occurrence]:
    """Return what happened, in the order of the days on which it happened."""
    rows = submission.occurrences.select_related("recorded_by")
    return rows.order_by("happened_on", "recorded_at", "pk")


def happened(submission: Submission, what: Happening) -> bool:
    return submission.occurrences.filter(what=what).exists()


def board_and_regulator_turns(study_ids: Collection[int] | None = None) -> list[BodyTurn]:
    """Return how bodies and applicants held the submissions of these studies; for the system.

    Read in three queries, whatever the number of studies. Drafts are left out.

    :param study_ids: None for all studies
    """
    rows = Submission.objects.exclude(state=SubmissionState.DRAFT).filter(was_sent=True)
    if study_ids is not None:
        rows = rows.filter(study_id__in=study_ids)
    held = rows.select_related("body", "decision").prefetch_related(
        Prefetch("queries", QueryRound.objects.order_by("number")),
        Prefetch("sites", SubmissionSite.objects.order_by("study_site_id")),
    )
    return [_turn(one) for one in held.order_by("study_id", "pk")]


def _turn(one: Submission) -> BodyTurn:
    decision = decision_of(one)
    return BodyTurn(
        submission_id=one.pk,
        study_id=one.study_id,
        body_id=one.body_id,
        body_kind=one.body.kind,
        kind=SubmissionKind(one.kind),
        obligation=one.obligation,
        site_ids=tuple(site.study_site_id for site in one.sites.all()),
        submitted_date=one.submitted_date,
        received_date=one.received_date,
        queries=tuple(Stop(q.raised_date, q.answered_date) for q in one.queries.all()),
        decided_date=decision.decided_date if decision else None,
        outcome=str(decision.outcome) if decision else "",
        valid_to=decision.valid_to if decision else None,
        state=SubmissionState(one.state),
    )


def numbers(ids: Sequence[int]) -> dict[int, str]:
    """Return submissions' numbers by id, for trails."""
    return dict(Submission.objects.filter(pk__in=ids).values_list("pk", "number"))


def stands(submission: Submission) -> mirror.Mirrored:
    """Return what stands here of a submission, as a body's extract would say it."""
    decision = Decision.objects.filter(submission=submission).first()
    rounds = submission.queries.order_by("raised_date")
    texts = (
        decision.conditions.order_by("number").values_list("text", flat=True) if decision else ()
    )
    return mirror.Mirrored(
        reference_no=submission.reference_no,
        submitted=submission.submitted_date,
        received=submission.received_date,
        stops=tuple(Stop(one.raised_date, one.answered_date) for one in rounds),
        outcome=Outcome(decision.outcome) if decision else None,
        decided=decision.decided_date if decision else None,
        conditions=tuple(texts),
        valid_from=decision.valid_from if decision else None,
        valid_to=decision.valid_to if decision else None,
        withdrawn=submission.withdrawn_date,
    )


def may_mirror(user: Any, submission: Submission) -> bool:
    """Say whether the user takes in extracts about this submission: a keeper, or of its own body."""
    if not people.may(user, permissions.IMPORT_OUTCOMES):
        return False
    return permissions.sees_every_submission(user) or people.holds(
        user, permissions.IMPORT_OUTCOMES.roles, submission.body.scope_id
    )


def works_with(user: Any, study: Any) -> bool:
    """Say whether the user stands on the study's side, though there is no submission yet."""
    return permissions.sees_every_submission(user) or permissions.may_for(
        user, permissions.SEE_SENT, scopes_of_study(study)
    )


def get_document_version(user: Any, submission: Submission, pk: int) -> DocumentVersion:
    """Return a version of a document of a submission that the user may see, or 404."""
    rows = DocumentVersion.objects.select_related("file", "document")
    return get_object_or_404(rows, pk=pk, document__submission=submission)
