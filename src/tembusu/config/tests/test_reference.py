"""The generated reference: pictures of moves, tables, defaults, and what counts as stale."""

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tembusu.config.environment import CHECKOUT, Environment
from tembusu.config.reference import (
    api,
    diagram,
    discovery,
    events,
    markdown,
    pages,
    permissions,
    settings,
)
from tembusu.config.reference.__main__ import reference, write
from tembusu.foundation.core.states import State

SVG = "{http://www.w3.org/2000/svg}"


class Lamp(State):
    OFF = "off"
    ON = "on"
    BROKEN = "broken"
    MENDED = "mended"


MOVES = {
    Lamp.OFF: frozenset({Lamp.ON, Lamp.BROKEN}),
    Lamp.ON: frozenset({Lamp.OFF, Lamp.ON, Lamp.BROKEN, Lamp.MENDED}),
    Lamp.BROKEN: frozenset({Lamp.OFF}),
    Lamp.MENDED: frozenset(),
}


def test_a_state_stands_as_many_columns_on_as_moves_lead_to_it() -> None:
    assert diagram.columns(MOVES) == {Lamp.OFF: 0, Lamp.ON: 1, Lamp.BROKEN: 1, Lamp.MENDED: 2}


def test_a_state_that_nothing_leads_to_begins_in_the_first_column() -> None:
    alone = {Lamp.OFF: frozenset({Lamp.ON}), Lamp.ON: frozenset[Lamp](), Lamp.BROKEN: {Lamp.ON}}
    assert diagram.columns(alone)[Lamp.BROKEN] == 0  # type: ignore[arg-type]


def picture(table: Any = MOVES) -> ET.Element:
    return ET.fromstring(diagram.svg(table, title="Lamp & <wire>"))  # noqa: S314 our own text


def test_the_picture_has_a_title_a_box_for_each_state_and_an_arrow_for_each_move() -> None:
    drawn = picture()
    assert drawn.findtext(f"{SVG}title") == "Lamp & <wire>"
    assert [t.text for t in drawn.iter(f"{SVG}text")] == ["Off", "On", "Broken", "Mended"]
    assert len([p for p in drawn.iter(f"{SVG}path") if p.get("marker-end")]) == 7


def test_an_end_has_a_double_frame() -> None:
    assert len(list(picture().iter(f"{SVG}rect"))) == 4 + 1


@given(st.fixed_dictionaries({state: st.frozensets(st.sampled_from(list(Lamp))) for state in Lamp}))
def test_boxes_never_overlap_and_stay_inside(table: dict[Lamp, frozenset[Lamp]]) -> None:
    drawn = picture(table)
    wide, high = float(drawn.get("width", "0")), float(drawn.get("height", "0"))
    boxes = list(diagram.boxes(table, above=0).values())
    places = {(box.x, box.y) for box in boxes}
    assert len(places) == len(Lamp)
    assert all(box.x + box.width <= wide and box.y + diagram.HEIGHT <= high for box in boxes)


def test_the_same_table_gives_the_same_picture() -> None:
    assert diagram.svg(MOVES, title="x") == diagram.svg(dict(MOVES), title="x")


@pytest.mark.parametrize(
    ("text", "cell"), [("a|b", "a\\|b"), ("two\nlines", "two lines"), ("", " "), ("  x ", "x")]
)
def test_a_cell_keeps_to_its_line(text: str, cell: str) -> None:
    assert markdown.cell(text) == cell


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "true"),
        (8, "8"),
        ("", ""),
        (["a", "b"], '["a", "b"]'),
        (CHECKOUT / "var", "var/ in the checkout"),
        (Path("elsewhere"), "elsewhere"),
    ],
)
def test_a_default_is_shown_as_one_types_it(value: Any, said: str) -> None:
    assert settings.shown(value) == said


def test_no_page_tells_where_this_checkout_lies() -> None:
    assert not [name for name, text in pages.all_pages().items() if str(CHECKOUT) in text]


def test_what_is_set_here_does_not_change_the_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    before = settings.page()
    monkeypatch.setenv("TEMBUSU_BRAND_NAME", "Another")
    assert settings.page() == before


@pytest.mark.parametrize(
    ("text", "is_marked"),
    [
        ("as `smtp://user:password@host`", True),  # pragma: allowlist secret
        ("as `smtp://host:25`", False),
        ("plain", False),
    ],
)
def test_an_example_of_a_password_is_marked_as_such(text: str, is_marked: bool) -> None:
    assert ("allowlist" in settings.marked(text)) is is_marked


def test_an_alias_is_the_variables_name() -> None:
    field = Environment.model_fields["database_url"]
    assert settings.variable("database_url", field) == "DATABASE_URL"
    hosts = Environment.model_fields["hosts"]
    assert settings.variable("hosts", hosts) == "TEMBUSU_HOSTS"


def test_audit_events_are_found_with_their_gaps() -> None:
    import ast

    tree = ast.parse(
        "audit.record('a.b', on=x)\n"
        "audit.record(f'core.job.{to}', on=x)\n"
        "audit.describe('x.y' if z else 'x.z', on=x)\n"
        "other.record('not.this')\n"
    )
    assert list(events.named(tree)) == ["a.b", "core.job.…", "x.y", "x.z"]


@pytest.mark.parametrize(
    ("in_scope", "out_of_scope", "said"),
    [(True, True, "all"), (True, False, "own"), (False, False, "–")],
)
def test_a_cell_of_the_matrix_says_how_far_the_role_reaches(
    in_scope: bool, out_of_scope: bool, said: str
) -> None:
    from tembusu.foundation.people.terms import MatrixRow, Role

    row = MatrixRow("room", "act", "do it", Role.MONITOR, in_scope, out_of_scope)
    assert permissions.word(row) == said


def test_an_operation_is_told_with_its_parameters_and_answers() -> None:
    document = {
        "paths": {
            "/studies": {
                "get": {
                    "summary": "List",
                    "description": "Studies that one may see.",
                    "parameters": [
                        {"name": "q", "in": "query", "description": "words", "schema": {}}
                    ],
                    "responses": {"200": {"description": "OK"}},
                }
            }
        }
    }
    text = api.page(document)
    assert "## GET /studies" in text
    assert "| `q` | query | no | words |" in text


def test_every_list_of_states_has_a_room() -> None:
    rooms = {room for room, _ in discovery.state_lists()}
    assert {"core", "people", "registry"} <= rooms


def test_stale_files_are_those_that_miss_differ_or_are_too_many(tmp_path: Path) -> None:
    (tmp_path / "same.md").write_text("same")
    (tmp_path / "old.md").write_text("old")
    (tmp_path / "gone.md").write_text("gone")
    wanted = {"same.md": "same", "old.md": "new", "deep/new.svg": "new"}
    stale = pages.stale(tmp_path, wanted)
    assert stale == ["deep/new.svg", "gone.md", "old.md"]
    write(tmp_path, wanted, stale)
    assert pages.stale(tmp_path, wanted) == []
    assert not (tmp_path / "gone.md").exists()


def test_the_check_names_what_is_stale_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tembusu.config.reference.__main__.FOLDER", tmp_path)
    done = CliRunner().invoke(reference, ["--check"])
    assert done.exit_code == 1
    assert "docs/reference/states.md is stale." in done.output
    assert list(tmp_path.iterdir()) == []


def test_writing_brings_the_check_to_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tembusu.config.reference.__main__.FOLDER", tmp_path)
    assert CliRunner().invoke(reference, []).exit_code == 0
    assert CliRunner().invoke(reference, ["--check"]).exit_code == 0
