"""The command line, from the commands themselves."""

import inspect
from typing import Any

import click

from tembusu.config.cli import tembusu
from tembusu.config.reference import markdown

LEAD = """`.venv/bin/tembusu COMMAND`. A refusal is one line on standard error that says what to
do, and the exit code is not 0."""


def page() -> str:
    context = click.Context(tembusu, info_name="tembusu")
    names = tembusu.list_commands(context)
    return markdown.page("Commands", LEAD, *(section(context, name) for name in names))


def section(context: click.Context, name: str) -> str:
    command = tembusu.get_command(context, name)
    if command is None:
        raise LookupError(f"{name} is listed and is no command")
    inner = click.Context(command, info_name=name, parent=context)
    use = " ".join([f"tembusu {name}", *command.collect_usage_pieces(inner)])
    rows = [row(param) for param in command.params if not getattr(param, "hidden", False)]
    options = markdown.table(["Option", "If not given", "Meaning"], rows) if rows else ""
    text = inspect.cleandoc(command.help or "").replace("\b\n", "")
    return "\n\n".join(
        part.strip() for part in (f"## {name}", markdown.code(use), text, options) if part
    )


def row(param: click.Parameter) -> tuple[str, str, str]:
    if isinstance(param, click.Option):
        names = ", ".join(markdown.code(name) for name in [*param.opts, *param.secondary_opts])
        variable = f" Also read from `{param.envvar}`." if param.envvar else ""
        return names, default(param), f"{param.help or ''}{variable}"
    return markdown.code(param.human_readable_name), "needed" if param.required else "", ""


def default(param: click.Option) -> str:
    if param.required:
        return "needed"
    if param.is_flag:
        return "off"
    return markdown.code(said(param.default))


def said(value: Any) -> str:
    """Return a default; what is worked out when the command runs has none to show."""
    return str(value) if isinstance(value, str | int | float) and not callable(value) else ""
