"""Imports for programs: send records, see what became of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, BinaryIO

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import P, PathEx, Router, Schema, Status
from ninja.errors import HttpError

from tembusu.coordination.registry.actions import uploads
from tembusu.coordination.registry.api.calls import IMPORTS, READS
from tembusu.coordination.registry.models import ImportRun
from tembusu.coordination.registry.selectors import runs
from tembusu.coordination.registry.terms import RunState
from tembusu.foundation.people.api import LARGEST_ID, REFUSALS, Problem, TokenAuth
from tembusu.foundation.people.terms import TokenScope

router = Router()
REFUSED_SHOWN = 100
ImportId = PathEx[
    int, P(ge=1, le=LARGEST_ID, description="`id` of the import, as sending it answered")
]


class RefusedShown(Schema):
    source: str
    position: int
    registry_no: str
    reason: str


class ImportShown(Schema):
    """An import and what became of its records. ``refused`` holds the first of them.

    ``is_interrupted``: whoever worked on it ended without a word, and it has to be started again.
    """

    id: int
    job: int | None
    state: RunState
    is_interrupted: bool
    job_state: str
    label: str
    started_at: datetime
    finished_at: datetime | None
    counts: dict[str, int]
    refused: list[RefusedShown]
    page: str


SENT: Mapping[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "Files as `files` of a form, or JSON records as the body itself.",
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {"type": "array", "items": {"type": "string", "format": "binary"}}
                    },
                }
            },
            "application/json": {
                "schema": {
                    "description": "A ClinicalTrials.gov API v2 study, a list of them, or a page",
                    "oneOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}],
                }
            },
        },
    }
}


@router.post(
    "/imports",
    response={202: ImportShown, 400: Problem, 413: Problem, 415: Problem, **REFUSALS},
    auth=TokenAuth(TokenScope.IMPORTS_WRITE),
    throttle=IMPORTS,
    operation_id="start_import",
    summary="Send records",
    openapi_extra=dict(SENT),
)
def start_import(request: HttpRequest) -> Any:
    person: Any = request.user
    run = uploads.start_import(sent=list(sent_by(request)), by=person, at=timezone.now())
    return Status(202, import_of(run))


def sent_by(request: HttpRequest) -> Iterable[tuple[BinaryIO, str]]:
    """Yield the files of a request, as (open file, name).

    :raises HttpError: 415 where it is neither a form nor JSON
    """
    if request.content_type == "multipart/form-data":
        for one in request.FILES.getlist("files"):
            yield one.file, one.name or "records"  # type: ignore[misc]
    elif request.content_type == "application/json":
        # Read as it comes: a large body is stored piece by piece, not held in memory.
        body: Any = request
        yield body, "records.json"
    else:
        raise HttpError(415, "Send a form with files, or JSON.")


@router.get(
    "/imports/{import_id}",
    response={200: ImportShown, 404: Problem, **REFUSALS},
    auth=TokenAuth(TokenScope.IMPORTS_READ),
    throttle=READS,
    operation_id="get_import",
    summary="See what became of an import",
)
def get_import(request: HttpRequest, import_id: ImportId) -> Any:
    return import_of(runs.get_run(request.user, import_id))


def import_of(run: ImportRun) -> dict[str, Any]:
    job, standing = runs.job_of(run), runs.standing_of(run)
    refused = runs.list_refused(run).order_by("pk")[:REFUSED_SHOWN]
    return {
        "id": run.pk,
        "job": run.job_id,
        "state": run.state,
        "is_interrupted": standing.is_interrupted,
        "job_state": job.state if job else "",
        "label": run.label,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "counts": run.counts,
        "refused": [
            {
                "source": one.source,
                "position": one.position,
                "registry_no": one.registry_no,
                "reason": one.reason,
            }
            for one in refused
        ],
        "page": reverse("registry:import", args=[run.pk]),
    }
