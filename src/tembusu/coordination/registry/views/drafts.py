"""Registering a study by hand: the drafts, and answering the form page by page."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.views.decorators.http import require_http_methods, require_safe

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.actions import drafts as actions
from tembusu.coordination.registry.forms import SectionForm
from tembusu.coordination.registry.models import StudyDraft
from tembusu.coordination.registry.rules import form as rules
from tembusu.coordination.registry.rules import records
from tembusu.coordination.registry.selectors import drafts as selectors
from tembusu.coordination.registry.terms import FormSection, Question, QuestionKind, StudyState
from tembusu.coordination.registry.views import values
from tembusu.coordination.registry.views.study import LIST, fetch
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui import links, paging, wording
from tembusu.foundation.ui.terms import (
    Badge,
    Blocked,
    Cell,
    Chip,
    Column,
    Crumb,
    Fact,
    Meter,
    Shape,
    Step,
    StepState,
    Tab,
    Tone,
)

PAGE = 50
DRAFTS = Crumb("My drafts", "/studies/drafts/")
COLUMNS = (
    Column("Study"),
    Column("On behalf of"),
    Column("Stands"),
    Column("WHO items", is_number=True),
    Column("Still needed", is_number=True),
    Column("Last saved", "saved"),
)


def whole(given: Any) -> int:
    text = str(given or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else 0


# -- the drafts -----------------------------------------------------------------------------------

DRAFT_BADGE = Badge("Draft", Tone.WARN, Shape.RING)
CHANGED_BADGE = Badge("Changed since published", Tone.INFO, Shape.HALF)


@login_required
@require_safe
def draft_list(request: HttpRequest) -> HttpResponse:
    text = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:200]
    mine = request.GET.get("whose") != "all"
    rows = selectors.list_drafts(request.user, mine=mine, text=text)
    sort = selectors.OLDEST if request.GET.get("sort") == "saved" else selectors.NEWEST
    page = fetch(request, rows, sort, PAGE)
    context = {
        "page": page,
        "columns": COLUMNS,
        "sort": sort.name,
        "rows": [row_cells(draft) for draft in page.rows],
        "tabs": _whose(request, mine=mine),
        "filters": [Chip("Holds", text, remove_url=links.with_values(request.GET, q=""))]
        if text
        else [],
        "is_narrowed": bool(text),
        "mine": mine,
        "may_register": people.may(request.user, permissions.REGISTER_STUDY),
    }
    return render(request, "registry/draft_list.html", context)


def _whose(request: HttpRequest, *, mine: bool) -> list[Tab]:
    start = reverse("registry:drafts")
    n_mine = paging.count_capped(selectors.list_drafts(request.user, mine=True)).n
    n_all = paging.count_capped(selectors.list_drafts(request.user)).n
    return [
        Tab("I worked on", start, n_mine, mine),
        Tab("All that I may see", f"{start}?whose=all", n_all, not mine),
    ]


def row_cells(draft: Any) -> list[object]:
    complete = completeness(draft)
    open_ones = rules.unanswered(rules.sections(), draft.answers)
    sponsor = draft.study.sponsor
    return [
        Cell(title(draft), draft.study.number, reverse("registry:draft", args=[draft.study_id])),
        sponsor.name if sponsor else None,
        Cell("", badge=CHANGED_BADGE if draft.published_at else DRAFT_BADGE),
        f"{complete.n_answered} of {complete.n_items}",
        len(open_ones),
        Cell(wording.moment(draft.saved_at), f"by {draft.saved_by}"),
    ]


def title(draft: StudyDraft) -> str:
    return values.title(draft.answers, draft.study.number)


def completeness(draft: StudyDraft) -> Any:
    """Return how many WHO items the draft would answer if it were published as it stands."""
    registration = selectors.own_registration(draft.study)
    return records.completeness(
        selectors.as_record(draft, registration, today=timezone.localdate())
    )


@login_required
@require_safe
def draft(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Go on where the draft was left: at the first page that still needs an answer."""
    held = selectors.get_draft(request.user, pk)
    open_ones = rules.unanswered(rules.sections(), held.answers)
    if not open_ones:
        return redirect("registry:draft_check", pk=pk)
    key = rules.section_of(rules.sections(), open_ones[0].field)
    return redirect("registry:draft_section", pk=pk, key=key)


