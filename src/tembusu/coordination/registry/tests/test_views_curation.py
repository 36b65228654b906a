"""Curation, its review, and merging: values that no import overwrites, and two studies that are one."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tembusu.coordination.registry.actions import curation as actions
from tembusu.coordination.registry.actions import drafts
from tembusu.coordination.registry.models import CuratedField
from tembusu.coordination.registry.rules import form as rules
from tembusu.coordination.registry.selectors import curation as selectors
from tembusu.coordination.registry.selectors import studies
from tembusu.coordination.registry.tests.conftest import trial
from tembusu.coordination.registry.tests.draft_answers import WHOLE
from tembusu.foundation.core.models import AuditEvent
from tembusu.foundation.ui import wording

LATER = datetime(2026, 5, 1, 9, tzinfo=UTC)
PLAIN = "VN-118 against cancer of the nose and throat"
NEW = "VN-118 compared with placebo"


def field_url(study, field="brief_title"):
    return reverse("registry:curate_field", args=[study.pk, field])


def text(answer):
    return " ".join(answer.content.decode().split())


def sent(study, value, field="brief_title", **more):
    seen = selectors.standing(study, field).mark
    return {field: value, "reason": "Agreed", "seen": seen, "go": "curate", **more}


def said(study, field="brief_title"):
    return studies.effective_record(study).values.get(field)


@pytest.fixture
def curated(register, cast):
    return actions.curate_field(
        study=register.lantern,
        field="brief_title",
        value=PLAIN,
        by=cast.analyst,
        at=timezone.now(),
        reason="Plain words",
    )


@pytest.fixture
def differing(curated, bring):
    """A curated title over which the registry says something new."""
    bring(trial(1, NEW, acronym="LANTERN", updated="2026-04-30"), at=LATER)
    curated.refresh_from_db()
    assert curated.differs_since
    return curated


# -- curating -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("brief_title", {"brief_title": PLAIN}, PLAIN),
        ("conditions", {"conditions": "Cancer\n\nCancer\nThroat"}, ["Cancer", "Throat"]),
        ("enrolment_count", {"enrolment_count": "1,200"}, 1200),
        ("start_dtc", {"start_dtc": "Jun 2026"}, "2026-06"),
        ("healthy_volunteers", {"healthy_volunteers": "false"}, False),
        ("phases", {"phases": ["PHASE2", "PHASE3"]}, ["PHASE2", "PHASE3"]),
        (
            "lead_sponsor",
            {"lead_sponsor-name": "Damar", "lead_sponsor-kind": "OTHER"},
            {"name": "Damar", "kind": "OTHER"},
        ),
        (
            "primary_outcomes",
            {"primary_outcomes-n": 1, "primary_outcomes-0-measure": "Death"},
            [{"measure": "Death"}],
        ),
        ("brief_summary", {"brief_summary": ""}, None),
    ],
)
def test_a_value_is_typed_as_on_the_form_and_holds(field, typed, kept, enter, cast, register):
    study = register.lantern
    answer = enter(cast.analyst).post(field_url(study, field), sent(study, "", field) | typed)
    assert answer.status_code == 302, answer.context["form"].errors
    assert said(study, field) == kept
    assert CuratedField.objects.get(study=study, field=field).curated_by == cast.analyst


def test_what_a_row_says_beyond_the_form_is_kept(enter, cast, register):
    study = register.lantern
    before = said(study, "locations")
    assert "contacts" in before[0] or set(before[0]) >= {"facility", "city", "country", "status"}
    shown = enter(cast.analyst).get(field_url(study, "locations")).context["form"]
    asked = [name for name in shown.fields if name.startswith("locations-")]
    typed = {name: shown[name].value() for name in asked}
    typed |= dict(shown.carried) | {"locations-0-city": "Bandar Raya"}
    answer = enter(cast.analyst).post(
        field_url(study, "locations"), sent(study, "", "locations") | typed
    )
    assert answer.status_code == 302
    assert said(study, "locations") == [{**before[0], "city": "Bandar Raya"}, *before[1:]]


def test_an_import_never_overwrites_a_curated_value(differing, register):
    assert said(register.lantern) == PLAIN


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"reason": "  "}, "Say why"),
        ({"brief_title": "VN-118 in Nasopharyngeal Carcinoma"}, "nothing was changed"),
        ({"seen": "old"}, "This value changed after you opened the page"),
        ({"brief_title": "x" * 301}, "too long"),
    ],
)
def test_a_value_is_refused_with_the_reason_and_stays_typed(more, reason, enter, cast, register):
    study = register.lantern
    answer = enter(cast.analyst).post(field_url(study), sent(study, PLAIN) | more)
    assert answer.status_code == 200
    assert reason in text(answer)
    assert answer.context["form"]["brief_title"].value() == (more.get("brief_title") or PLAIN)
    assert not CuratedField.objects.exists()


def test_the_second_of_two_curators_is_told_and_sees_what_holds(enter, cast, register):
    study = register.lantern
    read = sent(study, "The second value")
    actions.curate_field(
        study=study, field="brief_title", value=PLAIN, by=cast.lead, at=LATER, reason="Plain"
    )
    answer = enter(cast.analyst).post(field_url(study), read)
    assert "This value changed after you opened the page" in text(answer)
    assert PLAIN in text(answer)
    assert said(study) == PLAIN
    again = read | {"seen": answer.context["seen"]}
    assert enter(cast.analyst).post(field_url(study), again).status_code == 302
    assert said(study) == "The second value"


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("registry_no", "NCT00000001", "never curated"),
        ("extra", {}, "never curated"),
        ("nonsense", "x", "no field"),
        ("enrolment_count", "many", "No record can hold this"),
        ("conditions", [3], "No record can hold this"),
        ("start_dtc", "soon", "No record can hold this"),
    ],
)
def test_what_no_record_can_hold_is_never_curated(field, value, reason, cast, register):
    with pytest.raises(actions.CurationRefused, match=reason):
        actions.curate_field(
            study=register.lantern, field=field, value=value, by=cast.lead, at=LATER, reason="x"
        )


def ours(study, by, **values):
    for field, value in values.items():
        actions.curate_field(
            study=study, field=field, value=value, by=by, at=LATER, reason="x", doubts_checked=True
        )


@pytest.mark.parametrize(
    ("held", "field", "typed", "reason"),
    [
        ({}, "maximum_age", "17 Years", "lies below the youngest"),
        ({"maximum_age": "18 Years"}, "minimum_age", "19 Years", "lies below the youngest"),
        ({"start_dtc": "2026-06"}, "completion_dtc", "2026-05", "before the first enrolment"),
        ({"completion_dtc": "2030"}, "start_dtc", "2031", "before the first enrolment"),
        ({}, "phases", ["NA", "PHASE2"], "not both"),
    ],
)
def test_a_value_that_cannot_be_beside_the_others_is_refused(
    held, field, typed, reason, enter, cast, register
):
    study = register.lantern
    ours(study, cast.lead, **held)
    answer = enter(cast.analyst).post(field_url(study, field), sent(study, typed, field))
    assert reason in answer.context["form"].errors[field].as_text()
    assert answer.context["form"][field].value() == typed
    assert not CuratedField.objects.filter(field=field).exists()


def test_a_value_that_fits_badly_holds_once_somebody_looked(enter, cast, register):
    client, study = enter(cast.analyst), register.lantern
    data = sent(study, "OBSERVATIONAL", "study_type")
    assert "I have checked this" not in text(client.get(field_url(study, "study_type")))
    answer = client.post(field_url(study, "study_type"), data)
    assert "Phases belong to interventional" in answer.context["form"].errors["checked"].as_text()
    assert said(study, "study_type") == "INTERVENTIONAL"
    assert client.post(field_url(study, "study_type"), data | {"checked": "on"}).status_code == 302
    assert said(study, "study_type") == "OBSERVATIONAL"


def test_what_fitted_badly_before_holds_no_other_field_back(enter, cast, register):
    study = register.lantern
    ours(study, cast.lead, study_type="OBSERVATIONAL")
    answer = enter(cast.analyst).post(field_url(study), sent(study, PLAIN))
    assert answer.status_code == 302


def test_rows_change_on_the_page_alone_and_nothing_is_called_wrong_yet(enter, cast, register):
    client, study = enter(cast.analyst), register.lantern
    typed = {"primary_outcomes-n": 2, "primary_outcomes-0-measure": "Death"}
    typed |= {"primary_outcomes-1-measure": "Pain", "reason": ""}
    url = field_url(study, "primary_outcomes")
    added = client.post(url, typed | {"go": "add:primary_outcomes"}).context["form"]
    assert added["primary_outcomes-1-measure"].value() == "Pain"
    assert "primary_outcomes-2-measure" in added.fields
    removed = client.post(url, typed | {"go": "remove:primary_outcomes:0"}).context["form"]
    assert removed["primary_outcomes-0-measure"].value() == "Pain"
    assert "primary_outcomes-1-measure" not in removed.fields
    assert not added.errors
    assert not removed.errors
    assert not CuratedField.objects.exists()


@pytest.mark.parametrize(
    ("who", "may"), [("analyst", True), ("lead", True), ("representative", False)]
)
def test_only_keepers_curate_and_who_works_with_the_study_reads_why(
    who, may, enter, cast, register
):
    client, study = enter(getattr(cast, who)), register.lantern
    listed = text(client.get(reverse("registry:curate", args=[study.pk])))
    assert ("It needs the role" in listed) is not may
    assert (field_url(study) in listed) is may
    page = text(client.get(field_url(study)))
    assert ("It needs the role" in page) is not may
    client.post(field_url(study), sent(study, PLAIN))
    assert CuratedField.objects.exists() is may
    assert (client.get(reverse("registry:review")).status_code == 200) is may
    decided = client.post(reverse("registry:review_decide"), {"go": "keep"})
    assert (decided.status_code == 302) is may


@pytest.mark.parametrize("who", ["sponsor", "rival", "administrator", "nobody"])
def test_curation_is_not_found_by_those_who_do_not_work_with_the_study(who, enter, cast, differing):
    client, study = enter(getattr(cast, who)), differing.study
    seen = sent(study, "Ours")
    assert client.get(reverse("registry:curate", args=[study.pk])).status_code == 404
    assert client.get(field_url(study)).status_code == 404
    assert client.post(field_url(study), seen).status_code == 404
    assert said(study) == PLAIN


@pytest.mark.parametrize("part", ["", "sites/", "eligibility/", "outcomes/", "versions/"])
@pytest.mark.parametrize(
    ("who", "by"),
    [
        ("representative", "Curated by Nadia"),
        ("sponsor", "Curated by the coordinating body"),
        ("nobody", "Curated by the coordinating body"),
    ],
)
def test_a_public_page_says_that_a_value_is_curated_and_names_nobody(
    who, by, part, enter, cast, register
):
    study = register.lantern
    ours(study, cast.analyst, brief_title=PLAIN, sex="FEMALE", start_dtc="2026-02")
    page = text(enter(getattr(cast, who)).get(f"/studies/{study.pk}/{part}"))
    assert (by in page) is (part in ("", "eligibility/"))
    if who != "representative":
        assert "Nadia" not in page


def test_buttons_are_for_those_who_decide(enter, cast, differing):
    url = reverse("registry:curate", args=[differing.study_id])
    overview = f"/studies/{differing.study_id}/"
    acts = ("Keep curated", "Take the registry’s", "Say something else", "until you decide")
    for who, may in (("representative", False), ("analyst", True)):
        client = enter(getattr(cast, who))
        page = text(client.get(url))
        assert NEW.split()[1] in page
        assert [act in page for act in acts] == [may] * 4
        assert ("until you decide" in text(client.get(overview))) is may
        assert ("until the coordinating body decides" in text(client.get(overview))) is not may


def test_each_act_of_the_queue_names_its_study(enter, cast, differing):
    page = text(enter(cast.analyst).get(reverse("registry:review")))
    number = differing.study.number
    for act in ("Keep curated", "Take the registry’s", "Say something else"):
        assert f'{act}<span class="away"> Public title, {number}</span>' in page
    assert f'Public title <span class="keyed">{number}</span></a>' in page


def test_the_overview_says_that_the_public_title_is_curated(enter, cast, curated):
    page = enter(cast.lead).get(f"/studies/{curated.study_id}/")
    by = f"Curated by Nadia, {wording.day(curated.curated_at)}"
    assert page.context["curated_words"] == [("Public title", by)]
    assert by in text(page)


@pytest.mark.parametrize("field", ["nonsense", "registry_no", "notes"])
def test_a_field_that_the_form_does_not_ask_is_not_found(field, enter, cast, register):
    assert enter(cast.analyst).get(field_url(register.lantern, field)).status_code == 404


def test_a_study_that_may_not_be_seen_is_not_found(enter, cast, register):
    client = enter(cast.rival)
    assert client.get(reverse("registry:curate", args=[register.draft.pk])).status_code == 404
    assert client.get(field_url(register.draft)).status_code == 404
    assert client.get(reverse("registry:merge", args=[register.draft.pk])).status_code == 404


def test_a_draft_is_not_curated(cast, register):
    with pytest.raises(actions.CurationRefused, match="only published"):
        actions.curate_field(
            study=register.draft, field="acronym", value="X", by=cast.lead, at=LATER, reason="x"
        )


# -- the review -----------------------------------------------------------------------------------


def key(curated):
    curated.refresh_from_db()
    return f"{curated.pk}:{rules.mark(curated.value, curated.imported_value)}"


def test_a_difference_waits_in_the_queue_with_both_values(enter, cast, differing):
    client = enter(cast.analyst)
    shown = text(client.get(reverse("registry:review")))
    assert "<del>" in shown
    assert "<ins>" in shown
    assert "Plain words" in shown
    assert "LANTERN" in shown or differing.study.number in shown


@pytest.mark.parametrize(("go", "holds", "waits"), [("keep", PLAIN, False), ("take", NEW, False)])
@pytest.mark.parametrize("is_bulk", [True, False])
def test_a_difference_is_settled_one_by_one_or_in_bulk(
    go, holds, waits, is_bulk, enter, cast, differing
):
    ticked = {"go": go, "row": [key(differing)], "confirmed": "1", "reason": "Read both"}
    data = ticked if is_bulk else {"go": f"{go}|{key(differing)}"}
    answer = enter(cast.analyst).post(reverse("registry:review_decide"), data)
    assert answer["Location"] == reverse("registry:review")
    assert said(differing.study) == holds
    assert selectors.list_differing(cast.analyst).exists() is waits


def test_what_was_ticked_is_listed_before_it_is_decided(enter, cast, differing):
    client, read = enter(cast.analyst), key(differing)
    url = reverse("registry:review_decide")
    answer = client.post(
        url, {"go": "take", "row": [read, "0:gone"], "back": "/studies/review/?q=x"}
    )
    shown = text(answer)
    assert "Take 1 value of the registry?" in shown
    assert differing.study.number in shown
    assert "1 of the ticked differences was decided or changed meanwhile" in shown
    assert answer.context["back"] == "/studies/review/?q=x"
    assert said(differing.study) == PLAIN
    reason = {"go": "take", "row": answer.context["keys"], "confirmed": "1", "reason": "x" * 501}
    assert client.post(url, reason).status_code == 200
    assert said(differing.study) == PLAIN
    client.post(url, {**reason, "reason": "The sponsor wrote it"})
    assert said(differing.study) == NEW
    event = AuditEvent.objects.get(event="registry.study.import_accepted")
    assert event.reason == "The sponsor wrote it"


def test_the_queue_says_since_when_a_value_differs(enter, cast, differing):
    shown = text(enter(cast.analyst).get(reverse("registry:review")))
    assert f"has differed since {wording.day(differing.differs_since)}" in shown
    assert "ago" not in shown


def test_a_difference_that_changed_since_it_was_read_is_not_settled(enter, cast, differing, bring):
    read = key(differing)
    bring(trial(1, "A third title", updated="2026-06-30"), at=LATER + timedelta(days=60))
    client = enter(cast.analyst)
    answer = client.post(reverse("registry:review_decide"), {"go": f"take|{read}"}, follow=True)
    assert "This value changed after you opened the page" in text(answer)
    assert said(differing.study) == PLAIN


def test_a_difference_is_settled_once(enter, cast, differing):
    client, read = enter(cast.analyst), key(differing)
    url = reverse("registry:review_decide")
    sure = {"go": "take", "row": [read], "confirmed": "1"}
    client.post(url, sure)
    assert "Somebody decided this difference already" in text(client.post(url, sure, follow=True))
    ticked = client.post(url, {"go": "take", "row": [read]}, follow=True)
    assert "what was ticked was decided meanwhile" in text(ticked)


@pytest.mark.parametrize(
    "data",
    [{}, {"go": "keep"}, {"go": "drop", "row": ["1:x"]}, {"go": "keep|x"}, {"row": ["9" * 99]}],
)
def test_a_forged_decision_changes_nothing(data, enter, cast, differing):
    answer = enter(cast.analyst).post(
        reverse("registry:review_decide"), {**data, "back": "//evil.example/studies/"}
    )
    assert answer["Location"] == reverse("registry:review")
    assert CuratedField.objects.get(pk=differing.pk).differs_since


@pytest.mark.parametrize(
    ("query", "status", "holds"),
    [
        ("q=nct09990001", 200, True),
        ("q=compared", 200, False),
        ("q=nose+throat", 200, True),
        ("field=brief_title", 200, True),
        ("field=nonsense", 200, True),
        ("q=%00", 200, True),
        ("after=x", 404, False),
    ],
)
def test_the_queue_is_narrowed(query, status, holds, enter, cast, differing):
    answer = enter(cast.analyst).get(f"{reverse('registry:review')}?{query}")
    assert answer.status_code == status
    if status == 200:
        assert bool(answer.context["lines"]) is holds


def test_the_queue_is_taken_along_as_a_file(enter, cast, differing):
    url = reverse("registry:review_export")
    lines = b"".join(enter(cast.analyst).get(url)).decode().splitlines()
    assert lines[0].endswith("On,Reason,Differs since")
    assert PLAIN in lines[1]
    assert NEW in lines[1]
    narrowed = enter(cast.analyst).get(f"{url}?q=zebra")
    assert len(b"".join(narrowed).splitlines()) == 1
    assert enter(cast.sponsor).get(url).status_code == 404


def test_keep_and_take_work_from_the_fields_own_page_too(enter, cast, differing):
    study = differing.study
    answer = enter(cast.analyst).post(field_url(study), sent(study, PLAIN, go="keep"))
    assert answer.status_code == 302
    differing.refresh_from_db()
    assert differing.differs_since is None
    enter(cast.analyst).post(field_url(study), sent(study, PLAIN, go="take"))
    assert said(study) == NEW


def test_publishing_a_change_under_a_curated_value_flags_it(cast, bodies):
    draft = published_by_hand(cast, bodies)
    actions.curate_field(
        study=draft.study, field="acronym", value="OURS", by=cast.lead, at=LATER, reason="x"
    )
    save(draft, cast.sponsor, {"acronym": "THEIRS"})
    drafts.publish_study(draft=draft, by=cast.sponsor, at=timezone.now())
    held = CuratedField.objects.get(study=draft.study)
    assert held.differs_since
    assert held.imported_value == "THEIRS"
    assert said(draft.study, "acronym") == "OURS"


def save(draft, by, answers):
    draft.refresh_from_db()
    return drafts.save_draft(
        draft=draft, answers=answers, revision=draft.revision, by=by, at=timezone.now()
    )


def published_by_hand(cast, bodies):
    draft = drafts.start_registration(
        title="Night light", on_behalf_of=bodies.damar, by=cast.sponsor, at=timezone.now()
    )
    save(draft, cast.sponsor, WHOLE)
    drafts.publish_study(draft=draft, by=cast.sponsor, at=timezone.now())
    draft.refresh_from_db()
    return draft


def test_each_decision_is_told_in_the_trail(enter, cast, differing):
    enter(cast.analyst).post(reverse("registry:review_decide"), {"go": f"take|{key(differing)}"})
    events = set(AuditEvent.objects.values_list("event", flat=True))
    assert {"registry.study.curated", "registry.study.import_accepted"} <= events


# -- a value and its kind -------------------------------------------------------------------------


def test_a_date_is_curated_on_one_page_with_its_kind(enter, cast, register):
    client, study = enter(cast.analyst), register.lantern
    assert client.get(field_url(study, "start_kind"))["Location"] == field_url(study, "start_dtc")
    shown = client.get(field_url(study, "primary_completion_dtc"))
    assert list(shown.context["form"].fields)[:2] == [
        "primary_completion_dtc",
        "primary_completion_kind",
    ]
    data = sent(study, "2027-03", "primary_completion_dtc", primary_completion_kind="ESTIMATED")
    answer = client.post(field_url(study, "primary_completion_dtc"), data)
    assert answer["Location"].endswith("/curate/#field-primary_completion_dtc")
    listed = text(client.get(answer["Location"]))
    assert 'id="field-primary_completion_dtc"' in listed
    assert "Mar 2027 (estimated)" in listed
    assert "Primary completion, estimated or actual" not in listed


def test_the_review_says_both_kinds_and_its_legend_once(enter, cast, register, bring):
    study = register.lantern
    actions.curate_field(
        study=study,
        field="start_dtc",
        value="2026-02",
        beside={"start_kind": "ACTUAL"},
        by=cast.lead,
        at=LATER,
        reason="Letter",
    )
    ours(study, cast.lead, brief_title=PLAIN)
    bring(trial(1, NEW, acronym="LANTERN", start="2026-06", updated="2026-04-30"), at=LATER)
    page = enter(cast.analyst).get(reverse("registry:review"))
    assert [line["field"] for line in page.context["lines"]] == ["start_dtc", "brief_title"]
    first = page.context["lines"][0]
    assert (first["curated"], first["imported"]) == ("Feb 2026 (actual)", "Jun 2026 (estimated)")
    assert text(page).count("what the registry says now") == 1
    enter(cast.analyst).post(reverse("registry:review_decide"), {"go": f"take|{first['key']}"})
    assert said(study, "start_dtc") == "2026-06"
    assert said(study, "start_kind") == "ESTIMATED"


def test_countries_that_only_sites_say_are_shown_where_they_are_curated(enter, cast, register):
    page = enter(cast.analyst).get(reverse("registry:curate", args=[register.lantern.pk]))
    lines = {line["field"]: line["text"] for _, lines in page.context["parts"] for line in lines}
    assert lines["countries"] == "Singapore"
