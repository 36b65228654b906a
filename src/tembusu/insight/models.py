"""Tables of insight: definitions with their versions, facts as columns, committee papers.

``MonthFigures`` and ``CaseMonth`` follow from start-up's records: they are kept in step by its events
and can be made again at any time, so their rows have no history.
"""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from tembusu.foundation.core import history
from tembusu.insight.terms import CountsFrom, PaperState


@history.track()
class Definition(models.Model):
    """A measure under the number by which figures quote it; what it says lies in its versions."""

    key = models.CharField(max_length=20, unique=True)
    measure = models.CharField(max_length=40, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class DefinitionVersion(models.Model):
    """A definition as it stood from one decision to the next. Rows are only ever added.

    ``made_by`` None: the file of the release, whose text has this digest.
    """

    append_only: ClassVar[bool] = True

    definition = models.ForeignKey(Definition, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    label = models.CharField(max_length=80)
    says = models.TextField()
    counts_from = models.CharField(max_length=20, choices=CountsFrom.choices())
    target_days = models.PositiveIntegerField(null=True)
    target_source = models.TextField(blank=True)
    reason = models.TextField()
    made_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["definition", "number"], name="a_version_is_numbered_once_in_its_definition"
            ),
            models.CheckConstraint(
                condition=Q(target_days__isnull=True)
                | (Q(target_days__gte=1) & ~Q(target_source="")),
                name="a_target_has_a_source_and_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="a_definition_changes_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.definition} v{self.number}"


class MonthFigures(models.Model):
    """The facts of all study-sites selected in one month, as columns of integers.

    ``counted_as`` says by which definitions they were counted; ``digest`` is the content's SHA-256.
    """

    month = models.DateField(primary_key=True)
    content = models.BinaryField()
    n_cases = models.PositiveIntegerField()
    counted_as = models.TextField()
    digest = models.CharField(max_length=64)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(month__day=1), name="a_month_is_named_by_its_first_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class CaseMonth(models.Model):
    """In which month's figures a study-site stands, so that it can be taken out of them again."""

    site_pathway_id = models.BigIntegerField(primary_key=True)
    month = models.DateField(db_index=True)

    def __str__(self) -> str:
        return f"{self.site_pathway_id} in {self.month:%Y-%m}"


class PaperQuerySet(models.QuerySet["Paper"]):
    def visible_to(self, user: Any) -> Self:
        """Papers are read by those who may see every figure."""
        from tembusu.insight import permissions

        return self if permissions.sees_every_figure(user) else self.none()


@history.track()
class Paper(models.Model):
    """A committee paper: one quarter's figures as they were read, as PDF, picture and table.

    ``facts`` are the figures as they stand in the files, so that a screen can be held against them.
    """

    quarter = models.DateField()
    state = models.CharField(max_length=20, choices=PaperState.choices(), default=PaperState.ASKED)
    job_id = models.BigIntegerField(null=True)
    is_synthetic = models.BooleanField(default=False)
    facts = models.JSONField(default=dict)
    pdf = models.CharField(max_length=64, blank=True)
    png = models.CharField(max_length=64, blank=True)
    csv = models.CharField(max_length=64, blank=True)
    asked_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Paper"]] = PaperQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=PaperState.ASKED, made_at__isnull=True)
                | (Q(state=PaperState.MADE, made_at__isnull=False) & ~Q(pdf="") & ~Q(csv="")),
                name="a_paper_that_is_made_has_its_files",
            ),
            models.CheckConstraint(
                condition=Q(quarter__day=1, quarter__month__in=[1, 4, 7, 10]),
                name="a_quarter_is_named_by_its_first_day",
            ),
        ]
        indexes = [models.Index(fields=["-id"], name="paper_newest")]

    def __str__(self) -> str:
        return f"Committee paper {self.quarter:%Y-%m}"
