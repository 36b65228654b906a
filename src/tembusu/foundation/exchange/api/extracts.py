"""Extracts for programs: sent without a preview, mapped as they were last or by the columns' names."""

from datetime import datetime
from typing import Any

from django.http import FileResponse, Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Field, File, Form, P, PathEx, Router, Schema, Status
from ninja.files import UploadedFile

from tembusu.foundation.core import files
from tembusu.foundation.core import selectors as core
from tembusu.foundation.exchange import actions
from tembusu.foundation.exchange.models import Extract
from tembusu.foundation.exchange.selectors import extracts as selectors
from tembusu.foundation.exchange.terms import ExtractState, VerdictKind
from tembusu.foundation.people.api import (
    LARGEST_ID,
    REFUSALS,
    Problem,
    TokenAuth,
    TokenThrottle,
)
from tembusu.foundation.people.terms import TokenScope

router = Router()
SENDS = TokenThrottle("20/m", "exchange-send")
READS = TokenThrottle("300/m", "exchange-read")
REFUSED_SHOWN = 500
ExtractId = PathEx[
    int, P(ge=1, le=LARGEST_ID, description="`id` of the extract, as sending it answered")
]
Key = PathEx[str, P(max_length=100, description="The purpose, such as `submissions.decisions`")]


class RefusedRowShown(Schema):
    """A row that was not taken. ``line`` is its row in the file, the header usually being row 1."""

    line: int
    about: str
    reasons: list[str]


class ExtractShown(Schema):
    """An extract and what became of its rows. ``rows`` is the sum of ``outcomes`` once it is done."""

    id: int
    job: int | None
    purpose: str
    state: ExtractState
    sent_at: datetime
    finished_at: datetime | None
    rows: int
    outcomes: dict[str, int] = Field(description="How many rows were new, changed, same, refused")
    refused: list[RefusedRowShown] = Field(description=f"The first {REFUSED_SHOWN} refused rows")
    refused_file: str = Field(description="Where the refused rows lie as they were sent, or empty")
    page: str


# Before the one that takes a name, for a number is a name too.
@router.get(
    "/extracts/{int:extract_id}",
    response={200: ExtractShown, 404: Problem, **REFUSALS},
    auth=TokenAuth(TokenScope.EXTRACTS_WRITE),
    throttle=READS,
    operation_id="get_extract",
    summary="See what became of an extract",
)
def get_extract(request: HttpRequest, extract_id: ExtractId) -> Any:
    return extract_of(selectors.get_extract(request.user, extract_id))


@router.get(
    "/extracts/{int:extract_id}/refused",
    response={200: None, 404: Problem, **REFUSALS},
    auth=TokenAuth(TokenScope.EXTRACTS_WRITE),
    throttle=READS,
    operation_id="get_refused_rows",
    summary="Fetch the refused rows as they were sent, to be mended",
)
def get_refused(request: HttpRequest, extract_id: ExtractId) -> Any:
    extract = selectors.get_extract(request.user, extract_id)
    kept = core.file_by_sha256(extract.refused_file)
    if kept is None:
        raise Http404
    suffix = selectors.manner_of(extract).kind.value
    return FileResponse(
        files.path_of(kept.sha256).open("rb"),
        as_attachment=True,
        filename=f"refused-{extract.pk}.{suffix}",
        content_type=kept.media_type,
    )


@router.post(
    "/extracts/{key}",
    response={202: ExtractShown, 400: Problem, 404: Problem, 413: Problem, **REFUSALS},
    auth=TokenAuth(TokenScope.EXTRACTS_WRITE),
    throttle=SENDS,
    operation_id="send_extract",
    summary="Send an extract",
)
def send_extract(
    request: HttpRequest,
    key: Key,
    file: File[UploadedFile],
    organisation: Form[int | None] = None,
) -> Any:
    """Take a CSV or an XLSX, without a preview. Send it again as often as you like: nothing doubles."""
    extract = actions.send_at_once(
        purpose=selectors.get_purpose(request.user, key),
        source=file.file,  # type: ignore[arg-type]
        name=file.name or "extract",
        organisation_id=organisation,
        by=request.user,
        at=timezone.now(),
    )
    return Status(202, extract_of(extract))


def extract_of(extract: Extract) -> dict[str, Any]:
    refused = selectors.list_rows(extract).filter(outcome=VerdictKind.REFUSED).order_by("line")
    return {
        "id": extract.pk,
        "job": extract.job_id,
        "purpose": extract.purpose,
        "state": extract.state,
        "sent_at": extract.sent_at,
        "finished_at": extract.finished_at,
        "rows": extract.n_rows,
        "outcomes": {
            name.removeprefix("taken."): n
            for name, n in extract.counts.items()
            if name.startswith("taken.")
        },
        "refused": [
            {"line": row.line, "about": row.what, "reasons": row.outcome_reason.splitlines()}
            for row in refused[:REFUSED_SHOWN]
        ],
        "refused_file": f"/api/v1/extracts/{extract.pk}/refused" if extract.refused_file else "",
        "page": reverse("exchange:extract", args=[extract.pk]),
    }
