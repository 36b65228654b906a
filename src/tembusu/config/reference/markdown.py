"""Small pieces of Markdown."""

from collections.abc import Iterable, Sequence

MADE = "% Written by `make reference` from what the code declares. Do not edit.\n\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a cell's line breaks become blanks and its bars are escaped."""
    lines = [line(head), line(["---"] * len(head))]
    return "\n".join([*lines, *(line([cell(one) for one in row]) for row in rows)]) + "\n"


def line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|") or " "


def code(text: str) -> str:
    return f"`{text}`" if text else ""


def page(title: str, *parts: str) -> str:
    """Return a page: the mark that it is generated, its title, and its parts."""
    body = "\n\n".join(part.strip("\n") for part in parts if part)
    return f"{MADE}# {title}\n\n{body}\n"
