"""Synthetic trials, as ClinicalTrials.gov's API v2 would send them."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

# ClinicalTrials.gov is far from giving numbers of this form.
NUMBER = "NCT999{:05d}"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of medicine: its conditions as MeSH names them, and what is measured in it."""

    conditions: tuple[str, ...]
    outcomes: tuple[str, ...]


FIELDS = (
    Field(
        ("Nasopharyngeal Carcinoma", "Head and Neck Neoplasms"),
        ("Progression-free survival", "Overall survival", "Locoregional control"),
    ),
    Field(
        ("Carcinoma, Hepatocellular", "Liver Neoplasms"),
        ("Recurrence-free survival", "Objective response rate", "Overall survival"),
    ),
    Field(
        ("Breast Neoplasms",),
        ("Invasive disease-free survival", "Pathological complete response", "Overall survival"),
    ),
    Field(
        ("Carcinoma, Non-Small-Cell Lung", "Lung Neoplasms"),
        ("Progression-free survival", "Intracranial response rate", "Overall survival"),
    ),
    Field(
        ("Heart Failure",),
        ("Cardiovascular death or hospital stay for heart failure", "Change in NT-proBNP"),
    ),
    Field(
        ("Myocardial Infarction", "Coronary Artery Disease"),
        ("Major adverse cardiovascular events", "Infarct size on magnetic resonance imaging"),
    ),
    Field(
        ("Diabetes Mellitus, Type 2", "Obesity"),
        ("Change in HbA1c", "Change in body weight", "Time in glucose range"),
    ),
    Field(
        ("Dengue", "Arbovirus Infections"),
        ("Time to clearance of viraemia", "Severe dengue within 14 days"),
    ),
    Field(
        ("Tuberculosis, Multidrug-Resistant",),
        ("Unfavourable outcome at 72 weeks", "Time to culture conversion"),
    ),
    Field(
        ("Stroke", "Intracranial Hemorrhages"),
        ("Modified Rankin Scale at 90 days", "Symptomatic haemorrhage within 36 hours"),
    ),
    Field(
        ("Glaucoma, Open-Angle", "Myopia"),
        ("Change in intraocular pressure", "Change in axial length"),
    ),
    Field(
        ("Asthma", "Pulmonary Disease, Chronic Obstructive"),
        ("Annual rate of exacerbations", "Change in forced expiratory volume"),
    ),
    Field(
        ("Depressive Disorder, Major", "Anxiety Disorders"),
        ("Change in PHQ-9", "Response at 8 weeks"),
    ),
    Field(
        ("Dermatitis, Atopic",),
        ("EASI-75 at week 16", "Change in itch score"),
    ),
    Field(
        ("Renal Insufficiency, Chronic",),
        ("Sustained decline of eGFR", "Change in albuminuria"),
    ),
)
STEMS = ("vela", "soru", "quin", "tavo", "meri", "zolu", "pera", "nixa", "ludo", "cari", "fena")
ENDINGS = {"BIOLOGICAL": "mab", "DRUG": "tinib", "DEVICE": " patch", "BEHAVIORAL": " coaching"}
PHASES = (["PHASE1"], ["PHASE1", "PHASE2"], ["PHASE2"], ["PHASE2"], ["PHASE3"], ["PHASE4"], ["NA"])
STATUSES = (
    ("RECRUITING", 34),
    ("NOT_YET_RECRUITING", 14),
    ("ACTIVE_NOT_RECRUITING", 18),
    ("COMPLETED", 24),
    ("TERMINATED", 5),
    ("SUSPENDED", 3),
    ("WITHDRAWN", 2),
)
# How the same hospitals are written by different sponsors; the last ones name no institution.
SITE_NAMES = {
    "Rain Tree General Hospital": (
        "Rain Tree General Hospital",
        "RTGH",
        "Rain Tree Gen Hosp",
        "Rain Tree General Hospital, Department of Haematology",
        "Rain Tree General Hosptial",
    ),
    "Pulai National Cancer Institute": (
        "Pulai National Cancer Institute",
        "Pulai Cancer Institute",
        "PNCI, Division of Medical Oncology",
        "National Cancer Institute Pulai",
        "Pulai Institute",
    ),
    "Angsana University Hospital": (
        "Angsana University Hospital",
        "AUH",
        "Angsana Univ. Hospital, Clinical Trials Unit",
        "Angsana Hospital",
    ),
    "Jelutong Heart Centre": (
        "Jelutong Heart Centre",
        "Jelutong Heart Center",
        "Jelutong Heart Hospital",
        "JHC",
    ),
    "Kempas Medical Centre": ("Kempas Medical Centre", "Kempas Med Ctr"),
    "Keruing General Hospital": ("Keruing General Hospital", "Keruing Hospital"),
    "Cengal Children's Hospital": ("Cengal Children's Hospital", "Cengal Childrens Hospital"),
}
CITIES = {
    "Rain Tree General Hospital": "Bandar Raya",
    "Pulai National Cancer Institute": "Pulai Hilir",
    "Angsana University Hospital": "Tanjung Timur",
    "Jelutong Heart Centre": "Tanjung Timur",
    "Kempas Medical Centre": "Bandar Raya",
    "Keruing General Hospital": "Bukit Keruing",
    "Cengal Children's Hospital": "Tanjung Timur",
}
NAMELESS = ("Research Site", "Local Institution", "Investigational Site 014", "Seraya Polyclinic")
ABROAD = (
    ("Westerhaven Medical Centre", "Utrecht", "Netherlands"),
    ("Karri University Hospital", "Perth", "Australia"),
    ("Lac Bleu Clinic", "Geneva", "Switzerland"),
    ("Kauri District Hospital", "Hamilton", "New Zealand"),
)
SPONSORS = (
    ("Damar Therapeutics", "INDUSTRY"),
    ("Sena Biologics", "INDUSTRY"),
    ("Tualang Vaccines", "INDUSTRY"),
    ("Meranti Institute of Clinical Research", "OTHER"),
    ("Angsana University", "OTHER"),
    ("Pulai National Cancer Institute", "OTHER"),
)


