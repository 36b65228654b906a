"""``tembusu import-studies`` as an operator runs it: on bad files, interrupted, twice at once.

And the drill: what was imported, curated and imported again is told by one trail after a restore.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connections

from tembusu.config.backups import bring_back, take

ROOT = Path(__file__).resolve().parents[4]
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
MIB = 1024**2


def study(no, title="A trial", updated="2026-02-01", **more):
    return {
        "protocolSection": {
            "identificationModule": {"nctId": f"NCT0888{no:04}", "briefTitle": title},
            "statusModule": {
                "overallStatus": "RECRUITING",
                "lastUpdatePostDateStruct": {"date": updated},
                **more.get("status", {}),
            },
            "descriptionModule": {"briefSummary": more.get("summary", "It looks at it.")},
            "contactsLocationsModule": {
                "locations": [{"facility": "Halia Clinic", "city": "Singapore"}]
            },
        }
    }


@pytest.fixture
def environment(postgres_server, fresh_database, tmp_path):
    """What the command needs to work on this test's own database."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TEMBUSU_", "DATABASE_"))}
    return {
        **clean,
        "DATABASE_URL": postgres_server.url("app", database=fresh_database),
        "DATABASE_OWNER_URL": postgres_server.url("owner", database=fresh_database),
        "TEMBUSU_DATABASE_POOL": "0",
        "PYTHONPATH": str(ROOT / "src"),
    }


