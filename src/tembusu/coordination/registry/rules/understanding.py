"""How a search text was understood: its parts, and what is looked for because of each."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tembusu.coordination.registry.rules.tsquery import Term

ARROW = "→"


class Kind(StrEnum):
    WORD = "word"
    PHRASE = "phrase"
    TERM = "term"
    SIGNS = "signs"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Heading:
    """A MeSH descriptor: its id (``D009203``) and its name."""

    ui: str
    name: str


# Given phrases (as ``indexing.phrase`` writes them), the descriptors that each names.
Mesh = Callable[[Collection[str]], Mapping[str, Sequence[Heading]]]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the query and how it was taken.

    ``typed`` is as the person wrote it, ``text`` as it is looked for; ``headings`` are the MeSH
    descriptors found, ``others`` further spellings that are looked for as well. ``words`` are the
    terms without descriptors, each with its other spellings.
    """

    kind: Kind
    typed: str
    text: str
    terms: tuple[Term, ...]
    query: str
    words: tuple[tuple[Term, ...], ...]
    headings: tuple[Heading, ...] = ()
    others: tuple[str, ...] = ()
    is_mended: bool = False
    is_excluded: bool = False

    @property
    def chip(self) -> str:
        """How the part was understood, in one line: ``heart attack → Myocardial Infarction``."""
        left_out = "without " if self.is_excluded else ""
        if self.headings:
            names = ", ".join(one.name for one in self.headings)
            return f"{left_out}{self.text} {ARROW} {names}"
        if self.is_excluded:
            return f"{left_out}{self.text}"
        if self.others:
            return f"{self.text} or {' or '.join(self.others)}"
        if self.is_mended and self.typed:
            return f"{self.typed} {ARROW} {self.text}"
        return self.text

    @property
    def is_explained(self) -> bool:
        """Whether more is looked for, or something else, than what was typed."""
        return bool(self.headings or self.others or self.is_mended or self.is_excluded)


@dataclass(frozen=True, slots=True)
class Understanding:
    """What was typed and what is looked for.

    ``numbers`` is given when the whole text is trial numbers: they are looked up first.
    ``mended`` is the text with its typos mended, or '' where there was none. ``suggestion`` is what
    may have been meant where a word is hardly ever written; it is not looked for.
    """

    typed: str = ""
    parts: tuple[Part, ...] = ()
    numbers: tuple[str, ...] = ()
    mended: str = ""
    suggestion: str = ""
    notes: tuple[str, ...] = ()

    @property
    def wanted(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if not part.is_excluded)

    @property
    def excluded(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.is_excluded)

    @property
    def chips(self) -> tuple[str, ...]:
        return tuple(part.chip for part in self.parts if part.is_explained)

    @property
    def explained(self) -> tuple[str, ...]:
        """How parts were taken, but for mended typos, which are told in a sentence."""
        return tuple(p.chip for p in self.wanted if p.headings or p.others)

    @property
    def left_out(self) -> tuple[str, ...]:
        """What is not wanted, as it was taken."""
        return tuple(p.chip for p in self.excluded)

    @property
    def terms(self) -> tuple[Term, ...]:
        """Everything whose presence speaks for a study, each once."""
        return tuple({term.query: term for part in self.wanted for term in part.terms}.values())

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not self.wanted

    @property
    def all_words(self) -> str:
        """The tsquery text that a study with every part matches; '' where there is none."""
        return self._less_excluded(" & ".join(part.query for part in self.wanted))

    @property
    def any_word(self) -> str:
        """The tsquery text that a study with any part matches; '' where there is none."""
        return self._less_excluded(" | ".join(term.query for term in self.terms))

    def leaving_out(self, query: str) -> str:
        """Return a tsquery text that also leaves out what the person does not want."""
        return self._less_excluded(query)

    def _less_excluded(self, wanted: str) -> str:
        if not wanted or not self.excluded:
            return wanted
        return " & ".join([f"({wanted})", *(f"!{part.query}" for part in self.excluded)])
