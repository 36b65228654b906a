"""The one error of this package: a record or file that cannot be read, and why.

A record can have several faults. Whoever reads goes on after one where that is possible, and raises
`together(...)` at the end, so that all can be mended at once.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_MOST = 20  # faults named of one record
_JOINTS = re.compile(r"[_\s]+|(?<=[a-z])(?=[A-Z])")
_VAGUE = {"class", "count", "date", "id", "info", "label", "name", "status", "type", "url"}
_DATED = re.compile(r"(?:date)?struct\.date$", re.IGNORECASE)
_LABELS = {
    "nctid": "NCT number",
    "nct_id": "NCT number",
    "registry_no": "Registry number",
    "trialid": "Trial number",
    "enrollmentinfo.count": "Number of participants",
    "enrollment": "Number of participants",
    "target_size": "Number of participants",
    "date_registration": "Date of registration",
    "date_enrollement": "Date of first enrolment",
    "date_enrolment": "Date of first enrolment",
    "statusverifieddate": "Date verified",
    "verification_date": "Date verified",
    "geopoint.lat": "Latitude",
    "geopoint.lon": "Longitude",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    `reason` is a sentence a data manager can act on; `path` is the place as the source writes it
    ('' if none), `field` the same in words.
    """

    reason: str
    path: str = ""

    @property
    def field(self) -> str:
        return label_of(self.path)

    def __str__(self) -> str:
        """Return 'Start date: … (protocolSection.statusModule.startDateStruct.date)'."""
        if not self.path:
            return self.reason
        shown = self.field
        where = "" if shown.lower() == self.path.lower() else f" ({self.path})"
        return f"{shown}: {self.reason}{where}"


class FormatError(ValueError):
    """A source that cannot be read, with every fault that was found.

    `reason` and `field` are those of the first; `field` is the path.
    """

    def __init__(self, reason: str, *, field: str = "", faults: tuple[Fault, ...] = ()) -> None:
        self.faults = faults or (Fault(reason, field),)
        self.reason, self.field = self.faults[0].reason, self.faults[0].path
        super().__init__("\n".join(map(str, self.faults)))


def together(errors: Iterable[FormatError]) -> FormatError:
    """Return one error with the faults of all."""
    faults = tuple(fault for error in errors for fault in error.faults)
    if len(faults) > _MOST:
        faults = (*faults[:_MOST], Fault(f"and {len(faults) - _MOST} more faults"))
    return FormatError(faults[0].reason, faults=faults)


def label_of(path: str) -> str:
    """Return a place of a source in words.

    >>> label_of("protocolSection.statusModule.startDateStruct.date")
    'Start date'
    """
    parts = [part for part in path.split(".") if not part.isdigit()]
    if not parts or " " in path:  # a column's heading is in words already
        return path
    for n in (2, 1):
        if known := _LABELS.get(".".join(parts[-n:]).lower()):
            return known
    dated = _DATED.search(path)
    if dated:
        last = f"{path[: dated.start()].rpartition('.')[2]} date"
    else:
        last = " ".join(parts[-2:] if parts[-1].lower() in _VAGUE else parts[-1:])
    words = " ".join(_JOINTS.split(last)).strip().lower()
    return words[:1].upper() + words[1:]
