"""Brings the thesaurus MeSH in, so that synonyms and broader terms find studies.

The thesaurus is replaced in one transaction, by differences: a second load of the same files
changes nothing. Then the studies whose concepts may have changed are indexed again, batch by batch;
a load that was interrupted there is taken up by the next one.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from tembusu.coordination.registry.actions import index
from tembusu.coordination.registry.models import MeshDescriptor, MeshPhrase, Study, StudyIndex
from tembusu.coordination.registry.rules import mesh
from tembusu.coordination.registry.rules.mesh import MeshError
from tembusu.foundation.core import audit
from tembusu.foundation.core.audit import Actor

__all__ = ["MeshCounts", "MeshError", "WouldShrink", "find_files", "load_mesh"]

LOADED, INDEXED = "registry.mesh.loaded", "registry.mesh.indexed"
SUBJECT = "registry.MeshDescriptor:all"
# Beyond this many changed phrases it is quicker to index every study than to find which have them.
FEW_CHANGES = 500
# A new edition takes few headings away; files with less than this part of them are no edition.
LEAST_PART = 0.5
GZIP = b"\x1f\x8b"

Progress = Callable[[str, int, int], None]

STAGE = """
DROP TABLE IF EXISTS pg_temp.mesh_stage_descriptor, pg_temp.mesh_stage_phrase;
CREATE TEMPORARY TABLE mesh_stage_descriptor (
  ui text, name text, tree_numbers text[], broader text[]) ON COMMIT DROP;
CREATE TEMPORARY TABLE mesh_stage_phrase (phrase text, ui text) ON COMMIT DROP;
"""
NEW_PHRASES = """
SELECT DISTINCT phrase, ui FROM mesh_stage_phrase
EXCEPT SELECT phrase, descriptor_id FROM registry_meshphrase
"""
GONE_PHRASES = """
SELECT phrase, descriptor_id FROM registry_meshphrase
EXCEPT SELECT phrase, ui FROM mesh_stage_phrase
"""
PUT_DESCRIPTORS = """
INSERT INTO registry_meshdescriptor AS d (ui, name, tree_numbers, broader)
SELECT ui, name, tree_numbers, broader FROM mesh_stage_descriptor
ON CONFLICT (ui) DO UPDATE
  SET (name, tree_numbers, broader) = (excluded.name, excluded.tree_numbers, excluded.broader)
  WHERE (d.name, d.tree_numbers, d.broader)
    IS DISTINCT FROM (excluded.name, excluded.tree_numbers, excluded.broader)
RETURNING ui
"""
GONE_DESCRIPTORS = """
SELECT ui FROM registry_meshdescriptor EXCEPT SELECT ui FROM mesh_stage_descriptor
"""
TOUCHED = """
SELECT study_id FROM registry_studyindex WHERE document @@ ANY (
  ARRAY(SELECT phraseto_tsquery('english', p) FROM unnest(%s::text[]) p)
  || ARRAY(SELECT to_tsquery('english', quote_literal(u)) FROM unnest(%s::text[]) u))
