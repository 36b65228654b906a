"""What other rooms ask of the reference data, each question for the day on which it is asked."""

from collections.abc import Mapping, Sequence
from datetime import date

from tembusu.foundation.jurisdictions.rules import reading, tree
from tembusu.foundation.jurisdictions.rules.shapes import SHAPES, Shape
from tembusu.foundation.jurisdictions.rules.tree import Tree
from tembusu.foundation.jurisdictions.selectors import held
from tembusu.foundation.jurisdictions.terms import (
    AmendmentRules,
    Application,
    Asked,
    Authority,
    BoardRules,
    ChecklistItem,
    ClockRule,
    Explanation,
    Item,
    NoSuchItem,
    Obligation,
    Question,
    RenewalRule,
    ReviewFacts,
    ReviewingBoard,
    RouteAnswers,
    Theme,
    TrainingRule,
)
from trialtime.calendars import Calendar


def calendar(first_year: int, last_year: int) -> Calendar:
    """Return the country's working days for some years.

    :raises trialtime.calendars.YearNotCovered: for years whose holidays nobody knows
    """
    return reading.calendar_of(held.all_periods(), first_year, last_year)


def item(theme: Theme, key: str, on: date) -> Item | None:
    """Return an item as it holds on a day; None if it does not hold then.

    :raises NoSuchItem: if the pack never had it
    """
    found = held.pack(on).find(theme, key)
    if found is None and held.all_periods().find(theme, key) is None:
        known = ", ".join(dict.fromkeys(one.key for one in held.all_periods().of_theme(theme)))
        raise NoSuchItem(f"{theme.label} has no item '{key}'. There are: {known or 'none'}.")
    return found


def authorities(on: date) -> list[Authority]:
    return [reading.authority(one) for one in held.pack(on).of_theme(Theme.AUTHORITIES)]


def authority(key: str, on: date) -> Authority | None:
    """Return a body by its key; None if the pack does not name it on that day."""
    found = held.pack(on).find(Theme.AUTHORITIES, key)
    return reading.authority(found) if found else None


def clock(key: str, on: date) -> ClockRule | None:
    """Return the target time that holds for what starts on a day; None if none holds then.

    :raises NoSuchItem: if the pack never had a clock of that name
    """
    found = item(Theme.CLOCKS, key, on)
    return reading.clock(found) if found else None


def clocks(on: date) -> list[ClockRule]:
    return [reading.clock(one) for one in held.pack(on).of_theme(Theme.CLOCKS)]


def _tree(on: date) -> Tree:
    return tree.tree_of(held.pack(on))


def questions(on: date) -> list[Question]:
    """Return every question of the tree, in order: those about the study, then about products."""
    return list(_tree(on).questions)


def open_questions(answers: RouteAnswers, on: date) -> list[Asked]:
    """Return the questions that wait for an answer now; each answer may open further ones."""
    return tree.open_questions(_tree(on), answers)


def asks_for_products(answers: RouteAnswers, on: date) -> bool:
    """Say whether products have to be named, after these answers about the study."""
    return tree.asks_for_products(_tree(on), answers.study)


def obligations(answers: RouteAnswers, on: date) -> list[Obligation]:
    """Return what a study and each of its products owe, each with its reason and source.

    :raises AnswerRefused: answers that are unknown, missing, or contradict each other, by name
    """
    return tree.obligations(_tree(on), answers)


def explain(answers: RouteAnswers, on: date) -> Explanation:
    """Return the way through the tree, question by question, and the obligations at its end.

    :raises AnswerRefused: as ``obligations`` does
    """
    return tree.explain(_tree(on), answers)


def applications(found: Sequence[Obligation]) -> list[Application]:
    """Return obligations by what is sent; what needs no application is left out."""
    return tree.applications(found)


def checklist(kind: str, on: date) -> list[ChecklistItem]:
    """Return the documents that go with a kind of submission.

    :param kind: an obligation ('CTA'), its amendment ('CTA.amendment'), 'ethics', 'ethics.amendment'
        or 'ethics.renewal'; none are known for other kinds
    """
    return reading.checklist(held.pack(on), kind)


def board_rules(on: date, board: str = "") -> BoardRules:
    """Return quorum, seats and kinds of review.

    :param board: the pack's key of a board, for its own kinds of review and quorum
    """
    return reading.board_rules(held.pack(on), board)


def reviewing_board(facts: ReviewFacts, on: date) -> ReviewingBoard:
    """Return which board reviews a study of several clusters.

    :raises NoReviewingBoard: saying which fact is missing
    """
    return reading.reviewing_board(held.pack(on), facts)


def trainings(on: date) -> list[TrainingRule]:
    return reading.trainings(held.pack(on))


def renewal(kind: str, on: date) -> RenewalRule | None:
    """Return the report that must be in before an approval of this kind ends, if one is asked.

    :param kind: 'ethics', the key of a board, or a kind of obligation
    """
    return reading.renewal(held.pack(on), kind)


def amendment_rules(on: date) -> AmendmentRules:
    return reading.amendment_rules(held.pack(on))


def shapes() -> Mapping[Theme, Shape]:
    """Return what an item of each theme may be, for the reference."""
    return SHAPES
