"""What the strict content policy forbids is in no template of any room."""

import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[4]
TEMPLATES = sorted(SOURCE.glob("tembusu/**/templates/**/*.html"))
FORBIDDEN = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a script in the page": re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "a script address": re.compile(r"javascript:", re.IGNORECASE),
    "a file from elsewhere": re.compile(r"<(?:script|link|img|iframe)\b[^>]*//"),
    "an escape switched off": re.compile(r"\|\s*safe\b|{%\s*autoescape off"),
    "evaluated htmx": re.compile(r"hx-on|hx-vals=[\"']js:|hx-headers=[\"']js:"),
}


def test_templates_are_found():
    assert len(TEMPLATES) > 40


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_a_template_keeps_to_the_content_policy(path):
    text = path.read_text()
    assert [name for name, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ('<p style="color: red">', "a style attribute"),
        ("<style>p{}</style>", "a style element"),
        ("<script>go()</script>", "a script in the page"),
        ('<a onclick="go()">', "an event handler"),
        ('<script src="https://example.org/x.js">', "a file from elsewhere"),
        ("{{ text|safe }}", "an escape switched off"),
    ],
)
def test_the_check_notices(wrong, name):
    assert FORBIDDEN[name].search(wrong)
