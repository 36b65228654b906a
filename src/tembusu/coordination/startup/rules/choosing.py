"""Which pathway a study-site goes along, and under what it is counted, from facts of the study."""

from collections.abc import Collection, Mapping, Sequence

from tembusu.coordination.startup.terms import PathwayPlan, StartupRefused

Facts = Mapping[str, Collection[str]]


class NoPathway(StartupRefused):
    """No pathway in force is meant for such a study."""


def choose(facts: Facts, plans: Sequence[PathwayPlan]) -> PathwayPlan:
    """Return the pathway that asks for most facts of all that fit; of equals the first.

    :param facts: ``study_type``, ``sponsor_kind``, ``intervention``, ``obligation`` → values
    :raises NoPathway: where none fits
    """
    fitting = [plan for plan in plans if fits(facts, plan)]
    if not fitting:
        raise NoPathway(
            "No pathway in force is meant for such a study. Choose one by hand, or ask the"
            " coordinating lead to add one."
        )
    return max(fitting, key=lambda plan: len(plan.applies))


def fits(facts: Facts, plan: PathwayPlan) -> bool:
    """Say whether the study has one of the values that the pathway asks for, of each fact."""
    return all(set(values) & set(facts.get(fact, ())) for fact, values in plan.applies.items())


def why(facts: Facts, plan: PathwayPlan) -> list[tuple[str, list[str]]]:
    """Return the facts of the study for which a pathway fits, each with the values that it shares."""
    return [
        (fact, [one for one in facts.get(fact, ()) if one in values])
        for fact, values in plan.applies.items()
    ]


def sponsor_kind(registry_class: str, body_kind: str) -> str:
    """Return how a sponsor is counted.

    :param registry_class: the class of the lead sponsor as ClinicalTrials.gov writes it, or ''
    :param body_kind: the kind of the organisation that stands behind the study here, or ''
    """
    if registry_class == "INDUSTRY" or body_kind in ("sponsor", "cro"):
        return "industry"
    if registry_class in ("NIH", "FED", "OTHER_GOV") or body_kind == "agency":
        return "public"
    if registry_class or body_kind:
        return "academic"
    return "unknown"


def therapeutic_area(texts: Sequence[str], areas: Mapping[str, Sequence[str]]) -> str:
    """Return the first area one of whose words begins a word of the conditions; 'other' for none.

    :param texts: the conditions, as the study's record names them
    :param areas: area → beginnings of words, in small letters
    """
    said = " ".join(texts).casefold().replace("-", " ").split()
    for area, beginnings in areas.items():
        if any(word.startswith(tuple(beginnings)) for word in said):
            return area
    return "other"
