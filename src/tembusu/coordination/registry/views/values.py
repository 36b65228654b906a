"""How a record's values are read: dates with their precision, lists as lines, codes as words."""

from collections.abc import Mapping
from typing import Any

from tembusu.coordination.registry.rules import eligibility, records
from tembusu.coordination.registry.terms import Question, QuestionKind
from tembusu.coordination.registry.views import labels
from tembusu.foundation.ui import wording

Values = Mapping[str, Any]

# The parts of a compound value that name it, in the order in which they are said.
HEADS = ("measure", "name", "label", "term", "id_text", "facility", "citation", "data_no", "url")
CODED = frozenset({"kind", "status", "role", "domain"})
CODE_FIELDS = frozenset(
    {
        "overall_status",
        "last_known_status",
        "study_type",
        "phases",
        "allocation",
        "intervention_model",
        "observational_model",
        "time_perspective",
        "primary_purpose",
        "masking",
        "who_masked",
        "sex",
        "standard_ages",
        "sampling_method",
        "organisation_kind",
        "org_study_no_kind",
        "ipd_sharing",
        "ipd_info_types",
    }
)


def text(field: str, value: Any) -> str:
    """Return a field's JSON value as a text, a line for each item of a list; '' if not given."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int | float):
        return f"{value:,}"
    if isinstance(value, list):
        return "\n".join(_item(field, one) for one in value)
    if isinstance(value, dict):
        return _compound(value)
    return _plain(field, str(value))


def _plain(field: str, value: str) -> str:
    if field.endswith("_dtc"):
        return wording.day(value)
    if field in CODE_FIELDS or field.endswith("_kind"):
        return labels.status(value).word if "status" in field else labels.word(value)
    return value


def _item(field: str, value: Any) -> str:
    return _compound(value) if isinstance(value, dict) else _plain(field, str(value))


def _compound(value: Values) -> str:
    head = next((name for name in HEADS if value.get(name)), "")
    parts = [str(value[head])] if head else []
    for name, part in value.items():
        if name == head or part in (None, "", [], {}):
            continue
        parts.append(_part(name, part))
    return " · ".join(parts)


def _part(name: str, value: Any) -> str:
    if isinstance(value, list):
        joined = ", ".join(_item(name, one) for one in value)
        return f"{labels.field(name)}: {joined}"
    if isinstance(value, dict):
        return f"{labels.field(name)}: {_compound(value)}"
    if name in CODED:
        return labels.word(value)
    if name.endswith("_dtc"):
        return f"{labels.field(name)}: {wording.day(value)}"
    if isinstance(value, bool):
        return f"{labels.field(name)}: {'yes' if value else 'no'}"
    return str(value)


def typed_words(texts: Mapping[str, list[str]]) -> str:
    """Return what was typed for a question and is no answer, without the numbers of its rows."""
    shown = [held for name, held in texts.items() if not name.endswith(("-n", "-was"))]
    return " · ".join(one for held in shown for one in held if one)


def words(question: Question, answer: Any) -> str:
    """Return an answer as the form says it: choices by their labels, lists with a line for each."""
    said = dict(question.choices)
    if question.kind is QuestionKind.CHOICE and answer in said:
        return said[answer]
    if question.kind is QuestionKind.CHOICES:
        return "\n".join(said.get(one, str(one)) for one in answer or [])
    return text(question.field, answer)


def with_kind(field: str, said: Values, words: str | None = None) -> str:
    """Return a field's text with what is said of its kind: 'Mar 2027 (estimated)', '240 (actual)'.

    :param words: the text, where it is worked out already
    """
    shown = text(field, said.get(field)) if words is None else words
    kinds = [said.get(name) for name in records.BESIDE.get(field, ()) if name.endswith("_kind")]
    kind = next((labels.word(one).lower() for one in kinds if one), "")
    return f"{shown} ({kind})" if shown and kind else shown


def dated(values: Values, name: str) -> str:
    """Return a date with its precision and kind: 'Mar 2024 (actual)'; '' where not given."""
    return with_kind(f"{name}_dtc", values)


def participants(values: Values) -> str:
    """Return '240 (estimated)' or '231 (actual)'; '' where not given."""
    return with_kind("enrolment_count", values)


def unmarked(values: Values) -> dict[str, Any]:
    """Return values whose texts are free of the backslashes that guard signs in Markdown."""
    return {
        name: eligibility.unmarked(value) if isinstance(value, str) else value
        for name, value in values.items()
    }


def title(values: Values, number: str) -> str:
    """Return what a study is called."""
    return str(values.get("brief_title") or values.get("official_title") or number)


def sponsor(values: Values) -> str:
    return str((values.get("lead_sponsor") or {}).get("name") or "")
