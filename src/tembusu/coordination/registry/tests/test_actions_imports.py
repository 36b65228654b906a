"""Imports: what becomes of each record, what an interruption and a bad record cost, what is left."""

import json
from pathlib import Path

import pytest

from tembusu.coordination.registry import reading
from tembusu.coordination.registry.actions import imports
from tembusu.coordination.registry.actions.curation import curate_field
from tembusu.coordination.registry.models import (
    CrossReference,
    CuratedField,
    ImportRun,
    RefusedRecord,
    Registration,
    RegistrationVersion,
    SearchWord,
    SeenPiece,
    Study,
    StudyIndex,
    StudyLocation,
)
from tembusu.coordination.registry.terms import RunState
from tembusu.coordination.registry.tests.conftest import AT, trial
from tembusu.foundation.core.models import AuditEvent, OutboxEvent
from trialformats.records import from_json, to_json

pytestmark = pytest.mark.django_db


def written(folder, *trials, name="records.json"):
    file = folder / name
    file.write_text(json.dumps(list(trials)))
    return file


def take(*paths, **more):
    return imports.import_studies(paths=list(paths), by=None, at=AT, **more)


def counts(run):
    said = dict(run.counts)
    assert said.pop("read") == sum(said.values())
    return said


def figures(created=0, updated=0, unchanged=0, rejected=0):
    return {"created": created, "updated": updated, "unchanged": unchanged, "rejected": rejected}


def isrctn(no, *, secondary="", title="From elsewhere", inside=""):
    """Return an entry of another registry, as WHO's export writes it."""
    return (
        f"<Trial><TrialID>ISRCTN{no:08}</TrialID><Public_title>{title}</Public_title>"
        f"<Secondary_ID>{secondary}</Secondary_ID>{inside}</Trial>"
    )


def drks(no, *, secondary=""):
    return (
        f"<Trial><TrialID>DRKS{no:08}</TrialID><Public_title>Aus Freiburg</Public_title>"
        f"<Secondary_ID>{secondary}</Secondary_ID></Trial>"
    )


def xml(folder, *trials, name="who.xml"):
    file = folder / name
    file.write_text(
        f"<Trials_downloaded_from_ICTRP>{''.join(trials)}</Trials_downloaded_from_ICTRP>"
    )
    return file


def naming(no, other, **more):
    """Return a trial that names its number in another registry."""
    made = trial(no, **more)
    identification = made["protocolSection"]["identificationModule"]
    identification["secondaryIdInfos"] = [{"id": other, "type": "REGISTRY"}]
    return made


def study_of(number):
    return Study.objects.get(registrations__registry_no=number)


def current(number):
    registration = Registration.objects.get(registry_no=number)
    return registration.versions.get(version_no=registration.version_no).record


def facets(study):
    return StudyIndex.objects.get(study=study).facets


# -- counts -------------------------------------------------------------------------------------


def test_what_is_new_changed_the_same_and_unreadable_adds_up(tmp_path):
    file = written(tmp_path, trial(1), trial(2), {"protocolSection": {}})
    assert counts(take(file)) == figures(created=2, rejected=1)
    file = written(tmp_path, trial(1), trial(2, "New title", updated="2026-02-09"), trial(3))
    assert counts(take(file)) == figures(created=1, updated=1, unchanged=1)
    assert Study.objects.count() == Registration.objects.count() == 3
    assert RegistrationVersion.objects.count() == 4


@pytest.mark.parametrize("read_ahead", [False, True])
def test_the_same_files_again_change_nothing(tmp_path, read_ahead):
    file = written(tmp_path, trial(1), trial(2))
    take(file, read_ahead=read_ahead)
    before = (list(StudyIndex.objects.order_by("pk").values()), AuditEvent.objects.count())
    words = dict(SearchWord.objects.values_list("word", "n_studies"))

    assert counts(take(file, read_ahead=read_ahead)) == figures(unchanged=2)
    assert (
        list(StudyIndex.objects.order_by("pk").values()),
        AuditEvent.objects.count() - 2,
    ) == before
    assert dict(SearchWord.objects.values_list("word", "n_studies")) == words


def test_the_same_content_in_other_bytes_is_unchanged(tmp_path):
    take(written(tmp_path, trial(1)))
    file = tmp_path / "pretty.json"
    file.write_text(json.dumps([trial(1)], indent=4))
    assert counts(take(file)) == figures(unchanged=1)
    assert SeenPiece.objects.count() == 2


