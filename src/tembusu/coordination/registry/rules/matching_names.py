"""What a location's name says: its spelling made even, and the institution within it.

A registry's facility is free text. 'Univ. Hosp., Dept. of Haematology, Room 3' names an institution
and a place inside it; 'Investigational Site 0012' names none. These rules part the three.
"""

import re
from functools import lru_cache

from tembusu.coordination.registry.rules.matching_countries import country_key
from tembusu.coordination.registry.rules.matching_text import fold, settle
from tembusu.coordination.registry.rules.matching_words import (
    COMMON,
    DIVISIONS,
    FIELD_ENDINGS,
    FIELD_WORDS,
    FORMS,
    HEADS,
    JOINING,
    LEGAL_FORMS,
    WEIGHTS,
)

LONGEST_NAME = 1_000  # characters; the longest real one in 44,000 locations has under 300
MOST_SPONSOR_WORDS = 3  # beside 'investigational site'

# A hyphen parts a name only with a space beside it: 'Exton-Larkmoor' is one word.
_PARTS = re.compile(r"\s*[,;:/|(){}\[\]•]\s*|\s+[-–—]+\s*|\s*[-–—]+\s+|\*{2,}")
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_INNER_DIVISION = re.compile(
    r"(?<=\S)\s+(?:the\s+)?(?:department|dept\.?|dpt\.?|division|div\.?|section|service|ward|unit|"
    r"room|suite|abteilung)\s+(?:of|for|de|des|d'|di|fur|für|no\.?|[#\d])",
    re.IGNORECASE,
)
_OF_DIVISION = re.compile(
    r"^(?:department|dept\.?|dpt\.?|division|div\.?|section|unit)\s+of\s+[^,;]*?\s+(?:at|of)\s+(?:the\s+)?"
    r"(?=.*\b(?:hosp|univ|cent|inst|clin|coll))",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"(?:^|\s)(?:dr|prof|professor|doctor)\b\.?\s|\b(?:m\.?d|ph\.?d|d\.?o|facp|frcp|mbbs)\b\.?\s*$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"^(?:(?:clinical|research|study|trial|investigat\w+)\s+)*"
    r"(?:site|institution|centre|center|ctr|room|rm|no|number|location|crs|id)?\s*"
    r"(?:no\.?|number|id|ref)?\s*[#:]?\s*[\d.\-\s]+[a-z]?$",
    re.IGNORECASE,
)
_TRAILING_SITE = re.compile(
    r"\s+(?:(?:clinical\s+research|research|study|trial|crs)\s+site|crs|site)(?:\s*[#\d][\d\s.-]*)?$"
    r"|\s+#?\d{2,}$",
    re.IGNORECASE,
)

_PLACEHOLDER_WORDS_TEXT = """
research clinical investigational investigative investigator investigators investigation study
studies trial trials site sites local institution location locations facility facilities many
multiple various several different number numbers no id ref reference call contact for more
information additional further please see us here with this and of the or in at not provided
available applicable unknown none na tbd tba test sponsor private practice independent name
participating remote virtual home medical office center coordinating countries country cities
worldwide global nationwide throughout across details pending withheld redacted confidential
undisclosed unspecified company group hospital to be determined announced confirmed other
"""
_PLACEHOLDER_WORDS = frozenset(_PLACEHOLDER_WORDS_TEXT.split())
# At least one of these must be there, or the name is only a vague one ('Medical Center').
_PLACEHOLDER_CORE_TEXT = """
site sites investigational investigative investigator investigators location locations unknown
none na tbd tba contact call information withheld redacted confidential undisclosed unspecified
local facility provided applicable determined announced confirmed many multiple various several
reference nationwide worldwide
"""
_PLACEHOLDER_CORE = frozenset(_PLACEHOLDER_CORE_TEXT.split())
_INVESTIGATIONAL = re.compile(
    r"\b(?:investigat(?:ive|ional|ors?|ion)|clinical trial|clinical research|study|trial|research)"
    r"(?: (?:clinical|research|study|trial))? (?:sites?|cent(?:er|re)s?|facility)\b"
)
_INFORMATION = re.compile(
    r"\b(?:for (?:additional|more|further) information|call for information|please contact|"
    r"site reference id|contact (?:the )?(?:sponsor|company))\b"
)


