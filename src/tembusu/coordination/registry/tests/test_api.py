"""The API: what a token may do, what its person may see, and how calls are refused."""

import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tembusu.coordination.registry import api
from tembusu.coordination.registry.models import ImportRun, Place
from tembusu.coordination.registry.tests.conftest import trial
from tembusu.coordination.registry.views import filters
from tembusu.foundation.core import jobs
from tembusu.foundation.people import actions as people
from tembusu.foundation.people.terms import TokenScope
from tembusu.foundation.ui import links

ALL = tuple(TokenScope)
STUDIES = "/api/v1/studies"
IMPORTS = "/api/v1/imports"
ORGANISATIONS = "/api/v1/organisations"


@pytest.fixture(autouse=True)
def _no_calls_yet():
    cache.clear()


@pytest.fixture
def token():
    """Issue a token and return the header that carries it: ``token(cast.analyst)``."""

    def issue(person, scopes=ALL):
        now = timezone.now()
        _, secret = people.issue_token(
            name="program", scopes=scopes, expires_at=now + timedelta(days=9), by=person, at=now
        )
        return {"Authorization": f"Bearer {secret}"}

    return issue


def said(response):
    return json.loads(response.content)


def is_problem(response, status):
    body = said(response)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert body["status"] == status
    assert body["title"]
    return body["detail"]


# -- tokens ---------------------------------------------------------------------------------------

OPERATIONS = [
    ("get", STUDIES, TokenScope.STUDIES_READ),
    ("get", f"{STUDIES}/1", TokenScope.STUDIES_READ),
    ("post", IMPORTS, TokenScope.IMPORTS_WRITE),
    ("get", f"{IMPORTS}/1", TokenScope.IMPORTS_READ),
]


@pytest.mark.parametrize(("verb", "url", "scope"), OPERATIONS)
def test_no_token_and_a_wrong_one_are_401(client, db, verb, url, scope):
    for headers in ({}, {"Authorization": "Bearer tmb_wrong"}, {"Authorization": "Basic eDp5"}):
        response = getattr(client, verb)(url, headers=headers)
        is_problem(response, 401)
        assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("verb", "url", "scope"), OPERATIONS)
def test_a_token_without_the_scope_is_403_and_names_it(client, cast, token, verb, url, scope):
    others = [one for one in TokenScope if one != scope]
    response = getattr(client, verb)(url, headers=token(cast.analyst, others))
    assert scope in is_problem(response, 403)


def test_a_session_is_no_token(enter, cast, register):
    assert enter(cast.analyst).get(STUDIES).status_code == 401


def test_an_expired_token_and_one_of_a_closed_account_are_401(client, cast, token):
    headers = token(cast.analyst)
    cast.analyst.tokens.update(
        issued_at=timezone.now() - timedelta(days=9), expires_at=timezone.now() - timedelta(days=1)
    )
    is_problem(client.get(STUDIES, headers=headers), 401)
    headers = token(cast.lead)
    cast.lead.is_active = False
    cast.lead.save()
    is_problem(client.get(STUDIES, headers=headers), 401)


