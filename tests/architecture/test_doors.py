"""Between rooms only doors are imported; keys go by label; templates come from ui or one's own."""

import ast
import configparser
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from importlinter.cli import lint_imports

from tests.architecture import declared, house
from tests.architecture.house import Import, Room

CONTRACTS = house.CHECKOUT / ".importlinter"


def contracts() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(CONTRACTS)
    return parser


def test_the_import_contracts_hold() -> None:
    assert lint_imports(config_filename=str(CONTRACTS), no_cache=True) == 0, (
        "Run `.venv/bin/lint-imports` to see which import breaks which contract. Change the "
        "import; "
        "the contract stands for the plan of the house."
    )


@pytest.mark.parametrize("room", house.rooms(), ids=lambda room: room.name)
def test_every_rooms_inner_parts_stand_behind_a_contract(room: Room) -> None:
    parts = {f"{room.package}.{part}" for part in ("models", "rules", "permissions")}
    present = {name for name in parts if house.part_files(room, name.rsplit(".", 1)[1])}
    kept = set()
    for section in contracts().values():
        if section.get("type") == "protected":
            kept |= set(section["protected_modules"].split())
    assert present <= kept, house.say(
        sorted(present - kept),
        "Add a `protected` contract for the room in .importlinter, beside the others.",
    )


def test_every_wing_has_an_exhaustive_contract() -> None:
    wings = {room.package.rsplit(".", 1)[0] for room in house.rooms()}
    declared_wings = {
        section["containers"].strip()
        for section in contracts().values()
        if section.get("exhaustive", "").strip() == "True"
    }
    assert wings | {"tembusu"} <= declared_wings, house.say(
        sorted(wings - declared_wings),
        "Give the wing a layers contract with `containers` and `exhaustive = True` in "
        ".importlinter.",
    )


def crosses(found: Import, path: Path) -> tuple[Room, str] | None:
    """Return the other room and which part of it an import reaches, if it leaves its own room."""
    other = house.room_of(found.imported)
    if other is None or other == house.room_of(found.module) or found.for_types:
        return None
    rest = found.imported.removeprefix(other.package).strip(".").split(".")
    return other, rest[0]


def is_door(room: Room, part: str) -> bool:
    return part in declared.COMMON_DOORS | set(declared.DOORS.get(room.name, {}))


def test_between_rooms_only_doors_are_imported() -> None:
    wrong = []
    for path in house.python_files(house.HOUSE):
        if house.room_of(house.module_name(path)) is None:
            continue
        for found in house.imports(path):
            crossed = crosses(found, path)
            demos = found.module.endswith(".demo") and crossed and crossed[1] == "demo"
            if crossed and not is_door(*crossed) and not demos:
                wrong.append(f"{house.where(path, found.line)} imports {found.imported}")
    assert not wrong, house.say(
        wrong,
        "Ask the other room's selectors or call its actions. An import for types alone goes under "
        "`if TYPE_CHECKING:`. A new door is declared in DOORS of tests/architecture/declared.py.",
    )


def test_config_opens_only_doors_and_what_only_it_may_know() -> None:
    known = {"demo", "urls", "apps", "api", "vendor"}
    wrong = []
    for path in house.python_files(house.HOUSE / "config"):
        for found in house.imports(path):
            crossed = crosses(found, path)
            if crossed and not is_door(*crossed) and crossed[1] not in known:
                wrong.append(f"{house.where(path, found.line)} imports {found.imported}")
    assert not wrong, house.say(wrong, "A command calls one action or selector, as a view does.")


def own_models() -> list[type[models.Model]]:
    """Return the models of our rooms, without the tables of history made for them."""
    return [
        model
        for model in apps.get_models()
        if house.room_of(model.__module__) and not hasattr(model, "pgh_tracked_model")
    ]


def keys_to_other_rooms() -> list[tuple[type[models.Model], models.Field]]:
    found = []
    for model in own_models():
        for field in model._meta.get_fields():
            if not isinstance(field, models.ForeignKey | models.ManyToManyField):
                continue
            if field.model is not model or field.remote_field.model is get_user_model():
                continue
            if field.remote_field.model._meta.app_label != model._meta.app_label:
                found.append((model, field))
    return found


def get_user_model() -> type[models.Model]:
    return apps.get_model(settings.AUTH_USER_MODEL)


def test_keys_into_other_rooms_protect_and_leave_no_name_there() -> None:
    wrong = []
    for model, field in keys_to_other_rooms():
        if field.name in {"groups", "user_permissions"}:
            continue  # Django's own mixin for signed-in users
        protects = getattr(field.remote_field, "on_delete", None) is models.PROTECT
        if not protects or not field.remote_field.hidden:
            wrong.append(f"{model._meta.label}.{field.name}")
    assert not wrong, house.say(
        wrong, 'Write models.ForeignKey("room.Model", models.PROTECT, related_name="+").'
    )


def test_keys_into_other_rooms_are_written_by_label() -> None:
    wrong = []
    for path in house.parts_of_all_rooms("models"):
        room = house.room_of(house.module_name(path))
        assert room is not None
        from_elsewhere = {
            found.imported.rsplit(".", 1)[1]
            for found in house.imports(path)
            if (other := house.room_of(found.imported)) and other != room
        }
        for call in (n for n in ast.walk(house.tree_of(path)) if isinstance(n, ast.Call)):
            if house.dotted(call.func).split(".")[-1] not in {
                "ForeignKey",
                "OneToOneField",
                "ManyToManyField",
            }:
                continue
            if call.args and house.dotted(call.args[0]).split(".")[0] in from_elsewhere:
                wrong.append(house.where(path, call.lineno))
    assert not wrong, house.say(wrong, 'Name the model by label: "people.Organisation".')


TAG = re.compile(r"{%\s*(extends|include)\s+(\"[^\"]+\"|'[^']+'|\S+)")


def test_templates_come_from_ui_or_the_own_room() -> None:
    wrong = []
    for path in house.templates():
        room = house.room_of(house.module_name(path))
        assert room is not None, path
        own = {"ui", room.name, *declared.TEMPLATE_FOLDERS.get(room.name, {})} - {""}
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for kind, name in TAG.findall(line):
                if name[0] in "\"'" and name.strip("\"'").split("/")[0] not in own:
                    wrong.append(f"{house.where(path, number)} {kind} {name}")
    assert not wrong, house.say(
        wrong, "Extend a shell of ui; what two rooms both show becomes a component of ui."
    )


@pytest.mark.parametrize(
    ("room", "part"), [(room, part) for room, parts in declared.DOORS.items() for part in parts]
)
def test_a_declared_door_still_exists(room: str, part: str) -> None:
    folder = {each.name: each.folder for each in house.rooms()}[room]
    assert (folder / f"{part}.py").exists() or (folder / part).is_dir(), (
        f"{room}.{part} is gone: remove it from DOORS in tests/architecture/declared.py."
    )
