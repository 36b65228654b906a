"""The pages of an extract, from the file to the refused rows."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tembusu.foundation.exchange import actions
from tembusu.foundation.exchange.models import Extract
from tembusu.foundation.exchange.tests.conftest import AT, csv_file, run_job, workbook
from tembusu.foundation.people.models import OrganisationName

RTGH = "Rain Tree General Hospital"
GOOD = (RTGH, "Rain Tree", "14/03/2019")
NEW = "/extracts/new/people.aliases/"


def upload(client, file, name="names.csv", **more):
    sent = SimpleUploadedFile(name, file.read())
    return client.post(NEW, {"file": sent, **more})


def text(response):
    return " ".join(response.content.decode().split())


def test_a_file_goes_its_whole_way_on_screen(signed_in, cast, bodies):
    client = signed_in(cast.analyst)
    assert "Other names of organisations" in text(client.get("/extracts/"))
    rows = [GOOD, (RTGH, "Old", "31/02/2020"), (RTGH, "", "")]
    sent = upload(client, csv_file(*rows), organisation=bodies.office.pk)
    extract = Extract.objects.get()
    assert sent["Location"] == f"/extracts/{extract.pk}/mapping/"
    page = text(client.get(sent["Location"]))
    assert "B · Other name, such as Rain Tree" in page
    assert "Found by its name." in page
    mapped = client.post(
        sent["Location"],
        {
            "column_body": "0",
            "column_alias": "1",
            "column_since": "2",
            "column_beds": "",
            "order": "day_first",
        },
    )
    assert mapped["Location"] == f"/extracts/{extract.pk}/"
    extract.refresh_from_db()
    assert "Checking the rows" in text(client.get(mapped["Location"]))
    run_job(extract)
    preview = text(client.get(mapped["Location"]))
    assert "Nothing has been changed yet" in preview
    assert "Since: &#x27;31/02/2020&#x27; is a date that does not exist." in preview
    assert not OrganisationName.objects.filter(name="Rain Tree").exists()
    client.post(f"/extracts/{extract.pk}/take/")
    extract.refresh_from_db()
    done = run_job(extract)
    page = text(client.get(f"/extracts/{extract.pk}/"))
    assert "Done, 2 refused" in page
    assert "Download the refused rows" in page
    assert OrganisationName.objects.filter(name="Rain Tree").exists()
    back = client.get(f"/extracts/{extract.pk}/refused/")
    assert back["Content-Disposition"] == f'attachment; filename="refused-{extract.pk}.csv"'
    assert b"Why refused" in b"".join(back.streaming_content)
    told = b"".join(client.get(f"/extracts/{extract.pk}/rows.csv").streaming_content).decode()
    assert len(told.splitlines()) == done.n_rows + 1
    assert "Done, 2 refused" in text(client.get("/extracts/"))


def test_a_changed_row_is_shown_and_may_be_left(signed_in, cast, take, check):
    take(csv_file(GOOD))
    extract = check(csv_file((RTGH, "Rain Tree", "15 Mar 2019")))
    client = signed_in(cast.analyst)
    page = text(client.get(f"/extracts/{extract.pk}/"))
    assert "2019-03-14" in page
    assert "2019-03-15" in page
    answer = client.post(f"/extracts/{extract.pk}/rows/2/leave/", {"left": "yes"})
    assert answer["Location"] == f"/extracts/{extract.pk}/?show=changed#found"
    assert "Stays as it is" in text(client.get(f"/extracts/{extract.pk}/"))
    client.post(f"/extracts/{extract.pk}/rows/2/leave/", {"left": "no"})
    assert "Stays as it is" not in text(client.get(f"/extracts/{extract.pk}/"))


def test_what_came_out_otherwise_than_shown_is_said(signed_in, cast, check):
    extract = check(csv_file(GOOD))
    OrganisationName.objects.create(
        organisation_id=cast.analyst.memberships.get().scope.organisation.pk, name="x", kind="alias"
    )
    other = check(csv_file(GOOD), by=cast.colleague)
    run_job(actions.take_extract(extract=other, takes_changes=True, by=cast.colleague, at=AT))
    run_job(actions.take_extract(extract=extract, takes_changes=True, by=cast.analyst, at=AT))
    page = text(signed_in(cast.analyst).get(f"/extracts/{extract.pk}/"))
    assert "Not quite as the preview showed" in page
    client = signed_in(cast.analyst)
    assert "Row 2" in text(client.get(f"/extracts/{extract.pk}/?show=otherwise"))


def test_the_sheet_that_names_the_columns_is_proposed_and_another_may_be_chosen(signed_in, cast):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["Notes"])
    second = book.create_sheet("Names")
    for row in (("Organisation", "Other name", "Since"), GOOD):
        second.append(row)
    into = io.BytesIO()
    book.save(into)
    into.seek(0)
    client = signed_in(cast.analyst)
    where = upload(client, into, name="names.xlsx")["Location"]
    assert "B · Other name, such as Rain Tree" in text(client.get(where))
    assert "B · Other name" not in text(client.get(f"{where}?sheet=Sheet"))
    assert "no sheet" in text(client.get(f"{where}?sheet=Elsewhere", follow=True))
    posted = client.post(
        f"{where}?sheet=Names",
        {"column_body": "0", "column_alias": "1", "column_since": "2", "order": "day_first"},
    )
    assert posted.status_code == 302
    assert run_job(Extract.objects.get()).counts == {"new": 1}


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (io.BytesIO(b"%PDF-1.7"), "It is a PDF."),
        (io.BytesIO(b""), "The file is empty."),
        (io.BytesIO(b"PK\x03\x04 broken"), "The workbook is broken"),
    ],
)
def test_a_file_that_is_no_table_is_refused_beside_its_field(signed_in, cast, file, says):
    page = upload(signed_in(cast.analyst), file)
    assert page.status_code == 200
    assert says in text(page)


def test_a_mapping_with_what_is_missing_is_shown_again(signed_in, cast, send):
    extract = send(workbook(GOOD), name="names.xlsx")
    page = signed_in(cast.analyst).post(
        f"/extracts/{extract.pk}/mapping/", {"column_body": "0", "order": "day_first"}
    )
    assert "Say where the file has other name." in text(page)


@pytest.mark.parametrize("who", ["colleague", "sponsor", "nobody", "administrator"])
@pytest.mark.parametrize("page", ["", "mapping/", "refused/", "rows.csv"])
def test_what_others_sent_does_not_exist(signed_in, cast, check, who, page):
    extract = check(csv_file(GOOD))
    client = signed_in(getattr(cast, who))
    assert client.get(f"/extracts/{extract.pk}/{page}").status_code == 404


@pytest.mark.parametrize("act", ["take/", "cancel/", "resume/", "discard/", "rows/2/leave/"])
def test_what_others_sent_is_not_worked_on(signed_in, cast, check, act):
    extract = check(csv_file(GOOD))
    client = signed_in(cast.colleague)
    assert client.post(f"/extracts/{extract.pk}/{act}").status_code == 404


def test_a_purpose_that_is_not_ones_own_does_not_exist(signed_in, cast):
    assert signed_in(cast.sponsor).get(NEW).status_code == 404
    page = text(signed_in(cast.sponsor).get("/extracts/"))
    assert "Other names of organisations" not in page


def test_an_act_that_cannot_be_done_says_why(signed_in, cast, take):
    extract = take(csv_file(GOOD))
    client = signed_in(cast.analyst)
    answer = client.post(f"/extracts/{extract.pk}/resume/", follow=True)
    assert "Only an extract that was stopped goes on." in text(answer)
