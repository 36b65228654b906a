"""The programming interface, from its own OpenAPI document."""

import importlib
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from ninja import NinjaAPI

from tembusu.config.reference import markdown

LEAD = """Send a token of yours (Account, API tokens) as `Authorization: Bearer …`. A token acts
as its person within its scopes, and every write goes through the same act as on the screen. The
same document for programs is served at `/api/v1/openapi.json`."""
METHODS = ("get", "post", "put", "patch", "delete")


def schema() -> dict[str, Any]:
    """Return the OpenAPI document of the site; without operations where it serves none."""
    importlib.import_module(settings.ROOT_URLCONF)
    for name, module in sorted(sys.modules.items()):
        if not name.startswith("tembusu."):
            continue
        for value in vars(module).values():
            if isinstance(value, NinjaAPI):
                return dict(value.get_openapi_schema())
    return {"paths": {}}


def page(document: Mapping[str, Any]) -> str:
    parts = [section(path, method, said) for path, method, said in operations(document)]
    return markdown.page("API", LEAD, *(parts or ["This version serves no operation."]))


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in sorted(document["paths"].items()):
        for method in METHODS:
            if method in methods:
                yield path, method, methods[method]


def section(path: str, method: str, said: Mapping[str, Any]) -> str:
    rows = [parameter(one) for one in said.get("parameters", [])]
    rows += list(body(said.get("requestBody", {})))
    given = markdown.table(["Parameter", "In", "Needed", "Meaning"], rows) if rows else ""
    answers = markdown.table(
        ["Answer", "Meaning"],
        [
            (str(status), f"{answer.get('description', '')} {content(answer)}")
            for status, answer in sorted(said.get("responses", {}).items(), key=str)
        ],
    )
    parts = [
        f"## {method.upper()} {path}",
        said.get("summary", ""),
        said.get("description", ""),
        given,
        answers,
    ]
    return "\n\n".join(part.strip() for part in parts if part)


def parameter(one: Mapping[str, Any]) -> tuple[str, str, str, str]:
    says = one.get("description") or one.get("schema", {}).get("description", "")
    needed = "yes" if one.get("required") else "no"
    return markdown.code(one["name"]), one["in"], needed, says


def body(request: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for media, held in request.get("content", {}).items():
        needed = "yes" if request.get("required") else "no"
        name = held.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
        yield markdown.code(media), "body", needed, name


def content(answer: Mapping[str, Any]) -> str:
    """Return the schema's name of an answer, where it has one."""
    names = [
        held.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
        for held in answer.get("content", {}).values()
    ]
    return " ".join(markdown.code(name) for name in names if name)
