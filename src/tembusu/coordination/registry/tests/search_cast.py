"""A small portfolio and a small thesaurus for the tests of search, made by the room's actions."""

import csv
import gzip
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tembusu.coordination.registry.actions.imports import import_studies
from tembusu.coordination.registry.models import Study

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
TERMS = (
    ("D009203", "Myocardial Infarction", "Myocardial Infarction"),
    ("D009203", "Myocardial Infarction", "Heart Attack"),
    ("D009203", "Myocardial Infarction", "Heart Attacks"),
    ("D009369", "Neoplasms", "Neoplasms"),
    ("D009369", "Neoplasms", "Cancer"),
    ("D009303", "Nasopharyngeal Neoplasms", "Nasopharyngeal Neoplasms"),
    ("D009303", "Nasopharyngeal Neoplasms", "Nasopharyngeal Cancer"),
    ("D009303", "Nasopharyngeal Neoplasms", "Nasopharyngeal Carcinoma"),
    ("D001249", "Asthma", "Asthma"),
)
TREES = (
    ("D009203", "C14.280.647.500"),
    ("D009303", "C04.588.443.665.710"),
    ("D001249", "C08.127.108"),
)
RECORDS: tuple[dict[str, Any], ...] = (
    {
        "no": "NCT90000001",
        "title": "Chemoradiation of the nasopharyngeal tumour",
        "conditions": ["Nasopharyngeal Carcinoma"],
        "phases": ["PHASE3"],
        "status": "RECRUITING",
        "updated": "2025-06-01",
        "start": "2024-01-10",
        "enrolment": 240,
    },
    {
        "no": "NCT90000002",
        "title": "Aspirin after myocardial infarction",
        "conditions": ["Myocardial Infarction"],
        "phases": ["PHASE2", "PHASE3"],
        "status": "COMPLETED",
        "updated": "2024-02-01",
        "start": "2019-05",
        "enrolment": 1200,
    },
    {
        "no": "NCT90000003",
        "title": "Inhaler technique in children with asthma",
        "conditions": ["Asthma"],
        "phases": [],
        "status": "RECRUITING",
        "updated": "2025-01-15",
        "start": "2023-09-01",
        "enrolment": 60,
    },
    {
        "no": "NCT90000004",
        "title": "晚期鼻咽癌患者的免疫治疗",
        "conditions": ["Nasopharyngeal Neoplasms"],
        "phases": ["PHASE1"],
        "status": "COMPLETED",
        "updated": "2023-03-03",
    },
    {
        "no": "NCT90000005",
        "title": "Sleep of night-shift nurses",
        "conditions": ["Insomnia"],
        "phases": [],
        "status": "WITHDRAWN",
        "summary": "Nurses with asthma are left out.",
    },
)


def record(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return a study as the ClinicalTrials.gov API v2 writes it."""
    status: dict[str, Any] = {"overallStatus": one.get("status", "RECRUITING")}
    if one.get("updated"):
        status["lastUpdatePostDateStruct"] = {"date": one["updated"], "type": "ACTUAL"}
    if one.get("start"):
        status["startDateStruct"] = {"date": one["start"], "type": "ACTUAL"}
    design: dict[str, Any] = {"studyType": "INTERVENTIONAL", "phases": one.get("phases", [])}
    if one.get("enrolment") is not None:
        design["enrollmentInfo"] = {"count": one["enrolment"], "type": "ACTUAL"}
    return {
        "protocolSection": {
            "identificationModule": {"nctId": one["no"], "briefTitle": one["title"]},
            "statusModule": status,
            "designModule": design,
            "descriptionModule": {"briefSummary": one.get("summary", "")},
            "conditionsModule": {"conditions": one.get("conditions", [])},
        }
    }


def bring(folder: Path, records: Iterable[Mapping[str, Any]] = RECORDS) -> dict[str, Study]:
    """Import the records and return the studies by their registry number."""
    file = folder / "studies.json"
    file.write_text(json.dumps([record(one) for one in records]))
    run = import_studies(paths=[file], by=None, at=AT)
    assert run.counts["rejected"] == 0, list(run.refused.values())
    return {
        number: study
        for study in Study.objects.all()
        for number in study.registrations.values_list("registry_no", flat=True)
    }


def write_mesh(
    folder: Path,
    terms: Iterable[tuple[str, str, str]] = TERMS,
    trees: Iterable[tuple[str, str]] = TREES,
) -> tuple[Path, Path]:
    """Write the thesaurus's two files as they are handed out.

    They are packed and have further columns, and heads of branches have no row of their own.
    """
    folder.mkdir(exist_ok=True)
    paths = folder / "mesh_terms.csv.gz", folder / "mesh_trees.csv.gz"
    with gzip.open(paths[0], "wt", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["DescriptorUI", "DescriptorName", "TermUI", "TermName", "LexicalTag"])
        writer.writerows([ui, name, "T000001", term, "NON"] for ui, name, term in terms)
    with gzip.open(paths[1], "wt", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["DescriptorUI", "DescriptorName", "tree_location", "mesh1", "tree1"])
        heads = {"C04": "Neoplasms"}
        writer.writerows(
            [ui, "", number, heads.get(number[:3], ""), number[:3]] for ui, number in trees
        )
    return paths
