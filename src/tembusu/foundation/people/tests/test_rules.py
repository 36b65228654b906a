from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import rules
from tembusu.foundation.people.terms import (
    InvitationState,
    OrganisationKind,
    Role,
    ScopeKind,
    TokenScope,
    phrase,
)

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
K, S = OrganisationKind, ScopeKind


def test_every_role_has_a_seat_and_a_line_in_the_table_of_grants():
    assert set(rules.SEATS) == set(Role) == set(rules.GRANTS)
    assert set(rules.PARENTS) == set(OrganisationKind)


def test_every_role_can_be_granted_by_somebody():
    assert [role for role in Role if not rules.granters_of(role)] == []


@pytest.mark.parametrize("giver", sorted(Role))
def test_nobody_grants_above_themselves(giver):
    """Who may grant the administrator is the administrator; whoever opens studies holds one."""
    given_roles = rules.GRANTS[giver]
    if giver is not Role.PLATFORM_ADMINISTRATOR:
        assert Role.PLATFORM_ADMINISTRATOR not in given_roles
    on_studies = {
        role for role in given_roles if rules.SEATS[role].scopes <= {S.STUDY, S.STUDY_SITE}
    }
    opens_studies = {Role.SPONSOR_MANAGER, Role.CRO_MANAGER, Role.PRINCIPAL_INVESTIGATOR}
    assert not on_studies or giver in opens_studies


def test_grants_never_climb_back_by_a_chain():
    """Following grants of grants from any role but the administrator never reaches that role."""
    for start in set(Role) - {Role.PLATFORM_ADMINISTRATOR}:
        reached, todo = set(), [start]
        while todo:
            for role in rules.GRANTS[todo.pop()] - reached:
                reached.add(role)
                todo.append(role)
        assert Role.PLATFORM_ADMINISTRATOR not in reached


@pytest.mark.parametrize(
    ("role", "scope", "body", "allowed"),
    [
        (Role.SITE_COORDINATOR, S.STUDY_SITE, None, True),
        (Role.SITE_COORDINATOR, S.STUDY, None, False),
        (Role.SITE_COORDINATOR, S.ORGANISATION, K.INSTITUTION, False),
        (Role.SPONSOR_MANAGER, S.ORGANISATION, K.SPONSOR, True),
        (Role.SPONSOR_MANAGER, S.ORGANISATION, K.INSTITUTION, True),
        (Role.SPONSOR_MANAGER, S.ORGANISATION, K.REGULATOR, False),
        (Role.SPONSOR_MANAGER, S.STUDY, None, False),
        (Role.CRO_MANAGER, S.STUDY, None, True),
        (Role.CRO_MANAGER, S.ORGANISATION, K.CRO, True),
        (Role.CRO_MANAGER, S.ORGANISATION, K.SPONSOR, False),
        (Role.BOARD_CHAIR, S.ORGANISATION, K.ETHICS_BOARD, True),
        (Role.BOARD_CHAIR, S.ORGANISATION, K.CLUSTER, False),
        (Role.PLATFORM_ADMINISTRATOR, S.PLATFORM, None, True),
        (Role.PLATFORM_ADMINISTRATOR, S.ORGANISATION, K.COORDINATING_BODY, False),
        (Role.COORDINATING_LEAD, S.PLATFORM, None, False),
    ],
)
def test_a_role_is_held_only_where_it_means_something(role, scope, body, allowed):
    assert (role in rules.roles_at(scope, body)) is allowed
    if allowed:
        rules.check_seat(role, scope=scope, organisation=body)
    else:
        with pytest.raises(rules.RoleRefused, match=role.label):
            rules.check_seat(role, scope=scope, organisation=body)


@pytest.mark.parametrize(
    ("role", "held", "allowed"),
    [
        (Role.UNBLINDED_STATISTICIAN, {Role.STATISTICIAN}, False),
        (Role.STATISTICIAN, {Role.UNBLINDED_STATISTICIAN}, False),
        (Role.UNBLINDED_STATISTICIAN, {Role.SITE_COORDINATOR}, False),
        (Role.DATA_MANAGER, {Role.UNBLINDED_STATISTICIAN}, False),
        (Role.UNBLINDED_STATISTICIAN, set(), True),
        (Role.MONITOR, {Role.STATISTICIAN}, True),
        (Role.SITE_COORDINATOR, {Role.PRINCIPAL_INVESTIGATOR}, True),
    ],
)
def test_who_knows_the_allocation_holds_no_blind_role_on_the_study(role, held, allowed):
    if allowed:
        rules.check_compatible(role, held=held)
    else:
        with pytest.raises(rules.RoleRefused, match="blind"):
            rules.check_compatible(role, held=held)


