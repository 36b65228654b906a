"""Who is qualified for which task on a day, and what a signature binds.

Source: ICH E6(R3) 2.3.1 to 2.3.3: the investigator delegates to qualified persons and keeps the record.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tembusu.coordination.startup.terms import StartupRefused
from trialtime.calendars import add_months


class NotQualified(StartupRefused):
    """The jurisdiction pack requires a training that the person lacks on the day."""


class OverrideNeeded(StartupRefused):
    """A training is lacking that is not required: the investigator may sign with a reason."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A training that a task asks for.

    :ivar validity_months: how long a certificate counts; None where nobody says so
    """

    key: str
    label: str
    blocks: bool
    validity_months: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A training that somebody completed."""

    training: str
    completed_date: date
    expires_date: date | None = None


@dataclass(frozen=True, slots=True)
class Lack:
    """A training that somebody lacks on a day, and why: never done, or lapsed on a day."""

    asked: Asked
    lapsed_date: date | None = None

    @property
    def says(self) -> str:
        if self.lapsed_date is None:
            return f"{self.asked.label}: no certificate"
        day = self.lapsed_date
        return f"{self.asked.label}: lapsed on {day.day} {day:%b %Y}"


def expires(held: Held, asked: Asked) -> date | None:
    """Return the first day on which a certificate counts no more: its own, or by the pack's rule."""
    if held.expires_date is not None:
        return held.expires_date
    if asked.validity_months is None:
        return None
    return add_months(held.completed_date, asked.validity_months)


def lacks(asked: Iterable[Asked], held: Sequence[Held], *, on: date) -> list[Lack]:
    """Return what somebody lacks on a day of what is asked."""
    found = []
    for one in asked:
        mine = [h for h in held if h.training == one.key and h.completed_date <= on]
        ends = [expires(h, one) for h in mine]
        if not mine:
            found.append(Lack(one))
        elif all(end is not None and end <= on for end in ends):
            found.append(Lack(one, max(end for end in ends if end is not None)))
    return found


def check_signed(person: str, found: Sequence[Lack], *, override: str) -> None:
    """Refuse a signature for whom something required is lacking, or, without a reason, anything.

    :raises NotQualified: naming what the pack requires
    :raises OverrideNeeded: naming what is lacking and may be overridden
    """
    required = [one.says for one in found if one.asked.blocks]
    if required:
        raise NotQualified(
            f"{person} lacks what is required here: {'; '.join(required)}. Record the certificate"
            " first."
        )
    if found and not override.strip():
        raise OverrideNeeded(
            f"{person} lacks {'; '.join(one.says for one in found)}. This does not stop you: sign with"
            " a reason why the person may do the task nevertheless."
        )


def digest(facts: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what is signed: its facts as JSON with sorted keys."""
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def check_tasks(tasks: Collection[str], known: Collection[str]) -> None:
    """Refuse tasks that the log does not know, or none.

    :raises StartupRefused: naming them
    """
    if not tasks:
        raise StartupRefused("Tick at least one task.")
    if unknown := sorted(set(tasks) - set(known)):
        raise StartupRefused(f"The log knows no task {', '.join(unknown)}.")
