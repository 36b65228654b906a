"""Tables of start-up: pathways and their versions, each study-site's own, delegations, escalations.

``SitePathway`` repeats what lists sort and narrow by (stage, whose turn, since when, due): actions
write it in step with the milestones, from which it follows.
"""

from typing import Any, ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.contrib.postgres.fields.ranges import DateRangeField, RangeBoundary
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q

from tembusu.coordination.startup.terms import (
    MilestoneState,
    PathState,
    Stage,
    VersionState,
)
from tembusu.foundation.core import history


@history.track()
class Pathway(models.Model):
    """A way from selected to first participant; what it says lies in its versions."""

    key = models.CharField(max_length=40, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


@history.track()
class PathwayVersion(models.Model):
    """A pathway as it stood from one decision to the next. Its plan is never changed.

    ``made_by`` None: the file of the release. A study-site keeps the version that it began with.
    """

    pathway = models.ForeignKey(Pathway, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    plan = models.JSONField()
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=20, choices=VersionState.choices())
    reason = models.TextField(blank=True)
    made_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    made_at = models.DateTimeField()
    decided_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pathway", "number"], name="a_version_number_is_unique_in_its_pathway"
            ),
            models.UniqueConstraint(
                fields=["pathway"],
                condition=Q(state="in_force"),
                name="a_pathway_has_one_version_in_force",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan.get('title', self.pathway)}, version {self.number}"


class SitePathwayQuerySet(models.QuerySet["SitePathway"]):
    def visible_to(self, user: Any) -> Self:
        """Those of one's study, one's site, or one's institution; for keepers, all."""
        from tembusu.coordination.startup import permissions

        if permissions.sees_every_pathway(user):
            return self
        scopes = permissions.scopes_seen(user)
        # Three short lists by index, rather than one join that reads every site of the nation.
        return self.filter(
            Q(study_site__scope_id__in=scopes) | Q(study_site__organisation__scope_id__in=scopes)
        )


@history.track()
class SitePathway(models.Model):
    """One study-site's way along one version of a pathway."""

    study_site = models.OneToOneField("registry.StudySite", models.PROTECT, related_name="+")
    version = models.ForeignKey(PathwayVersion, models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=20, choices=PathState.choices(), default=PathState.UNDER_WAY
    )
    selected_date = models.DateField()
    opened_date = models.DateField(null=True)
    left_date = models.DateField(null=True)
    left_reason = models.TextField(blank=True)
    # Under what it is counted, as the study's record said when it was last read.
    sponsor_kind = models.CharField(max_length=20, default="unknown")
    phase = models.CharField(max_length=40, blank=True)
    therapeutic_area = models.CharField(max_length=40, default="other")
    # Where it stands, in step with its milestones.
    stage = models.CharField(max_length=20, choices=Stage.choices(), blank=True)
    holders = ArrayField(models.CharField(max_length=40), default=list)
    waiting_since = models.DateField(null=True)
    due_date = models.DateField(null=True)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects: ClassVar[models.Manager["SitePathway"]] = SitePathwayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_site_opens_on_or_after_the_day_it_was_selected",
                condition=Q(opened_date__isnull=True) | Q(opened_date__gte=F("selected_date")),
            ),
            models.CheckConstraint(
                name="a_site_leaves_on_or_after_the_day_it_was_selected",
                condition=Q(left_date__isnull=True) | Q(left_date__gte=F("selected_date")),
            ),
            models.CheckConstraint(
                name="a_site_has_left_exactly_when_withdrawn_or_stopped",
                condition=Q(state__in=["withdrawn", "stopped"], left_date__isnull=False)
                | (~Q(state__in=["withdrawn", "stopped"]) & Q(left_date__isnull=True)),
            ),
            models.CheckConstraint(
                name="an_open_site_says_on_which_day_it_opened",
                condition=~Q(state="open") | Q(opened_date__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["waiting_since", "id"], name="sitepathway_waiting"),
            models.Index(fields=["-selected_date", "-id"], name="sitepathway_selected"),
            models.Index(fields=["due_date", "id"], name="sitepathway_due"),
            models.Index(fields=["-changed_at", "-id"], name="sitepathway_changed"),
            models.Index(fields=["state", "id"], name="sitepathway_state"),
            GinIndex(fields=["holders"], name="sitepathway_holders"),
        ]

    def __str__(self) -> str:
        return str(self.study_site)


