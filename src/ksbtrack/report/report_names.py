"""Names of files for the reports of a cohort's learners: from their keys alone, safe everywhere, never one twice."""

from __future__ import annotations

import hashlib
import re
import unicodedata

MAX_WORDS = 60
"""Characters of a key that a name keeps: what a person takes in, and a fifth of what a disk can name."""
MARK_LENGTH = 20
"""Hexadecimal digits of a key's mark, 80 bits: among 100,000 learners two have the same once in 10 ** 14 cohorts."""
FEW_LETTERS = 3
"""Letters of a reference such as L0042 or AB-17; more make a word."""

_PLAIN = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*|[a-z0-9]+(-[a-z0-9]+)*")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9]+")
_DEVICE = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9])", re.IGNORECASE)
"""What Windows takes for a device, whatever comes after a full stop."""


def report_name(key: str) -> str:
    """Give the name of a learner's report inside the folder of the reports; other keys have other names.

    A reference in capitals with up to three letters, and a word in small letters with more, stand as they are. All
    others have the mark of the whole key behind two hyphens, which no plain key has: so no two keys share a name, not
    even on a disk that takes capitals and small letters for the same.

    Args:
        key: the learner's, as in the verdict.
    """
    return f"{key if _is_plain(key) else _marked(key)}.pdf"


def _is_plain(key: str) -> bool:
    if not _PLAIN.fullmatch(key) or len(key) > MAX_WORDS or _DEVICE.fullmatch(key):
        return False
    letters = sum(letter.isalpha() for letter in key)
    return letters == 0 or (letters <= FEW_LETTERS) == key.isupper()


def _marked(key: str) -> str:
    letters = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode()
    words = _NOT_PLAIN.sub("-", letters).strip("-")[:MAX_WORDS].strip("-") or "learner"
    # Surrogates cannot be encoded otherwise; the names of folders may have them.
    mark = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:MARK_LENGTH]
    return f"{words}--{mark}"