def trial(n: int, dice: random.Random, today: date, home: str) -> dict[str, Any]:
    """Return one synthetic trial as ClinicalTrials.gov's API v2 would send it."""
    field = dice.choice(FIELDS)
    kind = dice.choices(list(ENDINGS), weights=[4, 5, 2, 2])[0]
    product = (dice.choice(STEMS) + dice.choice(STEMS) + ENDINGS[kind]).capitalize()
    status = dice.choices([s for s, _ in STATUSES], weights=[w for _, w in STATUSES])[0]
    sponsor, sponsor_kind = dice.choice(SPONSORS)
    condition = field.conditions[0]
    start = today - timedelta(days=_age(status, dice))
    end = start + timedelta(days=dice.randint(500, 1900))
    registered = min(
        start + timedelta(days=dice.choice([-90, -45, -20, -3, 25])), today - timedelta(days=95)
    )
    comparator = dice.choice(("placebo", "usual care", "best available treatment"))
    title = f"{product} against {comparator} in {plain(condition)}"
    phases = dice.choice(PHASES) if kind in ("DRUG", "BIOLOGICAL") else ["NA"]
    protocol = {
        "identificationModule": {
            "nctId": NUMBER.format(n),
            "orgStudyIdInfo": {"id": f"{sponsor[:3].upper()}-{dice.randint(100, 999)}"},
            "organization": {"fullName": sponsor, "class": sponsor_kind},
            "briefTitle": title,
            "officialTitle": f"A Randomised Controlled Trial of {title}",
            "acronym": "".join(dice.choice("AEIORLSTMN") for _ in range(5)) + f"-{n % 9 + 1}",
        },
        "statusModule": {
            "statusVerifiedDate": today.strftime("%Y-%m"),
            "overallStatus": status,
            "startDateStruct": {
                "date": start.isoformat() if n % 4 else start.strftime("%Y-%m"),
                "type": "ESTIMATED" if start > today else "ACTUAL",
            },
            "primaryCompletionDateStruct": {
                "date": (end - timedelta(days=120)).strftime("%Y-%m"),
                "type": "ESTIMATED" if end > today else "ACTUAL",
            },
            "completionDateStruct": {
                "date": end.strftime("%Y-%m"),
                "type": "ESTIMATED" if end > today else "ACTUAL",
            },
            "studyFirstSubmitDate": registered.isoformat(),
            "studyFirstPostDateStruct": {"date": registered.isoformat(), "type": "ACTUAL"},
            "lastUpdateSubmitDate": (today - timedelta(days=200)).isoformat(),
            "lastUpdatePostDateStruct": {
                "date": (today - timedelta(days=dice.randint(90, 400))).isoformat(),
                "type": "ACTUAL",
            },
        },
        "sponsorCollaboratorsModule": {
            "leadSponsor": {"name": sponsor, "class": sponsor_kind},
            "collaborators": [{"name": "Gelam Research Fund", "class": "OTHER_GOV"}]
            if sponsor_kind == "OTHER"
            else [],
        },
        "descriptionModule": {
            "briefSummary": f"This synthetic study asks whether {product} helps people with "
            f"{plain(condition)} more than {comparator}."
        },
        "conditionsModule": {
            "conditions": list(field.conditions),
            "keywords": [plain(condition), product],
        },
        "designModule": {
            "studyType": "INTERVENTIONAL",
            "phases": phases,
            "designInfo": {
                "allocation": "RANDOMIZED",
                "interventionModel": "PARALLEL",
                "primaryPurpose": "TREATMENT",
                "maskingInfo": {"masking": dice.choice(("NONE", "DOUBLE", "QUADRUPLE"))},
            },
            "enrollmentInfo": {
                "count": dice.choice((24, 48, 90, 120, 240, 360, 600, 1200)),
                "type": "ACTUAL" if status == "COMPLETED" else "ESTIMATED",
            },
        },
        "armsInterventionsModule": {
            "armGroups": [
                {"label": product, "type": "EXPERIMENTAL", "interventionNames": [product]},
                {"label": comparator.capitalize(), "type": "ACTIVE_COMPARATOR"},
            ],
            "interventions": [{"type": kind, "name": product}],
        },
        "outcomesModule": {
            "primaryOutcomes": [{"measure": field.outcomes[0], "timeFrame": "24 months"}],
            "secondaryOutcomes": [
                {"measure": measure, "timeFrame": "24 months"} for measure in field.outcomes[1:]
            ],
        },
        "eligibilityModule": {
            "eligibilityCriteria": criteria(condition),
            "healthyVolunteers": phases == ["PHASE1"],
            "sex": "FEMALE" if condition.startswith("Breast") else "ALL",
            "minimumAge": "21 Years",
            "maximumAge": dice.choice(("65 Years", "75 Years", "85 Years")),
            "stdAges": ["ADULT", "OLDER_ADULT"],
        },
        "contactsLocationsModule": {
            "overallOfficials": [
                {
                    "name": "Dr Farah Osman",
                    "affiliation": "Rain Tree General Hospital",
                    "role": "PRINCIPAL_INVESTIGATOR",
                }
            ],
            "locations": list(_locations(dice, status, home)),
        },
        "ipdSharingStatementModule": {"ipdSharing": dice.choice(("YES", "NO", "UNDECIDED"))}
        if n % 3
        else {},
    }
    return {"protocolSection": protocol, "hasResults": status == "COMPLETED" and n % 2 == 0}