def test_incompatible_roles_stand_against_each_other_both_ways():
    for role, others in rules.INCOMPATIBLE.items():
        assert all(role in rules.INCOMPATIBLE[other] for other in others)


@pytest.mark.parametrize(
    ("person", "by", "allowed"), [(1, 2, True), (1, None, True), (None, None, True), (1, 1, False)]
)
def test_nobody_grants_to_themselves(person, by, allowed):
    if allowed:
        rules.check_not_own(person_id=person, by_id=by)
    else:
        with pytest.raises(rules.RoleRefused, match="another person"):
            rules.check_not_own(person_id=person, by_id=by)


@pytest.mark.parametrize(
    ("role", "others", "allowed"),
    [
        (Role.PLATFORM_ADMINISTRATOR, 0, False),
        (Role.PLATFORM_ADMINISTRATOR, 1, True),
        (Role.SPONSOR_MANAGER, 0, True),
    ],
)
def test_the_last_administrator_stays(role, others, allowed):
    if allowed:
        rules.check_end(role=role, n_others=others)
    else:
        with pytest.raises(rules.RoleRefused, match="Grant it to another person first"):
            rules.check_end(role=role, n_others=others)


@pytest.mark.parametrize(
    ("by", "reason", "has_factor", "allowed"),
    [
        (2, " Phone stolen ", True, True),
        (None, "Phone stolen", True, True),
        (1, "Phone stolen", True, False),
        (2, "  ", True, False),
        (2, "Phone stolen", False, False),
    ],
)
def test_a_second_factor_is_taken_away_by_another_with_a_reason(by, reason, has_factor, allowed):
    facts = {"person_id": 1, "by_id": by, "reason": reason, "has_factor": has_factor}
    if allowed:
        assert rules.check_reset(**facts) == "Phone stolen"
    else:
        with pytest.raises(rules.PersonRefused):
            rules.check_reset(**facts)


CLOSING = {
    "person_id": 1,
    "by_id": 2,
    "reason": " Left ",
    "is_open": True,
    "is_administrator": False,
    "n_other_administrators": 1,
}


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, ""),
        ({"by_id": None}, ""),
        ({"is_administrator": True}, ""),
        ({"n_other_administrators": 0}, ""),
        ({"is_administrator": True, "n_other_administrators": 0}, "last platform administrator"),
        (
            {"by_id": None, "is_administrator": True, "n_other_administrators": 0},
            "last platform administrator",
        ),
        ({"by_id": 1}, "Ask another administrator"),
        ({"is_open": False}, "closed already"),
        ({"reason": "  "}, "Say why"),
    ],
)
def test_an_account_is_closed_by_another_with_a_reason_and_never_the_last(changes, refused):
    facts = {**CLOSING, **changes}
    if refused:
        with pytest.raises(rules.PersonRefused, match=refused):
            rules.check_close(**facts)
    else:
        assert rules.check_close(**facts) == "Left"


@pytest.mark.parametrize(
    ("is_open", "is_erased", "reason", "refused"),
    [
        (False, False, " Back ", ""),
        (True, False, "Back", "open already"),
        (False, True, "Back", "was erased"),
        (False, False, " ", "Say why"),
    ],
)
def test_only_a_closed_account_is_opened_again(is_open, is_erased, reason, refused):
    facts = {"is_open": is_open, "is_erased": is_erased, "reason": reason}
    if refused:
        with pytest.raises(rules.PersonRefused, match=refused):
            rules.check_reopen(**facts)
    else:
        assert rules.check_reopen(**facts) == "Back"


@pytest.mark.parametrize(
    ("is_open", "is_erased", "reason", "refused"),
    [
        (False, False, " Asked ", ""),
        (True, False, "Asked", "Close the account first"),
        (False, True, "Asked", "erased before"),
        (False, False, "", "on what ground"),
    ],
)
def test_only_a_person_whose_account_is_closed_is_erased(is_open, is_erased, reason, refused):
    facts = {"is_open": is_open, "is_erased": is_erased, "reason": reason}
    if refused:
        with pytest.raises(rules.PersonRefused, match=refused):
            rules.check_erase(**facts)
    else:
        assert rules.check_erase(**facts) == "Asked"


