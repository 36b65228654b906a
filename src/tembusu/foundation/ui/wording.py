"""How numbers, times and differences are written on every screen."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from difflib import SequenceMatcher

from django.utils import formats, timezone
from django.utils.translation import gettext, ngettext

NOT_GIVEN = "–"
PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$")
UNITS = ("bytes", "KB", "MB", "GB", "TB")
WORD_LIMIT = 4_000  # words compared one by one; longer texts are compared by sentence first


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text: 'same', 'del' (only before) or 'ins' (only after)."""

    kind: str
    text: str

    @property
    def core(self) -> str:
        return self.text.rstrip() or self.text

    @property
    def tail(self) -> str:
        """The blanks at the end, which are not marked on screen."""
        return self.text[len(self.core) :]


def day(value: date | datetime | str | None) -> str:
    """Return '21 Nov 2026'; partial ISO text keeps its precision ('Nov 2026', '2026')."""
    if isinstance(value, str):
        return _partial_day(value)
    if value is None:
        return NOT_GIVEN
    if isinstance(value, datetime):
        value = _local(value)
    return formats.date_format(value, "j M Y")


def _partial_day(text: str) -> str:
    found = PARTIAL.match(text)
    if not found:
        return text or NOT_GIVEN
    year, month, day_no = found.groups()
    try:
        whole = date(int(year), int(month or 1), int(day_no or 1))
    except ValueError:
        return text
    return formats.date_format(whole, "j M Y" if day_no else "M Y" if month else "Y")


def moment(value: datetime | date | None) -> str:
    """Return '21 Nov 2026, 09:12' in the deployment's zone; a date has no time to show."""
    if not isinstance(value, datetime):
        return day(value)
    return formats.date_format(_local(value), "j M Y, H:i")


def _local(value: datetime) -> datetime:
    return timezone.localtime(value) if timezone.is_aware(value) else value


def since(value: datetime | date | None, now: datetime) -> str:
    """Return how far ``value`` is from ``now``: '3 days ago', 'in 2 hours', 'today'."""
    if value is None:
        return NOT_GIVEN
    if not isinstance(value, datetime):
        return _days_apart((_local(now).date() - value).days)
    seconds = (now - value).total_seconds()
    if abs(seconds) < 60:
        return gettext("just now")
    if abs(seconds) >= 86_400:
        return _days_apart((_local(now).date() - _local(value).date()).days)
    hours, minutes = int(abs(seconds) // 3600), int(abs(seconds) // 60)
    if hours:
        words = ngettext("%d hour", "%d hours", hours) % hours
    else:
        words = ngettext("%d minute", "%d minutes", minutes) % minutes
    return _ago(words, is_past=seconds > 0)


def _days_apart(days: int) -> str:
    if days == 0:
        return gettext("today")
    n, unit = abs(days), ngettext("%d day", "%d days", abs(days))
    if n >= 730:
        n, unit = n // 365, gettext("%d years")
    elif n >= 60:
        n, unit = n // 30, gettext("%d months")
    return _ago(unit % n, is_past=days > 0)


def _ago(words: str, *, is_past: bool) -> str:
    return (gettext("%s ago") if is_past else gettext("in %s")) % words


def thousands(value: float | None) -> str:
    """Return '1,284'; a fraction keeps what it has."""
    return NOT_GIVEN if value is None else f"{value:,}"


def filesize(n_bytes: int | None) -> str:
    """Return '3.4 MB', in steps of 1,000."""
    if n_bytes is None:
        return NOT_GIVEN
    size, unit = float(n_bytes), 0
    while size >= 999.5 and unit < len(UNITS) - 1:
        size, unit = size / 1000, unit + 1
    digits = 0 if unit == 0 or size >= 99.95 else 1
    name = "byte" if n_bytes == 1 else UNITS[unit]
    return f"{size:.{digits}f} {name}"


def difference(before: str, after: str) -> list[Piece]:
    """Return the pieces that turn ``before`` into ``after``, word by word.

    Long texts are compared by sentence first and by word inside what changed, which keeps the
    work near linear. Joining the 'same' and 'del' pieces gives ``before`` back, 'same' and 'ins'
    gives ``after``.
    """
    old, new = _words(before), _words(after)
    if len(old) + len(new) > WORD_LIMIT:
        old, new = _sentences(before), _sentences(after)
        return _merged(_refined(old, new))
    return _merged(_compared(old, new))


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|\w+|[^\w\s]", text)


def _sentences(text: str) -> list[str]:
    return re.findall(r"[^.\n]*(?:[.\n]+\s*|$)", text)[:-1] if text else []


def _compared(old: list[str], new: list[str]) -> Iterable[Piece]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(old[a1:a2]))
            continue
        yield Piece("del", "".join(old[a1:a2]))
        yield Piece("ins", "".join(new[b1:b2]))


def _refined(old: list[str], new: list[str]) -> Iterable[Piece]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        before, after = "".join(old[a1:a2]), "".join(new[b1:b2])
        words = _words(before), _words(after)
        if tag == "equal":
            yield Piece("same", before)
        elif tag == "replace" and len(words[0]) + len(words[1]) <= WORD_LIMIT:
            yield from _compared(*words)
        else:
            yield Piece("del", before)
            yield Piece("ins", after)


def _merged(pieces: Iterable[Piece]) -> list[Piece]:
    """Join neighbours, and swallow a lone blank between two changes so that they read as one."""
    kept = [piece for piece in pieces if piece.text]
    out: list[Piece] = []
    deleted = inserted = ""
    for index, piece in enumerate(kept):
        is_gap = piece.kind == "same" and piece.text.isspace() and 0 < index < len(kept) - 1
        if piece.kind == "same" and not (is_gap and deleted and inserted):
            out += _flushed(deleted, inserted)
            out.append(piece)
            deleted = inserted = ""
            continue
        deleted += piece.text if piece.kind != "ins" else ""
        inserted += piece.text if piece.kind != "del" else ""
    return [*out, *_flushed(deleted, inserted)]


def _flushed(deleted: str, inserted: str) -> list[Piece]:
    return [piece for piece in (Piece("del", deleted), Piece("ins", inserted)) if piece.text]
