"""Pathways as data: reading a plan, and refusing one that no study-site could go along.

A plan is kept as JSON of the same shape as its TOML file, so that what is proposed by a file and what
is edited on screen are compared as they stand.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tembusu.coordination.startup.terms import (
    PARTIES,
    DelayReason,
    MilestonePlan,
    PathwayPlan,
    Stage,
    StartupRefused,
    Target,
    Unit,
)

FROM_WORDS = frozenset({"selected", "ready", "started"})
DECIDERS = frozenset({"", "ethics_board", "regulator"})
APPLIES = frozenset({"study_type", "sponsor_kind", "intervention", "obligation"})
KNOWN = frozenset(
    {
        "key", "label", "stage", "party", "needs", "evidence", "is_evidence_required", "target",
        "is_gate", "may_precede", "obligations", "decided_by", "sent_to",
    }
)  # fmt: skip
LONGEST_KEY = 40


class PlanFault(StartupRefused):
    """A pathway that can't be gone along; names the pathway and the milestone."""


class CircularPathway(PlanFault):
    """Milestones that wait for each other."""


def read_plan(data: Mapping[str, Any]) -> PathwayPlan:
    """Return a pathway from its data.

    :raises PlanFault: naming what is missing, unknown or out of place
    :raises CircularPathway: naming the milestones that wait for each other
    """
    where = f"Pathway {data.get('key') or 'without a key'}"
    parties = {**PARTIES, **_texts(data, "parties", where)}
    milestones = tuple(_milestone(one, where, parties) for one in _rows(data, "milestones", where))
    reasons = tuple(_reason(one, where, parties) for one in _rows(data, "reasons", where, n=0))
    plan = PathwayPlan(
        key=_text(data, "key", where),
        title=_text(data, "title", where),
        intro=str(data.get("intro") or ""),
        applies=_applies(data, where),
        parties=parties,
        reasons=reasons,
        milestones=milestones,
    )
    check_plan(plan)
    return plan


def as_json(plan: PathwayPlan) -> dict[str, Any]:
    """Return a pathway as ``read_plan`` takes it, without what says nothing."""
    more = {key: label for key, label in plan.parties.items() if PARTIES.get(key) != label}
    return {
        "key": plan.key,
        "title": plan.title,
        "intro": plan.intro,
        "applies": {fact: list(values) for fact, values in plan.applies.items()},
        "parties": more,
        "milestones": [_milestone_json(one) for one in plan.milestones],
        "reasons": [
            {"key": one.key, "label": one.label, "party": one.party} for one in plan.reasons
        ],
    }


def digest(data: Mapping[str, Any]) -> str:
    """Return by what two plans are known to be the same: SHA-256 of their JSON with sorted keys."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def check_plan(plan: PathwayPlan) -> None:
    """Refuse a pathway with a circle, two milestones of one key, an unknown need, or no one gate.

    :raises PlanFault: naming the milestones
    """
    where = f"Pathway {plan.key}"
    keys = [one.key for one in plan.milestones]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise PlanFault(f"{where}: two milestones are called {', '.join(twice)}. Rename one.")
    gates = [one.key for one in plan.milestones if one.is_gate]
    if len(gates) != 1:
        said = ", ".join(gates) or "none"
        raise PlanFault(f"{where}: exactly one milestone opens the site (is_gate); found {said}.")
    for one in plan.milestones:
        _check_references(one, frozenset(keys), where)
    if circle := find_circle({one.key: one.needs for one in plan.milestones}):
        names = " needs ".join(plan.milestone(key).label for key in (*circle, circle[0]))
        raise CircularPathway(f"{where} goes in a circle: {names}. Take one need away.")
    _check_reached(plan, where)


def _check_references(one: MilestonePlan, keys: Collection[str], where: str) -> None:
    for need in one.needs:
        if need not in keys:
            raise PlanFault(f"{where}: {one.key} needs {need}, which the pathway does not have.")
    counted = one.target.counted_from if one.target else "ready"
    if counted not in FROM_WORDS and counted not in keys:
        raise PlanFault(
            f"{where}: the target of {one.key} is counted from {counted}. Name a milestone, or one"
            f" of {', '.join(sorted(FROM_WORDS))}."
        )


def _check_reached(plan: PathwayPlan, where: str) -> None:
    """Refuse milestones that neither lead to the gate nor follow it: nobody would ever get there."""
    gate = plan.gate.key
    before = all_needs(plan, gate)
    loose = [
        one.key
        for one in plan.milestones
        if one.key != gate and one.key not in before and gate not in all_needs(plan, one.key)
    ]
    if loose:
        raise PlanFault(
            f"{where}: {', '.join(loose)} neither leads to {gate} nor comes after it. Say what needs"
            " it."
        )


def all_needs(plan: PathwayPlan, key: str) -> frozenset[str]:
    """Return every milestone that must be settled before this one, directly or further back."""
    needs = {one.key: one.needs for one in plan.milestones}
    found: set[str] = set()
    waiting = list(needs[key])
    while waiting:
        present = waiting.pop()
        if present not in found:
            found.add(present)
            waiting += needs[present]
    return frozenset(found)


def find_circle(needs: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the keys of one circle in the order in which each needs the next; () without one."""
    done: set[str] = set()
    for start in needs:
        trail: list[str] = []
        stack: list[tuple[str, int]] = [(start, 0)]
        while stack:
            key, place = stack.pop()
            if place == 0:
                if key in trail:
                    return tuple(trail[trail.index(key) :])
                if key in done:
                    continue
                trail.append(key)
            if place < len(needs[key]):
                stack.append((key, place + 1))
                stack.append((needs[key][place], 0))
            else:
                done.add(key)
                trail.pop()
    return ()


