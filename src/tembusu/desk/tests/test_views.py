"""The pages of the desk: who sees what, what an address may ask, and the links that carry a secret."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from tembusu.desk import actions, selectors
from tembusu.desk.tests.conftest import AT, item
from tembusu.foundation.core import audit, worklist
from tembusu.foundation.core.worklist import Subject, WorkKind

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counts_kept():
    cache.clear()


def page(browser, query=""):
    answer = browser.get(f"/desk/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def soon(n):
    return timezone.localdate() + timedelta(days=n)


def test_the_desk_is_the_first_page_after_sign_in(cast, rooms, enter):
    answer = enter(cast.sponsor).get("/", follow=True)
    assert answer.redirect_chain[-1][0] == "/desk/"


def test_whoever_is_not_signed_in_is_asked_to(client):
    answer = client.get("/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/account/login/")


def test_each_sees_only_their_own(cast, rooms, enter):
    rooms("startup", cast.sponsor, item(record="Secret site"))
    assert "Secret site" in page(enter(cast.sponsor))
    assert "Secret site" not in page(enter(cast.rival))


def test_the_desk_says_how_it_stands_and_counts_its_sheets(cast, rooms, enter):
    rooms(
        "startup",
        cast.sponsor,
        item("a", due=soon(-3)),
        item("b", due=soon(0)),
        item("c", kind=WorkKind.I_WAIT, holder="Meranti Ethics Board", due=soon(4)),
        item("d", kind=WorkKind.LAPSES, what="GCP training", due=soon(20)),
    )
    shown = page(enter(cast.sponsor))
    assert "One act is overdue, one is due today." in shown
    assert "Overdue 3 days" in shown
    assert "Meranti Ethics Board" in shown
    assert "GCP training" in shown
    assert 'Waits on me <span class="count">2</span>' in shown
    assert "wait on you" in shown  # the menu says what its count counts


@pytest.mark.parametrize(
    ("query", "seen", "hidden"),
    [
        ("?due=overdue", "Late act", "Later act"),
        ("?study=TMB-000043", "Later act", "Late act"),
        ("?room=submissions", "Later act", "Late act"),
        ("?q=later", "Later act", "Late act"),
        ("?sheet=waiting", "Their act", "Late act"),
        ("?sheet=waiting&holder=Meranti+Ethics+Board", "Their act", "Late act"),
    ],
)
def test_filters_narrow_and_can_be_taken_off(cast, rooms, enter, query, seen, hidden):
    rooms("startup", cast.sponsor, item("a", what="Late act", due=soon(-3)))
    rooms(
        "submissions",
        cast.sponsor,
        item("b", what="Later act", due=soon(9), study="TMB-000043"),
        item("c", what="Their act", kind=WorkKind.I_WAIT, holder="Meranti Ethics Board"),
    )
    shown = page(enter(cast.sponsor), query)
    assert seen in shown
    assert hidden not in shown
    assert ("Remove the filter" in shown) == ("=waiting" not in query or "holder" in query)


@pytest.mark.parametrize(
    ("query", "said"),
    [("", "Nothing waits on you"), ("?sheet=waiting", "You wait for nobody"),
     ("?sheet=changed", "Nothing changed since you last looked"),
     ("?sheet=lapses", "Nothing lapses soon"), ("?due=overdue", "Take one off")],
)  # fmt: skip
def test_an_empty_sheet_says_what_would_be_there(cast, rooms, enter, query, said):
    assert said in page(enter(cast.sponsor), query)


@pytest.mark.parametrize("query", ["?sheet=x", "?due=x", "?sort=x", "?after=x", "?after=-1"])
def test_an_address_that_means_nothing_is_refused(cast, rooms, enter, query):
    for path in ("/desk/", "/desk/export.csv") if "after" not in query else ("/desk/",):
        answer = enter(cast.sponsor).get(f"{path}{query}")
        assert answer.status_code == 400
        assert b"Show the whole desk" in answer.content


def test_a_long_desk_is_paged_and_its_file_is_whole(cast, rooms, enter):
    rooms("startup", cast.sponsor, *(item(f"k{n:03}", what=f"Act {n:03}") for n in range(120)))
    browser = enter(cast.sponsor)
    assert "1 to 50 of 120" in page(browser)
    last = page(browser, "?after=100")
    assert "101 to 120 of 120" in last
    assert "Act 119" in last
    assert "after=50" in last
    sent = b"".join(browser.get("/desk/export.csv").streaming_content).decode("utf-8-sig")
    assert len(sent.splitlines()) == 121


def test_a_file_holds_what_the_sheet_shows(cast, rooms, enter):
    rooms("startup", cast.sponsor, item("a", what="=1+1", due=None), item("b", what="Else"))
    sent = b"".join(enter(cast.sponsor).get("/desk/export.csv?q=1%2B1").streaming_content)
    head, row = sent.decode("utf-8-sig").splitlines()
    assert head == "due,act,record,study,waits_on,since,room,address"
    assert row.startswith(",'=1+1,TMB-000042 at")


def test_a_thousand_lines_are_shown_in_few_queries(
    cast, rooms, enter, django_assert_max_num_queries
):
    rooms("startup", cast.sponsor, *(item(f"k{n}", study=f"TMB-{n % 300}") for n in range(1000)))
    browser = enter(cast.sponsor)
    page(browser)
    with django_assert_max_num_queries(20):
        page(browser)


def test_changes_are_told_until_they_are_seen(cast, rooms, enter):
    rooms("startup", cast.sponsor)
    worklist.register_subjects(
        "registry.Study", lambda user, keys: {key: Subject("TMB-9", "/studies/9/") for key in keys}
    )
    now = timezone.now()
    audit.record("registry.study.published", on=["registry.Study:9"], by=cast.rival, at=now)
    browser = enter(cast.sponsor)
    assert "Registration published" in page(browser, "?sheet=changed")
    sent = b"".join(browser.get("/desk/export.csv?sheet=changed").streaming_content).decode()
    assert "TMB-9,,Registration published,Koh Jun Hao,0,/studies/9/" in sent
    assert browser.get("/desk/seen/").status_code == 405
    browser.post("/desk/seen/")
    assert "Registration published" not in page(browser, "?sheet=changed")


# -- the calendar feed ----------------------------------------------------------------------------


def feed(client, secret):
    return client.get(reverse("desk:feed", args=[secret]))


def test_a_calendar_program_reads_what_its_person_may_see(client, cast, rooms):
    rooms("startup", cast.sponsor, item("a"))
    rooms("startup", cast.rival, item("b", record="Rival's site"))
    secret = actions.renew_feed(by=cast.sponsor, at=AT)
    answer = feed(client, secret)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert "TMB-000042" in str(event["summary"])
    assert b"Rival" not in answer.content


@pytest.mark.parametrize("secret", ["x", "x" * 43, "%2e%2e", "None", "0" * 5000])
def test_a_wrong_address_opens_nothing(client, cast, secret):
    actions.renew_feed(by=cast.sponsor, at=AT)
    assert feed(client, secret).status_code == 404


def test_the_secret_is_shown_once_and_renewing_or_closing_kills_it(cast, rooms, enter):
    browser = enter(cast.sponsor)
    assert "Switch it on" in browser.get("/desk/settings/").content.decode()
    first = browser.post("/desk/settings/feed/").context["address"]
    assert first.startswith("https://trials.example/desk/feed/")
    path = first.removeprefix("https://trials.example")
    assert browser.get(path).status_code == 200
    assert first not in browser.get("/desk/settings/").content.decode()
    second = browser.post("/desk/settings/feed/").context["address"]
    assert browser.get(path).status_code == 404
    browser.post("/desk/settings/feed/close/")
    assert browser.get(second.removeprefix("https://trials.example")).status_code == 404
    again = browser.post("/desk/settings/feed/close/", follow=True)
    assert "off already" in again.content.decode()


def test_a_feed_is_read_and_not_written_to(client, cast):
    secret = actions.renew_feed(by=cast.sponsor, at=AT)
    assert client.post(reverse("desk:feed", args=[secret])).status_code == 405


# -- the digest -----------------------------------------------------------------------------------


def test_the_digest_is_switched_on_and_off(cast, rooms, enter):
    browser = enter(cast.sponsor)
    browser.post("/desk/settings/digest/", {"digest": "off"})
    assert not selectors.settings_of(cast.sponsor).digest_is_on
    browser.post("/desk/settings/digest/", {"digest": "on"})
    assert selectors.settings_of(cast.sponsor).digest_is_on


def test_a_digests_link_ends_it_after_one_more_act(client, cast):
    path = reverse("desk:digest_stop", args=[selectors.unsubscribe_token(cast.sponsor)])
    assert "End the daily digest?" in client.get(path).content.decode()
    assert selectors.settings_of(cast.sponsor).digest_is_on
    answer = client.post(path, {"List-Unsubscribe": "One-Click"})
    assert "no digest any more" in answer.content.decode()
    assert not selectors.settings_of(cast.sponsor).digest_is_on
    assert selectors.settings_of(cast.rival).digest_is_on


@pytest.mark.parametrize("token", ["1:x", "x", "1", "9" * 300])
def test_a_forged_link_ends_nothing(client, cast, token):
    path = reverse("desk:digest_stop", args=[token])
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404
