"""Where the time went: every day of a case belongs to the step, and the party, that held it up.

Steps run in parallel, so their durations add up to more than the case took. This module asks of each day
instead: what was the case waiting for? The rule, drawn in `docs/explanation/attribution.md`:

1.  A case runs from its start to the end of its last step, or to the day of reading while unfinished.
2.  Go backwards. What ended it is its last step, or, while unfinished, every open step whose needs are
    met. A step could begin when the last of its needs was finished, so the days from then to its end are
    its own. Then the same is asked of that last need, and so on to the start.
3.  Where two needs were finished on the same day, both chains are followed.
4.  A day on the chains belongs to the party that held its step. Where the chains name several parties
    on a day it is 'shared', where they name several steps it is 'several'.

So the parts follow on one another without gap or overlap from start to end, and add up, always.

What pathways do not foresee has an answer, too. A step that was left out is passed through to what it
needed itself; so is a need that was still open, or was reopened, when the step was finished: it cannot
have held it up. A step finished before the case began leaves all its days to those who followed. What is
dated after the day of reading has not happened yet. A case whose every step was left out took no time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter, itemgetter

from trialtime.clocks import NegativeDuration, Turn, check_turn

Piece = tuple[str, str, date, date]  # step, party, first day, day after the last
SHARED = "shared"
SEVERAL = "several"


class PathwayRefused(ValueError):
    """Steps that form no pathway."""


class CircularPathway(PathwayRefused):
    """Steps that wait for each other."""


class UnknownStep(PathwayRefused):
    """A step is needed, or is said to end the case, that is not among the steps."""


class RepeatedStep(PathwayRefused):
    """Two steps have the same key."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a case.

    :ivar key: its name within the case
    :ivar needs: the keys of the steps that must be finished first
    :ivar party: who holds it when no turn says otherwise, also while it is ready and not started
    :ivar end_date: the day on which it was finished, None while it is open
    :ivar turns: when others held it. On a day with two turns both hold it
    :ivar is_left_out: it does not apply to this case
    """

    key: str
    needs: tuple[str, ...]
    party: str
    end_date: date | None = None
    turns: tuple[Turn, ...] = ()
    is_left_out: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Days in a row, from `start_date` up to, not including, `end_date`, that belong together.

    `steps` are in the order of the pathway, `parties` in that of the alphabet; neither is empty.
    """

    start_date: date
    end_date: date
    steps: tuple[str, ...]
    parties: tuple[str, ...]

    @property
    def days(self) -> int:
        """Calendar days, at least 1."""
        return (self.end_date - self.start_date).days


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days of one step on a critical chain, from `start_date` up to, not including, `end_date`."""

    step: str
    start_date: date
    end_date: date


@dataclass(frozen=True, slots=True)
class Attribution:
    """Where the days of a case went.

    :ivar start_date: the first day of the case
    :ivar end_date: the day on which it ended, or was read
    :ivar is_finished: whether its last step was finished by then
    :ivar parts: a partition of the days from `start_date` up to `end_date`, in order
    :ivar critical: the steps that held up the case, by the day from which they did
    """

    start_date: date
    end_date: date
    is_finished: bool
    parts: tuple[Part, ...]
    critical: tuple[Stretch, ...]

    @property
    def elapsed(self) -> int:
        """Calendar days from start to end; the sum of the parts."""
        return (self.end_date - self.start_date).days

    def days_by_party(self) -> dict[str, int]:
        """Return the days of each party, and those 'shared' between some; they add up to `elapsed`."""
        return _sum(((part.parties, part.days) for part in self.parts), SHARED)

    def days_by_step(self) -> dict[str, int]:
        """Return the days of each step, and those of 'several' at once; they add up to `elapsed`."""
        return _sum(((part.steps, part.days) for part in self.parts), SEVERAL)


def _sum(owned: Iterable[tuple[tuple[str, ...], int]], many: str) -> dict[str, int]:
    days: dict[str, int] = {}
    for names, n_days in owned:
        name = names[0] if len(names) == 1 else many
        days[name] = days.get(name, 0) + n_days
    return days


def attribute(
    steps: Sequence[Step], *, start_date: date, as_of: date, end_step: str | None = None
) -> Attribution:
    """Say where the days of a case went, by the rule at the head of this module.

    :param steps: all steps of the case, in the order of the pathway
    :param start_date: the day from which it is counted
    :param as_of: the day of reading; for a case that was stopped or withdrawn, the day on which it was
    :param end_step: the step that ends the case; None, and it ends when all steps are finished. Where it
        is left out, the steps that it needs end the case
    :raises CircularPathway: steps that wait for each other, named
    :raises UnknownStep: a need or an end that is not among the steps
    :raises RepeatedStep: two steps with the same key
    :raises NegativeDuration: the case, or a turn, ends before it starts

    >>> case = [Step("ethics", (), "board", date(2026, 1, 31)),
    ...         Step("contract", (), "site", date(2026, 1, 11)),
    ...         Step("open", ("ethics", "contract"), "sponsor", date(2026, 2, 5))]
    >>> attribute(case, start_date=date(2026, 1, 1), as_of=date(2026, 3, 1)).days_by_party()
    {'board': 30, 'sponsor': 5}
    """
    known = _by_key(steps)
    _refuse_circle(known)
    if end_step is not None and end_step not in known:
        raise UnknownStep(f"The step '{end_step}' should end the case and is not among its steps.")
    case = _Case(known, start_date, as_of)
    last = case.last_steps(end_step)
    ends = [case.ends[key] for key in last]
    finished = [end for end in ends if end is not None]
    is_finished = len(finished) == len(ends)
    end_date = max(finished, default=start_date) if is_finished else as_of
    if end_date < start_date:
        raise NegativeDuration(
            f"The case ends on {end_date.isoformat()}, before it starts on "
            f"{start_date.isoformat()}: correct one of the two dates."
        )
    if is_finished:
        heads = [key for key in last if case.ends[key] == end_date]
    else:
        heads = case.ready_steps(None if end_step is None else case.leading_to(last))
    stretches = case.chains(heads, end_date)
    return Attribution(start_date, end_date, is_finished, case.parts(stretches), stretches)


def _by_key(steps: Sequence[Step]) -> dict[str, Step]:
    known = {step.key: step for step in steps}
    if len(known) < len(steps):
        keys = [step.key for step in steps]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise RepeatedStep(f"Two steps have the key '{twice}': give each its own.")
    for step in steps:
        for need in step.needs:
            if need not in known:
                raise UnknownStep(
                    f"The step '{step.key}' needs '{need}', which is no step of the case."
                )
        for turn in step.turns:
            check_turn(turn)
    return known


def find_circle(needs: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the keys of one circle, each needing the next, or () where there is none.

    :param needs: what each step needs; a need that is no key is passed over
    """
    done: set[str] = set()
    for first in needs:
        path: dict[str, Iterator[str]] = {}
        here: str | None = None if first in done else first
        while here is not None:
            untried = path.setdefault(here, iter(needs[here]))
            need = next(untried, None)
            if need is None:
                done.add(here)
                del path[here]
                here = next(reversed(path), None)
            elif need in path:
                circle = list(path)
                return tuple(circle[circle.index(need) :])
            elif need in needs and need not in done:
                here = need
    return ()


