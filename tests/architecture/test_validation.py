"""The table requirement -> test -> result names what there is, and reads results rightly."""

from pathlib import Path

import pytest
from validation import table
from validation.table import Case, Requirement

from tests.architecture import house

ONE = Requirement("X1", "It holds.", "a standard", ("tests/a.py", "tests/b.py::test_it"))
REPORT = """<testsuites><testsuite>
<testcase classname="tests.a" name="test_this[one]"/>
<testcase classname="tests.a" name="test_this[two]"><failure message="no"/></testcase>
<testcase classname="tests.b" name="test_it"/>
<testcase classname="tests.b" name="test_other"><error message="no"/></testcase>
<testcase classname="tests.c" name="test_it"><skipped message="no"/></testcase>
</testsuite></testsuites>"""


def test_the_readme_shows_the_requirements_as_they_stand() -> None:
    wrong = table.faults(table.requirements(), table.README.read_text())
    assert not wrong, house.say(
        wrong, "Mend validation/requirements.toml and run `.venv/bin/python -m validation.table`."
    )


def test_a_report_gives_each_case_with_its_outcome() -> None:
    assert table.cases(REPORT) == [
        Case("tests/a.py", "test_this", "passed"),
        Case("tests/a.py", "test_this", "failed"),
        Case("tests/b.py", "test_it", "passed"),
        Case("tests/b.py", "test_other", "failed"),
        Case("tests/c.py", "test_it", "skipped"),
    ]


@pytest.mark.parametrize(
    ("tests", "said"),
    [
        (("tests/a.py", "tests/b.py::test_it"), "**1 failed, 2 passed**"),
        (("tests/b.py::test_it",), "1 passed"),
        (("tests",), "**2 failed, 1 skipped, 2 passed**"),
        (("tests/c.py",), "**1 skipped**"),
        (("tests/b.py::test_it", "tests/d.py"), "**not run**: tests/d.py"),
    ],
)
def test_a_requirements_result_counts_its_own_cases(tests: tuple[str, ...], said: str) -> None:
    assert table.result(Requirement("X", "", "", tests), table.cases(REPORT)) == said


def test_what_changed_in_the_list_is_seen_and_what_came_of_tests_is_not() -> None:
    empty = f"{table.BEGIN}{table.END}"
    shown = table.put(empty, table.table([ONE], {"X1": "3 passed"}))
    assert table.without_results(shown) == table.without_results(
        table.put(empty, table.table([ONE], {"X1": "**1 failed**"}))
    )
    other = Requirement("X1", "It holds always.", ONE.source, ONE.tests)
    assert any("other requirements" in fault for fault in table.faults([other], shown))


@pytest.mark.parametrize(
    ("test", "there"),
    [
        ("a.py", True),
        ("a.py::test_it", True),
        ("a.py::test_gone", False),
        ("b.py", False),
        ("b.py::test_it", False),
    ],
)
def test_a_named_test_is_looked_for(tmp_path: Path, test: str, there: bool) -> None:
    (tmp_path / "a.py").write_text("def test_it(): ...\n")
    assert table.exists(test, tmp_path) is there


def test_a_list_with_an_id_twice_or_without_a_test_is_refused(tmp_path: Path) -> None:
    row = '[[requirement]]\nid = "A"\nsays = "x"\nsource = "y"\ntests = []\n'
    (tmp_path / "list.toml").write_text(row * 2)
    with pytest.raises(ValueError, match=r"twice: \['A'\]; .*: \['A', 'A'\]"):
        table.requirements(tmp_path / "list.toml")
