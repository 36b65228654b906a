"""The registration form as data: reading its specification, and judging answers by it.

A draft may be incomplete: ``unanswered`` says what publishing still needs. It is never wrong:
``check_answers`` refuses what could not be published, so a mistake is met where it is made.
"""

import dataclasses
import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from tembusu.coordination.registry.rules import coherence, records
from tembusu.coordination.registry.rules.answers import (
    FORMATS,
    HOW_A_DATE,
    YEARS,
    date_answer,
    format_fault,
    sign_fault,
)
from tembusu.coordination.registry.terms import (
    Completeness,
    FormSection,
    Question,
    QuestionKind,
)
from trialformats.dates import DateError
from trialformats.records import WHO_DATA_SET, TrialRecord

# Answered by publishing itself: the number and the day of registration.
GIVEN_ITEMS = frozenset({1, 2})
MANY = frozenset({QuestionKind.GROUP, QuestionKind.ROWS})
TEXTS = frozenset({QuestionKind.TEXT, QuestionKind.LONG_TEXT})
MOST_ROWS = 150  # rows of one question; a larger trial is imported from its registry
MOST_PEOPLE = 10_000_000
MOST_TYPED = 20_000  # characters that are kept of what is no answer yet, or twice what would fit


class FormFault(ValueError):
    """The specification of the form is wrong; the message names the question."""


class AnswerFault(ValueError):
    """An answer that its question can't take; the message says what it can."""


@cache
def sections() -> tuple[FormSection, ...]:
    """Return the form that this deployment uses.

    :raises FormFault: if the specification is wrong
    """
    text = resources.files("tembusu.coordination.registry").joinpath("registration_form.toml")
    return parse(text.read_text(encoding="utf-8"))


