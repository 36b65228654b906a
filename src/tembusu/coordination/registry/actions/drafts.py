"""Registering a study by hand: a draft that is saved as often as one likes, then published.

A published study keeps its draft. Changing it and publishing again adds a version to the platform's
own registration, just as an import adds one to a registry's.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.utils.timezone import localdate, localtime

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.actions import curation, index, places
from tembusu.coordination.registry.models import (
    CrossReference,
    Registration,
    RegistrationVersion,
    Study,
    StudyDraft,
)
from tembusu.coordination.registry.rules import form, records
from tembusu.coordination.registry.selectors import drafts, studies
from tembusu.coordination.registry.terms import STUDIES_CHANGED, StudyState, Timeliness
from tembusu.foundation.core import audit, outbox, states
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import actions as people
from tembusu.foundation.people import selectors as people_selectors
from tembusu.foundation.people.terms import ScopeKind
from trialformats.records import digest, from_json, to_json

if TYPE_CHECKING:
    from tembusu.foundation.people.models import Organisation


# The texts of each control of a question, by the control's name.
Typed = Mapping[str, list[str]]


class DraftRefused(Refusal):
    """A draft that can't be saved or published as it stands; nothing that was typed is lost."""


class StaleDraft(DraftRefused):
    """Somebody else saved the draft meanwhile."""


class StaleOwnDraft(StaleDraft):
    """The same person saved the draft meanwhile, in another window."""


class PublishedMeanwhile(StaleDraft):
    """What was opened as a draft is public now; what is saved from here on is a change of it."""


class DoubtsUnchecked(DraftRefused):
    """Something fits badly together, and nobody said that they looked."""


@audit.act
def start_registration(
    *, title: str, on_behalf_of: "Organisation", by: Any, at: datetime
) -> StudyDraft:
    """Open a draft for a study that an organisation stands behind.

    :raises PermissionDenied: unless the user runs studies there, or keeps the register
    :raises DraftRefused: if the title is blank or too long
    """
    permissions.check_can_register_study(by)
    _check_stands_behind(by, on_behalf_of)
    answers = {"brief_title": " ".join(title.split()), "lead_sponsor": {"name": on_behalf_of.name}}
    _check(answers)
    if not answers["brief_title"]:
        raise DraftRefused("A study needs a title by which people find it.")
    scope = people.make_scope(kind=ScopeKind.STUDY, parent=on_behalf_of.scope)
    pk = index.next_study_ids(1)[0]
    study = Study.objects.create(
        pk=pk,
        number=index.own_number(pk),
        scope=scope,
        state=StudyState.DRAFT,
        sponsor=on_behalf_of,
        made_at=at,
    )
    draft = StudyDraft.objects.create(study=study, answers=answers, saved_by=by, saved_at=at)
    people_selectors.forget(by)
    index.refresh([study.pk])
    audit.record("registry.study.drafted", on=study, by=by, at=at, change={"title": title})
    return draft


@audit.act
def save_draft(
    *,
    draft: StudyDraft,
    answers: Mapping[str, Any],
    revision: int,
    by: Any,
    at: datetime,
    typed: Mapping[str, Typed] | None = None,
) -> StudyDraft:
    """Save what was answered so far; answers to other questions stay.

    What says nothing new is no save.

    :param typed: by question, what was typed and is no answer yet. It is kept beside the answer that
        stands, until the question is answered
    :param revision: that of the draft on which the answers were given
    :raises PermissionDenied: unless the user may work on this study's draft
    :raises StaleDraft: if somebody saved meanwhile; the message says who and when
    :raises DraftRefused: if the study is no longer open, no record can hold an answer, or more was
        typed than is kept
    """
    permissions.check_can_edit_draft(by, draft.study)
    draft = _locked(draft)
    _check_open(draft.study)
    _check_revision(draft, revision, by)
    _check(answers)
    typed = typed or {}
    _check_typed(typed)
    kept = {**draft.answers, **answers}
    said = {name: value for name, value in kept.items() if value not in (None, "", [], {})}
    changed = sorted(name for name in answers if draft.answers.get(name) != said.get(name))
    to_mend = {name: held for name, held in draft.typed.items() if name not in answers} | {**typed}
    if not changed and to_mend == draft.typed:
        return draft
    draft.answers, draft.typed = said, to_mend
    draft.revision, draft.saved_by, draft.saved_at = revision + 1, by, at
    draft.save()
    index.refresh([draft.study_id])
    change = {"answers": changed, "to_mend": sorted(to_mend)}
    audit.record("registry.draft.saved", on=draft.study, by=by, at=at, change=change)
    return draft