# -- one page of the form -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Differing:
    """An answer that two people gave differently. ``keep``: 'mine' or 'theirs', as proposed."""

    field: str
    label: str
    theirs: str
    mine: str
    keep: str


@login_required
@require_http_methods(["GET", "POST"])
def section(request: HttpRequest, pk: int, key: str) -> HttpResponseBase:
    """Show a page of the form, and take what was answered on it."""
    held = selectors.get_draft(request.user, pk)
    part = next((one for one in rules.sections() if one.key == key), None)
    if part is None:
        raise Http404("The form has no such page.")
    if why := people.why_not(request.user, permissions.EDIT_DRAFT, held.study.scope_id):
        return _read(request, held, part, why)
    if request.method == "POST":
        return _take(request, held, part)
    return _show(request, held, part, SectionForm(part, held.answers, blanks=_blanks(request)))


def _blanks(request: HttpRequest) -> dict[str, int]:
    name, _, n = request.GET.get("blank", "").partition(":")
    return {name: whole(n)}


def _read(request: HttpRequest, held: StudyDraft, part: FormSection, why: str) -> HttpResponse:
    answered = [(q.label, words(q, held.answers.get(q.field))) for q in part.questions]
    context = {
        **frame(request, held, part.key),
        "part": part,
        "facts": [Fact(label, text) for label, text in answered],
        "blocked": [Blocked("Change the draft", why)],
    }
    return render(request, "registry/draft_read.html", context)


def _take(request: HttpRequest, held: StudyDraft, part: FormSection) -> HttpResponseBase:
    go, _, row = request.POST.get("go", "draft").partition(":")
    form = SectionForm(part, held.answers, data=request.POST)
    if not form.is_valid():
        return _show(
            request, held, part, _with_row(request, held, part, row) if go == "add" else form
        )
    without = _removed(row) if go == "remove" else None
    n_blank = form.n_blank(row) + 1 if go == "add" and form.has_rows(row) else 0
    answers = {**form.answers(without=without), **_theirs(request, held, part)}
    person: Any = request.user
    try:
        actions.save_draft(
            draft=held,
            answers=answers,
            revision=whole(request.POST.get("revision")),
            by=person,
            at=timezone.now(),
        )
    except actions.StaleDraft as refusal:
        # Read anew: publishing moved the revision of the draft, and what is shown is what holds.
        fresh = selectors.get_draft(request.user, held.study_id)
        return _show(request, fresh, part, form, stale=refusal)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _show(request, held, part, form)
    return redirect(_onward(request, held, part, go, row.partition(":")[0], n_blank))


def _with_row(request: HttpRequest, held: StudyDraft, part: FormSection, name: str) -> SectionForm:
    """Return the form as it was typed, with one more row: nothing of it could be saved yet."""
    typed = request.POST.copy()
    if f"{name}-n" in typed:
        typed[f"{name}-n"] = str(whole(typed[f"{name}-n"]) + 1)
    return SectionForm(part, held.answers, data=typed)


def _removed(row: str) -> tuple[str, int]:
    name, _, no = row.partition(":")
    return name, whole(no)


def _theirs(request: HttpRequest, held: StudyDraft, part: FormSection) -> dict[str, Any]:
    """Return the answers of which the other person's was chosen to stay."""
    chosen = [
        one.field for one in part.questions if request.POST.get(f"keep-{one.field}") == "theirs"
    ]
    return {name: held.answers.get(name) for name in chosen}


def _onward(
    request: HttpRequest, held: StudyDraft, part: FormSection, go: str, row: str, n_blank: int
) -> str:
    here = reverse("registry:draft_section", args=[held.study_id, part.key])
    if go == "add" and n_blank:
        return f"{here}?blank={row}:{n_blank}#part-{row}"
    if go == "remove":
        return f"{here}#part-{row}"
    if go == "next":
        return _after(held, part)
    messages.success(request, "Saved.")
    return here


def _after(held: StudyDraft, part: FormSection) -> str:
    keys = [one.key for one in rules.sections()]
    following = keys[keys.index(part.key) + 1 :]
    if not following:
        return reverse("registry:draft_check", args=[held.study_id])
    return reverse("registry:draft_section", args=[held.study_id, following[0]])


