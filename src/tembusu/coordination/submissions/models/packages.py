"""Packages, what is in them, what was asked and answered, and what was decided."""

from typing import Any, ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Value

from tembusu.coordination.submissions.terms import (
    Happening,
    Outcome,
    Source,
    SubmissionKind,
    SubmissionState,
)
from tembusu.foundation.core import history


class RouteAnswer(models.Model):
    """What was answered about a study's route, and the obligations that followed. Only ever added."""

    append_only: ClassVar[bool] = True

    study = models.ForeignKey("registry.Study", models.PROTECT, related_name="+")
    version_no = models.PositiveIntegerField()
    jurisdiction = models.CharField(max_length=20)
    asked_on = models.DateField()
    answers = models.JSONField(default=dict)
    obligations = models.JSONField(default=list)
    answered_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "version_no"], name="route_version_is_unique_in_its_study"
            )
        ]

    def __str__(self) -> str:
        return f"Route of {self.study_id}, version {self.version_no}"


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def visible_to(self, user: Any) -> Self:
        """What the user's bodies received, what the user's side sent, and for keepers all."""
        from tembusu.coordination.submissions import permissions

        if permissions.sees_every_submission(user):
            return self
        return self.filter(_received_by(user) | _sent_by(user))

    def sent_by(self, user: Any) -> Self:
        """The submissions on whose applicant's side the user stands."""
        return self.filter(_sent_by(user))

    def received_by(self, user: Any) -> Self:
        """The submissions that the user's bodies hold; never their drafts."""
        return self.filter(_received_by(user))


def _received_by(user: Any) -> Q:
    from tembusu.coordination.submissions import permissions

    scopes = permissions.body_scopes(user)
    return Q(body__scope_id__in=scopes) & ~Q(state=SubmissionState.DRAFT) & Q(was_sent=True)


def _sent_by(user: Any) -> Q:
    """Return the submissions of a sponsor's studies, and those that cover a site of one's own.

    Of a study that several sponsors run, each sees the packages that name it.
    """
    from tembusu.coordination.submissions import permissions

    scopes = permissions.applicant_scopes(user)
    named = SubmissionSponsor.objects.filter(
        submission=OuterRef("pk"), organisation__scope_id__in=permissions.sponsor_scopes(user)
    )
    covered = SubmissionSite.objects.filter(submission=OuterRef("pk")).filter(
        Q(study_site__scope_id__in=scopes) | Q(study_site__organisation__scope_id__in=scopes)
    )
    return Q(study__scope_id__in=scopes) | Q(Exists(named)) | Q(Exists(covered))


@history.track()
class Submission(models.Model):
    """A package to a body about a study, and where it stands."""

    number = models.CharField(max_length=20, unique=True)
    study = models.ForeignKey("registry.Study", models.PROTECT, related_name="+")
    body = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=SubmissionKind.choices())
    obligation = models.CharField(max_length=60)
    label = models.CharField(max_length=200, blank=True)
    state = models.CharField(
        max_length=20, choices=SubmissionState.choices(), default=SubmissionState.DRAFT
    )
    was_sent = models.BooleanField(default=False)
    # Of the body's own system: '' where the body works here.
    system = models.CharField(max_length=100, blank=True)
    reference_no = models.CharField(max_length=60, blank=True)
    mirrored_at = models.DateTimeField(null=True)
    earlier = models.ForeignKey("self", models.PROTECT, related_name="later", null=True)
    principal_investigator = models.ForeignKey(
        "people.Person", models.PROTECT, related_name="+", null=True
    )
    investigator_name = models.CharField(max_length=200, blank=True)
    clock_key = models.CharField(max_length=60, blank=True)
    # The pack's key of how a board reviews it, and whether that takes a meeting.
    review_way = models.CharField(max_length=60, blank=True)
    needs_meeting = models.BooleanField(null=True)
    review_reason = models.TextField(blank=True)
    is_substantial = models.BooleanField(null=True)
    is_urgent_safety = models.BooleanField(default=False)
    amendment_reasons = ArrayField(models.CharField(max_length=60), default=list)
    amendment_why = models.TextField(blank=True)
    note = models.TextField(blank=True)
    started_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    started_at = models.DateTimeField()
    submitted_date = models.DateField(null=True)
    received_date = models.DateField(null=True)
    withdrawn_date = models.DateField(null=True)
    withdrawn_reason = models.TextField(blank=True)
    changed_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Submission"]] = SubmissionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["-changed_at", "-id"], name="submission_newest"),
            models.Index(fields=["study", "kind"], name="submission_study"),
            models.Index(fields=["body", "state"], name="submission_body"),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_submission_is_received_on_or_after_it_was_submitted",
                condition=Q(received_date__isnull=True) | Q(received_date__gte=F("submitted_date")),
            ),
            models.CheckConstraint(
                name="a_withdrawn_submission_says_when_and_why",
                condition=~Q(state=SubmissionState.WITHDRAWN)
                | (Q(withdrawn_date__isnull=False) & ~Q(withdrawn_reason="")),
            ),
            models.CheckConstraint(
                name="a_submission_beyond_its_draft_says_when_it_was_sent",
                condition=Q(submitted_date__isnull=False)
                | Q(state__in=[SubmissionState.DRAFT, SubmissionState.WITHDRAWN]),
            ),
            models.UniqueConstraint(
                fields=["body", "reference_no"],
                condition=~Q(reference_no=""),
                name="a_reference_number_is_unique_at_its_body",
            ),
        ]

    def __str__(self) -> str:
        return self.number