LINK = {
    "made_for": "old@x.example",
    "present": "old@x.example",
    "new": "new@x.example",
    "is_late": False,
    "is_taken": False,
}


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, ""),
        ({"present": "new@x.example"}, "used before"),
        ({"present": "third@x.example"}, "has expired"),
        ({"is_late": True}, "has expired"),
        ({"is_taken": True}, "another account"),
    ],
)
def test_a_link_changes_the_address_for_which_it_was_made_in_time(changes, refused):
    if refused:
        with pytest.raises(rules.PersonRefused, match=refused):
            rules.check_address_link(**{**LINK, **changes})
    else:
        rules.check_address_link(**LINK)


def test_an_address_changes_into_another_one():
    rules.check_new_address(present="a@x.example", new="b@x.example")
    with pytest.raises(rules.PersonRefused, match="already"):
        rules.check_new_address(present="a@x.example", new="a@x.example")


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_a_role_ends_only_with_a_reason(text):
    with pytest.raises(rules.RoleRefused, match="why"):
        rules.check_reason(text)


@pytest.mark.parametrize(
    ("kind", "parent", "ancestors", "own", "allowed"),
    [
        (K.INSTITUTION, K.CLUSTER, (7, 8), 9, True),
        (K.INSTITUTION, K.CLUSTER, (7, 8), None, True),
        (K.INSTITUTION, K.SPONSOR, (), 9, False),
        (K.CLUSTER, K.INSTITUTION, (), 9, False),
        (K.AGENCY, K.AGENCY, (9, 8), 9, False),
        (K.AGENCY, K.AGENCY, (7, 9), 9, False),
    ],
)
def test_a_body_belongs_below_a_fitting_one_and_never_below_itself(
    kind, parent, ancestors, own, allowed
):
    if allowed:
        rules.check_parent(kind, parent=parent, ancestors=ancestors, own=own)
    else:
        with pytest.raises(rules.ParentRefused):
            rules.check_parent(kind, parent=parent, ancestors=ancestors, own=own)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Rain Tree", "Rain Tree"),
        ("  Rain \u00a0Tree\n", "Rain Tree"),
        ("陈笃生医院", "陈笃生医院"),
        ("", None),
        ("   ", None),
        ("x" * 301, None),
        ("Rain\0Tree", None),
        ("Rain\u202eTree", None),
    ],
)
def test_names_are_trimmed_and_printable(text, kept):
    if kept is None:
        with pytest.raises(rules.NameRefused):
            rules.check_name(text)
    else:
        assert rules.check_name(text) == kept


@given(st.text())
def test_a_checked_name_stays_as_it_is(text):
    try:
        name = rules.check_name(text)
    except rules.NameRefused:
        return
    assert rules.check_name(name) == name


@pytest.mark.parametrize(
    ("new", "on", "since", "allowed"),
    [
        ("New", date(2026, 3, 1), None, True),
        ("New", date(2026, 3, 1), date(2020, 1, 1), True),
        ("Old", date(2026, 3, 1), None, False),
        ("New", date(2026, 3, 2), None, False),
        ("New", date(2020, 1, 1), date(2020, 1, 1), False),
        ("New", date(2019, 1, 1), date(2020, 1, 1), False),
    ],
)
def test_a_new_name_differs_and_begins_after_the_present_one(new, on, since, allowed):
    facts = {"present": "Old", "new": new, "since": since, "on": on, "today": date(2026, 3, 1)}
    if allowed:
        rules.check_rename(**facts)
    else:
        with pytest.raises(rules.NameRefused):
            rules.check_rename(**facts)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SG", "SG"),
        (" sg ", "SG"),
        ("Singapore", "SG"),
        ("cote d'ivoire", "CI"),
        ("Democratic  Republic of the Congo", "CD"),
        ("ZZ", None),
        ("SGP", None),
        ("S", None),
        ("", None),
        ("Š1", None),
    ],
)
def test_a_country_is_one_of_iso_3166_by_its_code_or_its_name(text, code):
    if code is None:
        with pytest.raises(rules.NameRefused, match="ISO 3166"):
            rules.check_country(text)
    else:
        assert rules.check_country(text) == code