@pytest.fixture
def start(environment, tmp_path):
    def started(*words):
        command = [sys.executable, "-m", "tembusu.config.cli", "import-studies", *map(str, words)]
        return subprocess.Popen(  # noqa: S603 our own command line
            command,
            env=environment,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    return started


@pytest.fixture
def run(start):
    """Run the command: ``run(file)`` returns exit status, counts, and what it said to people."""

    def ran(*words):
        process = start(*words)
        out, said = process.communicate(timeout=300)
        counts = json.loads(out.splitlines()[-1]) if out.strip() else {}
        if counts:
            assert counts["read"] == sum(n for name, n in counts.items() if name != "read")
        return process.returncode, counts, re.sub(r"\s+", " ", said)

    return ran


def kept(folder, name, content):
    file = folder / "in" / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def figures(created=0, updated=0, unchanged=0, rejected=0):
    read = created + updated + unchanged + rejected
    given = {"created": created, "updated": updated, "unchanged": unchanged, "rejected": rejected}
    return {"read": read, **given}


def packed(members):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, text in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
    return content.getvalue()


def bomb():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("a.json", b"[" + b" " * (200 * MIB) + b"]")
    return content.getvalue()


GOOD = json.dumps([study(1), study(2)])
LEGACY = (
    '<?xml version="1.0"?>{0}<clinical_study><id_info><nct_id>NCT08880009</nct_id></id_info>'
    "<brief_title>{1}</brief_title></clinical_study>"
)
ENTITY = LEGACY.format('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;")
NO_SUCH_DAY = {"startDateStruct": {"date": "2026-02-30"}}


@pytest.mark.parametrize(
    ("name", "content", "expected", "reason"),
    [
        ("two.json.gz", gzip.compress(GOOD.encode())[:-12], None, "cut off"),
        ("bomb.zip", bomb(), None, "times its size"),
        ("entity.xml", ENTITY, figures(rejected=1), "entit"),
        ("latin.xml", LEGACY.format("", "caf\xe9").encode("cp1252"), figures(created=1), ""),
        ("none.json", json.dumps([study(1), {"protocolSection": {}}]), None, "nctId"),
        ("twice.json", json.dumps([study(1), study(1)]), figures(created=1, unchanged=1), ""),
        ("day.json", json.dumps([study(1), study(2, status=NO_SUCH_DAY)]), None, "2026-02-30"),
        ("half.json", GOOD[: len(GOOD) - 80], None, "half.json #2"),
        ("giant.json", json.dumps([study(1), study(2, summary="x" * 50 * MIB)]), None, "giant"),
        ("empty.json", "", figures(rejected=1), "empty"),
        ("page.html", "<html><body>Sorry</body></html>", figures(rejected=1), "web page"),
        ("archive.tar.gz", packed({"a.json": GOOD.encode(), "b.pdf": b"%PDF-1"}), None, "b.pdf"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "",
)
def test_a_bad_file_costs_nothing_but_itself(run, tmp_path, name, content, expected, reason):
    kept(tmp_path, name, content)
    kept(tmp_path, "zz-good.json", json.dumps([study(7), study(8)]))
    status, counts, said = run(tmp_path / "in")
    assert status == 0
    if expected is not None:
        assert counts == figures(
            **{k: v + 2 * (k == "created") for k, v in expected.items() if k != "read"}
        )
    else:
        assert counts["created"] >= 2
        assert counts["rejected"] in (1, 2)  # what is cut, and perhaps the piece at the cut
    assert reason in said
    assert "Traceback" not in said
    assert str(tmp_path) not in said
    refused = list(tmp_path.glob("refused-*/reasons.csv"))
    assert len(refused) == (counts["rejected"] > 0)


def test_what_was_refused_is_mended_and_sent_again(run, tmp_path):
    file = kept(tmp_path, "day.json", json.dumps([study(1), study(2, status=NO_SUCH_DAY)]))
    _, counts, said = run(file, "--refused", "mend")
    assert counts == figures(created=1, rejected=1)
    assert "refused: day.json #2 (NCT08880002): " in said
    assert "Mend the records in mend and import that folder again." in said
    wrong = tmp_path / "mend" / "refused" / "000001-NCT08880002.json"
    wrong.write_text(wrong.read_text().replace("2026-02-30", "2026-02-28"))
    assert run("mend")[1] == figures(created=1)


def test_with_json_the_counts_stand_alone(run, start, tmp_path):
    file = kept(tmp_path, "day.json", json.dumps([study(1), {}]))
    out, said = start("--json", file).communicate(timeout=120)
    assert json.loads(out) == figures(created=1, rejected=1)
    assert said == ""


def test_a_path_that_is_not_there_is_refused(run):
    status, counts, said = run("nothing.json")
    assert (status, counts) == (2, {})
    assert "does not exist" in said


# -- broken off ---------------------------------------------------------------------------------

MANY = 1500


@pytest.fixture
def many(tmp_path):
    """A file that takes some seconds, and a process of its own to read."""
    content = json.dumps([study(no, summary=f"Text {no} " * 200) for no in range(1, MANY + 1)])
    return kept(tmp_path, "many.json", content)


def wait_for_progress(process, database):
    from tembusu.coordination.registry.models import ImportRun

    while process.poll() is None:
        run = ImportRun.objects.first()
        if run is not None and run.counts["read"]:
            return
        try:
            process.wait(0.02)
        except subprocess.TimeoutExpired:
            continue


@pytest.mark.parametrize("signal_", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_an_import_that_is_broken_off_goes_on_where_it_stopped(
    start, run, many, fresh_database, signal_
):
    from tembusu.coordination.registry.models import ImportRun, RegistrationVersion, Study

    process = start(many)
    wait_for_progress(process, fresh_database)
    # As a terminal does: Ctrl-C reaches the reading process too; a kill reaches only the first.
    target = os.killpg if signal_ == signal.SIGINT else os.kill
    target(process.pid, signal_)
    _, said = process.communicate(timeout=120)
    assert process.returncode != 0
    if signal_ == signal.SIGINT:
        assert "tembusu: stopped: the same command goes on from here." in said
        assert "Traceback" not in said
    taken = Study.objects.count()
    assert 0 < taken < MANY

    status, counts, _ = run(many)
    assert (status, counts) == (0, figures(created=MANY))
    assert ImportRun.objects.count() == 1
    assert (Study.objects.count(), RegistrationVersion.objects.count()) == (MANY, MANY)


def test_an_import_that_was_killed_is_shown_as_interrupted_until_it_is_done(start, run, many):
    from tembusu.config import health
    from tembusu.coordination.registry.models import ImportRun
    from tembusu.coordination.registry.selectors import runs

    assert health.check_imports(None).is_well
    process = start(many)
    wait_for_progress(process, None)
    assert health.check_imports(None).is_well, "it is still at work"
    process.kill()
    process.communicate(timeout=120)
    left = ImportRun.objects.get()
    assert runs.list_interrupted() == [left]
    found = health.check_imports(None)
    assert f"import {left.pk}" in found.told
    assert "run its command again with its files" in found.mend
    run(many)
    assert health.check_imports(None).is_well


def test_two_imports_of_the_same_file_at_once_make_each_study_once(start, many, fresh_database):
    from tembusu.coordination.registry.models import Place, RegistrationVersion, Study

    processes = [start("--json", many), start("--json", many)]
    counts = [json.loads(one.communicate(timeout=300)[0]) for one in processes]
    assert [one["read"] for one in counts] == [MANY, MANY]
    assert sum(one["created"] for one in counts) == MANY
    assert sum(one["unchanged"] for one in counts) == MANY
    assert (Study.objects.count(), RegistrationVersion.objects.count()) == (MANY, MANY)
    assert Place.objects.get().n_locations == MANY


# -- the drill ----------------------------------------------------------------------------------


def test_the_whole_trail_is_there_after_a_restore(run, tmp_path, postgres_server, fresh_database):
    from tembusu.coordination.registry.actions import curate_field
    from tembusu.coordination.registry.models import Study
    from tembusu.coordination.registry.selectors import story
    from tembusu.foundation.core import trail
    from tembusu.foundation.people import actions as people
    from tembusu.foundation.people.terms import OrganisationKind, Role

    office = people.register_organisation(
        kind=OrganisationKind.COORDINATING_BODY,
        name="Banyan Clinical Trials Office",
        country="SG",
        by=None,
        at=AT,
    )
    lead = people.register_person(
        email="weiling@office.example",
        full_name="Weiling",
        password="seven green tembusu trees",  # pragma: allowlist secret
        by=None,
        at=AT,
    )
    people.grant_role(person=lead, role=Role.COORDINATING_LEAD, scope=office.scope, by=None, at=AT)
    run(kept(tmp_path, "a.json", json.dumps([study(1, "As registered")])))
    number = Study.objects.get().number
    curate_field(
        study=Study.objects.get(),
        field="brief_title",
        value="As in the protocol",
        by=lead,
        at=AT,
        reason="Protocol 2.0",
    )
    changed = study(1, "As registered later", updated="2026-02-20")
    assert run(kept(tmp_path, "b.json", json.dumps([changed])))[1] == figures(updated=1)
    before = trail.tell(story.STUDY, Study.objects.get())
    events = [entry.event for entry in before if entry.event]
    assert set(events) >= {
        "registry.study.import_created",
        "registry.study.curated",
        "registry.study.differs",
        "registry.study.import_updated",
    }

    server = replace(
        postgres_server,
        app_url=postgres_server.url("app", database=fresh_database),
        owner_url=postgres_server.url("owner", database=fresh_database),
    )
    files = tmp_path / "files"
    files.mkdir()
    target = tmp_path / "one.backup"
    manifest = take.take(server, files=files, target=target, version="0")
    run(kept(tmp_path, "c.json", json.dumps([study(2)])))
    connections.close_all()
    bring_back.bring_back(server, manifest, source=target, files=files, finish=lambda name: None)

    restored = Study.objects.get()
    assert restored.number == number
    assert trail.tell(story.STUDY, restored) == before
