"""What an item of each theme is made of: which kinds of value, and which further facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tembusu.foundation.jurisdictions.terms import (
    AuthorityKind,
    Cardinality,
    ItemKind,
    Theme,
    TrainingLevel,
    Unit,
)

TEXT, WORDS, FLAG = "a text", "a list of texts", "true or false"
DAYS = (Unit.WORKING_DAYS, Unit.CALENDAR_DAYS)
SPANS = (*DAYS, Unit.MONTHS, Unit.YEARS)
PERSONS = ("awarded_pi", "overall_pi", "initiator")


@dataclass(frozen=True, slots=True)
class Shape:
    """What an item of a theme may be.

    :ivar says: what the theme holds, for the reference and the pages
    :ivar kinds: the kinds of value; the first is meant where the file names none
    :ivar needs, takes: further facts that an item must, or may, have: name → what it is
    :ivar units: of numbers
    :ivar choices: of a value of kind ``choice``
    :ivar fact_choices: of a further fact
    """

    says: str
    kinds: tuple[ItemKind, ...]
    needs: Mapping[str, str] = field(default_factory=dict)
    takes: Mapping[str, str] = field(default_factory=dict)
    units: tuple[Unit, ...] = ()
    choices: tuple[str, ...] = ()
    fact_choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_K = ItemKind
SHAPES: Mapping[Theme, Shape] = {
    Theme.CALENDAR: Shape(
        "working days: the weekend, whose public holidays, days added and removed",
        (_K.WORDS, _K.TEXT, _K.DATES),
    ),
    Theme.AUTHORITIES: Shape(
        "bodies that decide, and the clusters of institutions; the value is the name",
        (_K.TEXT,),
        needs={"type": TEXT, "short": TEXT},
        takes={"system": TEXT},
        fact_choices={"type": tuple(AuthorityKind)},
    ),
    Theme.CLOCKS: Shape(
        "target times",
        (_K.NUMBER,),
        needs={"starts_on": TEXT, "runs_for": TEXT, "event": TEXT},
        takes={"obligation": WORDS},
        units=SPANS,
    ),
    Theme.OBLIGATIONS: Shape(
        "what may be owed to a body; the value is its name",
        (_K.TEXT,),
        needs={"authority": TEXT, "cardinality": TEXT},
        takes={
            "absorbs": WORDS,
            "absorbs_because": TEXT,
            "beside": WORDS,
            "beside_check": TEXT,
        },
        fact_choices={"cardinality": tuple(Cardinality)},
    ),
    Theme.QUESTIONS: Shape(
        "questions of the tree, in the order in which they are asked", (_K.TABLE,)
    ),
    Theme.ROUTES: Shape("answers, and the obligation that they lead to", (_K.TABLE,)),
    Theme.CONTRADICTIONS: Shape("two answers that cannot both be", (_K.TABLE,)),
    Theme.CHECKLISTS: Shape(
        "documents asked with a submission; the value says whether each must be there",
        (_K.YES_NO,),
        needs={"with": WORDS},
    ),
    Theme.BOARDS: Shape(
        "members, quorum and seats of ethics boards, and until when they take papers",
        (_K.NUMBER, _K.YES_NO, _K.TABLE, _K.WORDS),
        takes={"post": TEXT, "quality": TEXT, "is_external": FLAG},
        units=(Unit.MEMBERS,),
        fact_choices={"post": ("chair", "member")},
    ),
    Theme.REVIEWS: Shape(
        "ways in which a board reviews; the value says whether it takes a meeting",
        (_K.YES_NO,),
        needs={"board": TEXT},
        takes={"clock": TEXT, "cut_off": TEXT},
    ),
    Theme.RECOGNITION: Shape(
        "which board reviews a study of several clusters: whose cluster counts, and its board",
        (_K.CHOICE, _K.TEXT),
        choices=PERSONS,
    ),
    Theme.AMENDMENTS: Shape(
        "what makes an amendment substantial, and what may be done before approval",
        (_K.YES_NO,),
        needs={"role": TEXT},
        fact_choices={"role": ("criterion", "exception", "rule")},
    ),
    Theme.RENEWALS: Shape(
        "reports that must be in before an approval ends",
        (_K.NUMBER,),
        needs={"with": WORDS},
        units=(Unit.MONTHS, *DAYS),
    ),
    Theme.TRAININGS: Shape(
        "training that is asked of people; its lack blocks or warns",
        (_K.CHOICE, _K.NUMBER),
        takes={"roles": WORDS, "of": TEXT},
        units=(Unit.MONTHS, Unit.YEARS),
        choices=tuple(TrainingLevel),
    ),
    Theme.CONSENT: Shape(
        "who may consent, and for whom others do",
        (_K.NUMBER, _K.YES_NO, _K.WORDS, _K.TEXT),
        units=(Unit.YEARS, Unit.ELEMENTS),
    ),
    Theme.RECORDS: Shape(
        "what is kept or told, and for how long",
        (_K.NUMBER, _K.YES_NO, _K.TEXT),
        units=SPANS,
    ),
    Theme.GRANTS: Shape(
        "what funders ask of a grant", (_K.NUMBER, _K.YES_NO, _K.TEXT), units=SPANS
    ),
}
