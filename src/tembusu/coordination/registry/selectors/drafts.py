"""Drafts of studies registered by hand, and what stands already of what would be typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.shortcuts import get_object_or_404
from django.utils.timezone import localdate

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.models import (
    Registration,
    Study,
    StudyDraft,
    StudyIndex,
)
from tembusu.coordination.registry.rules import coherence, duplicates, records
from tembusu.coordination.registry.selectors import search, studies, words
from tembusu.coordination.registry.selectors.studies import OWN
from tembusu.coordination.registry.terms import FieldDifference, StudyState
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui.paging import Kind, Sort
from trialformats.records import registry_of

NEWEST = Sort("saved", "saved_at", Kind.MOMENT, is_ascending=False)
OLDEST = NEWEST.reversed()
MOST_SIMILAR = 5
LOOKED_AT = 40  # of the best matches of a search, how many titles are compared word by word
MOST_BODIES = 12
NO_BODY = (
    "Your role is held at a site or in a study, not at an organisation that stands behind studies."
    " Ask the research office of your institution, or the coordinating body, to open the registration."
)
# Days that say when the register wrote, not what the study says.
STAMPS = frozenset({"registered_dtc", "last_update_posted_dtc"})


@dataclass(frozen=True, slots=True)
class Named:
    """A number in another registry that a draft names.

    :ivar registry: its code, ``OWN`` for this register's, '' where none gives such numbers
    :ivar here: the study that stands under it here, as far as the user may see it
    """

    text: str
    registry: str
    registry_no: str
    here: StudyIndex | None = None
    is_this: bool = False


# -- drafts ---------------------------------------------------------------------------------------


def visible_drafts(user: Any, *, given_up: bool = False) -> QuerySet[StudyDraft]:
    """Return the drafts that the user may see: of studies in their scopes, all to keepers."""
    kept = [StudyState.DRAFT, StudyState.PUBLISHED]
    states = [StudyState.DISCARDED] if given_up else kept
    rows = StudyDraft.objects.filter(study__state__in=states)
    act = permissions.SEE_UNPUBLISHED
    if people.holds_anywhere(user, act.everywhere):
        return rows
    return rows.filter(study__scope_id__in=people.scopes_of(user, act.roles))


def get_draft(user: Any, study_pk: int, *, given_up: bool = False) -> StudyDraft:
    """Return the draft of a study if this user may see it; otherwise it does not exist for them."""
    rows = visible_drafts(user, given_up=given_up).select_related(
        "study", "study__sponsor", "study__scope", "saved_by"
    )
    return get_object_or_404(rows, study_id=study_pk)


def list_given_up(user: Any, text: str = "") -> QuerySet[StudyDraft]:
    """Return the drafts that were given up and may be taken up again."""
    rows = visible_drafts(user, given_up=True).select_related("study", "study__sponsor", "saved_by")
    return _holding(rows, text)


def list_drafts(
    user: Any, *, mine: bool = False, text: str = "", is_public: bool | None = None
) -> QuerySet[StudyDraft]:
    """Return the drafts that wait to be published, those never published and those changed since.

    :param mine: only those that the user has worked on
    :param is_public: only changes of what is published, or only what never was
    """
    published = Registration.objects.filter(study=OuterRef("study"), registry=OWN)
    rows = (
        visible_drafts(user)
        .select_related("study", "study__sponsor", "saved_by")
        .annotate(published_at=Subquery(published.values("changed_at")[:1]))
        .filter(Q(published_at=None) | Q(saved_at__gt=F("published_at")))
    )
    if mine:
        rows = rows.filter(Exists(_saved_by(user)))
    if is_public is not None:
        rows = rows.filter(published_at__isnull=not is_public)
    return _holding(rows, text)


def _holding(rows: QuerySet[StudyDraft], text: str) -> QuerySet[StudyDraft]:
    for word in text.split()[:6]:
        rows = rows.filter(
            Q(answers__brief_title__icontains=word)
            | Q(study__number__icontains=word)
            | Q(study__sponsor__name__icontains=word)
        )
    return rows


def _saved_by(user: Any) -> QuerySet[Any]:
    history: Any = StudyDraft._meta.apps.get_model("registry", "StudyDraftRowhistory")
    rows: QuerySet[Any] = history.objects.filter(pgh_obj=OuterRef("pk"), saved_by=user.pk)
    return rows


def count_mine(user: Any) -> int | None:
    """Return how many drafts the user has worked on that wait to be published; None for none."""
    return list_drafts(user, mine=True).count() or None


def has_draft(study: Study) -> bool:
    """Say whether a study is kept by hand here, so that its registration can be changed."""
    return StudyDraft.objects.filter(study=study).exists()


def own_registration(study: Study) -> Registration | None:
    """Return the study's entry in the platform's own register, once it is published there."""
    return Registration.objects.filter(study=study, registry=OWN).first()


def as_record(
    draft: StudyDraft, registration: Registration | None, *, today: date
) -> dict[str, Any]:
    """Return the draft as a record: its answers, the number, and the days that publishing gives.

    A question in whose controls something else stands that is no answer yet is not answered.
    """
    first = localdate(registration.first_seen_at) if registration else today
    return {
        **standing_answers(draft),
        "registry": OWN,
        # After a merge the registration keeps the number under which it was published.
        "registry_no": registration.registry_no if registration else draft.study.number,
        "registered_dtc": first.isoformat(),
        "last_update_posted_dtc": today.isoformat(),
    }


def standing_answers(draft: StudyDraft) -> dict[str, Any]:
    """Return the answers that the pages of the form show as answers."""
    return {name: value for name, value in draft.answers.items() if name not in draft.typed}


def doubts(draft: StudyDraft, *, today: date) -> list[coherence.Remark]:
    """Return what fits badly together in a draft, with today, or with who registers it."""
    body = draft.study.sponsor
    behalf = [body.name, *(one.name for one in people.list_names(body))] if body else []
    return coherence.doubts(draft.answers, today=today, behalf=behalf)


def changes_since(registration: Registration, values: Mapping[str, Any]) -> list[FieldDifference]:
    """Return what a record says otherwise than the version that is published now."""
    changed = records.compare(studies.current_record(registration), values)
    return [one for one in changed if one.field not in STAMPS]


# -- on whose behalf ------------------------------------------------------------------------------


def list_bodies(user: Any, text: str = "") -> list[Any]:
    """Return the organisations for which the user may register, the first ones by name.

    Those at which they hold such a role; to keepers of the register those that a text finds.
    """
    bodies = (
        people.list_organisations(user, text=text).filter(is_active=True).order_by("name", "pk")
    )
    if people.holds_anywhere(user, permissions.KEEPS_REGISTER):
        return list(bodies[:MOST_BODIES]) if text.strip() else []
    scopes = people.scopes_of(user, permissions.RUNS_STUDIES)
    return list(bodies.filter(scope_id__in=scopes))


def why_not_register(user: Any) -> str:
    """Return why the user can't register a study, with whom to ask; '' if they can."""
    if why := people.why_not(user, permissions.REGISTER_STUDY):
        return why
    return "" if keeps_register(user) or list_bodies(user) else NO_BODY


