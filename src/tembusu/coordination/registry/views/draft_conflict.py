"""Two people at one page of a draft: what each wrote, told by what the page said when it was opened."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tembusu.coordination.registry.forms import SectionForm
from tembusu.coordination.registry.models import StudyDraft
from tembusu.coordination.registry.rules import form as rules
from tembusu.coordination.registry.terms import FormSection, Question
from tembusu.coordination.registry.views import values

SHOWN_AT_MOST = 5_000


@dataclass(frozen=True, slots=True)
class Differing:
    """An answer that two people gave differently. ``keep``: 'mine' or 'theirs', as proposed."""

    field: str
    label: str
    theirs: str
    mine: str
    keep: str


def marks(part: FormSection, held: StudyDraft) -> dict[str, str]:
    """Return a fingerprint of each answer of a page, by which it is told who changed what."""
    return {one.field: rules.mark(_stands(held, one.field)) for one in part.questions}


def _stands(held: StudyDraft, field: str) -> Any:
    """Return what the page shows for a question: what is typed and to be put right, or the answer."""
    return held.typed.get(field) or held.answers.get(field)


def differing(
    held: StudyDraft, part: FormSection, form: SectionForm, *, base: str
) -> list[Differing]:
    """Return what of a page was written otherwise than it stands now.

    :param base: ``marks`` as JSON, of the page as it was opened
    """
    written, opened = {**form.answers(), **form.typed()}, _opened(base)
    found = []
    for question in part.questions:
        mine, theirs = _said(written.get(question.field)), _stands(held, question.field)
        if mine == theirs:
            continue
        # What I left as I found it was changed by the other person alone: theirs is proposed.
        is_mine = opened.get(question.field) != rules.mark(mine)
        found.append(
            Differing(
                question.field,
                question.label,
                theirs=_in_words(question, theirs, is_typed=question.field in held.typed),
                mine=_in_words(question, mine, is_typed=question.field in form.typed()),
                keep="mine" if is_mine else "theirs",
            )
        )
    return found


def _said(answer: Any) -> Any:
    return None if answer in ("", [], {}) else answer


def _in_words(question: Question, value: Any, *, is_typed: bool) -> str:
    said = values.typed_words(value) if is_typed else values.words(question, value)
    return said if len(said) <= SHOWN_AT_MOST else f"{said[:SHOWN_AT_MOST]}…"


def _opened(base: str) -> Mapping[str, Any]:
    try:
        found = json.loads(base[:20_000])
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
