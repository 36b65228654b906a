"""The applicant's side: a package is begun, filled, sent, and withdrawn."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, BinaryIO

from django.db import connection
from django.db.models import Max
from django.utils.timezone import localdate

from tembusu.coordination.registry.selectors import sites as registry_sites
from tembusu.coordination.submissions import permissions
from tembusu.coordination.submissions.actions import moving
from tembusu.coordination.submissions.models import (
    DocumentVersion,
    Occurrence,
    Submission,
    SubmissionDocument,
    SubmissionSite,
    SubmissionSponsor,
)
from tembusu.coordination.submissions.rules import amendments, checklist
from tembusu.coordination.submissions.rules.moves import SubmissionRefused
from tembusu.coordination.submissions.selectors import bodies, packages
from tembusu.coordination.submissions.terms import (
    AskedFor,
    Happening,
    Package,
    Source,
    SubmissionKind,
    SubmissionState,
)
from tembusu.foundation.core import audit, files
from tembusu.foundation.core.terms import FileRules

DOCUMENTS = FileRules(
    media_types=frozenset(
        {
            "application/pdf",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.oasis.opendocument.text",
            "text/plain",
            "text/csv",
            "image/png",
            "image/jpeg",
        }
    ),
    max_bytes=50 * 1024 * 1024,
)


@audit.act
def start_submission(
    *,
    study: Any,
    package: Package,
    documents: Sequence[AskedFor],
    by: Any,
    at: datetime,
    earlier: Submission | None = None,
) -> Submission:
    """Begin a submission of a study to a body, with the checklist that the body asks for.

    :param study: the registry's study
    :param documents: what the body asks for, as the jurisdiction pack lists it
    :param earlier: what was approved, where this follows it
    :raises PermissionDenied: unless the user prepares submissions of this study
    :raises SubmissionRefused: if the body is unknown, or sites, sponsors or the investigator do not fit
    """
    sites = list(registry_sites.list_sites(study))
    permissions.check_for(by, permissions.PREPARE, packages.scopes_of_study(study, sites))
    body = bodies.known_body(package.body_id)
    checklist.check_covers(
        site_ids=package.site_ids,
        of_study={one.pk for one in sites},
        per_investigator=package.per_investigator,
        investigator=package.investigator_name,
    )
    _check_follows(package.kind, study, earlier)
    pk = _next_id()
    submission = Submission.objects.create(
        pk=pk,
        number=f"SUB-{pk:06}",
        study=study,
        body=body,
        kind=package.kind,
        obligation=package.obligation,
        label=package.label,
        clock_key=package.clock_key,
        system=bodies.system_of(body, on=localdate(at)),
        earlier=earlier,
        principal_investigator_id=package.investigator_id,
        investigator_name=package.investigator_name.strip(),
        note=package.note,
        started_by=by,
        started_at=at,
        changed_at=at,
    )
    _set_sites(submission, package.site_ids)
    _set_sponsors(submission, package.sponsor_ids, package.lead_id)
    _set_checklist(submission, documents)
    _started(submission, by, at)
    return submission


def _check_follows(kind: SubmissionKind, study: Any, earlier: Submission | None) -> None:
    if earlier is not None and earlier.study_id != study.pk:
        raise SubmissionRefused(f"{earlier.number} is of another study. Choose one of this study.")
    checklist.check_follows(
        kind,
        has_earlier=earlier is not None,
        is_approved=earlier is not None and packages.is_approved(earlier),
    )


def _next_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('submissions_submission', 'id'))")
        return int(cursor.fetchone()[0])


def _started(submission: Submission, by: Any, at: datetime) -> None:
    Occurrence.objects.create(
        submission=submission,
        what=Happening.STARTED,
        happened_on=localdate(at),
        recorded_at=at,
        recorded_by=by,
        source=Source.HERE,
    )
    audit.record(
        "submissions.submission.started",
        on=[audit.ref(submission), audit.ref(submission.study)],
        by=by,
        at=at,
        change={
            "body": submission.body.name,
            "kind": str(submission.kind),
            "obligation": submission.obligation,
        },
    )


def _set_sites(submission: Submission, site_ids: Collection[int]) -> None:
    submission.sites.exclude(study_site_id__in=site_ids).delete()
    held = set(submission.sites.values_list("study_site_id", flat=True))
    SubmissionSite.objects.bulk_create(
        SubmissionSite(submission=submission, study_site_id=pk) for pk in sorted({*site_ids} - held)
    )


def _set_sponsors(submission: Submission, sponsor_ids: Sequence[int], lead_id: int | None) -> None:
    ids = list(dict.fromkeys(sponsor_ids))
    lead = lead_id if lead_id is not None else (ids[0] if len(ids) == 1 else None)
    bodies.check_known(ids)
    submission.sponsors.all().delete()
    SubmissionSponsor.objects.bulk_create(
        SubmissionSponsor(submission=submission, organisation_id=pk, is_lead=pk == lead)
        for pk in ids
    )


def _set_checklist(submission: Submission, documents: Sequence[AskedFor]) -> None:
    SubmissionDocument.objects.bulk_create(
        SubmissionDocument(
            submission=submission,
            key=one.key,
            label=one.label[:200],
            is_required=one.is_required,
            source=one.source,
            position=position,
        )
        for position, one in enumerate(documents, start=1)
    )


@audit.act
def change_package(
    *,
    submission: Submission,
    site_ids: Sequence[int],
    sponsor_ids: Sequence[int],
    lead_id: int | None,
    investigator_name: str,
    reference_no: str,
    note: str,
    by: Any,
    at: datetime,
) -> Submission:
    """Change what a draft covers and who stands behind it.

    :raises PermissionDenied: unless the user prepares submissions of this study
    :raises SubmissionRefused: unless it is a draft, or what is given does not fit
    """
    permissions.check_applicant(by, permissions.PREPARE, submission)
    submission = moving.locked(submission)
    _check_draft(submission)
    sites = registry_sites.list_sites(submission.study)
    checklist.check_covers(
        site_ids=site_ids,
        of_study={one.pk for one in sites},
        per_investigator=bool(submission.investigator_name),
        investigator=investigator_name,
    )
    _set_sites(submission, site_ids)
    _set_sponsors(submission, sponsor_ids, lead_id)
    submission.investigator_name = investigator_name.strip()
    submission.reference_no = reference_no.strip()
    submission.note, submission.changed_at = note, at
    _check_reference(submission)
    submission.save()
    audit.record("submissions.submission.changed", on=submission, by=by, at=at)
    return submission


def _check_reference(submission: Submission) -> None:
    if not submission.reference_no:
        return
    rows = Submission.objects.filter(
        body_id=submission.body_id, reference_no=submission.reference_no
    ).exclude(pk=submission.pk)
    if rows.exists():
        raise SubmissionRefused(
            f"{submission.reference_no} is the number of another submission to "
            f"{submission.body.name}. Look at the body’s letter again."
        )


def _check_draft(submission: Submission) -> None:
    if submission.state != SubmissionState.DRAFT:
        says = SubmissionState(submission.state).says
        raise SubmissionRefused(
            f"{submission.number} {says}: what was sent is not changed any more. "
            "Answer the body’s queries, or send an amendment."
        )


@audit.act
def classify_amendment(
    *,
    submission: Submission,
    is_substantial: bool | None,
    reasons: Sequence[str],
    why: str,
    is_urgent_safety: bool,
    by: Any,
    at: datetime,
) -> Submission:
    """Say whether an amendment is substantial, and why.

    :param reasons: keys of the pack's criteria that are met
    :raises PermissionDenied: unless the user prepares submissions of this study
    :raises AmendmentRefused: if the class or its reasons are missing or contradict each other
    """
    permissions.check_applicant(by, permissions.PREPARE, submission)
    submission = moving.locked(submission)
    if submission.kind != SubmissionKind.AMENDMENT:
        raise amendments.AmendmentRefused("Only amendments are classed as substantial or not.")
    _check_draft(submission)
    amendments.check_reasoned(is_substantial=is_substantial, reasons=reasons, why=why)
    before = submission.is_substantial
    submission.is_substantial = is_substantial
    submission.amendment_reasons = list(reasons)
    submission.amendment_why, submission.is_urgent_safety = why.strip(), is_urgent_safety
    submission.changed_at = at
    submission.save()
    audit.record(
        "submissions.submission.classified",
        on=submission,
        by=by,
        at=at,
        change={"is_substantial": [before, is_substantial], "reasons": list(reasons)},
        reason=why,
    )
    return submission


@audit.act
def add_document(
    *,
    submission: Submission,
    key: str,
    label: str,
    source: BinaryIO,
    name: str,
    version_label: str,
    version_date: date,
    note: str,
    by: Any,
    at: datetime,
) -> DocumentVersion:
    """Add a version of a document; earlier versions stay as they are.

    While a body waits for an answer, documents may be added as part of it.

    :param key: of the checklist's line; '' for a document that the checklist does not name
    :raises PermissionDenied: unless the user prepares submissions of this study
    :raises FileRefused: if the file is empty, too large or of a kind that is not taken
    :raises SubmissionRefused: if nothing is being prepared, or the version is there already
    """
    permissions.check_applicant(by, permissions.PREPARE, submission)
    submission = moving.locked(submission)
    if submission.state not in (SubmissionState.DRAFT, SubmissionState.QUERIED):
        _check_draft(submission)
    document = _line(submission, key, label)
    if not version_label.strip():
        raise SubmissionRefused("Say which version this is, as the document itself says: 2.1.")
    if version_date > localdate(at):
        raise SubmissionRefused(
            "The version’s date lies in the future. Give the document’s own date."
        )
    stored = files.store(source, name=name, accepted=DOCUMENTS, by=by, at=at)
    newest = document.versions.order_by("-version_no").first()
    if newest is not None and newest.file_id == stored.sha256:
        raise SubmissionRefused(
            f"This is the same file as version {newest.version_label}: its content has not changed."
        )
    version = DocumentVersion.objects.create(
        document=document,
        version_no=(newest.version_no if newest else 0) + 1,
        version_label=version_label.strip(),
        version_date=version_date,
        file=stored,
        name=name[:255],
        note=note,
        added_by=by,
        added_at=at,
    )
    audit.record(
        "submissions.document.added",
        on=submission,
        by=by,
        at=at,
        change={
            "document": document.label,
            "version": version.version_label,
            "sha256": stored.sha256,
        },
        reason=note,
    )
    return version


def _line(submission: Submission, key: str, label: str) -> SubmissionDocument:
    """Return the checklist's line, or add one for a document that it does not name."""
    if key:
        found = submission.documents.filter(key=key).first()
        if found is None:
            raise SubmissionRefused("The checklist has no such line any more. Reload the page.")
        if found.not_applicable_reason:
            found.not_applicable_reason = ""
            found.save(update_fields=["not_applicable_reason"])
        return found
    if not label.strip():
        raise SubmissionRefused("Give the document a name by which the body finds it.")
    last = submission.documents.aggregate(last=Max("position"))["last"] or 0
    return SubmissionDocument.objects.create(
        submission=submission,
        key=f"added-{last + 1}",
        label=label.strip()[:200],
        position=last + 1,
    )


