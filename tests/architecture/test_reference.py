"""What people may set, do, meet or call is in the generated reference, which is in step."""

import ast
import re
import sys
from functools import cache

import click
from django.apps import apps
from ninja import NinjaAPI

from tembusu.config.cli import COMMANDS, tembusu
from tembusu.config.environment import Environment
from tembusu.config.reference import api, discovery, pages
from tembusu.foundation.core import outbox
from tembusu.foundation.people.terms import Role, acts
from tests.architecture import house

REFERENCE = house.CHECKOUT / "docs" / "reference"
REMEDY = "Run `make reference` and commit what it writes."


@cache
def reference(page: str) -> str:
    return (REFERENCE / page).read_text()


def missing(page: str, names: list[str]) -> list[str]:
    return [name for name in names if f"`{name}`" not in reference(page)]


def test_the_generated_reference_is_in_step() -> None:
    stale = pages.stale(REFERENCE, pages.all_pages())
    assert not stale, house.say([f"docs/reference/{name}" for name in stale], REMEDY)


# Each thing is found here another way than the generator finds it.


def fields_of_settings() -> dict[str, ast.AnnAssign]:
    tree = house.tree_of(house.HOUSE / "config" / "environment.py")
    body = next(
        n.body for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Environment"
    )
    return {
        n.target.id: n
        for n in body
        if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)
    }


def test_every_setting_is_in_the_reference() -> None:
    names = []
    for name, node in fields_of_settings().items():
        alias = re.search(r"validation_alias='(\w+)'", ast.unparse(node))
        names.append(alias.group(1) if alias else f"TEMBUSU_{name.upper()}")
    assert len(names) > 10
    assert not missing("settings.md", names), house.say(missing("settings.md", names), REMEDY)


def test_every_setting_says_what_it_means() -> None:
    wrong = [name for name, field in Environment.model_fields.items() if not field.description]
    assert not wrong, house.say(wrong, "Give Field(…) a description in config/environment.py.")


def test_no_setting_is_read_past_the_environment_module() -> None:
    declared = {f"TEMBUSU_{name.upper()}" for name in Environment.model_fields}
    known = declared | {"TEMBUSU_CHILD_OF_DEMO"}
    wrong = []
    for path in house.python_files(house.HOUSE):
        for found in re.findall(
            r"environ(?:\.get|\.setdefault)?[\[(]\s*\"(TEMBUSU_\w+)", path.read_text()
        ):
            if found not in known:
                wrong.append(f"{house.where(path)} {found}")
    assert not wrong, house.say(wrong, "Declare the setting in config/environment.py.")


def test_every_command_is_in_the_reference() -> None:
    wrong = [name for name in COMMANDS if f"## {name}\n" not in reference("commands.md")]
    assert not wrong, house.say(wrong, REMEDY)


def commands() -> list[click.Command]:
    context = click.Context(tembusu)
    found = [tembusu.get_command(context, name) for name in COMMANDS]
    return [command for command in found if command is not None]


def test_every_command_and_option_says_what_it_does() -> None:
    wrong = []
    for command in commands():
        if not command.help:
            wrong.append(f"{command.name}: no help")
        for param in command.params:
            if isinstance(param, click.Option) and not param.hidden and not param.help:
                wrong.append(f"{command.name} {param.opts[0]}: no help")
    assert not wrong, house.say(wrong, "Give the command a docstring and each option a help text.")


def test_every_act_of_the_matrix_is_in_the_reference() -> None:
    names = list(acts())
    assert len(names) > 10
    assert not missing("permissions.md", names), house.say(missing("permissions.md", names), REMEDY)


def test_every_role_is_in_the_matrix() -> None:
    wrong = [
        role.label for role in Role if f"\n| {role.label} |" not in reference("permissions.md")
    ]
    assert not wrong, house.say(wrong, REMEDY)


def test_every_act_says_what_it_lets_one_do() -> None:
    wrong = [key for key, act in acts().items() if not re.match(r"[a-z]", act.says)]
    assert not wrong, house.say(wrong, "`says` is a verb phrase: 'register an organisation'.")


def state_classes() -> list[tuple[str, ast.ClassDef]]:
    return [
        (house.where(path), node)
        for path in house.parts_of_all_rooms("terms")
        for node in house.tree_of(path).body
        if isinstance(node, ast.ClassDef) and "State" in {house.dotted(base) for base in node.bases}
    ]


def test_every_state_is_in_the_reference() -> None:
    assert len(state_classes()) > 5
    wrong = [
        f"{place} {node.name}"
        for place, node in state_classes()
        if f": {node.name}\n" not in reference("words.md")
    ]
    assert not wrong, house.say(wrong, REMEDY)


