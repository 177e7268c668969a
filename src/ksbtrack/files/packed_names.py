"""Names that every system can hold, for the files of a pack."""

from __future__ import annotations

import hashlib
import re
import unicodedata

MAX_NAME = 120
"""Characters of one name in a pack: with a few folders above it a path stays below the 260 of Windows."""
MAX_NAME_BYTES = 240
"""Bytes of one name as UTF-8, so that it fits where a name has 255."""
PACKED_FILES = "files"
"""The folder of a pack, beside the showcase, with the files that are not shown as pages."""

_REFUSED = re.compile(r'[<>:"/\\|?*]+')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|clock\$|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.I)
_MARK_LENGTH = 8


def packed_path(name: str) -> str:
    """Give the path of a portfolio's file in a pack, from the folder that holds the showcase.

    It depends on the name alone, so that the showcase can link to it. A name that some system refuses is changed, and
    gets the first digits of the SHA-256 of the name that it had: so two names never become one.

    Args:
        name: path inside the portfolio folder, forward slashes.
    """
    parts = [safe_name(part) for part in name.split("/") if part not in ("", ".", "..")]
    return "/".join((PACKED_FILES, *(parts or ["file"])))


def safe_name(name: str) -> str:
    """Give one part of a path as every system can hold it; one that already is comes back composed (NFC).

    Args:
        name: any text, without its folders.
    """
    composed = unicodedata.normalize("NFC", name)
    cleaned = _REFUSED.sub("-", "".join(c for c in composed if unicodedata.category(c)[0] != "C"))
    cleaned = " ".join(cleaned.split()).rstrip(". ")
    if _RESERVED.fullmatch(cleaned):
        cleaned = f"_{cleaned}"
    if cleaned == composed and _fits(cleaned):
        return cleaned
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_MARK_LENGTH]
    stem, dot, ending = cleaned.rpartition(".")
    if not stem or len(ending) > _MARK_LENGTH:
        stem, dot, ending = cleaned, "", ""
    tail = f"-{mark}{dot}{ending}"
    while stem and not _fits(stem + tail):
        stem = stem[:-1]
    return (stem.rstrip(". ") or "file") + tail


def is_safe_name(name: str) -> bool:
    """Say whether every system can hold one part of a path, however its accents are coded."""
    return safe_name(name) == unicodedata.normalize("NFC", name)


def _fits(name: str) -> bool:
    return 0 < len(name) <= MAX_NAME and len(name.encode("utf-8", "surrogatepass")) <= MAX_NAME_BYTES
