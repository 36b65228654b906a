"""Imports from a screen: started, run, looked at, mended and sent again."""

import csv
import io
import json
import zipfile

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tembusu.coordination.registry.actions import uploads
from tembusu.coordination.registry.models import ImportRun, Study
from tembusu.coordination.registry.terms import RunState
from tembusu.coordination.registry.tests.conftest import trial
from tembusu.foundation.core import files, jobs
from tembusu.foundation.core.models import Job
from tembusu.foundation.core.rules import FileRefused
from tembusu.foundation.core.terms import JobState


def without_number(no):
    made = trial(no)
    del made["protocolSection"]["identificationModule"]["nctId"]
    return made


def as_json(*trials):
    return json.dumps(list(trials)).encode()


def unzipped(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return content.getvalue()


@pytest.mark.parametrize("who", ["sponsor", "representative", "administrator", "nobody"])
def test_imports_exist_only_for_those_who_keep_the_register(enter, cast, send, who):
    run = send(("a.json", as_json(trial(1))))
    client = enter(getattr(cast, who))
    for url in (
        "/imports/",
        "/imports/new/",
        f"/imports/{run.pk}/",
        f"/imports/{run.pk}/studies/",
        f"/imports/{run.pk}/refused.csv",
        f"/imports/{run.pk}/refused/",
    ):
        assert client.get(url).status_code == 404, url
    for verb in ("cancel", "resume"):
        assert client.post(f"/imports/{run.pk}/{verb}/").status_code == 404
    with pytest.raises(PermissionDenied):
        uploads.start_import(sent=[], by=getattr(cast, who), at=timezone.now())


@pytest.mark.parametrize("who", ["analyst", "lead"])
def test_a_file_is_sent_imported_and_shown(enter, cast, who):
    client = enter(getattr(cast, who))
    sent = SimpleUploadedFile("trials.json", as_json(trial(1, "First"), trial(2, "Second")))
    response = client.post("/imports/new/", {"records": [sent]})
    run = ImportRun.objects.get()
    assert response["Location"] == f"/imports/{run.pk}/"
    assert "Waiting" in client.get(response["Location"]).content.decode()
    jobs.run(run.job_id)
    page = client.get(response["Location"]).content.decode()
    assert "Nothing was refused" in page
    assert "First" in client.get(f"/imports/{run.pk}/studies/").content.decode()
    assert "trials.json" in client.get("/imports/").content.decode()


def test_counts_add_up_and_refused_records_come_back_to_be_mended(enter, cast, send):
    broken = without_number(3)
    run = send(("mixed.json", as_json(trial(1), trial(1), broken, trial(2))))
    counts = run.counts
    assert counts == {"read": 4, "created": 2, "updated": 0, "unchanged": 1, "rejected": 1}
    client = enter(cast.analyst)
    rows = list(
        csv.reader(
            io.StringIO(
                b"".join(client.get(f"/imports/{run.pk}/refused.csv").streaming_content).decode(
                    "utf-8-sig"
                )
            )
        )
    )
    assert rows[1][:2] == ["mixed.json", "3"]
    assert "NCT number" in rows[1][3]
    back = client.get(f"/imports/{run.pk}/refused/")
    assert back["Content-Disposition"] == f'attachment; filename="refused-{run.pk}.zip"'
    kept = unzipped(b"".join(back.streaming_content))
    assert set(kept) == {"reasons.csv", "refused/000001-mixed-3.json"}
    assert b"NCT number" in kept["reasons.csv"]
    mended = json.loads(kept["refused/000001-mixed-3.json"])
    mended["protocolSection"]["identificationModule"]["nctId"] = "NCT09990003"
    kept["refused/000001-mixed-3.json"] = json.dumps(mended).encode()
    again = send(("mended.zip", zipped(kept)))
    assert again.counts == {"read": 1, "created": 1, "updated": 0, "unchanged": 0, "rejected": 0}
    assert Study.objects.count() == 3


BROKEN = {
    "json": (as_json(trial(1, start="2026-02-30")), b"2026-02-30", b"2026-02-28"),
    "xml": (
        b"<clinical_study><id_info><nct_id>NCT09990001</nct_id></id_info><brief_title>x</brief_titel>"
        b"</clinical_study>",
        b"titel",
        b"title",
    ),
    "csv": (b"NCT Number,Enrollment\nNCT09990001,many\n", b"many", b"40"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_comes_back_is_mended_in_one_place_and_sent_back_whole(send, kind):
    content, wrong, right = BROKEN[kind]
    run = send((f"a.{kind}", content))
    assert run.counts["rejected"] == 1
    kept = unzipped(files.path_of(run.refused_file).read_bytes())
    (name,) = set(kept) - {"reasons.csv"}
    assert name.endswith(f".{kind}")
    kept[name] = kept[name].replace(wrong, right)
    again = send(("refused.zip", zipped(kept)))
    assert (again.counts["read"], again.counts["created"]) == (1, 1)


def test_refused_records_of_several_kinds_come_back_in_one_archive(send):
    run = send(*((f"a.{kind}", content) for kind, (content, _, _) in BROKEN.items()))
    assert run.counts["rejected"] == 3
    kept = unzipped(files.path_of(run.refused_file).read_bytes())
    assert set(kept) == {
        "reasons.csv",
        "refused.csv",
        "refused/000001-NCT09990001.json",
        "refused/000002-NCT09990001.xml",
    }


def test_where_nothing_of_it_can_be_mended_nothing_is_handed_back(send, enter, cast):
    run = send(("a.json", b"[1, "))
    assert run.counts["rejected"]
    run = send(("a.xml", b"<?xml version='1.0'?><other/>"))
    assert (run.counts["rejected"], run.refused_file) == (1, "")
    assert enter(cast.analyst).get(f"/imports/{run.pk}/refused/").status_code == 404


def test_all_faults_of_a_record_are_shown(send, enter, cast):
    broken = trial(1, start="2026-02-30", n="many")
    run = send(("a.json", as_json(broken)))
    page = enter(cast.analyst).get(f"/imports/{run.pk}/").content.decode()
    assert "Start date: &#x27;2026-02-30&#x27; is a date that does not exist" in page
    assert "Number of participants: wanted a whole number, found &#x27;many&#x27;" in page


BAD_FILES = [
    ("empty.json", b"", "empty"),
    ("picture.json", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "Accepted here"),
    ("paper.pdf", b"%PDF-1.4 " + b"x" * 50, "Accepted here"),
]


@pytest.mark.parametrize(("name", "content", "says"), BAD_FILES)
def test_a_file_that_holds_no_records_is_refused_at_once(enter, cast, name, content, says):
    response = enter(cast.analyst).post(
        "/imports/new/", {"records": [SimpleUploadedFile(name, content)]}
    )
    assert response.status_code == 200
    assert says in str(response.context["form"].errors)
    assert not ImportRun.objects.exists()


def test_no_file_too_many_and_too_large_are_refused(enter, cast, settings):
    client = enter(cast.analyst)
    assert "Choose at least one" in client.post("/imports/new/", {}).content.decode()
    many = [(io.BytesIO(b"{}"), "a.json")] * 51
    with pytest.raises(uploads.UploadRefused, match="at most 50"):
        uploads.start_import(sent=many, by=cast.analyst, at=timezone.now())
    settings.UPLOAD_LIMIT = 10
    with pytest.raises(FileRefused, match="at most"):
        uploads.start_import(
            sent=[(io.BytesIO(b"[" * 11), "a")], by=cast.analyst, at=timezone.now()
        )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.json", as_json(trial(1), trial(2))[:-40]),
        ("cut.json.gz", b"\x1f\x8b\x08\x00" + b"\0" * 20),
        ("bomb.xml", b'<!DOCTYPE a [<!ENTITY x "y">]><clinical_study>&x;</clinical_study>'),
        ("words.txt", b"these are words"),
        ("latin.csv", "NCT Number,Study Title\nNCT09990001,café".encode("cp1252")),
    ],
)
def test_a_spoilt_file_ends_its_run_with_counts_that_add_up(send, name, content):
    run = send((name, content))
    assert Job.objects.get(pk=run.job_id).state == JobState.DONE
    counts = dict(run.counts)
    assert counts.pop("read") == sum(counts.values())
    assert run.refused.count() == counts["rejected"]


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        (["a.json", "a.json", "a.json"], ["a.json", "a (2).json", "a (3).json"]),
        (
            ["../../etc/passwd", "C:\\x\\y.xml", ".hidden", "", "/"],
            ["passwd", "y.xml", "hidden", "records", "records (2)"],
        ),
        (["a\0b\n.csv"], ["ab.csv"]),
        (["x" * 300 + ".csv"], ["x" * 116 + ".csv"]),
    ],
)
def test_names_of_files_are_safe_in_a_folder(given, plain):
    assert uploads.plain_names(given) == plain


