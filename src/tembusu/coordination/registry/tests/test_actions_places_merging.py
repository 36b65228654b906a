"""Two studies become one: its locations as one record, its sites with whoever works there."""

import pytest

from tembusu.coordination.registry.actions import curation, imports, merging
from tembusu.coordination.registry.models import Place, Study, StudyIndex, StudyLocation, StudySite
from tembusu.coordination.registry.tests.conftest import AT, trial
from tembusu.foundation.people import actions as people
from tembusu.foundation.people import selectors as people_selectors
from tembusu.foundation.people.terms import Role

pytestmark = pytest.mark.django_db

RAIN = {"facility": "Rain Tree General Hospital", "city": "Singapore", "country": "Singapore"}
KEMPAS = RAIN | {"facility": "Kempas Medical Centre"}
HALIA = RAIN | {"facility": "Halia Clinic West"}

RECORD = """<Trials_downloaded_from_ICTRP><Trial><TrialID>{no}</TrialID>
<Public_title>From elsewhere</Public_title></Trial></Trials_downloaded_from_ICTRP>"""


def placed(study, *locations, by):
    """Let a study run at these locations, as its keepers say."""
    return curation.curate_field(
        study=study, field="locations", value=list(locations), by=by, at=AT, reason="Protocol"
    )


@pytest.fixture
def studies(bring, cast, tmp_path):
    """Three studies of three registries that stand for one trial, each with its locations."""
    bring(trial(1, locations=[RAIN, HALIA]))
    for no in ("ISRCTN00000001", "DRKS00000002"):
        file = tmp_path / f"{no}.xml"
        file.write_text(RECORD.format(no=no))
        imports.import_studies(paths=[file], by=None, at=AT)
    return list(Study.objects.order_by("pk"))


@pytest.fixture
def merge(cast):
    def merged(study, into):
        merging.merge_studies(study=study, into=into, by=cast.lead, at=AT, reason="One trial")

    return merged


def names(study):
    rows = StudyLocation.objects.filter(study=study).order_by("ordinal")
    return list(rows.values_list("ordinal", "place__name"))


def institutions(study):
    return set(StudySite.objects.filter(study=study).values_list("organisation__name", flat=True))


def work_at(study, person, body):
    site = StudySite.objects.get(study=study, organisation=body)
    people.grant_role(person=person, role=Role.SITE_COORDINATOR, scope=site.scope, by=None, at=AT)
    return site


def reaches(person, study, body):
    people_selectors.forget(person)
    site = StudySite.objects.get(study=study, organisation=body)
    return site.scope_id in people_selectors.scopes_of(person)


def test_a_merged_study_lists_each_location_once(studies, bodies, cast, merge):
    first, second, _ = studies
    placed(second, RAIN, KEMPAS, by=cast.lead)
    merge(second, first)
    # What staff curated goes over, and holds before what registries list.
    assert names(first) == [(1, "Rain Tree General Hospital"), (2, "Kempas Medical Centre")]
    assert names(second) == []
    assert {p.name: p.n_locations for p in Place.objects.all()} == {
        "Rain Tree General Hospital": 1,
        "Kempas Medical Centre": 1,
        "Halia Clinic West": 0,
    }
    assert institutions(first) == {"Rain Tree General Hospital", "Kempas Medical Centre"}
    assert institutions(second) == set()
    assert StudyIndex.objects.get(study=first).n_locations == 2


def test_a_merged_study_lists_what_its_first_registry_lists(studies, bodies, merge):
    first, second, _ = studies
    merge(first, second)
    assert names(second) == [(1, "Rain Tree General Hospital"), (2, "Halia Clinic West")]
    assert institutions(second) == {"Rain Tree General Hospital"}


def test_the_next_import_lists_the_same(studies, bodies, merge, bring):
    first, second, _ = studies
    merge(first, second)
    bring(trial(1, "Changed", locations=[RAIN, HALIA], updated="2026-02-09"))
    assert names(second) == [(1, "Rain Tree General Hospital"), (2, "Halia Clinic West")]
    assert institutions(second) == {"Rain Tree General Hospital"}


def test_who_works_at_a_site_works_there_in_the_other_study_that_has_a_sponsor(
    studies, bodies, cast, merge
):
    first, second, _ = studies
    people.move_scope(scope=first.scope, parent=bodies.damar.scope)
    people.move_scope(scope=second.scope, parent=bodies.sena.scope)
    placed(second, KEMPAS, RAIN, by=cast.lead)
    site = work_at(second, cast.nobody, bodies.kempas)
    work_at(second, cast.representative, bodies.raintree)
    curation.accept_import(
        curated=second.curated.get(), by=cast.lead, at=AT
    )  # no record lists a location of the second any more
    merge(second, first)
    site.refresh_from_db()
    assert site.study == first
    assert institutions(first) == {"Rain Tree General Hospital", "Kempas Medical Centre"}
    assert reaches(cast.nobody, first, bodies.kempas)
    assert reaches(cast.representative, first, bodies.raintree)
    assert reaches(cast.sponsor, first, bodies.kempas)
    assert not reaches(cast.rival, first, bodies.kempas)
    assert first in Study.objects.within(cast.nobody)


def test_a_role_reaches_through_two_merges(studies, bodies, cast, merge, bring):
    first, second, third = studies
    for study in (second, third):
        placed(study, RAIN, by=cast.lead)
    work_at(first, cast.nobody, bodies.raintree)
    merge(first, second)
    assert reaches(cast.nobody, second, bodies.raintree)
    merge(second, third)
    assert reaches(cast.nobody, third, bodies.raintree)
    # No record lists the place any more, but somebody works there.
    for curated in third.curated.all():
        curation.accept_import(curated=curated, by=cast.lead, at=AT)
    bring(trial(1, "Changed", locations=[HALIA], updated="2026-02-09"))
    assert reaches(cast.nobody, third, bodies.raintree)
