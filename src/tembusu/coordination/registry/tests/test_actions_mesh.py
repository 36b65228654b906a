"""The thesaurus comes in whole or not at all, and a second time changes nothing."""

import gzip

import pytest
from tests.support.shared import shared_path

from tembusu.coordination.registry.actions import index, mesh
from tembusu.coordination.registry.models import (
    MeshDescriptor,
    MeshPhrase,
    SearchWord,
    Study,
    StudyIndex,
)
from tembusu.coordination.registry.rules import indexing
from tembusu.coordination.registry.rules.mesh import MeshError, broader, words
from tembusu.coordination.registry.tests import search_cast
from tembusu.coordination.registry.tests.search_cast import AT, TERMS, TREES
from tembusu.foundation.core.models import AuditEvent


def load(folder, terms=TERMS, trees=TREES, **how):
    files = search_cast.write_mesh(folder / "mesh", terms, trees)
    return mesh.load_mesh(terms=files[0], trees=files[1], by=None, at=AT, **how)


def lexemes(study):
    document = StudyIndex.objects.get(study=study).document
    return {part.split(":")[0].strip("'") for part in document.split()}


def everything():
    rows = MeshDescriptor.objects.order_by("pk").values_list()
    phrases = MeshPhrase.objects.order_by("phrase", "descriptor_id")
    return list(rows), list(phrases.values_list("phrase", "descriptor_id"))


# -- loading ------------------------------------------------------------------------------------


def test_each_descriptor_knows_all_that_are_broader(db, tmp_path):
    counts = load(tmp_path)
    assert MeshDescriptor.objects.get(pk="D009303").broader == ["D009369"]
    head = MeshDescriptor.objects.get(pk="D009369")
    assert (head.tree_numbers, head.broader) == (["C04"], [])
    assert (counts.descriptors, counts.phrases, counts.phrases_added) == (4, 9, 9)


def test_a_second_load_changes_nothing(db, tmp_path):
    load(tmp_path)
    search_cast.bring(tmp_path)
    before, n_events = everything(), AuditEvent.objects.count()
    counts = load(tmp_path)
    assert everything() == before
    assert AuditEvent.objects.count() == n_events
    changed = counts.as_json()
    assert {changed.pop("descriptors"), changed.pop("phrases")} == {4, 9}
    assert set(changed.values()) == {0}


def test_studies_that_came_first_are_indexed_by_their_concepts(db, tmp_path):
    studies = search_cast.bring(tmp_path)
    study = studies["NCT90000001"]
    assert not lexemes(study) & {"d009303", "d009369"}
    counts = load(tmp_path)
    assert {"d009303", "d009369"} <= lexemes(study)
    assert counts.studies_indexed >= 4
    assert SearchWord.objects.get(pk="d009369").n_studies == 2


def test_only_studies_that_hold_a_changed_term_are_indexed_again(db, tmp_path):
    load(tmp_path)
    studies = search_cast.bring(tmp_path)
    more = (*TERMS, ("D007319", "Sleep Initiation Disorders", "Insomnia"))
    counts = load(tmp_path, more, (*TREES, ("D007319", "C10.886.425.800.800")))
    assert counts.studies_indexed == 1
    assert "d007319" in lexemes(studies["NCT90000005"])


def test_a_term_that_is_gone_no_longer_finds_anything(db, tmp_path):
    load(tmp_path)
    studies = search_cast.bring(tmp_path)
    counts = load(tmp_path, [row for row in TERMS if row[0] != "D001249"], TREES[:2])
    assert (counts.descriptors_removed, counts.phrases_removed) == (1, 1)
    assert not MeshDescriptor.objects.filter(pk="D001249").exists()
    assert "d001249" not in lexemes(studies["NCT90000003"])
    assert not SearchWord.objects.filter(pk="d001249").exists()


def test_a_heading_that_moves_in_the_tree_takes_its_studies_along(db, tmp_path):
    load(tmp_path)
    studies = search_cast.bring(tmp_path)
    load(tmp_path, TERMS, (*TREES, ("D009203", "C04.999")))
    assert "d009369" in lexemes(studies["NCT90000002"])


def test_a_load_is_written_in_the_ledger(db, tmp_path):
    load(tmp_path)
    event = AuditEvent.objects.get(event=mesh.LOADED)
    assert (event.by, event.at, event.change["phrases_added"]) == ("System", AT, 9)


def test_progress_is_told_for_each_batch(db, tmp_path, monkeypatch):
    monkeypatch.setattr(index, "BATCH", 2)
    search_cast.bring(tmp_path)
    told = []
    load(tmp_path, progress=lambda *step: told.append(step))
    assert [step for step in told if step[0] == "Indexing studies"][-1][1:] == (5, 5)


def test_a_load_that_was_interrupted_is_finished_by_the_next(db, tmp_path, monkeypatch):
    studies = search_cast.bring(tmp_path)

    class StoppedError(Exception):
        pass

    def stop(*_step):
        raise StoppedError

    with pytest.raises(StoppedError):
        load(tmp_path, progress=stop)
    monkeypatch.setattr(index, "BATCH", 2)
    StudyIndex.objects.update(document="")
    assert load(tmp_path).studies_indexed == 5
    assert "d009303" in lexemes(studies["NCT90000001"])


def test_the_words_of_the_thesaurus_are_known_and_outlive_a_recount(db, tmp_path):
    load(tmp_path)
    search_cast.bring(tmp_path)
    index.rebuild_words()
    attack = SearchWord.objects.get(pk="attack")
    assert (attack.is_term, attack.n_studies) == (True, 0)
    assert SearchWord.objects.get(pk="asthma").n_studies == 2
    assert SearchWord.objects.get(pk="d009369").n_studies == 2


