"""An extract of past milestones as somebody's old system would send it: 5,000 rows, with known faults.

Each row carries what must become of it, so that what an import takes and refuses can be checked to
the row. A faulty row is one on which no other row of the file depends: its mended form can be sent
afterwards, and everything else of the file stands without it.

Not each blemish is a fault: former names of bodies, blanks, capitals, dates with the day first, letters
of Windows-1252 and a row that stands twice are all to be understood.
"""

import csv
import io
import random
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import openpyxl

from tembusu.coordination.startup.rules import plans
from tembusu.coordination.startup.terms import (
    MilestonePlan,
    MilestoneState,
    PastCase,
    PastMilestone,
    PathwayPlan,
)
from tembusu.foundation.core.states import State

# The headers of the file, by what they mean.
HEADERS: Mapping[str, str] = {
    "study": "Study no.",
    "site": "Site",
    "selected": "Site selected on",
    "milestone": "Milestone",
    "started": "Started",
    "completed": "Completed",
    "waiting_on": "Waiting on",
    "reason": "Delay reason",
    "evidence": "Evidence",
}
DAYS = ("selected", "started", "completed")
LATE_DAYS = 40
EARLY_DAYS = 12


class Fate(State):
    """What an import must do with a row."""

    TAKEN = "taken"
    SAME = "same"
    REFUSED = "refused"


class Blemish(State):
    """What is odd about a row. Those of ``REFUSED`` are faults; the others are to be understood."""

    IMPOSSIBLE_DAY = "impossible_day"
    WORDS_FOR_A_DAY = "words_for_a_day"
    FUTURE_DAY = "future_day"
    COMPLETED_BEFORE_STARTED = "completed_before_started"
    DECIDED_BEFORE_SUBMITTED = "decided_before_submitted"
    UNKNOWN_SITE = "unknown_site"
    UNKNOWN_STUDY = "unknown_study"
    UNKNOWN_MILESTONE = "unknown_milestone"
    NO_STUDY = "no_study"
    NO_SITE = "no_site"
    NO_MILESTONE = "no_milestone"
    SAID_TWICE_DIFFERENTLY = "said_twice_differently"
    SAID_TWICE = "said_twice"
    OTHER_NAME = "other_name"
    STRAY_BLANKS = "stray_blanks"
    OTHER_CAPITALS = "other_capitals"
    WORDY_DAY = "wordy_day"


