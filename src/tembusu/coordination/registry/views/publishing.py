"""The decision at the end of a draft: publish it, or give it up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.actions import drafts as actions
from tembusu.coordination.registry.forms import DiscardForm, PublishForm
from tembusu.coordination.registry.models import Registration, StudyDraft
from tembusu.coordination.registry.rules import form as rules
from tembusu.coordination.registry.rules import records
from tembusu.coordination.registry.selectors import drafts as selectors
from tembusu.coordination.registry.selectors.drafts import Named
from tembusu.coordination.registry.selectors.studies import OWN
from tembusu.coordination.registry.terms import StudyState, Timeliness
from tembusu.coordination.registry.views import drafts, labels, values
from tembusu.coordination.registry.views.study import LIST
from tembusu.foundation.core import audit
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui import wording
from tembusu.foundation.ui.terms import Badge, Blocked, Change, Crumb, Shape, Tone
from trialformats.dates import PartialDate
from trialformats.records import WHO_DATA_SET, DataSetItem

GIVEN_UP = Badge("Given up", Tone.QUIET, Shape.SQUARE)
TIMELINESS = {
    Timeliness.PROSPECTIVE: Badge("Prospective", Tone.OK, Shape.TICK),
    Timeliness.RETROSPECTIVE: Badge("Retrospective", Tone.WARN, Shape.DIAMOND),
    Timeliness.UNKNOWN: Badge("Not known", Tone.QUIET, Shape.RING),
}


@dataclass(frozen=True, slots=True)
class Item:
    """A WHO item: what the draft still lacks of it ('' where nothing), and where it is answered."""

    no: int
    name: str
    lacks: str
    url: str


@login_required
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show all that publishing would do, and publish."""
    draft = selectors.get_draft(request.user, pk)
    if request.method == "POST":
        return _publish(request, draft)
    return _show(request, draft, PublishForm(initial={"revision": draft.revision}))


def _publish(request: HttpRequest, draft: StudyDraft) -> HttpResponseBase:
    form = PublishForm(request.POST)
    person: Any = request.user
    if form.is_valid():
        try:
            actions.publish_study(
                draft=draft,
                by=person,
                at=timezone.now(),
                revision=form.cleaned_data["revision"],
                doubts_checked=form.cleaned_data["checked"],
            )
        except Refusal as refusal:
            # Read anew, for it is what holds now that has to be looked at.
            draft = selectors.get_draft(request.user, draft.study_id)
            form = PublishForm({"revision": draft.revision})
            form.full_clean()
            is_tick = isinstance(refusal, actions.DoubtsUnchecked)
            form.add_error("checked" if is_tick else None, str(refusal))
        else:
            return redirect("registry:draft_published", pk=draft.study_id)
    return _show(request, draft, form)


def _show(request: HttpRequest, draft: StudyDraft, form: PublishForm) -> HttpResponse:
    today = timezone.localdate()
    registration = selectors.own_registration(draft.study)
    record = selectors.as_record(draft, registration, today=today)
    said = items(draft, record)
    changes = selectors.changes_since(registration, record) if registration else []
    judged = judge(record, today=today, is_published=registration is not None)
    context = {
        **drafts.frame(request, draft, "check"),
        "form": form,
        "items": said,
        "timeliness": judged,
        "numbers": [number_line(one) for one in selectors.named_numbers(request.user, draft)],
        "doubts": drafts.doubted(draft, today=today),
        "registration": registration,
        "changes": [change(one.field, one.before, one.after) for one in changes],
        "blocked": blocked(request.user, draft, registration, n_changes=len(changes)),
        # A refused publishing holds nothing typed; ticking is all that could be lost.
        "guard": "kept",
        "next_version": registration.version_no + 1 if registration else 1,
    }
    return render(request, "registry/publish.html", context)


def change(field: str, before: Any, after: Any) -> Change:
    return Change(labels.field(field), values.text(field, before), values.text(field, after))


# -- what is there, and what is missing -----------------------------------------------------------


def items(draft: StudyDraft, record: Mapping[str, Any]) -> list[Item]:
    """Return the 24 items in their order."""
    missing = set(rules.completeness(rules.sections(), record).missing)
    open_fields = drafts.open_fields(draft)
    return [_item(draft, one, open_fields, is_missing=one.name in missing) for one in WHO_DATA_SET]


