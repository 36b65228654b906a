"""One study: who may see it, its tabs, its versions beside each other, its trail."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tembusu.coordination.registry.actions import drafts
from tembusu.coordination.registry.models import CuratedField, Registration, Study
from tembusu.coordination.registry.terms import StudyState
from tembusu.coordination.registry.tests.conftest import AT, trial
from tembusu.coordination.registry.tests.draft_answers import WHOLE
from tembusu.foundation.people import actions as people
from tembusu.foundation.people.terms import Role
from tembusu.foundation.ui.wording import day

OPEN_TABS = ("", "sites/", "eligibility/", "outcomes/", "versions/")
TABS = (*OPEN_TABS, "trail/")


@pytest.fixture
def changed(register, bring, cast):
    """LANTERN, imported twice."""
    bring(
        trial(
            1,
            "VN-118 in Nasopharyngeal Carcinoma",
            acronym="LANTERN",
            status="COMPLETED",
            n=231,
            summary="It looks at how well it helps.",
            updated="2026-02-27",
        ),
        at=AT + timedelta(days=9),
        by=cast.analyst,
    )
    return register.lantern


@pytest.mark.parametrize(
    ("who", "draft_answer"),
    [
        ("sponsor", 200),
        ("representative", 200),
        ("rival", 404),
        ("administrator", 404),
        ("nobody", 404),
        ("analyst", 200),
        ("lead", 200),
    ],
)
def test_every_tab_shows_a_study_to_those_who_may_see_it(enter, cast, register, who, draft_answer):
    client = enter(getattr(cast, who))
    for tab in OPEN_TABS:
        assert client.get(f"/studies/{register.lantern.pk}/{tab}").status_code == 200, tab
        assert client.get(f"/studies/{register.draft.pk}/{tab}").status_code == draft_answer, tab


@pytest.mark.parametrize("pk", ["0", "999999", "99999999999999999999999999"])
def test_a_study_that_is_not_there_is_404(enter, cast, register, pk):
    for tab in TABS:
        assert enter(cast.analyst).get(f"/studies/{pk}/{tab}").status_code == 404


def test_the_overview_says_what_the_study_is_and_where_it_stands(enter, cast, register):
    page = enter(cast.nobody).get(f"/studies/{register.lantern.pk}/").content.decode()
    for words in (
        "LANTERN",
        "Phase 3 interventional study in Nasopharyngeal Carcinoma, by Damar",
        "Recruiting at 1 of 1 site in Singapore",
        "May 2026 (estimated)",
        "240 (estimated)",
        "Registered at or before enrolment",
        "NCT09990001",
        "of 24",
        "Ethics review",
    ):
        assert words in page, words


def test_what_was_asked_for_by_hand_is_read_on_the_overview(enter, cast, bodies):
    draft = drafts.start_registration(
        title="Night light", on_behalf_of=bodies.damar, by=cast.sponsor, at=timezone.now()
    )
    asked = {
        "org_study_no": "DT-204",
        "secondary_ids": [{"id_text": "GRANT/7", "domain": "Gelam Research Fund"}],
        "support_sources": ["Kind Fund"],
        "public_contacts": [{"name": "Study office", "phone": "6123 4567"}],
        "scientific_contacts": [
            {
                "name": "Dr Farah Osman",
                "affiliation": "Halia Clinic",
                "email": "farah@halia.example",
            }
        ],
        "ethics_reviews": [
            {"committee": "Meranti Board", "status": "Approved", "approval_dtc": "2026-04-03"}
        ],
        "ipd_sharing": "YES",
        "ipd_description": "Tables on request",
        "results_url": "https://results.example/204",
    }
    draft = drafts.save_draft(
        draft=draft, answers={**WHOLE, **asked}, revision=0, by=cast.sponsor, at=timezone.now()
    )
    drafts.publish_study(draft=draft, by=cast.sponsor, at=timezone.now(), doubts_checked=True)
    page = enter(cast.nobody).get(f"/studies/{draft.study_id}/").content.decode()
    for words in (
        "DT-204",
        "GRANT/7, Gelam Research Fund",
        "Kind Fund",
        "Study office, 6123 4567",
        "Dr Farah Osman, Halia Clinic, farah@halia.example",
        "Ethics and data",
        "Meranti Board: Approved, 3 Apr 2026",
        "Tables on request",
        "https://results.example/204",
    ):
        assert words in page, words


def test_registration_after_the_start_is_said(enter, cast, register):
    page = enter(cast.nobody).get(f"/studies/{register.asthma.pk}/").content.decode()
    assert "Registered after enrolment began" in page


def test_a_merged_study_leads_to_the_one_it_became(enter, cast, register):
    study = register.dengue
    Study.objects.filter(pk=study.pk).update(state=StudyState.MERGED, merged_into=register.lantern)
    response = enter(cast.nobody).get(f"/studies/{study.pk}/")
    assert response["Location"] == f"/studies/{register.lantern.pk}/"


def test_a_curated_value_names_its_curator_and_its_difference(enter, cast, register):
    CuratedField.objects.create(
        study=register.lantern,
        field="brief_title",
        value="LANTERN, as we call it",
        imported_value="VN-118 in Nasopharyngeal Carcinoma",
        differs_since=AT,
        curated_by=cast.analyst,
        curated_at=AT,
        reason="shorter",
    )
    CuratedField.objects.create(
        study=register.lantern,
        field="enrolment_count",
        value=250,
        imported_value=240,
        curated_by=cast.analyst,
        curated_at=AT,
        reason="protocol 2",
    )
    page = enter(cast.analyst).get(f"/studies/{register.lantern.pk}/").content.decode()
    assert "LANTERN, as we call it" in page
    assert "Differences for review" in page
    assert "Curated by Nadia" in page
    assert "240 (estimated)" not in page
    assert "250" in page
    assert re.search(r"Where nothing else is said: ClinicalTrials.gov NCT09990001, version 1", page)


def differs(study, by, field="brief_title", since=AT):
    CuratedField.objects.create(
        study=study,
        field=field,
        value="LANTERN",
        imported_value="VN-118",
        differs_since=since,
        curated_by=by,
        curated_at=since,
        reason="shorter",
    )


@pytest.mark.parametrize(
    ("who", "n", "label", "headline", "act"),
    [
        ("analyst", 0, "Whose turn", "Nobody’s: nothing waits", ""),
        ("analyst", 1, "Whose turn", "Yours: 1 difference since 1 Mar 2026", "Review"),
        ("lead", 2, "Whose turn", "Yours: 2 differences since 1 Mar 2026", "Review"),
        (
            "representative",
            1,
            "Whose turn",
            "With the coordinating body: 1 difference since 1 Mar 2026",
            "",
        ),
        ("representative", 0, "Whose turn", "Nobody’s: nothing waits", ""),
        ("rival", 1, "Where it stands", "Recruiting at 1 of 1 site in Singapore", ""),
        ("nobody", 1, "Where it stands", "Recruiting at 1 of 1 site in Singapore", ""),
    ],
)
def test_a_study_says_first_whose_turn_it_is(enter, cast, register, who, n, label, headline, act):
    for field in ("enrolment_count", "brief_title")[:n]:
        differs(register.lantern, cast.lead, field)
    turn = enter(getattr(cast, who)).get(f"/studies/{register.lantern.pk}/").context["turn"]
    assert (turn.label, turn.headline) == (label, headline)
    assert (turn.act.label.split()[0] if turn.act else "") == act
    stands = dict(turn.times).get("Stands", headline)
    assert stands == "Recruiting at 1 of 1 site in Singapore"


@pytest.mark.parametrize(
    ("who", "headline", "has_act"),
    [
        ("sponsor", "Yours: a draft, saved {}", True),
        ("analyst", "With Damar Therapeutics: a draft, saved {}", False),
    ],
)
def test_a_draft_is_the_turn_of_those_who_write_it(enter, cast, bodies, who, headline, has_act):
    draft = drafts.start_registration(
        title="Night light", on_behalf_of=bodies.damar, by=cast.sponsor, at=timezone.now()
    )
    turn = enter(getattr(cast, who)).get(f"/studies/{draft.study_id}/").context["turn"]
    assert turn.headline == headline.format(day(timezone.now()))
    assert bool(turn.act) is has_act


def test_what_else_waits_is_said_beside_the_turn(enter, cast, bodies):
    draft = drafts.start_registration(
        title="Night light", on_behalf_of=bodies.damar, by=cast.sponsor, at=timezone.now()
    )
    differs(draft.study, cast.lead)
    turn = enter(cast.analyst).get(f"/studies/{draft.study_id}/").context["turn"]
    assert turn.headline == "Yours: 1 difference since 1 Mar 2026"
    assert turn.note.startswith("Also with Damar Therapeutics: a draft, saved ")


@pytest.mark.parametrize(
    ("who", "headline", "act"),
    [
        ("analyst", "Yours: 1 doubt about status or dates since 1 Mar 2026", "Check the values"),
        (
            "representative",
            "With the coordinating body: 1 doubt about status or dates since 1 Mar 2026",
            "",
        ),
    ],
)
def test_a_doubt_is_the_turn_of_those_who_curate(enter, cast, bring, who, headline, act):
    bring(trial(1, status="PERHAPS"))
    study = Study.objects.get()
    turn = enter(getattr(cast, who)).get(f"/studies/{study.pk}/").context["turn"]
    assert turn.headline == headline
    assert (turn.act.label if turn.act else "") == act


def test_an_intervention_and_its_kind_are_parted_in_the_text(enter, cast, register):
    page = enter(cast.nobody).get(f"/studies/{register.lantern.pk}/").content.decode()
    words = " ".join(re.sub(r"<[^>]+>", "", page).split())
    assert "VN-118, Drug" in words


def part_of(response):
    page = re.sub(r"<[^>]+>", "", response.content.decode())
    return [" ".join(line.split()) for line in re.findall("Your role here: [^.]+", page)]


@pytest.mark.parametrize(
    ("who", "role", "where"),
    [
        ("nobody", Role.PRINCIPAL_INVESTIGATOR, "at Rain Tree General Hospital"),
        ("rival", Role.MONITOR, "in this study"),
    ],
)
def test_a_study_says_which_part_its_reader_has_and_leads_to_the_team(
    enter, cast, register, who, role, where
):
    site = register.lantern.sites.get()
    scope = register.lantern.scope if role is Role.MONITOR else site.scope
    person = getattr(cast, who)
    people.grant_role(person=person, role=role, scope=scope, by=None, at=AT)
    client = enter(person)
    response = client.get(f"/studies/{register.lantern.pk}/sites/")
    assert part_of(response) == [f"Your role here: {role.label} {where} since 1 Mar 2026"]
    team = response.context["parts"][0][1]
    assert client.get(team).status_code == 200
    assert part_of(client.get(f"/studies/{register.dengue.pk}/")) == []


def test_a_role_at_a_body_reaches_the_studies_of_the_body(enter, cast, register):
    lantern = enter(cast.representative).get(f"/studies/{register.lantern.pk}/")
    assert part_of(lantern) == [
        "Your role here: Institution representative at Rain Tree General Hospital since 1 Mar 2026"
    ]
    for who in ("nobody", "analyst", "administrator"):
        assert part_of(enter(getattr(cast, who)).get(f"/studies/{register.lantern.pk}/")) == []


def test_sites_are_tied_or_say_why_not_and_the_home_country_comes_first(enter, cast, bring):
    abroad = {"facility": "Research Site", "city": "Lyon", "country": "France"}
    home = {"facility": "Rain Tree General Hospital", "city": "Singapore", "country": "Singapore"}
    odd = {"facility": "Halia Clinic West", "city": "Singapore", "country": "Singapore"}
    bring(trial(1, locations=[abroad, odd, home]))
    url = f"/studies/{Study.objects.get().pk}/sites/"
    response = enter(cast.analyst).get(url)
    lines = response.context["lines"]
    assert [line["row"].country for line in lines] == ["Singapore", "Singapore", "France"]
    assert [line["organisation"] and line["organisation"].name for line in lines] == [
        None,
        "Rain Tree General Hospital",
        None,
    ]
    assert response.content.decode().count("Not resolved:") == 2
    assert "/places/" in response.content.decode()
    only = enter(cast.nobody).get(f"{url}?country=France")
    assert len(only.context["lines"]) == 1
    assert 'href="/places/' not in only.content.decode()


def test_eligibility_is_parted(enter, cast, register):
    criteria = (
        enter(cast.nobody).get(f"/studies/{register.lantern.pk}/eligibility/").context["criteria"]
    )
    assert [one.text for one in criteria.inclusion] == ["Adults", "Able to consent"]
    assert [one.text for one in criteria.exclusion] == ["Pregnancy"]


def test_versions_are_listed_with_their_source(enter, cast, changed):
    page = enter(cast.nobody).get(f"/studies/{changed.pk}/versions/").content.decode()
    assert re.search(r"records-\d+\.json", page)
    assert "/imports/" not in page  # an import's page is not for everybody
    assert (
        "/imports/" in enter(cast.analyst).get(f"/studies/{changed.pk}/versions/").content.decode()
    )


@pytest.mark.parametrize("pair", ["from=1&to=2", "from=2&to=1"])
def test_two_versions_are_compared_word_by_word_the_older_on_the_left(enter, cast, changed, pair):
    registration = Registration.objects.get(study=changed)
    url = f"/studies/{changed.pk}/versions/{registration.pk}/compare/"
    response = enter(cast.nobody).get(f"{url}?{pair}")
    changes = {one.field: (one.before, one.after) for one in response.context["changes"]}
    assert changes["Status"] == ("Recruiting", "Completed")
    assert changes["Participants"] == ("240", "231")
    assert "<del>whether</del>" in response.content.decode()
    assert "<ins>how well</ins>" in response.content.decode()
    assert "Version 1 against 2 – " in response.content.decode()
    assert 'id="found" tabindex="-1"' in response.content.decode()
    listed = enter(cast.nobody).get(f"/studies/{changed.pk}/versions/").content.decode()
    assert f'action="{url}#found"' in listed


@pytest.mark.parametrize(
    "query", ["", "from=1", "from=1&to=99", "from=x&to=1", "from=-1&to=1", "from=1&to=" + "9" * 40]
)
def test_versions_that_are_not_there_are_404(enter, cast, changed, query):
    registration = Registration.objects.get(study=changed)
    url = f"/studies/{changed.pk}/versions/{registration.pk}/compare/"
    assert enter(cast.nobody).get(f"{url}?{query}").status_code == 404


def test_a_registration_of_another_study_is_404(enter, cast, changed, register):
    other = Registration.objects.get(study=register.draft)
    url = f"/studies/{changed.pk}/versions/{other.pk}/compare/?from=1&to=1"
    assert enter(cast.nobody).get(url).status_code == 404


def test_the_trail_tells_both_imports_and_can_be_exported(enter, cast, changed):
    response = enter(cast.analyst).get(f"/studies/{changed.pk}/trail/")
    assert [one.title for one in response.context["entries"]][:2] == [
        "Changed by an import",
        "Imported for the first time",
    ]
    whole = enter(cast.analyst).get(f"/trail/study/{changed.pk}/")
    assert whole.status_code == 200
    export = enter(cast.analyst).get(f"/trail/study/{changed.pk}/export/")
    assert b"registry.study.import_updated" in b"".join(export.streaming_content)


def test_the_trail_shows_which_fields_of_the_record_an_import_changed(enter, cast, changed):
    page = enter(cast.analyst).get(f"/trail/study/{changed.pk}/")
    newest = page.context["entries"][0]
    assert newest.title == "Changed by an import"
    assert any(change.before and change.after for change in newest.changes[1:])


@pytest.mark.parametrize(
    "page", ["/studies/{}/trail/", "/trail/study/{}/", "/trail/study/{}/export/"]
)
def test_who_did_what_is_read_only_by_those_who_work_with_the_study(enter, cast, changed, page):
    for reader in (cast.nobody, cast.rival):
        assert enter(reader).get(page.format(changed.pk)).status_code == 404
    overview = enter(cast.nobody).get(f"/studies/{changed.pk}/")
    assert "Trail" not in [tab.label for tab in overview.context["tabs"]]


def test_the_trail_of_a_hidden_study_is_404(enter, cast, register):
    assert enter(cast.rival).get(f"/trail/study/{register.draft.pk}/").status_code == 404


def test_a_study_asks_the_database_a_bounded_number_of_times(
    enter, cast, bring, django_assert_max_num_queries
):
    many = [{"facility": f"Clinic {no}", "city": "Lyon", "country": "France"} for no in range(150)]
    bring(trial(1, locations=many))
    client, pk = enter(cast.analyst), Study.objects.get().pk
    for tab in TABS:
        with django_assert_max_num_queries(56):  # the menu counts the desk, too
            assert client.get(f"/studies/{pk}/{tab}").status_code == 200


def test_pages_are_under_the_limit_of_size(enter, cast, register, bring):
    bring(*(trial(no, f"A rather long title of a trial number {no}") for no in range(100, 160)))
    page = enter(cast.analyst).get("/studies/")
    assert len(page.content) < 100_000


def test_a_higher_room_gives_a_study_a_tab(register, enter, cast, monkeypatch):
    from tembusu.coordination.registry import terms
    from tembusu.coordination.registry.selectors import frames

    monkeypatch.setattr(terms, "_TABS", {})
    terms.register_study_tab(
        terms.StudyTab(
            "packages", "Packages", "registry:study", 25, lambda user, _: user == cast.analyst,
            lambda *_: 3,
        )
    )  # fmt: skip
    page = enter(cast.analyst).get(f"/studies/{register.lantern.pk}/").content.decode()
    assert "Packages" in page
    assert page.index("Sites") < page.index("Packages") < page.index("Eligibility")
    assert (
        "Packages"
        not in enter(cast.sponsor).get(f"/studies/{register.lantern.pk}/").content.decode()
    )
    _, frame = frames.study_frame(cast.analyst, register.lantern.pk, "packages")
    assert [tab.label for tab in frame["tabs"] if tab.is_current] == ["Packages"]
