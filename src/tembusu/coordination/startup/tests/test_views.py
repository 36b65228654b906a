"""The screens: who sees what, the moves by form, many sites at once, pictures with their tables."""

from datetime import date

import pytest
from django.urls import reverse

from tembusu.coordination.startup import actions
from tembusu.coordination.startup.models import Hold, SiteMilestone, SitePathway
from tembusu.coordination.startup.tests.conftest import AT

JAN10, FEB1, MAR1 = date(2026, 1, 10), date(2026, 2, 1), date(2026, 3, 1)
SITE_PAGES = ("site", "site_time", "delegations", "site_trail")


def row(path, key):
    return SiteMilestone.objects.get(site_pathway=path, key=key)


@pytest.mark.parametrize("page", SITE_PAGES)
@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("investigator", True),
        ("coordinator", True),
        ("representative", True),
        ("cluster", True),
        ("sponsor", True),
        ("monitor", True),
        ("analyst", True),
        ("rival", False),
        ("neighbour", False),
        ("administrator", False),
        ("nobody", False),
    ],
)
def test_a_site_is_found_by_those_of_its_study_or_institution(path, cast, enter, page, who, sees):
    got = enter(getattr(cast, who)).get(reverse(f"startup:{page}", args=[path.pk]))
    assert got.status_code == (200 if sees else 404)


def test_the_page_says_whose_turn_it_is_and_offers_one_act(path, cast, enter, go_on):
    go_on(confirmed=JAN10)
    said = enter(cast.representative).get(reverse("startup:site", args=[path.pk])).content.decode()
    assert "Institution, Investigator’s team and Regulator" in said.replace("&#x27;", "’").replace(
        "Investigator's", "Investigator’s"
    )
    assert "Complete: Signed" in said
    assert "Still to be settled: Signed, Submitted" in said
    watching = enter(cast.monitor).get(reverse("startup:site", args=[path.pk])).content.decode()
    assert "You may see this, and not record it." in watching


def test_a_milestone_is_completed_by_form_and_what_is_refused_stays_typed(path, cast, enter):
    client = enter(cast.coordinator)
    url = reverse("startup:move", args=[path.pk, "confirmed", "complete"])
    assert client.get(url).status_code == 200
    wrong = client.post(url, {"day": "2026-01-01", "evidence": "My letter"})
    assert wrong.status_code == 422
    said = wrong.content.decode()
    assert "1 Jan 2026, but the site was selected on 5 Jan 2026" in said
    assert "My letter" in said
    assert client.post(url, {"day": "2026-01-10"}).status_code == 302
    assert row(path, "confirmed").completed_date == JAN10
    again = client.post(url, {"day": "2026-01-11"}).content.decode()
    assert "Siti recorded" in again


def test_every_move_has_its_form(path, cast, enter, go_on):
    client = enter(cast.sponsor)

    def post(key, move, **data):
        url = reverse("startup:move", args=[path.pk, key, move])
        assert client.get(url).status_code == 200
        assert client.post(url, data).status_code == 302, (key, move)
        return row(path, key).state

    assert post("confirmed", "start", day="2026-01-06") == "started"
    held = {"waiting_on": "site", "reason_code": "legal", "start_date": "2026-01-07", "note": "x"}
    assert post("confirmed", "hold", **held) == "on_hold"
    assert post("confirmed", "resume", day="2026-01-09") == "started"
    assert Hold.objects.get().end_date == date(2026, 1, 9)
    assert post("authorised", "drop", reason="Not for us") == "not_applicable"
    assert post("authorised", "reopen", reason="For us after all") == "not_started"
    unknown = reverse("startup:move", args=[path.pk, "confirmed", "dance"])
    assert client.get(unknown).status_code == 404


def test_who_only_sees_may_not_move(path, cast, enter):
    url = reverse("startup:move", args=[path.pk, "confirmed", "complete"])
    assert enter(cast.monitor).post(url, {"day": "2026-01-10"}).status_code == 403
    assert enter(cast.rival).post(url, {"day": "2026-01-10"}).status_code == 404


def test_a_site_leaves_and_comes_back_on_screen(path, cast, enter):
    client = enter(cast.sponsor)
    leave = reverse("startup:leave", args=[path.pk])
    client.post(leave, {"to": "withdrawn", "day": "2026-02-01", "reason": "No staff"})
    path.refresh_from_db()
    assert path.state == "withdrawn"
    said = client.get(reverse("startup:site", args=[path.pk])).content.decode()
    assert "Site withdrawn on 1 Feb 2026" in said
    client.post(reverse("startup:reinstate", args=[path.pk]), {"reason": "Staff came"})
    path.refresh_from_db()
    assert path.state == "under_way"