@audit.act
def publish_study(
    *,
    draft: StudyDraft,
    by: Any,
    at: datetime,
    revision: int | None = None,
    doubts_checked: bool = False,
) -> Timeliness:
    """Publish what the draft says as a version of the platform's own registration.

    :param revision: that of the draft which the user read before deciding; None takes it as it is
    :param doubts_checked: the user says to have looked at what fits badly together
    :return: whether the registration was prospective
    :raises PermissionDenied: unless the user may publish for this study
    :raises StaleDraft: if somebody saved since the user read it
    :raises DoubtsUnchecked: if something fits badly together and nobody looked
    :raises DraftRefused: naming the questions that still need an answer, what can't be, or if
        nothing has changed
    """
    permissions.check_can_publish(by, draft.study)
    draft = _locked(draft)
    if revision is not None:
        _check_revision(draft, revision, by)
    study = Study.objects.select_for_update().get(pk=draft.study_id)
    present = StudyState(study.state)
    if present is not StudyState.PUBLISHED:
        states.check_move(records.MOVES, present=present, to=StudyState.PUBLISHED)
    if wrong := form.to_mend(form.sections(), draft.typed):
        raise DraftRefused(f"Put right first, or empty: {', '.join(q.label for q in wrong)}.")
    missing = form.unanswered(form.sections(), draft.answers)
    if missing:
        raise DraftRefused(f"Still to be answered: {', '.join(q.label for q in missing)}.")
    _check(draft.answers)
    _check_doubts(draft, is_checked=doubts_checked, at=at)
    registration, version_no = _add_version(study, draft, at)
    # A window that was opened before this is stale: what it saves would be a change.
    draft.revision += 1
    draft.save(update_fields=["revision"])
    study.state = StudyState.PUBLISHED
    study.save(update_fields=["state"])
    # Over all registries: one that lists no site here may have its sites listed elsewhere.
    _locate(study, studies.effective_record(study).values, at)
    curation.flag_differences(study=study, by=by, at=at)
    index.refresh([study.pk])
    values = studies.current_record(registration)
    timeliness = records.timeliness(values["registered_dtc"], values.get("start_dtc", ""))
    audit.record(
        "registry.study.published",
        on=study,
        by=by,
        at=at,
        change={"version": version_no, "registration": timeliness.value},
    )
    outbox.write(STUDIES_CHANGED, {"study_ids": [study.pk]}, at=at)
    return timeliness


@audit.act
def discard_draft(*, draft: StudyDraft, by: Any, at: datetime, reason: str) -> None:
    """Give up a study that was never published; its trail stays.

    :raises PermissionDenied: unless the user may work on this study's draft
    :raises IllegalMove: if it was published
    :raises DraftRefused: if no reason is given
    """
    permissions.check_can_edit_draft(by, draft.study)
    if not reason.strip():
        raise DraftRefused("Say why, so that whoever looks for this study later knows.")
    study = Study.objects.select_for_update().get(pk=draft.study_id)
    states.check_move(records.MOVES, present=StudyState(study.state), to=StudyState.DISCARDED)
    study.state = StudyState.DISCARDED
    study.save(update_fields=["state"])
    index.refresh([study.pk])
    audit.record("registry.study.discarded", on=study, by=by, at=at, reason=reason)


@audit.act
def reopen_draft(*, draft: StudyDraft, by: Any, at: datetime) -> None:
    """Take up again a study that was given up, with all that was answered and typed.

    :raises PermissionDenied: unless the user may work on this study's draft
    :raises IllegalMove: unless it was given up
    """
    permissions.check_can_edit_draft(by, draft.study)
    study = Study.objects.select_for_update().get(pk=draft.study_id)
    states.check_move(records.MOVES, present=StudyState(study.state), to=StudyState.DRAFT)
    study.state = StudyState.DRAFT
    study.save(update_fields=["state"])
    index.refresh([study.pk])
    audit.record("registry.study.reopened", on=study, by=by, at=at)


