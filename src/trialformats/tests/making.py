"""Small records in each format, for tests that break them."""

import csv
import io
import json
from pathlib import Path
from typing import Any

CSV_HEADER = ("NCT Number", "Study Title", "Study Status", "Conditions", "Start Date", "Enrollment")


def study(no: int = 1, **identification: Any) -> dict[str, Any]:
    """Return an API v2 study with number NCT0000000<no>."""
    return {
        "protocolSection": {
            "identificationModule": {
                "nctId": nct(no),
                "briefTitle": f"Trial number {no}",
                **identification,
            },
            "statusModule": {
                "overallStatus": "RECRUITING",
                "startDateStruct": {"date": "2024-03", "type": "ACTUAL"},
            },
        },
        "hasResults": False,
    }


def nct(no: int) -> str:
    """Return a number that nobody has."""
    return f"NCT{no:08}"


def study_bytes(no: int = 1) -> bytes:
    """Return the study as JSON."""
    return json.dumps(study(no)).encode()


def legacy(no: int = 1, title: str = "", inside: str = "") -> str:
    """Return a legacy XML record."""
    return (
        "<clinical_study>"
        f"<id_info><nct_id>{nct(no)}</nct_id></id_info>"
        f"<brief_title>{title or f'Trial number {no}'}</brief_title>"
        f"<overall_status>Recruiting</overall_status>{inside}</clinical_study>"
    )


def csv_row(no: int = 1, **cells: str) -> dict[str, str]:
    """Return a row of the CSV, as its cells by column."""
    row = dict.fromkeys(CSV_HEADER, "")
    row |= {"NCT Number": nct(no), "Study Title": f"Trial number {no}", "Start Date": "2024-03"}
    return row | {name.replace("_", " "): text for name, text in cells.items()}


def csv_bytes(*rows: dict[str, str], header: tuple[str, ...] = CSV_HEADER) -> bytes:
    """Return a CSV file."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def saved(folder: Path, name: str, content: bytes | str) -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
