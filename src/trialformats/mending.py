"""Text that was written in one encoding and read in another.

Two things are mended, both noted in the record: bytes that are no UTF-8 but good Windows-1252, and
UTF-8 that someone before us read as Windows-1252 ('â€™' for '’'), where ftfy finds it surely
broken. Anything less sure is left as it came.
"""

import re
from typing import Any

import ftfy
from ftfy.badness import is_bad

from trialformats.canonical import plain, rebuilt
from trialformats.errors import FormatError
from trialformats.records import TrialRecord

WINDOWS_1252 = "The text was not UTF-8 and was read as Windows-1252."
# What a UTF-8 lead byte looks like in Windows-1252, then what the byte after it looks like.
_SUSPECT = re.compile("[ÃÂâÅÄÎÏÐÑð][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")


def decoded(raw: bytes) -> tuple[bytes, str]:
    """Return the bytes in UTF-8 and a note, '' when they were UTF-8 already.

    Raises FormatError for neither encoding.
    """
    if raw.isascii():
        return raw, ""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return raw, ""
    try:
        return raw.decode("cp1252").encode("utf-8"), WINDOWS_1252
    except UnicodeDecodeError as error:
        raise FormatError(
            f"the text is neither UTF-8 nor Windows-1252 (byte {error.start}); save it as UTF-8"
        ) from error


def may_be_garbled(raw: bytes) -> bool:
    """Say whether UTF-8 bytes hold anything that may be text read in the wrong encoding."""
    return not raw.isascii() and bool(_SUSPECT.search(raw.decode("utf-8", "ignore")))


def mended(record: TrialRecord) -> TrialRecord:
    """Return the record with texts that were surely read in the wrong encoding put right, and a
    note that names the fields.
    """
    shown = plain(record)
    touched = {}
    for name, value in shown.items():
        better = _mended(value)
        if better != value:
            touched[name] = better
    if not touched:
        return record
    note = "Garbled characters were repaired in: " + ", ".join(touched) + "."
    notes = [*shown.get("notes", ()), note]
    return rebuilt(TrialRecord, shown | touched | {"notes": notes})


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return _mended_text(value)
    if isinstance(value, list):
        return [_mended(one) for one in value]
    if isinstance(value, dict):
        return {key: _mended(one) for key, one in value.items()}
    return value


def _mended_text(text: str) -> str:
    if text.isascii() or not _SUSPECT.search(text) or not is_bad(text):
        return text
    better = ftfy.fix_encoding(text)
    return better if not is_bad(better) else text
