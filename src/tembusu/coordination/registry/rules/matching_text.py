"""Letters before meaning: one spelling for what looks or sounds the same.

Everything that compares text in matching starts from `fold`, so that case, accents, full-width
letters, dotted abbreviations and punctuation can never make two names differ.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

# Letters that Unicode does not take apart into a base and a mark.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h"}
)
_MARKS = re.compile(r"[\u0300-\u036f]")
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}(?:[^\W\d_]\b)?")
_ELISION = re.compile(r"\b[ld]['’`](?=\w)")
_APOSTROPHE = re.compile(r"(?<=\w)['’`´](?=\w)")
# Combining marks outside \w carry vowels in the scripts of South Asia and must stay.
_BREAK = re.compile(r"[^\w\u0900-\u0dff]+|_+")


def settle(step: Callable[[str], str], text: str, limit: int = 12) -> str:
    """Apply `step` until nothing changes, so that the result is its own result."""
    for _ in range(limit):
        after = step(text)
        if after == text:
            return after
        text = after
    return text


def _fold_once(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    text = _MARKS.sub("", unicodedata.normalize("NFD", text)).translate(_LETTERS)
    text = unicodedata.normalize("NFC", text)
    text = _DOTTED.sub(lambda found: found.group().replace(".", "") + " ", text)
    text = _APOSTROPHE.sub("", _ELISION.sub("", text)).replace("&", " and ")
    return _BREAK.sub(" ", text).strip()


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Return `text` in lower case without accents or punctuation, words parted by one space."""
    return settle(_fold_once, text)