def _age(status: str, dice: random.Random) -> int:
    """Return how many days ago a study of this status began; negative for one to come."""
    spans = {"NOT_YET_RECRUITING": (-240, -20), "COMPLETED": (1600, 3300)}
    return dice.randint(*spans.get(status, (60, 1100)))


def plain(condition: str) -> str:
    """Return a MeSH heading in the order of speech: 'Diabetes Mellitus, Type 2' as it is said."""
    head, _, rest = condition.partition(", ")
    said = f"{rest} {head}" if rest and not rest[-1].isdigit() else f"{head} {rest}".strip()
    return said.lower()


def criteria(condition: str) -> str:
    return (
        "Inclusion Criteria:\n\n"
        "* Aged 21 years or more\n"
        f"* {plain(condition).capitalize()}, confirmed within the last six months\n"
        "* Able to attend all visits\n\n"
        "Exclusion Criteria:\n\n"
        "* Pregnant or breastfeeding\n"
        "* Took part in another trial of a medicine within 30 days\n"
        "* Severe impairment of liver or kidneys\n"
    )


def _locations(dice: random.Random, status: str, home: str) -> Iterator[dict[str, Any]]:
    # A study that has not been open anywhere has sites that are not open either.
    open_ones = {"RECRUITING": ("RECRUITING", "RECRUITING", "NOT_YET_RECRUITING")}
    for name in dice.sample(list(SITE_NAMES), k=dice.randint(1, 4)):
        yield {
            "facility": dice.choice(SITE_NAMES[name]),
            "status": dice.choice(open_ones.get(status, (status,))),
            "city": CITIES[name],
            "country": home,
        }
    if dice.random() < 0.25:
        yield {"facility": dice.choice(NAMELESS), "city": "Bandar Raya", "country": home}
    for facility, city, country in dice.sample(ABROAD, k=dice.choice((0, 0, 1, 2))):
        yield {"facility": facility, "city": city, "country": country, "status": status}


def changed(trial: dict[str, Any], dice: random.Random, today: date) -> dict[str, Any]:
    """Return the trial as a later extract has it: a newer date, and what usually changes."""
    later: dict[str, Any] = json.loads(json.dumps(trial))
    protocol = later["protocolSection"]
    posted = (today - timedelta(days=dice.randint(8, 30))).isoformat()
    protocol["statusModule"]["lastUpdatePostDateStruct"]["date"] = posted
    protocol["statusModule"]["lastUpdateSubmitDate"] = posted
    status = protocol["statusModule"]
    if status["overallStatus"] == "NOT_YET_RECRUITING":
        status["overallStatus"] = "RECRUITING"
        opened = (today - timedelta(days=dice.randint(32, 60))).isoformat()
        status["startDateStruct"] = {"date": opened, "type": "ACTUAL"}
    enrolment = protocol["designModule"]["enrollmentInfo"]
    enrolment["count"] = enrolment["count"] + dice.choice((12, 30, 60))
    identity = protocol["identificationModule"]
    identity["briefTitle"] = identity["briefTitle"].replace("against", "compared with")
    return later
