"""What may be done with a study from its page, and what may not, with the reason.

An act appears once its page exists: each names its address, and one that leads nowhere is left out.
"""

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.models import Study
from tembusu.coordination.registry.rules.turns import Matter
from tembusu.coordination.registry.selectors import drafts, merging
from tembusu.coordination.registry.terms import StudyState
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import Act as Permission
from tembusu.foundation.ui.terms import Act, Blocked

PUBLISHED = frozenset({StudyState.PUBLISHED})
DRAFT = frozenset({StudyState.DRAFT})


@dataclass(frozen=True, slots=True)
class Offer:
    """An act on a study's page: label, address name, right, and the states where it makes sense."""

    label: str
    url_name: str
    permission: Permission
    states: frozenset[StudyState]
    needs_draft: bool = False


OFFERS = (
    Offer("Continue the draft", "registry:draft", permissions.EDIT_DRAFT, DRAFT),
    Offer(
        "Change the registration",
        "registry:draft",
        permissions.EDIT_DRAFT,
        PUBLISHED,
        needs_draft=True,
    ),
    Offer("Curate", "registry:curate", permissions.CURATE_STUDY, PUBLISHED),
    Offer("Merge with another", "registry:merge", permissions.MERGE_STUDIES, PUBLISHED),
)
WRITE = Offer("Go on with the draft", "registry:draft", permissions.EDIT_DRAFT, DRAFT | PUBLISHED)
REVIEW = Offer("Review the differences", "registry:curate", permissions.CURATE_STUDY, PUBLISHED)
CHECK = Offer("Check the values", "registry:curate", permissions.CURATE_STUDY, PUBLISHED)
TURNS = {Matter.DIFFERENCES: REVIEW, Matter.DRAFT: WRITE, Matter.DOUBTS: CHECK}


def of(user: Any, study: Study) -> tuple[list[Act], list[Blocked]]:
    """Return what this user may do with the study now, and what they may not, with the reason."""
    allowed, refused = [], []
    for offer in OFFERS:
        url = address(offer, study)
        if not url or StudyState(study.state) not in offer.states:
            continue
        if offer.needs_draft and not drafts.has_draft(study):
            continue
        why = people.why_not(user, offer.permission, study.scope_id)
        if why:
            refused.append(Blocked(offer.label, why))
        else:
            allowed.append(Act(offer.label, url))
    if part := part_act(user, study):
        allowed.append(part)
    return allowed, refused


def part_act(user: Any, study: Study) -> Act | None:
    """Return the act that undoes the last merge into a study, for those who may."""
    last = merging.last_merged(study)
    if last is None or not people.may(user, permissions.MERGE_STUDIES, study.scope_id):
        return None
    return Act(f"Part {last.number} from it", reverse("registry:part", args=[last.pk]))


def turn_act(user: Any, study: Study, matter: Matter) -> Act | None:
    """Return the act that does what waits, for those who may."""
    offer = TURNS[matter]
    url = address(offer, study)
    may = people.may(user, offer.permission, study.scope_id)
    return Act(offer.label, url) if url and may else None


def address(offer: Offer, study: Study) -> str:
    try:
        return reverse(offer.url_name, args=[study.pk])
    except NoReverseMatch:
        return ""