def in_order(plan: PathwayPlan) -> tuple[MilestonePlan, ...]:
    """Return the milestones so that each comes after all it needs, otherwise in the plan's order."""
    placed: dict[str, MilestonePlan] = {}
    waiting = list(plan.milestones)
    while waiting:
        ready = next(one for one in waiting if all(need in placed for need in one.needs))
        placed[ready.key] = ready
        waiting.remove(ready)
    return tuple(placed.values())


# -- reading ----------------------------------------------------------------------------------------


def _text(data: Mapping[str, Any], name: str, where: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value.strip():
        raise PlanFault(f"{where}: {name} is missing.")
    if name == "key" and (len(value) > LONGEST_KEY or not value.isidentifier()):
        raise PlanFault(
            f"{where}: {value!r} is no key. Use letters, digits and underscores, at most"
            f" {LONGEST_KEY}."
        )
    return value.strip()


def _texts(data: Mapping[str, Any], name: str, where: str) -> dict[str, str]:
    value = data.get(name) or {}
    if not isinstance(value, Mapping):
        raise PlanFault(f"{where}: {name} is a table of keys and labels.")
    return {str(key): str(label) for key, label in value.items()}


def _rows(
    data: Mapping[str, Any], name: str, where: str, *, n: int = 1
) -> Sequence[Mapping[str, Any]]:
    rows = data.get(name) or []
    if not isinstance(rows, Sequence) or not all(isinstance(one, Mapping) for one in rows):
        raise PlanFault(f"{where}: {name} is a list of tables.")
    if len(rows) < n:
        raise PlanFault(f"{where}: it has no {name}.")
    return rows


def _applies(data: Mapping[str, Any], where: str) -> dict[str, tuple[str, ...]]:
    value = data.get("applies") or {}
    if unknown := sorted(set(value) - APPLIES):
        raise PlanFault(
            f"{where}: a study is not asked for {', '.join(unknown)}. It is asked for"
            f" {', '.join(sorted(APPLIES))}."
        )
    return {fact: tuple(map(str, values)) for fact, values in value.items()}


def _milestone(data: Mapping[str, Any], where: str, parties: Mapping[str, str]) -> MilestonePlan:
    key = _text(data, "key", where)
    here = f"{where}, milestone {key}"
    if unknown := sorted(set(data) - KNOWN):
        raise PlanFault(f"{here}: {', '.join(unknown)} is not known here.")
    party = _text(data, "party", here)
    _check_party(party, parties, here)
    stage = _text(data, "stage", here)
    if stage not in set(Stage):
        raise PlanFault(f"{here}: {stage} is no stage. Stages are {', '.join(Stage)}.")
    decider, receiver = (str(data.get(name) or "") for name in ("decided_by", "sent_to"))
    if not {decider, receiver} <= DECIDERS:
        said = f"{decider or receiver}"
        raise PlanFault(
            f"{here}: decided_by and sent_to are ethics_board or regulator, not {said}."
        )
    return MilestonePlan(
        key=key,
        label=_text(data, "label", here),
        stage=Stage(stage),
        party=party,
        needs=tuple(map(str, data.get("needs") or ())),
        evidence=str(data.get("evidence") or ""),
        is_evidence_required=bool(data.get("is_evidence_required")),
        target=_target(data.get("target"), here),
        is_gate=bool(data.get("is_gate")),
        may_precede=bool(data.get("may_precede")),
        obligations=tuple(map(str, data.get("obligations") or ())),
        decided_by=decider,
        sent_to=receiver,
    )


def _check_party(party: str, parties: Mapping[str, str], where: str) -> None:
    if party not in parties:
        raise PlanFault(
            f"{where}: {party} is no party. Parties are {', '.join(sorted(parties))}; the pathway"
            " may name more under parties."
        )


def _target(data: Any, where: str) -> Target | None:
    if not data:
        return None
    value, unit = data.get("value"), data.get("unit")
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= 1000:
        raise PlanFault(f"{where}: a target is 1 to 1,000 days, not {value}.")
    if unit not in set(Unit):
        raise PlanFault(f"{where}: a target counts working or calendar days, not {unit}.")
    return Target(value, Unit(unit), str(data.get("counted_from") or "ready"))


def _reason(data: Mapping[str, Any], where: str, parties: Mapping[str, str]) -> DelayReason:
    key = _text(data, "key", where)
    here = f"{where}, delay reason {key}"
    party = _text(data, "party", here)
    _check_party(party, parties, here)
    return DelayReason(key, _text(data, "label", here), party)


def _milestone_json(one: MilestonePlan) -> dict[str, Any]:
    said: dict[str, Any] = {
        "key": one.key,
        "label": one.label,
        "stage": one.stage.value,
        "party": one.party,
    }
    if one.target:
        said["target"] = {
            "value": one.target.value,
            "unit": one.target.unit.value,
            "counted_from": one.target.counted_from,
        }
    more: dict[str, Any] = {
        "needs": list(one.needs),
        "evidence": one.evidence,
        "is_evidence_required": one.is_evidence_required,
        "is_gate": one.is_gate,
        "may_precede": one.may_precede,
        "obligations": list(one.obligations),
        "decided_by": one.decided_by,
        "sent_to": one.sent_to,
    }
    return said | {name: value for name, value in more.items() if value}
