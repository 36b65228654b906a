"""Where packs lie: those that come with the platform by their key, a country's own by its path."""

from functools import cache
from importlib import resources
from pathlib import Path

from tembusu.foundation.jurisdictions.rules import packs
from tembusu.foundation.jurisdictions.rules.packs import PackFault
from tembusu.foundation.jurisdictions.terms import Pack

ROOM = "tembusu.foundation.jurisdictions"


def supplied() -> list[str]:
    """Return the keys of the packs that come with the platform."""
    folder = resources.files(ROOM).joinpath("packs")
    return sorted(
        each.name.removesuffix(".toml") for each in folder.iterdir() if each.name.endswith(".toml")
    )


@cache
def read(name: str) -> Pack:
    """Return a pack as its file has it.

    :param name: the key of a supplied pack, or the path of a file that ends in ``.toml``
    :raises PackFault: if there is none, or what is wrong in it
    """
    if name.endswith(".toml"):
        return packs.parse(_own_file(Path(name)), where=name)
    if name not in supplied():
        known = ", ".join(supplied())
        raise PackFault(
            "TEMBUSU_JURISDICTION",
            [f"no pack is called '{name}'. Supplied: {known}; or give the path of a .toml file."],
        )
    text = resources.files(ROOM).joinpath("packs", f"{name}.toml").read_text(encoding="utf-8")
    pack = packs.parse(text, where=f"{name}.toml")
    if pack.key != name:
        raise PackFault(f"{name}.toml", [f"'key' must be '{name}', as the file is called."])
    return pack


def _own_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise PackFault(str(path), [f"it can't be read as text: {fault}"]) from fault