def parse(text: str) -> tuple[FormSection, ...]:
    """Read and check a specification.

    :raises FormFault: naming the question, and what a right one would be
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise FormFault(f"The registration form is not valid TOML: {fault}") from fault
    found = tuple(
        FormSection(
            key=part["key"],
            title=part["title"],
            intro=part.get("intro", ""),
            questions=tuple(_question(one) for one in part.get("question", [])),
        )
        for part in data.get("section", [])
    )
    _check(found)
    return found


def _question(data: Mapping[str, Any]) -> Question:
    name = data.get("field", "?")
    known = {f.name for f in dataclasses.fields(Question)} | {"part"}
    if unknown := sorted(set(data) - known):
        raise FormFault(f"Question '{name}' has an unknown setting: {', '.join(unknown)}.")
    try:
        kind = QuestionKind(data["kind"])
    except (KeyError, ValueError) as fault:
        kinds = ", ".join(QuestionKind)
        raise FormFault(f"Question '{name}' has no known kind. Kinds: {kinds}.") from fault
    made = ("part", "kind", "choices", "needs_one_of")
    plain = {key: value for key, value in data.items() if key not in made}
    return Question(
        kind=kind,
        choices=tuple((value, label) for value, label in data.get("choices", [])),
        parts=tuple(_question(part) for part in data.get("part", [])),
        needs_one_of=tuple(data.get("needs_one_of", ())),
        **plain,
    )


def _check(found: Sequence[FormSection]) -> None:
    fields = {f.name for f in dataclasses.fields(TrialRecord)}
    seen: set[str] = set()
    for question in all_questions(found):
        if question.field not in fields:
            raise FormFault(f"Question '{question.field}' is no field of a trial record.")
        if question.field in seen:
            raise FormFault(f"Question '{question.field}' is asked twice.")
        seen.add(question.field)
        if (question.kind in MANY) != bool(question.parts):
            raise FormFault(
                f"Question '{question.field}': groups and rows, and only they, have parts."
            )
        if unknown := set(question.needs_one_of) - {part.field for part in question.parts}:
            raise FormFault(
                f"Question '{question.field}' has no part {', '.join(sorted(unknown))}."
            )
        if question.kind in (QuestionKind.CHOICE, QuestionKind.CHOICES) and not question.choices:
            raise FormFault(f"Question '{question.field}' has no choices.")
        for one in (question, *question.parts):
            _check_format(one)
    asked = {q.who for q in all_questions(found)} | GIVEN_ITEMS
    if lacking := [item.name for item in WHO_DATA_SET if item.no not in asked]:
        raise FormFault(f"No question answers the WHO item '{lacking[0]}'.")


def _check_format(question: Question) -> None:
    is_text = question.kind in TEXTS or not question.format
    if question.format not in FORMATS or not is_text:
        formats = ", ".join(sorted(FORMATS)).removeprefix(", ")
        raise FormFault(f"Question '{question.field}': a text may have the format {formats}.")


def all_questions(found: Sequence[FormSection]) -> Iterator[Question]:
    """Yield every question of the form, in its order."""
    for section in found:
        yield from section.questions


def unanswered(found: Sequence[FormSection], answers: Mapping[str, Any]) -> list[Question]:
    """Return the questions that publishing needs answered, or answered to the end, and are not."""
    return [q for q in all_questions(found) if lacking(q, answers.get(q.field))]


def lacking(question: Question, value: Any) -> str:
    """Return what publishing still needs of an answer: 'row 2 lacks Name'; '' if nothing.

    A row that was begun has to be whole even where the question may be left open.
    """
    if value is None or value in ("", [], {}):
        return "not answered" if question.is_required else ""
    if question.kind is QuestionKind.GROUP:
        return _lacks(question, value)
    if question.kind is QuestionKind.ROWS:
        faults = ((no, _lacks(question, row)) for no, row in enumerate(value, start=1))
        return next((f"row {no} {fault}" for no, fault in faults if fault), "")
    return ""


def completeness(found: Sequence[FormSection], record: Mapping[str, Any]) -> Completeness:
    """Count the WHO items that a record answers to the end: as far as publishing needs.

    An item whose questions are partly open is not answered, so that count, list and what is still
    needed say the same.
    """
    open_items = {question.who for question in unanswered(found, record)}
    missing = set(records.completeness(record).missing)
    left = tuple(one.name for one in WHO_DATA_SET if one.name in missing or one.no in open_items)
    return Completeness(len(WHO_DATA_SET) - len(left), len(WHO_DATA_SET), left)


def to_mend(found: Sequence[FormSection], typed: Mapping[str, Any]) -> list[Question]:
    """Return the questions for which something was typed that is no answer yet."""
    return [question for question in all_questions(found) if question.field in typed]


def most_typed(question: Question) -> int:
    """Return how many characters are kept of what was typed into a control and is no answer."""
    n_lines = MOST_ROWS if question.kind is QuestionKind.LINES else 1
    return max(MOST_TYPED, 2 * question.max_length * n_lines)


def is_beyond_keeping(question: Question, typed: Mapping[str, Sequence[str]]) -> bool:
    """Say whether more stands in the controls of a question than is kept as typed.

    :param typed: the texts by the name of the control, which ends with that of its part
    """
    parts = {part.field: part for part in question.parts}
    for name, texts in typed.items():
        most = most_typed(parts.get(name.rpartition("-")[2], question))
        if len(texts) > MOST_ROWS or any(len(text) > most for text in texts):
            return True
    return False


def _lacks(question: Question, value: Mapping[str, Any]) -> str:
    lacks = [
        part.label for part in question.parts if part.is_required and not value.get(part.field)
    ]
    ways = [part for part in question.parts if part.field in question.needs_one_of]
    if ways and not any(value.get(part.field) for part in ways):
        lacks.append(" or ".join(part.label for part in ways))
    return f"lacks {', '.join(lacks)}" if lacks else ""


# -- what an answer may be ------------------------------------------------------------------------


def check_answers(found: Sequence[FormSection], answers: Mapping[str, Any]) -> None:
    """Refuse answers that no record could hold.

    :raises AnswerFault: naming the question and what it takes
    """
    asked = {question.field: question for question in all_questions(found)}
    if unknown := sorted(set(answers) - set(asked)):
        raise AnswerFault(f"The form has no question {', '.join(unknown)}.")
    for name, value in answers.items():
        check_answer(asked[name], value)
    for one in coherence.misfits(answers):
        raise AnswerFault(f"{asked[one.field].label}: {one.text}")


def faults(found: Sequence[FormSection], answers: Mapping[str, Any]) -> list[tuple[Question, str]]:
    """Return every answer that publishing would refuse, with what is wrong with it."""
    asked = {question.field: question for question in all_questions(found)}
    said = [(asked[name], _said(asked[name], value)) for name, value in answers.items()]
    said += [(asked[one.field], one.text) for one in coherence.misfits(answers)]
    return [(question, text) for question, text in said if text]


def _said(question: Question, value: Any) -> str:
    return "" if value is None or value in ("", [], {}) else _fault(question, value)


def check_answer(question: Question, value: Any) -> None:
    """Refuse one answer; None and what is empty are no answer, and pass.

    :raises AnswerFault: naming the question and what it takes
    """
    if value is None or value in ("", [], {}):
        return
    if fault := _fault(question, value):
        raise AnswerFault(f"{question.label}: {fault}")


def _fault(question: Question, value: Any) -> str:
    """Return what is wrong with an answer, or ''."""
    kind = question.kind
    if kind in TEXTS:
        return _text_fault(question, value)
    if kind is QuestionKind.CHOICE:
        return _choice_fault(question, value)
    if kind is QuestionKind.NUMBER:
        return "" if is_count(value) else f"a whole number from 0 to {MOST_PEOPLE:,} is needed."
    if kind is QuestionKind.YES_NO:
        return "" if isinstance(value, bool) else "yes or no is needed."
    if kind is QuestionKind.DATE:
        return _date_fault(value)
    if kind is QuestionKind.GROUP:
        return _parts_fault(question, value)
    return _many_fault(question, value)


def _choice_fault(question: Question, value: Any) -> str:
    known = [code for code, _ in question.choices]
    return "" if value in known else f"'{value}' is none of the choices."


def is_count(value: Any) -> bool:
    """Say whether a value is a number of people."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_PEOPLE


