"""The tree: which questions are asked, and which obligations the answers lead to.

Questions are asked in the order of the pack, each only where earlier answers ask for it. Every route
whose answers are given applies, so a study may owe several things, each product its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tembusu.foundation.jurisdictions.rules import tables
from tembusu.foundation.jurisdictions.rules.tables import Condition, Contradiction, Route
from tembusu.foundation.jurisdictions.terms import (
    NO_APPLICATION,
    AnswersContradict,
    Application,
    Asked,
    Cardinality,
    Check,
    Explanation,
    Item,
    Level,
    NoRoute,
    Obligation,
    Pack,
    ProductAnswers,
    Question,
    RouteAnswers,
    Step,
    Theme,
    Unanswered,
    UnknownAnswer,
)

Given = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Tree:
    """The questions, routes and obligations of a pack on one day."""

    questions: tuple[Question, ...]
    routes: tuple[Route, ...]
    contradictions: tuple[Contradiction, ...]
    owed: Mapping[str, Item]

    def question(self, key: str) -> Question:
        return next(one for one in self.questions if one.key == key)

    def of_level(self, level: Level) -> list[Question]:
        return [one for one in self.questions if one.level is level]


def tree_of(pack: Pack) -> Tree:
    """Return the tree of a pack as it holds on one day.

    :raises TableFault: if one of its structures is not made as it must be
    """
    return Tree(
        questions=tuple(tables.question(one) for one in _filled(pack, Theme.QUESTIONS)),
        routes=tuple(tables.route(one) for one in _filled(pack, Theme.ROUTES)),
        contradictions=tuple(
            tables.contradiction(one) for one in _filled(pack, Theme.CONTRADICTIONS)
        ),
        owed={one.key: one for one in pack.of_theme(Theme.OBLIGATIONS)},
    )


def _filled(pack: Pack, theme: Theme) -> Iterator[Item]:
    return (item for item in pack.of_theme(theme) if not item.is_empty)


def is_met(when: Sequence[Condition], given: Given) -> bool:
    """Say whether one of the alternatives is answered so; no alternative at all is always met."""
    return not when or any(_holds(one, given) for one in when)


def _holds(condition: Condition, given: Given) -> bool:
    return all(given.get(name) in answers for name, answers in condition.items())


# -- asking ---------------------------------------------------------------------------------------


def open_questions(tree: Tree, answers: RouteAnswers) -> list[Asked]:
    """Return the questions that wait for an answer now, in their order.

    An answer may open further ones: ask again with it.
    """
    found = [
        Asked(one, "")
        for one in tree.of_level(Level.STUDY)
        if one.key not in answers.study and is_met(one.asked_when, answers.study)
    ]
    for product in answers.products:
        given = {**answers.study, **product.answers}
        found += [
            Asked(one, product.name)
            for one in tree.of_level(Level.PRODUCT)
            if one.key not in product.answers and is_met(one.asked_when, given)
        ]
    return found


def asks_for_products(tree: Tree, study: Given) -> bool:
    """Say whether, after these answers on the study, its products are asked about."""
    return any(is_met(one.asked_when, study) for one in tree.of_level(Level.PRODUCT))


# -- judging answers ------------------------------------------------------------------------------


def check_answers(tree: Tree, answers: RouteAnswers) -> None:
    """Refuse answers from which nothing can follow.

    :raises UnknownAnswer, AnswersContradict, Unanswered: naming questions and answers
    """
    _check_known(tree, answers.study, Level.STUDY)
    for product in answers.products:
        _check_known(tree, product.answers, Level.PRODUCT)
    _check_names(answers.products)
    for given in [answers.study, *({**answers.study, **p.answers} for p in answers.products)]:
        _check_together(tree, given)
        _check_asked(tree, given)
    for product in answers.products:
        _check_wanted(tree, answers.study, product)
    if waiting := open_questions(tree, answers):
        about = f" (product {waiting[0].product})" if waiting[0].product else ""
        raise Unanswered(f"Not answered yet{about}: {waiting[0].question.text}")
    if not answers.products and asks_for_products(tree, answers.study):
        raise Unanswered("Name each product that the study tests, and answer for it.")


def _check_known(tree: Tree, given: Given, level: Level) -> None:
    known = {one.key: one for one in tree.of_level(level)}
    for name, answer in given.items():
        if name not in known:
            raise UnknownAnswer(f"No question about the {level} is called '{name}'.")
        if answer not in {one.value for one in known[name].choices}:
            choices = ", ".join(one.value for one in known[name].choices)
            raise UnknownAnswer(f"'{name}' takes one of {choices}; not '{answer}'.")


def _check_names(products: Sequence[ProductAnswers]) -> None:
    names = [one.name for one in products]
    if "" in names or len(set(names)) != len(names):
        raise UnknownAnswer("Give each product a name of its own.")


def _quoted(tree: Tree, name: str, answer: str) -> str:
    question = tree.question(name)
    return f"“{question.text}” — {question.label_of(answer)}"


def _check_together(tree: Tree, given: Given) -> None:
    for one in tree.contradictions:
        if all(given.get(name) == answer for name, answer in one.answers.items()):
            said = " and ".join(_quoted(tree, *pair) for pair in one.answers.items())
            raise AnswersContradict(f"{said} exclude each other: {one.reason}")


def _check_asked(tree: Tree, given: Given) -> None:
    for name in given:
        question = tree.question(name)
        if not is_met(question.asked_when, given):
            other = _stands_against(tree, question.asked_when, given)
            also = f" where {_quoted(tree, *other)}" if other else ""
            raise AnswersContradict(
                f"{_quoted(tree, name, given[name])} answers what is not asked{also}. Take one of "
                "the two back."
            )


def _stands_against(tree: Tree, when: Sequence[Condition], given: Given) -> tuple[str, str] | None:
    """Return the answer that keeps a question from being asked, or an earlier one that it needs."""
    for condition in when:
        for name, answers in condition.items():
            if name in given and given[name] not in answers:
                return name, given[name]
            if name not in given and (
                found := _stands_against(tree, tree.question(name).asked_when, given)
            ):
                return found
    return None


def _check_wanted(tree: Tree, study: Given, product: ProductAnswers) -> None:
    if asks_for_products(tree, study):
        return
    alternatives = [one for q in tree.of_level(Level.PRODUCT) for one in q.asked_when]
    other = _stands_against(tree, alternatives, study)
    because = f": {_quoted(tree, *other)}" if other else ""
    raise AnswersContradict(
        f"The product {product.name} is named, but nothing is asked of products{because}. Take the "
        "product or that answer back."
    )


# -- what follows ---------------------------------------------------------------------------------


def obligations(tree: Tree, answers: RouteAnswers) -> list[Obligation]:
    """Return what the answers oblige to: for the study first, then for each product.

    :raises AnswerRefused: if answers are unknown, open or contradict each other
    """
    check_answers(tree, answers)
    found = _led_to(tree, Level.STUDY, answers.study, "")
    for product in answers.products:
        given = {**answers.study, **product.answers}
        of_product = _led_to(tree, Level.PRODUCT, given, product.name)
        if not of_product:
            raise NoRoute(f"The reference data leads nowhere for {product.name}: {said(given)}.")
        found += of_product
    if not found:
        raise NoRoute(f"The reference data leads nowhere for {said(answers.study)}.")
    return _beside(tree, _absorbed(tree, found))


def said(given: Given) -> str:
    return ", ".join(f"{name} = {answer}" for name, answer in given.items())


def _led_to(tree: Tree, level: Level, given: Given, product: str) -> list[Obligation]:
    return [
        _obligation(tree, route, given, product)
        for route in tree.routes
        if route.level is level and is_met(route.when, given)
    ]


def _obligation(tree: Tree, route: Route, given: Given, product: str) -> Obligation:
    owed = tree.owed.get(route.obligation)
    timed = (one.clock for one in route.clocks if _holds(one.when, given))
    return Obligation(
        key=route.item.key,
        kind=route.obligation,
        authority=str(owed.details["authority"]) if owed else "",
        label=route.label or (str(owed.value) if owed else ""),
        reason=route.reason,
        source=route.item.source,
        is_verified=route.item.is_verified,
        cardinality=Cardinality(owed.details["cardinality"]) if owed else Cardinality.STUDY,
        product=product,
        clock_key=next(timed, ""),
        checks=route.checks,
    )


def _absorbed(tree: Tree, found: Sequence[Obligation]) -> list[Obligation]:
    """Return the obligations, the lesser ones met by the application that takes them in."""
    made = list(found)
    for stronger in found:
        owed = tree.owed.get(stronger.kind)
        lesser = owed.details.get("absorbs", []) if owed else []
        for no, one in enumerate(made):
            if owed and one.kind in lesser:
                reason = f"{one.reason} {owed.details.get('absorbs_because', '')}".strip()
                made[no] = replace(
                    one,
                    kind=stronger.kind,
                    authority=stronger.authority,
                    label=stronger.label,
                    reason=reason,
                    cardinality=stronger.cardinality,
                    clock_key=stronger.clock_key,
                )
    return made


def _beside(tree: Tree, found: Sequence[Obligation]) -> list[Obligation]:
    """Return the obligations, with what is to be checked where another kind stands beside them."""
    kinds = {one.kind for one in found}
    return [_checked_beside(tree.owed.get(one.kind), one, kinds) for one in found]


def _checked_beside(owed: Item | None, one: Obligation, kinds: set[str]) -> Obligation:
    if owed is None or not kinds & set(owed.details.get("beside", [])):
        return one
    check = Check(str(owed.details["beside_check"]), owed.source)
    return replace(one, checks=(*one.checks, check))


def applications(found: Sequence[Obligation]) -> list[Application]:
    """Return the obligations by what is sent: one entry for each kind that is sent somewhere.

    Obligations of cardinality ``product`` stay apart; ``NO_APPLICATION`` sends nothing.
    """
    groups: dict[tuple[str, str], list[Obligation]] = {}
    for one in found:
        if one.kind != NO_APPLICATION:
            apart = one.product if one.cardinality is Cardinality.PRODUCT else ""
            groups.setdefault((one.kind, apart), []).append(one)
    return [
        Application(
            kind=kind,
            authority=group[0].authority,
            label=group[0].label,
            count_per=group[0].cardinality,
            products=tuple(one.product for one in group if one.product),
            clock_keys=tuple(dict.fromkeys(one.clock_key for one in group if one.clock_key)),
            obligations=tuple(group),
        )
        for (kind, _), group in groups.items()
    ]


def explain(tree: Tree, answers: RouteAnswers) -> Explanation:
    """Return the way through the tree, step by step, and where it led.

    :raises AnswerRefused: as ``obligations`` does
    """
    found = obligations(tree, answers)
    steps = [
        _step(question, answers.study[question.key], "")
        for question in tree.of_level(Level.STUDY)
        if question.key in answers.study
    ]
    for product in answers.products:
        steps += [
            _step(question, product.answers[question.key], product.name)
            for question in tree.of_level(Level.PRODUCT)
            if question.key in product.answers
        ]
    return Explanation(tuple(steps), tuple(found))


def _step(question: Question, answer: str, product: str) -> Step:
    return Step(product, question.text, question.label_of(answer), question.item.source)


# -- every way through ----------------------------------------------------------------------------


def every_way(tree: Tree) -> Iterator[RouteAnswers]:
    """Yield every complete set of answers for a study without products, or with one."""
    for study in _ways(tree.of_level(Level.STUDY), {}):
        if not asks_for_products(tree, study):
            yield RouteAnswers(study)
            continue
        for given in _ways(tree.of_level(Level.PRODUCT), study):
            own = {name: answer for name, answer in given.items() if name not in study}
            yield RouteAnswers(study, (ProductAnswers("product", own),))


def _ways(questions: Sequence[Question], given: Given) -> Iterator[dict[str, str]]:
    waiting = (q for q in questions if q.key not in given and is_met(q.asked_when, given))
    question = next(waiting, None)
    if question is None:
        yield dict(given)
        return
    for choice in question.choices:
        yield from _ways(questions, {**given, question.key: choice.value})