@audit.act
def set_aside_document(
    *, submission: Submission, key: str, reason: str, by: Any, at: datetime
) -> SubmissionDocument:
    """Say that a document of the checklist does not apply, and why.

    :raises PermissionDenied: unless the user prepares submissions of this study
    :raises SubmissionRefused: if it is no draft, no reason is given, or versions are there
    """
    permissions.check_applicant(by, permissions.PREPARE, submission)
    submission = moving.locked(submission)
    _check_draft(submission)
    document = _line(submission, key, "") if key else None
    if document is None:
        raise SubmissionRefused("Choose a line of the checklist.")
    if not reason.strip():
        raise SubmissionRefused("Say why the document does not apply; the body will read it.")
    if document.versions.exists():
        raise SubmissionRefused(f"{document.label} is there already, so it applies.")
    document.not_applicable_reason = reason.strip()
    document.save(update_fields=["not_applicable_reason"])
    audit.record(
        "submissions.document.set_aside",
        on=submission,
        by=by,
        at=at,
        change={"document": document.label},
        reason=reason,
    )
    return document


@audit.act
def submit_submission(
    *, submission: Submission, on: date, by: Any, at: datetime, reference_no: str = ""
) -> Submission:
    """Send a package to its body, or say on which day it was sent in the body's own system.

    :param on: the day on which it was sent
    :param reference_no: the number that the body's own system gave it
    :raises PermissionDenied: unless the user may send submissions of this study
    :raises IncompleteRefused: naming the documents that are missing
    :raises SubmissionRefused: if sponsors or an amendment's class are missing, or it was sent already
    """
    permissions.check_applicant(by, permissions.SUBMIT, submission)
    submission = moving.locked(submission)
    moving.check_to(submission, SubmissionState.SUBMITTED)
    _check_sendable(submission)
    submission.submitted_date, submission.was_sent = on, True
    if reference_no.strip():
        submission.reference_no = reference_no.strip()
        _check_reference(submission)
    moving.check_on(on, moving.dates_of(submission), at)
    return moving.moved(
        submission,
        SubmissionState.SUBMITTED,
        Happening.SUBMITTED,
        on=on,
        by=by,
        at=at,
        source=Source.BY_HAND if submission.system else Source.HERE,
    )