def test_a_waiting_import_is_cancelled_and_goes_on_later(enter, cast, send):
    run = send(("a.json", as_json(trial(1))), is_run=False)
    client = enter(cast.lead)
    client.post(f"/imports/{run.pk}/cancel/")
    run.refresh_from_db()
    assert run.state == RunState.STOPPED
    assert "Go on where it stopped" in client.get(f"/imports/{run.pk}/").content.decode()
    assert "Cannot move" in client.post(f"/imports/{run.pk}/cancel/", follow=True).content.decode()
    client.post(f"/imports/{run.pk}/resume/")
    jobs.run(run.job_id)
    run.refresh_from_db()
    assert (run.state, run.counts["created"]) == (RunState.DONE, 1)


def test_an_import_that_is_cancelled_midway_keeps_what_it_took_and_goes_on(
    enter, cast, send, monkeypatch
):
    monkeypatch.setattr("tembusu.coordination.registry.reading.BATCH", 2)
    monkeypatch.setattr(jobs, "SECONDS_BETWEEN_WRITES", 0)
    run = send(("a.json", as_json(*(trial(no) for no in range(1, 8)))), is_run=False)
    real = jobs.JobRun.progress

    def cancelling(self, n_done, n_total, message=""):
        if n_done == 4:
            Job.objects.filter(pk=self.job.pk).update(is_cancel_requested=True)
        real(self, n_done, n_total, message)

    monkeypatch.setattr(jobs.JobRun, "progress", cancelling)
    jobs.run(run.job_id)
    run.refresh_from_db()
    assert (run.state, run.counts["created"]) == (RunState.STOPPED, 4)
    assert Job.objects.get(pk=run.job_id).state == JobState.CANCELLED
    monkeypatch.setattr(jobs.JobRun, "progress", real)
    enter(cast.analyst).post(f"/imports/{run.pk}/resume/")
    jobs.run(run.job_id)
    run.refresh_from_db()
    assert run.counts == {"read": 7, "created": 7, "updated": 0, "unchanged": 0, "rejected": 0}
    assert Study.objects.count() == 7