@history.track()
class SiteMilestone(models.Model):
    """A milestone of one study-site: when things happened, and when and by whom they were recorded.

    ``evidence_ref`` names a record by which the platform itself knows it: 'submissions.Submission:7'.
    """

    site_pathway = models.ForeignKey(SitePathway, models.CASCADE, related_name="milestones")
    key = models.CharField(max_length=40)
    stage = models.CharField(max_length=20, choices=Stage.choices())
    party = models.CharField(max_length=40)
    state = models.CharField(
        max_length=20, choices=MilestoneState.choices(), default=MilestoneState.NOT_STARTED
    )
    started_date = models.DateField(null=True)
    started_recorded_at = models.DateTimeField(null=True)
    completed_date = models.DateField(null=True)
    completed_recorded_at = models.DateTimeField(null=True)
    completed_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    evidence = models.TextField(blank=True)
    evidence_ref = models.CharField(max_length=100, blank=True)
    reason = models.TextField(blank=True)
    due_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site_pathway", "key"], name="a_milestone_stands_once_on_a_site_pathway"
            ),
            models.CheckConstraint(
                name="a_milestone_has_a_completion_date_exactly_when_completed",
                condition=Q(state="completed", completed_date__isnull=False)
                | (~Q(state="completed") & Q(completed_date__isnull=True)),
            ),
            models.CheckConstraint(
                name="a_milestone_is_completed_on_or_after_the_day_it_was_started",
                condition=Q(started_date__isnull=True)
                | Q(completed_date__isnull=True)
                | Q(completed_date__gte=F("started_date")),
            ),
            models.CheckConstraint(
                name="a_milestone_is_not_applicable_for_a_reason",
                condition=~Q(state="not_applicable") | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.site_pathway}"


class DateRange(Func):
    """The days from one date up to, not including, another; without end where that is null."""

    function = "DATERANGE"
    output_field = DateRangeField()


@history.track()
class Hold(models.Model):
    """A milestone waited on a party, for a reason, from a day up to another.

    ``source_ref`` names the record that made it, such as a query of a board: it is made once.
    """

    milestone = models.ForeignKey(SiteMilestone, models.CASCADE, related_name="holds")
    waiting_on = models.CharField(max_length=40)
    reason_code = models.CharField(max_length=40)
    note = models.TextField(blank=True)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    source_ref = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_hold_ends_on_or_after_the_day_it_began",
                condition=Q(end_date__isnull=True) | Q(end_date__gte=F("start_date")),
            ),
            ExclusionConstraint(
                name="a_milestone_is_held_once_at_a_time",
                expressions=[
                    (F("milestone"), RangeOperators.EQUAL),
                    (
                        DateRange("start_date", "end_date", RangeBoundary()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.UniqueConstraint(
                fields=["milestone", "source_ref"],
                condition=~Q(source_ref=""),
                name="a_hold_is_made_once_by_its_source",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.milestone}: waits on {self.waiting_on}"


@history.track()
class Qualification(models.Model):
    """A training or certificate that somebody holds, such as good clinical practice."""

    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    training = models.CharField(max_length=60)
    certificate_no = models.CharField(max_length=100, blank=True)
    completed_date = models.DateField()
    expires_date = models.DateField(null=True)
    file = models.CharField(max_length=64, blank=True)
    recorded_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "training", "completed_date"],
                name="a_training_is_completed_once_on_a_day",
            ),
            models.CheckConstraint(
                name="a_training_expires_after_it_was_completed",
                condition=Q(expires_date__isnull=True) | Q(expires_date__gt=F("completed_date")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.training} of {self.person}"


@history.track()
class Delegation(models.Model):
    """A person does a task at a study-site, from a day, under the investigator's signature.

    ``signed_digest`` is the hash of what was signed. Where it differs from the hash of what stands
    here, the signature is broken, and the page says so.
    """

    study_site = models.ForeignKey("registry.StudySite", models.PROTECT, related_name="+")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    tasks = models.JSONField(default=list)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    override_reason = models.TextField(blank=True)
    recorded_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    recorded_at = models.DateTimeField()
    signed_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    signed_at = models.DateTimeField(null=True)
    signed_meaning = models.TextField(blank=True)
    signed_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_delegation_ends_on_or_after_the_day_it_began",
                condition=Q(end_date__isnull=True) | Q(end_date__gte=F("start_date")),
            ),
            models.CheckConstraint(
                name="a_signature_has_its_signer_time_meaning_and_hash",
                condition=Q(
                    signed_by__isnull=True,
                    signed_at__isnull=True,
                    signed_meaning="",
                    signed_digest="",
                )
                | (
                    Q(signed_by__isnull=False, signed_at__isnull=False)
                    & ~Q(signed_meaning="")
                    & ~Q(signed_digest="")
                ),
            ),
        ]
        indexes = [models.Index(fields=["study_site", "start_date"], name="delegation_of_site")]

    def __str__(self) -> str:
        return f"{self.person} at {self.study_site}"


@history.track()
class Escalation(models.Model):
    """A stuck study-site put before a named person, with a day by which an answer is asked."""

    site_pathway = models.ForeignKey(SitePathway, models.CASCADE, related_name="escalations")
    milestone = models.ForeignKey(SiteMilestone, models.CASCADE, related_name="+", null=True)
    to_person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    question = models.TextField()
    reply_by = models.DateField()
    asked_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    asked_at = models.DateTimeField()
    reply = models.TextField(blank=True)
    replied_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    replied_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_reply_to_an_escalation_has_its_time",
                condition=Q(replied_at__isnull=True, reply="")
                | (Q(replied_at__isnull=False) & ~Q(reply="")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["to_person", "reply_by"],
                condition=Q(replied_at__isnull=True, closed_at__isnull=True),
                name="escalation_waits",
            )
        ]

    def __str__(self) -> str:
        return f"To {self.to_person} about {self.site_pathway}"