def clip(text: str) -> str:
    """Return `text` as far as a name can go; a registry's field may hold a whole book."""
    return text[:LONGEST_NAME]


def _expand(words: list[str]) -> list[str]:
    return " ".join(FORMS.get(word, word) for word in words).split()


def _normalise_once(text: str) -> str:
    # A trust that became a foundation trust is the same body under another legal form.
    words = _expand(fold(text).replace("nhs foundation trust", "nhs trust").split())
    while words and words[0] == "the":
        words = words[1:]
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        words = words[:-1]
    return " ".join(words)


@lru_cache(maxsize=65536)
def normalise(name: str) -> str:
    """Return `name` in one spelling: 'The Univ. Hosp. & Ctr., Ltd' -> 'university hospital and
    center'.

    Case, accents, punctuation, abbreviations, legal forms and a leading article are evened out; the
    order of words is kept. The result is its own result, and '' when no letter or digit is left.
    """
    return settle(_normalise_once, name)


def meaning(words: list[str]) -> list[str]:
    """Return `words` without the joining ones."""
    return [word for word in words if word not in JOINING]


FIELD_SAYS = 0.5  # a field of medicine: every hospital has its department
SAYS_ENOUGH = 1.6  # the weight from which common words together point to one body
# Few words, but a country seldom has two such bodies of one field.
_ONE_IN_A_COUNTRY = frozenset({"national", "polytechnic", "ministry", "library"})


@lru_cache(maxsize=65536)
def is_vague(normalised: str) -> bool:
    """Return whether a normalised name holds only a few words that very many institutions share.

    'general hospital' and 'university medical center' are vague; 'national cancer center' is not,
    for a country has one, nor is 'agency for science technology and research', which says enough.
    """
    words = meaning(normalised.split())
    if not all(_says_little(word) for word in words):
        return len(words) == 1 and words[0] in COMMON
    return sum(WEIGHTS.get(word, FIELD_SAYS) for word in words) < SAYS_ENOUGH


def _says_little(word: str) -> bool:
    if word in _ONE_IN_A_COUNTRY:
        return False
    return WEIGHTS.get(word, 1.0) < 0.9 or _is_field([word])


@lru_cache(maxsize=65536)
def sponsor_words(name: str) -> tuple[str, ...]:
    """Return whose site a placeholder is, in lower case: 'gsk' of 'GSK Investigational Site 7'.

    A name that is no placeholder has none.
    """
    folded = fold(clip(name))
    if "investigat" not in folded or not is_placeholder(name):
        return ()
    words = dict.fromkeys(folded.split())
    said = [one for one in words if one not in _PLACEHOLDER_WORDS and not _is_number(one)]
    return tuple(said) if len(said) <= MOST_SPONSOR_WORDS else ()


def is_placeholder(name: str, city: str = "", country: str = "") -> bool:
    """Return whether no institution is named: 'Research Site', 'Local Institution - 0012', '17'."""
    place = set(f"{fold(city)} {fold(country)}".split())
    name = clip(name)
    words = [word for word in fold(name).split() if word not in place]
    letters = [word for word in words if not _is_number(word)]
    if not letters:
        return True
    if _INFORMATION.search(fold(name)):
        return True
    if set(letters) <= _PLACEHOLDER_WORDS:
        return bool(set(letters) & _PLACEHOLDER_CORE)
    return _is_sponsors_site(fold(name), place)


def _is_sponsors_site(folded: str, place: set[str]) -> bool:
    """Return whether only a company stands beside 'investigative site'."""
    rest, n_found = _INVESTIGATIONAL.subn(" ", folded)
    words = [w for w in _expand(rest.split()) if w not in place and not _is_number(w)]
    if not n_found or len(words) > MOST_SPONSOR_WORDS or "investigat" not in folded:
        return False
    return not any(word in HEADS for word in words)


def _is_number(word: str) -> bool:
    return any(letter.isdigit() for letter in word) or len(word) == 1


def parts(name: str) -> list[str]:
    """Return the pieces of `name` between commas, dashes and brackets, none empty."""
    return [part.strip(" .*'\"") for part in _PARTS.split(name) if part and part.strip(" .*'\"")]


