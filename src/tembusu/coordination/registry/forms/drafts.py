"""The registration form, page by page, made from its specification."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.datastructures import MultiValueDict

from tembusu.coordination.registry.forms import questions
from tembusu.coordination.registry.rules import coherence
from tembusu.coordination.registry.rules import form as rules
from tembusu.coordination.registry.rules.answers import format_fault
from tembusu.coordination.registry.terms import FormSection, Question, QuestionKind

BLANK_AT_MOST = 10
BEYOND = "Too much was typed here to be kept: it is not saved. Shorten it, then save again."


@dataclass(frozen=True, slots=True)
class RowPart:
    """One row of a question: its number from 1, its controls, the value of its 'Remove' button."""

    no: int
    fields: Sequence[BoundField]
    remove: str


@dataclass(frozen=True, slots=True)
class Block:
    """A question as it stands on the page: one control, a group of them, or rows.

    :ivar new_row: id of the first control of a row that would be added; '' where none fits
    """

    question: Question
    fields: Sequence[BoundField] = ()
    rows: Sequence[RowPart] = ()
    new_row: str = ""

    @property
    def is_plain(self) -> bool:
        return self.question.kind not in rules.MANY

    @property
    def is_rows(self) -> bool:
        return self.question.kind is QuestionKind.ROWS

    @property
    def hint(self) -> str:
        return questions.hint(self.question)


@dataclass(slots=True)
class _Rows:
    """How many rows of a question stand on the page, and which stored row each began as."""

    n: int
    origins: dict[int, int] = field(default_factory=dict)


class SectionForm(forms.Form):
    """Questions with their answers. Nothing has to be answered for a draft to be saved."""

    use_required_attribute = False
    error_css_class = ""

    def __init__(
        self,
        asked: FormSection | Sequence[Question],
        answers: Mapping[str, Any],
        *,
        data: Any = None,
        blanks: Mapping[str, int] | None = None,
    ) -> None:
        """Make the controls.

        :param answers: what stands in the draft (or record); rows keep what the form doesn't ask
        :param blanks: field of rows to how many empty rows are added
        """
        super().__init__(None if data is None else _without_nulls(data))
        self.questions = tuple(asked.questions if isinstance(asked, FormSection) else asked)
        self.stored = dict(answers)
        self._rows: dict[str, _Rows] = {}
        for question in self.questions:
            self._add(question, (blanks or {}).get(question.field, 0))

    # -- making ---------------------------------------------------------------------------------

    def _add(self, question: Question, n_blank: int) -> None:
        answer = self.stored.get(question.field)
        if question.kind is QuestionKind.ROWS:
            self._add_rows(question, list(answer or []), n_blank)
        elif question.kind is QuestionKind.GROUP:
            for part in question.parts:
                given = (answer or {}).get(part.field)
                self.fields[f"{question.field}-{part.field}"] = questions.control(part, given)
        else:
            self.fields[question.field] = questions.control(question, answer)

    def _add_rows(self, question: Question, answer: list[Any], n_blank: int) -> None:
        rows = self._count(question, answer, n_blank)
        self._rows[question.field] = rows
        for no in range(rows.n):
            origin = rows.origins.get(no)
            given = answer[origin] if origin is not None and origin < len(answer) else {}
            for part in question.parts:
                name = f"{question.field}-{no}-{part.field}"
                self.fields[name] = questions.control(part, given.get(part.field))

    def _count(self, question: Question, answer: list[Any], n_blank: int) -> _Rows:
        if self.is_bound:
            n = _whole(self.data.get(f"{question.field}-n", ""), most=rules.MOST_ROWS)
            sent = (self.data.get(f"{question.field}-{no}-was", "") for no in range(n))
            origins = {
                no: int(was) for no, was in enumerate(sent) if was.isdecimal() and len(was) < 5
            }
            return _Rows(n, origins)
        # What has to be answered begins with a row to write in.
        least = 1 if question.is_required and not answer else 0
        n = min(len(answer) + max(least, min(n_blank, BLANK_AT_MOST)), rules.MOST_ROWS)
        return _Rows(n, {no: no for no in range(len(answer))})

    # -- reading --------------------------------------------------------------------------------

    def full_clean(self) -> None:
        # A draft may leave open what publishing needs; the controls still say that it is needed.
        needed = [one for one in self.fields.values() if one.required]
        for one in needed:
            one.required = False
        super().full_clean()
        for one in needed:
            one.required = True
        if self.is_bound:
            for name in self._beyond():
                del self.errors[name]
                self.add_error(name, BEYOND)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for one in coherence.misfits({q.field: self._answer(q) for q in self.questions}):
            if one.field in cleaned:
                self.add_error(one.field, one.text)
        return cleaned

    def answers(self) -> dict[str, Any]:
        """Return the answer to each question that has nothing wrong; rows left blank fall away.

        What a stored row says beyond the form's questions stays with it.
        """
        wrong = self.typed()
        return {one.field: self._answer(one) for one in self.questions if one.field not in wrong}

    def typed(self) -> dict[str, dict[str, list[str]]]:
        """Return what stands in the controls of each question that is no answer yet."""
        found = {one.field: self._names(one) for one in self.questions}
        counted = {name: [str(number)] for name, number in self.carried}
        return {
            field: {name: counted.get(name) or self._texts(name) for name in names}
            for field, names in found.items()
            if any(name in self.errors for name in names)
        }

    def beyond(self) -> set[str]:
        """Return the questions into which more was typed than is kept; it stands on the page only."""
        return {
            question.field
            for question in self.questions
            if any(_belongs(name, question.field) for name in self._beyond())
        }

    def _beyond(self) -> list[str]:
        """Return the controls that hold no answer, and too much to be kept as typed."""
        return [
            name
            for question in self.questions
            for name in self._names(question)
            if name in self.errors and rules.is_beyond_keeping(question, {name: self._texts(name)})
        ]

    def _names(self, question: Question) -> list[str]:
        names = [*self.fields, *dict(self.carried)]
        return [name for name in names if _belongs(name, question.field)]

    def _texts(self, name: str) -> list[str]:
        sent: Any = self.data
        return [str(text) for text in sent.getlist(name)]

    def _answer(self, question: Question) -> Any:
        if question.kind is QuestionKind.GROUP:
            kept = self._kept(question, self.stored.get(question.field) or {})
            return {**kept, **self._parts(question, question.field)} or None
        if question.kind is QuestionKind.ROWS:
            return self._row_answers(question)
        return questions.read(question, self.cleaned_data.get(question.field))

    def _row_answers(self, question: Question) -> list[Any]:
        rows, stored = self._rows[question.field], list(self.stored.get(question.field) or [])
        found = []
        for no in range(rows.n):
            given = self._parts(question, f"{question.field}-{no}")
            if not given:
                continue
            origin = rows.origins.get(no)
            was = stored[origin] if origin is not None and origin < len(stored) else {}
            found.append({**self._kept(question, was), **given})
        return found

    def _parts(self, question: Question, prefix: str) -> dict[str, Any]:
        read = {
            part.field: questions.read(part, self.cleaned_data.get(f"{prefix}-{part.field}"))
            for part in question.parts
        }
        return {name: value for name, value in read.items() if value is not None}

    def _kept(self, question: Question, was: Mapping[str, Any]) -> dict[str, Any]:
        asked = {part.field for part in question.parts}
        return {name: value for name, value in was.items() if name not in asked}

    # -- showing --------------------------------------------------------------------------------

    @property
    def blocks(self) -> list[Block]:
        return [self._block(question) for question in self.questions]

    def _block(self, question: Question) -> Block:
        name = question.field
        if question.kind is QuestionKind.GROUP:
            return Block(question, self._bound(question, name))
        if question.kind is QuestionKind.ROWS:
            rows = [
                RowPart(no + 1, self._bound(question, f"{name}-{no}"), f"{name}:{no}")
                for no in range(self._rows[name].n)
            ]
            new_row = self.row_anchor(name) if len(rows) < rules.MOST_ROWS else ""
            return Block(question, rows=rows, new_row=new_row)
        return Block(question, [self[name]])

    def _bound(self, question: Question, prefix: str) -> list[BoundField]:
        return [self[f"{prefix}-{part.field}"] for part in question.parts]

    def row_anchor(self, name: str, *, is_last: bool = False) -> str:
        """Return the id of the first control of the row that would be added, or of the last one."""
        question = self._question(name)
        no = self._rows[name].n - (1 if is_last else 0)
        return f"id_{name}-{no}-{question.parts[0].field}"

    def as_sent(self) -> MultiValueDict[str, str]:
        """Return what a browser would send of the page as it is shown."""
        sent: MultiValueDict[str, str] = MultiValueDict()
        for name in self.fields:
            value = self[name].value()
            sent.setlist(
                name, [str(one) for one in (value if isinstance(value, list) else [value])]
            )
        for name, number in self.carried:
            sent[name] = str(number)
        return sent

    @property
    def carried(self) -> list[tuple[str, int]]:
        """The hidden values by which the rows are counted when the form comes back."""
        found = []
        for name, rows in self._rows.items():
            found.append((f"{name}-n", rows.n))
            found += [(f"{name}-{no}-was", origin) for no, origin in rows.origins.items()]
        return found

    @property
    def fault_labels(self) -> dict[str, str]:
        """What the summary of faults calls the controls of groups and rows, which are alike."""
        found: dict[str, str] = {}
        for block in self.blocks:
            label = block.question.label
            if not block.is_plain and not block.is_rows:
                found |= {one.name: f"{label}, {one.label}" for one in block.fields}
            for row in block.rows:
                found |= {one.name: f"{label} {row.no}, {one.label}" for one in row.fields}
        return found

    def n_rows(self, name: str) -> int:
        return self._rows[name].n

    def n_blank(self, name: str) -> int:
        """Return how many rows of a question stand empty."""
        question = self._question(name)
        numbers = range(self._rows[name].n)
        return sum(not self._parts(question, f"{name}-{no}") for no in numbers)

    def _question(self, name: str) -> Question:
        return next(one for one in self.questions if one.field == name)

    def has_rows(self, name: str) -> bool:
        return name in self._rows


def standing(
    asked: FormSection | Sequence[Question],
    answers: Mapping[str, Any],
    typed: Mapping[str, Mapping[str, list[str]]],
    *,
    blanks: Mapping[str, int] | None = None,
) -> SectionForm:
    """Return questions as they stand: answered, or as typed with what is wrong beside it."""
    form = SectionForm(asked, answers, blanks=blanks)
    wrong = {one.field: typed[one.field] for one in form.questions if one.field in typed}
    if not wrong:
        return form
    sent = form.as_sent()
    for question, texts in wrong.items():
        for name in [one for one in sent if _belongs(one, question)]:
            del sent[name]
        for name, held in texts.items():
            sent.setlist(name, held)
    return SectionForm(asked, answers, data=sent)


def with_row(data: MultiValueDict[str, str], name: str) -> MultiValueDict[str, str]:
    """Return what a browser sent, with one more row of a question."""
    made, n = data.copy(), data.get(f"{name}-n", "")
    if n:
        made[f"{name}-n"] = str(_whole(str(n), most=rules.MOST_ROWS - 1) + 1)
    return made


def without_row(data: MultiValueDict[str, str], name: str, no: int) -> MultiValueDict[str, str]:
    """Return what a browser sent, without one row of a question; those behind it move up."""
    n = _whole(str(data.get(f"{name}-n", "")), most=rules.MOST_ROWS)
    if not 0 <= no < n:
        return data
    made: MultiValueDict[str, str] = MultiValueDict()
    for key, texts in data.lists():
        row, _, part = key.removeprefix(f"{name}-").partition("-")
        if not key.startswith(f"{name}-") or not part or not row.isdecimal():
            made.setlist(key, texts)
        elif int(row) != no:
            made.setlist(f"{name}-{int(row) - (int(row) > no)}-{part}", texts)
    made[f"{name}-n"] = str(n - 1)
    return made


def _belongs(name: str, field: str) -> bool:
    return name == field or name.startswith(f"{field}-")


def _whole(text: str, *, most: int) -> int:
    if not (text.isascii() and text.isdecimal()):
        return 0
    # What is longer is far above any number of rows, and reading it takes its time.
    return min(int(text), most) if len(text) < 6 else most


def _without_nulls(data: MultiValueDict[str, str]) -> MultiValueDict[str, str]:
    """Return what was sent without null characters: nobody types them, no database takes them."""
    return MultiValueDict(
        {name: [text.replace("\0", "") for text in texts] for name, texts in data.lists()}
    )


class RegisterForm(forms.Form):
    """What opens a draft: the title, a number the study has already, and who stands behind it."""

    title = questions.TextField(
        label="Public title",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="In plain words that a patient understands. You can change it later.",
    )
    number = forms.CharField(
        label="A number it has in another registry",
        max_length=60,
        required=False,
        help_text="Such as NCT01234567. If the study stands here already, it is shown.",
    )
    find = forms.CharField(
        label="Who stands behind it?",
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
        help_text="Any of its names; then choose it below.",
        error_messages={"required": "Find the organisation first, then choose it."},
    )
    behalf = forms.ChoiceField(
        label="On behalf of",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose the organisation that stands behind the study.",
            "invalid_choice": "Choose one of the organisations shown.",
        },
    )

    def __init__(
        self, bodies: Sequence[Any], *, looks_up: bool, data: Any = None, initial: Any = None
    ) -> None:
        """Make the form.

        :param looks_up: the organisation is found by its name, not chosen from one's own
        """
        super().__init__(data, initial=initial)
        if not looks_up:
            del self.fields["find"]
        if not bodies:
            # Nothing to choose from yet: what is wrong is said beside the search.
            del self.fields["behalf"]
            return
        chosen: Any = self.fields["behalf"]
        chosen.choices = [(str(body.pk), _named(body)) for body in bodies]
        if len(bodies) == 1:
            chosen.initial = str(bodies[0].pk)
        if len(bodies) > 8:
            chosen.widget = forms.Select(choices=[("", "Choose"), *chosen.choices])

    def clean_number(self) -> str:
        number = str(self.cleaned_data["number"])
        if fault := format_fault("registry_no", number):
            raise forms.ValidationError(fault)
        return number


def _named(body: Any) -> str:
    where = ", ".join(part for part in (body.city, body.country) if part)
    return f"{body.name} ({where})" if where else str(body.name)


class PublishForm(forms.Form):
    """Carries which state of the draft was read, and that its doubts were looked at."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    checked = forms.BooleanField(label="I have checked these", required=False)


class DiscardForm(forms.Form):
    """Why a draft is given up."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=500,
        help_text="Such as 'Registered twice' or 'Not funded'. It stays in the trail.",
    )