# -- studies --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "n", "draft_answer"),
    [
        ("analyst", 4, 200),
        ("sponsor", 4, 200),
        ("representative", 4, 200),
        ("rival", 3, 404),
        ("administrator", 3, 404),
        ("nobody", 3, 404),
    ],
)
def test_a_token_sees_what_its_person_sees(client, cast, register, token, who, n, draft_answer):
    headers = token(getattr(cast, who))
    body = said(client.get(STUDIES, headers=headers))
    assert body["count"] == len(body["studies"]) == n
    response = client.get(f"{STUDIES}/{register.draft.pk}", headers=headers)
    assert response.status_code == draft_answer
    if draft_answer == 404:
        is_problem(response, 404)


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("q=nasopharingeal", ["NCT09990001"]),
        ("status=COMPLETED", ["NCT09990002"]),
        ("status=COMPLETED&status=TERMINATED&sort=title", ["NCT09990003", "NCT09990002"]),
        ("n_to=79", ["NCT09990003"]),
        ("updated_since=2026-02-10", ["NCT09990002"]),
        ("q=NCT09990003", ["NCT09990003"]),
        ("country=Iceland", []),
    ],
)
def test_studies_are_found_as_on_the_screen(client, cast, register, token, query, numbers):
    body = said(client.get(f"{STUDIES}?{query}", headers=token(cast.nobody)))
    assert [one["registry_numbers"][0] for one in body["studies"]] == numbers


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", None),
        (
            "q=nasopharingeal",
            {"searched": "nasopharyngeal", "is_mended": True, "mode": "all", "notes": []},
        ),
        ("q=nasopharingeal&as_typed=true", {"searched": "nasopharingeal", "is_mended": False}),
        ("q=vaccine+meranti+zzqx", {"mode": "any", "suggestion": "", "suggestion_count": 0}),
        ("q=vaccine+-asthma", {"explained": ["without asthma"], "is_ranking_bounded": False}),
        (
            "q=the+of",
            {"notes": ["These words stand in nearly every text. Add one that says more."]},
        ),
    ],
)
def test_a_search_tells_how_its_words_were_taken(client, cast, register, token, query, told):
    search = said(client.get(f"{STUDIES}?{query}", headers=token(cast.nobody)))["search"]
    assert search == told if told is None else {name: search[name] for name in told} == told


def test_a_commoner_word_is_suggested_with_what_it_would_find(client, cast, bring, token):
    rare = trial(50, "Follow-up plan", conditions=["Nasopharingeal cancer"], summary="")
    bring(*(trial(no, f"Nasopharyngeal swab {no}") for no in range(51, 57)), rare)
    search = said(client.get(f"{STUDIES}?q=nasopharingeal", headers=token(cast.nobody)))["search"]
    assert (search["searched"], search["is_mended"]) == ("nasopharingeal", False)
    assert (search["suggestion"], search["suggestion_count"]) == ("nasopharyngeal", 6)


def test_every_word_of_the_portfolio_s_address_is_taken():
    own = {"limit", "cursor"}
    assert set(api.studies.StudyQuery.model_fields) - own == filters.KNOWN - {links.CURSOR}


def test_a_program_may_ask_for_its_person_s_own_studies_alone(client, cast, register, token):
    headers = token(cast.nobody)
    assert said(client.get(f"{STUDIES}?whose=all", headers=headers))["count"] > 0
    assert said(client.get(f"{STUDIES}?whose=mine", headers=headers))["count"] == 0
    assert client.get(f"{STUDIES}?whose=ours", headers=headers).status_code == 422


def test_pages_lead_to_each_other(client, cast, bring, token):
    bring(*(trial(no, f"Trial {no:03}") for no in range(100, 125)))
    headers, cursor, seen = token(cast.nobody), "", []
    while True:
        url = f"{STUDIES}?sort=title&limit=10&cursor={cursor}"
        body = said(client.get(url, headers=headers))
        seen += [one["title"] for one in body["studies"]]
        cursor = body["next"]
        if not cursor:
            break
    assert seen == [f"Trial {no:03}" for no in range(100, 125)]


def test_a_list_gives_a_date_as_precisely_as_the_registry_does(client, cast, register, token):
    (row,) = said(client.get(f"{STUDIES}?q=LANTERN", headers=token(cast.nobody)))["studies"]
    assert (row["start_date"], row["updated_date"]) == ("2026-05", "2026-02-01")
    assert row["enrolment_kind"] == "ESTIMATED"


