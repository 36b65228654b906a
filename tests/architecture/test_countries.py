"""What one country asks is data: its bodies, laws and procedures are named in packs, never in code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tembusu.foundation.jurisdictions.rules import files
from tembusu.foundation.jurisdictions.terms import Theme
from tests.architecture import declared, house

SUPPLIED = ("sg", "uk")


def words() -> set[str]:
    """Return what the supplied packs call their countries, bodies, systems and procedures."""
    found = set()
    for pack in map(files.read, SUPPLIED):
        found |= {pack.name, pack.country}
        for item in pack.of_theme(Theme.AUTHORITIES):
            found |= {item.key, str(item.details["short"]), str(item.details.get("system", ""))}
        found |= {item.key for item in pack.of_theme(Theme.OBLIGATIONS)}
    # A word in small letters ('regulator') is everybody's.
    return {word for word in found if word != word.lower()}


PATTERN = re.compile(rf"\b({'|'.join(sorted(map(re.escape, words())))})\b")


def docstrings(tree: ast.Module) -> set[int]:
    """Return the lines of explanations, where a country may stand as an example."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def said(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each line of code that names a country's own body, law or procedure."""
    skipped = docstrings(house.tree_of(path)) if path.suffix == ".py" else set()
    for number, line in enumerate(path.read_text().splitlines(), 1):
        code = line.split("  # ")[0] if path.suffix == ".py" else line
        is_read = number not in skipped and not code.lstrip().startswith("#")
        if is_read and (found := PATTERN.search(code)):
            yield number, found.group()


def is_demo(path: Path) -> bool:
    return path.stem == "demo" or path.parent.name == "demo"


def test_no_code_names_what_is_one_countrys_own() -> None:
    looked_at = [*house.python_files(), *house.templates()]
    wrong = [
        f"{house.where(path, number)} {word}"
        for path in looked_at
        if not is_demo(path) and str(path.relative_to(house.SOURCE)) not in declared.HOME_WORDS
        for number, word in said(path)
    ]
    assert not wrong, house.say(
        wrong,
        "Put it into the country's pack (foundation/jurisdictions/packs) and ask for it by its "
        "meaning, or declare the file with its reason in HOME_WORDS of "
        "tests/architecture/declared.py.",
    )


@pytest.mark.parametrize("path", declared.HOME_WORDS)
def test_a_declared_exception_still_exists(path: str) -> None:
    assert list(said(house.SOURCE / path)), f"{path} names no country: remove it from HOME_WORDS."


def test_the_rule_knows_the_words_and_sees_them() -> None:
    assert {"HSA", "CIRB", "DSRB", "CTA", "CTN", "CTC", "HBRA", "PRISM", "Singapore"} <= words()
    assert PATTERN.search('if authority == "HSA":')
    assert not PATTERN.search("CTAX = CONTACT")
