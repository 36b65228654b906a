"""Changing the reference data: who may, from when, what the past keeps, and two people at once."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from tembusu.foundation.core.models import AuditEvent
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.jurisdictions import actions, selectors
from tembusu.foundation.jurisdictions.actions.bodies import TieRefused
from tembusu.foundation.jurisdictions.actions.items import ChangedMeanwhile, ItemRefused, Wanted
from tembusu.foundation.jurisdictions.actions.proposals import ProposalRefused
from tembusu.foundation.jurisdictions.actions.versions import PackWouldBreak
from tembusu.foundation.jurisdictions.models import (
    AuthorityBody,
    PackItem,
    PackVersion,
    Proposal,
)
from tembusu.foundation.jurisdictions.rules import records
from tembusu.foundation.jurisdictions.rules.periods import PastIsKept
from tembusu.foundation.jurisdictions.selectors import held
from tembusu.foundation.jurisdictions.terms import NoSuchItem, Theme
from trialtime.calendars import Span, Unit

from .conftest import AT

pytestmark = pytest.mark.django_db
TODAY, TOMORROW = date(2026, 6, 15), date(2026, 6, 16)
LATER = date(2026, 9, 1)
LAW = "https://example.org/law"


def periods_of(key, theme=Theme.CLOCKS):
    return [one for one in held.all_periods().items if (one.theme, one.key) == (theme, key)]


def mark_of(key, theme=Theme.CLOCKS):
    return records.mark(periods_of(key, theme))


def wanted(key="permit", theme=Theme.CLOCKS, **changes):
    now = next(one for one in periods_of(key, theme) if one.holds_on(TODAY))
    said = Wanted(now.value, now.unit, now.source, now.is_verified, now.note)
    return replace(said, **changes)


def change(by, key="permit", theme=Theme.CLOCKS, *, at=AT, reason="The council says so", **changes):
    return actions.change_item(
        theme=theme,
        key=key,
        wanted=wanted(key, theme, **changes),
        mark=mark_of(key, theme),
        reason=reason,
        by=by,
        at=at,
    )


def span_on(day, key="permit"):
    rule = selectors.clock(key, day)
    return rule and rule.span


# -- seeding --------------------------------------------------------------------------------------


def test_the_file_seeds_the_tables_once(third) -> None:
    assert actions.follow_file(by=None, at=AT) == 0
    assert actions.follow_file(by=None, at=AT) == 0
    assert PackVersion.objects.get().number == 1
    assert PackItem.objects.count() == 11
    assert AuditEvent.objects.filter(event="jurisdictions.pack.seeded").count() == 1


def test_the_tables_say_what_the_file_says(settings) -> None:
    for name in ("sg", "uk"):
        settings.TEMBUSU_JURISDICTION = name
        file = held.all_periods()
        actions.follow_file(by=None, at=AT)
        assert held.all_periods() == file


# -- changing -------------------------------------------------------------------------------------


def test_a_new_value_holds_from_its_day_and_the_past_keeps_the_old_one(third, cast) -> None:
    version = change(cast.lead, value=3, starts=LATER)
    assert (version.number, version.kind) == (2, "edit")
    assert span_on(date(2025, 12, 31)) == Span(10, Unit.WORKING)
    assert span_on(LATER - timedelta(days=1)) == Span(2, Unit.MONTHS)
    assert span_on(LATER) == Span(3, Unit.MONTHS)
    event = AuditEvent.objects.get(event="jurisdictions.item.changed")
    assert event.reason == "The council says so"
    assert event.change["Value"] == ["2 months", "3 months"]


def test_a_unit_may_change_with_the_value(third, cast) -> None:
    change(cast.lead, value=20, unit="working days", starts=TOMORROW)
    assert span_on(TOMORROW) == Span(20, Unit.WORKING)


def test_a_clock_that_started_today_keeps_its_rule(third, cast) -> None:
    for starts in (TODAY, date(2026, 1, 1), date(1999, 1, 1)):
        with pytest.raises(PastIsKept, match="from 16 June 2026 or a later day"):
            change(cast.lead, value=3, starts=starts)
    change(cast.lead, value=3, starts=TOMORROW)
    assert span_on(TODAY) == Span(2, Unit.MONTHS)


def test_what_nobody_knew_may_be_given_for_the_past(cast) -> None:
    change(
        cast.lead,
        "trial_status",
        value=7,
        source="https://example.org/guide",
        is_verified=True,
        starts=date(2020, 1, 1),
    )
    assert span_on(date(2019, 12, 31), "trial_status") is None
    assert span_on(date(2020, 1, 1), "trial_status") == Span(7, Unit.CALENDAR)


def test_a_change_before_a_planned_one_holds_until_then(third, cast) -> None:
    change(cast.lead, value=4, starts=LATER)
    change(cast.lead, value=3, starts=TOMORROW)
    assert [span_on(day).value for day in (TODAY, TOMORROW, LATER)] == [2, 3, 4]
    change(cast.lead, value=5, starts=LATER)
    assert [span_on(day).value for day in (TODAY, TOMORROW, LATER)] == [2, 3, 5]


def test_words_and_sources_change_in_place(third, cast) -> None:
    before = len(periods_of("permit"))
    change(cast.lead, note="Read in the gazette", source="https://example.org/gazette")
    now = next(one for one in periods_of("permit") if one.holds_on(TODAY))
    assert (now.note, now.source) == ("Read in the gazette", "https://example.org/gazette")
    assert len(periods_of("permit")) == before


@pytest.mark.parametrize(
    ("changes", "said", "field"),
    [
        ({"value": "three", "starts": LATER}, "A whole number from 0", "value"),
        ({"value": -3, "starts": LATER}, "A whole number from 0", "value"),
        ({"value": 3, "unit": "days", "starts": LATER}, "The unit must be", "unit"),
        ({"source": "a book"}, "address", "source"),
        ({"note": "x" * 2001}, "at most 2,000", "note"),
        ({"value": 3}, "Say from which day", "starts"),
        ({"value": None, "starts": LATER}, "not known cannot be verified", "is_verified"),
        ({}, "Nothing is changed", ""),
        ({"note": "x", "reason": "  "}, "Say why", "reason"),
    ],
)
def test_a_change_that_cannot_be_names_its_field(third, cast, changes, said, field) -> None:
    with pytest.raises(ItemRefused, match=said) as refusal:
        change(cast.lead, **changes)
    assert refusal.value.field == field
    assert not PackVersion.objects.exists()  # the seeding is taken back with it


def test_a_change_that_breaks_the_tree_is_refused(third, cast) -> None:
    value = {**wanted("risky", Theme.ROUTES).value, "when": [{"new": ["yes"]}]}
    with pytest.raises(PackWouldBreak, match="leads nowhere for product: risky = yes, new = no"):
        change(cast.lead, "risky", Theme.ROUTES, value=value, starts=LATER)


def test_an_unknown_item_is_refused(third, cast) -> None:
    with pytest.raises(NoSuchItem):
        actions.change_item(
            theme=Theme.CLOCKS,
            key="pass",
            wanted=wanted(),
            mark="",
            reason="x",
            by=cast.lead,
            at=AT,
        )


def test_the_second_of_two_is_told_and_loses_nothing(third, cast) -> None:
    seen = mark_of("permit")
    change(cast.lead, value=3, starts=LATER)
    with pytest.raises(ChangedMeanwhile, match="Tan Wei Ling changed this item meanwhile"):
        actions.change_item(
            theme=Theme.CLOCKS,
            key="permit",
            wanted=wanted(value=9, starts=LATER),
            mark=seen,
            reason="x",
            by=cast.lead,
            at=AT,
        )
    assert span_on(LATER) == Span(3, Unit.MONTHS)


@pytest.mark.parametrize("who", ["analyst", "secretary", "sponsor", "nobody"])
def test_only_the_lead_changes_the_reference_data(third, cast, who) -> None:
    with pytest.raises(PermissionDenied):
        change(getattr(cast, who), value=3, starts=LATER)


def test_the_database_holds_one_value_a_day(third) -> None:
    actions.follow_file(by=None, at=AT)
    row = PackItem.objects.filter(key="permit", theme="clocks").first()
    row.pk = None
    with (
        pytest.raises(IntegrityError, match="an_item_has_one_value_on_a_day"),
        transaction.atomic(),
    ):
        row.save(force_insert=True)


# -- proposals ------------------------------------------------------------------------------------

NEWER = ("value = 2\n", "value = 6\n")


def propose(third, *pairs):
    actions.follow_file(by=None, at=AT)
    third(*(pairs or [NEWER]))
    return actions.follow_file(by=None, at=AT)


def accept(by, *, starts=LATER, reason="The file is right"):
    rows = list(Proposal.objects.filter(state="open"))
    return actions.accept_proposals(proposals=rows, starts=starts, reason=reason, by=by, at=AT)


def test_a_changed_file_proposes_and_changes_nothing(third) -> None:
    assert propose(third) == 1
    row = Proposal.objects.get()
    assert (row.theme, row.key, row.state) == ("clocks", "permit", "open")
    assert span_on(LATER) == Span(2, Unit.MONTHS)
    assert actions.follow_file(by=None, at=AT) == 0


def test_an_accepted_proposal_holds_from_its_day(third, cast) -> None:
    propose(third)
    version = accept(cast.lead)
    assert (version.number, version.kind) == (2, "proposal")
    assert span_on(LATER - timedelta(days=1)) == Span(2, Unit.MONTHS)
    assert span_on(LATER) == Span(6, Unit.MONTHS)
    assert Proposal.objects.get().decided_by == cast.lead


def test_an_accepted_proposal_does_not_reach_back(third, cast) -> None:
    propose(third)
    with pytest.raises(PastIsKept):
        accept(cast.lead, starts=TODAY)
    assert Proposal.objects.get().state == "open"


def test_new_words_of_the_file_are_taken_at_once(third, cast) -> None:
    propose(third, ('label = "Permit"\nvalue = 10', 'label = "The permit"\nvalue = 10'))
    accept(cast.lead, starts=date(2020, 1, 1))
    assert [one.value for one in periods_of("permit")] == [10, 2]


def test_a_new_item_holds_as_the_file_says(third, cast) -> None:
    clock = '[[clocks]]\nkey = "visit"\nlabel = "Visit"\nvalue = 5\nunit = "calendar days"\n'
    facts = 'source = "@law"\nstarts_on = "x"\nruns_for = "y"\nevent = "target"\n\n'
    propose(third, ("[[obligations]]", clock + facts + "[[obligations]]"))
    accept(cast.lead)
    assert span_on(date(2020, 1, 1), "visit") == Span(5, Unit.CALENDAR)


def test_an_item_that_is_gone_ends_on_its_day(third, cast) -> None:
    day = '[[calendar]]\nkey = "added"\nlabel = "Further days"\nkind = "dates"\n'
    rest = 'value = ["2026-03-03 Day of the river"]\nsource = "@law"\n'
    propose(third, (day + rest, ""))
    accept(cast.lead)
    (item,) = periods_of("added", Theme.CALENDAR)
    assert item.effective_to == LATER


def test_proposals_that_belong_together_are_accepted_together(third, cast) -> None:
    propose(
        third,
        (
            'value = "yes", label = "Yes" }, { value = "no"',
            'value = "yes", label = "Yes" }, { value = "some", label = "Some" }, { value = "no"',
        ),
        ('risky = ["no"]', 'risky = ["no", "some"]'),
    )
    first, second = Proposal.objects.order_by("pk")
    with pytest.raises(PackWouldBreak):
        actions.accept_proposals(proposals=[first], starts=LATER, reason="x", by=cast.lead, at=AT)
    actions.accept_proposals(
        proposals=[first, second], starts=LATER, reason="x", by=cast.lead, at=AT
    )
    assert not Proposal.objects.filter(state="open").exists()


def test_a_declined_proposal_leaves_all_as_it_was(third, cast) -> None:
    propose(third)
    actions.decline_proposals(
        proposals=list(Proposal.objects.all()), reason="A slip", by=cast.lead, at=AT
    )
    assert span_on(LATER) == Span(2, Unit.MONTHS)
    assert Proposal.objects.get().reason == "A slip"
    assert actions.follow_file(by=None, at=AT) == 0


def test_the_database_wins_over_an_unchanged_line_of_the_file(third, cast) -> None:
    actions.follow_file(by=None, at=AT)
    change(cast.lead, value=3, starts=LATER)
    third(('value = "Council of Trials"', 'value = "Great Council of Trials"'))
    assert actions.follow_file(by=None, at=AT) == 1
    assert Proposal.objects.get().key == "council"
    assert span_on(LATER) == Span(3, Unit.MONTHS)


def test_a_file_that_changes_again_overtakes_its_proposal(third) -> None:
    propose(third)
    third(("value = 2\n", "value = 7\n"))
    assert actions.follow_file(by=None, at=AT) == 1
    assert sorted(Proposal.objects.values_list("state", flat=True)) == ["open", "overtaken"]
    third()
    assert actions.follow_file(by=None, at=AT) == 0
    assert not Proposal.objects.filter(state="open").exists()


def test_a_decided_proposal_is_not_decided_again(third, cast) -> None:
    propose(third)
    row = Proposal.objects.get()
    accept(cast.lead)
    with pytest.raises(ProposalRefused, match="accepted already"):
        actions.decline_proposals(proposals=[row], reason="x", by=cast.lead, at=AT)


@pytest.mark.parametrize("who", ["analyst", "secretary", "sponsor", "nobody"])
def test_only_the_lead_decides_proposals(third, cast, who) -> None:
    propose(third)
    with pytest.raises(PermissionDenied):
        accept(getattr(cast, who))
    with pytest.raises(PermissionDenied):
        actions.decline_proposals(
            proposals=list(Proposal.objects.all()), reason="x", by=getattr(cast, who), at=AT
        )


def test_a_decision_needs_a_reason_and_a_proposal(third, cast) -> None:
    propose(third)
    with pytest.raises(ProposalRefused, match="Say why"):
        accept(cast.lead, reason=" ")
    with pytest.raises(ProposalRefused, match="at least one"):
        actions.accept_proposals(proposals=[], starts=LATER, reason="x", by=cast.lead, at=AT)


# -- bodies ---------------------------------------------------------------------------------------


def tie(by, authority, organisation):
    return actions.tie_body(
        authority=authority, organisation=organisation, reason="It is", by=by, at=AT
    )


def test_a_body_of_the_pack_is_an_organisation_here(cast, bodies) -> None:
    tie(cast.lead, "HSA", bodies.regulator)
    assert selectors.organisation_of("HSA") == bodies.regulator.pk
    assert selectors.authority_of(bodies.regulator.pk) == "HSA"
    assert selectors.organisation_of("CIRB") is None
    actions.untie_body(authority="HSA", reason="A slip", by=cast.lead, at=AT)
    assert selectors.organisations_of_authorities() == {}


@pytest.mark.parametrize(
    ("authority", "body", "said"),
    [
        ("HSA", "sponsor", "is registered as sponsor; this body must be agency or regulator"),
        ("XYZ", "regulator", "names no body 'XYZ'"),
        ("DSRB", "board", "is CIRB already"),
        ("CIRB", "board", "Nothing is changed"),
    ],
)
def test_what_does_not_fit_is_not_tied(cast, bodies, authority, body, said) -> None:
    tie(cast.lead, "CIRB", bodies.board)
    with pytest.raises(TieRefused, match=said):
        tie(cast.lead, authority, getattr(bodies, body))


@pytest.mark.parametrize("who", ["analyst", "secretary", "sponsor", "nobody"])
def test_only_the_lead_ties_bodies(cast, bodies, who) -> None:
    with pytest.raises(PermissionDenied):
        tie(getattr(cast, who), "HSA", bodies.regulator)
    with pytest.raises(PermissionDenied):
        actions.untie_body(authority="HSA", reason="x", by=getattr(cast, who), at=AT)
    assert not AuthorityBody.objects.exists()


def test_untying_what_is_not_tied_is_refused(cast) -> None:
    with pytest.raises(Refusal, match="No organisation is tied"):
        actions.untie_body(authority="HSA", reason="x", by=cast.lead, at=AT)
