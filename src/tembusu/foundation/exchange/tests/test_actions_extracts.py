"""An extract from the file to its end: what is taken, what is not, and why."""

import io

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied

from tembusu.foundation.core import audit, files
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.exchange import actions, reading
from tembusu.foundation.exchange.models import ExtractRow, SavedMapping
from tembusu.foundation.exchange.terms import DateOrder, ExtractState
from tembusu.foundation.exchange.tests.cast import PURPOSE
from tembusu.foundation.exchange.tests.conftest import AT, HEADER, csv_file, run_job, workbook
from tembusu.foundation.people.models import OrganisationName
from tembusu.foundation.people.terms import NameKind

DAY_FIRST = DateOrder.DAY_FIRST
RTGH = "Rain Tree General Hospital"
GOOD = (RTGH, "Rain Tree", "14/03/2019")


def aliases():
    found = OrganisationName.objects.filter(kind=NameKind.ALIAS).order_by("pk")
    return [(one.name, str(one.valid_from)) for one in found]


def rows_of(extract):
    return list(ExtractRow.objects.filter(extract=extract).order_by("line"))


def test_new_rows_are_taken_and_the_same_file_again_changes_nothing(take):
    first = take(csv_file(GOOD, (RTGH, "RT Gen", "")))
    assert (first.state, first.counts["taken.new"]) == (ExtractState.DONE, 2)
    again = take(csv_file(GOOD, (RTGH, "RT Gen", "")))
    assert again.counts == {"same": 2, "taken.same": 2}
    assert aliases() == [("Rain Tree", "2019-03-14"), ("RT Gen", "None")]


def test_a_preview_changes_nothing(check):
    extract = check(csv_file(GOOD))
    assert (extract.state, extract.counts, extract.n_rows) == (ExtractState.CHECKED, {"new": 1}, 1)
    assert aliases() == []


def test_every_fault_of_a_row_is_told_with_its_line(check):
    extract = check(csv_file(GOOD, ("Nowhere Clinic", "", "31/02/2025")))
    refused = rows_of(extract)[1]
    assert (refused.line, refused.verdict) == (3, "refused")
    assert refused.reason.splitlines() == [
        "Other name: nothing stands here, and it is needed.",
        "Since: '31/02/2025' is a date that does not exist.",
        "Organisation: no organisation is called 'Nowhere Clinic'.",
    ]


def test_good_rows_are_not_lost_to_bad_ones_and_the_figures_add_up(take):
    rows = [GOOD, (RTGH, "", ""), (RTGH, "Explodes", ""), (RTGH, "Forbidden", ""), GOOD]
    extract = take(csv_file(*rows))
    assert extract.counts["taken.new"] == 1
    assert extract.counts["taken.same"] == 1  # the row that repeats the first
    assert extract.counts["taken.refused"] == 3
    taken = sum(n for key, n in extract.counts.items() if key.startswith("taken."))
    assert taken == extract.n_rows == len(rows)
    assert [one.outcome_reason for one in rows_of(extract)][2:4] == [
        "This one explodes.",
        "That is no name.",
    ]


def test_a_difference_is_shown_and_then_taken(check, take):
    take(csv_file(GOOD))
    extract = check(csv_file((RTGH, "Rain Tree", "15 Mar 2019")))
    assert rows_of(extract)[0].differences == [["Since", "2019-03-14", "2019-03-15"]]
    run_job(actions.take_extract(extract=extract, takes_changes=True, by=extract.sent_by, at=AT))
    assert aliases() == [("Rain Tree", "2019-03-15")]


@pytest.mark.parametrize("leaves", ["one row", "all changes"])
def test_a_change_that_is_not_wanted_is_left(check, take, leaves):
    take(csv_file(GOOD))
    extract = check(csv_file((RTGH, "Rain Tree", "15 Mar 2019"), (RTGH, "Other", "")))
    if leaves == "one row":
        actions.leave_rows(extract=extract, lines=[2, 3], is_left=True, by=extract.sent_by, at=AT)
    wants = leaves == "one row"
    done = run_job(
        actions.take_extract(extract=extract, takes_changes=wants, by=extract.sent_by, at=AT)
    )
    assert (done.counts["taken.left"], done.counts["taken.new"]) == (1, 1)
    assert aliases()[0] == ("Rain Tree", "2019-03-14")