def test_one_study_tells_its_record_its_sources_and_its_places(client, cast, register, token):
    body = said(client.get(f"{STUDIES}/{register.lantern.pk}", headers=token(cast.nobody)))
    assert body["record"]["acronym"] == "LANTERN"
    assert body["sources"]["acronym"] == "ctgov NCT09990001"
    assert body["registrations"][0]["registry_no"] == "NCT09990001"
    assert body["locations"][0]["organisation"]["name"] == "Rain Tree General Hospital"
    assert body["completeness"]["of"] == 24
    asthma = said(client.get(f"{STUDIES}/{register.asthma.pk}", headers=token(cast.rival)))
    assert asthma["locations"][0]["name"] == "Research Site"
    assert asthma["locations"][0]["organisation"] is None
    assert asthma["locations"][0]["state"] == Place.objects.get(name="Research Site").state


BAD = [
    (f"{STUDIES}?cursor=zzz", 400),
    (f"{STUDIES}?sort=nonsense", 400),
    (f"{STUDIES}?q={'a' * 5000}", 400),
    (f"{STUDIES}?country=%00", 400),
    (f"{STUDIES}?limit=0", 422),
    (f"{STUDIES}?limit=100000", 422),
    (f"{STUDIES}?mode=some", 422),
    (f"{STUDIES}?n_from=x", 422),
    (f"{STUDIES}?updated_since=yesterday", 422),
    (f"{STUDIES}/0", 422),
    (f"{STUDIES}/x", 422),
    (f"{STUDIES}/{2**63}", 422),
    (f"{STUDIES}/{2**63 - 1}", 404),
    (f"{IMPORTS}/{2**63 - 1}", 404),
]


@pytest.mark.parametrize(("url", "status"), BAD)
def test_a_call_that_cannot_be_meant_is_refused_with_a_problem(client, cast, token, url, status):
    assert is_problem(client.get(url, headers=token(cast.analyst)), status)


# -- imports --------------------------------------------------------------------------------------


def records(*trials):
    return json.dumps(list(trials)).encode()


def send_json(client, headers, body, kind="application/json"):
    # Given twice: the client leaves it out where the body is empty.
    return client.post(IMPORTS, data=body, content_type=kind, headers=headers, CONTENT_TYPE=kind)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("status=Recruiting", "RECRUITING"),
        ("phase=xx", "PHASE3"),
        ("flag=odd", "needs_review"),
        ("nonsense=1", "nonsense"),
    ],
)
def test_a_word_that_no_filter_knows_is_refused_with_those_it_knows(
    client, cast, token, query, named
):
    detail = is_problem(client.get(f"{STUDIES}?{query}", headers=token(cast.analyst)), 422)
    assert named in detail


def test_json_is_sent_imported_and_told_about(client, cast, token):
    headers = token(cast.analyst)
    response = send_json(client, headers, records(trial(1), {"protocolSection": {}}))
    assert response.status_code == 202
    body = said(response)
    jobs.run(body["job"])
    after = said(client.get(f"{IMPORTS}/{body['id']}", headers=headers))
    assert (after["state"], after["job_state"]) == ("done", "done")
    assert after["counts"]["created"] == after["counts"]["rejected"] == len(after["refused"]) == 1
    assert ImportRun.objects.get().started_by == cast.analyst


def test_files_of_a_form_are_sent(client, cast, token):
    sent = SimpleUploadedFile("trials.json", records(trial(1)))
    response = client.post(IMPORTS, {"files": [sent]}, headers=token(cast.lead))
    assert response.status_code == 202
    assert said(response)["label"] == "trials.json"


@pytest.mark.parametrize("who", ["sponsor", "administrator", "nobody"])
def test_a_person_who_may_not_import_is_refused_whatever_the_token(client, cast, token, send, who):
    headers = token(getattr(cast, who))
    is_problem(send_json(client, headers, records(trial(1))), 403)
    run = send(("a.json", records(trial(1))))
    is_problem(client.get(f"{IMPORTS}/{run.pk}", headers=headers), 404)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"hello", "text/plain", 415),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "application/json", 400),
        (b"--x--", "multipart/form-data; boundary=x", 400),
        (b"--x", "multipart/form-data", 400),
    ],
)
def test_a_body_that_holds_no_records_is_refused(client, cast, token, body, kind, status):
    is_problem(send_json(client, token(cast.analyst), body, kind), status)
    assert not ImportRun.objects.exists()