def _show(
    request: HttpRequest,
    held: StudyDraft,
    part: FormSection,
    form: SectionForm,
    stale: actions.StaleDraft | None = None,
) -> HttpResponse:
    context = {
        **frame(request, held, part.key),
        "part": part,
        "form": form,
        "revision": held.revision,
        "base": json.dumps(marks(part, held.answers)),
        "stale": str(stale or ""),
        "is_own": isinstance(stale, actions.StaleOwnDraft),
        "is_public": isinstance(stale, actions.PublishedMeanwhile),
        "differing": _differing(request, held, part, form) if stale else [],
        "is_last": part.key == rules.sections()[-1].key,
    }
    if form.is_bound and not stale:
        # What came back was typed on the draft as it was then; so is what it is compared with.
        context["revision"] = whole(request.POST.get("revision"))
        context["base"] = request.POST.get("base", "")
    return render(request, "registry/draft_section.html", context)


def marks(part: FormSection, answers: Mapping[str, Any]) -> dict[str, str]:
    """Return a fingerprint of each answer of a page, by which it is told who changed what."""
    return {one.field: rules.mark(answers.get(one.field)) for one in part.questions}


def _differing(
    request: HttpRequest, held: StudyDraft, part: FormSection, form: SectionForm
) -> list[Differing]:
    typed, base = form.answers(), _base(request)
    found = []
    for question in part.questions:
        mine, theirs = _said(typed.get(question.field)), held.answers.get(question.field)
        if mine == theirs:
            continue
        # What I left as I found it was changed by the other person alone: theirs is proposed.
        is_mine = base.get(question.field) != rules.mark(mine)
        found.append(_difference(question, mine, theirs, keep="mine" if is_mine else "theirs"))
    return found


def _said(answer: Any) -> Any:
    return None if answer in ("", [], {}) else answer


def _difference(question: Question, mine: Any, theirs: Any, *, keep: str) -> Differing:
    return Differing(
        question.field,
        question.label,
        words(question, theirs),
        words(question, mine),
        keep,
    )


def words(question: Question, answer: Any) -> str:
    """Return an answer as the form says it: choices by their labels, lists with a line for each."""
    said = dict(question.choices)
    if question.kind is QuestionKind.CHOICE and answer in said:
        return said[answer]
    if question.kind is QuestionKind.CHOICES:
        return "\n".join(said.get(one, str(one)) for one in answer or [])
    return values.text(question.field, answer)


def _base(request: HttpRequest) -> Mapping[str, Any]:
    try:
        found = json.loads(request.POST.get("base", "{}")[:20_000])
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


# -- what every page of a draft shows -------------------------------------------------------------


def frame(request: HttpRequest, held: StudyDraft, current: str) -> dict[str, Any]:
    """Return heading, path and completeness of a draft."""
    complete = completeness(held)
    is_draft = held.study.state == StudyState.DRAFT
    return {
        "draft": held,
        "study": held.study,
        "crumbs": [LIST, DRAFTS, Crumb(held.study.number)],
        "heading": Truncator(title(held)).chars(160),
        "marks": [
            DRAFT_BADGE if is_draft else Badge("Published, being changed", Tone.INFO, Shape.HALF)
        ],
        "steps": steps(held, current),
        "meter": Meter("WHO data set", complete.n_answered, complete.n_items),
        "is_draft": is_draft,
    }


def steps(held: StudyDraft, current: str) -> list[Step]:
    """Return the pages of the form, each with how many required answers it still needs."""
    found = rules.sections()
    open_fields = {one.field for one in rules.unanswered(found, held.answers)}
    made = []
    for one in found:
        n = sum(question.field in open_fields for question in one.questions)
        state = StepState.NEXT if n else StepState.DONE
        url = reverse("registry:draft_section", args=[held.study_id, one.key])
        note = f"{n} still needed" if n else "nothing needed"
        made.append(Step(one.title, StepState.NOW if one.key == current else state, note, url))
    check = reverse("registry:draft_check", args=[held.study_id])
    note = f"{len(open_fields)} still needed" if open_fields else "ready"
    last = StepState.NOW if current == "check" else StepState.NEXT
    return [*made, Step("Check and publish", last, note, check)]
