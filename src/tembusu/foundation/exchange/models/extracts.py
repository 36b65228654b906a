"""Extracts with their rows, and how columns were mapped."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from tembusu.foundation.core import history
from tembusu.foundation.exchange.terms import ExtractState, VerdictKind


class ExtractQuerySet(models.QuerySet["Extract"]):
    def visible_to(self, user: Any) -> Self:
        """Extracts are seen by whoever sent them alone: they may hold what others may not see."""
        return self.filter(sent_by_id=user.pk)


class Extract(models.Model):
    """A file that somebody sent for one purpose: how it is written, how far it came, what became of it.

    ``counts`` holds how many rows had each verdict ('new'), and each outcome ('taken.new').
    """

    purpose = models.CharField(max_length=100)
    organisation = models.ForeignKey(
        "people.Organisation", models.PROTECT, related_name="+", null=True
    )
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    manner = models.JSONField()
    layout = models.JSONField(null=True)
    state = models.CharField(
        max_length=20, choices=ExtractState.choices(), default=ExtractState.SENT
    )
    job_id = models.BigIntegerField(null=True)
    sent_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    takes_changes = models.BooleanField(default=True)
    is_by_program = models.BooleanField(default=False)
    n_rows = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    refused_file = models.CharField(max_length=64, blank=True)

    objects: ClassVar[models.Manager["Extract"]] = ExtractQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["sent_by", "-id"], name="extract_of_sender")]
        constraints = [
            models.CheckConstraint(
                name="an_extract_is_mapped_before_its_rows_are_read",
                condition=Q(state__in=[ExtractState.SENT, ExtractState.DISCARDED])
                | Q(layout__isnull=False),
            ),
            models.CheckConstraint(
                name="an_extract_has_an_end_exactly_when_done_or_discarded",
                condition=Q(
                    state__in=[ExtractState.DONE, ExtractState.DISCARDED],
                    finished_at__isnull=False,
                )
                | (
                    ~Q(state__in=[ExtractState.DONE, ExtractState.DISCARDED])
                    & Q(finished_at__isnull=True)
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"Extract {self.pk}: {self.name}"


class ExtractRow(models.Model):
    """One row of an extract: what was found of it before, and what was done with it.

    ``outcome`` is '' until the row was dealt with. The row's cells stay in the file that was sent.
    """

    extract = models.ForeignKey(Extract, models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    what = models.CharField(max_length=300, blank=True)
    verdict = models.CharField(max_length=20, choices=VerdictKind.choices(), blank=True)
    differences = models.JSONField(default=list)
    reason = models.TextField(blank=True)
    is_left = models.BooleanField(default=False)
    outcome = models.CharField(max_length=20, choices=VerdictKind.choices(), blank=True)
    outcome_reason = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["extract", "line"], name="a_row_stands_once_in_its_extract"
            ),
        ]
        indexes = [
            models.Index(fields=["extract", "verdict", "line"], name="extract_row_verdict"),
            models.Index(fields=["extract", "outcome", "line"], name="extract_row_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.extract_id} row {self.line}"


@history.track()
class SavedMapping(models.Model):
    """How the columns of such files were mapped last, so that nobody has to do it again.

    ``columns`` has the header by column key, '' where the file lacks it.
    """

    purpose = models.CharField(max_length=100)
    organisation = models.ForeignKey(
        "people.Organisation", models.PROTECT, related_name="+", null=True
    )
    columns = models.JSONField()
    date_order = models.CharField(max_length=20)
    saved_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "saved_by"],
                condition=Q(organisation__isnull=True),
                name="a_person_of_no_body_has_one_mapping_for_a_purpose",
            ),
            models.UniqueConstraint(
                fields=["purpose", "organisation"],
                condition=Q(organisation__isnull=False),
                name="a_body_has_one_mapping_for_a_purpose",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.organisation or self.saved_by}"