def test_another_process_reads_the_same_as_this_one(tmp_path):
    file = written(tmp_path, trial(1), naming(2, "ISRCTN00000001"), trial(3, "癌"), {"x": 1})
    reader = reading.Reader((file,))
    here = [one for batch in reader.batches(lambda _: False) for one in batch]
    assert [one for batch in reader.ahead() for one in batch] == here
    assert [one.key for one in here][1] == ("ctgov", "NCT09990002")
    assert here[1].cross == (("isrctn", "ISRCTN00000001"),)
    assert here[3].reading.reason


def test_an_older_record_never_replaces_a_newer_one(bring):
    bring(trial(1, "Newer", updated="2026-02-02"))
    run = bring(trial(1, "Older", updated="2026-02-01"))
    assert counts(run) == figures(unchanged=1)
    assert current("NCT09990001")["brief_title"] == "Newer"


def test_the_same_number_twice_in_one_file_is_one_study(bring):
    run = bring(trial(1), trial(1), trial(1, "Later", updated="2026-02-08"))
    assert counts(run) == figures(created=1, updated=1, unchanged=1)
    assert [v.version_no for v in RegistrationVersion.objects.order_by("pk")] == [1, 2]
    assert StudyIndex.objects.get().title == "Later"


def test_a_csv_lays_its_columns_over_the_record_and_blanks_nothing(bring, tmp_path):
    bring(trial(1, "Full", summary="All of it", acronym="TEA"))
    file = tmp_path / "rows.csv"
    file.write_text(
        "NCT Number,Study Title,Study Status,Last Update Posted\n"
        "NCT09990001,Full,COMPLETED,2026-02-05\n"
    )
    assert counts(take(file)) == figures(updated=1)
    record = current("NCT09990001")
    assert (record["overall_status"], record["brief_summary"]) == ("COMPLETED", "All of it")
    assert record["acronym"] == "TEA"
    assert record["locations"]
    event = AuditEvent.objects.get(event="registry.study.import_updated")
    assert set(event.change["fields"]) == {"overall_status", "last_update_posted_dtc"}
    assert StudyLocation.objects.count() == 1


def test_a_csv_without_days_never_overrules_a_fuller_record(bring, tmp_path):
    bring(trial(1, "Full"))
    file = tmp_path / "rows.csv"
    file.write_text("NCT Number,Study Title\nNCT09990001,Poorer\n")
    assert counts(take(file)) == figures(unchanged=1)
    assert current("NCT09990001")["brief_title"] == "Full"


# -- one study in several registries ------------------------------------------------------------


@pytest.mark.parametrize("is_one_batch", [True, False])
@pytest.mark.parametrize("who_names", ["nct", "isrctn", "both"])
@pytest.mark.parametrize("who_is_first", ["nct", "isrctn"])
def test_two_entries_are_one_study_whoever_names_whom(
    tmp_path, is_one_batch, who_names, who_is_first
):
    nct = trial(1) if who_names == "isrctn" else naming(1, "ISRCTN00000001")
    other = isrctn(1, secondary="" if who_names == "nct" else "NCT09990001")
    files = [written(tmp_path, nct), xml(tmp_path, other)]
    files = files if who_is_first == "nct" else files[::-1]
    runs = [take(*files)] if is_one_batch else [take(file) for file in files]

    assert sum(run.counts["created"] for run in runs) == 2
    assert sum(run.counts["rejected"] for run in runs) == 0
    study = Study.objects.get()
    assert set(study.registrations.values_list("registry", flat=True)) == {"ctgov", "isrctn"}
    row = StudyIndex.objects.get()
    assert set(row.registry_nos) == {"NCT09990001", "ISRCTN00000001"}
    assert row.title == "A trial of VN-118"
    assert "flag:may_be_one" not in row.facets


def test_an_entry_that_lists_no_locations_takes_none_from_its_partner(tmp_path):
    take(written(tmp_path, trial(1)))
    take(xml(tmp_path, isrctn(1, secondary="NCT09990001")))
    assert StudyLocation.objects.count() == 1
    take(xml(tmp_path, isrctn(1, secondary="NCT09990001", title="Changed"), name="b.xml"))
    assert StudyLocation.objects.count() == 1
    assert StudyIndex.objects.get().n_locations == 1


def test_two_numbers_of_one_registry_are_never_one_study(bring):
    bring(naming(1, "NCT09990002"), naming(2, "NCT09990001"))
    assert Study.objects.count() == 2
    assert not any("flag:may_be_one" in row.facets for row in StudyIndex.objects.all())


