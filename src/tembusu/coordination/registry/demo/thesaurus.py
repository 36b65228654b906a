"""A handful of headings and everyday words, so that the demo's search knows synonyms.

Headings, ids and tree numbers are those of the US National Library of Medicine's Medical Subject
Headings (https://www.nlm.nih.gov/mesh/, public domain); `tembusu load-mesh` loads the whole of it.
"""

import csv
import tempfile
from datetime import datetime
from pathlib import Path

from tembusu.coordination.registry.actions import mesh

# heading, descriptor, tree numbers, words that people use for it
HEADINGS = (
    ("Neoplasms", "D009369", "C04", "cancer|tumour|tumor|malignancy"),
    ("Head and Neck Neoplasms", "D006258", "C04.588.443", "head and neck cancer"),
    (
        "Nasopharyngeal Carcinoma",
        "D000077274",
        "C04.557.470.200.623|C04.588.443.665.710.650.500",
        "nasopharyngeal cancer|cancer of the nasopharynx|NPC",
    ),
    ("Liver Neoplasms", "D008113", "C04.588.274.623|C06.552.697", "liver cancer"),
    (
        "Carcinoma, Hepatocellular",
        "D006528",
        "C04.557.470.200.025.255|C04.588.274.623.160|C06.552.697.160",
        "hepatocellular carcinoma|HCC|hepatoma",
    ),
    ("Breast Neoplasms", "D001943", "C04.588.180", "breast cancer|breast carcinoma"),
    ("Lung Neoplasms", "D008175", "C04.588.894.797.520", "lung cancer"),
    (
        "Carcinoma, Non-Small-Cell Lung",
        "D002289",
        "C04.588.894.797.520.109.220.249",
        "non small cell lung cancer|NSCLC",
    ),
    ("Heart Diseases", "D006331", "C14.280", "heart disease|cardiac disease"),
    ("Heart Failure", "D006333", "C14.280.434", "cardiac failure|weak heart"),
    (
        "Myocardial Infarction",
        "D009203",
        "C14.280.647.500",
        "heart attack|cardiac infarction",
    ),
    ("Coronary Artery Disease", "D003324", "C14.280.647.250.260", "coronary heart disease"),
    (
        "Diabetes Mellitus, Type 2",
        "D003924",
        "C18.452.394.750.149",
        "type 2 diabetes|sugar disease",
    ),
    ("Obesity", "D009765", "C18.654.726.750.500", "overweight"),
    ("Dengue", "D003715", "C01.925.782.350.250.214", "dengue fever|breakbone fever"),
    (
        "Tuberculosis, Multidrug-Resistant",
        "D018088",
        "C01.150.252.410.040.552.846.775",
        "drug resistant tuberculosis|MDR TB",
    ),
    ("Stroke", "D020521", "C14.907.253.855", "brain attack|cerebrovascular accident"),
    ("Glaucoma, Open-Angle", "D005902", "C11.525.381.407", "open angle glaucoma|glaucoma"),
    ("Myopia", "D009216", "C11.744.636", "short sight|nearsightedness"),
    ("Asthma", "D001249", "C08.381.495.108", "bronchial asthma"),
    (
        "Pulmonary Disease, Chronic Obstructive",
        "D029424",
        "C08.381.495.389",
        "COPD|chronic obstructive lung disease",
    ),
    ("Depressive Disorder, Major", "D003865", "F03.600.300.375", "depression|major depression"),
    ("Anxiety Disorders", "D001008", "F03.080", "anxiety"),
    ("Dermatitis, Atopic", "D003876", "C17.800.174.193", "atopic eczema|eczema"),
    (
        "Renal Insufficiency, Chronic",
        "D051436",
        "C12.950.419.780.750",
        "chronic kidney disease|CKD|weak kidneys",
    ),
)


def load(at: datetime) -> None:
    """Load these headings as a thesaurus file would bring them."""
    with tempfile.TemporaryDirectory() as folder:
        terms, trees = Path(folder) / "terms.csv", Path(folder) / "trees.csv"
        _write(terms, ("DescriptorUI", "DescriptorName", "TermName"), _terms())
        _write(trees, ("DescriptorUI", "tree_location"), _trees())
        mesh.load_mesh(terms=terms, trees=trees, by=None, at=at)


def _terms() -> list[tuple[str, ...]]:
    return [
        (ui, name, term) for name, ui, _, words in HEADINGS for term in (name, *words.split("|"))
    ]


def _trees() -> list[tuple[str, ...]]:
    return [(ui, number) for _, ui, numbers, _ in HEADINGS for number in numbers.split("|")]


def _write(path: Path, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