def test_a_killed_worker_leaves_an_import_that_the_next_one_finishes(send, monkeypatch):
    monkeypatch.setattr("tembusu.coordination.registry.reading.BATCH", 2)
    run = send(("a.json", as_json(*(trial(no) for no in range(1, 6)))), is_run=False)

    def killed(self, n_done, n_total, message=""):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(jobs.JobRun, "progress", killed)
        with pytest.raises(KeyboardInterrupt):
            jobs.run(run.job_id)
    assert Job.objects.get(pk=run.job_id).state == JobState.RUNNING
    jobs.run(run.job_id)
    run.refresh_from_db()
    assert run.counts["read"] == run.counts["created"] == 5


ASKS = {"HX-Request": "true"}


def test_the_page_asks_for_progress_and_at_the_end_shows_and_announces_the_outcome(
    enter, cast, send
):
    run = send(("a.json", as_json(trial(1), without_number(2))), is_run=False)
    client = enter(cast.analyst)
    for url in (f"/imports/{run.pk}/", f"/imports/{run.pk}/studies/"):
        part = client.get(url, headers=ASKS).content.decode()
        assert f'hx-get="{url}"' in part
        assert "<title>" not in part
    jobs.run(run.job_id)
    for url in (f"/imports/{run.pk}/", f"/imports/{run.pk}/studies/"):
        answer = client.get(url, headers=ASKS)
        assert (answer["HX-Retarget"], answer["HX-Reselect"]) == ("#now", "#now")
        words = " ".join(answer.content.decode().split())
        assert (
            "<title> Done, 1 refused: Import" in words or "<title>Done, 1 refused: Import" in words
        )
        said = f'hx-swap-oob="innerHTML">Import {run.pk}: Done, 1 refused</p>'
        assert said in words
        assert "hx-swap-oob" not in client.get(url).content.decode()
    job = client.get(f"/jobs/{run.job_id}/").content.decode()
    assert "Done, 1 refused" in job
    assert "Done, 1 refused" in client.get("/jobs/").content.decode()
    assert ": done, 1 refused" in client.get("/notifications/").content.decode()


