"""Which submissions concern whom, as a desk tells that something happened to them."""

from collections.abc import Collection, Mapping
from typing import Any

from django.urls import reverse

from tembusu.coordination.submissions.models import Submission
from tembusu.foundation.core import worklist
from tembusu.foundation.core.worklist import Subject


def concerning(user: Any, keys: Collection[int]) -> Mapping[int, Subject]:
    """Return those of the submissions that the user may see."""
    rows = Submission.objects.visible_to(user).filter(pk__in=keys)
    named = rows.values_list("pk", "number", "study__number", "body__name")
    return {
        pk: Subject(
            f"{number} to {body}",
            reverse("submissions:submission", args=[pk]),
            study,
        )
        for pk, number, study, body in named
    }


def register() -> None:
    """Let the desk tell what changed here."""
    worklist.register_subjects(Submission._meta.label, concerning)