def bracketed(name: str) -> list[str]:
    """Return what stands in brackets: 'General Hospital (GH)' -> ['GH']."""
    return [found.strip() for found in _BRACKETS.findall(name) if found.strip()]


def without_brackets(name: str) -> str:
    """Return `name` without its brackets and what stands in them, or `name` when that is all."""
    return " ".join(_BRACKETS.sub(" ", name).split()) or name


def before_fields(normalised: str) -> str:
    """Return a normalised name up to its kind of body when fields of medicine follow, else ''.

    'example general hospital infectious diseases' -> 'example general hospital'.
    """
    words = normalised.split()
    for end in range(len(words) - 1, 1, -1):
        rest = words[end:]
        if words[end - 1] in HEADS and _is_field(rest) and HEADS.keys().isdisjoint(rest):
            return " ".join(words[:end])
    return ""


def is_division(part: str) -> bool:
    """Return whether `part` names a piece of an institution, a person or a number, not a body."""
    words = normalise(part).split()
    if LEGAL_FORMS.issuperset(words) or _NUMBERED.match(part) or _PERSON.search(part):
        return True
    if words[0] in DIVISIONS or (words[-1] in DIVISIONS and "hospital" not in words):
        return True
    return _is_field(words)


def _is_field(words: list[str]) -> bool:
    """Return whether these are fields of medicine alone: 'infectious diseases', 'haematology'."""
    return all(word in FIELD_WORDS or word.endswith(FIELD_ENDINGS) for word in words)


def _trim(part: str) -> str:
    """Cut a department that follows without a comma, and a site's number."""
    found = _INNER_DIVISION.search(part)
    part = part[: found.start()] if found else part
    return _TRAILING_SITE.sub("", part).strip(" .-–—,") or part.strip()


def _at(part: str) -> list[str]:
    """Return 'X' and 'Y' of 'X at Y' where each says what kind of body it is, else the whole.

    'Example Children's Hospital at Larkmoor University' are two bodies, 'University of Exton at
    Larkmoor' is one.
    """
    inner, at, outer = part.partition(" at ")
    bodies = (set(normalise(side).split()) & HEADS.keys() for side in (inner, outer))
    return [inner, outer] if at and all(bodies) else [part]


def institution_parts(name: str) -> list[str]:
    """Return the pieces of `name` that may each name an institution, in the order written."""
    pieces = [_OF_DIVISION.sub("", piece) for part in parts(name) for piece in _at(part)]
    trimmed = [_trim(part) for part in pieces if not is_division(part)]
    return [part for part in trimmed if normalise(part)]


@lru_cache(maxsize=65536)
def institution_part(name: str) -> str:
    """Return the piece of `name` that names the institution, as written.

    Departments, wards, persons, rooms and site numbers are dropped. Pieces that only many share
    ('Cancer Center, ...') give way to the next; when every piece is such, the whole name is
    returned.
    """
    name = clip(name)
    pieces = institution_parts(name)
    telling = [piece for piece in pieces if not is_vague(normalise(piece))]
    named = [piece for piece in telling if set(normalise(piece).split()) & HEADS.keys()]
    if named:
        return named[0]
    return telling[0] if telling and len(pieces) == len(telling) else " ".join(name.split())


def place_key(city: str, country: str) -> str:
    """Return the normalised city, '' when it repeats the country and so says nothing more."""
    return "" if country_key(city) == country_key(country) else normalise(city)


def place_words(city: str, country: str) -> frozenset[str]:
    """Return the words of a town and its country, spelt as `normalise` spells names."""
    return frozenset(normalise(f"{city} {country}").split())


def queue_key(name: str, city: str, country: str) -> str:
    """Return the key under which one decision settles every occurrence of a name.

    Country, city and the normalised institution part, parted by '|'; departments of one institution
    share a key, and so do all spellings that `normalise` makes equal. Where no institution is named
    the whole name counts: 'Site 407' and 'Site 408' are two places.
    """
    whole = fold(clip(name))
    part = "" if is_placeholder(name, city, country) else normalise(institution_part(name))
    part = part or whole
    return "|".join((country_key(clip(country)), place_key(clip(city), clip(country)), part))
