"""An extract of past milestones with faults: good rows are kept, refused ones mended and sent again."""

import io
from collections import Counter
from datetime import UTC, datetime

import pytest

from tembusu.coordination.registry.models import Study
from tembusu.coordination.registry.tests.conftest import trial
from tembusu.coordination.startup.demo import extract, history
from tembusu.coordination.startup.demo.extract import Fate
from tembusu.coordination.startup.demo.world import PastSite
from tembusu.coordination.startup.models import SiteMilestone
from tembusu.coordination.startup.selectors import sheets, studies
from tembusu.coordination.startup.tests.past import AS_OF, FIRST, calendar
from tembusu.foundation.core import jobs
from tembusu.foundation.exchange import actions as exchange
from tembusu.foundation.exchange.selectors import extracts as selectors
from tembusu.foundation.exchange.selectors import layouts
from tembusu.foundation.exchange.terms import DateOrder, get_purpose
from tembusu.foundation.people import actions as people
from tembusu.foundation.people import sign_in
from tembusu.foundation.people.terms import DatedName, NameKind, OrganisationKind, Role

SEED = 20260314
AT = datetime(AS_OF.year, AS_OF.month, AS_OF.day, 2, tzinfo=UTC)
N, N_STUDIES = 400, 50


@pytest.fixture
def names(bodies):
    """Four institutions, of which two have other names."""
    other = [DatedName("KMC", NameKind.ACRONYM), DatedName("Kempas Hospital", NameKind.FORMER)]
    more = [
        people.register_organisation(
            kind=OrganisationKind.INSTITUTION, name=name, country="SG", city="Singapore",
            other_names=called, by=None, at=AT,
        )
        for name, called in (("Jelutong Heart Centre", other[:0]), ("Keruing Hospital", other))
    ]  # fmt: skip
    return {
        bodies.raintree.pk: ("Rain Tree General Hospital", "RTGH"),
        bodies.kempas.pk: ("Kempas Medical Centre",),
        more[0].pk: ("Jelutong Heart Centre",),
        more[1].pk: ("Keruing Hospital", "KMC", "Kempas Hospital"),
    }


@pytest.fixture
def sender(bodies):
    person = people.register_person(
        email="nadia@hospital.example", full_name="Nadia", password=None, by=None, at=AT
    )
    role = Role.COORDINATING_ANALYST
    people.grant_role(person=person, role=role, scope=bodies.office.scope, by=None, at=AT)
    sign_in.enrol(person, secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")  # pragma: allowlist secret
    return person


@pytest.fixture
def made(bring, names):
    """The extract, with what must become of each row."""
    bring(*[trial(n, f"Trial {n} of VN-118") for n in range(1, N_STUDIES + 1)])
    found = list(Study.objects.order_by("pk"))
    plans = {one.pathway.key: sheets.plan_of(one) for one in studies.versions_in_force()}
    world = history.make_world(
        first_date=FIRST, last_date=AS_OF, as_of=AS_OF, seed=SEED, calendar=calendar
    )
    facts = studies.facts_of([one.pk for one in found])
    sites = [
        PastSite(
            study_id=study.pk,
            institution_id=body,
            cluster_id=1,
            sponsor="Damar Therapeutics",
            sponsor_kind="industry",
            phase="PHASE3",
            therapeutic_area="oncology",
            pathway=studies.version_for(facts[study.pk]).pathway.key,
            obligations=("CTA",),
            selected_date=day,
        )
        for study, first in zip(found, history.first_days(world, len(found)), strict=True)
        for body, day in zip(
            names, history.selected_days(world, study.pk, first, len(names)), strict=True
        )
    ]
    called = extract.Names(studies={one.pk: one.number for one in found}, bodies=names)
    cases = history.make_history(sites, plans, world)
    return extract.make_extract(cases, plans, called, as_of=AS_OF, seed=SEED, n=N)


def send(data, name, sender):
    """Send a file, map it as proposed, check it and take it; return it."""
    purpose = get_purpose("startup.milestones")
    sent = exchange.send_extract(
        purpose=purpose, source=io.BytesIO(data), name=name, organisation_id=None, by=sender, at=AT
    )
    _, headers = layouts.headers_of(sent, selectors.manner_of(sent))
    proposed = layouts.proposals_of(sent, headers, purpose)
    mapped = exchange.map_extract(
        extract=sent,
        places={key: one.place for key, one in proposed.items()},
        date_order=DateOrder.DAY_FIRST,
        by=sender,
        at=AT,
    )
    return run(exchange.take_extract(extract=run(mapped), takes_changes=True, by=sender, at=AT))


def run(extract):
    jobs.run(extract.job_id)
    extract.refresh_from_db()
    return extract


def fates(sent):
    """Return what became of each row, and why, by its line."""
    return {row.line: (row.outcome, row.outcome_reason) for row in selectors.list_rows(sent)}


def counted(sent):
    return Counter(outcome for outcome, _ in fates(sent).values())


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_exactly_the_faulty_rows_are_refused_and_mended_ones_taken(made, sender, kind):
    write = extract.as_csv if kind == "csv" else extract.as_xlsx
    whole, n_refused = write(line.cells for line in made.lines), made.n(Fate.REFUSED)
    found = fates(send(whole, f"past.{kind}", sender))
    assert len(found) == N
    for line in made.lines:
        is_refused = found[line.number][0] == "refused"
        assert is_refused == (line.fate is Fate.REFUSED), (line, found[line.number])
        assert bool(found[line.number][1]) or not is_refused
    n_done = SiteMilestone.objects.filter(state="completed").count()

    again = send(whole, f"again.{kind}", sender)
    assert counted(again) == {"same": N - n_refused, "refused": n_refused}
    assert SiteMilestone.objects.filter(state="completed").count() == n_done

    told = counted(send(write(made.mended), f"mended.{kind}", sender))
    assert told["refused"] == 0
    assert told["new"] + told["same"] == n_refused
    n_mended = SiteMilestone.objects.filter(state="completed").count()
    assert n_mended == n_done + told["new"]
