import pytest

from tembusu.coordination.registry.rules.doubts import doubts

SOUND = {
    "overall_status": "RECRUITING",
    "start_dtc": "2025-03",
    "start_kind": "ACTUAL",
    "primary_completion_dtc": "2026-12",
    "primary_completion_kind": "ESTIMATED",
    "completion_dtc": "2027",
    "completion_kind": "ESTIMATED",
    "last_update_posted_dtc": "2025-06-01",
}


def test_a_record_in_which_all_can_be_so_raises_no_doubt():
    assert doubts(SOUND) == []
    assert doubts({}) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"overall_status": "RECRUTING"}, ["'RECRUTING'"]),
        ({"completion_dtc": "2024"}, ["2024, lies before the first enrolment"] * 1),
        ({"primary_completion_dtc": "2028-01"}, ["lies before the primary completion"]),
        ({"start_dtc": "2025-07-02"}, ["called actual but lies after"]),
        # What may still be so is left alone: the same year, the same month, a planned date.
        ({"completion_dtc": "2026"}, []),
        ({"primary_completion_dtc": "2025-03"}, []),
        ({"start_dtc": "2025-06"}, []),
        ({"start_dtc": "2025-12", "start_kind": "ESTIMATED"}, []),
        ({"start_dtc": "2025-12", "last_update_posted_dtc": ""}, []),
    ],
)
def test_what_can_hardly_be_so_is_said_in_a_sentence(changes, words):
    found = doubts({**SOUND, **changes})
    assert len(found) >= len(words)
    for text in words:
        assert any(text in one for one in found), found
    if not words:
        assert found == []