def _locked(draft: StudyDraft) -> StudyDraft:
    # Of the draft alone: its study is locked by what moves it.
    rows = StudyDraft.objects.select_for_update(of=("self",)).select_related("study", "saved_by")
    return rows.get(pk=draft.pk)


def _check_stands_behind(by: Any, body: "Organisation") -> None:
    """Refuse whoever would register for an organisation where they hold no such role.

    :raises PermissionDenied: saying so
    """
    keeps = people_selectors.holds_anywhere(by, permissions.KEEPS_REGISTER)
    if not keeps and not people_selectors.holds(by, permissions.RUNS_STUDIES, body.scope_id):
        raise PermissionDenied(
            f"You hold no role at {body.name} by which studies are registered. Choose an"
            " organisation of your own."
        )


def _check_open(study: Study) -> None:
    if study.state not in (StudyState.DRAFT, StudyState.PUBLISHED):
        state = StudyState(study.state).label.lower()
        raise DraftRefused(f"{study.number} is {state}, so its draft can't be changed any more.")


def _check_revision(draft: StudyDraft, revision: int, by: Any) -> None:
    if draft.revision == revision:
        return
    published = Registration.objects.filter(study=draft.study_id, registry=index.OWN).first()
    if published is not None and published.changed_at >= draft.saved_at:
        raise PublishedMeanwhile(
            f"{draft.study.number} was published meanwhile, {_when(published.changed_at)}. Nothing"
            " of yours was saved: open a change."
        )
    when = _when(draft.saved_at)
    if draft.saved_by_id == by.pk:
        raise StaleOwnDraft(
            f"You saved this draft in another window {when}, after you opened this one. Nothing was"
            " saved over it."
        )
    raise StaleDraft(
        f"{draft.saved_by.get_full_name()} saved this draft {when}, after you opened it."
        " Nothing of yours was saved over it."
    )


def _when(at: datetime) -> str:
    return f"on {localtime(at):%d %b} at {localtime(at):%H:%M}"


def _check_doubts(draft: StudyDraft, *, is_checked: bool, at: datetime) -> None:
    found = drafts.doubts(draft, today=localdate(at))
    if found and not is_checked:
        raise DoubtsUnchecked("Tick this once you have looked at what is worth a second look.")


def _check(answers: Mapping[str, Any]) -> None:
    try:
        form.check_answers(form.sections(), answers)
    except form.AnswerFault as fault:
        raise DraftRefused(str(fault)) from fault


def _check_typed(typed: Mapping[str, Typed]) -> None:
    asked = {one.field: one for one in form.all_questions(form.sections())}
    for name, held in typed.items():
        if form.is_beyond_keeping(asked[name], held):
            raise DraftRefused(f"{asked[name].label}: too much was typed to be kept. Shorten it.")


def _add_version(study: Study, draft: StudyDraft, at: datetime) -> tuple[Registration, int]:
    registration = Registration.objects.filter(study=study, registry=index.OWN).first()
    record = from_json(drafts.as_record(draft, registration, today=localdate(at)))
    if registration is not None and not drafts.changes_since(registration, to_json(record)):
        raise DraftRefused(
            f"Nothing has changed since version {registration.version_no} was published, so there"
            " is nothing to publish."
        )
    made = digest(record)
    if registration is None:
        registration = Registration.objects.create(
            study=study,
            registry=index.OWN,
            registry_no=study.number,
            digest=made,
            first_seen_at=at,
            changed_at=at,
        )
    else:
        registration.version_no += 1
        registration.digest, registration.changed_at = made, at
        registration.save()
    RegistrationVersion.objects.create(
        registration=registration,
        version_no=registration.version_no,
        record=to_json(record),
        digest=made,
        seen_at=at,
        source="by hand",
    )
    CrossReference.objects.filter(registration=registration).delete()
    CrossReference.objects.bulk_create(
        CrossReference(registration=registration, registry=c.registry, registry_no=c.registry_no)
        for c in record.cross_ids
    )
    return registration, registration.version_no


def _locate(study: Study, answers: Mapping[str, Any], at: datetime) -> None:
    places.place_studies([places.Located(study=study, values=dict(answers))], at=at)