def test_two_entries_of_one_registry_cannot_both_join_one_study(tmp_path):
    take(written(tmp_path, trial(1)))
    file = xml(tmp_path, *(isrctn(no, secondary="NCT09990001") for no in (1, 2)))
    assert counts(take(file)) == figures(created=2)
    assert study_of("ISRCTN00000001") == study_of("NCT09990001") != study_of("ISRCTN00000002")


def test_where_two_studies_could_be_the_partner_none_is_guessed_and_all_are_flagged(tmp_path):
    take(
        written(tmp_path, naming(1, "ISRCTN00000009")),
        xml(tmp_path, drks(5, secondary="ISRCTN00000009")),
    )
    assert Study.objects.count() == 2
    take(xml(tmp_path, isrctn(9), name="late.xml"))
    own = study_of("ISRCTN00000009")
    partners = {study_of("NCT09990001"), study_of("DRKS00000005")}
    assert own not in partners
    for study in {own, *partners}:
        assert "flag:may_be_one" in facets(study)
    event = AuditEvent.objects.get(change__registration="ISRCTN00000009")
    assert set(event.change["may_belong_to"]) == {study.number for study in partners}
    assert {f"registry.Study:{study.pk}" for study in partners} <= set(event.records)


def test_studies_that_begin_to_name_each_other_later_are_flagged(tmp_path):
    take(written(tmp_path, trial(1)), xml(tmp_path, isrctn(1)))
    assert Study.objects.count() == 2
    take(written(tmp_path, naming(1, "ISRCTN00000001", updated="2026-02-20"), name="b.json"))
    assert Study.objects.count() == 2
    assert "flag:may_be_one" in facets(study_of("NCT09990001"))


# -- curated values -----------------------------------------------------------------------------


@pytest.fixture
def curated(bring, cast):
    """A trial whose title staff corrected."""
    bring(trial(1, "Imported", updated="2026-02-01"))
    return curate_field(
        study=Study.objects.get(),
        field="brief_title",
        value="Curated",
        by=cast.lead,
        at=AT,
        reason="As in the protocol",
    )


def test_a_curated_value_stays_and_the_difference_is_flagged(bring, curated):
    bring(trial(1, "Changed", updated="2026-02-02"))
    held = CuratedField.objects.get()
    assert (held.value, held.imported_value, held.differs_since) == ("Curated", "Changed", AT)
    row = StudyIndex.objects.get()
    assert (row.title, row.needs_review) == ("Curated", True)
    assert "flag:needs_review" in row.facets


def test_the_flag_goes_down_when_the_registry_agrees(bring, curated):
    bring(trial(1, "Changed", updated="2026-02-02"))
    bring(trial(1, "Curated", updated="2026-02-03"))
    assert CuratedField.objects.get().differs_since is None
    assert not StudyIndex.objects.get().needs_review


def test_a_change_elsewhere_in_the_record_flags_nothing(bring, curated):
    bring(trial(1, "Imported", updated="2026-02-02", status="COMPLETED"))
    assert CuratedField.objects.get().differs_since is None


def test_an_entry_that_is_not_the_one_heard_flags_nothing(tmp_path, curated):
    take(xml(tmp_path, isrctn(1, secondary="NCT09990001", title="Theirs")))
    take(xml(tmp_path, isrctn(1, secondary="NCT09990001", title="Theirs now"), name="b.xml"))
    assert Study.objects.get().registrations.count() == 2
    held = CuratedField.objects.get()
    assert (held.imported_value, held.differs_since) == ("Imported", None)


def test_an_entry_that_joins_and_is_heard_first_is_flagged(tmp_path, cast):
    take(xml(tmp_path, isrctn(1, secondary="NCT09990001", title="Theirs")))
    curate_field(
        study=Study.objects.get(),
        field="brief_title",
        value="Curated",
        by=cast.lead,
        at=AT,
        reason="As in the protocol",
    )
    take(written(tmp_path, trial(1, "Ours")))
    held = CuratedField.objects.get()
    assert (held.imported_value, held.differs_since) == ("Ours", AT)


# -- bad records --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "n_good", "reason"),
    [
        ([trial(1), {"protocolSection": {"identificationModule": {}}}, trial(3)], 2, "nctId"),
        ([trial(1), trial(2, start="2026-02-30"), trial(3)], 2, "2026-02-30"),
        ([trial(1), "no study", trial(3)], 2, "study"),
    ],
)
def test_a_bad_record_costs_no_good_one_and_says_where_and_why(tmp_path, content, n_good, reason):
    folder = tmp_path / "in"
    folder.mkdir()
    run = take(written(folder, *content), refused_folder=lambda _: tmp_path / "refused")
    assert counts(run) == figures(created=n_good, rejected=1)
    one = RefusedRecord.objects.get()
    assert (one.source, one.position) == ("records.json", 2)
    assert reason in one.reason
    report = (tmp_path / "refused" / "reasons.csv").read_text(encoding="utf-8-sig")
    assert "records.json,2," in report


