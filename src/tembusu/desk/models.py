"""Tables of the desk: how a person wants it, and which digests left."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from tembusu.foundation.core import history


class DeskSettingsQuerySet(models.QuerySet["DeskSettings"]):
    def visible_to(self, user: object) -> Self:
        """Return the user's own: nobody else's desk is anybody's business."""
        return self.filter(person_id=getattr(user, "pk", None))


@history.track(exclude=["feed_sha256"])
class DeskSettings(models.Model):
    """How a person wants the desk: digest or not, calendar feed, what was seen. Without a row: as usual.

    Of the feed's address only the SHA-256 of its secret is kept.
    """

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    seen_at = models.DateTimeField(null=True)
    digest_is_on = models.BooleanField(default=True)
    feed_sha256 = models.CharField(max_length=64, null=True, unique=True)
    feed_made_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["DeskSettings"]] = DeskSettingsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_feed_has_an_address_exactly_when_it_was_made",
                condition=Q(feed_sha256__isnull=True, feed_made_at__isnull=True)
                | Q(feed_sha256__isnull=False, feed_made_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"Desk of {self.person_id}"


class Digest(models.Model):
    """That a person was sent the digest of a day, or that there was nothing to send."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    digest_date = models.DateField()
    made_at = models.DateTimeField()
    is_sent = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "digest_date"], name="a_person_has_one_digest_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.digest_date} for {self.person_id}"
