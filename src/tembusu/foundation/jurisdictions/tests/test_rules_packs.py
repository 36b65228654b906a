"""A pack's file is read strictly: each fault names the place and what is expected."""

import pytest

from tembusu.foundation.jurisdictions.rules import files, packs
from tembusu.foundation.jurisdictions.rules.packs import PackFault
from tembusu.foundation.jurisdictions.tests.third import THIRD


def faults(text: str) -> str:
    with pytest.raises(PackFault) as fault:
        packs.parse(text, where="third.toml")
    return str(fault.value)


def changed(old: str, new: str) -> str:
    assert old in THIRD
    return THIRD.replace(old, new, 1)


@pytest.mark.parametrize("name", ["sg", "uk"])
def test_a_supplied_pack_is_right(name: str) -> None:
    pack = files.read(name)
    assert pack.key == name
    assert all(item.source.startswith("http") for item in pack.items)
    assert all(item.note for item in pack.items if item.is_empty)


def test_an_invented_country_is_read_too() -> None:
    assert packs.parse(THIRD, where="third").name == "Third country"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("schema = 1", "schema = 2", "third.toml: 'schema' must be 1"),
        ('name = "Third country"\n', "", "'name' must be a text"),
        ("[[authorities]]", "[[bodies]]", "'bodies' is no theme. Themes: calendar, authorities"),
        ("[[authorities]]", "[authorities]", "authorities: begin each item with a line"),
        ('key = "council"', 'key = "the council"', "authorities, entry 1: 'key' must be"),
        ('short = "CoT"\n', "", "authorities, item 'council': 'short' is missing: a text"),
        ('type = "regulator"', 'type = "king"', "'type' must be one of regulator, ministry"),
        ("value = 10", 'value = "ten"', "clocks, item 'permit': 'value': a whole number from 0"),
        ("value = 10", "value = -1", "a whole number from 0"),
        ("value = 10", "value = true", "a whole number from 0"),
        ("value = 10\n", "", "'value' is not there; if it is not known, say so in 'note'"),
        (
            'unit = "working days"',
            'unit = "days"',
            "the unit must be 'working days', 'calendar days', 'months' or 'years', not 'days'",
        ),
        ('source = "@law"\nto', 'source = "@book"\nto', "which the table 'sources' does not have"),
        ('source = "@law"\nto', 'source = "page 3"\nto', "is 'page 3', which is no address"),
        ("to = 2026-01-01", 'to = "2026-01-01"', "'to' must be a day without quotes"),
        ("to = 2026-01-01", "to = 2026-01-02", "two periods hold from 2026-01-01"),
        ("to = 2026-01-01\n", "", "two periods hold from 2026-01-01"),
        ("from = 2026-01-01", "from = 2026-01-01\nto = 2025-01-01", "must lie after 'from'"),
        ("2026-03-03 Day", "2026-02-29 Day", "'2026-02-29 Day of the river' is no day"),
        ('"Friday", "Saturday"', '"Freitag"', "'Freitag' is no weekday"),
        ('key = "holidays"', 'key = "holydays"', "the item 'holidays' is missing"),
        ('authority = "council"', 'authority = "crown"', "no authority is called 'crown'"),
        ('obligation = ["permit"]', 'obligation = ["pass"]', "no obligation is called 'pass'"),
        ('clock = "permit"', 'clock = "pass"', "routes, item 'risky': no clock is called 'pass'"),
        ("{ new = ", "{ now = ", "routes, item 'risky': no question 'now' has the answer"),
        (
            'new = ["yes", "no"]',
            'new = ["yes"]',
            "leads nowhere for product: risky = yes, new = no",
        ),
        ('risky = ["no"]', 'risky = ["perhaps"]', "no question 'risky' has the answer 'perhaps'"),
        (
            "asked_when = [{ risky",
            "asked_when = [{ mood",
            "names 'mood', which no earlier question",
        ),
        ('level = "study"\ntext', 'level = "site"\ntext', "'level' must be 'study' or 'product'"),
        ('level = "product"\ntext', 'level = "product"\nhow = 1\ntext', "unknown entry 'how'"),
        (
            'checks = [{ text = "Ask the institution." }]\n',
            "",
            "say so in 'label' and give 'checks'",
        ),
        ('starts_on = "receipt"\n', "", "'starts_on' is missing"),
        ('starts_on = "receipt"', 'starts_on = "receipt"\ncolour = "red"', "'colour' is not known"),
        ("schema = 1", "schema = ", "not valid TOML"),
    ],
)
def test_a_fault_names_its_place_and_what_is_expected(old: str, new: str, said: str) -> None:
    assert said in faults(changed(old, new))


def test_all_faults_are_told_at_once() -> None:
    text = changed("value = 10", "value = -1").replace('short = "CoT"\n', "")
    assert len(faults(text).splitlines()) == 2


def test_a_contradiction_may_not_stand_in_a_way_that_is_asked() -> None:
    text = THIRD + (
        '\n[[contradictions]]\nkey = "odd"\nlabel = "Odd"\nsource = "@law"\n[contradictions.value]\n'
        'answers = { risky = "yes", new = "no" }\nreason = "it is odd."\n'
    )
    assert "an answer that is asked for is refused" in faults(text)


def test_an_unknown_pack_names_those_there_are() -> None:
    with pytest.raises(PackFault, match=r"no pack is called 'fr'\. Supplied: sg, uk"):
        files.read("fr")


def test_a_countrys_own_file_is_read_by_its_path(tmp_path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(THIRD)
    assert files.read(str(path)).key == "third"
    with pytest.raises(PackFault, match="can't be read"):
        files.read(str(tmp_path / "none.toml"))
