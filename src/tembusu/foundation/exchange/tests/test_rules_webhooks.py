"""Signatures, addresses inside and outside, retries."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tembusu.foundation.exchange import rules
from tembusu.foundation.exchange.rules import AddressRefused

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))


def test_a_signature_is_that_of_another_program():
    """Made with: printf '%s' '1772355600.{"a":1}' | openssl dgst -sha256 -hmac key"""
    made = "37574a62a2ce1a1dd1e6d8cacb877eb9200ec11ef3b571ce9b3deb9e51f11e64"  # pragma: allowlist secret
    assert rules.sign("key", STAMP, b'{"a":1}') == f"v1={made}"


@given(st.text(min_size=1), st.binary(), st.binary())
def test_only_what_was_signed_is_proved(secret, body, other):
    signature = rules.sign(secret, STAMP, body)
    assert rules.is_signed(signature, [secret], STAMP, body)
    assert rules.is_signed(signature, [secret], STAMP, other) == (body == other)
    assert not rules.is_signed(signature, [secret + "x"], STAMP, body)
    assert not rules.is_signed(signature, [secret], STAMP + "0", body)


def test_while_a_secret_changes_either_is_enough():
    both = rules.sign_with_all(["new", "old"], STAMP, b"x")
    assert rules.is_signed(both, ["old"], STAMP, b"x")
    assert rules.is_signed(rules.sign("old", STAMP, b"x"), ["new", "old"], STAMP, b"x")
    assert not rules.is_signed(both, ["other"], STAMP, b"x")
    assert not rules.is_signed(both, [], STAMP, b"x")


@pytest.mark.parametrize(
    ("signature"), ["", "v1=", "v2=" + "0" * 64, "é", ",,,,", "v1=" + "0" * 64]
)
def test_a_malformed_signature_proves_nothing(signature):
    assert not rules.is_signed(signature, ["key"], STAMP, b"x")


@pytest.mark.parametrize(
    ("timestamp", "is_timely"),
    [
        (STAMP, True),
        (str(int(STAMP) - 300), True),
        (str(int(STAMP) + 300), True),
        (str(int(STAMP) - 301), False),
        (str(int(STAMP) + 301), False),
        ("", False),
        ("-1", False),
        ("1e9", False),
        ("９", False),
        ("9" * 400, False),
    ],
)
def test_a_call_is_timely_within_five_minutes(timestamp, is_timely):
    assert rules.is_timely(timestamp, NOW) is is_timely


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.8",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.7",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "::ffff:10.0.0.8",
        "::ffff:169.254.169.254",
        "64:ff9b::a00:8",
        "2002:a00:8::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
    ],
)
def test_an_address_inside_is_not_public(address):
    assert not rules.is_public(address)
    with pytest.raises(AddressRefused):
        rules.choose([address])


@pytest.mark.parametrize("address", ["8.8.8.8", "203.116.1.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_an_address_of_the_internet_is_public(address):
    assert rules.is_public(address)
    assert rules.choose([address]) == address


def test_a_name_that_also_leads_inside_is_spoilt():
    with pytest.raises(AddressRefused, match="machine inside"):
        rules.choose(["8.8.8.8", "10.0.0.8"])
    with pytest.raises(AddressRefused, match="not known"):
        rules.choose([])


def test_ones_own_machine_is_taken_only_where_that_is_allowed():
    assert rules.choose(["127.0.0.1"], allows_loopback=True) == "127.0.0.1"
    with pytest.raises(AddressRefused):
        rules.choose(["10.0.0.8"], allows_loopback=True)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://trials.damar.example/hook", "https"),
        ("ftp://trials.damar.example/", "https"),
        ("https://", "https://name/path"),
        ("https://ines@damar.example/", "without a name to sign in"),
        ("https://damar.example/#part", "https://name/path"),
        ("https://damar.example:99999/", "no address"),
        ("https://[::1", "no address"),
        ("https://localhost/hook", "public address"),
        ("https://intranet/hook", "public address"),
        ("https://files.local/hook", "public address"),
        ("https://metadata.google.internal/", "public address"),
        ("https://127.0.0.1/hook", "public address"),
        ("https://2130706433/", "public address"),
        ("https://0x7f.1/", "public address"),
        ("https://127.1/", "public address"),
        ("https://[::ffff:10.0.0.8]/", "public address"),
        ("https://damar.example/a b", "plain letters"),
        ("https://damar.example/\r\nHost: x", "plain letters"),
        ("https://дамар.example/", "plain letters"),
        ("https://damar.example/" + "x" * 500, "at most 500"),
    ],
)
def test_an_address_that_may_not_be_is_refused(url, says):
    with pytest.raises(AddressRefused, match=says):
        rules.check_url(url)


def test_an_address_is_taken_apart():
    target = rules.check_url("https://trials.damar.example:8443/hook?of=tembusu")
    assert (target.host, target.port, target.path) == (
        "trials.damar.example",
        8443,
        "/hook?of=tembusu",
    )
    assert rules.check_url("https://trials.damar.example").path == "/"
    assert rules.check_url("http://127.0.0.1:9/x", allows_loopback=True).is_secure is False


def test_a_delivery_is_tried_for_two_days_and_then_given_up():
    at, tries = NOW, 1
    while (again := rules.next_try(n_attempts=tries, status=500, at=at)) is not None:
        at, tries = again, tries + 1
    assert tries == 8
    assert timedelta(days=1) < at - NOW < timedelta(days=2)


@pytest.mark.parametrize(
    ("status", "is_taken"), [(200, True), (204, True), (301, False), (400, False), (None, False)]
)
def test_only_an_answer_of_the_two_hundreds_is_taken(status, is_taken):
    assert rules.is_taken(status) is is_taken


def test_what_is_gone_is_not_tried_again():
    assert rules.next_try(n_attempts=1, status=410, at=NOW) is None
