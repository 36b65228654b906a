"""'Which route do I need?': one page that asks as far as the answers lead, and then explains.

The answers stand in the address, so the page works without scripts, can be gone back on, and sent on.
Questions that an earlier answer no longer asks for are dropped with their answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from tembusu.coordination.registry.selectors import frames, studies
from tembusu.coordination.submissions import actions, permissions
from tembusu.coordination.submissions.selectors import pack, packages, routes
from tembusu.coordination.submissions.terms import SubmissionKind
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.jurisdictions import selectors as jurisdictions
from tembusu.foundation.jurisdictions.terms import (
    NO_APPLICATION,
    Cardinality,
    ClockRule,
    NoSuchItem,
    Obligation,
    ProductAnswers,
    Question,
    RouteAnswers,
)
from tembusu.foundation.people import selectors as people

STUDY, PRODUCT = "s.", "p"
MOST_PRODUCTS = 12
MOST_ROUNDS = 40  # more than any tree has questions
PRODUCT_KINDS = frozenset({"DRUG", "BIOLOGICAL", "DEVICE", "COMBINATION_PRODUCT", "GENETIC"})
PER = {
    Cardinality.STUDY: "one for the study",
    Cardinality.PRINCIPAL_INVESTIGATOR: "one for each principal investigator",
    Cardinality.PRODUCT: "one for each product",
}


@dataclass(frozen=True, slots=True)
class Put:
    """A question as the page puts it: under which name it is sent, and what is answered."""

    name: str
    question: Question
    answer: str
    is_proposed: bool = False


@dataclass(frozen=True, slots=True)
class Owed:
    """An obligation as the page explains it."""

    one: Obligation
    label: str
    per: str
    clock: ClockRule | None
    documents: Sequence[Any]
    start_url: str = ""

    @property
    def is_none(self) -> bool:
        return self.one.kind == NO_APPLICATION


@dataclass(slots=True)
class Asking:
    """What was answered so far, and what is asked next."""

    answers: RouteAnswers
    study: list[Put] = field(default_factory=list)
    products: list[tuple[str, list[Put]]] = field(default_factory=list)
    asks_products: bool = False
    n_open: int = 0

    @property
    def first_open(self) -> str:
        """The name of the first question without an answer, to which the page goes."""
        put = [*self.study, *(one for _, puts in self.products for one in puts)]
        return next((one.name for one in put if not one.answer), "")


def read(given: QueryDict, proposed: Mapping[str, Any], on: date) -> Asking:
    """Return what an address answers, kept to what is asked.

    :param proposed: {'study': {question: answer}, 'products': [name]}, used where nothing is given
    """
    wanted = {
        name.removeprefix(STUDY): str(given[name])[:200] for name in given if name.startswith(STUDY)
    }
    is_fresh = not given
    guessed: dict[str, str] = {**proposed.get("study", {})} if is_fresh else {}
    study = _kept(guessed | wanted, on)
    names = [name.strip()[:120] for name in given.getlist("product") if name.strip()]
    if "product" not in given:  # asked for now, after an answer about the study
        names = list(proposed.get("products", ()))
    names = list(dict.fromkeys(names))[:MOST_PRODUCTS]
    found = Asking(RouteAnswers(study=study))
    found.asks_products = jurisdictions.asks_for_products(found.answers, on)
    products = _products(given, study, names if found.asks_products else [], on)
    found.answers = RouteAnswers(study=study, products=tuple(products))
    _put(found, guessed, on)
    return found


def _kept(wanted: Mapping[str, str], on: date) -> dict[str, str]:
    """Return the answers about the study that are asked for, in the order of asking."""
    study: dict[str, str] = {}
    for _ in range(MOST_ROUNDS):
        asked = [a for a in jurisdictions.open_questions(RouteAnswers(study), on) if not a.product]
        new = {
            one.question.key: wanted[one.question.key]
            for one in asked
            if _is_answer(one.question, wanted.get(one.question.key, ""))
        }
        if not new:
            return study
        study |= new
    return study


def _products(
    given: QueryDict, study: Mapping[str, str], names: Sequence[str], on: date
) -> list[ProductAnswers]:
    held: dict[str, dict[str, str]] = {name: {} for name in names}
    for _ in range(MOST_ROUNDS):
        so_far = RouteAnswers(
            study, tuple(ProductAnswers(name, dict(one)) for name, one in held.items())
        )
        n_new = 0
        for asked in jurisdictions.open_questions(so_far, on):
            if asked.product not in held:
                continue
            no, key = list(held).index(asked.product), asked.question.key
            answer = given.get(f"{PRODUCT}{no}.{key}", "")
            if _is_answer(asked.question, answer) and key not in held[asked.product]:
                held[asked.product][key] = answer
                n_new += 1
        if not n_new:
            break
    return [ProductAnswers(name, one) for name, one in held.items()]


def _is_answer(question: Question, answer: str) -> bool:
    return answer in {one.value for one in question.choices}


def _put(found: Asking, guessed: Mapping[str, str], on: date) -> None:
    """Lay out the answered questions and those that are open, about the study and each product."""
    known = {one.key: one for one in jurisdictions.questions(on)}
    asked = jurisdictions.open_questions(found.answers, on)
    found.study = [
        Put(f"{STUDY}{key}", known[key], answer, key in guessed)
        for key, answer in found.answers.study.items()
    ]
    found.study += [
        Put(f"{STUDY}{one.question.key}", one.question, "") for one in asked if not one.product
    ]
    for no, product in enumerate(found.answers.products):
        lines = [
            Put(f"{PRODUCT}{no}.{key}", known[key], answer)
            for key, answer in product.answers.items()
        ]
        lines += [
            Put(f"{PRODUCT}{no}.{one.question.key}", one.question, "")
            for one in asked
            if one.product == product.name
        ]
        found.products.append((product.name, lines))
    found.n_open = len(asked)


def result(found: Asking, on: date, study: Any = None) -> tuple[list[Owed], str]:
    """Return what the answers lead to; or nothing and why, while something is open or contradicts."""
    if found.n_open or (found.asks_products and not found.products):
        return [], ""
    try:
        owed = jurisdictions.obligations(found.answers, on)
    except Refusal as refusal:
        return [], str(refusal)
    return [_owed(one, on, study) for one in owed], ""


def _owed(one: Obligation, on: date, study: Any) -> Owed:
    start = ""
    if study is not None and one.kind != NO_APPLICATION:
        query = urlencode({"obligation": one.kind})
        start = f"{reverse('submissions:start', args=[study.pk])}?{query}"
    return Owed(
        one,
        one.label,
        PER[one.cardinality],
        _clock(one.clock_key, on),
        pack.documents(one.kind, SubmissionKind.INITIAL, on) if one.kind != NO_APPLICATION else (),
        start,
    )


def _clock(key: str, on: date) -> ClockRule | None:
    try:
        return jurisdictions.clock(key, on) if key else None
    except NoSuchItem:
        return None


def proposed_of(study: Any) -> dict[str, Any]:
    """Return what the registry knows of a study that the tree may ask: its design, its products."""
    said = studies.effective_record(study).values
    design = str(said.get("study_type") or "").lower()
    found = [
        str(one.get("name"))
        for one in said.get("interventions") or []
        if one.get("kind") in PRODUCT_KINDS and one.get("name")
    ]
    return {"study": {"research": "research", "design": design}, "products": found[:MOST_PRODUCTS]}


@login_required
@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """Ask the tree's questions without a study: a calculator for any staff."""
    people.check(request.user, permissions.ASK_ROUTE)
    today = timezone.localdate()
    found = read(request.GET, {}, today)
    owed, fault = result(found, today)
    context = {
        **_context(request, found, owed, fault, today),
        "crumbs": [],
        "reset_url": reverse("submissions:route"),
    }
    return render(request, "submissions/route.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def of_study(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a study: proposed from the registry, kept as a version, each obligation a submission."""
    people.check(request.user, permissions.ASK_ROUTE)
    study, frame = frames.study_frame(request.user, pk, "submissions")
    today = timezone.localdate()
    kept = routes.newest_route(study)
    proposed = {} if kept else proposed_of(study)
    given = request.GET if request.GET or not kept else _query(routes.answers_of(kept.answers))
    found = read(given, proposed, today)
    may_start = packages.may_start(request.user, study)
    owed, fault = result(found, today, study if may_start else None)
    if request.method == "POST":
        return _keep(request, study, found, owed, fault)
    is_kept = kept is not None and routes.as_json(found.answers) == kept.answers
    scopes = packages.scopes_of_study(study)
    context = {
        **frame,
        **_context(request, found, owed, fault, today),
        "is_of_study": True,
        "kept": kept,
        "is_kept": is_kept,
        "versions": routes.versions(study),
        "may_keep": permissions.may_for(request.user, permissions.KEEP_ROUTE, scopes),
        "may_start": may_start,
        "start_ethics_url": f"{reverse('submissions:start', args=[pk])}?obligation={pack.ETHICS}",
        "reset_url": f"{reverse('submissions:route_of', args=[pk])}?again=1",
    }
    return render(request, "submissions/route_of_study.html", context)


def _query(answers: RouteAnswers) -> QueryDict:
    """Return kept answers as an address would give them."""
    made = QueryDict(mutable=True)
    for key, answer in answers.study.items():
        made[f"{STUDY}{key}"] = answer
    for no, product in enumerate(answers.products):
        made.appendlist("product", product.name)
        for key, answer in product.answers.items():
            made[f"{PRODUCT}{no}.{key}"] = answer
    return made


def _context(
    request: HttpRequest, found: Asking, owed: Sequence[Owed], fault: str, today: date
) -> dict[str, Any]:
    names = [name for name, _ in found.products]
    return {
        "asking": found,
        "owed": owed,
        "fault": fault,
        "names": names if "more" not in request.GET and names else [*names, ""],
        "is_done": bool(owed),
        "query": request.GET.urlencode(),
        "jurisdiction": jurisdictions.pack(today).name,
        "today": today,
    }


def _keep(
    request: HttpRequest, study: Any, found: Asking, owed: Sequence[Owed], fault: str
) -> HttpResponse:
    back = f"{reverse('submissions:route_of', args=[study.pk])}?{request.GET.urlencode()}"
    if fault:
        raise PermissionDenied(fault)
    try:
        kept = actions.keep_route(
            study=study,
            jurisdiction=jurisdictions.pack(timezone.localdate()).key,
            answers=routes.as_json(found.answers),
            obligations=[routes.obligation_json(one.one) for one in owed],
            by=request.user,
            at=timezone.now(),
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    messages.success(request, f"The route is kept with the study, as version {kept.version_no}.")
    return redirect("submissions:route_of", pk=study.pk)
