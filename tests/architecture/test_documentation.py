"""Words have a line in the glossary, and pages hold what is true on any machine."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps

from tembusu.config.cli import COMMANDS
from tembusu.foundation.core import history
from tests.architecture import house
from trialformats.sources import read_paths

DOCS = house.CHECKOUT / "docs"
PAGES = [
    *sorted(house.CHECKOUT.glob("*.md")),
    *sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts),
    *sorted((house.CHECKOUT / "validation").glob("*.md")),
]


@cache
def glossary() -> str:
    return (house.CHECKOUT / "GLOSSARY.md").read_text()


def own_models() -> list[str]:
    return sorted(
        model.__name__
        for model in apps.get_models()
        if house.room_of(model.__module__) and model not in set(history.event_models())
    )


def test_every_model_has_a_line_in_the_glossary() -> None:
    wrong = [
        name
        for name in own_models()
        if not re.search(rf"^\|[^|]*\| `{name}`", glossary(), re.MULTILINE)
    ]
    assert not wrong, house.say(
        wrong, "Add a line to GLOSSARY.md: the word, `Model`, what it means, the source."
    )


def words_in_code() -> set[str]:
    """Return the names of all classes, functions and declared fields of our source."""
    nodes = [node for path in house.python_files() for node in ast.walk(house.tree_of(path))]
    fields = {
        node.target.id
        for node in nodes
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    return fields | {n.name for n in nodes if isinstance(n, ast.ClassDef | ast.FunctionDef)}


def test_every_name_of_the_glossary_is_in_the_code() -> None:
    built = glossary().split("## Words kept for rooms to come")[0]
    names = set(re.findall(r"^\|[^|]*\| `(\w+)`", built, re.MULTILINE))
    assert len(names) > 20
    wrong = sorted(names - words_in_code())
    assert not wrong, house.say(wrong, "The name is gone or changed: mend GLOSSARY.md.")


def test_every_line_of_the_glossary_has_a_source() -> None:
    lines = [line for line in glossary().splitlines() if line.startswith("| ")]
    wrong = [line[:60] for line in lines if not line.strip("| ").split("|")[-1].strip()]
    assert not wrong, house.say(wrong, "Name the source, or 'ours' with the reason.")


# -- what no page may hold ------------------------------------------------------------------------

NEVER = {
    "a path of one machine": re.compile(
        r"(?<![\w.])/(?:work|root|home/\w+|tmp/bash_jobs|Users/\w+)/"
    ),
    "a registry's host": re.compile(
        r"(?:pypi\.org/simple|files\.pythonhosted|registry\.npmjs)", re.IGNORECASE
    ),
    "something left to do": re.compile(r"\b(?:TODO|FIXME|TBD|lorem ipsum)\b"),
}


@pytest.mark.parametrize("what", NEVER)
def test_no_page_holds(what: str) -> None:
    wrong = []
    for path in PAGES:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if NEVER[what].search(line):
                wrong.append(f"{house.where(path, number)} {line.strip()[:80]}")
    assert not wrong, house.say(wrong, "Write it so that it holds on any machine and today.")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("in /" + "work/main/src", "a path of one machine"),
        ("see /home/maya/x", "a path of one machine"),
        ("https://files.python" + "hosted.org/x", "a registry's host"),
        ("TODO: write", "something left to do"),
    ],
)
def test_the_rule_would_see(text: str, what: str) -> None:
    assert NEVER[what].search(text)


def links(path: Path) -> list[str]:
    """Return the relative links of a page, without their anchors."""
    text = re.sub(r"```.*?```|`[^`]*`", "", path.read_text(), flags=re.DOTALL)
    found = re.findall(r"\]\(([^)\s]+)\)", text)
    return [link.split("#")[0] for link in found if not re.match(r"[a-z]+:|#", link)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(house.CHECKOUT)))
def test_every_link_of_a_page_leads_somewhere(path: Path) -> None:
    wrong = [link for link in links(path) if not (path.parent / link).exists()]
    assert not wrong, house.say(
        [f"{house.where(path)} -> {link}" for link in wrong], "Mend the link, or write the page."
    )


# Of the pages' commands, those of make that are not in the Makefile are slips.
MAKE = re.compile(r"`make ([a-z][a-z-]*)|^make ([a-z][a-z-]*)(?=$| +#)", re.MULTILINE)


def test_every_make_command_that_pages_name_exists() -> None:
    targets = set(
        re.findall(r"^([a-z][a-z-]*):", (house.CHECKOUT / "Makefile").read_text(), re.MULTILINE)
    )
    wrong = sorted(
        {
            f"{house.where(path)} make {name}"
            for path in PAGES
            for found in MAKE.findall(path.read_text())
            if (name := "".join(found)) not in targets
        }
    )
    assert not wrong, house.say(wrong, "Name a target that the Makefile has.")


TEMBUSU = re.compile(r"(?:^\.venv/bin/|^|`|`\.venv/bin/)tembusu ([a-z][a-z-]*)", re.MULTILINE)


def test_every_command_that_pages_name_exists() -> None:
    wrong = sorted(
        {
            f"{house.where(path)} tembusu {name}"
            for path in PAGES
            for name in TEMBUSU.findall(path.read_text())
            if name not in COMMANDS
        }
    )
    assert not wrong, house.say(wrong, "Name a command that `tembusu --help` lists.")


# -- the tutorial ---------------------------------------------------------------------------------


def tutorial_file(tmp_path: Path, *, mended: bool) -> Path:
    """Return the file that the tutorial lets one save, as it stands on the page."""
    page = (DOCS / "tutorials" / "first-day.md").read_text()
    found = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert found is not None
    text = found.group(1).replace("2026-02-30", "2026-02-28") if mended else found.group(1)
    path = tmp_path / "first.json"
    path.write_text(text)
    return path


@pytest.mark.parametrize(("mended", "good", "refused"), [(False, 1, 1), (True, 2, 0)])
def test_the_tutorials_file_reads_as_the_tutorial_says(
    tmp_path: Path, mended: bool, good: int, refused: int
) -> None:
    readings = list(read_paths([tutorial_file(tmp_path, mended=mended)]))
    assert [len([r for r in readings if r.record]), len([r for r in readings if r.reason])] == [
        good,
        refused,
    ]