@lru_cache(maxsize=1024)
def _circle_of(shape: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[str, ...]:
    """Return a circle as `find_circle` does; a pathway has many cases and is looked at once."""
    return find_circle(dict(shape))


def _refuse_circle(known: Mapping[str, Step]) -> None:
    circle = _circle_of(tuple((key, tuple(step.needs)) for key, step in known.items()))
    if circle:
        said = " needs ".join(f"'{key}'" for key in (*circle, circle[0]))
        raise CircularPathway(
            f"These steps wait for each other: {said}. Take one of the needs away."
        )


_start_date = attrgetter("start_date")
_first_day = itemgetter(2)


class _Case:
    """The steps of a case as they stood on the day of reading."""

    def __init__(self, known: Mapping[str, Step], start_date: date, as_of: date) -> None:
        self.known = known
        self.start_date = start_date
        self.order = {key: place for place, key in enumerate(known)}
        self.ends = {
            key: step.end_date if step.end_date is not None and step.end_date <= as_of else None
            for key, step in known.items()
        }

    def applying(self, keys: Sequence[str]) -> dict[str, None]:
        """Return the steps meant by these keys: one that was left out means those it needs itself."""
        found: dict[str, None] = {}
        waiting, seen = list(reversed(keys)), set()
        while waiting:
            key = waiting.pop()
            if key in seen:
                continue
            seen.add(key)
            if self.known[key].is_left_out:
                waiting.extend(reversed(self.known[key].needs))
            else:
                found[key] = None
        return found

    def last_steps(self, end_step: str | None) -> list[str]:
        """Return the steps whose end is the end of the case."""
        if end_step is not None:
            return list(self.applying([end_step]))
        return [key for key, step in self.known.items() if not step.is_left_out]

    def leading_to(self, keys: Sequence[str]) -> set[str]:
        """Return these steps and all that they need, directly or not."""
        found: set[str] = set()
        waiting = list(keys)
        while waiting:
            key = waiting.pop()
            if key not in found:
                found.add(key)
                waiting.extend(self.known[key].needs)
        return found

    def ready_steps(self, among: set[str] | None) -> list[str]:
        """Return the open steps all of whose needs are finished, those that the case waits for."""
        return [
            key
            for key, step in self.known.items()
            if (among is None or key in among)
            and not step.is_left_out
            and self.ends[key] is None
            and all(self.ends[need] is not None for need in self.applying(step.needs))
        ]

    def drivers(self, key: str, until: date) -> tuple[date, list[str]]:
        """Return when a step could begin, and the needs that were finished on that day, the last.

        A need that was not finished when the step ended is passed through to its own needs.
        """
        begun, last = self.start_date, []
        waiting, seen = list(self.known[key].needs), set()
        while waiting:
            need = waiting.pop()
            if need in seen:
                continue
            seen.add(need)
            step, end = self.known[need], self.ends[need]
            if step.is_left_out or end is None or end > until:
                waiting.extend(step.needs)
            elif end > begun:
                begun, last = end, [need]
            elif end == begun and end > self.start_date:
                last.append(need)
        return begun, last

    def chains(self, heads: Sequence[str], end_date: date) -> tuple[Stretch, ...]:
        """Walk backwards from the end; return each step on the way with the days that are its own."""
        if end_date == self.start_date:
            return ()
        found: dict[str, Stretch] = {}
        waiting = [(key, end_date) for key in heads]
        while waiting:
            key, until = waiting.pop()
            if key in found:
                continue
            begun, last = self.drivers(key, until)
            found[key] = Stretch(key, begun, until)
            waiting.extend((need, begun) for need in last)
        held = (stretch for stretch in found.values() if stretch.start_date < stretch.end_date)
        return tuple(sorted(held, key=lambda each: (each.start_date, self.order[each.step])))

    def parts(self, stretches: Sequence[Stretch]) -> tuple[Part, ...]:
        """Cut the days of the chains wherever a step or a party changes, and join what is alike."""
        pieces = [piece for stretch in stretches for piece in self.held(stretch)]
        pieces.sort(key=_first_day)
        cuts = sorted({day for piece in pieces for day in piece[2:]})
        found: list[Part] = []
        here: list[Piece] = []
        n_begun = 0
        for first, last in pairwise(cuts):
            here = [piece for piece in here if piece[3] > first]
            while n_begun < len(pieces) and pieces[n_begun][2] == first:
                here.append(pieces[n_begun])
                n_begun += 1
            keys, parties = self.owners(here)
            begun = first
            if found and found[-1].steps == keys and found[-1].parties == parties:
                begun = found.pop().start_date
            found.append(Part(begun, last, keys, parties))
        return tuple(found)

    def owners(self, here: Sequence[Piece]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the steps in the order of the pathway, and the parties in that of the alphabet."""
        if len(here) == 1:
            return (here[0][0],), (here[0][1],)
        keys = {key for key, *_ in here}
        parties = {party for _, party, *_ in here}
        return tuple(sorted(keys, key=self.order.__getitem__)), tuple(sorted(parties))

    def held(self, stretch: Stretch) -> Iterator[Piece]:
        """Yield (step, party, first day, day after the last) over the days of a stretch."""
        step, here = self.known[stretch.step], stretch.start_date
        for turn in step.turns if len(step.turns) < 2 else sorted(step.turns, key=_start_date):
            first = max(turn.start_date, stretch.start_date)
            last = min(turn.end_date or stretch.end_date, stretch.end_date)
            if first >= last:
                continue
            if here < first:
                yield step.key, step.party, here, first
            yield step.key, turn.party, first, last
            here = max(here, last)
        if here < stretch.end_date:
            yield step.key, step.party, here, stretch.end_date
