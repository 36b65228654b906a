import pytest

from tembusu.foundation.core import rules, states
from tembusu.foundation.core.terms import FileRules, JobState

MIB = 1024 * 1024
XML_ONLY = FileRules(frozenset({"application/xml"}), 2 * MIB)


@pytest.mark.parametrize(
    ("present", "to", "is_allowed"),
    [
        (JobState.WAITING, JobState.RUNNING, True),
        (JobState.WAITING, JobState.CANCELLED, True),
        (JobState.WAITING, JobState.DONE, False),
        (JobState.RUNNING, JobState.DONE, True),
        (JobState.RUNNING, JobState.RUNNING, True),
        (JobState.DONE, JobState.WAITING, False),
        (JobState.DONE, JobState.CANCELLED, False),
        (JobState.FAILED, JobState.WAITING, True),
        (JobState.CANCELLED, JobState.WAITING, True),
        (JobState.CANCELLED, JobState.RUNNING, False),
    ],
)
def test_a_job_moves_only_as_the_table_says(present, to, is_allowed):
    if is_allowed:
        states.check_move(rules.JOB_MOVES, present=present, to=to)
    else:
        with pytest.raises(states.IllegalMove, match=f"from {present.label} to {to.label}"):
            states.check_move(rules.JOB_MOVES, present=present, to=to)


def test_job_moves_name_every_state():
    assert set(rules.JOB_MOVES) == set(JobState)


def test_ends_are_the_states_from_which_nothing_leads_on():
    assert states.ends(rules.JOB_MOVES) == {JobState.DONE}


@pytest.mark.parametrize(
    ("size", "media_type", "refusal"),
    [
        (1, "application/xml", None),
        (2 * MIB, "application/xml", None),
        (2 * MIB + 1, "application/xml", "at most 2 MiB"),
        (0, "application/xml", "empty"),
        (10, "application/pdf", "Accepted here: application/xml"),
    ],
)
def test_a_file_is_refused_with_what_would_be_accepted(size, media_type, refusal):
    if refusal is None:
        rules.check_file(size=size, media_type=media_type, accepted=XML_ONLY)
    else:
        with pytest.raises(rules.FileRefused, match=refusal):
            rules.check_file(size=size, media_type=media_type, accepted=XML_ONLY)


@pytest.mark.parametrize(
    ("done", "total", "percent"), [(0, 0, None), (0, 10, 0), (5, 10, 50), (12, 10, 100), (1, 3, 33)]
)
def test_progress_is_a_percentage_once_the_total_is_known(done, total, percent):
    assert rules.percent_done(done, total) == percent
