"""Registering a study by hand: the drafts, and answering the form page by page."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.actions import drafts as actions
from tembusu.coordination.registry.forms import SectionForm, anchor, standing, with_row, without_row
from tembusu.coordination.registry.models import StudyDraft
from tembusu.coordination.registry.rules import form as rules
from tembusu.coordination.registry.selectors import drafts as selectors
from tembusu.coordination.registry.terms import Completeness, FormSection, StudyState
from tembusu.coordination.registry.views import draft_conflict, values
from tembusu.coordination.registry.views.study import LIST
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui.terms import (
    Badge,
    Blocked,
    Crumb,
    Fact,
    Meter,
    Shape,
    Step,
    StepState,
    Tone,
)

LONGEST_HEADING = 160
DRAFTS = Crumb("My drafts", "/studies/drafts/")


def whole(given: Any) -> int:
    text = str(given or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else 0


# -- what is said of every draft --------------------------------------------------------------------

DRAFT_BADGE = Badge("Draft", Tone.WARN, Shape.RING)


def title(draft: StudyDraft) -> str:
    """Return the public title as the form shows it; the scientific one is another answer."""
    found = selectors.standing_answers(draft).get("brief_title")
    return str(found) if found else f"{draft.study.number}, without a public title"


def completeness(draft: StudyDraft) -> Completeness:
    """Return how many WHO items the draft would answer if it were published as it stands."""
    registration = selectors.own_registration(draft.study)
    record = selectors.as_record(draft, registration, today=timezone.localdate())
    return rules.completeness(rules.sections(), record)


@login_required
@require_safe
def draft(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Go on where the draft was left: at the first page that still needs an answer."""
    held = selectors.get_draft(request.user, pk)
    fields = open_fields(held)
    first = next(
        (one for one in rules.all_questions(rules.sections()) if one.field in fields), None
    )
    if first is None:
        return redirect("registry:draft_check", pk=pk)
    key = rules.section_of(rules.sections(), first.field)
    return redirect("registry:draft_section", pk=pk, key=key)


def open_fields(held: StudyDraft) -> set[str]:
    """Return the questions that keep a draft from being published: to be answered or put right."""
    found = rules.sections()
    left = [*rules.unanswered(found, held.answers), *rules.to_mend(found, held.typed)]
    return {one.field for one in left}


# -- one page of the form -------------------------------------------------------------------------


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
    return _show(
        request, held, part, standing(part, held.answers, held.typed, blanks=_blanks(request))
    )


def _gone(request: HttpRequest, form: SectionForm) -> dict[str, object]:
    """Return which row the reader has just removed, and how many are left."""
    name, _, no = request.GET.get("removed", "").partition(":")
    if not (whole(no) and form.has_rows(name)):
        return {}
    return {"field": name, "no": whole(no), "n_left": form.n_rows(name)}


def _blanks(request: HttpRequest) -> dict[str, int]:
    name, _, n = request.GET.get("blank", "").partition(":")
    return {name: whole(n)}


def _read(request: HttpRequest, held: StudyDraft, part: FormSection, why: str) -> HttpResponse:
    context = {
        **frame(request, held, part.key),
        "part": part,
        "facts": [
            Fact(q.label, values.words(q, held.answers.get(q.field)), note=_note(held, q.field))
            for q in part.questions
        ],
        "blocked": [Blocked("Change the draft", why)],
    }
    return render(request, "registry/draft_read.html", context)


def _note(held: StudyDraft, field: str) -> str:
    return (
        f"To be put right: {values.typed_words(held.typed[field])}" if field in held.typed else ""
    )