"""


class WouldShrink(MeshError):
    """Files that hold far fewer headings than are loaded, where nobody said that this is meant."""


@dataclass(frozen=True, slots=True)
class MeshCounts:
    """What a load changed; all but the first two are 0 when the same files are loaded again."""

    descriptors: int = 0
    phrases: int = 0
    descriptors_changed: int = 0
    descriptors_removed: int = 0
    phrases_added: int = 0
    phrases_removed: int = 0
    studies_indexed: int = 0

    def as_json(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Change:
    """What became different: descriptors by id, phrases by their text."""

    counts: MeshCounts
    descriptors: frozenset[str]
    phrases: frozenset[str]


def _no_progress(step: str, done: int, total: int) -> None:
    """Say nothing."""


def find_files(*paths: Path) -> tuple[Path, Path]:
    """Return the file of terms and the file of trees among files, or inside one folder.

    :raises MeshError: naming what is missing
    """
    files = [file for path in paths for file in _files(path)]
    terms = [file for file in files if mesh.is_terms(_header(file))]
    trees = [file for file in files if "tree_location" in _header(file)]
    if len(terms) != 1 or len(trees) != 1:
        raise MeshError(
            f"Give one file of MeSH terms and one of MeSH trees, or the folder of both: found "
            f"{len(terms)} with the columns {', '.join(mesh.TERM_COLUMNS)} and {len(trees)} with "
            f"{', '.join(mesh.TREE_COLUMNS)}."
        )
    return terms[0], trees[0]


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise MeshError(f"There is no file {path}.")
    if path.is_dir():
        return sorted(file for file in path.iterdir() if file.name.endswith((".csv", ".csv.gz")))
    return [path]


def _header(path: Path) -> list[str]:
    with _opened(path) as lines:
        return next(csv.reader(lines), [])


@contextmanager
def _opened(path: Path) -> Iterator[Iterator[str]]:
    """Give the lines of a file, unpacked on the way; its troubles become a MeshError."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == GZIP
            raw.seek(0)
            stream: Any = gzip.GzipFile(fileobj=raw) if packed else raw
            with io.TextIOWrapper(stream, encoding="utf-8", newline="") as lines:
                yield iter(lines)
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise MeshError(f"{path.name} is cut short or damaged: fetch the file again.") from fault
    except UnicodeDecodeError as fault:
        raise MeshError(f"{path.name} is not UTF-8 text: fetch the file again.") from fault
    except OSError as fault:
        raise MeshError(f"{path.name} cannot be read: {fault.strerror}.") from fault


def load_mesh(
    *,
    terms: Path,
    trees: Path,
    by: Actor | None,
    at: datetime,
    progress: Progress = _no_progress,
    may_shrink: bool = False,
) -> MeshCounts:
    """Replace the thesaurus by what two files hold, and index again the studies it touches.

    :param progress: told the step, what is done of it and its total (0: not known)
    :param may_shrink: most of what is loaded may be taken away
    :raises MeshError: if a file is not what it should be, or holds only a small part of what is
        loaded; then nothing is changed
    """
    is_resumed = _index_is_behind()
    change = replace_thesaurus(
        terms=terms, trees=trees, by=by, at=at, progress=progress, may_shrink=may_shrink
    )
    ids = _all_studies() if is_resumed else _studies_touched(change)
    if not (is_resumed or change.descriptors or change.phrases):
        return change.counts
    n_done = _index_again(ids, progress)
    return finish_load(counts=change.counts, n_indexed=n_done, by=by, at=at)


