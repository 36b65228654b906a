"""What of the registry stands on a person's desk, and which studies concern whom."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.timezone import localdate

from tembusu.coordination.registry.models import Study
from tembusu.coordination.registry.selectors import curation, drafts, places
from tembusu.foundation.core import worklist
from tembusu.foundation.core.worklist import Subject, WorkItem, WorkKind

SHOWN_ONE_BY_ONE = 25  # studies to review; more are one line that leads to the queue


def offer(user: Any, at: datetime) -> list[WorkItem]:
    """Return what waits in the registry on this user."""
    return [*_drafts(user), *_reviews(user), *_places(user)]


def _drafts(user: Any) -> list[WorkItem]:
    """Return the drafts that the user has worked on and that are not published."""
    mine: Any = drafts.list_drafts(user, mine=True)
    return [
        WorkItem(
            key=f"registry.draft:{draft.pk}",
            kind=WorkKind.WAITS_ON_ME,
            what="Publish the changes" if draft.published_at else "Publish the registration",
            record=_named(draft.study.number, draft.answers.get("brief_title", "")),
            url=reverse("registry:draft", args=[draft.study_id]),
            act="Go on",
            holder=user.get_full_name(),
            since=localdate(draft.saved_at),
            study=draft.study.number,
        )
        for draft in mine
    ]


def _named(number: str, title: str) -> str:
    return number if title in ("", number) else f"{number}, {title}"


def _reviews(user: Any) -> list[WorkItem]:
    """Return the studies of which a registry says something else than staff do."""
    rows = curation.list_differing(user).order_by()
    found = list(
        rows.values("study_id", "study__number", "study__index__title")
        .annotate(n=Count("pk"), since=Min("differs_since"))
        .order_by("since", "study_id")[: SHOWN_ONE_BY_ONE + 1]
    )
    if len(found) > SHOWN_ONE_BY_ONE:
        return [_whole_queue(user, rows, localdate(found[0]["since"]))]
    return [
        WorkItem(
            key=f"registry.review:{row['study_id']}",
            kind=WorkKind.WAITS_ON_ME,
            what=f"Decide on {row['n']} curated value{'' if row['n'] == 1 else 's'}",
            record=_named(row["study__number"], row["study__index__title"] or ""),
            url=reverse("registry:curate", args=[row["study_id"]]),
            act="Review",
            holder=user.get_full_name(),
            since=localdate(row["since"]),
            study=row["study__number"],
        )
        for row in found
    ]


def _whole_queue(user: Any, rows: Any, since: date) -> WorkItem:
    return WorkItem(
        key="registry.review",
        kind=WorkKind.WAITS_ON_ME,
        what="Decide on curated values",
        record=f"{rows.values('study_id').distinct().count():,} studies in the review queue",
        url=reverse("registry:review"),
        act="Review",
        holder=user.get_full_name(),
        since=since,
    )


def _places(user: Any) -> list[WorkItem]:
    """Return the queue of places as one line: it is worked through as a whole."""
    n_open, since = places.count_open(user), places.open_since(user)
    if not n_open or since is None:
        return []
    return [
        WorkItem(
            key="registry.places",
            kind=WorkKind.WAITS_ON_ME,
            what="Say which institutions these are",
            record=f"{n_open:,} place{'' if n_open == 1 else 's'} as registries write them",
            url=reverse("registry:places"),
            act="Settle",
            holder=user.get_full_name(),
            since=since,
        )
    ]


def concerning(user: Any, keys: Collection[int]) -> Mapping[int, Subject]:
    """Return which of the studies the user works with, as a desk tells that they changed."""
    rows = Study.objects.within(user).filter(pk__in=keys)
    named = rows.values_list("pk", "number", "index__title")
    return {
        pk: Subject(_named(number, title or ""), reverse("registry:study", args=[pk]), number)
        for pk, number, title in named
    }


def register() -> None:
    """Let the desk ask this room."""
    worklist.register("registry", offer)
    worklist.register_subjects(Study._meta.label, concerning)
