"""Imports, what they refused, and which studies they touched. For those who keep the register."""

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.models import ImportRun, RefusedRecord, RegistrationVersion
from tembusu.foundation.core import selectors as core
from tembusu.foundation.people import selectors as people

if TYPE_CHECKING:
    from tembusu.foundation.core.models import Job, StoredFile


def check_sees_imports(user: Any) -> None:
    """Imports exist only for those who may run them.

    :raises Http404: for everybody else
    """
    if not people.may(user, permissions.IMPORT_STUDIES):
        raise Http404("No page here.")


def list_runs(user: Any) -> QuerySet[ImportRun]:
    """Return the imports, newest first; none to those who may not import."""
    runs = ImportRun.objects.select_related("started_by")
    return runs if people.may(user, permissions.IMPORT_STUDIES) else runs.none()


def get_run(user: Any, pk: int) -> ImportRun:
    """Return one import, or 404."""
    return get_object_or_404(list_runs(user), pk=pk)


def job_of(run: ImportRun) -> "Job | None":
    """Return the job behind an import, None for one of the command line."""
    return core.job_by_id(run.job_id)


def list_refused(run: ImportRun) -> QuerySet[RefusedRecord]:
    """Return what an import could not take, not ordered."""
    return RefusedRecord.objects.filter(run=run)


def refused_file(run: ImportRun) -> "StoredFile | None":
    """Return the file of refused records to mend, if anything was left to keep."""
    return core.file_by_sha256(run.refused_file)


def list_touched(run: ImportRun) -> QuerySet[RegistrationVersion]:
    """Return the versions that an import wrote, without their records, not ordered."""
    return (
        RegistrationVersion.objects.filter(run=run)
        .defer("record")
        .select_related("registration__study", "registration__study__index")
        .defer("record", "registration__study__index__document")
    )
