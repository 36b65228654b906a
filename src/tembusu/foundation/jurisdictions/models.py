"""Tables of jurisdictions: a pack's versions and items, what its file last said, and proposals.

The file seeds the tables once; from then on they win. An item has one row for each period in which it
holds: a new value is a new row, and the row before it ends, so that nothing of the past is rewritten.
"""

from typing import Any, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from tembusu.foundation.core import history
from tembusu.foundation.jurisdictions.terms import (
    ItemKind,
    ProposalState,
    Theme,
    Unit,
    VersionKind,
)


class Readable(models.QuerySet[Any]):
    """Rows of the reference data: whoever holds a role here reads them, nobody else."""

    def visible_to(self, user: Any) -> Self:
        from tembusu.foundation.jurisdictions import permissions

        return self if permissions.may_see(user) else self.none()


class Proposed(models.QuerySet[Any]):
    """Rows that only those see who keep the reference data."""

    def visible_to(self, user: Any) -> Self:
        from tembusu.foundation.jurisdictions import permissions

        return self if permissions.may_see_proposals(user) else self.none()


@history.track()
class PackVersion(models.Model):
    """One state of a country's reference data. Each change of an item makes the next one."""

    pack = models.CharField(max_length=50)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=VersionKind.choices())
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    reason = models.TextField(blank=True)

    objects = Readable.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pack", "number"], name="a_pack_has_each_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.pack} {self.number}"


class DateRange(Func):
    """The days from the first to before the second; open where either is null."""

    function = "DATERANGE"
    output_field = DateRangeField()


@history.track()
class PackItem(models.Model):
    """One value of the reference data in one period. ``version`` is the one that brought it."""

    pack = models.CharField(max_length=50)
    theme = models.CharField(max_length=20, choices=Theme.choices())
    key = models.CharField(max_length=100)
    position = models.PositiveIntegerField(help_text="Its place in the file")
    label = models.CharField(max_length=500)
    kind = models.CharField(max_length=20, choices=ItemKind.choices())
    value = models.JSONField(null=True)
    unit = models.CharField(max_length=20, blank=True, choices=Unit.choices())
    source = models.CharField(max_length=1000)
    is_verified = models.BooleanField()
    note = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    effective_from = models.DateField(null=True)
    effective_to = models.DateField(null=True)
    version = models.ForeignKey(PackVersion, models.PROTECT, related_name="items")

    objects = Readable.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(effective_from__isnull=True)
                | Q(effective_to__isnull=True)
                | Q(effective_to__gt=F("effective_from")),
                name="an_item_ends_after_it_began",
            ),
            ExclusionConstraint(
                name="an_item_has_one_value_on_a_day",
                expressions=[
                    ("pack", RangeOperators.EQUAL),
                    ("theme", RangeOperators.EQUAL),
                    ("key", RangeOperators.EQUAL),
                    (DateRange("effective_from", "effective_to"), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [models.Index(fields=["pack", "position", "id"], name="item_by_position")]

    def __str__(self) -> str:
        return f"{self.theme}.{self.key}"


@history.track()
class PackFile(models.Model):
    """What a pack's file said when it was last read, so that a change of it is noticed."""

    pack = models.CharField(max_length=50, unique=True)
    digest = models.CharField(max_length=64)
    items = models.JSONField()
    read_at = models.DateTimeField()

    objects = Proposed.as_manager()

    def __str__(self) -> str:
        return self.pack


@history.track()
class Proposal(models.Model):
    """A change of the file to one item, until somebody accepts or declines it.

    ``before`` and ``after`` hold the item's periods as the file had them and has them.
    """

    pack = models.CharField(max_length=50)
    theme = models.CharField(max_length=20, choices=Theme.choices())
    key = models.CharField(max_length=100)
    before = models.JSONField()
    after = models.JSONField()
    state = models.CharField(
        max_length=20, choices=ProposalState.choices(), default=ProposalState.OPEN
    )
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    reason = models.TextField(blank=True)

    objects = Proposed.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pack", "theme", "key"],
                condition=Q(state=ProposalState.OPEN),
                name="an_item_has_one_open_proposal",
            ),
            models.CheckConstraint(
                condition=Q(state=ProposalState.OPEN, decided_at__isnull=True)
                | (~Q(state=ProposalState.OPEN) & Q(decided_at__isnull=False)),
                name="a_proposal_is_open_until_it_is_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.theme}.{self.key}"


@history.track()
class AuthorityBody(models.Model):
    """Which organisation of this deployment is the body that the pack names."""

    pack = models.CharField(max_length=50)
    authority = models.CharField(max_length=100, help_text="Key of the body in the pack")
    organisation = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    tied_at = models.DateTimeField()

    objects = Readable.as_manager()

    class Meta:
        verbose_name_plural = "authority bodies"
        constraints = [
            models.UniqueConstraint(
                fields=["pack", "authority"], name="a_body_of_the_pack_is_one_organisation"
            ),
            models.UniqueConstraint(
                fields=["pack", "organisation"], name="an_organisation_is_one_body_of_the_pack"
            ),
        ]

    def __str__(self) -> str:
        return self.authority