def test_a_body_that_is_too_large_is_refused_with_the_limit(client, cast, token, settings):
    settings.UPLOAD_LIMIT = 20
    response = send_json(client, token(cast.analyst), records(trial(1)))
    assert "at most" in is_problem(response, 400)


def test_too_many_calls_of_one_token_wait_and_another_token_does_not(
    client, cast, token, monkeypatch
):
    monkeypatch.setattr(api.READS, "num_requests", 3)
    first, second = token(cast.analyst), token(cast.analyst)
    answers = [client.get(STUDIES, headers=first).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    response = client.get(STUDIES, headers=first)
    is_problem(response, 429)
    assert int(response["Retry-After"]) > 0
    assert client.get(STUDIES, headers=second).status_code == 200


# -- the description ------------------------------------------------------------------------------


def test_the_description_declares_every_answer_and_is_public(client, db):
    description = said(client.get("/api/v1/openapi.json"))
    ours = (STUDIES, IMPORTS, ORGANISATIONS)
    operations = {
        (path, verb): operation
        for path, item in description["paths"].items()
        for verb, operation in item.items()
        if path.startswith(ours)
    }
    assert set(operations) == {
        (STUDIES, "get"),
        (f"{STUDIES}/{{study_id}}", "get"),
        (IMPORTS, "post"),
        (f"{IMPORTS}/{{import_id}}", "get"),
        (ORGANISATIONS, "get"),
        (f"{ORGANISATIONS}/{{organisation_id}}", "get"),
    }
    for operation in operations.values():
        assert {"401", "403", "422", "429"} <= set(operation["responses"])
        assert operation["security"]
        assert all(one.get("description") for one in operation.get("parameters", ()))
        for status, answer in operation["responses"].items():
            media = "application/json" if status < "300" else "application/problem+json"
            assert list(answer["content"]) == [media]
            assert answer["description"]
    assert {"multipart/form-data", "application/json"} == set(
        operations[IMPORTS, "post"]["requestBody"]["content"]
    )


def test_there_is_no_page_with_scripts(client, db):
    assert client.get("/api/v1/docs").status_code == 404


def test_a_page_of_studies_asks_the_database_a_bounded_number_of_times(
    client, cast, bring, token, django_assert_max_num_queries
):
    bring(*(trial(no, f"Trial {no:03}") for no in range(100, 140)))
    headers = token(cast.analyst)
    with django_assert_max_num_queries(12):
        client.get(f"{STUDIES}?limit=40", headers=headers)


# -- where no operation is reached -----------------------------------------------------------------


@pytest.mark.parametrize("url", ["/api/v1/", "/api/v1/trials", "/api/v2/studies", "/api/"])
def test_an_address_that_is_not_there_is_a_problem(client, db, url):
    assert "openapi.json" in is_problem(client.get(url), 404)


def test_a_method_that_an_address_does_not_take_is_a_problem(client, cast, token):
    response = client.delete(STUDIES, headers=token(cast.analyst))
    assert "GET" in is_problem(response, 405)
    assert "GET" in response["Allow"]


@pytest.mark.parametrize("query", ["q=%00", "q=tea%00", "country=%00"])
def test_a_nul_is_refused_and_finds_nothing(client, cast, token, register, query):
    assert "NUL" in is_problem(client.get(f"{STUDIES}?{query}", headers=token(cast.analyst)), 400)


def test_an_import_that_broke_off_says_so(client, cast, token, send):
    run = send(("a.json", json.dumps([trial(1)]).encode()), is_run=False)
    url = f"{IMPORTS}/{run.pk}"
    assert said(client.get(url, headers=token(cast.analyst)))["is_interrupted"] is False
    ImportRun.objects.filter(pk=run.pk).update(job_id=None)
    assert said(client.get(url, headers=token(cast.analyst)))["is_interrupted"] is True