def test_a_single_study_is_indexed_without_reading_the_whole_thesaurus(db, tmp_path, monkeypatch):
    load(tmp_path)
    study = search_cast.bring(tmp_path)["NCT90000001"]
    monkeypatch.setattr(index.Concepts, "load", None)
    StudyIndex.objects.filter(study=study).update(document="")
    assert index.refresh([study.pk]) == 1
    assert {"d009303", "d009369"} <= lexemes(study)
    assert Study.objects.count() == 5


# -- refusals -----------------------------------------------------------------------------------


def cut(path):
    path.write_bytes(path.read_bytes()[:-20])


def rewrite(text):
    return lambda path: path.write_bytes(gzip.compress(text.encode()))


HEAD = "DescriptorUI,DescriptorName,TermName\n"


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (cut, "mesh_terms.csv.gz is cut short or damaged"),
        (lambda path: path.write_bytes(b"\x1f\x8bnonsense"), "cut short or damaged"),
        (lambda path: path.write_bytes(b""), "Expected a file with the columns DescriptorUI"),
        (rewrite("a,b\n1,2\n"), "has no column DescriptorUI, DescriptorName, TermName"),
        (rewrite(HEAD), "holds no term"),
        (rewrite(HEAD + "D000001,Calcimycin\n"), "line 2: 2 columns where the first line has 3"),
        (rewrite(HEAD + 'D000001,Calcimycin,"never closed'), "not readable as CSV"),
        (rewrite(HEAD + "X1,Calcimycin,A23187\n"), "'X1, Calcimycin' is no MeSH descriptor"),
        (lambda path: path.write_bytes(HEAD.encode() + b"D000001,\xff\xfe,x\n"), "not UTF-8"),
        (lambda path: path.unlink(), "cannot be read"),
    ],
)
def test_a_file_that_is_no_thesaurus_is_refused_and_nothing_changes(db, tmp_path, spoil, says):
    load(tmp_path)
    before = everything()
    terms, trees = search_cast.write_mesh(tmp_path / "mesh")
    spoil(terms)
    with pytest.raises(MeshError, match="(?s).*" + says.replace("(", r"\(")):
        mesh.load_mesh(terms=terms, trees=trees, by=None, at=AT)
    assert everything() == before


def test_a_place_that_is_none_is_refused(db, tmp_path):
    with pytest.raises(MeshError, match="no place in the MeSH tree"):
        load(tmp_path, TERMS, [("D009369", "C04; DROP")])


def test_files_with_a_small_part_of_the_headings_replace_them_only_if_that_is_said(db, tmp_path):
    load(tmp_path)
    before = everything()
    part = {"terms": [row for row in TERMS if row[0] == TERMS[0][0]], "trees": TREES[:1]}
    with pytest.raises(mesh.WouldShrink, match="1 of the headings and 4 are loaded"):
        load(tmp_path, **part)
    assert everything() == before
    assert load(tmp_path, **part, may_shrink=True).descriptors == 1


def test_a_heading_s_own_name_is_one_of_its_terms(db, tmp_path):
    ui, name, _ = TERMS[0]
    load(tmp_path, terms=[(ui, name, "Another word for it")], trees=TREES[:1])
    assert set(MeshPhrase.objects.values_list("phrase", flat=True)) == {
        indexing.phrase(name),
        "another word for it",
    }


def test_the_files_are_told_apart_by_their_columns(tmp_path):
    terms, trees = search_cast.write_mesh(tmp_path / "mesh")
    assert mesh.find_files(tmp_path / "mesh") == (terms, trees)
    assert mesh.find_files(trees, terms) == (terms, trees)


@pytest.mark.parametrize("which", [[], [0], [1], [0, 0, 1]])
def test_what_is_missing_is_named(tmp_path, which):
    files = search_cast.write_mesh(tmp_path / "mesh")
    with pytest.raises(MeshError, match="Give one file of MeSH terms and one of MeSH trees"):
        mesh.find_files(*(files[place] for place in which))


def test_a_path_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MeshError, match="There is no file"):
        mesh.find_files(tmp_path / "nowhere")


# -- rules --------------------------------------------------------------------------------------


def test_what_is_broader_is_gathered_over_all_places_in_the_tree():
    trees = {"D1": ["C04"], "D2": ["C04.588", "C23.100"], "D3": ["C04.588.443"], "D4": ["C23"]}
    assert broader(trees) == {"D1": (), "D2": ("D1", "D4"), "D3": ("D1", "D2"), "D4": ()}


def test_words_of_terms_are_those_that_a_person_may_type():
    found = words(["heart attack", "vitamin b 12", "a23187"])
    assert found == {"heart", "attack", "vitamin", "a23187"}


# -- the real thesaurus ---------------------------------------------------------------------------


def test_the_real_thesaurus_comes_in_whole(db):
    terms, trees = mesh.find_files(shared_path("data/mesh"))
    counts = mesh.load_mesh(terms=terms, trees=trees, by=None, at=AT)
    assert counts.descriptors == counts.descriptors_changed > 29_000
    assert counts.phrases > 200_000
    attack = MeshPhrase.objects.get(phrase="heart attack").descriptor
    assert attack.name == "Myocardial Infarction"
    npc = MeshDescriptor.objects.get(name="Nasopharyngeal Neoplasms")
    assert MeshDescriptor.objects.get(name="Neoplasms").pk in npc.broader
    again = mesh.load_mesh(terms=terms, trees=trees, by=None, at=AT)
    assert (again.phrases_added, again.phrases_removed, again.descriptors_changed) == (0, 0, 0)
