"""Cases as start-up gives them, made for tests and benches: by hand, and in any number by a seed."""

from datetime import UTC, date, datetime, timedelta

import numpy as np

from tembusu.coordination.registry.models import Study, StudySite
from tembusu.coordination.startup.models import (
    Hold,
    Pathway,
    PathwayVersion,
    SiteMilestone,
    SitePathway,
)
from tembusu.coordination.startup.terms import Case, CaseMilestone, CaseTurn
from tembusu.foundation.people import actions as people
from tembusu.foundation.people.models import Organisation
from tembusu.foundation.people.terms import OrganisationKind, ScopeKind
from tembusu.insight.rules.facts import facts_of

FIRST = date(2025, 1, 6)
# key, stage, party, needs: parallel branches that meet at the gate.
PLAN = (
    ("feasibility", "feasibility", "site", ()),
    ("cda", "confidentiality", "institution", ("feasibility",)),
    ("contract", "contract", "institution", ("cda",)),
    ("budget", "budget", "sponsor", ("cda",)),
    ("ethics", "ethics", "ethics_board", ("feasibility",)),
    ("regulator", "regulator", "regulator", ("feasibility",)),
    ("initiation", "initiation", "cro", ("contract", "budget", "ethics")),
    ("open", "open", "coordinating_body", ("initiation", "regulator")),
    ("participant", "first_participant", "site", ("open",)),
)


def milestone(key, *, started=None, completed=None, state=None, turns=(), plan=PLAN):
    """Return a milestone of the plan, its days counted from the first day of `FIRST`."""
    stage, party, needs = next(one[1:] for one in plan if one[0] == key)
    state = state or ("completed" if completed is not None else "not_started")
    return CaseMilestone(
        key=key,
        stage=stage,
        party=party,
        needs=needs,
        state=state,
        started_date=None if started is None else FIRST + timedelta(started),
        completed_date=None if completed is None else FIRST + timedelta(completed),
        due_date=None,
        turns=tuple(
            CaseTurn(who, FIRST + timedelta(a), None if b is None else FIRST + timedelta(b))
            for who, a, b in turns
        ),
    )


