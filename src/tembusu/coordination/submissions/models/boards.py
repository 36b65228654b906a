"""Bodies and how they work; boards that meet here: members, meetings, votes, minutes."""

from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from tembusu.coordination.submissions.models.packages import Submission
from tembusu.coordination.submissions.terms import (
    Choice,
    MeetingState,
    Outcome,
)
from tembusu.foundation.core import history


class BodyDeskQuerySet(models.QuerySet["BodyDesk"]):
    def visible_to(self, user: Any) -> Self:
        from tembusu.coordination.submissions import permissions

        return self.filter(body__scope_id__in=permissions.body_scopes(user))


@history.track()
class BodyDesk(models.Model):
    """How a body works: here, or in a system of its own. One without a row has its own."""

    body = models.OneToOneField("people.Organisation", models.PROTECT, related_name="+")
    works_here = models.BooleanField(default=False)
    system = models.CharField(max_length=100, blank=True)
    approval_months = models.PositiveIntegerField(null=True)

    objects: ClassVar[models.Manager["BodyDesk"]] = BodyDeskQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.body}: {'works here' if self.works_here else self.system}"


@history.track()
class BoardSeat(models.Model):
    """For what a member sits on a board, from a day to a day."""

    board = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    # In the pack's words: medical, scientific, lay, …
    qualities = ArrayField(models.CharField(max_length=40))
    is_external = models.BooleanField(default=False)
    from_date = models.DateField()
    to_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["board", "person"],
                condition=Q(to_date__isnull=True),
                name="a_person_sits_once_on_a_board",
            ),
            models.CheckConstraint(
                name="a_seat_ends_on_or_after_it_begins",
                condition=Q(to_date__isnull=True) | Q(to_date__gte=F("from_date")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} on {self.board}"


@history.track()
class Review(models.Model):
    """A member who was asked to read a submission before it is decided, and what they say."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    assigned_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField()
    due_date = models.DateField(null=True)
    recommendation = models.CharField(max_length=20, choices=Choice.choices(), blank=True)
    comments = models.TextField(blank=True)
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "reviewer"], name="a_member_reviews_a_submission_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.reviewer} reviews {self.submission_id}"


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: Any) -> Self:
        from tembusu.coordination.submissions import permissions

        return self.filter(board__scope_id__in=permissions.board_scopes(user))


@history.track()
class Meeting(models.Model):
    """A day on which a board sits."""

    board = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    held_date = models.DateField()
    cut_off_date = models.DateField()
    place = models.CharField(max_length=200, blank=True)
    state = models.CharField(
        max_length=20, choices=MeetingState.choices(), default=MeetingState.PLANNED
    )
    chair = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    planned_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Meeting"]] = MeetingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["board", "-held_date", "-id"], name="meeting_newest")]
        constraints = [
            models.CheckConstraint(
                name="a_meeting_follows_its_cut_off",
                condition=Q(held_date__gte=F("cut_off_date")),
            ),
            models.UniqueConstraint(
                fields=["board", "held_date"],
                condition=~Q(state=MeetingState.CANCELLED),
                name="a_board_meets_once_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.board} of {self.held_date}"


@history.track()
class AgendaItem(models.Model):
    """A submission on a meeting's agenda, and what the board made of it."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="items")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="agenda_items")
    position = models.PositiveIntegerField()
    discussion = models.TextField(blank=True)
    outcome = models.CharField(max_length=30, choices=Outcome.choices(), blank=True)
    is_put_off = models.BooleanField(default=False)
    is_asked = models.BooleanField(default=False)
    confirmed_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    confirmed_at = models.DateTimeField(null=True)
    # As they stood when the chair confirmed; later changes of seats don't change the minutes.
    votes_counted = models.JSONField(default=dict)
    quorum_found = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "submission"], name="a_submission_is_once_on_an_agenda"
            )
        ]

    def __str__(self) -> str:
        return f"Item {self.position} of {self.meeting_id}"

    @property
    def is_closed(self) -> bool:
        return self.confirmed_at is not None


@history.track()
class Attendance(models.Model):
    """Whether a member sat in a meeting."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="attendances")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    is_present = models.BooleanField(default=False)
    apology = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "person"], name="a_member_attends_a_meeting_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} {'present' if self.is_present else 'absent'}"


@history.track()
class Interest(models.Model):
    """What a member declared about a submission: an interest, or that there is none."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="interests")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    has_interest = models.BooleanField()
    nature = models.TextField(blank=True)
    declared_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "person"], name="a_member_declares_once_for_a_submission"
            ),
            models.CheckConstraint(
                name="an_interest_says_of_what_nature_it_is",
                condition=Q(has_interest=False) | ~Q(nature=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {'interest' if self.has_interest else 'none'}"


@history.track()
class Vote(models.Model):
    """A member's vote on an item of the agenda."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="votes")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    choice = models.CharField(max_length=20, choices=Choice.choices())
    cast_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "person"], name="a_member_votes_once_on_an_item"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.choice}"


@history.track()
class Minutes(models.Model):
    """What a meeting's minutes say; approved by the chair, they do not change any more."""

    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="minutes")
    body = models.TextField()
    revision = models.PositiveIntegerField(default=1)
    written_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    approved_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    approved_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name_plural = "minutes"
        constraints = [
            models.CheckConstraint(
                name="approved_minutes_carry_the_hash_of_their_text",
                condition=Q(approved_at__isnull=True) | ~Q(sha256=""),
            )
        ]

    def __str__(self) -> str:
        return f"Minutes of {self.meeting_id}"
