"""The pages: who sees them, what they show, and that what is typed is kept when it is refused."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tembusu.foundation.jurisdictions import actions, selectors
from tembusu.foundation.jurisdictions.models import PackVersion, Proposal
from tembusu.foundation.jurisdictions.selectors import browse

pytestmark = pytest.mark.django_db
ITEMS = reverse("jurisdictions:items")
PERMIT = reverse("jurisdictions:item", args=["clocks", "permit"])
CHANGE = reverse("jurisdictions:item_change", args=["clocks", "permit"])
PROPOSALS = reverse("jurisdictions:proposals")
BODIES = reverse("jurisdictions:bodies")
TIE = reverse("jurisdictions:body_tie", args=["council"])
UNTIE = reverse("jurisdictions:body_untie", args=["council"])


def tomorrow():
    return timezone.localdate() + timedelta(days=1)


def typed(user, **changes):
    shown = browse.get_item(user, "clocks", "permit", timezone.localdate())
    return {
        "value": "2",
        "unit": "months",
        "source": "https://example.org/law",
        "is_verified": "on",
        "note": "",
        "starts": tomorrow().isoformat(),
        "reason": "The council says so",
        "mark": shown.mark,
        **changes,
    }


@pytest.mark.parametrize("url", [ITEMS, PERMIT, CHANGE, PROPOSALS, BODIES, TIE, UNTIE])
def test_whoever_has_no_role_finds_nothing(third, cast, signed_in, url) -> None:
    assert signed_in(cast.nobody).get(url).status_code == 404


@pytest.mark.parametrize(
    ("who", "url", "status"),
    [
        ("sponsor", ITEMS, 200),
        ("sponsor", PERMIT, 200),
        ("sponsor", BODIES, 200),
        ("sponsor", PROPOSALS, 404),
        ("sponsor", CHANGE, 403),
        ("sponsor", TIE, 403),
        ("analyst", PROPOSALS, 200),
        ("analyst", CHANGE, 403),
        ("lead", PROPOSALS, 200),
        ("lead", CHANGE, 200),
        ("lead", TIE, 200),
        ("lead", UNTIE, 200),
    ],
)
def test_a_page_opens_for_whom_it_is(third, cast, signed_in, who, url, status) -> None:
    assert signed_in(getattr(cast, who)).get(url).status_code == status


def test_every_item_of_the_supplied_packs_has_its_page(cast, signed_in, settings) -> None:
    client = signed_in(cast.lead)
    for name in ("sg", "uk"):
        settings.TEMBUSU_JURISDICTION = name
        for item in selectors.pack(timezone.localdate()).items:
            kwargs = {"theme": item.theme.value, "key": item.key}
            for page in ("item", "item_change"):
                found = client.get(reverse(f"jurisdictions:{page}", kwargs=kwargs))
                assert found.status_code == 200, (page, kwargs)


def test_the_list_is_narrowed_by_words_theme_standing_and_day(cast, signed_in) -> None:
    client = signed_in(cast.sponsor)
    assert "Clinical trial authorisation" in client.get(ITEMS).content.decode()
    for query, n in [
        ("?theme=clocks&q=amendment", "3 items"),
        ("?standing=empty&theme=records", "1 item<"),
        ("?q=bioequivalence&theme=questions", "1 item"),
        ("?theme=trainings&on=2020-01-01", "3 items"),
        ("?q=nothing-is-called-so", "No item matches"),
        ("?theme=odd&standing=odd&on=2026-02-30", "136 items"),
    ]:
        page = client.get(ITEMS + query).content.decode()
        assert n.split("<")[0] in page, query


def test_the_list_is_exported_as_it_is_shown(cast, signed_in) -> None:
    client = signed_in(cast.sponsor)
    found = client.get(reverse("jurisdictions:export") + "?theme=clocks&q=amendment")
    lines = b"".join(found.streaming_content).decode("utf-8-sig").strip().splitlines()
    assert len(lines) == 4
    assert lines[1].startswith("clocks,CTA.amendment,")


def test_a_change_is_made_on_screen_and_told_with_its_reason(third, cast, signed_in) -> None:
    client = signed_in(cast.lead)
    done = client.post(CHANGE, typed(cast.lead, value="3"), follow=True)
    page = done.content.decode()
    assert done.redirect_chain[-1][0] == PERMIT
    assert "3 months" in page
    assert "The council says so" in page
    rule = selectors.clock("permit", tomorrow())
    assert rule is not None
    assert str(rule.span) == "3 months"
    row = browse.get_item(cast.lead, "clocks", "permit", timezone.localdate()).row
    trail = client.get(reverse("core:trail", args=["reference-item", row])).content.decode()
    assert "Item changed" in trail
    assert "Tan Wei Ling" in trail


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"value": "three"}, "A whole number is needed, such as 30"),
        ({"value": "3", "starts": "2020-01-01"}, "keep the rule they started under"),
        ({"value": "3", "starts": ""}, "Say from which day"),
        ({"value": "3", "unit": "weeks"}, "Select a valid choice"),
        ({"source": "the big book"}, "Give the address"),
        ({"value": "3", "reason": ""}, "This field is required"),
        ({"starts": ""}, "Nothing is changed"),
    ],
)
def test_what_is_refused_is_said_beside_the_field_and_kept(
    third, cast, signed_in, changes, said
) -> None:
    page = signed_in(cast.lead).post(CHANGE, typed(cast.lead, note="kept words", **changes))
    if said != "Nothing is changed":
        assert "kept words" in page.content.decode()
        assert said in page.content.decode()
        assert not PackVersion.objects.exists()


def test_the_second_of_two_sees_what_stands_and_keeps_what_was_typed(
    third, cast, signed_in
) -> None:
    client = signed_in(cast.lead)
    late = typed(cast.lead, value="9", note="kept words")
    client.post(CHANGE, typed(cast.lead, value="3"))
    page = client.post(CHANGE, late).content.decode()
    assert "Tan Wei Ling changed this item meanwhile" in page
    assert "kept words" in page
    again = typed(cast.lead, value="9", note="kept words")
    assert again["mark"] in page
    assert client.post(CHANGE, again).status_code == 302


def test_a_structured_value_is_written_as_toml(third, cast, signed_in) -> None:
    url = reverse("jurisdictions:item_change", args=["routes", "calm"])
    client = signed_in(cast.lead)
    assert "obligation = &quot;none&quot;" in client.get(url).content.decode()
    bad = typed(cast.lead, value="level = ", note="x")
    assert "not valid TOML" in client.post(url, bad).content.decode()


def test_proposals_are_decided_on_screen(third, cast, signed_in) -> None:
    actions.follow_file(by=None, at=timezone.now())
    third(("value = 2\n", "value = 6\n"), ('value = "Council of Trials"', 'value = "The Council"'))
    actions.follow_file(by=None, at=timezone.now())
    client = signed_in(cast.lead)
    first, second = Proposal.objects.order_by("pk")
    page = client.get(PROPOSALS).content.decode()
    assert "The council" in page
    none = client.post(PROPOSALS, {"go": "decline", "reason": "x"}).content.decode()
    assert "Tick at least one proposal" in none
    client.post(PROPOSALS, {"go": "decline", "row": first.pk, "reason": "Not so"})
    wrong = {"go": "accept", "row": second.pk, "reason": "Right", "starts": "2020-01-01"}
    assert "keep the rule they started under" in client.post(PROPOSALS, wrong).content.decode()
    right = {**wrong, "starts": tomorrow().isoformat()}
    page = client.post(PROPOSALS, right, follow=True).content.decode()
    assert "Nothing waits" in page
    assert "Not so" in page
    assert str(selectors.clock("permit", tomorrow()).span) == "6 months"


def test_an_analyst_reads_proposals_and_decides_none(third, cast, signed_in) -> None:
    actions.follow_file(by=None, at=timezone.now())
    third(("value = 2\n", "value = 6\n"))
    actions.follow_file(by=None, at=timezone.now())
    client = signed_in(cast.analyst)
    assert "Accept the ticked" not in client.get(PROPOSALS).content.decode()
    given = {"go": "decline", "row": Proposal.objects.get().pk, "reason": "x"}
    assert client.post(PROPOSALS, given).status_code == 403


def test_bodies_are_tied_and_untied_on_screen(third, cast, bodies, signed_in) -> None:
    client = signed_in(cast.lead)
    assert "1 body is tied to no organisation" in client.get(BODIES).content.decode()
    none = client.post(TIE, {"organisation": "Damar", "reason": "x"}).content.decode()
    assert "No organisation that would fit" in none
    client.post(TIE, {"organisation": "Medicines", "reason": "It is"})
    assert selectors.organisation_of("council") == bodies.regulator.pk
    client.post(UNTIE, {"reason": "A slip"})
    assert selectors.organisation_of("council") is None


@pytest.mark.parametrize("key", ["nothing", "clocks.permit", "%00"])
def test_an_item_that_is_not_there_is_not_found(third, cast, signed_in, key) -> None:
    client = signed_in(cast.lead)
    assert client.get(f"{ITEMS}items/clocks/{key}/").status_code == 404
    assert client.get(f"{ITEMS}items/odd/permit/").status_code == 404