def test_the_list_is_narrowed_sorted_and_sent_as_csv(path, select, bodies, cast, enter):
    select(bodies.kempas)
    client, url = enter(cast.sponsor), reverse("startup:paths")
    assert client.get(url).content.decode().count("Rain Tree General Hospital") == 1
    assert "Kempas" not in client.get(url, {"q": "rain"}).content.decode()
    for query in ({"state": "open"}, {"party": "regulator"}, {"area": "eye"}):
        assert "No study-site matches" in client.get(url, query).content.decode()
    for query in ({"sort": "due"}, {"sort": "-selected"}, {"which": "stuck"}, {"which": "mine"}):
        assert "Kempas" in client.get(url, query).content.decode()
    sent = b"".join(client.get(reverse("startup:paths_export")).streaming_content).decode()
    assert len(sent.strip().splitlines()) == 3
    mine = b"".join(
        enter(cast.coordinator).get(reverse("startup:paths_export")).streaming_content
    ).decode()
    assert "Kempas" not in mine
    assert enter(cast.nobody).get(url).status_code == 404


def test_a_study_shows_its_sites_and_selects_more(path, study, bodies, cast, enter):
    client, url = enter(cast.sponsor), reverse("startup:study", args=[study.pk])
    assert "Rain Tree General Hospital" in client.get(url).content.decode()
    form = reverse("startup:select", args=[study.pk])
    assert "Kempas Medical Centre" in client.get(form).content.decode()
    given = {"organisations": [bodies.kempas.pk], "day": "2026-02-01", "version": ""}
    assert client.post(form, given).status_code == 302
    assert SitePathway.objects.count() == 2
    assert client.post(form, given | {"day": "2035-02-01"}).status_code == 422
    assert enter(cast.nobody).get(url).status_code == 404
    own = enter(cast.representative).get(url).content.decode()
    assert "Kempas Medical Centre" not in own


def test_many_sites_are_recorded_at_once_and_refused_ones_stay_typed(
    path, select, bodies, cast, enter
):
    other = select(bodies.kempas)
    client = enter(cast.sponsor)
    url = reverse("startup:record") + "?milestone=confirmed"
    given = {
        f"{path.pk}-row": "on",
        f"{other.pk}-row": "on",
        f"{path.pk}-day": "2026-01-10",
        f"{other.pk}-day": "2026-01-01",
        f"{other.pk}-evidence": "Letter 7",
    }
    checked = client.post(url, given | {"check": "1"}).content.decode()
    assert "Can be recorded" in checked
    assert "1 Jan 2026, but the site was selected" in checked
    assert row(path, "confirmed").state == "not_started"
    done = client.post(url, given).content.decode()
    assert row(path, "confirmed").completed_date == JAN10
    assert row(other, "confirmed").state == "not_started"
    assert "Letter 7" in done
    assert "Recorded for 1 of 2 study-sites." in done
    assert client.post(url, given | {f"{other.pk}-day": "2026-01-12"}).status_code == 302
    assert "Tick the study-sites" in client.post(url, {}, follow=True).content.decode()
    assert enter(cast.monitor).get(url).status_code == 404


def test_pictures_have_their_tables_beside_them(path, cast, enter, go_on):
    go_on(confirmed=JAN10)
    actions.hold_milestone(
        path=path, key="signed", waiting_on="sponsor", reason_code="answer", start_date=FEB1,
        end_date=MAR1, by=None, at=AT,
    )  # fmt: skip
    page = enter(cast.sponsor).get(reverse("startup:site_time", args=[path.pk]))
    said = page.content.decode()
    assert said.count("<svg") >= 3
    assert "Too few past sites" in said
    days = {bar.label: bar.value for bar in page.context["party_bars"]}
    assert sum(days.values()) == page.context["elapsed"]
    steps = [bar.value for bar in page.context["step_bars"]]
    assert sum(steps) == page.context["elapsed"]


def test_the_trail_tells_what_happened(path, cast, enter, go_on):
    go_on(by=cast.sponsor, confirmed=JAN10)
    said = enter(cast.sponsor).get(reverse("startup:site_trail", args=[path.pk])).content.decode()
    assert "Milestone completed" in said
    assert "Site selected" in said