def keeps_register(user: Any) -> bool:
    """Say whether the user registers for anybody, and so chooses by searching."""
    return people.holds_anywhere(user, permissions.KEEPS_REGISTER)


# -- what stands already --------------------------------------------------------------------------


def similar(user: Any, title: str, number: str = "") -> list[StudyIndex]:
    """Return studies that the user may see with this number or nearly this title, nearest first."""
    found = {row.pk: row for row in by_number(user, number)} if number else {}
    page = search.search(user, title, mode="any", limit=LOOKED_AT, mends=False)
    titles = {row.pk: row for row in page.rows}
    near = duplicates.nearest(
        title, ((pk, row.title) for pk, row in titles.items()), most=MOST_SIMILAR
    )
    found.update({pk: titles[pk] for pk in near})
    return list(found.values())[:MOST_SIMILAR]


def by_number(user: Any, number: str) -> list[StudyIndex]:
    """Return the studies that stand under a number, the platform's own or any registry's."""
    known = registry_of(number) or _own_number(number)
    written = known[1] if known else number.strip().upper()
    rows = search.visible_index(user).defer("document")
    return list(
        rows.filter(Q(registry_nos__contains=[written]) | Q(number=written)).order_by("pk")[:5]
    )


def named_numbers(user: Any, draft: StudyDraft) -> list[Named]:
    """Return the numbers in other registers that a draft names, with the studies they stand for."""
    answers: Mapping[str, Any] = draft.answers
    texts = [answers.get("org_study_no") or ""]
    others = [str(row.get("id_text") or "") for row in answers.get("secondary_ids") or []]
    named = [_named(user, draft, text) for text in others if text]
    # A protocol number is the sponsor's own; it is told only where a registry's number was typed.
    named += [one for text in texts if text and (one := _named(user, draft, text)).registry]
    return list({(one.registry, one.registry_no or one.text): one for one in named}.values())


def _named(user: Any, draft: StudyDraft, text: str) -> Named:
    known = registry_of(text) or _own_number(text)
    if known is None:
        return Named(text, "", "")
    registry, number = str(known[0]), known[1]
    rows = by_number(user, number)
    here = next((row for row in rows if row.pk != draft.study_id), None)
    is_this = any(row.pk == draft.study_id for row in rows)
    return Named(text, registry, number, here, is_this)


def _own_number(text: str) -> tuple[str, str] | None:
    """Return a number that this register gives, as it writes it."""
    meant = words.numbers_meant(text)
    is_own = len(meant) == 1 and meant[0].startswith(f"{settings.TEMBUSU_OWN_REGISTRY}-")
    return (OWN, meant[0]) if is_own else None