def _item(draft: StudyDraft, one: DataSetItem, open_fields: set[str], *, is_missing: bool) -> Item:
    asked = [q for q in rules.all_questions(rules.sections()) if q.who == one.no]
    left = [q.field for q in asked if q.field in open_fields]
    url = drafts.answer_url(draft, (left or [q.field for q in asked])[0]) if asked else ""
    return Item(one.no, one.name, _lack(draft, left, is_missing=is_missing), url)


def _lack(draft: StudyDraft, left: Sequence[str], *, is_missing: bool) -> str:
    """Return what an item lacks, in the words of the list of what publishing needs."""
    if any(name in draft.typed for name in left):
        return "to be put right"
    if any(draft.answers.get(name) for name in left):
        return "not whole"
    if left:
        return "still needed"
    return "not answered" if is_missing else ""


def _needed(draft: StudyDraft) -> list[Blocked]:
    """Return what publishing still needs: what was begun by itself, what was not by page."""
    found = []
    for part in rules.sections():
        left = [
            one for one in rules.unanswered([part], draft.answers) if one.field not in draft.typed
        ]
        begun = [one for one in left if draft.answers.get(one.field)]
        for one in begun:
            what = rules.lacking(one, draft.answers[one.field])
            url = drafts.answer_url(draft, one.field)
            found.append(Blocked(one.label, f"{what[:1].upper()}{what[1:]}.", url, "Answer it"))
        if blank := [one for one in left if one not in begun]:
            asked = ", ".join(one.label.rstrip("?") for one in blank)
            url = drafts.answer_url(draft, blank[0].field)
            found.append(Blocked(part.title, f"Not answered: {asked}.", url, "Answer"))
    return found


def blocked(
    user: Any, draft: StudyDraft, registration: Registration | None, *, n_changes: int
) -> list[Blocked]:
    """Return why this can't be published now; empty where it can."""
    found = []
    if why := people.why_not(user, permissions.PUBLISH_STUDY, draft.study.scope_id):
        found.append(Blocked("Publish", why))
    found += [
        Blocked(
            one.label,
            f"“{values.typed_words(draft.typed[one.field])}” is no answer yet.",
            drafts.answer_url(draft, one.field),
            "Put it right",
        )
        for one in rules.to_mend(rules.sections(), draft.typed)
    ]
    found += _needed(draft)
    found += [
        Blocked(
            one.label,
            f"{what[:1].upper()}{what[1:]}",
            drafts.answer_url(draft, one.field),
            "Mend it",
        )
        for one, what in rules.faults(rules.sections(), draft.answers)
        if one.field not in draft.typed
    ]
    if registration and not n_changes:
        no = registration.version_no
        found.append(
            Blocked("Publish a change", f"Nothing differs from version {no}, which is published.")
        )
    return found


OWN_HERE = (
    "A number of this register, of another study. If the two are one, a coordinating lead can merge"
    " them; if not, take it out."
)
OWN_UNKNOWN = "A number of this register, but no study that you may see stands under it."


def number_line(one: Named) -> dict[str, Any]:
    """Return a number in another register, and what publishing does with it."""
    if not one.registry:
        says = "No registry that we know gives numbers of this form: it is kept as text."
    elif one.is_this:
        says = "It is this study's already."
    elif one.registry == OWN:
        says = OWN_HERE if one.here else OWN_UNKNOWN
    elif one.here:
        says = (
            f"{one.here.number} stands here under it. Publishing keeps both; a coordinating lead"
            " can merge them into one."
        )
    else:
        says = "Not imported yet. Its record joins this study if it names the same sponsor."
    return {
        "text": one.registry_no or one.text,
        "registry": labels.registry(one.registry) if one.registry else "",
        "says": says,
        "here": one.here,
        "is_known": bool(one.registry),
    }


# -- in time or too late --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judged:
    badge: Badge
    reason: str
    url_field: str = "start_dtc"


def judge(record: Mapping[str, Any], *, today: date, is_published: bool) -> Judged:
    """Return whether registration is prospective, with the reason in words.

    :param today: on which an unpublished draft would be registered
    """
    start = record.get("start_dtc") or ""
    registered = PartialDate(record.get("registered_dtc") or today.isoformat())
    kind = records.timeliness(registered.text, start)
    if not start:
        return Judged(TIMELINESS[kind], "The day of the first enrolment is not answered yet.")
    return Judged(TIMELINESS[kind], _reason(kind, PartialDate(start), registered, is_published))


