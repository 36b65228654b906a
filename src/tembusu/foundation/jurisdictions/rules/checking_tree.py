"""Whether the tree of a pack holds together, on every day on which it changes."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise

from tembusu.foundation.jurisdictions.rules import periods, tree
from tembusu.foundation.jurisdictions.rules.tree import Tree
from tembusu.foundation.jurisdictions.terms import (
    NO_APPLICATION,
    AnswerRefused,
    Level,
    NoRoute,
    Pack,
    Question,
    Theme,
)

THEMES = (Theme.QUESTIONS, Theme.ROUTES, Theme.CONTRADICTIONS, Theme.OBLIGATIONS)
Choices = Mapping[str, set[str]]


def faults(pack: Pack) -> list[str]:
    """Return what is wrong with the tree, on the first day on which something is."""
    parts = [item for theme in THEMES for item in pack.of_theme(theme)]
    if not any(item.theme is Theme.QUESTIONS for item in parts):
        return ["questions: there is none, so no route can be found."]
    clocks = {one.key for one in pack.of_theme(Theme.CLOCKS)}
    turns = {day for item in parts for day in (item.effective_from, item.effective_to) if day}
    for day in [date.min, *sorted(turns)]:
        held = periods.on(pack, day)
        if held.of_theme(Theme.QUESTIONS) and (found := faults_on(held, clocks)):
            since = f" (from {day})" if day > date.min else ""
            return [f"{fault}{since}" for fault in found]
    return []


def faults_on(pack: Pack, clocks: set[str]) -> list[str]:
    """Return what is wrong with the tree of a pack as it holds on one day.

    :param clocks: the names of all clocks, whenever they hold
    """
    made = tree.tree_of(pack)
    choices = {one.key: {choice.value for choice in one.choices} for one in made.questions}
    found = [
        *_order_faults(made),
        *_asking_faults(made, choices),
        *_answer_faults(made, choices),
        *_route_faults(made, clocks),
    ]
    return found or list(_way_faults(made))


def _order_faults(made: Tree) -> Iterator[str]:
    for one, other in pairwise(made.questions):
        if one.level is Level.PRODUCT and other.level is Level.STUDY:
            yield (
                f"questions, item '{other.key}': questions about the study come before those about "
                "its products."
            )


def _asking_faults(made: Tree, choices: Choices) -> Iterator[str]:
    earlier: set[str] = set()
    for question in made.questions:
        yield from _condition_faults(question, earlier, choices)
        earlier.add(question.key)


def _condition_faults(question: Question, earlier: set[str], choices: Choices) -> Iterator[str]:
    here = f"questions, item '{question.key}'"
    for condition in question.asked_when:
        for name, answers in condition.items():
            if name not in earlier:
                yield f"{here}: 'asked_when' names '{name}', which no earlier question is called."
            elif unknown := sorted(answers - choices[name]):
                yield f"{here}: '{name}' has no answer '{unknown[0]}'."


def _answer_faults(made: Tree, choices: Choices) -> Iterator[str]:
    named = [
        (f"routes, item '{route.item.key}'", name, answer)
        for route in made.routes
        for condition in [*route.when, *(one.when for one in route.clocks)]
        for name, answers in condition.items()
        for answer in sorted(answers)
    ]
    named += [
        (f"contradictions, item '{one.item.key}'", name, answer)
        for one in made.contradictions
        for name, answer in one.answers.items()
    ]
    for here, name, answer in named:
        if answer not in choices.get(name, ()):
            yield f"{here}: no question '{name}' has the answer '{answer}'."


def _route_faults(made: Tree, clocks: set[str]) -> Iterator[str]:
    for route in made.routes:
        here = f"routes, item '{route.item.key}'"
        if route.obligation != NO_APPLICATION and route.obligation not in made.owed:
            yield f"{here}: no obligation is called '{route.obligation}'."
        if route.obligation == NO_APPLICATION and not (route.label and route.checks):
            yield f"{here}: where there is no application, say so in 'label' and give 'checks'."
        for timed in route.clocks:
            if timed.clock not in clocks:
                yield f"{here}: no clock is called '{timed.clock}'."


def _way_faults(made: Tree) -> Iterator[str]:
    for answers in tree.every_way(made):
        try:
            tree.obligations(made, answers)
        except NoRoute as fault:
            yield f"routes: {fault}"
        except AnswerRefused as fault:
            yield f"contradictions: an answer that is asked for is refused: {fault}"
