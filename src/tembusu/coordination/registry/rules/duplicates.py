"""Whether two titles may mean one study: asked before anybody types what the system knows."""

import re
from collections.abc import Iterable

WORD = re.compile(r"\w+")
# Words of nearly every title tell nothing.
COMMON = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "by",
        "for",
        "from",
        "in",
        "of",
        "on",
        "or",
        "the",
        "to",
        "with",
        "without",
        "versus",
        "vs",
        "study",
        "trial",
        "clinical",
        "randomised",
        "randomized",
        "controlled",
        "patients",
        "people",
        "adults",
    ]
)
NEAR = 0.5


def likeness(one: str, other: str) -> float:
    """Return how far two titles share their telling words (Jaccard index), 0 to 1."""
    left, right = telling(one), telling(other)
    if not left or not right:
        return 0.0
    return len(left & right) / len(left | right)


def telling(title: str) -> frozenset[str]:
    """Return the words of a title that tell it from others."""
    return frozenset(WORD.findall(title.casefold())) - COMMON


def nearest(title: str, others: Iterable[tuple[int, str]], *, most: int) -> list[int]:
    """Return the keys of the titles that may mean the same study, the nearest first."""
    scored = [(likeness(title, other), key) for key, other in others]
    near = sorted(((score, key) for score, key in scored if score >= NEAR), reverse=True)
    return [key for _, key in near[:most]]