def test_every_table_of_moves_is_in_the_reference() -> None:
    wrong = []
    for path in house.parts_of_all_rooms("rules"):
        for node in house.tree_of(path).body:
            targets = [node.target] if isinstance(node, ast.AnnAssign) else []
            targets += node.targets if isinstance(node, ast.Assign) else []
            for target in targets:
                if house.dotted(target).endswith("MOVES"):
                    first = ast.unparse(node.value.keys[0]).split(".")[0]
                    if f": {first}\n" not in reference("states.md"):
                        wrong.append(f"{house.where(path, node.lineno)} {house.dotted(target)}")
    assert not wrong, house.say(wrong, REMEDY)


def models_with_state() -> list[tuple[str, set[str]]]:
    """Return the models of our rooms with a column `state`, and the values it may take."""
    return [
        (model._meta.label, {str(value) for value, _ in field.choices or []})
        for model in apps.get_models()
        if house.room_of(model.__module__) and not hasattr(model, "pgh_tracked_model")
        for field in model._meta.fields
        if field.name == "state"
    ]


def test_every_record_with_a_state_has_a_table_of_moves() -> None:
    tables = [set(moves.states) for moves in discovery.all_moves()]
    wrong = [label for label, values in models_with_state() if values not in tables]
    assert not wrong, house.say(
        wrong,
        "Write which state may follow which in the room's rules (`…_MOVES: Mapping[State, "
        "frozenset[State]]`) and let actions ask core.states.check_move.",
    )


def test_tables_of_moves_are_whole() -> None:
    wrong = []
    for moves in discovery.all_moves():
        lacking = set(moves.states) - set(moves.table)
        wrong += [f"{moves.room}.{moves.name}: {state}" for state in sorted(lacking)]
    assert not wrong, house.say(wrong, "Give the state its line; frozenset() makes it an end.")


def test_every_event_is_in_the_reference() -> None:
    names = [kind.name for kind in outbox.kinds()]
    assert names
    assert not missing("events.md", names), house.say(missing("events.md", names), REMEDY)


def test_every_event_of_the_source_is_declared() -> None:
    known = {kind.name for kind in outbox.kinds()}
    wrong = []
    for path in house.parts_of_all_rooms("terms"):
        for call in (n for n in ast.walk(house.tree_of(path)) if isinstance(n, ast.Call)):
            if house.dotted(call.func) == "EventKind":
                name = next(ast.literal_eval(k.value) for k in call.keywords if k.arg == "name")
                if name not in known:
                    wrong.append(f"{house.where(path, call.lineno)} {name}")
    assert not wrong, house.say(wrong, "Call outbox.declare(…) in the room's apps.py.")


def served() -> list[tuple[str, str]]:
    """Return each operation the site serves: method, path below the API's root."""
    api.schema()  # loads the site's addresses
    interfaces = {
        id(value): value
        for name, module in list(sys.modules.items())
        if name.startswith("tembusu.")
        for value in vars(module).values()
        if isinstance(value, NinjaAPI)
    }
    return [
        (method, operation.view_func.__name__)
        for interface in interfaces.values()
        for _, router in interface._routers
        for path_view in router.path_operations.values()
        for operation in path_view.operations
        for method in operation.methods
    ]


def test_every_operation_of_the_api_is_in_the_reference() -> None:
    told = reference("api.md").count("\n## ")
    assert told == len(served()), house.say([f"{m} {n}" for m, n in served()], REMEDY)


def test_every_operation_of_the_api_says_what_it_does() -> None:
    wrong = [
        f"{method.upper()} {path}"
        for path, method, said in api.operations(api.schema())
        if not said.get("description")
        and said["summary"] in {name.replace("_", " ").title() for _, name in served()}
    ]
    assert not wrong, house.say(wrong, "Give the operation a summary, or its function a docstring.")


def test_closed_lists_of_words_are_states() -> None:
    """Not Django's own choices, which neither rules nor this reference would see."""
    kinds = {"TextChoices", "IntegerChoices"}
    wrong = [
        f"{house.where(path, node.lineno)} {node.name}"
        for path in house.python_files(house.HOUSE)
        for node in ast.walk(house.tree_of(path))
        if isinstance(node, ast.ClassDef)
        and kinds & {house.dotted(base).split(".")[-1] for base in node.bases}
    ]
    assert not wrong, house.say(wrong, "Derive it from core.states.State, in the room's terms.")
