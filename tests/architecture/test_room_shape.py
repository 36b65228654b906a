"""One room, repeated: whoever knows one room knows them all."""

import pytest

from tests.architecture import declared, house
from tests.architecture.house import Room

ROOMS = pytest.mark.parametrize("room", house.rooms(), ids=lambda room: room.name)


def allowed_parts(room: Room) -> set[str]:
    return set(declared.ROOM_FILES) | set(declared.MORE_FILES.get(room.name, {}))


def test_the_house_has_rooms_to_look_at() -> None:
    assert {room.name for room in house.rooms()} >= {"ui", "core", "people", "registry"}


@ROOMS
def test_a_room_has_only_the_parts_that_every_room_has(room: Room) -> None:
    allowed = allowed_parts(room) | declared.ROOM_FOLDERS
    present = {path.stem for path in room.folder.iterdir() if not path.name.startswith((".", "_"))}
    assert not present - allowed, house.say(
        [f"{house.where(room.folder)}/{name}" for name in sorted(present - allowed)],
        "Put it into the part that it belongs to (terms, rules, models, …; a part that grows "
        "becomes "
        "a package of the same name), or declare it with its reason in MORE_FILES of "
        "tests/architecture/declared.py.",
    )


@ROOMS
def test_a_part_is_a_file_or_a_package_and_not_both(room: Room) -> None:
    both = [
        part
        for part in allowed_parts(room)
        if (room.folder / f"{part}.py").exists() and (room.folder / part / "__init__.py").exists()
    ]
    assert not both, house.say(both, "Python would see only the package: move the file into it.")


@ROOMS
def test_a_room_says_what_happens_in_it(room: Room) -> None:
    text = (room.folder / "__init__.py").read_text()
    assert text.strip().startswith('"""'), house.say(
        [house.where(room.folder / "__init__.py")],
        "Open it with a docstring: what happens in this room, which standard or law governs it.",
    )


@ROOMS
def test_a_rooms_templates_lie_in_a_folder_of_its_name(room: Room) -> None:
    top = room.folder / "templates"
    allowed = {room.name} | set(declared.TEMPLATE_FOLDERS.get(room.name, {}))
    loose = "" in allowed
    wrong = [
        house.where(path)
        for path in sorted(top.glob("*"))
        if (path.is_dir() and path.name not in allowed) or (path.is_file() and not loose)
    ]
    assert not wrong, house.say(
        wrong, f"Move it to templates/{room.name}/, or declare the folder in TEMPLATE_FOLDERS."
    )


@ROOMS
def test_a_rooms_tests_are_named_after_its_parts(room: Room) -> None:
    parts = allowed_parts(room) | set(declared.COMMON_TESTS) - {"__init__"}
    parts |= set(declared.MORE_TESTS.get(room.name, {}))
    wrong = []
    for path in sorted((room.folder / "tests").glob("test_*.py")):
        rest = path.stem.removeprefix("test_")
        if not any(rest == part or rest.startswith(f"{part}_") for part in parts):
            wrong.append(house.where(path))
    assert not wrong, house.say(
        wrong,
        "Name it test_<part>.py or test_<part>_<record>.py, after the part that it tests, or "
        "after an entry of COMMON_TESTS. A test of several rooms belongs to tests/journeys.",
    )


def test_no_drawer_is_called_utils_or_helpers() -> None:
    drawers = {"utils", "helpers", "common", "misc", "lib"}
    wrong = [house.where(path) for path in house.python_files() if path.stem in drawers]
    assert not wrong, house.say(wrong, "Name the module after the one idea that it holds.")


@pytest.mark.parametrize(
    ("room", "part"),
    [(room, part) for room, parts in declared.MORE_FILES.items() for part in parts],
)
def test_a_declared_exception_still_exists(room: str, part: str) -> None:
    folder = {each.name: each.folder for each in house.rooms()}[room]
    assert any(folder.glob(f"{part}.*")) or (folder / part).is_dir(), (
        f"{room}/{part} is gone: remove it from MORE_FILES in tests/architecture/declared.py."
    )
