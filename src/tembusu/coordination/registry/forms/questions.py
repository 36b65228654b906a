"""A question of the registration form as controls: what is shown for an answer, what comes back.

The answer is JSON, as a record holds it. A group takes a control for each of its parts, rows take
one for each part of each row. What an answer may be is decided in ``rules.form``; here it is said
beside the control that was typed into.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tembusu.coordination.registry.rules import form as rules
from tembusu.coordination.registry.rules.answers import is_blank
from tembusu.coordination.registry.terms import Question, QuestionKind

YES_NO = (("true", "Yes"), ("false", "No"), ("", "Not said"))
HINTS = {QuestionKind.DATE: "2026-09-14 or 14 Sep 2026; 2026-09 or 2026 where no more is known."}
LONG_LINES = {"eligibility_text": 14, "brief_summary": 6}
TITLES = frozenset({"brief_title"})
LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
BREAKS = re.compile("\\s*[\n\r\v\f\x85\u2028\u2029]\\s*")


class PartialDateField(forms.CharField):
    """A day, a month or a year, in any of the ways that registries write one."""

    widget = forms.TextInput(attrs={"placeholder": "2026-09-14", "inputmode": "text", "size": 12})

    def to_python(self, value: Any) -> str:
        try:
            return rules.date_answer(super().to_python(value) or "")
        except rules.DateError as fault:
            raise ValidationError(str(fault)) from fault


class TextField(forms.CharField):
    """A text on one line, however it was pasted. What holds nothing to be seen is empty."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return "" if is_blank(text) else BREAKS.sub(" ", text)


class LongTextField(forms.CharField):
    """A text of several lines. Records end each with LF alone, whatever the browser sent."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return "" if is_blank(text) else LINE_ENDS.sub("\n", text)


class LinesField(forms.CharField):
    """A list, an entry in each line; blank lines and repetitions are left out."""

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        text = super().to_python(value) or ""
        lines = (" ".join(line.split()) for line in text.splitlines())
        return list(dict.fromkeys(line for line in lines if not is_blank(line)))


class CountField(forms.IntegerField):
    """A number of people; '1,200' and '1 200' are read as people write them."""

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            value = value.replace(",", "").replace(" ", "")
        return super().to_python(value)


def control(question: Question, answer: Any) -> forms.Field:
    """Return the control of a question or of a part, showing an answer."""
    made = MAKERS[question.kind](question, answer)
    made.label, made.help_text = question.label, hint(question)
    made.required = question.is_required
    made.initial = shown(question, answer)
    if question.kind in CHECKED:
        made.validators.append(_checker(question))
    return made


def anchor(question: Question) -> str:
    """Return the id of what takes the focus where a question is led to: its control, or its head."""
    if question.kind in rules.MANY:
        return f"head-{question.field}"
    first = "_0" if question.kind in (QuestionKind.YES_NO, QuestionKind.CHOICES) else ""
    return f"id_{question.field}{first}"


def hint(question: Question) -> SafeString | str:
    """Return the line of help, with the number of the WHO item that the question answers."""
    said = " ".join(filter(None, (question.hint, HINTS.get(question.kind, ""))))
    if question.who is None:
        return said
    item = format_html('<span class="who">WHO item {}</span>', question.who)
    return format_html("{} {}", said, item) if said else item


def shown(question: Question, answer: Any) -> Any:
    """Return an answer as its control shows it."""
    if question.kind is QuestionKind.LINES:
        return "\n".join(answer or [])
    if question.kind is QuestionKind.YES_NO:
        return {True: "true", False: "false"}.get(answer, "")
    if question.kind is QuestionKind.CHOICES:
        return list(answer or [])
    return "" if answer is None else answer


def read(question: Question, cleaned: Any) -> Any:
    """Return the answer that a control gave; None for none."""
    if question.kind is QuestionKind.YES_NO:
        return {"true": True, "false": False}.get(cleaned)
    return None if cleaned in ("", [], None) else cleaned


def _text(question: Question, answer: Any) -> forms.Field:
    return title_field() if question.field in TITLES else TextField()


def title_field() -> TextField:
    """Return the control of a title: one line in the record, as many as it takes on the page."""
    return TextField(widget=forms.Textarea(attrs={"rows": 2}))


def _long_text(question: Question, answer: Any) -> forms.Field:
    rows = LONG_LINES.get(question.field, 3)
    return LongTextField(widget=forms.Textarea(attrs={"rows": rows}))


def _choice(question: Question, answer: Any) -> forms.Field:
    return forms.ChoiceField(choices=[("", "Not said"), *choices(question, answer)])


def _choices(question: Question, answer: Any) -> forms.Field:
    return forms.MultipleChoiceField(
        choices=choices(question, *(answer or [])), widget=forms.CheckboxSelectMultiple
    )


def choices(question: Question, *answers: Any) -> list[tuple[str, str]]:
    """Return the choices, and what is answered already where it is none of them."""
    known = dict(question.choices)
    others = [(one, str(one)) for one in answers if one and one not in known]
    return [*question.choices, *others]


def _number(question: Question, answer: Any) -> forms.Field:
    # A text field: a number field would drop what is typed as '1,200' without a word.
    return CountField(
        min_value=0,
        max_value=rules.MOST_PEOPLE,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 10}),
        error_messages={"invalid": "Write a whole number, such as 240."},
    )


def _date(question: Question, answer: Any) -> forms.Field:
    return PartialDateField()


def _yes_no(question: Question, answer: Any) -> forms.Field:
    return forms.ChoiceField(choices=YES_NO, widget=forms.RadioSelect)


def _lines(question: Question, answer: Any) -> forms.Field:
    n_rows = min(max(len(answer or []) + 1, 3), 12)
    return LinesField(widget=forms.Textarea(attrs={"rows": n_rows}))


MAKERS: Mapping[QuestionKind, Callable[[Question, Any], forms.Field]] = {
    QuestionKind.TEXT: _text,
    QuestionKind.LONG_TEXT: _long_text,
    QuestionKind.CHOICE: _choice,
    QuestionKind.CHOICES: _choices,
    QuestionKind.NUMBER: _number,
    QuestionKind.DATE: _date,
    QuestionKind.YES_NO: _yes_no,
    QuestionKind.LINES: _lines,
}
CHECKED = frozenset({QuestionKind.TEXT, QuestionKind.LONG_TEXT, QuestionKind.LINES})


def _checker(question: Question) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        try:
            rules.check_answer(question, value)
        except rules.AnswerFault as fault:
            # The label stands beside the control already.
            message = str(fault).removeprefix(f"{question.label}: ")
            raise ValidationError(message[:1].upper() + message[1:]) from fault

    return check
