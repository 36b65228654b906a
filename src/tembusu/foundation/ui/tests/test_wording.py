from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tembusu.foundation.ui import wording

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # noon in Singapore


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (date(2026, 11, 21), "21 Nov 2026"),
        ("2026-11-21", "21 Nov 2026"),
        ("2026-11", "Nov 2026"),
        ("2026", "2026"),
        ("", "–"),
        (None, "–"),
        ("2026-13", "2026-13"),
        ("soon", "soon"),
        (datetime(2026, 11, 20, 16, 30, tzinfo=UTC), "21 Nov 2026"),
    ],
)
def test_a_day_is_written_with_the_precision_it_has(value, words, settings):
    settings.TIME_ZONE = "Asia/Singapore"
    assert wording.day(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (datetime(2026, 11, 20, 16, 5, tzinfo=UTC), "21 Nov 2026, 00:05"),
        (date(2026, 11, 20), "20 Nov 2026"),
        (None, "–"),
    ],
)
def test_a_moment_is_written_in_the_deployments_zone(value, words, settings):
    settings.TIME_ZONE = "Asia/Singapore"
    assert wording.moment(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (NOW, "just now"),
        (NOW - timedelta(seconds=59), "just now"),
        (NOW - timedelta(minutes=1), "1 minute ago"),
        (NOW + timedelta(minutes=90), "in 1 hour"),
        (NOW - timedelta(hours=23), "23 hours ago"),
        (NOW - timedelta(hours=40), "2 days ago"),
        (NOW + timedelta(days=3), "in 3 days"),
        (date(2026, 11, 21), "today"),
        (date(2026, 9, 22), "2 months ago"),
        (date(2029, 11, 21), "in 3 years"),
        (None, "–"),
    ],
)
def test_a_distance_in_time_is_said_in_its_largest_fitting_unit(value, words, settings):
    settings.TIME_ZONE = "Asia/Singapore"
    assert wording.since(value, NOW) == words


@pytest.mark.parametrize(
    ("n_bytes", "words"),
    [
        (None, "–"),
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 KB"),
        (99_940, "99.9 KB"),
        (99_960, "100 KB"),
        (999_499, "999 KB"),
        (999_500, "1.0 MB"),
        (3_412_000, "3.4 MB"),
        (5 * 10**15, "5000 TB"),
    ],
)
def test_a_file_size_has_two_or_three_figures(n_bytes, words):
    assert wording.filesize(n_bytes) == words


@pytest.mark.parametrize(
    ("value", "words"), [(None, "–"), (0, "0"), (1284, "1,284"), (1284.5, "1,284.5")]
)
def test_thousands_are_parted(value, words):
    assert wording.thousands(value) == words


def joined(pieces, kinds):
    return "".join(piece.text for piece in pieces if piece.kind in kinds)


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("", "", []),
        ("same", "same", [("same", "same")]),
        ("", "new", [("ins", "new")]),
        ("old", "", [("del", "old")]),
        (
            "in early cancer",
            "in late cancer",
            [("same", "in "), ("del", "early"), ("ins", "late"), ("same", " cancer")],
        ),
        ("one two x", "uno due x", [("del", "one two"), ("ins", "uno due"), ("same", " x")]),
    ],
)
def test_a_difference_is_shown_by_whole_words(before, after, pieces):
    assert [(p.kind, p.text) for p in wording.difference(before, after)] == pieces


words = st.lists(st.sampled_from(["a", "bb", " ", "  ", ".", "\n", "é", "c-d"]), max_size=40).map(
    "".join
)


@given(words, words)
def test_a_difference_gives_both_texts_back(before, after):
    pieces = wording.difference(before, after)
    assert joined(pieces, {"same", "del"}) == before
    assert joined(pieces, {"same", "ins"}) == after


@settings(max_examples=5, deadline=5000)
@given(st.integers(0, 400))
def test_a_long_text_is_compared_by_sentence_first_and_loses_nothing(place):
    sentences = [f"Sentence {i} says that arm {i % 7} takes {i * 3} mg daily." for i in range(600)]
    changed = [*sentences]
    changed[place] = "Withdrawn."
    before, after = " ".join(sentences), "\n".join(changed)
    pieces = wording.difference(before, after)
    assert joined(pieces, {"same", "del"}) == before
    assert joined(pieces, {"same", "ins"}) == after
