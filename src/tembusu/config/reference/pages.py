"""All files of docs/reference by name, and which of those on disk are not like them."""

from pathlib import Path

from tembusu.config.reference import (
    api,
    commands,
    events,
    packs,
    permissions,
    settings,
    states,
    words,
)
from tembusu.config.reference.markdown import MADE

INDEX = """# Reference

What the code itself declares, page by page. A test fails when a page is stale; `make reference`
writes them anew.

```{toctree}
:maxdepth: 1

states
permissions
settings
commands
events
api
words
packs
```
"""


def all_pages() -> dict[str, str]:
    """Return every file of docs/reference by its name. Needs Django set up, and no database."""
    schema = api.schema()
    made = {
        "index.md": MADE + INDEX,
        "states.md": states.page(),
        "permissions.md": permissions.page(),
        "settings.md": settings.page(),
        "commands.md": commands.page(),
        "events.md": events.page(),
        "api.md": api.page(schema),
        "words.md": words.page(),
        "packs.md": packs.page(),
    }
    return {**made, **states.pictures()}


def stale(folder: Path, wanted: dict[str, str]) -> list[str]:
    """Return the files that are missing, differ, or should not be there."""
    present = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    wrong = [
        name
        for name, text in wanted.items()
        if name not in present or present[name].read_text(encoding="utf-8") != text
    ]
    return sorted([*wrong, *(name for name in present if name not in wanted)])
