"""What the answers of a registration say together: what cannot be, and what can hardly be.

A misfit stops publishing, curating, and saving where both answers are given at once. A doubt may be
true, so whoever publishes or curates says that they looked.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tembusu.coordination.registry.rules.answers import age_in_days
from tembusu.coordination.registry.rules.matching_countries import is_country
from tembusu.coordination.registry.rules.matching_names import normalise
from tembusu.foundation.ui.countries import near_country
from trialformats.dates import DateError, PartialDate

# Of a study that enrols or has enrolled; one that has not begun may plan its start.
BEGUN = {"RECRUITING": "recruiting", "COMPLETED": "completed"}

# Dates that are planned or actual, as a sentence begins with them.
KINDS = {
    "start": "The first enrolment",
    "primary_completion": "Primary completion",
    "completion": "Completion",
}

Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said of an answer in the light of others. ``field``: where it is mended."""

    field: str
    text: str


def added(
    judge: Callable[[Answers], list[Remark]], before: Answers, after: Answers
) -> list[Remark]:
    """Return what is said of the answers after a change that was not said of them before."""
    known = judge(before)
    return [one for one in judge(after) if one not in known]


def misfits(answers: Answers) -> list[Remark]:
    """Return which answers cannot be so together; only what is given is judged."""
    return [*_ages(answers), *_phases(answers), *_completion(answers)]


def _ages(answers: Answers) -> Iterator[Remark]:
    low, high = _days(answers, "minimum_age"), _days(answers, "maximum_age")
    if low is not None and high is not None and high < low:
        yield Remark(
            "maximum_age",
            f"The oldest age ({answers['maximum_age']}) lies below the youngest"
            f" ({answers['minimum_age']}).",
        )


def _phases(answers: Answers) -> Iterator[Remark]:
    phases = _list(answers, "phases")
    if "NA" in phases and len(phases) > 1:
        yield Remark("phases", "Choose a phase or 'Not applicable', not both.")


def _completion(answers: Answers) -> Iterator[Remark]:
    start, end = _partial(answers, "start_dtc"), _partial(answers, "completion_dtc")
    if start and end and end.surely_before(start):
        yield Remark(
            "completion_dtc", f"Completion ({end}) lies before the first enrolment ({start})."
        )


def doubts(answers: Answers, *, today: date, behalf: Sequence[str] = ()) -> list[Remark]:
    """Return what fits badly together or with today; it may be true all the same.

    :param behalf: the names of the organisation on whose behalf a study is registered, as it is
        called now first; empty where nobody registers
    """
    return [
        *_sponsor(answers, behalf),
        *_order(answers),
        *_future(answers, today),
        *_elsewhere(answers),
    ]


def _sponsor(answers: Answers, behalf: Sequence[str]) -> Iterator[Remark]:
    sponsor = answers.get("lead_sponsor")
    named = sponsor.get("name") if isinstance(sponsor, dict) else None
    if not behalf or not isinstance(named, str) or not named:
        return
    if normalise(named) not in {normalise(name) for name in behalf}:
        text = f"This is registered on behalf of {behalf[0]}; the sponsor named is {named}."
        yield Remark("lead_sponsor", text)


def _order(answers: Answers) -> Iterator[Remark]:
    start, end = _partial(answers, "start_dtc"), _partial(answers, "completion_dtc")
    primary = _partial(answers, "primary_completion_dtc")
    where = "primary_completion_dtc"
    if start and primary and primary.surely_before(start):
        text = f"Primary completion ({primary}) lies before the first enrolment ({start})."
        yield Remark(where, text)
    if end and primary and end.surely_before(primary):
        yield Remark(where, f"Primary completion ({primary}) lies after completion ({end}).")


def _future(answers: Answers, today: date) -> Iterator[Remark]:
    for no, review in enumerate(_list(answers, "ethics_reviews"), start=1):
        approved = _partial(review, "approval_dtc") if isinstance(review, dict) else None
        if approved and approved.earliest() > today:
            text = f"Row {no}: the approval ({approved}) lies in the future."
            yield Remark("ethics_reviews", text)
    for name, words in KINDS.items():
        when = _partial(answers, f"{name}_dtc")
        if when and when.earliest() > today and answers.get(f"{name}_kind") == "ACTUAL":
            yield Remark(f"{name}_kind", f"{words} ({when}) is called actual, but lies ahead.")
    start, status = _partial(answers, "start_dtc"), answers.get("overall_status")
    if not start or start.earliest() <= today:
        return
    if isinstance(status, str) and status in BEGUN:
        text = f"The study is called {BEGUN[status]}, but its first enrolment ({start}) lies ahead."
        yield Remark("overall_status", text)


def _elsewhere(answers: Answers) -> Iterator[Remark]:
    for name in _list(answers, "countries"):
        if isinstance(name, str) and not is_country(name):
            yield Remark("countries", _unknown_country(name))
    for no, site in enumerate(_list(answers, "locations"), start=1):
        name = site.get("country") if isinstance(site, dict) else None
        if isinstance(name, str) and name and not is_country(name):
            yield Remark("locations", f"Row {no}: {_unknown_country(name)}")
    if answers.get("results_url") and answers.get("has_results") is False:
        text = "An address of results is given, but results are said not to be posted."
        yield Remark("has_results", text)
    if answers.get("study_type") == "OBSERVATIONAL" and set(_list(answers, "phases")) - {"NA"}:
        text = "Phases belong to interventional studies; this one is observational."
        yield Remark("phases", text)


def _unknown_country(name: str) -> str:
    near = near_country(name)
    meant = f" Did you mean {near}?" if near else ""
    return f"'{name}' is no country that we know by this name.{meant}"


def _days(answers: Answers, field: str) -> float | None:
    text = answers.get(field)
    return age_in_days(text) if isinstance(text, str) else None


def _list(answers: Answers, field: str) -> list[Any]:
    found = answers.get(field)
    return found if isinstance(found, list) else []


def _partial(answers: Answers, field: str) -> PartialDate | None:
    """Return a date, or None where there is none: its own question says what is wrong with it."""
    text = answers.get(field)
    try:
        return PartialDate(text) if isinstance(text, str) and text else None
    except DateError:
        return None
