"""Standards in the formats of others: which there are, what reads and writes each, and how a file is told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from ksbtrack.files.opening import open_named_file
from ksbtrack.formats.case_package import write_case
from ksbtrack.formats.case_reading import looks_like_case, read_case
from ksbtrack.formats.catalogue_json import looks_like_catalogue, read_catalogue
from ksbtrack.formats.json_records import json_records
from ksbtrack.formats.mahara import looks_like_mahara, read_mahara, write_mahara
from ksbtrack.formats.moodle import write_moodle
from ksbtrack.formats.moodle_reading import looks_like_moodle, read_moodle
from ksbtrack.formats.occupation_page import is_occupation_page, read_occupation_page
from ksbtrack.formats.occupational_maps import looks_like_occupational_maps, read_occupational_maps
from ksbtrack.formats.open_badges import write_open_badges
from ksbtrack.formats.skills_england import looks_like_skills_england, read_skills_england
from ksbtrack.formats.standard_json import looks_like_our_json, read_json, write_json
from ksbtrack.formats.statement_table import is_statement_table, read_statement_table
from ksbtrack.formats.statement_table_writing import write_csv, write_xlsx
from ksbtrack.models.importing import Exported, Given, Imported
from ksbtrack.models.standard import Standard
from ksbtrack.problems import KsbtrackError, Problem, Source

Reader = Callable[[Path, Given], Iterator[Imported]]
"""Yields each record of a file in its order, reading no more of the file at a time than a record.

Raises:
    KsbtrackError: with every problem of the file as a whole. A record that cannot be used is no error: it is yielded
        without a standard.
"""
Writer = Callable[[Standard], Exported]

READERS: dict[str, Reader] = {
    "skills-england": read_skills_england,
    "case": read_case,
    "mahara": read_mahara,
    "json": read_json,
    "moodle": read_moodle,
    "occupational-maps": read_occupational_maps,
    "occupation-page": read_occupation_page,
    "catalogue": read_catalogue,
    "table": read_statement_table,
}
"""What reads each format."""
WRITERS: dict[str, Writer] = {
    "case": write_case,
    "moodle": write_moodle,
    "mahara": write_mahara,
    "csv": write_csv,
    "xlsx": write_xlsx,
    "json": write_json,
    "openbadges": write_open_badges,
}
"""What writes each format."""

_BY_KEYS: tuple[tuple[str, Callable[[frozenset[str]], bool]], ...] = (
    ("skills-england", looks_like_skills_england),
    ("case", looks_like_case),
    ("mahara", looks_like_mahara),
    ("json", looks_like_our_json),
    ("occupational-maps", looks_like_occupational_maps),
    ("catalogue", looks_like_catalogue),
)
"""What tells formats of JSON apart, by the keys of the first records; asked in this order."""
_BY_HEAD: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("moodle", looks_like_moodle),
    ("occupation-page", is_occupation_page),
    ("table", is_statement_table),
)
"""What tells other formats apart, by the first bytes of the file; asked in this order."""
FIRST_RECORDS = 20
"""Records of a list that are looked at to tell its format."""
_TABLES = (".csv", ".tsv", ".xlsx", ".xls")
HEAD_BYTES = 64 * 1024
"""Bytes by which a format is told; a saved page names what it is before them."""


def format_of(path: Path) -> str:
    """Give the format of a file by what it holds, whatever it is called.

    Raises:
        KsbtrackError: `unknown-format`, or any fault of reading.
    """
    shown = path.as_posix()
    with open_named_file(path, shown) as opened:
        head = opened.read(HEAD_BYTES)
    # JSON as UTF-16 has a nought beside each sign.
    begins = head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1]
    if begins in (b"{", b"["):
        found = [name for keys in _keys_of_first(path) for name, is_it in _BY_KEYS if is_it(keys)]
    else:
        found = [name for name, is_it in _BY_HEAD if is_it(head)]
    if not found and head.strip() and path.suffix.casefold() in _TABLES:
        # By its name it is a table; reading it says what is wrong with it, and where.
        return "table"
    if not found:
        raise KsbtrackError(_unknown(shown, head))
    return found[0]


def _keys_of_first(path: Path) -> Iterator[frozenset[str]]:
    """Yield the keys of the first records: one that says little, or nothing, may be the first of all."""
    for record in islice(json_records(path), FIRST_RECORDS):
        if isinstance(record, dict):
            inner = record.get("foundation")
            yield frozenset(record) | (frozenset(inner) if isinstance(inner, dict) else frozenset())


def _unknown(shown: str, head: bytes) -> Problem:
    return Problem(
        "unknown-format",
        Source(shown),
        "a file that is empty" if not head.strip() else "a file of no format that holds standards",
        "a source is one of " + ", ".join(READERS),
        "Check that it is the right file; if it is, name its format with --format.",
    )
