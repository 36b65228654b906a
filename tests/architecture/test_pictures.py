"""Pictures in the documentation that are drawn from the code show what the code says today."""

import importlib.util

import pytest

from tests.architecture import house

PICTURES = house.CHECKOUT / "docs" / "pictures"
PAGES = house.CHECKOUT / "docs" / "explanation"


def script(name):
    spec = importlib.util.spec_from_file_location(f"picture_{name}", PICTURES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", sorted(path.stem for path in PICTURES.glob("*.py")))
def test_a_drawn_picture_is_what_the_code_says(name):
    drawn = script(name)
    assert drawn.draw() == drawn.PICTURE.read_text(encoding="utf-8"), (
        f"Draw it anew: .venv/bin/python docs/pictures/{name}.py"
    )


def test_the_page_on_attribution_tells_the_days_that_the_picture_shows():
    page = (PAGES / "attribution.md").read_text(encoding="utf-8").splitlines()
    drawn = script("attribution")
    _, found = drawn.example()
    for part in found.parts:
        first, last = ((day - drawn.START).days for day in (part.start_date, part.end_date))
        holder = part.parties[0] if len(part.parties) == 1 else f"shared: {', '.join(part.parties)}"
        row = next(line for line in page if line.startswith(f"| {first} to {last} |"))
        assert f"| {holder} |" in row