FAULTS = tuple(Blemish)[: tuple(Blemish).index(Blemish.SAID_TWICE_DIFFERENTLY) + 1]
HARMLESS = tuple(Blemish)[tuple(Blemish).index(Blemish.OTHER_NAME) :]
FAULTY, TWICE, ODD = (
    0.5,
    0.1,
    0.25,
)  # of cases with a faulty row, with a row twice; of rows that are odd


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the extract.

    :ivar number: its row in the file as a spreadsheet counts; the header is row 1
    :ivar cells: by the keys of ``HEADERS``
    :ivar mended: the cells as they should have been; the same for a row that is right
    """

    number: int
    cells: Mapping[str, str]
    fate: Fate
    blemish: Blemish | None
    mended: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Extract:
    """The rows with what they were made from.

    :ivar seed: the same seed and cases give the same rows
    """

    seed: int
    lines: tuple[Line, ...]

    def n(self, fate: Fate) -> int:
        """Return how many rows must come to this."""
        return sum(line.fate is fate for line in self.lines)

    @property
    def mended(self) -> tuple[Mapping[str, str], ...]:
        """Return the cells of the refused rows as they should have been, to be sent again."""
        return tuple(line.mended for line in self.lines if line.fate is Fate.REFUSED)


@dataclass(frozen=True, slots=True)
class Names:
    """How the file calls things.

    :ivar studies: the number of each study
    :ivar bodies: each institution's names, the present one first
    :ivar parties: party → how it is called
    """

    studies: Mapping[int, str]
    bodies: Mapping[int, Sequence[str]]
    parties: Mapping[str, str] = field(default_factory=dict)


def make_extract(
    cases: Iterable[PastCase],
    pathways: Mapping[str, PathwayPlan],
    names: Names,
    *,
    as_of: date,
    seed: int,
    n: int = 5_000,
) -> Extract:
    """Return so many rows about past cases, in the order of the cases.

    Within a case each row comes after those that it needs. Cases of which something did not apply
    are passed over, since the file has no way to say so.

    :param as_of: the day on which the file was written; future days lie after it
    :raises ValueError: if the cases give fewer rows
    """
    dice = random.Random(seed)  # noqa: S311 synthetic data
    lines: list[Line] = []
    for case in cases:
        if any(one.state is MilestoneState.NOT_APPLICABLE for one in case.milestones):
            continue
        writer = _Writer(case, pathways[case.pathway], names, as_of, dice)
        for line in writer.lines():
            lines.append(replace(line, number=len(lines) + 2))
        if len(lines) >= n:
            return Extract(seed, _cut(lines, n))
    raise ValueError(f"The cases give {len(lines)} rows, and {n} are wanted: give more cases.")


def _cut(lines: Sequence[Line], n: int) -> tuple[Line, ...]:
    """Return the first rows; a pair that would be parted stands as one right row."""
    kept, last = list(lines[:n]), lines[n - 1]
    if last.blemish is Blemish.SAID_TWICE_DIFFERENTLY and lines[n : n + 1]:
        pair = lines[n].blemish is Blemish.SAID_TWICE_DIFFERENTLY and lines[n].mended == last.mended
        before = n > 1 and lines[n - 2].mended == last.mended
        if pair and not before:
            kept[-1] = Line(last.number, last.mended, Fate.TAKEN, None, last.mended)
    return tuple(kept)


@dataclass(slots=True)
class _Writer:
    """Writes the rows of one case."""

    case: PastCase
    plan: PathwayPlan
    names: Names
    as_of: date
    dice: random.Random

    def lines(self) -> Iterator[Line]:
        told = {one.key: one for one in self.case.milestones if _is_told(one)}
        fault, target = self._fault(told)
        left_out = self._followers(target) if target else frozenset()
        order = plans.in_order(self.plan)
        rows = [one for one in order if one.key in told and one.key not in left_out]
        twice = self.dice.choice(rows).key if rows and self.dice.random() < TWICE else ""
        for of in rows:
            right = self._cells(told[of.key], of)
            if of.key == target and fault is not None:
                yield from self._faulty(right, fault)
                continue
            odd = self._odd(right) if self.dice.random() < ODD else (right, None)
            yield Line(0, odd[0], Fate.TAKEN, odd[1], right)
            if of.key == twice:
                yield Line(0, odd[0], Fate.SAME, Blemish.SAID_TWICE, right)

    def _fault(self, told: Mapping[str, PastMilestone]) -> tuple[Blemish | None, str]:
        """Return which fault the case has, and in which milestone; neither in most cases."""
        if self.dice.random() >= FAULTY or not told:
            return None, ""
        fault = self.dice.choice(FAULTS)
        fitting = [key for key, one in told.items() if self._fits(fault, one, told)]
        return (fault, self.dice.choice(fitting)) if fitting else (None, "")

    def _fits(self, fault: Blemish, one: PastMilestone, told: Mapping[str, PastMilestone]) -> bool:
        """Say whether a milestone can have this fault and no other."""
        if one.completed_date is None:
            return False
        if fault is Blemish.COMPLETED_BEFORE_STARTED:
            return one.completed_date + timedelta(days=EARLY_DAYS) <= self.as_of
        if fault is Blemish.DECIDED_BEFORE_SUBMITTED:
            of = self.plan.milestone(one.key)
            before = told.get(of.needs[0]) if of.decided_by else None
            return before is not None and self._before(before) >= self.case.selected_date
        return True

    def _before(self, one: PastMilestone) -> date:
        return (one.completed_date or self.case.selected_date) - timedelta(days=EARLY_DAYS)

    def _followers(self, key: str) -> frozenset[str]:
        """Return all that needs a milestone, directly or further on: it can't be told without it."""
        found: set[str] = {key}
        grew = True
        while grew:
            more = {one.key for one in self.plan.milestones if found & set(one.needs)} - found
            found |= more
            grew = bool(more)
        return frozenset(found - {key})

    def _cells(self, one: PastMilestone, of: MilestonePlan) -> dict[str, str]:
        hold = next((turn for turn in one.holds if turn.end_date is None), None)
        reasons = {reason.key: reason.label for reason in self.plan.reasons}
        party = self.names.parties.get(hold.party) or self.plan.party(hold.party) if hold else ""
        return {
            "study": self.names.studies[self.case.study_id],
            "site": self.names.bodies[self.case.institution_id][0],
            "selected": day_first(self.case.selected_date),
            "milestone": of.label,
            "started": day_first(one.started_date) if one.started_date else "",
            "completed": day_first(one.completed_date) if one.completed_date else "",
            "waiting_on": party,
            "reason": reasons.get(hold.reason, "") if hold else "",
            "evidence": one.evidence.replace("-", "\u2013", 1),  # a dash that only Windows-1252 has
        }

    def _odd(self, right: Mapping[str, str]) -> tuple[Mapping[str, str], Blemish]:
        """Return a row that is written oddly and means the same."""
        kind = self.dice.choice(HARMLESS)
        others = self.names.bodies[self.case.institution_id][1:]
        if kind is Blemish.OTHER_NAME and others:
            return {**right, "site": self.dice.choice(others)}, kind
        if kind is Blemish.OTHER_CAPITALS:
            return {**right, "milestone": right["milestone"].upper()}, kind
        if kind is Blemish.WORDY_DAY and right["completed"]:
            day, month, year = map(int, right["completed"].split("/"))
            return {**right, "completed": f"{date(year, month, day):%d %b %Y}"}, kind
        padded = {key: f"  {cell} " if cell else "" for key, cell in right.items()}
        return padded, Blemish.STRAY_BLANKS

    def _faulty(self, right: Mapping[str, str], fault: Blemish) -> Iterator[Line]:
        for cells in BREAK[fault](self, right):
            yield Line(0, {**right, **cells}, Fate.REFUSED, fault, right)

    def _completed(self, right: Mapping[str, str]) -> date:
        day, month, year = map(int, right["completed"].split("/"))
        return date(year, month, day)

    # Each returns the wrong cells of one row, or of two.

    def impossible(self, right: Mapping[str, str]) -> Collection[Mapping[str, str]]:
        year = self._completed(right).year
        days = (f"31/02/{year}", f"31/04/{year}", "29/02/2023", f"00/05/{year}", f"12/13/{year}")
        return [{"completed": self.dice.choice(days)}]

    def words(self, right: Mapping[str, str]) -> Collection[Mapping[str, str]]:
        return [{"completed": self.dice.choice(("pending", "n/a", "see e-mail", "??/06/2024"))}]

    def future(self, right: Mapping[str, str]) -> Collection[Mapping[str, str]]:
        day = self.as_of + timedelta(days=self.dice.randint(5, LATE_DAYS))
        return [{"completed": day_first(day)}]

    def before_started(self, right: Mapping[str, str]) -> Collection[Mapping[str, str]]:
        late = self._completed(right) + timedelta(days=self.dice.randint(1, EARLY_DAYS))
        return [{"started": day_first(late)}]

    def before_submitted(self, right: Mapping[str, str]) -> Collection[Mapping[str, str]]:
        of = next(one for one in self.plan.milestones if one.label == right["milestone"])
        submitted = next(one for one in self.case.milestones if one.key == of.needs[0])
        return [{"started": "", "completed": day_first(self._before(submitted))}]

    def differently(self, right: Mapping[str, str]) -> Collection[Mapping[str, str]]:
        later = self._completed(right) + timedelta(days=1)
        return [{}, {"completed": day_first(later)}]