def test_a_refused_record_is_mended_and_sent_again(tmp_path):
    folder, refused = tmp_path / "in", tmp_path / "refused"
    folder.mkdir()
    take(written(folder, trial(1), trial(2, start="2026-02-30")), refused_folder=lambda _: refused)
    kept = refused / "refused" / "000001-NCT09990002.json"
    kept.write_text(kept.read_text().replace("2026-02-30", "2026-02-28"))
    assert counts(take(refused)) == figures(created=1)
    assert current("NCT09990002")["start_dtc"] == "2026-02-28"


def test_a_nul_within_a_text_is_left_out_and_the_version_says_so(tmp_path):
    run = take(written(tmp_path, trial(1, "Tea\x00 for colds")))
    assert counts(run) == figures(created=1)
    assert StudyIndex.objects.get().title == "Tea for colds"
    [note] = RegistrationVersion.objects.get().notes
    assert note == "Characters that say nothing (NUL) were left out of: brief_title."


@pytest.mark.parametrize("sign", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_a_sign_that_turns_words_is_left_out_and_the_version_says_so(sign, tmp_path):
    run = take(written(tmp_path, trial(1, f"Tea {sign}‘for’ שלום colds\u200f")))
    assert counts(run) == figures(created=1)
    assert StudyIndex.objects.get().title == "Tea ‘for’ שלום colds\u200f"
    [note] = RegistrationVersion.objects.get().notes
    assert note == "Hidden signs that turn the direction of words were left out of: brief_title."


def test_a_backslash_before_the_letters_of_a_nul_stays(tmp_path):
    run = take(written(tmp_path, trial(1, r"Folder C:\u0000")))
    assert counts(run) == figures(created=1)
    assert StudyIndex.objects.get().title == r"Folder C:\u0000"
    assert RegistrationVersion.objects.get().notes == []


def test_what_is_stored_reads_back_as_the_same_record(bring):
    bring(trial(1, "Tea für Erkältung 癌"))
    version = RegistrationVersion.objects.get()
    assert to_json(from_json(version.record)) == version.record
    assert version.run == ImportRun.objects.get()


# -- what is announced and remembered ------------------------------------------------------------


def test_each_change_is_announced_once_and_nothing_is_where_nothing_changed(bring):
    bring(trial(1), trial(2))
    ids = list(Study.objects.order_by("pk").values_list("pk", flat=True))
    assert [one.payload for one in OutboxEvent.objects.all()] == [{"study_ids": ids}]
    bring(trial(1), trial(2))
    assert OutboxEvent.objects.count() == 1


def test_a_run_tells_its_beginning_and_its_end_and_names_no_folder(bring, tmp_path):
    run = bring(trial(1))
    told = AuditEvent.objects.filter(event__startswith="registry.").order_by("id")
    events = [one.event for one in told]
    assert events[0] == "registry.import.started"
    assert events[-1] == "registry.import.finished"
    assert run.state == RunState.DONE
    assert run.label.endswith(".json")
    shown = json.dumps([run.label, run.paths, run.last_source])
    assert str(tmp_path) not in shown
    assert AuditEvent.objects.filter(change__source__endswith=".json #1").exists()


def test_new_words_of_a_changed_record_are_known_and_old_ones_not_counted_again(bring):
    bring(trial(1, "Tea", updated="2026-02-01"))
    bring(trial(1, "Tea and sympathy", updated="2026-02-02"))
    found = dict(SearchWord.objects.values_list("word", "n_studies"))
    assert (found["tea"], found["sympathy"]) == (1, 1)


def test_a_number_that_is_named_no_more_is_forgotten(bring):
    bring(naming(1, "ISRCTN00000001", updated="2026-02-01"))
    assert CrossReference.objects.get().registry_no == "ISRCTN00000001"
    bring(trial(1, updated="2026-02-02"))
    assert not CrossReference.objects.exists()


def test_giant_records_part_a_batch_by_their_size(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "BATCH_BYTES", 100)
    file = written(tmp_path, trial(1), trial(2))
    reader = reading.Reader((Path(file),))
    assert [len(batch) for batch in reader.batches(lambda _: False)] == [1, 1]
