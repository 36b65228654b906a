"""Two versions of a pathway side by side, milestone by milestone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tembusu.coordination.startup.terms import MilestonePlan, PathwayPlan, Target

FROM_LABELS = {
    "selected": "the day the site was selected",
    "ready": "when what it needs is settled",
    "started": "its start",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """What of a pathway differs; '' where one side says nothing of it."""

    what: str
    before: str
    after: str


def compare(before: PathwayPlan, after: PathwayPlan) -> list[Difference]:
    """Return what differs, in the order of the newer version; what it leaves out comes last."""
    pairs = [
        ("Title", before.title, after.title),
        ("What it is for", before.intro, after.intro),
        ("Studies", applies_text(before), applies_text(after)),
        ("Parties", _parties(before), _parties(after)),
        ("Delay reasons", _reasons(before), _reasons(after)),
    ]
    found = [Difference(*pair) for pair in pairs if pair[1] != pair[2]]
    old = {one.key: one for one in before.milestones}
    for one in after.milestones:
        if one.key not in old:
            found.append(Difference(f"{one.label}: added", "", said(after, one)))
        else:
            found += _milestone(before, old[one.key], after, one)
    kept = {one.key for one in after.milestones}
    found += [
        Difference(f"{one.label}: left out", said(before, one), "")
        for one in before.milestones
        if one.key not in kept
    ]
    return found + _order(before, after)


def _milestone(
    before: PathwayPlan, old: MilestonePlan, after: PathwayPlan, new: MilestonePlan
) -> Iterator[Difference]:
    """Yield what differs; that something it needs is called otherwise is no difference of its own."""
    was, now = dict(fields_of(before, old)), dict(fields_of(after, new))
    same = {"Comes after": old.needs == new.needs, "Target": old.target == new.target}
    for name, value in now.items():
        if value != was[name] and not same.get(name):
            yield Difference(f"{new.label}: {name.lower()}", was[name], value)


def _order(before: PathwayPlan, after: PathwayPlan) -> list[Difference]:
    """Return that shared milestones stand in another order, if they do."""
    both = {one.key for one in before.milestones} & {one.key for one in after.milestones}
    was = [one.key for one in before.milestones if one.key in both]
    now = [one.key for one in after.milestones if one.key in both]
    if was == now:
        return []
    return [Difference("Order", labels_of(before, was), labels_of(after, now))]


def said(plan: PathwayPlan, one: MilestonePlan) -> str:
    """Return a milestone as one line of text."""
    return "; ".join(f"{name.lower()} {value}" for name, value in fields_of(plan, one) if value)


def fields_of(plan: PathwayPlan, one: MilestonePlan) -> list[tuple[str, str]]:
    """Return what a milestone says, field by field, in words."""
    return [
        ("Label", one.label),
        ("Stage", one.stage.label),
        ("Party", plan.party(one.party)),
        ("Comes after", labels_of(plan, one.needs)),
        ("Target", target_text(plan, one.target)),
        ("Evidence", one.evidence),
        ("Evidence required", "yes" if one.is_evidence_required else ""),
        ("Opens the site", "yes" if one.is_gate else ""),
        ("May come before what it needs", "yes" if one.may_precede else ""),
        ("Only for", ", ".join(one.obligations)),
        ("Completed by the decision of", plan.party(one.decided_by) if one.decided_by else ""),
        ("Completed by sending to", plan.party(one.sent_to) if one.sent_to else ""),
    ]


def target_text(plan: PathwayPlan, target: Target | None) -> str:
    """Return a target in words: '20 working days from its start'; '' without one."""
    if target is None:
        return ""
    word = "day" if target.value == 1 else "days"
    since = FROM_LABELS.get(target.counted_from) or labels_of(plan, [target.counted_from])
    return f"{target.value} {target.unit.value} {word} from {since}"


def labels_of(plan: PathwayPlan, keys: Sequence[str]) -> str:
    """Return milestones by their labels, as one text."""
    return ", ".join(plan.milestone(key).label for key in keys)


def applies_text(plan: PathwayPlan) -> str:
    """Return for which studies a pathway is meant, in words."""
    return "; ".join(
        f"{fact.replace('_', ' ')}: {', '.join(values).replace('_', ' ').lower()}"
        for fact, values in plan.applies.items()
    )


def _parties(plan: PathwayPlan) -> str:
    return ", ".join(f"{label} ({key})" for key, label in sorted(plan.parties.items()))


def _reasons(plan: PathwayPlan) -> str:
    return ", ".join(f"{one.label} ({plan.party(one.party)})" for one in plan.reasons)