@pytest.mark.parametrize(
    ("text", "short"),
    [
        # The pattern and its worked example: ROR documentation, "ROR identifier pattern".
        ("https://ror.org/02mhbdp94", "02mhbdp94"),
        ("ror.org/02mhbdp94/", "02mhbdp94"),
        ("02MHBDP94", "02mhbdp94"),
        ("", None),
        ("  ", None),
    ],
)
def test_a_ror_id_is_kept_as_nine_characters(text, short):
    assert rules.ror_id(text) == short


@pytest.mark.parametrize(
    "text", ["02mhbdp95", "02mhbpd94", "12mhbdp94", "02mhbdp9", "https://example.org/02mhbdp94"]
)
def test_a_mistyped_ror_id_is_refused(text):
    with pytest.raises(rules.RorRefused):
        rules.ror_id(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (" Ines@Damar.Example ", "ines@damar.example"),
        ("ines", None),
        ("ines@damar", None),
        ("a b@damar.example", None),
        ("@damar.example", None),
        ("x" * 250 + "@d.example", None),
    ],
)
def test_addresses_are_kept_in_small_letters(text, kept):
    if kept is None:
        with pytest.raises(rules.PersonRefused):
            rules.email_address(text)
    else:
        assert rules.email_address(text) == kept


@pytest.mark.parametrize(
    ("accepted", "revoked", "expires", "state"),
    [
        (None, None, NOW + DAY, InvitationState.OPEN),
        (None, None, NOW, InvitationState.EXPIRED),
        (None, None, NOW - DAY, InvitationState.EXPIRED),
        (NOW, None, NOW - DAY, InvitationState.ACCEPTED),
        (None, NOW, NOW - DAY, InvitationState.REVOKED),
    ],
)
def test_an_invitation_stands_where_its_dates_say(accepted, revoked, expires, state):
    found = rules.invitation_state(
        accepted_at=accepted, revoked_at=revoked, expires_at=expires, now=NOW
    )
    assert found is state
    if state is InvitationState.OPEN:
        rules.check_open(found)
    else:
        with pytest.raises(rules.InvitationRefused):
            rules.check_open(found)


@pytest.mark.parametrize(
    ("scopes", "expires", "n_active", "allowed"),
    [
        ([TokenScope.STUDIES_READ], NOW + DAY, 0, True),
        ([TokenScope.STUDIES_READ], NOW + rules.TOKEN_LIFE, 19, True),
        ([], NOW + DAY, 0, False),
        ([TokenScope.STUDIES_READ], NOW, 0, False),
        ([TokenScope.STUDIES_READ], NOW + rules.TOKEN_LIFE + DAY, 0, False),
        ([TokenScope.STUDIES_READ], NOW + DAY, 20, False),
    ],
)
def test_a_token_has_scope_and_an_end_within_a_year(scopes, expires, n_active, allowed):
    facts = {"scopes": scopes, "expires_at": expires, "now": NOW, "n_active": n_active}
    if allowed:
        rules.check_token(**facts)
    else:
        with pytest.raises(rules.TokenRefused):
            rules.check_token(**facts)


def test_refusals_are_of_one_family():
    kinds = [value for value in vars(rules).values() if isinstance(value, type)]
    named = [kind for kind in kinds if kind.__name__.endswith("Refused")]
    assert len(named) >= 7
    assert all(issubclass(kind, Refusal) for kind in named)


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ([], ""),
        ([Role.MONITOR], "Monitor"),
        ([Role.MONITOR, Role.CRO_MANAGER], "CRO manager or Monitor"),
        ([Role.MONITOR, Role.CRO_MANAGER, Role.LEARNER], "CRO manager, Learner or Monitor"),
    ],
)
def test_roles_are_listed_as_people_read_them(roles, words):
    assert phrase(roles) == words


@pytest.mark.parametrize(
    ("has_other_names", "needed_by", "says"),
    [
        (False, (), None),
        (True, (), "other names"),
        (False, [("place", "places")], "by 1 place."),
        (
            False,
            [("place", "places"), ("role", "roles"), ("place", "places")],
            "2 places and 1 role",
        ),
    ],
)
def test_a_body_is_withdrawn_only_while_nothing_stands_on_it(has_other_names, needed_by, says):
    facts = {"has_other_names": has_other_names, "needed_by": needed_by}
    if says is None:
        rules.check_withdraw("Keruing", **facts)
    else:
        with pytest.raises(rules.BodyInUse, match=says):
            rules.check_withdraw("Keruing", **facts)
