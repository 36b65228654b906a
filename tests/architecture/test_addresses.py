"""Every address refuses the anonymous unless listed as public, and reading changes nothing."""

import ast
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.architecture import declared, house

SAMPLES = {"int": "1", "slug": "x", "str": "x", "uuid": "00000000-0000-4000-8000-000000000000"}
REFUSALS = {401, 403}


def addresses(
    resolver: URLResolver | None = None, before: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Yield each address as it is written, and its pattern."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry, route)
        else:
            yield route, entry


def sample(route: str, pattern: URLPattern) -> str:
    """Return an address that the pattern answers, with made-up values in its places."""
    path = route
    for name, converter in pattern.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
        value = SAMPLES.get(kind, "x")
        for written in (f"<{kind}:{name}>", f"<{name}>"):
            path = path.replace(written, value)
    if "(" in path or "^" in path:
        path = path.replace("^", "").replace("$", "")
        path = path[: path.index("(")] + "x/" if "(" in path else path
    return "/" + path


ROUTES = sorted(addresses(), key=lambda each: each[0])


def test_there_are_addresses_to_look_at() -> None:
    assert len(ROUTES) > 20


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("route", "pattern"),
    [each for each in ROUTES if each[0] not in declared.PUBLIC],
    ids=[route or "(start)" for route, _ in ROUTES if route not in declared.PUBLIC],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_address_refuses_the_anonymous(route: str, pattern: URLPattern, method: str) -> None:
    path = sample(route, pattern)
    answer = getattr(Client(), method)(path, follow=True)
    if answer.status_code == 405:
        return  # this method does nothing here for anybody
    onward = [urlsplit(address).path for address, _ in answer.redirect_chain]
    signs_in = onward[-1:] == [reverse(settings.LOGIN_URL)]
    closed = answer.status_code == 404 and route in declared.CLOSED
    assert signs_in or closed or answer.status_code in REFUSALS, (
        f"{method.upper()} {path} answered {answer.status_code} to somebody who is not signed in. "
        "Put @login_required (pages) or auth= (API) before anything else the view does, so that it "
        "does not even tell whether a record exists; or list the address with its reason in PUBLIC "
        "of tests/architecture/declared.py."
    )


@pytest.mark.parametrize("route", [*declared.PUBLIC, *declared.CLOSED])
def test_a_declared_address_still_exists(route: str) -> None:
    assert route in {each[0] for each in ROUTES}, (
        f"{route} is gone: remove it from tests/architecture/declared.py."
    )


# -- reading changes nothing -----------------------------------------------------------------------

POST_ONLY = {"require_POST", "http.require_POST"}


def action_names(path: Path) -> tuple[set[str], set[str]]:
    """Return what a views module calls actions by: names of modules, and names of functions."""
    modules, functions = set(), set()
    for node in ast.walk(house.tree_of(path)):
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        for alias in node.names:
            name = alias.asname or alias.name
            if alias.name == "actions" or node.module.endswith(".actions"):
                modules.add(name)
                functions.add(name)
            elif ".actions." in f"{node.module}.":
                functions.add(name)
    return modules, functions


def unguarded_calls(path: Path) -> list[str]:
    """Return the functions of a views module that call an action without asking for POST."""
    modules, functions = action_names(path)
    defined = {n.name: n for n in house.tree_of(path).body if isinstance(n, ast.FunctionDef)}
    acting = {
        name for name, node in defined.items() if outside_post(node, modules, functions, set())
    }
    while True:
        more = {
            name
            for name, node in defined.items()
            if name not in acting and outside_post(node, set(), set(), acting & private(defined))
        }
        if not more:
            break
        acting |= more
    return sorted(
        f"{house.where(path, defined[name].lineno)} {name}" for name in acting - private(defined)
    )


def private(defined: dict[str, ast.FunctionDef]) -> set[str]:
    """Return the functions that are no views: those whose name begins with an underscore."""
    return {name for name in defined if name.startswith("_")}


def outside_post(
    function: ast.FunctionDef, modules: set[str], functions: set[str], locals_: set[str]
) -> bool:
    """Say whether a function calls an action anywhere but under a test for POST."""
    if house.decorators(function) & POST_ONLY:
        return False
    guarded: set[ast.AST] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.If) and "POST" in ast.unparse(node.test):
            asks = "!=" not in ast.unparse(node.test) and "not " not in ast.unparse(node.test)
            if asks:
                for inner in node.body:
                    guarded |= set(ast.walk(inner))
            elif any(isinstance(inner, ast.Return | ast.Raise) for inner in node.body):
                after = (node.end_lineno or node.lineno) + 1
                guarded |= {n for n in ast.walk(function) if getattr(n, "lineno", 0) >= after}
    for call in (n for n in ast.walk(function) if isinstance(n, ast.Call) and n not in guarded):
        name = house.dotted(call.func)
        first, _, rest = name.partition(".")
        if (rest and first in modules) or (not rest and first in functions | locals_):
            return True
    return False


def test_a_view_changes_something_only_on_post() -> None:
    wrong = [fault for path in house.parts_of_all_rooms("views") for fault in unguarded_calls(path)]
    assert not wrong, house.say(
        wrong,
        "Decorate the view with @require_POST, or call the action under `if request.method == "
        '"POST":`. A link that is followed, or fetched ahead, must change nothing.',
    )


@pytest.mark.parametrize(
    ("body", "is_seen"),
    [
        ("    actions.settle(place=1)", True),
        ("    if request.method == 'POST':\n        actions.settle(place=1)", False),
        ("    if request.method != 'POST':\n        return 1\n    actions.settle(place=1)", False),
        (
            "    if request.method == 'POST':\n        pass\n    else:\n        settle(place=1)",
            True,
        ),
        ("    if request.GET:\n        settle(place=1)", True),
        ("    return actions", False),
    ],
)
def test_the_rule_sees_an_act_outside_post(body: str, is_seen: bool) -> None:
    view = ast.parse(f"def view(request):\n{body}").body[0]
    assert isinstance(view, ast.FunctionDef)
    assert outside_post(view, {"actions"}, {"settle"}, set()) is is_seen


def test_the_rule_lets_a_post_only_view_act() -> None:
    view = ast.parse("@require_POST\ndef view(request):\n    actions.settle(place=1)").body[0]
    assert isinstance(view, ast.FunctionDef)
    assert not outside_post(view, {"actions"}, set(), set())
