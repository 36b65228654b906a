"""What kind of study each is: type, phase, sponsor, interventions; for rooms that count or choose by it.

Reads whatever the study's index holds, whoever asks: show it only to those who may see the study.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from tembusu.coordination.registry.models import Study, StudyIndex

PREFIXES = ("sponsor_kind:", "intervention:")


@dataclass(frozen=True, slots=True)
class StudyKind:
    """A study's kind, in the words of its record.

    :ivar sponsor_class: the lead sponsor's class as ClinicalTrials.gov writes it, or ''
    :ivar sponsor_kind: the kind of the organisation that stands behind the study here, or ''
    :ivar interventions: kinds of intervention, such as DRUG or DEVICE
    """

    study_id: int
    study_type: str
    phase: str
    sponsor_class: str
    sponsor_kind: str
    conditions: Sequence[str]
    interventions: Sequence[str]


def kinds_of(study_ids: Collection[int]) -> Iterator[StudyKind]:
    """Yield the kind of each of the studies that has an index, in no order."""
    rows = StudyIndex.objects.filter(study_id__in=study_ids).order_by()
    for pk, study_type, phase, facets, conditions, body in rows.values_list(
        "study_id", "study_type", "phase", "facets", "conditions", "study__sponsor__kind"
    ):
        classes, interventions = (
            [one.removeprefix(prefix) for one in facets if one.startswith(prefix)]
            for prefix in PREFIXES
        )
        yield StudyKind(
            study_id=pk,
            study_type=study_type,
            phase=phase,
            sponsor_class=classes[0] if classes else "",
            sponsor_kind=body or "",
            conditions=conditions,
            interventions=interventions,
        )


def find_by_numbers(user: Any, numbers: Collection[str]) -> dict[str, Study]:
    """Return the studies that the user may see by number: ours, or that of any registry.

    Numbers of which two studies stand are left out.
    """
    wanted = {number: number.strip().upper() for number in numbers}
    rows = Study.objects.visible_to(user).filter(
        Q(number__in=wanted.values()) | Q(index__registry_nos__overlap=list(wanted.values()))
    )
    found: dict[str, dict[int, Study]] = {}
    for study in rows.select_related("index", "scope").defer("index__document"):
        index = getattr(study, "index", None)
        for number in (study.number, *(index.registry_nos if index else ())):
            found.setdefault(number.upper(), {})[study.pk] = study
    return {
        number: next(iter(found[plain].values()))
        for number, plain in wanted.items()
        if len(found.get(plain, {})) == 1
    }
