"""The strict content security policy holds because no template asks for more."""

import re

import pytest

from tests.architecture import house

RULES = {
    "a style attribute": (
        re.compile(r"<[^>]*\sstyle\s*=", re.DOTALL),
        "Give it a class of ui's style sheet; a width is an SVG attribute or a <progress>/<meter>.",
    ),
    "a style element": (re.compile(r"<style\b"), "Put it into ui's one style sheet."),
    "an inline script": (
        re.compile(r"<script\b(?![^>]*\bsrc\s*=)(?![^>]*application/json)", re.DOTALL),
        "Put it into ui/static/ui/tembusu.js.",
    ),
    "an inline handler": (
        re.compile(r"<[^>]*\son[a-z]+\s*=", re.DOTALL),
        "Listen for the event in ui/static/ui/tembusu.js.",
    ),
    "a script address": (re.compile(r"javascript:", re.IGNORECASE), "Use a button and tembusu.js."),
    "something from elsewhere": (
        re.compile(
            r"<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)\s*=\s*[\"']?(?:https?:)?//"
        ),
        "Serve the file ourselves: nothing on a page comes from another site.",
    ),
    "a text marked safe": (
        re.compile(r"\|\s*safe\b|{%\s*autoescape\s+off"),
        "Let Django escape it; markup is made by ui's tags.",
    ),
}
COMMENT = re.compile(r"{%\s*comment.*?endcomment\s*%}|{#.*?#}", re.DOTALL)


@pytest.mark.parametrize("rule", RULES)
def test_no_template_holds(rule: str) -> None:
    pattern, remedy = RULES[rule]
    wrong = []
    for path in house.templates():
        if path.suffix != ".html":
            continue
        text = COMMENT.sub(lambda m: "\n" * m.group().count("\n"), path.read_text())
        for found in pattern.finditer(text):
            wrong.append(house.where(path, text.count("\n", 0, found.start()) + 1))
    assert not wrong, house.say(wrong, remedy)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('<p style="color:red">', "a style attribute"),
        ("<p\n  style='x'>", "a style attribute"),
        ("<script>alert(1)</script>", "an inline script"),
        ('<a onclick="x()">', "an inline handler"),
        ('<img src="//elsewhere.example/x.png">', "something from elsewhere"),
        ("{{ name|safe }}", "a text marked safe"),
    ],
)
def test_the_rule_would_see(text: str, rule: str) -> None:
    assert RULES[rule][0].search(text)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('<script type="module" src="/x.js"></script>', "an inline script"),
        ('<p class="style" data-style="x">', "a style attribute"),
        ('<section aria-label="on time">', "an inline handler"),
        ('<a href="https://clinicaltrials.gov/study/NCT01234567">', "something from elsewhere"),
    ],
)
def test_the_rule_would_let_pass(text: str, rule: str) -> None:
    assert not RULES[rule][0].search(text)


POST_FORM = re.compile(r"<form\b[^>]*method=[\"']post[\"'].*?</form>", re.DOTALL | re.IGNORECASE)
CONTROL = re.compile(r"<(?:input(?![^>]*type=[\"']hidden)|select|textarea)\b")


def test_rooms_hold_no_controls_of_forms_that_change_something() -> None:
    wrong = []
    for path in house.templates():
        room = house.room_of(house.module_name(path))
        if room is None or room.name == "ui":
            continue
        for form in POST_FORM.findall(COMMENT.sub("", path.read_text())):
            wrong += [house.where(path) for _ in CONTROL.findall(form)]
    assert not wrong, house.say(
        sorted(set(wrong)),
        "Declare the field in the room's forms.py and show it with ui (`{% form_body form %}`): "
        "its "
        "label, hint, error and the error summary come with it.",
    )
