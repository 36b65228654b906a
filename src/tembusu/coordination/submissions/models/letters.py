"""Letters of a board, and the templates that they are made from."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tembusu.coordination.submissions.models.packages import Submission
from tembusu.coordination.submissions.terms import LetterKind
from tembusu.foundation.core import history


class LetterTemplate(models.Model):
    """A version of a board's template. Rows are only ever added; the newest of a kind holds."""

    append_only: ClassVar[bool] = True

    board = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=LetterKind.choices())
    version_no = models.PositiveIntegerField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    saved_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["board", "kind", "version_no"],
                name="template_version_is_unique_for_its_kind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} v{self.version_no}"


@history.track()
class Letter(models.Model):
    """A letter of a board about a submission: a draft until it is sent, the same for ever after."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=20, choices=LetterKind.choices())
    template = models.ForeignKey(LetterTemplate, models.PROTECT, related_name="+")
    subject = models.CharField(max_length=300)
    body = models.TextField()
    written_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    written_at = models.DateTimeField()
    sent_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+", null=True)
    sent_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_sent_letter_carries_the_hash_of_its_text",
                condition=Q(sent_at__isnull=True) | ~Q(sha256=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} letter {self.pk}"
