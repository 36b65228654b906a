"""Which register a trial number belongs to, and how that register writes it.

The forms are those the registers publish for their own numbers; the list of registers is WHO's
(ICTRP primary registries and data providers,
https://www.who.int/clinical-trials-registry-platform/network). The UTN is WHO's own number for a
trial, the same in every register (https://trialsearch.who.int/utn.aspx).

    NCT01234567           ClinicalTrials.gov: NCT and 8 digits
    2015-001894-41        EudraCT: year, 6 digits, 2 check digits (ICTRP adds EUCTR and a country)
    2022-500123-12-00     EU CT number (CTIS): year, 6 digits from 500000, 2, 2 of the resubmission
    ISRCTN12345678        ISRCTN: 8 digits
    ACTRN12605000001640   Australia and New Zealand: 14 digits; the last is p or leaves with it
    ChiCTR2000029308      China: 10 digits, or the older ChiCTR-XXX-12345678
    CTRI/2020/03/024000   India: year, month, 6 digits
    jRCT1031180001        Japan: jRCT and 10 digits, or s and 9; UMIN000001234; JapicCTI-123456;
                          JMA-IIA00001 (ICTRP adds JPRN-)
    DRKS00000123          Germany: 8 digits
    NTR1234, NL-OMON12345 Netherlands: NTR and the digits; NL1234; NL-OMON and the digits
    KCT0001234            Korea: 7 digits
    PACTR201401000743303  Africa: 15 or 18 digits, year first
    TCTR20140102001       Thailand: 11 digits, date first
    SLCTR/2007/001        Sri Lanka: year, 3 digits
    IRCT20080901001165N12 Iran: digits N digits
    RBR-2xxxxx            Brazil: 6 letters or digits, longer since 2021
    RPCEC00000123         Cuba: 8 digits
    PER-010-19            Peru: 3 digits, 2 of the year
    LBCTR2019030209       Lebanon: 10 digits
    ITMCTR2024000123      China, traditional medicine: 10 digits
    PHRR200101-000123     Philippines: 6 digits of the date, 6 digits
    U1111-1234-5678       the Universal Trial Number
"""

import re
from enum import StrEnum


class Registry(StrEnum):
    """A register's code, as stored. `OTHER` stands for one we do not know by its number."""

    CTGOV = "ctgov"
    EUCTR = "euctr"
    CTIS = "ctis"
    ISRCTN = "isrctn"
    ANZCTR = "anzctr"
    CHICTR = "chictr"
    CTRI = "ctri"
    JRCT = "jrct"
    UMIN = "umin"
    JAPIC = "japic"
    JMA = "jma"
    DRKS = "drks"
    NTR = "ntr"
    CRIS = "cris"
    PACTR = "pactr"
    TCTR = "tctr"
    SLCTR = "slctr"
    IRCT = "irct"
    REBEC = "rebec"
    RPCEC = "rpcec"
    REPEC = "repec"
    LBCTR = "lbctr"
    ITMCTR = "itmctr"
    PHRR = "phrr"
    UTN = "utn"
    ICTRP = "ictrp"
    OTHER = "other"


# Each row: register, the number's form (upper case, no blanks), how it is written. Tried in order.
_FORMS: tuple[tuple[Registry, re.Pattern[str], str], ...] = tuple(
    (registry, re.compile(form, re.ASCII), written)
    for registry, form, written in (
        (Registry.CTGOV, r"NCT[-:]?(\d{8})", "NCT{0}"),
        (Registry.UTN, r"(?:UTN:?)?U1111-?(\d{4})-?(\d{4})", "U1111-{0}-{1}"),
        (Registry.CTIS, r"(?:CTIS|EUCT(?:NO)?:?)?(20[2-9]\d-5\d{5}-\d{2})(-\d{2})?", "{0}{1}"),
        (
            Registry.EUCTR,
            r"(?:EUCTR|EUDRACT(?:NO|NUMBER)?:?)?((?:19|20)\d{2}-\d{6}-\d{2})(?:-[A-Z]{2,3})?",
            "{0}",
        ),
        (Registry.ISRCTN, r"ISRCTN[-:]?(\d{8})", "ISRCTN{0}"),
        (Registry.ANZCTR, r"ACTRN:?(\d{14})P?", "ACTRN{0}"),
        (Registry.CHICTR, r"CHICTR(\d{10})", "ChiCTR{0}"),
        (Registry.CHICTR, r"CHICTR-?([A-Z]{2,5})-?(\d{8})", "ChiCTR-{0}-{1}"),
        (Registry.CTRI, r"CTRI/?(\d{4})/?(\d{2,3})/?(\d{6})", "CTRI/{0}/{1}/{2}"),
        (Registry.JRCT, r"(?:JPRN-)?JRCT(S?)(\d{9,10})", "jRCT{0}{1}"),
        (Registry.UMIN, r"(?:JPRN-)?(?:UMIN-?CTR:?|UMIN-?)(?:UMIN)?(\d{9})", "UMIN{0}"),
        (Registry.UMIN, r"JPRN-C(\d{9})", "C{0}"),
        (Registry.JAPIC, r"(?:JPRN-)?JAPICCTI-?(R?\d{6})", "JapicCTI-{0}"),
        (Registry.JMA, r"(?:JPRN-)?JMA-?IIA(\d{5})", "JMA-IIA{0}"),
        (Registry.DRKS, r"DRKS:?(\d{8})", "DRKS{0}"),
        (Registry.NTR, r"NTR(\d{1,5})", "NTR{0}"),
        (Registry.NTR, r"NL-?OMON(\d{1,6})", "NL-OMON{0}"),
        (Registry.NTR, r"NL(\d{3,5})", "NL{0}"),
        (Registry.CRIS, r"KCT(\d{7})", "KCT{0}"),
        (Registry.PACTR, r"PACTR((?:20\d{13})|(?:20\d{16}))", "PACTR{0}"),
        (Registry.TCTR, r"TCTR(\d{11})", "TCTR{0}"),
        (Registry.SLCTR, r"SLCTR/?(\d{4})/?(\d{3})", "SLCTR/{0}/{1}"),
        (Registry.IRCT, r"IRCT(\d{6,})N(\d+)", "IRCT{0}N{1}"),
        (Registry.REBEC, r"RBR-?([0-9A-Z]{6,9})", "RBR-{0}"),
        (Registry.RPCEC, r"RPCEC(\d{8})", "RPCEC{0}"),
        (Registry.REPEC, r"PER-?(\d{3})-?(\d{2})", "PER-{0}-{1}"),
        (Registry.LBCTR, r"LBCTR-?(\d{10})", "LBCTR{0}"),
        (Registry.ITMCTR, r"ITMCTR(\d{10})", "ITMCTR{0}"),
        (Registry.PHRR, r"PHRR(\d{6})-(\d{6})", "PHRR{0}-{1}"),
    )
)
_LOWER_CASE = {Registry.REBEC, Registry.JRCT}
# How a number of these forms may start, so that most sponsors' own are dismissed at a glance.
_STARTS = re.compile(
    r"\s*(?:NCT|U1111|UTN|CTIS|EU|[12]\d{3}-|ISRCTN|ACTRN|ITMC|CHIC|CTRI|J|UMIN|DRKS|NTR|NL|KCT|PA"
    r"|TCTR|SL|IRCT|RBR|RPC|PER|LB|PHRR)",
    re.IGNORECASE,
)


