"""Imports, what they refused, and which studies they touched. For those who keep the register."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Func, Max, Min, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.http import Http404
from django.shortcuts import get_object_or_404

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.models import ImportRun, RefusedRecord, RegistrationVersion
from tembusu.coordination.registry.rules.runs import is_left
from tembusu.coordination.registry.terms import RunState
from tembusu.foundation.core import locks
from tembusu.foundation.core import selectors as core
from tembusu.foundation.core.terms import JobState
from tembusu.foundation.people import selectors as people

if TYPE_CHECKING:
    from tembusu.foundation.core.models import Job, StoredFile

MOST_REASONS = 30
# A value as a reason quotes it: 'XX0' is no NCT number.
QUOTED = r"'[^\n]*?'(?=[ ,;:.)\n]|$)"
FEW = 3  # records of one reason, which are shown one by one
MOST_LOOKED_UP = 1000  # refused records of one import that are looked up one by one
RUN_LOCK = 728_361  # with a run's number: the advisory lock of whoever is at work on it


@dataclass(frozen=True, slots=True)
class Shared:
    """A reason that several refused records share, but for the values that it quotes.

    :ivar alike: the reason without those values
    :ivar text: the reason, with the value where all have the same
    :ivar first: the first of the records
    :ivar is_same: all have the same value
    """

    alike: str
    text: str
    n: int
    first: int
    is_same: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """An import and how it stands: its job knows best while it is not at its end.

    :ivar is_interrupted: it broke off without a word, and has to be started again
    :ivar is_queued: it broke off so, and waits for a worker that takes it up
    """

    run: ImportRun
    job: "Job | None"
    is_interrupted: bool = False
    is_queued: bool = False


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


def standing_of(run: ImportRun) -> Standing:
    """Return how an import stands now."""
    return standings_of([run])[0]


def standings_of(runs: Iterable[ImportRun]) -> list[Standing]:
    """Return how imports stand now, in their order."""
    found = [(run, None if run.state == RunState.DONE else job_of(run)) for run in runs]
    # Asked after the states: whoever set them held the lock before.
    held = _held_among(found)
    return [_standing(run, job, run.pk in held) for run, job in found]


def _standing(run: ImportRun, job: "Job | None", is_held: bool) -> Standing:
    if not _is_left(run, job, is_held):
        return Standing(run, job)
    # It may have come to its end since it was read.
    run.refresh_from_db()
    job = job_of(run)
    if not _is_left(run, job, is_held):
        return Standing(run, job)
    is_queued = job is not None and core.is_queued(job)
    return Standing(run, job, is_interrupted=not is_queued, is_queued=is_queued)


def _is_left(run: ImportRun, job: "Job | None", is_held: bool) -> bool:
    job_state = JobState(job.state) if job is not None else None
    return is_left(run=RunState(run.state), job=job_state, is_held=is_held)


def _held_among(found: Sequence[tuple[ImportRun, "Job | None"]]) -> set[int]:
    """Return which of the imports somebody is at work on: on itself, or on its job."""
    running = [(run, job) for run, job in found if run.state == RunState.RUNNING]
    runs = locks.held_among(RUN_LOCK, [run.pk for run, _ in running])
    jobs = core.jobs_at_work([job.pk for _, job in running if job is not None])
    return {run.pk for run, job in running if run.pk in runs or (job and job.pk in jobs)}


def list_interrupted() -> list[ImportRun]:
    """Return the imports that broke off without a word, for whoever keeps the deployment."""
    running = ImportRun.objects.filter(state=RunState.RUNNING).order_by("pk")
    return [one.run for one in standings_of(running) if one.is_interrupted]


def list_refused(run: ImportRun) -> QuerySet[RefusedRecord]:
    """Return what an import could not take, not ordered."""
    return RefusedRecord.objects.filter(run=run)


def shared_reasons(run: ImportRun) -> list[Shared]:
    """Return the reasons for which several records were refused, the most frequent first."""
    rows = _with_alike(run).order_by().values_list("alike")
    counted = rows.annotate(n=Count("pk"), first=Min("pk"), low=Min("reason"), high=Max("reason"))
    shared = counted.filter(n__gt=FEW).order_by("-n", "first")[:MOST_REASONS]
    return [
        Shared(alike, low if low == high else alike, n, first, is_same=low == high)
        for alike, n, first, low, high in shared
    ]


def list_refused_for(run: ImportRun, shared: Shared) -> QuerySet[RefusedRecord]:
    """Return the records that were refused for one reason, not ordered."""
    return _with_alike(run).filter(alike=shared.alike)


def list_refused_otherwise(run: ImportRun, shared: Sequence[Shared]) -> QuerySet[RefusedRecord]:
    """Return the records that were refused for none of some reasons, not ordered."""
    return _with_alike(run).exclude(alike__in=[one.alike for one in shared])


def _with_alike(run: ImportRun) -> QuerySet[Any]:
    alike = Func(F("reason"), Value(QUOTED), Value("'…'"), Value("g"), function="regexp_replace")
    return list_refused(run).annotate(alike=Cast(alike, output_field=TextField()))


def taken_later(refused: Sequence[RefusedRecord]) -> dict[int, int]:
    """Return for refused records, by id, the first later import that took a record of that number."""
    numbers = {one.registry_no for one in refused if one.registry_no}
    if not numbers:
        return {}
    found = RegistrationVersion.objects.filter(
        registration__registry_no__in=numbers, run_id__gt=min(one.run_id for one in refused)
    ).order_by("-run_id")
    runs: dict[str, list[int]] = {}
    for number, run_id in found.values_list("registration__registry_no", "run_id"):
        if run_id is not None:
            runs.setdefault(number, []).append(run_id)
    later = {
        one.pk: [run for run in runs.get(one.registry_no, ()) if run > one.run_id]
        for one in refused
    }
    return {pk: found[-1] for pk, found in later.items() if found}


def count_mended(runs: Iterable[ImportRun]) -> dict[int, int]:
    """Return how many refused records of each import a later one took; of those that refused few."""
    few = [run.pk for run in runs if 0 < run.counts.get("rejected", 0) <= MOST_LOOKED_UP]
    refused = list(RefusedRecord.objects.filter(run__in=few).defer("reason", "source"))
    taken = taken_later(refused)
    return Counter(one.run_id for one in refused if one.pk in taken)


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
