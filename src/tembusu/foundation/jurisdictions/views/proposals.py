"""What a changed file proposes: looked at side by side, accepted or declined with a reason."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.jurisdictions import actions, permissions
from tembusu.foundation.jurisdictions.forms import DecisionForm
from tembusu.foundation.jurisdictions.models import Proposal
from tembusu.foundation.jurisdictions.rules import periods, records
from tembusu.foundation.jurisdictions.rules.periods import PastIsKept
from tembusu.foundation.jurisdictions.selectors import browse
from tembusu.foundation.jurisdictions.terms import ProposalState, Theme
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui.terms import Badge, Blocked, Cell, Change, Column, Tone
from tembusu.foundation.ui.wording import day

DECIDED = [Column("Item"), Column("Outcome"), Column("By"), Column("Reason")]
TONES = {
    ProposalState.ACCEPTED: Tone.OK,
    ProposalState.DECLINED: Tone.BAD,
    ProposalState.OVERTAKEN: Tone.QUIET,
}


@login_required
@require_http_methods(["GET", "POST"])
def proposals(request: HttpRequest) -> HttpResponse:
    waiting = browse.list_open_proposals(request.user)
    today = timezone.localdate()
    why = people.why_not(request.user, permissions.DECIDE)
    start = {"starts": today + timedelta(days=1)}
    lines = [_line(one, today) for one in waiting]
    choices = [(str(line["row"].pk), f"{line['label']} ({line['row'].key})") for line in lines]
    form = DecisionForm(request.POST or None, initial=start, waiting=choices)
    if request.method == "POST":
        people.check(request.user, permissions.DECIDE)
        if form.is_valid() and _decided(request, form, waiting):
            return redirect("jurisdictions:proposals")
    context = {
        "lines": lines,
        "form": form,
        "blocked": [Blocked("Decide", why)] if why else [],
        "decided_columns": DECIDED,
        "decided": [_decided_row(one) for one in browse.list_decided_proposals(request.user)],
    }
    return render(request, "jurisdictions/proposals.html", context)


def _decided(request: HttpRequest, form: DecisionForm, waiting: list[Proposal]) -> bool:
    person: Any = request.user
    given, at = form.cleaned_data, timezone.now()
    chosen = [one for one in waiting if str(one.pk) in given["row"]]
    is_accepted = request.POST.get("go") == "accept"
    if is_accepted and given["starts"] is None:
        form.add_error("starts", "Say from which day on what is accepted holds.")
        return False
    try:
        if is_accepted:
            actions.accept_proposals(
                proposals=chosen,
                starts=given["starts"],
                reason=given["reason"],
                by=person,
                at=at,
            )
        else:
            actions.decline_proposals(proposals=chosen, reason=given["reason"], by=person, at=at)
    except PastIsKept as refusal:
        form.add_error("starts", str(refusal))
        return False
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return False
    n, what = len(chosen), "accepted" if is_accepted else "declined"
    messages.success(request, f"{n} {'proposal' if n == 1 else 'proposals'} {what}.")
    return True


def _line(row: Proposal, today: date) -> dict[str, Any]:
    present = browse.present_item(row.theme, row.key, today)
    after = periods.sorted_periods(records.from_json(one) for one in row.after)
    file_now = next((one for one in after if one.holds_on(today)), after[-1] if after else None)
    shown = present or file_now
    return {
        "row": row,
        "label": shown.label if shown else row.key,
        "theme": Theme(row.theme).label,
        "what": "New" if not row.before else "Gone from the file" if not row.after else "Changed",
        "url": reverse("jurisdictions:item", args=[row.theme, row.key]) if present else "",
        "changes": [
            Change(one.field, one.before, one.after)
            for one in records.differences(present, file_now)
        ],
    }


def _decided_row(row: Proposal) -> list[object]:
    state = ProposalState(row.state)
    by = row.decided_by.get_full_name() if row.decided_by else "the system"
    return [
        Cell(row.key, note=Theme(row.theme).label),
        Cell("", badge=Badge(state.label, TONES[state])),
        Cell(by, note=day(row.decided_at)),
        row.reason or ("The file changed again" if state is ProposalState.OVERTAKEN else ""),
    ]