def _text_fault(question: Question, value: Any) -> str:
    if not isinstance(value, str):
        return "a text is needed."
    more = len(value) - question.max_length
    if more > 0:
        return f"{more:,} characters too long; {question.max_length:,} fit."
    return sign_fault(value) or format_fault(question.format, value)


def _date_fault(value: Any) -> str:
    if not isinstance(value, str):
        return HOW_A_DATE
    try:
        return "" if date_answer(value) == value else HOW_A_DATE
    except DateError as fault:
        return str(fault)


def _many_fault(question: Question, value: Any) -> str:
    if not isinstance(value, list):
        return "a list is needed."
    if len(value) > MOST_ROWS:
        return f"{len(value)} entries; {MOST_ROWS} fit. Import larger records from a file."
    if question.kind is QuestionKind.ROWS:
        faults = ((no, _parts_fault(question, row)) for no, row in enumerate(value, start=1))
        return next((f"row {no}: {fault}" for no, fault in faults if fault), "")
    if question.kind is QuestionKind.CHOICES:
        return next((fault for one in value if (fault := _choice_fault(question, one))), "")
    return next((fault for one in value if (fault := _text_fault(question, one))), "")


def _parts_fault(question: Question, value: Any) -> str:
    if not isinstance(value, dict):
        return "a group of answers is needed."
    asked = {part.field: part for part in question.parts}
    for name, answer in value.items():
        # A record may say more of a row than the form asks (a site's coordinates): that is kept.
        if name in asked and answer not in (None, "") and (fault := _fault(asked[name], answer)):
            return f"{asked[name].label}: {fault}"
    return ""


def mark(*values: Any) -> str:
    """Return a short fingerprint of JSON values, by which a page tells whether they changed."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def section_of(found: Sequence[FormSection], field: str) -> str:
    """Return the key of the section that asks for a field.

    :raises KeyError: if none does
    """
    for section in found:
        if any(question.field == field for question in section.questions):
            return section.key
    raise KeyError(field)


__all__ = [
    "YEARS",
    "AnswerFault",
    "DateError",
    "FormFault",
    "all_questions",
    "check_answer",
    "check_answers",
    "completeness",
    "date_answer",
    "faults",
    "is_count",
    "lacking",
    "mark",
    "parse",
    "section_of",
    "sections",
    "to_mend",
    "unanswered",
]