def case(pk, milestones=(), *, ended=None, on=None, start=0, **more):
    """Return a case; ``ended`` and ``on`` are its end and the day of that after `FIRST`."""
    named = {one.key: one for one in milestones}
    return Case(
        id=pk,
        study_id=more.get("study", pk // 4 + 1),
        study_site_id=pk,
        number=f"TS-{more.get('study', pk // 4 + 1)}",
        institution_id=more.get("institution", pk % 5 + 1),
        cluster_id=more.get("cluster", pk % 3 + 1),
        sponsor_kind=more.get("sponsor", ("industry", "academic")[pk % 2]),
        phase=more.get("phase", ("PHASE1", "PHASE2", "PHASE3")[pk % 3]),
        therapeutic_area=more.get("area", ("Oncology", "Cardiology")[pk % 2]),
        start_date=FIRST + timedelta(start),
        end_kind=ended,
        end_date=None if on is None else FIRST + timedelta(on),
        milestones=tuple(named.get(key) or milestone(key) for key, *_ in PLAN),
        left_kind=more.get("left"),
        left_date=None if more.get("left_on") is None else FIRST + timedelta(more["left_on"]),
        gate="open",
    )


def opened(pk, days, *, start=0, **more):
    """Return a case that opened after so many days, each milestone taking its share."""
    at = {
        key: start + round(days * fraction)
        for key, fraction in (
            ("feasibility", 0.1),
            ("cda", 0.2),
            ("contract", 0.7),
            ("budget", 0.5),
            ("ethics", 0.6),
            ("regulator", 0.4),
            ("initiation", 0.9),
            ("open", 1.0),
        )
    }
    done = [milestone(key, completed=day) for key, day in at.items()]
    return case(pk, done, ended="opened", on=start + days, start=start, **more)


def any_case(pk, random: np.random.Generator):
    """Return a case such as there may be: open, opened, withdrawn, with gaps and turns."""
    start, now = int(random.integers(0, 400)), 600
    end: dict[str, int | None] = {}
    made = []
    for key, _, _, needs in PLAN:
        before = [end.get(need, start) for need in needs] or [start]
        began = None if any(day is None for day in before) else max(before)
        left_out = key == "regulator" and random.random() < 0.2
        if left_out:
            end[key] = began
            made.append(milestone(key, state="not_applicable"))
            continue
        took = int(random.gamma(2.0, 18.0))
        ends = (
            None if began is None or began + took > now or random.random() < 0.02 else began + took
        )
        turns = ()
        if began is not None and took > 9 and random.random() < 0.3:
            turns = (("sponsor", began + 2, began + 7),)
        started = None if began is None or random.random() < 0.1 else began
        end[key] = ends
        made.append(milestone(key, started=started, completed=ends, turns=turns))
    if end["open"] is not None:
        return case(pk, made, ended="opened", on=end["open"], start=start)
    if random.random() < 0.25:
        last = max([day for day in end.values() if day is not None], default=start)
        kind = "withdrawn" if random.random() < 0.7 else "stopped"
        return case(pk, made, ended=kind, on=last + 5, start=start)
    return case(pk, made, start=start)


AS_OF = FIRST + timedelta(600)


def facts(one, counts_from=None):
    """Return what the figures keep of a case."""
    return facts_of(one, counts_from or {})


def store(cases):
    """Write cases into start-up's own tables, as its imports would: bodies, studies, sites, milestones.

    Returns the ids of the site pathways, in the order of the cases.
    """
    version, held = _version(), list(cases)
    clusters = {one.cluster_id for one in held if one.cluster_id}
    parents = {key: _body(f"Cluster {key}", "cluster", None) for key in sorted(clusters)}
    bodies = {
        key: _body(f"Hospital {key}", "institution", parents.get(cluster))
        for key, cluster in sorted({(one.institution_id, one.cluster_id) for one in held})
    }
    # Each case is a study of its own: nothing here asks which sites a study has.
    scopes = people.make_scopes(kind=ScopeKind.STUDY, parents=[None] * len(held))
    first = Study.objects.count()
    studies = Study.objects.bulk_create(
        Study(number=f"TS-{first + at}", scope=scope, made_at=MADE)
        for at, scope in enumerate(scopes)
    )
    at_sites = people.make_scopes(kind=ScopeKind.STUDY_SITE, parents=scopes)
    sites = StudySite.objects.bulk_create(
        StudySite(study=study, organisation=bodies[one.institution_id], scope=scope, made_at=MADE)
        for one, study, scope in zip(held, studies, at_sites, strict=True)
    )
    paths = SitePathway.objects.bulk_create(
        _pathway(site, version, one) for site, one in zip(sites, held, strict=True)
    )
    pairs = [(path, each) for path, one in zip(paths, held, strict=True) for each in one.milestones]
    rows = SiteMilestone.objects.bulk_create(_milestone(path, each) for path, each in pairs)
    Hold.objects.bulk_create(
        _hold(row, turn) for row, (_, each) in zip(rows, pairs, strict=True) for turn in each.turns
    )
    return [path.pk for path in paths]


MADE = datetime(2025, 1, 6, 9, tzinfo=UTC)


def _version():
    pathway, _ = Pathway.objects.get_or_create(key="plain", defaults={"made_at": MADE})
    made = PathwayVersion.objects.filter(pathway=pathway).first()
    plan = {
        "key": "plain",
        "title": "Plain",
        "milestones": [
            {
                "key": key,
                "label": key.capitalize(),
                "stage": stage,
                "party": party,
                "needs": list(needs),
                "is_gate": key == "open",
            }
            for key, stage, party, needs in PLAN
        ],
    }
    return made or PathwayVersion.objects.create(
        pathway=pathway, number=1, plan=plan, digest="d", state="in_force", made_at=MADE
    )


def _body(name, kind, parent):
    found = Organisation.objects.filter(name=name).first()
    return found or people.register_organisation(
        kind=OrganisationKind(kind),
        name=name,
        country="SG",
        city="Singapore",
        parent=parent,
        by=None,
        at=MADE,
    )


def _pathway(site, version, one):
    state = {None: "under_way", "opened": "open"}.get(one.end_kind, one.end_kind)
    left = one.left_date or (one.end_date if one.end_kind in ("withdrawn", "stopped") else None)
    return SitePathway(
        study_site=site,
        version=version,
        state=one.left_kind or state,
        selected_date=one.start_date,
        opened_date=one.end_date if one.end_kind == "opened" else None,
        left_date=left,
        sponsor_kind=one.sponsor_kind,
        phase=one.phase,
        therapeutic_area=one.therapeutic_area,
        made_at=MADE,
        changed_at=MADE,
    )


def _milestone(path, held):
    return SiteMilestone(
        site_pathway=path,
        key=held.key,
        stage=held.stage,
        party=held.party,
        state=held.state,
        started_date=held.started_date,
        completed_date=held.completed_date,
        reason="Not needed" if held.state == "not_applicable" else "",
    )


def _hold(row, turn):
    return Hold(
        milestone=row,
        waiting_on=turn.party,
        reason_code="query",
        start_date=turn.start_date,
        end_date=turn.end_date,
        recorded_at=MADE,
    )