def test_an_import_of_the_command_line_cannot_be_cancelled_here(enter, cast, bring):
    run = bring(trial(1))
    page = enter(cast.analyst).post(f"/imports/{run.pk}/cancel/", follow=True).content.decode()
    assert "command line" in page


@pytest.mark.parametrize("pk", [0, 999999, 99999999999999999999])
def test_an_import_that_is_not_there_is_404(enter, cast, pk):
    client = enter(cast.analyst)
    assert client.get(f"/imports/{pk}/").status_code == 404
    assert client.get(f"/imports/{pk}/refused/").status_code == 404


def test_records_refused_for_one_reason_stand_together_and_are_opened(
    enter, cast, send, django_assert_max_num_queries
):
    run = send(("a.json", as_json(*(without_number(no) for no in range(120)), trial(1, n="many"))))
    client = enter(cast.analyst)
    context = client.get(f"/imports/{run.pk}/").context
    [(reason, n, url)] = context["shared"]
    assert (n, "NCT number" in reason) == (120, True)
    assert [row.registry_no for row in context["page"].rows] == ["NCT09990001"]
    seen, url = [], f"/imports/{run.pk}/{url}".removesuffix("#found")
    start = url
    while url:
        with django_assert_max_num_queries(26):
            page = client.get(url).context["page"]
        seen += [row.position for row in page.rows]
        url = f"{start}&after={page.next}" if page.next else ""
    assert seen == list(range(1, 121))
    assert client.get(f"/imports/{run.pk}/?after=zzz").status_code == 404


def test_reasons_that_differ_in_the_value_they_quote_stand_together(enter, cast, send):
    bad = [trial(no, start=f"someday {no}") for no in range(1, 8)]
    run = send(("a.json", as_json(*bad)))
    client = enter(cast.analyst)
    [(reason, n, url)] = client.get(f"/imports/{run.pk}/").context["shared"]
    assert (n, "'…' is not a date" in reason) == (7, True)
    page = client.get(f"/imports/{run.pk}/{url}".removesuffix("#found"))
    assert len(page.context["page"].rows) == 7
    assert "&#x27;…&#x27; is not a date" in page.content.decode()
    # Each of them still shows what it says itself.
    assert "&#x27;someday 5&#x27; is not a date" in page.content.decode()


@pytest.mark.parametrize("why", ["", "x", "0", "999999", "9" * 30])
def test_what_is_no_reason_shows_all(enter, cast, send, why):
    run = send(("a.json", as_json(without_number(1))))
    assert len(enter(cast.analyst).get(f"/imports/{run.pk}/?why={why}").context["page"].rows) == 1


def test_a_refused_record_that_a_later_import_took_says_so(enter, cast, send):
    bad = [trial(no, start="2026-02-30") for no in (1, 2)]
    first = send(("a.json", as_json(*bad, trial(3))))
    client = enter(cast.analyst)
    assert "Done, 2 refused<" in client.get("/imports/").content.decode()
    second = send(("b.json", as_json(trial(1))))
    page = client.get(f"/imports/{first.pk}/").content.decode()
    assert f'<a href="/imports/{second.pk}/">taken in import {second.pk}</a>' in page
    assert "Done, 2 refused, 1 mended" in page
    send(("c.json", as_json(trial(2))))
    for url in ("/imports/", f"/imports/{first.pk}/"):
        assert "Done, 2 refused, all mended" in client.get(url).content.decode()
    # What came before the refusal mends nothing.
    again = send(("d.json", as_json(*bad)))
    assert "Done, 2 refused<" in client.get(f"/imports/{again.pk}/").content.decode()
