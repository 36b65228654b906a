"""Many study-sites at once: one milestone, a date for each site, checked first if one likes.

Good rows are kept whatever becomes of the others; refused rows stay as they were typed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tembusu.coordination.startup import actions, permissions
from tembusu.coordination.startup.forms.moves import RowForm
from tembusu.coordination.startup.selectors import paths, sheets
from tembusu.coordination.startup.selectors.sheets import Sheet
from tembusu.coordination.startup.terms import MilestoneState
from tembusu.coordination.startup.views import labels
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui import wording
from tembusu.foundation.ui.terms import Chip, Crumb


@dataclass(slots=True)
class Row:
    """A study-site with what was typed for it, and what became of it."""

    sheet: Sheet
    form: RowForm
    badge: Any
    since: str
    refused: str = ""
    verdict: str = ""

    @property
    def pk(self) -> int:
        return int(self.sheet.path.pk)

    @property
    def name(self) -> str:
        site = self.sheet.path.study_site
        return f"{site.study.number} at {site.organisation}"

    @property
    def title(self) -> str:
        return labels.title_of(self.sheet.path)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest) -> HttpResponse:
    """Record one milestone for many study-sites."""
    act = permissions.RECORD_MILESTONE
    if not people.holds_anywhere(request.user, act.roles | act.everywhere):
        raise Http404("No page here.")
    at = timezone.now()
    found = sheets.read_sheets(paths.recordable(request.user))
    waiting = _waiting(found, timezone.localdate(at))
    key = request.GET.get("milestone", "")
    key = key if key in waiting else next(iter(waiting), "")
    rows = [_row(request, one, key) for one in waiting.get(key, ())]
    if request.method == "POST":
        done = _act(request, rows, key, at)
        if done and not any(row.refused for row in rows):
            return redirect(f"{reverse('startup:record')}?milestone={key}")
    context = {
        "crumbs": [Crumb("Start-up", reverse("startup:paths")), Crumb("Record for many sites")],
        "choices": _choices(waiting, key),
        "milestone": _label(waiting[key][0], key) if key else "",
        "evidence": waiting[key][0].plan.milestone(key).evidence if key else "",
        "rows": rows,
        "n_refused": sum(bool(row.refused) for row in rows),
        "key": key,
    }
    return render(request, "startup/bulk.html", context)


def _waiting(found: Sequence[Sheet], today: date) -> dict[str, list[Sheet]]:
    """Return the sheets by the milestone that waits in them, those that most sites wait for first."""
    by_key: dict[str, list[Sheet]] = {}
    for sheet in found:
        for one in sheet.standing(today).waiting:
            by_key.setdefault(one.key, []).append(sheet)
    return dict(sorted(by_key.items(), key=lambda pair: (-len(pair[1]), pair[0])))


def _label(sheet: Sheet, key: str) -> str:
    return sheet.plan.milestone(key).label


def _choices(waiting: dict[str, list[Sheet]], key: str) -> list[Chip]:
    start = reverse("startup:record")
    return [
        Chip(
            _label(held[0], one),
            url=f"{start}?milestone={one}",
            count=len(held),
            is_current=one == key,
        )
        for one, held in waiting.items()
    ]


def _row(request: HttpRequest, sheet: Sheet, key: str) -> Row:
    site = sheet.path.study_site
    state = MilestoneState(sheet.rows[key].state)
    since = wording.day(sheet.path.waiting_since) if sheet.path.waiting_since else ""
    form = RowForm(
        request.POST if request.method == "POST" else None,
        prefix=str(sheet.path.pk),
        name=f"{site.study.number} at {site.organisation}",
    )
    return Row(sheet, form, labels.milestone_badge(state), since)


def _act(request: HttpRequest, rows: list[Row], key: str, at: datetime) -> bool:
    """Record the ticked rows, or only check them; say whether anything was recorded."""
    ticked = [row for row in rows if _is_meant(row)]
    is_check = "check" in request.POST
    if not ticked:
        messages.warning(request, "Tick the study-sites that you mean.")
        return False
    done = [row for row in ticked if _try(request.user, row, key, at, is_check=is_check)]
    if is_check:
        return False
    if done:
        messages.success(request, f"Recorded for {len(done)} of {len(ticked)} study-sites.")
    for row in done:
        rows.remove(row)
    return bool(done)


def _is_meant(row: Row) -> bool:
    """Say whether a row is ticked; one whose day can't be read is meant, too."""
    return bool(row.form["row"].value())


def _try(user: Any, row: Row, key: str, at: datetime, *, is_check: bool) -> bool:
    said = row.form.cleaned_data if row.form.is_valid() else {}
    if not said.get("day"):
        row.refused = "Give a day that there is, such as 2026-03-14."
        return False
    try:
        with transaction.atomic():
            actions.complete_milestone(
                path=row.sheet.path,
                key=key,
                day=said["day"],
                evidence=said["evidence"],
                by=user,
                at=at,
            )
            # A check does all of it and takes it back, so that it promises what will happen.
            transaction.set_rollback(is_check)
    except (Refusal, PermissionDenied) as refusal:
        row.refused = str(refusal)
        return False
    row.verdict = "Can be recorded"
    return True
