"""How one answer is written: an address, a telephone number, an age, a registry's number, a date."""

import re
import unicodedata
from collections.abc import Callable, Mapping

from trialformats.dates import DateError, PartialDate
from trialformats.registries import fault_of

YEARS = range(1900, 2201)  # a year outside is a slip of the finger
LEAST_DIGITS = 3  # an emergency line's; the shortest number that anybody answers
HOW_A_DATE = "Write a year, a month or a day: 2026, 2026-09 or 2026-09-14."
# In the words of the ClinicalTrials.gov API v2, in days, so that two ages can be compared.
AGE_UNITS = {"year": 365.25, "month": 30.4375, "week": 7.0, "day": 1.0}

# They turn the words around them, also outside the text that holds them (Unicode Annex 9, 2.1-2.5).
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LAYOUT = frozenset("\n\t")

_AGE = re.compile(r"(\d{1,3})\s+(year|month|week|day)s?", re.ASCII | re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]]+@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_][\w-]*[^\W_]")
_WEB = re.compile(r"https?://[^\s<>\"'`\\]+\.[^\s<>\"'`\\]+", re.ASCII | re.IGNORECASE)
_LOOSE = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?", re.ASCII)
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)


def is_blank(text: str) -> bool:
    """Say whether nothing of a text can be seen: it is empty, or of blanks and hidden signs only."""
    return all(unicodedata.category(sign)[0] in "ZC" for sign in text)


def sign_fault(text: str) -> str:
    """Return what is wrong with the signs of a text; '' if all may stand in a record."""
    if any(sign in _TURNING for sign in text):
        return (
            "it holds a hidden sign that turns the direction of words around it. Take it out, or"
            " type the text anew; letters of any script keep their own direction."
        )
    if any(unicodedata.category(sign) == "Cc" and sign not in _LAYOUT for sign in text):
        return "it holds a hidden sign that can't be printed. Take it out, or type the text anew."
    if text and is_blank(text):
        return "nothing of it can be seen. Write it, or leave it empty."
    return ""


def _email(text: str) -> str:
    is_one = _EMAIL.fullmatch(text.strip()) and ".." not in text
    return "" if is_one else f"'{text}' is no e-mail address, such as office@hospital.example."


def _phone(text: str) -> str:
    n_digits = sum(sign.isdecimal() for sign in text)
    return (
        "" if n_digits >= LEAST_DIGITS else f"'{text}' is no telephone number: digits are needed."
    )


def _age(text: str) -> str:
    if age_in_days(text) is not None:
        return ""
    return f"'{text}' is no age. Write a number and Years, Months, Weeks or Days: '21 Years'."


def _web(text: str) -> str:
    is_one = is_web_address(text)
    return "" if is_one else f"'{text}' is no web address: it begins with https:// or http://."


def is_web_address(text: str) -> bool:
    """Say whether a text may be followed as a link; what a registry sent may be a script instead."""
    return _WEB.fullmatch(text.strip()) is not None


FORMATS: Mapping[str, Callable[[str], str]] = {
    "": lambda text: "",
    "email": _email,
    "phone": _phone,
    "age": _age,
    "registry_no": fault_of,
    "web": _web,
}


def format_fault(name: str, text: str) -> str:
    """Return what is wrong with a text that must have a format; '' if nothing is.

    :param name: a key of ``FORMATS``
    """
    return FORMATS[name](text)


def age_in_days(text: str) -> float | None:
    """Return the days of an age such as '6 Months'; None for what is no age."""
    found = _AGE.fullmatch(text.strip())
    return int(found[1]) * AGE_UNITS[found[2].lower()] if found else None


def date_answer(text: str) -> str:
    """Return a partial date in ISO form; '' for a blank text.

    :raises DateError: saying how a date is written, and of one that can be read two ways, which two
    """
    if not text.strip():
        return ""
    try:
        found = _read(text.strip())
    except DateError as fault:
        what, _, _ = str(fault).removesuffix(".").partition(";")
        raise DateError(f"{what}. {HOW_A_DATE}") from fault
    year = int(found.text[:4])
    if year not in YEARS:
        raise DateError(f"The year {year} can't be meant. {HOW_A_DATE}")
    return found.text


def _read(text: str) -> PartialDate:
    if loose := _LOOSE.fullmatch(text):
        year, *rest = (part for part in loose.groups() if part)
        return PartialDate.parse("-".join([year, *(part.zfill(2) for part in rest)]))
    slashed = _SLASHED.fullmatch(text)
    if not slashed:
        return PartialDate.parse(text)
    first, second = int(slashed[1]), int(slashed[2])
    if first != second and 1 <= first <= 12 and 1 <= second <= 12:
        day_first = PartialDate.parse(text)
        other = PartialDate.parse(text, day_first=False)
        raise DateError(f"'{text}' can be read two ways: write {day_first} or {other}.")
    return PartialDate.parse(text, day_first=second <= 12)
