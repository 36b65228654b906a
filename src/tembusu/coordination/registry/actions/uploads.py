"""Imports from a screen or a program: files are kept, a job reads them, the refused is kept too.

The run is there from the moment the files are: whoever sent them sees it wait, run and end. A job
lays its files out under their own names in a folder of its own, always the same one, so that an
interrupted import goes on where it stopped.
"""

import re
import shutil
import tempfile
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from django.conf import settings

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.actions import runs
from tembusu.coordination.registry.models import ImportRun
from tembusu.coordination.registry.selectors.runs import standing_of
from tembusu.coordination.registry.terms import ImportCounts
from tembusu.foundation.core import audit, files, jobs, selectors
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.core.terms import FileRules, JobState
from trialformats.refusals import REASONS

if TYPE_CHECKING:
    from tembusu.foundation.core.models import Job

KIND = "registry.import"
MOST_FILES = 50
MEDIA_TYPES = frozenset(
    {
        "application/json",
        "application/xml",
        "text/csv",
        "text/plain",
        "application/gzip",
        "application/zip",
        "application/x-tar",
    }
)


class UploadRefused(Refusal):
    """Files that cannot be imported so."""


@audit.act
def start_import(*, sent: Sequence[tuple[BinaryIO, str]], by: Any, at: datetime) -> ImportRun:
    """Keep the files and queue a job that imports them.

    :param sent: (open file, its name) for each
    :raises PermissionDenied: unless the user keeps the register
    :raises FileRefused: if a file is empty, too large or of a type that holds no records
    :raises UploadRefused: if there is no file, or there are too many
    """
    permissions.check_can_import(by)
    if not sent:
        raise UploadRefused("Choose at least one file.")
    if len(sent) > MOST_FILES:
        raise UploadRefused(f"Send at most {MOST_FILES} files at once; an archive counts as one.")
    accepted = FileRules(MEDIA_TYPES, settings.UPLOAD_LIMIT)
    names = plain_names([name for _, name in sent])
    kept = [
        {
            "sha256": files.store(source, name=name, accepted=accepted, by=by, at=at).sha256,
            "name": name,
        }
        for (source, _), name in zip(sent, names, strict=True)
    ]
    label = ", ".join(names)[:300]
    title = f"Import of {label}"[:200]
    job = jobs.start(KIND, title=title, arguments={"files": kept}, by=by, at=at)
    run = ImportRun.objects.create(
        label=label,
        paths=[{"name": one["name"], "files": one["sha256"]} for one in kept],
        job_id=job.pk,
        started_by=by,
        started_at=at,
        counts=ImportCounts().as_json(),
    )
    audit.record("registry.import.requested", on=run, by=by, at=at, change={"files": names})
    return run


def plain_names(names: Sequence[str]) -> list[str]:
    """Return file names that are safe in a folder, each once: 'a.json', 'a (2).json'."""
    made: list[str] = []
    for name in names:
        text = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
        text = re.sub(r"[\x00-\x1f\x7f/]+", "", text).lstrip(".").strip()[-120:] or "records"
        path, no, found = Path(text), 1, text
        while found in made:
            no += 1
            found = f"{path.stem} ({no}){path.suffix}"
        made.append(found)
    return made


def folder_of(job_id: int) -> Path:
    return Path(settings.FILES_ROOT).parent / "imports" / str(job_id)


def paths_of(job_id: int, arguments: Mapping[str, Any]) -> list[Path]:
    return [folder_of(job_id) / "files" / one["name"] for one in arguments["files"]]


def lay_out(job: "Job") -> list[Path]:
    """Put a job's files under their own names into its folder and return where they lie."""
    paths = paths_of(job.pk, job.arguments)
    for path, one in zip(paths, job.arguments["files"], strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.unlink(missing_ok=True)
            path.symlink_to(files.path_of(one["sha256"]).resolve())
    return paths


def refused_folder(job_id: int) -> Path:
    """Return the folder for what a job refuses, in each of its attempts."""
    return folder_of(job_id) / "refused"


@audit.act
def keep_refused(*, run: ImportRun, by: Any, at: datetime) -> str:
    """Keep the refused records of a run as one archive, with their reasons, to be mended and sent
    again.

    :return: the file's SHA-256, '' where nothing was refused or nothing of it was left to keep
    """
    above = refused_folder(run.job_id or 0)
    found = [path for path in sorted(above.rglob("*")) if path.is_file()]
    if all(path.name == REASONS for path in found):
        return ""
    with tempfile.TemporaryFile() as packed:
        _pack(found, above, packed)
        packed.seek(0)
        limit = FileRules(frozenset({"application/zip"}), max(settings.UPLOAD_LIMIT, 2**40))
        stored = files.store(packed, name="refused.zip", accepted=limit, by=by, at=at)
    ImportRun.objects.filter(pk=run.pk).update(refused_file=stored.sha256)
    audit.record(
        "registry.import.refused_kept",
        on=run,
        by=by,
        at=at,
        change={"file": "refused.zip", "n_files": len(found)},
    )
    return stored.sha256


def _pack(found: Sequence[Path], above: Path, into: Any) -> None:
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in found:
            # A fixed date, so that the same content is the same file.
            entry = zipfile.ZipInfo(path.relative_to(above).as_posix(), (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            with path.open("rb") as source, archive.open(entry, "w") as member:
                shutil.copyfileobj(source, member)


def clear(job_id: int) -> None:
    """Remove a job's folder once its run has ended; the stored files stay."""
    shutil.rmtree(folder_of(job_id), ignore_errors=True)


@audit.act
def cancel_import(*, run: ImportRun, by: Any, at: datetime) -> ImportRun:
    """Ask an import to stop; what it took stays, and it can go on later.

    :raises PermissionDenied: unless the user keeps the register
    :raises IllegalMove: if its job has ended
    :raises UploadRefused: if it was not started from a screen
    """
    permissions.check_can_import(by)
    job = _job(run)
    job = jobs.cancel(job=job, by=by, at=at)
    if job.state == JobState.CANCELLED:
        return runs.stop_run(run=run, by=by, at=at)
    return run


@audit.act
def resume_import(*, run: ImportRun, by: Any, at: datetime) -> ImportRun:
    """Let an import that was cancelled, failed or was interrupted go on where it stopped.

    :raises PermissionDenied: unless the user keeps the register
    :raises IllegalMove: if it is done, or its job waits or is at work
    :raises UploadRefused: if it was not started from a screen
    """
    permissions.check_can_import(by)
    job = _job(run)
    run = runs.ask_to_resume(run=run, by=by, at=at)
    requeue = jobs.take_up_again if standing_of(run).is_interrupted else jobs.retry
    requeue(job=job, by=by, at=at)
    return run


def _job(run: ImportRun) -> "Job":
    job = selectors.job_by_id(run.job_id)
    if job is None:
        raise UploadRefused(
            "This import was started from the command line. Stop it and start it again there:"
            " the same command resumes it."
        )
    return job
