"""Where each value of a study's record comes from: the registry that said it, or its curator."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from tembusu.coordination.registry.models import CuratedField, Registration
from tembusu.coordination.registry.rules.answers import is_web_address
from tembusu.coordination.registry.selectors.turns import KEEPERS
from tembusu.coordination.registry.terms import EffectiveRecord
from tembusu.coordination.registry.views import labels, values
from tembusu.foundation.ui import wording

CURATED = "curated"


def until_decided(*, may_decide: bool) -> str:
    """Return what holds while a difference waits, as its reader should hear it."""
    who = "you decide" if may_decide else f"{KEEPERS} decides"
    return f"the curated value stays until {who}"


@dataclass(frozen=True, slots=True)
class SourcedFact:
    """One line of facts. ``source`` is '' where the value comes from the study's chief source.

    :ivar url: where the value leads; '' for what is no web address
    """

    term: str
    value: str
    source: str = ""
    is_curated: bool = False
    url: str = ""


class Sources:
    """Says of each field where its value comes from, in words.

    :param names_curators: the reader works with the study, and may read who curated a value and when
    """

    def __init__(
        self,
        record: EffectiveRecord,
        registrations: Sequence[Registration],
        curated: Iterable[CuratedField],
        *,
        names_curators: bool,
    ) -> None:
        self.record = record
        self.registrations = {f"{r.registry} {r.registry_no}": r for r in registrations}
        self.curated = {one.field: one for one in curated}
        self.names_curators = names_curators
        self.chief = self._chief()

    def _chief(self) -> str:
        """Return the source that most values come from."""
        said = [one for one in self.record.sources.values() if one != CURATED]
        return max(dict.fromkeys(said), key=said.count, default="")

    @property
    def chief_line(self) -> str:
        """Return 'ClinicalTrials.gov NCT01234567, version 3 of 4 May 2026'; '' without a source."""
        registration = self.registrations.get(self.chief)
        if registration is None:
            return ""
        return (
            f"{labels.registry(registration.registry)} {registration.registry_no}, version "
            f"{registration.version_no} of {wording.day(registration.changed_at)}"
        )

    def of(self, field: str) -> str:
        """Return who says this field, where that is not the chief source."""
        if field in self.curated:
            return self._curated(self.curated[field])
        source = self.record.sources.get(field, "")
        if source in ("", self.chief):
            return ""
        registry, _, number = source.partition(" ")
        return f"From {labels.registry(registry)} {number}"

    def _curated(self, one: CuratedField) -> str:
        if not self.names_curators:
            return f"Curated by {KEEPERS}"
        return f"Curated by {one.curated_by}, {wording.day(one.curated_at)}"

    def curated_among(self, fields: Iterable[str]) -> list[tuple[str, str]]:
        """Return (label, who curated it) for those of the fields that are curated."""
        return [(labels.field(one), self.of(one)) for one in fields if one in self.curated]

    def facts(
        self, shown: Iterable[tuple[str, str, str]], *, keep_empty: Collection[str] = ()
    ) -> list[SourcedFact]:
        """Return facts of (term, field, ready text); a field that is not answered is left out.

        :param keep_empty: the fields whose absence is worth showing
        """
        found = []
        for term, field, ready in shown:
            text = ready or values.text(field, self.record.values.get(field))
            if text or field in keep_empty:
                url = text if field.endswith("_url") and is_web_address(text) else ""
                found.append(SourcedFact(term, text, self.of(field), field in self.curated, url))
        return found
