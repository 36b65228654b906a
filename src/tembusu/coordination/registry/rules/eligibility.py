"""Who may take part: ages in words, and criteria parted into what lets in and what keeps out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# A heading stands alone on its line; 'inclusion' within a sentence is no heading.
HEADING = re.compile(
    r"^[\s*\-•#>]*(?P<kind>(?:(?:key|main) )?(?:inclusion|exclusion))"
    r"(?:\s+criteria)?(?P<rest>[^\n:]{0,60})(?P<end>:|$)[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
BULLET = re.compile(r"^(?P<indent>\s*)(?:[-*•·–]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+(?P<text>\S.*)$")

AGE_GROUPS = {"CHILD": "children", "ADULT": "adults", "OLDER_ADULT": "older adults"}
UNLIMITED = frozenset({"", "n/a", "none", "no limit"})

GUARDED = re.compile(r"\\([<>*_#~^|=+\[\]().-])")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One point, and how deep it stands below others (0 is the top)."""

    text: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Criteria:
    """A text in its parts; ``before`` holds what stands under no heading.

    :ivar headings: those that the text has: 'inclusion', 'exclusion'
    """

    before: tuple[Criterion, ...]
    inclusion: tuple[Criterion, ...]
    exclusion: tuple[Criterion, ...]
    headings: frozenset[str] = frozenset()


def ages(values: Mapping[str, Any]) -> str:
    """Return '18 years and over', 'No age limit', 'Adults (age group)'; '' where nothing is said.

    ClinicalTrials.gov asks for both ages and gives one without a limit as 'N/A', or leaves it out of
    a full record. A row of its CSV has the groups alone.
    """
    low, high = (str(values.get(name) or "").strip() for name in ("minimum_age", "maximum_age"))
    from_age, to_age = ("" if age.lower() in UNLIMITED else age.lower() for age in (low, high))
    if from_age and to_age:
        return f"{from_age} to {to_age}"
    if from_age or to_age:
        return f"{from_age} and over" if from_age else f"up to {to_age}"
    groups = [words for code, words in AGE_GROUPS.items() if code in _groups(values)]
    is_full = bool(values.get("eligibility_text"))
    if low or high or (is_full and len(groups) == len(AGE_GROUPS)):
        return "No age limit"
    if not groups:
        return ""
    *first, last = groups
    named = f"{', '.join(first)} and {last}" if first else last
    return f"{named[0].upper()}{named[1:]} (age group{'s' if first else ''})"


def _groups(values: Mapping[str, Any]) -> list[str]:
    return values.get("standard_ages") or []


def unmarked(text: str) -> str:
    r"""Return a text without the backslashes that guard signs in Markdown: ``\>18`` is ``>18``."""
    return GUARDED.sub(r"\1", text)


def part(text: str) -> Criteria:
    """Return the criteria by heading; a text without headings is all ``before``."""
    text = unmarked(text)
    found = list(HEADING.finditer(text))
    parts: dict[str, list[Criterion]] = {"": [], "inclusion": [], "exclusion": []}
    ends = [one.start() for one in found[1:]] + [len(text)]
    parts[""] += points(text[: found[0].start()] if found else text)
    for heading, end in zip(found, ends, strict=False):
        kind = _kind(heading)
        rest = heading["rest"].strip(" -–()")
        parts[kind] += [Criterion(f"{rest}:")] if rest and heading["end"] == ":" else []
        parts[kind] += points(text[heading.end() : end])
    return Criteria(
        before=tuple(parts[""]),
        inclusion=tuple(parts["inclusion"]),
        exclusion=tuple(parts["exclusion"]),
        headings=frozenset(map(_kind, found)),
    )


def _kind(heading: re.Match[str]) -> str:
    return "exclusion" if "exclusion" in heading["kind"].lower() else "inclusion"


def points(text: str) -> list[Criterion]:
    """Return the points of a text: its bullets, or its paragraphs where it has none."""
    depths: list[int] = []
    made: list[Criterion] = []
    is_open = False
    for line in text.splitlines():
        if not line.strip():
            is_open = False
            continue
        bullet = BULLET.match(line)
        if bullet:
            indent = len(bullet["indent"].expandtabs(4))
            depths = [one for one in depths if one < indent] + [indent]
            made.append(Criterion(bullet["text"].strip(), min(len(depths) - 1, 3)))
        elif is_open and made:
            last = made[-1]
            made[-1] = Criterion(f"{last.text} {line.strip()}", last.depth)
        else:
            made.append(Criterion(line.strip()))
        is_open = True
    return made
