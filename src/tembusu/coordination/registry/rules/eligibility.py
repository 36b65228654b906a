"""Parts a text of eligibility criteria into what lets a person in and what keeps them out."""

import re
from dataclasses import dataclass

# A heading stands alone on its line; 'inclusion' within a sentence is no heading.
HEADING = re.compile(
    r"^[\s*\-•#>]*(?P<kind>(?:(?:key|main) )?(?:inclusion|exclusion))"
    r"(?:\s+criteria)?(?P<rest>[^\n:]{0,60})(?P<end>:|$)[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
BULLET = re.compile(r"^(?P<indent>\s*)(?:[-*•·–]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+(?P<text>\S.*)$")

GUARDED = re.compile(r"\\([<>*_#~^|=+\[\]().-])")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One point, and how deep it stands below others (0 is the top)."""

    text: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Criteria:
    """A text in its parts; ``before`` holds what stands under no heading."""

    before: tuple[Criterion, ...]
    inclusion: tuple[Criterion, ...]
    exclusion: tuple[Criterion, ...]

    @property
    def is_parted(self) -> bool:
        return bool(self.inclusion or self.exclusion)


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
        kind = "exclusion" if "exclusion" in heading["kind"].lower() else "inclusion"
        rest = heading["rest"].strip(" -–()")
        parts[kind] += [Criterion(f"{rest}:")] if rest and heading["end"] == ":" else []
        parts[kind] += points(text[heading.end() : end])
    return Criteria(tuple(parts[""]), tuple(parts["inclusion"]), tuple(parts["exclusion"]))


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
