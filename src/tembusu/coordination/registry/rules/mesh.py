"""Reads the US National Library of Medicine's Medical Subject Headings from two CSV files.

``mesh_terms`` has a row for each term of each descriptor (``DescriptorUI``, ``DescriptorName``,
``TermName``); ``mesh_trees`` a row for each place of a descriptor in the tree (``tree_location``,
such as ``C04.588.443``, below ``C04.588`` and ``C04``). Other columns are passed over.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tembusu.coordination.registry.rules import indexing

TERM_COLUMNS = ("DescriptorUI", "DescriptorName", "TermName")
TREE_COLUMNS = ("DescriptorUI", "tree_location")
ROOT_COLUMNS = ("tree1", "mesh1")
UI = re.compile(r"D\d{6,9}")
TREE_NUMBER = re.compile(r"[A-Z]\d{2}(?:\.\d{3})*")
LONGEST_PHRASE = 250


class MeshError(ValueError):
    """A file of MeSH cannot be read; the message says where and what to do."""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A heading with its places in the tree and the ids of all broader headings."""

    ui: str
    name: str
    tree_numbers: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trees:
    """Descriptor id to its tree numbers; and the name of each branch's head to its numbers.

    The files as handed out have no row for the heads of branches themselves (``C04``, Neoplasms):
    they are named beside what stands below them (``tree1``, ``mesh1``).
    """

    numbers: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    heads: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def complete(self, names: Mapping[str, str]) -> dict[str, list[str]]:
        """Return every descriptor's places, the heads' own too.

        :param names: descriptor id to name
        """
        found = {ui: set(numbers) for ui, numbers in self.numbers.items() if ui in names}
        for ui, name in names.items():
            if name in self.heads:
                found.setdefault(ui, set()).update(self.heads[name])
        return {ui: sorted(numbers) for ui, numbers in found.items()}


def is_terms(header: Iterable[str]) -> bool:
    """Say whether a file with these columns holds terms (and not places in the tree)."""
    return "TermName" in set(header)


def rows(
    lines: Iterable[str], columns: Sequence[str], label: str, *, optional: Collection[str] = ()
) -> Iterator[list[str]]:
    """Yield the wanted columns of each row of a CSV file.

    :param label: the file's name, for messages
    :param optional: columns that may be missing; they are '' then
    :raises MeshError: if a column is missing or a row is cut short
    """
    reader = csv.reader(lines, strict=True)
    try:
        header = [name.strip().lstrip("\ufeff") for name in next(reader, [])]
        places = _places(header, columns, label, optional)
        for row in reader:
            if len(row) != len(header):
                raise MeshError(
                    f"{label}, line {reader.line_num}: {len(row)} columns where the first line has "
                    f"{len(header)}. The file may be cut short: fetch it again."
                )
            yield ["" if place is None else row[place].strip() for place in places]
    except csv.Error as fault:
        raise MeshError(
            f"{label}, line {reader.line_num}: not readable as CSV ({fault}). Fetch the file again."
        ) from fault


def _places(
    header: Sequence[str], columns: Sequence[str], label: str, optional: Collection[str]
) -> list[int | None]:
    needed = [name for name in columns if name not in optional]
    missing = [name for name in needed if name not in header]
    if missing:
        raise MeshError(
            f"{label} has no column {', '.join(missing)}. Expected a file with the columns "
            f"{', '.join(needed)}; found {', '.join(header)[:200] or 'nothing'}."
        )
    return [header.index(name) if name in header else None for name in columns]


def read_trees(lines: Iterable[str], label: str) -> Trees:
    """Return each descriptor's places in the tree, and the headings at the head of each branch.

    :raises MeshError: if the file is no such file
    """
    trees = Trees()
    columns = (*TREE_COLUMNS, *ROOT_COLUMNS)
    for ui, number, branch, heading in rows(lines, columns, label, optional=ROOT_COLUMNS):
        if not UI.fullmatch(ui) or not TREE_NUMBER.fullmatch(number):
            raise MeshError(f"{label}: '{ui[:20]}, {number[:40]}' is no place in the MeSH tree.")
        trees.numbers[ui].append(number)
        if heading and TREE_NUMBER.fullmatch(branch):
            trees.heads[heading].add(branch)
    return trees


def read_terms(lines: Iterable[str], label: str) -> Iterator[tuple[str, str, str]]:
    """Yield descriptor id, descriptor name and the phrase of each term; '' where it has none.

    A descriptor's own name is one of its terms, with a row of its own or without.

    :raises MeshError: if the file is no such file
    """
    named = ""
    for ui, name, term in rows(lines, TERM_COLUMNS, label):
        if not UI.fullmatch(ui) or not name:
            raise MeshError(f"{label}: '{ui[:20]}, {name[:40]}' is no MeSH descriptor.")
        for one in (term,) if ui == named else (name, term):
            phrase = indexing.phrase(one)
            yield ui, name, phrase if len(phrase) <= LONGEST_PHRASE else ""
        named = ui


def broader(trees: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Return for each descriptor the ids of all that stand above it, at any of its places.

    >>> broader({"D000001": ["C04"], "D000002": ["C04.588"]})["D000002"]
    ('D000001',)
    """
    at = {number: ui for ui, numbers in trees.items() for number in numbers}
    return {
        ui: tuple(sorted({at[above] for n in numbers for above in _above(n) if above in at} - {ui}))
        for ui, numbers in trees.items()
    }


def _above(number: str) -> Iterator[str]:
    while "." in number:
        number = number.rpartition(".")[0]
        yield number


def words(phrases: Iterable[str]) -> set[str]:
    """Return the words of phrases that a person may type and that must not be taken for typos."""
    return {word for phrase in phrases for word in indexing.words(phrase)}
