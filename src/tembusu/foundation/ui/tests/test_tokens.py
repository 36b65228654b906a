"""The contrast of every pair of colours that meets on a screen, computed from the token file."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[1] / "static" / "ui"
TOKENS = (STATIC / "tokens.css").read_text()
SHEET = (STATIC / "tembusu.css").read_text()
COLOUR = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
COLOURS = {name: {"light": light, "dark": dark} for name, light, dark in COLOUR.findall(TOKENS)}

GROUNDS = ("page", "surface", "sunken", "raised")
TEXTS = ("ink", "ink-2", "ink-3", "accent", "accent-strong", "ok", "info", "warn", "bad", "quiet")
TONES = ("ok", "info", "warn", "bad", "quiet", "turn")
MARKS = (
    "line-strong",
    "focus",
    "chart-1",
    "chart-target",
    "party-sponsor",
    "party-site",
    "party-board",
    "party-regulator",
    "party-shared",
)

TEXT_PAIRS = [(text, ground) for text in TEXTS for ground in GROUNDS]
TEXT_PAIRS += [(tone, f"{tone}-soft") for tone in TONES]
TEXT_PAIRS += [("ink", f"{tone}-soft") for tone in TONES]
TEXT_PAIRS += [
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-bad", "bad"),
    ("ink", "mark"),
    ("ink-2", "accent-soft"),
    ("ink-2", "quiet-soft"),
    ("bad", "bad-soft"),
    ("accent", "accent-soft"),
    ("ink-2", "turn-soft"),
]
MARK_PAIRS = [(mark, ground) for mark in MARKS for ground in ("page", "surface")]
MARK_PAIRS += [("accent", "quiet-soft"), ("focus", "accent-soft"), ("bad", "quiet-soft")]


def luminance(colour):
    """Return the relative luminance of '#rrggbb' (WCAG 2.2, definition of relative luminance)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#ffffff", "#000000", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#0b5f57", "#0b5f57", 1.0),
    ],
)
def test_contrast_is_computed_as_the_standard_says(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_is_read_on_its_ground(theme, text, ground):
    assert contrast(COLOURS[text][theme], COLOURS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), MARK_PAIRS)
def test_marks_stand_out_from_their_ground(theme, mark, ground):
    assert contrast(COLOURS[mark][theme], COLOURS[ground][theme]) >= 3


def test_every_colour_has_a_light_and_a_dark_value():
    named = re.findall(r"--([\w-]+):[^;]*#[0-9a-f]", TOKENS)
    assert named
    assert set(named) == set(COLOURS)


def test_only_the_token_file_names_a_colour():
    raw = re.findall(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|rgba|hsl|oklch)\(", SHEET)
    assert raw == []


def test_the_style_sheet_uses_only_tokens_that_exist():
    known = set(re.findall(r"--([\w-]+):", TOKENS + SHEET))
    used = set(re.findall(r"var\(--([\w-]+)", TOKENS + SHEET))
    assert used - known == set()
