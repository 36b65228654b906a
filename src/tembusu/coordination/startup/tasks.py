"""What follows from events of other rooms, and of other systems."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from tembusu.coordination.startup import actions
from tembusu.foundation.exchange.terms import EventIn


def on_submission(payload: Mapping[str, Any]) -> None:
    """Let a study's milestones follow its submissions, after one moved."""
    actions.follow_submissions(study_ids=[payload["study_id"]], by=None, at=timezone.now())


def on_studies(payload: Mapping[str, Any]) -> None:
    """Count study-sites anew after their studies' records changed."""
    actions.follow_studies(study_ids=payload["study_ids"], by=None, at=timezone.now())


def on_completed(event: EventIn) -> Any:
    """Complete the milestone that a sender's system tells of, as the sender's person."""
    return actions.take_event(
        payload=event.payload, event_id=event.event_id, by=event.by, at=timezone.now()
    )


def on_moved(event: EventIn) -> Any:
    """Move the milestone that a sender's system tells of, as the sender's person."""
    return actions.take_move(
        payload=event.payload, event_id=event.event_id, by=event.by, at=timezone.now()
    )