def _take(request: HttpRequest, held: StudyDraft, part: FormSection) -> HttpResponseBase:
    """Save what can be kept as an answer, and beside it what can't be yet."""
    go, _, row = request.POST.get("go", "draft").partition(":")
    form = SectionForm(part, held.answers, data=resized(request.POST, go, row))
    beyond = form.beyond()
    left_out = _theirs(request, part) | beyond
    answers, typed = form.answers(), form.typed()
    person: Any = request.user
    try:
        saved = actions.save_draft(
            draft=held,
            answers={name: one for name, one in answers.items() if name not in left_out},
            typed={name: one for name, one in typed.items() if name not in left_out},
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
    if beyond:
        # What is not kept stands on this page alone, so the page itself is the answer.
        return _show(request, saved, part, form, is_saved=True)
    is_wrong = bool(set(saved.typed) & {one.field for one in part.questions})
    name = row.partition(":")[0]
    here = reverse("registry:draft_section", args=[saved.study_id, part.key])
    if go in ("add", "remove") and form.has_rows(name):
        return redirect(here + _at_rows(saved, part, form, go, row))
    if go == "next" and not is_wrong:
        _say_saved(request, part, before=doubted_on(held, part), after=doubted_on(saved, part))
        return redirect(_after(saved, part))
    messages.success(request, "Saved, but for what is marked." if is_wrong else "Saved.")
    return redirect(here)


def _say_saved(
    request: HttpRequest,
    part: FormSection,
    *,
    before: Sequence[tuple[str, str, str]],
    after: Sequence[tuple[str, str, str]],
) -> None:
    """Say on the next page that the one before is saved, and what of it is doubted since."""
    messages.success(request, f"“{part.title}” is saved.")
    for label, text, url in after:
        if (label, text, url) not in before:
            messages.warning(request, format_html('<a href="{}">{}</a>: {}', url, label, text))


def resized(data: QueryDict, go: str, row: str) -> MultiValueDict[str, str]:
    """Return what was typed, with the row more or less that the button asked for."""
    name, _, no = row.partition(":")
    if go == "add":
        return with_row(data, name)
    return without_row(data, name, whole(no)) if go == "remove" else data


def _theirs(request: HttpRequest, part: FormSection) -> set[str]:
    """Return the questions of which what the other person saved was chosen to stay."""
    return {
        one.field for one in part.questions if request.POST.get(f"keep-{one.field}") == "theirs"
    }


def _at_rows(saved: StudyDraft, part: FormSection, form: SectionForm, go: str, row: str) -> str:
    """Return where the page is entered again: at the new row, or at what says that one is gone."""
    name, _, no = row.partition(":")
    # Rows that were left blank are no answer, so the page is asked to show them again.
    blanks = {} if name in saved.typed else {name: form.n_blank(name)}
    shows = f"?blank={name}:{blanks[name]}&" if blanks.get(name) else "?"
    if go == "remove":
        return f"{shows}removed={name}:{whole(no) + 1}#gone-{name}"
    shown = standing(part, saved.answers, saved.typed, blanks=blanks)
    return f"{shows[:-1]}#{shown.row_anchor(name, is_last=True)}"


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
    *,
    is_saved: bool = False,
) -> HttpResponse:
    context = {
        **frame(request, held, part.key),
        "part": part,
        "form": form,
        "revision": held.revision,
        "base": json.dumps(draft_conflict.marks(part, held)),
        "stale": str(stale or ""),
        "is_own": isinstance(stale, actions.StaleOwnDraft),
        "is_public": isinstance(stale, actions.PublishedMeanwhile),
        "differing": draft_conflict.differing(held, part, form, base=request.POST.get("base", ""))
        if stale
        else [],
        "gone": _gone(request, form),
        "doubts": [] if stale else doubted_on(held, part),
        "guard": "unkept" if stale or is_saved else "kept",
        "is_last": part.key == rules.sections()[-1].key,
    }
    if request.method == "POST" and not (stale or is_saved):
        # What came back was typed on the draft as it was then; so is what it is compared with.
        context["revision"] = whole(request.POST.get("revision"))
        context["base"] = request.POST.get("base", "")
    return render(request, "registry/draft_section.html", context)


# -- where an answer is given, and what is doubted of it -------------------------------------------


def answer_url(draft: StudyDraft, field: str) -> str:
    """Return where a question is answered."""
    key = rules.section_of(rules.sections(), field)
    asked = next(one for one in rules.all_questions(rules.sections()) if one.field == field)
    return f"{reverse('registry:draft_section', args=[draft.study_id, key])}#{anchor(asked)}"


def doubted(draft: StudyDraft, *, today: date) -> list[tuple[str, str, str]]:
    """Return what fits badly together: (question, what is doubted, where) of each."""
    asked = {one.field: one.label for one in rules.all_questions(rules.sections())}
    return [
        (asked[one.field], one.text, answer_url(draft, one.field))
        for one in selectors.doubts(draft, today=today)
    ]


def doubted_on(draft: StudyDraft, part: FormSection) -> list[tuple[str, str, str]]:
    """Return what is doubted of the answers of one page."""
    labels = {one.label for one in part.questions}
    return [one for one in doubted(draft, today=timezone.localdate()) if one[0] in labels]


# -- what every page of a draft shows -------------------------------------------------------------


def frame(request: HttpRequest, held: StudyDraft, current: str) -> dict[str, Any]:
    """Return heading, path and completeness of a draft."""
    complete = completeness(held)
    is_draft = held.study.state == StudyState.DRAFT
    return {
        "draft": held,
        "study": held.study,
        "crumbs": [LIST, DRAFTS, Crumb(held.study.number)],
        "heading": shortened(title(held)),
        "marks": [
            DRAFT_BADGE if is_draft else Badge("Published, being changed", Tone.INFO, Shape.HALF)
        ],
        "steps": steps(held, current),
        "meter": Meter("WHO data set", complete.n_answered, complete.n_items),
        "is_draft": is_draft,
    }


def shortened(text: str) -> str:
    """Return a title as a heading shows it, cut between words where it has any."""
    if len(text) <= LONGEST_HEADING:
        return text
    cut = text[: LONGEST_HEADING - 1]
    words, _, _ = cut.rpartition(" ")
    # One that is written without blanks, as Chinese is, is cut anywhere.
    return f"{words if len(words) > LONGEST_HEADING // 2 else cut}…"


def steps(held: StudyDraft, current: str) -> list[Step]:
    """Return the pages of the form, each with how many required answers it still needs."""
    left, wrong = open_fields(held), set(held.typed)
    made = []
    for one in rules.sections():
        fields = {question.field for question in one.questions}
        state = StepState.NEXT if fields & left else StepState.DONE
        url = reverse("registry:draft_section", args=[held.study_id, one.key])
        note = _left(len(fields & left - wrong), len(fields & wrong)) or "nothing needed"
        made.append(Step(one.title, StepState.NOW if one.key == current else state, note, url))
    check = reverse("registry:draft_check", args=[held.study_id])
    note = _left(len(left - wrong), len(left & wrong)) or "ready"
    last = StepState.NOW if current == "check" else StepState.NEXT
    return [*made, Step("Check and publish", last, note, check)]


def _left(n_needed: int, n_wrong: int) -> str:
    said = [f"{n_needed} still needed"] if n_needed else []
    return ", ".join([*said, f"{n_wrong} to put right"] if n_wrong else said)