def _check_sendable(submission: Submission) -> None:
    sponsors = list(submission.sponsors.values_list("is_lead", flat=True))
    checklist.check_sponsors(n_sponsors=len(sponsors), n_leads=sum(sponsors))
    checklist.check_complete(packages.checklist_lines(submission))
    if submission.kind == SubmissionKind.AMENDMENT:
        amendments.check_reasoned(
            is_substantial=submission.is_substantial,
            reasons=submission.amendment_reasons,
            why=submission.amendment_why,
        )


@audit.act
def withdraw_submission(
    *, submission: Submission, reason: str, on: date, by: Any, at: datetime
) -> Submission:
    """Take a submission back before it is decided, with a reason.

    :raises PermissionDenied: unless the user may send or withdraw submissions of this study
    :raises SubmissionRefused: if no reason is given, it is decided, or the dates contradict
    """
    permissions.check_applicant(by, permissions.SUBMIT, submission)
    submission = moving.locked(submission)
    moving.check_to(submission, SubmissionState.WITHDRAWN)
    if not reason.strip():
        raise SubmissionRefused("Say why it is withdrawn; the body and the trail will show it.")
    submission.withdrawn_date, submission.withdrawn_reason = on, reason.strip()
    moving.check_on(on, moving.dates_of(submission), at)
    return moving.moved(
        submission,
        SubmissionState.WITHDRAWN,
        Happening.WITHDRAWN,
        on=on,
        by=by,
        at=at,
        source=Source.BY_HAND if submission.system else Source.HERE,
        note=reason.strip(),
    )