def _put(**cells: str) -> Callable[[_Writer, Mapping[str, str]], Collection[Mapping[str, str]]]:
    return lambda writer, right: [cells]


BREAK: Mapping[Blemish, Callable[[_Writer, Mapping[str, str]], Collection[Mapping[str, str]]]] = {
    Blemish.IMPOSSIBLE_DAY: _Writer.impossible,
    Blemish.WORDS_FOR_A_DAY: _Writer.words,
    Blemish.FUTURE_DAY: _Writer.future,
    Blemish.COMPLETED_BEFORE_STARTED: _Writer.before_started,
    Blemish.DECIDED_BEFORE_SUBMITTED: _Writer.before_submitted,
    Blemish.UNKNOWN_SITE: _put(site="Sungai Biru Specialist Clinic"),
    Blemish.UNKNOWN_STUDY: _put(study="TMB-999999"),
    Blemish.UNKNOWN_MILESTONE: _put(milestone="Coffee with the investigator"),
    Blemish.NO_STUDY: _put(study=""),
    Blemish.NO_SITE: _put(site=""),
    Blemish.NO_MILESTONE: _put(milestone=""),
    Blemish.SAID_TWICE_DIFFERENTLY: _Writer.differently,
}


def _is_told(one: PastMilestone) -> bool:
    """Say whether a milestone has a day to tell; what waits since nobody knows when is not told."""
    return one.completed_date is not None or one.started_date is not None


def day_first(day: date) -> str:
    """Return a day as the file writes it: 03/04/2026 is 3 April."""
    return f"{day:%d/%m/%Y}"


# -- as files ---------------------------------------------------------------------------------------


def as_csv(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Return rows as CSV in Windows-1252, as a spreadsheet saves it."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(HEADERS.values())
    writer.writerows([row[key] for key in HEADERS] for row in rows)
    return file.getvalue().encode("cp1252")


def as_xlsx(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Return rows as a workbook; days that are days are cells of that kind, others stay text."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Milestones")
    sheet.append(list(HEADERS.values()))
    for row in rows:
        sheet.append([_cell(key, row[key]) for key in HEADERS])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(key: str, text: str) -> str | date | None:
    if key not in DAYS:
        return text or None
    try:
        day, month, year = map(int, text.split("/"))
        return date(year, month, day)
    except ValueError:
        return text or None