@history.track()
class SubmissionSite(models.Model):
    """A study-site that a submission covers."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="sites")
    study_site = models.ForeignKey("registry.StudySite", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "study_site"], name="a_submission_covers_a_site_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.submission} covers {self.study_site_id}"


@history.track()
class SubmissionSponsor(models.Model):
    """A sponsor that stands behind a submission; one of several leads."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="sponsors")
    organisation = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    is_lead = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "organisation"], name="a_submission_names_a_sponsor_once"
            ),
            models.UniqueConstraint(
                fields=["submission"],
                condition=Q(is_lead=True),
                name="a_submission_has_one_lead_sponsor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}{' (lead)' if self.is_lead else ''}"


@history.track()
class SubmissionDocument(models.Model):
    """An entry of a submission's checklist: what the body asks for, or what else was added."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="documents")
    key = models.CharField(max_length=60)
    label = models.CharField(max_length=200)
    is_required = models.BooleanField(default=False)
    source = models.TextField(blank=True)
    position = models.PositiveIntegerField(default=0)
    not_applicable_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "key"], name="a_document_stands_once_in_a_checklist"
            )
        ]

    def __str__(self) -> str:
        return self.label


class DocumentVersion(models.Model):
    """A version of a document, as a file known by its SHA-256. Only ever added."""

    append_only: ClassVar[bool] = True

    document = models.ForeignKey(SubmissionDocument, models.PROTECT, related_name="versions")
    version_no = models.PositiveIntegerField()
    version_label = models.CharField(max_length=60)
    version_date = models.DateField()
    file = models.ForeignKey("core.StoredFile", models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    note = models.TextField(blank=True)
    added_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "version_no"], name="version_no_is_unique_in_its_document"
            )
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.version_label}"


class Occurrence(models.Model):
    """What happened to a submission and on which day, beside when it was written down. Only added."""

    append_only: ClassVar[bool] = True

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="occurrences")
    what = models.CharField(max_length=30, choices=Happening.choices())
    happened_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    source = models.CharField(max_length=20, choices=Source.choices())
    note = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["submission", "happened_on", "id"], name="occurrence_told")]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.what} {self.happened_on}"


@history.track()
class QueryRound(models.Model):
    """What a body asked at one time, and the answer. The clock stands still in between."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="queries")
    number = models.PositiveIntegerField()
    text = models.TextField()
    raised_date = models.DateField()
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    due_date = models.DateField(null=True)
    answer = models.TextField(blank=True)
    answered_date = models.DateField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "number"], name="a_round_of_queries_has_its_own_number"
            ),
            models.CheckConstraint(
                name="an_answer_comes_on_or_after_its_query",
                condition=Q(answered_date__isnull=True) | Q(answered_date__gte=F("raised_date")),
            ),
            ExclusionConstraint(
                name="rounds_of_queries_of_a_submission_never_overlap",
                expressions=[
                    (F("submission"), RangeOperators.EQUAL),
                    (
                        Func(
                            F("raised_date"),
                            F("answered_date"),
                            Value("[)"),
                            function="DATERANGE",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"Round {self.number} of {self.submission_id}"


@history.track()
class Decision(models.Model):
    """A body's answer to a submission, and until when it holds."""

    submission = models.OneToOneField(Submission, models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=30, choices=Outcome.choices())
    decided_date = models.DateField()
    reasons = models.TextField(blank=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    renewal_due = models.DateField(null=True)
    source = models.CharField(max_length=20, choices=Source.choices())
    recorded_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["valid_to"], name="decision_valid_to")]
        constraints = [
            models.CheckConstraint(
                name="an_approval_ends_on_or_after_it_begins",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.outcome}"


@history.track()
class Condition(models.Model):
    """Something that an approval asks for, by a day or at any time."""

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="conditions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    due_date = models.DateField(null=True)
    fulfilled_date = models.DateField(null=True)
    fulfilled_at = models.DateTimeField(null=True)
    fulfilled_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    evidence = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "number"], name="a_condition_has_its_own_number"
            )
        ]

    def __str__(self) -> str:
        return f"Condition {self.number} of {self.decision_id}"