def test_what_somebody_changed_after_the_preview_is_not_taken_over_unseen(check, take):
    take(csv_file(GOOD))
    extract = check(csv_file((RTGH, "Rain Tree", "2019-03-15"), (RTGH, "New", "")))
    OrganisationName.objects.filter(name="Rain Tree").update(valid_from="2018-01-01")
    done = run_job(
        actions.take_extract(extract=extract, takes_changes=True, by=extract.sent_by, at=AT)
    )
    assert aliases() == [("Rain Tree", "2018-01-01"), ("New", "None")]
    assert done.counts["taken.refused"] == 1
    assert "It says now: Since: 2018-01-01" in rows_of(extract)[0].outcome_reason


def test_rows_that_contradict_each_other_are_both_refused(check):
    extract = check(csv_file(GOOD, (RTGH, "Rain Tree", "2020-01-01"), (RTGH, "Other", "")))
    found = rows_of(extract)
    assert [one.verdict for one in found] == ["refused", "refused", "new"]
    assert "Row 3 is about the same" in found[0].reason
    assert "Row 2 is about the same" in found[1].reason


def refused_text(extract):
    return files.path_of(extract.refused_file).read_bytes()


def test_refused_rows_come_back_as_they_were_sent_and_are_sent_again_mended(take):
    sent = csv_file(
        GOOD, (RTGH, "-1 Ward", "yesterday"), delimiter=";", encoding="cp1252",
        header=("Organisation", "Other name", "Since"),
    )  # fmt: skip
    extract = take(sent)
    back = refused_text(extract).decode("utf-8-sig")
    assert back.splitlines()[0] == "Organisation;Other name;Since;Why refused"
    assert back.splitlines()[1].startswith(
        f"{RTGH};'-1 Ward;yesterday;Since: 'yesterday' is no date"
    )
    mended = io.BytesIO(back.replace(";yesterday;", ";1 Apr 2020;").encode())
    again = take(mended)
    assert (again.counts["taken.new"], again.n_rows) == (1, 1)
    assert ("-1 Ward", "2020-04-01") in aliases()


def test_refused_rows_of_a_workbook_come_back_as_a_workbook(take):
    extract = take(
        workbook(GOOD, (RTGH, '=HYPERLINK("x")', "never"), (RTGH, None, None)), name="n.xlsx"
    )
    book = openpyxl.load_workbook(io.BytesIO(refused_text(extract)))
    rows = list(book.active.iter_rows())
    assert [cell.value for cell in rows[0]] == [*HEADER, "Why refused"]
    assert len(rows) == extract.counts["taken.refused"] + 1
    assert all(cell.data_type != "f" for row in rows for cell in row)


def test_a_mapping_is_kept_for_the_body_for_next_time(send, check, cast, bodies):
    other = ("Ward", "Called", "From")
    extract = send(csv_file(GOOD, header=other), organisation_id=bodies.office.pk)
    places = {"body": 0, "alias": 1, "since": 2, "beds": None}
    actions.map_extract(
        extract=extract, places=places, date_order=DAY_FIRST, by=cast.analyst, at=AT
    )
    saved = SavedMapping.objects.get()
    assert saved.columns == {"body": "Ward", "alias": "Called", "since": "From", "beds": ""}
    by_other = check(
        csv_file(GOOD, header=other), by=cast.colleague, organisation_id=bodies.office.pk
    )
    assert by_other.counts == {"new": 1}


@pytest.mark.parametrize(
    ("places", "says"),
    [
        ({"body": 0}, "Say where in the file these stand: Other name"),
        ({"body": 0, "alias": 0}, "was given to Organisation and Other name"),
        ({"body": 0, "alias": 99}, "Say where in the file these stand: Other name"),
    ],
)
def test_a_mapping_under_which_nothing_can_be_read_is_refused(send, cast, places, says):
    extract = send(csv_file(GOOD))
    with pytest.raises(Refusal, match=says):
        actions.map_extract(
            extract=extract, places=places, date_order=DAY_FIRST, by=cast.analyst, at=AT
        )


