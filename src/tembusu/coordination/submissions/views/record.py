"""One submission: whose turn it is, what is in it, what was asked, what was decided, what happened."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tembusu.coordination.submissions import permissions
from tembusu.coordination.submissions.models import Condition, Submission
from tembusu.coordination.submissions.rules import amendments, checklist
from tembusu.coordination.submissions.selectors import clocks, letters, pack, packages
from tembusu.coordination.submissions.terms import (
    Entry,
    Happening,
    Holder,
    Outcome,
    Source,
    SubmissionKind,
    SubmissionState,
)
from tembusu.coordination.submissions.views import labels, offers
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui import wording
from tembusu.foundation.ui.terms import (
    Act,
    Badge,
    Crumb,
    Fact,
    Shape,
    Step,
    StepState,
    Tab,
    Tone,
    Turn,
)

PATH = (
    (SubmissionState.DRAFT, "Prepared"),
    (SubmissionState.SUBMITTED, "Submitted"),
    (SubmissionState.RECEIVED, "Received"),
    (SubmissionState.UNDER_REVIEW, "Reviewed"),
    (SubmissionState.DECIDED, "Decided"),
)
TITLES: Mapping[Happening, str] = {
    Happening.STARTED: "Begun",
    Happening.SUBMITTED: "Submitted",
    Happening.RETURNED: "Sent back as incomplete",
    Happening.RECEIVED: "Received as complete",
    Happening.REVIEW_BEGUN: "Kind of review chosen",
    Happening.QUERIED: "Queries raised: the clock stops",
    Happening.ANSWERED: "Queries answered: the clock runs",
    Happening.DECIDED: "Decided",
    Happening.CONDITION_FULFILLED: "Condition fulfilled",
    Happening.WITHDRAWN: "Withdrawn",
    Happening.LAPSED: "Lapsed",
    Happening.MIRRORED: "Mirrored from the body’s record",
}
FROM = {Source.HERE: "", Source.BY_HAND: "by hand", Source.EXTRACT: "from an extract"}


def frame(request: HttpRequest, submission: Submission, current: str) -> dict[str, Any]:
    """Return what every tab of a submission shows."""
    allowed, refused = offers.of(request.user, submission)
    return {
        "submission": submission,
        "study_title": labels.title_of(submission.study),
        "study_url": study_url(submission),
        "what": labels.what(submission),
        "crumbs": [
            Crumb("Submissions", reverse("submissions:list")),
            Crumb(submission.number, reverse("submissions:submission", args=[submission.pk])),
        ],
        "marks": marks(submission),
        "tabs": tabs(request.user, submission, current),
        "allowed": allowed,
        "blocked": refused,
        "mirror": mirror_line(submission),
    }


def study_url(submission: Submission) -> str:
    return reverse("submissions:of_study", args=[submission.study_id])


def marks(submission: Submission) -> list[Badge]:
    found = [labels.badge(submission)]
    if submission.system:
        found.append(Badge("Mirror", Tone.QUIET, Shape.HALF))
    if submission.kind == SubmissionKind.AMENDMENT and submission.is_substantial is not None:
        word = "Substantial" if submission.is_substantial else "Not substantial"
        found.append(Badge(word, Tone.INFO, Shape.DIAMOND))
    if submission.is_urgent_safety:
        found.append(Badge("Urgent safety measure", Tone.WARN))
    return found


def mirror_line(submission: Submission) -> str:
    """Return 'Mirrored from the authority’s portal, as of 21 Nov 2026', or '' for a board here."""
    if not submission.system:
        return ""
    if submission.mirrored_at is None:
        return f"The body’s own record is in {submission.system}; nothing was mirrored from it yet."
    return f"Mirrored from {submission.system}, as of {wording.day(submission.mirrored_at)}."


def tabs(user: Any, submission: Submission, current: str) -> list[Tab]:
    pk = submission.pk
    n_documents = sum(1 for one in packages.checklist_lines(submission) if one.n_versions)
    found = [
        Tab("Overview", reverse("submissions:submission", args=[pk]), None, current == "overview"),
        Tab(
            "Documents",
            reverse("submissions:documents", args=[pk]),
            n_documents,
            current == "documents",
        ),
    ]
    if not submission.system and sees_letters(user, submission):
        n = len(shown_letters(user, submission))
        found.append(
            Tab("Letters", reverse("submissions:letters", args=[pk]), n, current == "letters")
        )
    return [*found, Tab("Trail", reverse("core:trail", args=["submission", pk]), None, False)]


def writes_letters(user: Any, submission: Submission) -> bool:
    return people.may(user, permissions.WRITE_LETTERS, submission.body.scope_id)


def sees_letters(user: Any, submission: Submission) -> bool:
    return submission.was_sent


def shown_letters(user: Any, submission: Submission) -> list[Any]:
    """Return the letters that a reader sees: the board its drafts too, others what was sent."""
    on_board = people.holds(user, permissions.BOARD, submission.body.scope_id)
    return [one for one in letters.letters_of(submission) if on_board or one.sent_at]


@login_required
@require_safe
def overview(request: HttpRequest, pk: int) -> HttpResponse:
    submission = packages.get_submission(request.user, pk)
    today = timezone.localdate()
    shown = frame(request, submission, "overview")
    read = clocks.read(submission, as_of=today)
    decision = packages.decision_of(submission)
    on_body_side = people.holds(request.user, permissions.BODIES, submission.body.scope_id)
    turn, rest = whose_turn(request.user, submission, shown["allowed"], read, today)
    context = {
        **shown,
        "turn": turn,
        "acts": rest,
        "steps": steps(submission),
        "read": read,
        "queries": list(
            submission.queries.select_related("raised_by", "answered_by").order_by("number")
        ),
        "decision": decision,
        "decision_badge": labels.OUTCOMES[Outcome(decision.outcome)] if decision else None,
        "conditions": condition_lines(request.user, submission, decision, today),
        "amendment": amendment(submission),
        "facts": facts(submission),
        "sponsors": list(
            submission.sponsors.select_related("organisation").order_by("-is_lead", "pk")
        ),
        "sites": list(
            submission.sites.select_related("study_site__organisation").order_by(
                "study_site__organisation__name"
            )
        ),
        "entries": told(submission),
        "reviews": list(submission.reviews.select_related("reviewer").order_by("pk"))
        if on_body_side
        else [],
        "interests": list(submission.interests.select_related("person").order_by("declared_at"))
        if on_body_side
        else [],
        "later": list(
            packages.list_submissions(request.user).filter(earlier=submission).order_by("pk")
        ),
        "missing": missing_lines(submission),
    }
    return render(request, "submissions/submission.html", context)


def missing_lines(submission: Submission) -> list[str]:
    """Return what a draft lacks before it can be sent."""
    if submission.state != SubmissionState.DRAFT:
        return []
    return checklist.missing(packages.checklist_lines(submission))


def whose_turn(
    user: Any,
    submission: Submission,
    allowed: Sequence[tuple[offers.Offer, Act]],
    read: clocks.Read | None,
    today: Any,
) -> tuple[Turn, list[Act]]:
    """Return whose turn it is with its clock read three ways, and the acts that are left for the head.

    The chief act of the state is the one button, where the reader may do it.
    """
    found = packages.standing(submission)
    on_body_side = people.holds(user, permissions.BODIES, submission.body.scope_id)
    is_yours = bool(allowed) and (found.holder is Holder.BODY) is on_body_side
    chief = next((act for offer, act in allowed if offer.is_chief), None)
    rest = [act for _, act in allowed if act is not chief]
    if found.holder is Holder.NOBODY:
        headline = f"Nobody’s: it {SubmissionState(submission.state).says}"
    else:
        holder = submission.body.name if found.holder is Holder.BODY else "the applicant"
        whose = "Yours" if is_yours else f"With {holder}"
        since = f" since {wording.day(found.since)}" if found.since else ""
        headline = f"{whose}: it {SubmissionState(submission.state).says}{since}"
    return (
        Turn(
            label="Whose turn",
            headline=headline,
            times=times(submission, read),
            act=chief if is_yours or found.holder is Holder.NOBODY or submission.system else None,
            note=note_of(read),
        ),
        rest if chief is None or is_yours or submission.system else [chief, *rest],
    )


def times(submission: Submission, read: clocks.Read | None) -> list[tuple[str, str]]:
    """Return the clock three ways: elapsed, on whose side it ran, and until when."""
    if read is None:
        what = "starts when the body has the complete package"
        return (
            [("Clock", what)] if packages.standing(submission).holder is not Holder.NOBODY else []
        )
    reading = read.reading
    found = [
        ("Elapsed", labels.days(reading.elapsed, read.unit)),
        (
            "On whose side",
            f"{read.with_body} with the body, {read.with_applicant} with the applicant",
        ),
    ]
    if reading.end_date is not None:
        kept = "" if not read.target else ", over" if reading.is_overdue else ", in time"
        return [*found, ("Ended", f"{wording.day(reading.end_date)}{kept}")]
    if reading.due_date is None:
        return [*found, ("Due", "no target is known")]
    due = wording.day(reading.due_date)
    if reading.is_stopped:
        return [*found, ("Due", f"stopped; {due} if it ran again today")]
    over = f", {labels.days(reading.days_over, read.unit)} over" if reading.is_overdue else ""
    return [*found, ("Due", f"{due}{over}")]


def note_of(read: clocks.Read | None) -> str:
    """Return the target that holds, and by which calendar it is counted."""
    if read is None or not read.target:
        return ""
    by = f" by the calendar {read.calendar}" if read.calendar and read.unit != "days" else ""
    unverified = "" if read.is_verified else " (unverified)"
    return f"Target {read.target}{by}{unverified}; time with the applicant does not count."


def steps(submission: Submission) -> list[Step]:
    """Return where a submission stands on its path."""
    state = SubmissionState(submission.state)
    if state is SubmissionState.QUERIED:
        state = SubmissionState.UNDER_REVIEW
    order = [one for one, _ in PATH]
    if state not in order:
        return []
    here = order.index(state)
    days: dict[SubmissionState, Any] = {
        SubmissionState.DRAFT: timezone.localdate(submission.started_at),
        SubmissionState.SUBMITTED: submission.submitted_date,
        SubmissionState.RECEIVED: submission.received_date,
    }
    if submission.submitted_date and submission.submitted_date < days[SubmissionState.DRAFT]:
        days[SubmissionState.DRAFT] = (
            None  # written down afterwards: when it was prepared is not known
        )
    decision = packages.decision_of(submission)
    days[SubmissionState.DECIDED] = decision.decided_date if decision else None
    is_over = state is SubmissionState.DECIDED
    return [
        Step(
            label,
            StepState.DONE
            if no < here or is_over
            else StepState.NOW
            if no == here
            else StepState.NEXT,
            wording.day(days[one]) if days.get(one) else "",
        )
        for no, (one, label) in enumerate(PATH)
    ]


def condition_lines(
    user: Any, submission: Submission, decision: Any, today: Any
) -> list[tuple[Condition, Badge, str]]:
    """Return each condition with its mark, and the address where it is fulfilled."""
    if decision is None:
        return []
    may = permissions.may_applicant(user, permissions.PREPARE, submission)
    return [
        (
            one,
            Badge(f"Fulfilled {wording.day(one.fulfilled_date)}", Tone.OK, Shape.TICK)
            if one.fulfilled_date
            else labels.due(one.due_date, today),
            reverse("submissions:condition", args=[submission.pk, one.pk])
            if may and not one.fulfilled_date
            else "",
        )
        for one in decision.conditions.order_by("number")
    ]


def amendment(submission: Submission) -> dict[str, Any] | None:
    """Return how an amendment is classed, and whether it may be put into practice."""
    if submission.kind != SubmissionKind.AMENDMENT or submission.is_substantial is None:
        return None
    outcome = packages.outcome_of(submission)
    rules = pack.amendment_rules(timezone.localdate(submission.started_at))
    called = {one.key: one.label for one in rules.criteria}
    return {
        "may": amendments.may_implement(
            is_substantial=submission.is_substantial,
            is_urgent_safety=submission.is_urgent_safety,
            state=SubmissionState(submission.state),
            outcome=Outcome(outcome) if outcome else None,
        ),
        "reasons": [called.get(one, one) for one in submission.amendment_reasons],
    }


def facts(submission: Submission) -> list[Fact]:
    earlier = submission.earlier
    found = [
        Fact("Body", submission.body.name, note=submission.system),
        Fact("Reference number", submission.reference_no),
        Fact("Application", submission.label or submission.obligation),
    ]
    if submission.investigator_name:
        found.append(Fact("Principal investigator", submission.investigator_name))
    if earlier is not None:
        url = reverse("submissions:submission", args=[earlier.pk])
        found.append(Fact("Follows", earlier.number, url=url))
    if submission.review_way:
        found.append(Fact("Kind of review", review_label(submission)))
    if submission.note:
        found.append(Fact("Note", submission.note))
    return found


def review_label(submission: Submission) -> str:
    on = submission.received_date or timezone.localdate(submission.started_at)
    ways = pack.reviews(on, submission.body_id)
    return next(
        (one.label for one in ways if one.key == submission.review_way), submission.review_way
    )


def told(submission: Submission) -> list[tuple[Entry, str, str]]:
    """Return what happened, newest first: the entry, its title, and what is said of its two dates."""
    lines = []
    for one in reversed(list(packages.occurrences(submission))):
        entry = Entry(
            Happening(one.what),
            one.happened_on,
            one.recorded_at,
            one.recorded_by.full_name if one.recorded_by else "System",
            Source(one.source),
            one.note,
        )
        recorded = timezone.localdate(one.recorded_at)
        late = f"written down {wording.day(recorded)}" if entry.is_backdated(recorded) else ""
        said = ", ".join(part for part in (late, FROM[entry.source]) if part)
        lines.append((entry, TITLES[entry.what], said))
    return lines


@login_required
@require_safe
def documents(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the checklist with each document's versions and hashes."""
    submission = packages.get_submission(request.user, pk)
    shown = frame(request, submission, "documents")
    rows = submission.documents.prefetch_related("versions__file", "versions__added_by")
    context = {
        **shown,
        "acts": [act for offer, act in shown["allowed"] if offer.key in ("document", "set-aside")],
        "lines": [
            (one, sorted(one.versions.all(), key=lambda v: -v.version_no))
            for one in rows.order_by("position")
        ],
        "missing": missing_lines(submission),
    }
    return render(request, "submissions/documents.html", context)