def registry_of(id_text: str) -> tuple[Registry, str] | None:
    """Return the register and the number as that register writes it, or None where the text is no
    known register's number.

    The whole text must be the number (blanks, case and common prefixes such as 'EudraCT no.'
    aside): a number inside a sentence is a mention, not an identifier.

    >>> registry_of("nct 00000105") (<Registry.CTGOV: 'ctgov'>, 'NCT00000105')
    """
    if not _STARTS.match(id_text) or len(id_text) > 60:
        return None
    bare = re.sub(r"[\s_]+|(?<=O)\.|(?<=R)[.:]\s*", "", id_text.upper().replace("–", "-")).strip(
        ".:"
    )
    for registry, form, written in _FORMS:
        if found := form.fullmatch(bare):
            parts = [part or "" for part in found.groups()]
            return registry, written.format(
                *(part.lower() if registry in _LOWER_CASE else part for part in parts)
            )
    return None


# How many digits follow the letters, where that alone tells a slip of the finger. Registers whose
# numbers begin like sponsors' own (a year, 'NL', 'PER') are left out.
_DIGITS: tuple[tuple[str, str, str], ...] = (
    ("NCT", "8", "NCT01234567"),
    ("ISRCTN", "8", "ISRCTN12345678"),
    ("ACTRN", "14", "ACTRN12605000001640"),
    ("CHICTR", "10", "ChiCTR2000029308"),
    ("CTRI", "12 or 13", "CTRI/2020/03/024000"),
    ("JRCTS?", "10 (9 after an s)", "jRCT1031180001"),
    ("UMIN", "9", "UMIN000001234"),
    ("DRKS", "8", "DRKS00000123"),
    ("KCT", "7", "KCT0001234"),
    ("PACTR", "15 or 18", "PACTR201401000743303"),
    ("TCTR", "11", "TCTR20140102001"),
    ("SLCTR", "7", "SLCTR/2007/001"),
    ("RPCEC", "8", "RPCEC00000123"),
    ("LBCTR", "10", "LBCTR2019030209"),
    ("ITMCTR", "10", "ITMCTR2024000123"),
    ("PHRR", "12", "PHRR200101-000123"),
    ("U1111-", "8 more", "U1111-1234-5678"),
)
_BEGINS = tuple(
    (re.compile(rf"({start})[-:/\s]*(\d[\d\-:/\s]*)", re.ASCII | re.IGNORECASE), n, written)
    for start, n, written in _DIGITS
)


def fault_of(id_text: str) -> str:
    """Return what is wrong with a text that begins like a register's number and is none; else ''.

    A number that no register is known by is nobody's fault: a sponsor may write as it likes.

    >>> fault_of("NCT999") "'NCT999' has 3 digits after NCT; a number …"
    """
    text = id_text.strip()
    if len(text) > 60 or registry_of(text):
        return ""
    for begins, n, written in _BEGINS:
        if found := begins.fullmatch(text):
            have = sum(sign.isdecimal() for sign in found[2])
            if str(have) in n.split():
                return f"'{text}' is not written as its registry writes it: {written}."
            digits = "1 digit" if have == 1 else f"{have} digits"
            return (
                f"'{text}' has {digits} after {found[1].rstrip('-')}; a number that begins so has"
                f" {n}: {written}."
            )
    return ""