def test_only_whom_the_purpose_lets_may_send(send, cast):
    with pytest.raises(PermissionDenied):
        send(csv_file(GOOD), by=cast.sponsor)


def test_only_the_sender_goes_on_with_an_extract(check, cast):
    extract = check(csv_file(GOOD))
    with pytest.raises(PermissionDenied):
        actions.take_extract(extract=extract, takes_changes=True, by=cast.colleague, at=AT)


def test_a_body_of_others_is_refused(send, bodies):
    with pytest.raises(Refusal, match="at which you hold a role"):
        send(csv_file(GOOD), organisation_id=bodies.damar.pk)


def test_an_extract_is_taken_once_only(take):
    extract = take(csv_file(GOOD))
    with pytest.raises(Refusal, match="once only"):
        actions.take_extract(extract=extract, takes_changes=True, by=extract.sent_by, at=AT)


def test_a_discarded_extract_takes_nothing(check):
    extract = check(csv_file(GOOD))
    actions.discard_extract(extract=extract, by=extract.sent_by, at=AT)
    with pytest.raises(Refusal):
        actions.take_extract(extract=extract, takes_changes=True, by=extract.sent_by, at=AT)
    assert aliases() == []


def test_a_stopped_extract_goes_on_where_it_stopped(check, monkeypatch):
    from tembusu.foundation.exchange.actions import batches

    monkeypatch.setattr(batches, "BATCH", 2)
    extract = check(csv_file(*[(RTGH, f"Name {no}", "") for no in range(5)]))
    taken = actions.take_extract(extract=extract, takes_changes=True, by=extract.sent_by, at=AT)

    def stops_after_the_first_batch(self, n_done, n_total, message=""):
        from tembusu.foundation.core.jobs import Cancelled

        raise Cancelled

    with monkeypatch.context() as patched:
        patched.setattr("tembusu.foundation.core.jobs.JobRun.progress", stops_after_the_first_batch)
        stopped = run_job(taken)
    assert stopped.state == ExtractState.STOPPED
    assert len(aliases()) == 2
    done = run_job(actions.resume_extract(extract=stopped, by=stopped.sent_by, at=AT))
    assert (done.state, done.counts["taken.new"], len(aliases())) == (ExtractState.DONE, 5, 5)


def test_a_program_takes_at_once_by_the_columns_own_names(cast):
    extract = actions.send_at_once(
        purpose=PURPOSE,
        source=csv_file(GOOD, (RTGH, "", "")),
        name="names.csv",
        organisation_id=None,
        by=cast.analyst,
        at=AT,
    )
    done = run_job(extract)
    assert done.counts == {"taken.new": 1, "taken.refused": 1}


def test_a_program_is_told_when_its_columns_are_not_known(cast):
    with pytest.raises(Refusal, match="Other name"):
        actions.send_at_once(
            purpose=PURPOSE,
            source=csv_file(GOOD, header=("a", "b", "c")),
            name="names.csv",
            organisation_id=None,
            by=cast.analyst,
            at=AT,
        )


def test_the_order_of_dates_is_the_files_own(take):
    take(csv_file((RTGH, "Rain Tree", "03/04/2019")), order=DateOrder.MONTH_FIRST)
    assert aliases() == [("Rain Tree", "2019-03-04")]


def test_the_ledger_tells_an_extracts_way(take):
    extract = take(csv_file(GOOD))
    from tembusu.foundation.core.models import AuditEvent

    told = AuditEvent.objects.filter(records__contains=[audit.ref(extract)]).order_by("pk")
    assert [one.event.removeprefix("exchange.extract.") for one in told] == [
        "sent",
        "mapped",
        "checked",
        "asked_for",
        "batch_taken",
        "finished",
    ]


@pytest.mark.parametrize("content", [b"", b"   \n", b"%PDF-1.7", b"<html><table>", b"\x00\x01\x02"])
def test_what_is_no_table_is_refused_and_nothing_is_kept(send, content):
    with pytest.raises(reading.FileFault):
        send(io.BytesIO(content))
