"""Programs send extracts and signed events."""

import json
import re
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tembusu.foundation.exchange import rules, terms
from tembusu.foundation.exchange.models import Extract, ReceivedEvent
from tembusu.foundation.exchange.terms.webhooks import _IN
from tembusu.foundation.exchange.tests.conftest import AT, csv_file, run_job
from tembusu.foundation.exchange.tests.test_actions_receiving import (
    KIND,
    make_sender,
    name_body,
)
from tembusu.foundation.people import actions as people
from tembusu.foundation.people.terms import Role, TokenScope

RTGH = "Rain Tree General Hospital"
GOOD = (RTGH, "Rain Tree", "14/03/2019")
HOW_TO = Path(__file__).resolve().parents[5] / "docs" / "how-to" / "connect-a-system.md"


@pytest.fixture
def token(cast):
    def make(person, *scopes):
        now = timezone.now()
        _, secret = people.issue_token(
            name="program", scopes=scopes, expires_at=now + timedelta(days=1), by=person, at=now
        )
        return {"HTTP_AUTHORIZATION": f"Bearer {secret}"}

    return make


def post(client, headers, *rows, key="people.aliases"):
    file = SimpleUploadedFile("names.csv", csv_file(*rows).read())
    return client.post(f"/api/v1/extracts/{key}", {"file": file}, **headers)


def test_an_extract_is_sent_and_its_refused_rows_come_back(client, token, cast):
    headers = token(cast.analyst, TokenScope.EXTRACTS_WRITE)
    sent = post(client, headers, GOOD, (RTGH, "Old", "31/02/2020"))
    assert sent.status_code == 202
    extract = run_job(Extract.objects.get())
    told = client.get(f"/api/v1/extracts/{extract.pk}", **headers).json()
    assert (told["state"], told["rows"]) == ("done", 2)
    assert told["outcomes"] == {"new": 1, "refused": 1}
    assert told["refused"] == [
        {"line": 3, "about": "", "reasons": ["Since: '31/02/2020' is a date that does not exist."]}
    ]
    file = b"".join(client.get(told["refused_file"], **headers).streaming_content)
    assert b"Why refused" in file


@pytest.mark.parametrize(
    ("who", "scope", "key", "status"),
    [
        ("analyst", TokenScope.STUDIES_READ, "people.aliases", 403),
        ("sponsor", TokenScope.EXTRACTS_WRITE, "people.aliases", 404),
        ("analyst", TokenScope.EXTRACTS_WRITE, "made.up", 404),
    ],
)
def test_an_extract_that_may_not_be_sent_is_refused(client, token, cast, who, scope, key, status):
    headers = token(getattr(cast, who), scope)
    assert post(client, headers, GOOD, key=key).status_code == status
    assert not Extract.objects.exists()


def test_anothers_extract_does_not_exist_for_a_program(client, token, cast, check):
    extract = check(csv_file(GOOD))
    headers = token(cast.colleague, TokenScope.EXTRACTS_WRITE)
    for address in ("", "/refused"):
        assert client.get(f"/api/v1/extracts/{extract.pk}{address}", **headers).status_code == 404


# -- events ---------------------------------------------------------------------------------------


@pytest.fixture
def sender(cast, bodies):
    terms.register_receiver(KIND, name_body)
    people.grant_role(
        person=cast.analyst, role=Role.COORDINATING_LEAD, scope=bodies.office.scope, by=None, at=AT
    )
    yield make_sender(cast.analyst, bodies)
    del _IN[KIND]


def send(client, sender, body, *, secret=None, public_id=None):
    timestamp = str(int(timezone.now().timestamp()))
    return client.post(
        f"/api/v1/hooks/{public_id or sender.public_id}/",
        body,
        content_type="application/json",
        headers={
            "Tembusu-Timestamp": timestamp,
            "Tembusu-Signature": rules.sign(secret or sender.plain, timestamp, body),
        },
    )


def body_of(name="Banyan", event_id="A-1"):
    return json.dumps({"id": event_id, "kind": KIND, "payload": {"name": name}}).encode()


def test_a_signed_event_is_done_once_and_answered_alike(client, sender):
    first, again = (send(client, sender, body_of()) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == {"id": "A-1", "is_replay": False, "result": {"named": "Banyan"}}
    assert again.json() == {**first.json(), "is_replay": True}


def test_forged_events_are_all_answered_the_same(client, sender):
    wrong = send(client, sender, body_of(), secret="tmbh_x")  # pragma: allowlist secret
    unknown = send(client, sender, body_of(), public_id="0" * 32)
    unsigned = client.post(f"/api/v1/hooks/{sender.public_id}/", b"{}", "application/json")
    assert [one.status_code for one in (wrong, unknown, unsigned)] == [401] * 3
    assert wrong.content == unknown.content == unsigned.content
    assert not ReceivedEvent.objects.exists()


def test_a_refused_event_is_a_problem_that_says_why(client, sender):
    answer = send(client, sender, body_of("Forbidden"))
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["detail"]) == (422, "That is no name.")


def test_another_event_under_an_id_is_a_conflict(client, sender):
    send(client, sender, body_of())
    assert send(client, sender, body_of("Other")).status_code == 409


def test_a_body_that_is_too_large_is_not_read(client, sender):
    assert send(client, sender, b"x" * (256 * 1024 + 1)).status_code == 413


def test_too_many_calls_are_put_off(client, sender, monkeypatch):
    from tembusu.foundation.exchange.api.hooks import HookThrottle

    monkeypatch.setattr(HookThrottle, "allow_request", lambda self, request: False)
    assert send(client, sender, body_of()).status_code == 429


# -- the how-to -----------------------------------------------------------------------------------


def example(language):
    found = re.search(rf"```{language}\n(.*?)```", HOW_TO.read_text(), re.DOTALL)
    assert found is not None
    return found.group(1)


def test_the_how_tos_shell_signs_as_the_platform_expects(client, sender):
    script = example("sh").split("curl")[0].replace("KIND", KIND).replace('"study"', '"name"')
    done = subprocess.run(  # noqa: S603
        ["/bin/sh", "-c", f'{script}\nprintf \'%s\\n%s\\n%s\' "$timestamp" "$signature" "$body"'],
        env={"SECRET": sender.plain, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    timestamp, signature, body = done.stdout.split("\n")
    answer = client.post(
        f"/api/v1/hooks/{sender.public_id}/",
        body.encode(),
        content_type="application/json",
        headers={"Tembusu-Timestamp": timestamp, "Tembusu-Signature": f"v1={signature}"},
    )
    assert (answer.status_code, answer.json()["result"]) == (200, {"named": "TMB-000147"})


def test_the_how_tos_python_proves_what_the_platform_signs():
    known = {}
    exec(compile(example("python"), "how-to", "exec"), known)  # noqa: S102
    stamp = str(int(timezone.now().timestamp()))
    signed = rules.sign_with_all(["new", "old"], stamp, b'{"a":1}')
    assert known["is_genuine"]("old", stamp, signed, b'{"a":1}')
    assert not known["is_genuine"]("other", stamp, signed, b'{"a":1}')
    assert not known["is_genuine"]("old", str(int(stamp) - 301), signed, b'{"a":1}')
