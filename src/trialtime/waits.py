"""How long each step of a case waited and took: from the day on which it could begin to its end.

These are the durations that a history is made of, and they fit together along a pathway: a step's end is
the end of the last step that it needs, plus its wait. A step can begin once all it needs is finished, or
on the first day of the case. One that was left out is passed through to what it needed itself; so is, as
in `attribution`, a need that was still open when the step was finished. A step finished before it could
begin took no time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from trialtime.attribution import CircularPathway, Step, UnknownStep, find_circle
from trialtime.survival import Curve, kaplan_meier_of_counts


@dataclass(frozen=True, slots=True)
class Wait:
    """Calendar days of one step, from when it could begin to its end, or to the day of reading."""

    key: str
    days: int
    is_finished: bool


def waits(steps: Sequence[Step], *, start_date: date, as_of: date) -> list[Wait]:
    """Return the waits of the steps of a case that could begin; those that could not are not among them.

    :param as_of: the day of reading; for a case that was withdrawn or stopped, the day on which it was:
        its open steps then count as unfinished
    :raises CircularPathway: steps that wait for each other, named
    :raises UnknownStep: a need that is not among the steps
    """
    meant = needs_meant(steps)
    ends = {step.key: _end(step, as_of) for step in steps}
    found = []
    for step in steps:
        if step.is_left_out:
            continue
        end = ends[step.key]
        before = [ends[need] for need in meant[step.key]]
        if end is None and None in before:
            continue
        ready = max([start_date, *(day for day in before if day is not None)])
        days = ((as_of if end is None else end) - ready).days
        found.append(Wait(step.key, max(days, 0), end is not None))
    return found


def histories(waited: Iterable[Wait]) -> dict[str, Curve]:
    """Return for each step the Kaplan-Meier curve of its waits, unfinished ones censored."""
    finished: dict[str, Counter[int]] = defaultdict(Counter)
    censored: dict[str, Counter[int]] = defaultdict(Counter)
    for wait in waited:
        (finished if wait.is_finished else censored)[wait.key][wait.days] += 1
    curves = {}
    for key in sorted(finished.keys() | censored.keys()):
        days = sorted(finished[key].keys() | censored[key].keys())
        curves[key] = kaplan_meier_of_counts(
            days, [finished[key][day] for day in days], [censored[key][day] for day in days]
        )
    return curves


def needs_meant(steps: Sequence[Step]) -> Mapping[str, tuple[str, ...]]:
    """Return what each step waits for, steps that were left out passed through to what they needed.

    :raises CircularPathway: steps that wait for each other, named
    :raises UnknownStep: a need that is not among the steps
    """
    known = {step.key: step for step in steps}
    for step in steps:
        strange = next((need for need in step.needs if need not in known), None)
        if strange is not None:
            raise UnknownStep(
                f"The step '{step.key}' needs '{strange}', which is no step of the case."
            )
    circle = find_circle({step.key: step.needs for step in steps})
    if circle:
        said = " needs ".join(f"'{key}'" for key in (*circle, circle[0]))
        raise CircularPathway(
            f"These steps wait for each other: {said}. Take one of the needs away."
        )
    return {step.key: tuple(_applying(known, step.needs)) for step in steps}


def _applying(known: Mapping[str, Step], keys: Sequence[str]) -> dict[str, None]:
    found: dict[str, None] = {}
    left, seen = list(reversed(keys)), set[str]()
    while left:
        key = left.pop()
        if key in seen:
            continue
        seen.add(key)
        if known[key].is_left_out:
            left.extend(reversed(known[key].needs))
        else:
            found[key] = None
    return found


def _end(step: Step, as_of: date) -> date | None:
    """Return when a step was finished; what is dated after the day of reading has not happened yet."""
    return step.end_date if step.end_date is not None and step.end_date <= as_of else None
