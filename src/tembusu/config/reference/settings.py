"""What an operator may set, from the fields of ``config.environment``."""

import re
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from tembusu.config.environment import CHECKOUT, Environment
from tembusu.config.reference import markdown

LEAD = """Settings are environment variables, read once when a process starts. All faults are
reported at once, and nothing starts with a wrong one."""


def page() -> str:
    rows = [row(name, field) for name, field in Environment.model_fields.items()]
    return markdown.page(
        "Settings", LEAD, markdown.table(["Variable", "Kind", "If not set", "Meaning"], rows)
    )


def variable(name: str, field: FieldInfo) -> str:
    alias = field.validation_alias
    prefix = str(Environment.model_config.get("env_prefix", ""))
    return alias if isinstance(alias, str) else f"{prefix}{name}".upper()


def row(name: str, field: FieldInfo) -> tuple[str, str, str, str]:
    return (
        markdown.code(variable(name, field)),
        kind(field),
        markdown.code(shown(field.default)) or "(empty)",
        marked(field.description or ""),
    )


def marked(text: str) -> str:
    """Tell the search for secrets that an address with a password in it is an example."""
    is_address = re.search(r"://\w+:\w+@", text)
    return f"{text} <!-- pragma: allowlist secret -->" if is_address else text


def kind(field: FieldInfo) -> str:
    words = {bool: "yes or no", int: "number", str: "text", Path: "path"}
    said = words.get(field.annotation, "JSON list")  # type: ignore[arg-type]
    limits = [f"at least {limit.ge}" for limit in field.metadata if hasattr(limit, "ge")]
    return ", ".join([said, *limits])


def shown(value: Any) -> str:
    """Return a default as one would type it; never a path of the machine that writes this page."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Path):
        inside = value.is_relative_to(CHECKOUT)
        return f"{value.relative_to(CHECKOUT)}/ in the checkout" if inside else str(value)
    if isinstance(value, list):
        return "[" + ", ".join(f'"{one}"' for one in value) + "]"
    return str(value)