@audit.act
def replace_thesaurus(
    *,
    terms: Path,
    trees: Path,
    by: Actor | None,
    at: datetime,
    progress: Progress = _no_progress,
    may_shrink: bool = False,
) -> _Change:
    """Bring descriptors and phrases in step with the files; see ``load_mesh``."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('registry.mesh'))")
        cursor.execute(STAGE)
        n_given = _stage(cursor, terms, trees, progress)
        if not may_shrink:
            _check_is_whole(n_given)
        change = _apply(cursor)
    if change.descriptors or change.phrases:
        audit.record(LOADED, on=[SUBJECT], by=by, at=at, change=change.counts.as_json())
    return change


@audit.act
def finish_load(
    *, counts: MeshCounts, n_indexed: int, by: Actor | None, at: datetime
) -> MeshCounts:
    """Note that the studies are in step with the thesaurus."""
    index.recount_concepts()
    done = MeshCounts(**{**counts.as_json(), "studies_indexed": n_indexed})
    audit.record(INDEXED, on=[SUBJECT], by=by, at=at, change=done.as_json())
    return done


def _check_is_whole(n_given: int) -> None:
    n_held = MeshDescriptor.objects.count()
    if n_given < LEAST_PART * n_held:
        raise WouldShrink(
            f"The files hold {n_given:,} of the headings and {n_held:,} are loaded: the others would"
            " be taken away, for a load replaces the whole thesaurus. Give the files of all headings."
        )


def _stage(cursor: Any, terms: Path, trees: Path, progress: Progress) -> int:
    """Read the files into the staging tables; return how many descriptors they hold."""
    with _opened(trees) as lines:
        places = mesh.read_trees(lines, trees.name)
    names: dict[str, str] = {}
    with (
        _opened(terms) as lines,
        cursor.copy("COPY mesh_stage_phrase (phrase, ui) FROM STDIN") as copy,
    ):
        for n, (ui, name, phrase) in enumerate(mesh.read_terms(lines, terms.name), 1):
            names[ui] = name
            if phrase:
                copy.write_row((phrase, ui))
            if n % 20_000 == 0:
                progress("Reading terms", n, 0)
    if not names:
        raise MeshError(f"{terms.name} holds no term: fetch the file again.")
    numbers = places.complete(names)
    above = mesh.broader(numbers)
    copying = "COPY mesh_stage_descriptor (ui, name, tree_numbers, broader) FROM STDIN"
    with cursor.copy(copying) as copy:
        for ui, name in names.items():
            copy.write_row((ui, name, numbers.get(ui, []), list(above.get(ui, ()))))
    return len(names)


def _apply(cursor: Any) -> _Change:
    cursor.execute(NEW_PHRASES)
    added = cursor.fetchall()
    cursor.execute(GONE_PHRASES)
    gone = cursor.fetchall()
    cursor.execute(GONE_DESCRIPTORS)
    removed = [ui for (ui,) in cursor.fetchall()]
    MeshDescriptor.objects.filter(pk__in=removed).delete()
    cursor.execute(PUT_DESCRIPTORS)
    changed = [ui for (ui,) in cursor.fetchall()]
    cursor.execute(
        "DELETE FROM registry_meshphrase p USING unnest(%s::text[], %s::text[]) g(phrase, ui)"
        " WHERE p.phrase = g.phrase AND p.descriptor_id = g.ui",
        [[phrase for phrase, _ in gone], [ui for _, ui in gone]],
    )
    with cursor.copy("COPY registry_meshphrase (phrase, descriptor_id) FROM STDIN") as copy:
        for row in added:
            copy.write_row(row)
    if added or gone:
        stream = MeshPhrase.objects.values_list("phrase", flat=True).iterator(chunk_size=10_000)
        index.mark_terms(mesh.words(stream))
    return _Change(
        counts=MeshCounts(
            descriptors=MeshDescriptor.objects.count(),
            phrases=MeshPhrase.objects.count(),
            descriptors_changed=len(changed),
            descriptors_removed=len(removed),
            phrases_added=len(added),
            phrases_removed=len(gone),
        ),
        descriptors=frozenset(changed) | frozenset(removed),
        phrases=frozenset(phrase for phrase, _ in (*added, *gone)),
    )


def _index_is_behind() -> bool:
    """Say whether the last load was interrupted before all its studies were indexed."""
    last = audit.last_event(SUBJECT)
    return last is not None and last.event == LOADED


def _all_studies() -> list[int]:
    return list(StudyIndex.objects.order_by("pk").values_list("pk", flat=True))


def _studies_touched(change: _Change) -> list[int]:
    """Return the studies whose concepts may have changed: a few changes are looked up as text."""
    if not change.descriptors and not change.phrases:
        return []
    if len(change.phrases) + len(change.descriptors) > FEW_CHANGES:
        return _all_studies()
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED, [sorted(change.phrases), [ui.lower() for ui in change.descriptors]])
        return sorted(pk for (pk,) in cursor.fetchall())


def _index_again(ids: list[int], progress: Progress) -> int:
    concepts = index.Concepts.load()
    n_done = 0
    for start in range(0, len(ids), index.BATCH):
        batch = ids[start : start + index.BATCH]
        with transaction.atomic():
            # In the order of the ids, so that two acts never wait for each other's studies.
            list(Study.objects.select_for_update().filter(pk__in=batch).order_by("pk").only("pk"))
            n_done += index.refresh(batch, concepts=concepts)
        progress("Indexing studies", n_done, len(ids))
    return n_done