def _reason(
    kind: Timeliness, start: PartialDate, registered: PartialDate, is_published: bool
) -> str:
    against = f"registration on {wording.day(registered.text)}" if is_published else "today"
    enrolment = f"First enrolment ({wording.day(start.text)})"
    verb = "was" if is_published else "will be"
    if kind is Timeliness.UNKNOWN:
        return (
            f"{enrolment} may lie before or after {against}: give the day, and it can be told"
            f" whether registration {verb} prospective."
        )
    is_late = kind is Timeliness.RETROSPECTIVE
    gap = (
        registered.earliest() - start.latest()
        if is_late
        else start.earliest() - registered.latest()
    )
    least = "at least " if len(start.text) < len("2026-09-14") else ""
    side = "before" if is_late else "after"
    where = (
        f"lies {least}{labels.plural(gap.days, 'day')} {side} {against}"
        if gap.days
        else f"is {against}"
    )
    if is_published and not gap.days:
        where = f"is the day of {against}"
    return f"{enrolment} {where}: registration {verb} {kind.value}."


# -- afterwards -----------------------------------------------------------------------------------


@login_required
@require_safe
def published(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what publishing did and where the study is to be seen."""
    draft = selectors.get_draft(request.user, pk)
    registration = selectors.own_registration(draft.study)
    if registration is None:
        raise Http404("This study is not published.")
    record = selectors.as_record(draft, registration, today=timezone.localdate())
    others = [one for one in selectors.named_numbers(request.user, draft) if one.here]
    context = {
        "crumbs": [LIST, Crumb(draft.study.number, reverse("registry:study", args=[pk]))],
        "study": draft.study,
        "registration": registration,
        "title": drafts.title(draft),
        "timeliness": judge(record, today=timezone.localdate(), is_published=True),
        "others": [number_line(one) for one in others],
        "may_merge": people.may(request.user, permissions.MERGE_STUDIES, draft.study.scope_id),
    }
    return render(request, "registry/publish_done.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give a draft up, with the reason."""
    draft = selectors.get_draft(request.user, pk)
    form = DiscardForm(request.POST or None)
    person: Any = request.user
    why = people.why_not(request.user, permissions.EDIT_DRAFT, draft.study.scope_id)
    if draft.study.state != StudyState.DRAFT:
        why = "It was published, and what was published stays. Close it by its recruitment status."
    if request.method == "POST" and why == "" and form.is_valid():
        try:
            actions.discard_draft(
                draft=draft, by=person, at=timezone.now(), reason=form.cleaned_data["reason"]
            )
        except Refusal as refusal:
            form.add_error("reason", str(refusal))
        else:
            messages.success(request, f"{draft.study.number} is given up. Its trail stays.")
            return redirect("registry:drafts")
    context = {
        **drafts.frame(request, draft, ""),
        "form": form,
        "answered": answered(draft),
        "blocked": [Blocked("Give up this draft", why)] if why else [],
    }
    return render(request, "registry/draft_discard.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def reopen(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take up again a draft that was given up."""
    draft = selectors.get_draft(request.user, pk, given_up=True)
    person: Any = request.user
    why = people.why_not(request.user, permissions.EDIT_DRAFT, draft.study.scope_id)
    if request.method == "POST" and why == "":
        actions.reopen_draft(draft=draft, by=person, at=timezone.now())
        messages.success(request, f"{draft.study.number} is a draft again.")
        return redirect("registry:draft", pk=pk)
    context = {
        **drafts.frame(request, draft, ""),
        "marks": [GIVEN_UP],
        "answered": answered(draft),
        "given_up": audit.last_event(audit.ref(draft.study)),
        "blocked": [Blocked("Take up this draft", why)] if why else [],
    }
    return render(request, "registry/draft_reopen.html", context)


def answered(draft: StudyDraft) -> Sequence[str]:
    """Return the labels of what was answered, which would be given up."""
    return [q.label for q in rules.all_questions(rules.sections()) if draft.answers.get(q.field)]
