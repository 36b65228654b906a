"""What follows from events of other rooms."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from tembusu.coordination.startup import actions


def on_submission(payload: Mapping[str, Any]) -> None:
    """Let a study's milestones follow its submissions, after one moved."""
    actions.follow_submissions(study_ids=[payload["study_id"]], by=None, at=timezone.now())


def on_studies(payload: Mapping[str, Any]) -> None:
    """Count study-sites anew after their studies' records changed."""
    actions.follow_studies(study_ids=payload["study_ids"], by=None, at=timezone.now())
