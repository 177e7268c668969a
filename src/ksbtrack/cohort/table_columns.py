"""The columns of a cohort's tables: what each is called, what it holds, whether a message may show what stands in it.

One list for the reader, the template and the JSON Schema; docs/cohort-tables.md has the same list for people.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from ksbtrack.models.portfolio import (
    AcceptanceState,
    ClaimState,
    Confirmed,
    Party,
    QualificationState,
)
from ksbtrack.models.standard import EvidenceKind
from ksbtrack.models.values import MAX_NAME

_SCHEMA_FILE = Path(__file__).with_name("cohort.columns.schema.json")


class TableName(StrEnum):
    """The tables that a cohort can have; only the first is needed."""

    LEARNERS = "learners"
    EVIDENCE = "evidence"
    CLAIMS = "claims"
    RECORDS = "records"
    HOURS = "hours"


class CellKind(StrEnum):
    """What a cell holds, in the words of docs/cohort-tables.md."""

    KEY = "key"
    TEXT = "text"
    DAY = "day"
    NUMBER = "number"
    CHOICE = "choice"
    FLAG = "flag"
    CODES = "codes"


class RecordKind(StrEnum):
    """What a row of the table `records` says of its learner."""

    QUALIFICATION = "qualification"
    ADJUSTMENT = "adjustment"
    OPT_IN = "opt_in"
    CONFIRMATION = "confirmation"
    BREAK = "break"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column.

    Attributes:
        name: as the template heads it.
        kind: what a cell holds.
        words: what it means, as a sentence.
        synonyms: other headings that mean it; capitals, spaces and signs do not matter.
        is_needed: a table without it cannot be read.
        is_shown: a message may show what stands in a cell. Not so for what is personal, or free text that may be.
        choices: the words that a cell can be, where it is one of a list.
    """

    name: str
    kind: CellKind
    words: str
    synonyms: tuple[str, ...] = ()
    is_needed: bool = False
    is_shown: bool = True
    choices: tuple[str, ...] = ()


def _day(name: str, words: str, *synonyms: str, needed: bool = False, shown: bool = True) -> TableColumn:
    return TableColumn(name, CellKind.DAY, words, synonyms, needed, shown)


def _text(name: str, words: str, *synonyms: str, needed: bool = False) -> TableColumn:
    return TableColumn(name, CellKind.TEXT, words, synonyms, needed, is_shown=False)


def _word(name: str, words: str, *synonyms: str, needed: bool = False) -> TableColumn:
    return TableColumn(name, CellKind.TEXT, words, synonyms, needed)


def _choice(name: str, options: type[StrEnum], words: str, *synonyms: str, needed: bool = False) -> TableColumn:
    return TableColumn(name, CellKind.CHOICE, words, synonyms, needed, choices=tuple(options))


def _flag(name: str, words: str, *synonyms: str) -> TableColumn:
    return TableColumn(name, CellKind.FLAG, words, synonyms)


def _codes(name: str, words: str, *synonyms: str) -> TableColumn:
    return TableColumn(name, CellKind.CODES, words, synonyms)


_LEARNER_HEADINGS = (
    *("Learner ref", "Learner reference", "Learner reference number", "LearnRefNumber", "Learner ID", "Learner no"),
    *("Learner number", "Learner code", "Apprentice ID", "Student ID", "Student number", "Student ref"),
)
ULN_HEADINGS = ("Unique learner number", "ULN number")
_LEARNER = TableColumn(
    "learner",
    CellKind.KEY,
    "Names the learner in every table: the provider's reference, or the ULN.",
    (*_LEARNER_HEADINGS, *ULN_HEADINGS, "ULN"),
    is_needed=True,
)

LEARNERS = (
    TableColumn(
        "learner",
        CellKind.KEY,
        "Names the learner in every table: the provider's reference. Where there is none, the ULN does.",
        _LEARNER_HEADINGS,
    ),
    TableColumn("uln", CellKind.KEY, "Unique learner number: ten digits.", ULN_HEADINGS),
    _text("name", "The learner's name.", "Learner name", "Full name", "Apprentice", "Apprentice name", needed=True),
    _word(
        "standard",
        "The standard, with or without its version: ST0148@1.0.",
        *("Standard reference", "Standard ref", "Apprenticeship standard", "Standard code", "Reference", "Programme"),
        needed=True,
    ),
    _word("standard_version", "Its version, where the column before does not say it.", "Version"),
    _word(
        "option",
        "The id of the option that the learner takes, where the standard has options.",
        "Pathway",
        "Core option",
    ),
    _codes("also", "Other standards that the learner's claims name.", "Other standards"),
    _day("start", "First day of learning on this programme.", "Start date", "LearnStartDate", needed=True),
    _day("original_start", "First day before a break or a change of provider.", "OrigLearnStartDate"),
    _day(
        "planned_gateway",
        "The gateway day that was planned.",
        "Planned gateway date",
        "Planned end",
        "Planned end date",
    ),
    _day("gateway", "The gateway day, agreed for certain or past.", "Gateway date", "Actual gateway"),
    _day("born", "Day of birth.", "Date of birth", "DOB", "DateOfBirth", "Birth date", shown=False),
    TableColumn(
        "age_at_start", CellKind.NUMBER, "Age in years on the first day.", ("Age at start", "Age"), is_shown=False
    ),
    TableColumn(
        "weekly_hours", CellKind.NUMBER, "Working hours a week.", ("Weekly hours", "Contracted hours", "Hours a week")
    ),
    _text("employer", "The employer.", "Employer name", "Company"),
    _text("provider", "The training provider.", "Provider name", "Training provider"),
    _text("role", "The learner's role at work.", "Job role", "Job title"),
    _text("assessor", "Who assesses the learner; the results are listed by it.", "Assessor name", "Coach", "Tutor"),
    _text("group", "The provider's own group; the results are listed by it.", "Cohort", "Class", "Group name"),
    TableColumn(
        "prior_learning_hours",
        CellKind.NUMBER,
        "Hours of training that prior learning made unnecessary.",
        ("RPL hours", "Prior learning hours"),
    ),
    _codes("showcase", "Ids of the pieces chosen for the showcase.", "Showcase pieces"),
    _flag("invented", "The learner is made up, for an example.", "Example"),
)
EVIDENCE = (
    _LEARNER,
    _word("id", "The piece's id, once for each learner.", "Evidence", "Evidence ID", "Piece", "Ref", needed=True),
    _text("title", "What it is.", "Evidence title", "Name", "Evidence name", "Description", needed=True),
    _choice(
        "kind", EvidenceKind, "What kind of evidence it is.", "Type", "Evidence type", "Evidence kind", needed=True
    ),
    _day("date", "The day it was made.", "Date made", "Evidence date", "Created", needed=True),
    _text("made_by", "Who made it.", "Author"),
    _choice("state", AcceptanceState, "Where it is in its life; draft if empty.", "Status", "Acceptance"),
    _text("accepted_by", "Who accepted it or referred it back.", "Assessor", "Assessed by", "Accepted by"),
    _word("accepted_role", "In what role.", "Assessor role"),
    _day("accepted_on", "On which day.", "Accepted on", "Date accepted", "Assessed on", "Date assessed"),
    _text("witness_name", "Who saw the work, of a testimony.", "Witness"),
    _text("witness_role", "The witness's role."),
    _text("witness_relationship", "What the witness is to the learner."),
    _day("witness_signed", "The day on which the witness signed."),
    _flag("contains_personal_data", "It holds personal data of others."),
    _flag("redacted", "These data were made unreadable."),
    _flag("consent", "The others consented."),
)
CLAIMS = (
    _LEARNER,
    _word("evidence", "The id of the piece that claims.", "Evidence ID", "Piece", "Piece ID", needed=True),
    _word(
        "code",
        "The statement's code, or with its standard: XS10b:D2.",
        *("KSB", "KSB code", "KSB ref", "Criterion", "Criteria ref"),
        needed=True,
    ),
    _text("where", "The place in the piece: p. 2-3, or 0:03:10.", "Place", "Page", "Pages"),
    _text("why", "One sentence for the assessor.", "Reason", "Justification"),
    _choice("state", ClaimState, "Claimed, or confirmed by an assessor; claimed if empty.", "Status"),
    _word("made_against", "The version of the standard that the mapping was made with.", "Standard version"),
    _word("fingerprint", "The mark of the statement's wording at that time."),
)
RECORDS = (
    _LEARNER,
    _choice("record", RecordKind, "What the row is.", "Record type", "Type", needed=True),
    _word("subject", "Of a qualification, adjustment or opt-in: english, maths, safeguarding ..."),
    _word("level", "Of a qualification: E1 to E3, or 1 to 8."),
    _text("title", "Of a qualification.", "Qualification"),
    _choice("state", QualificationState, "Of a qualification; achieved if empty.", "Status"),
    _day("awarded", "Of a qualification: the day.", "Date awarded", "Achieved on"),
    _text("evidence", "Of an adjustment: what is on file for it."),
    _choice("by", Party, "Of a confirmation or signature: which party.", "Party"),
    _text("name", "Of a confirmation or signature: who.", "Signed by"),
    _text("role", "Of a confirmation: in what role."),
    _choice("of", Confirmed, "Of a confirmation: what is confirmed; competence if empty."),
    _day("on", "Of a confirmation, signature, adjustment or opt-in: the day.", "Date", "Signed on"),
    _codes("covers", "Of a confirmation: ids of pieces that it covers besides the showcase."),
    _word("piece", "Of a signature: the id of the piece."),
    _day("start", "Of a break: its first day.", "From"),
    _day("end", "Of a break: its last day; empty while it goes on.", "To", "Until"),
)
HOURS = (
    _LEARNER,
    _day("date", "The day.", "Day", needed=True),
    TableColumn(
        "hours", CellKind.NUMBER, "Hours of training on it.", ("Off-the-job hours", "OTJ hours", "Duration"), True
    ),
    _text("activity", "What it was.", "Description", "Training", needed=True),
    _codes("codes", "Codes of the statements that it was about.", "KSBs"),
)

COLUMNS: dict[TableName, tuple[TableColumn, ...]] = {
    TableName.LEARNERS: LEARNERS,
    TableName.EVIDENCE: EVIDENCE,
    TableName.CLAIMS: CLAIMS,
    TableName.RECORDS: RECORDS,
    TableName.HOURS: HOURS,
}
"""All tables with all their columns, in the order in which the template has them."""

COLUMN_OF: dict[TableName, dict[str, TableColumn]] = {
    table: {column.name: column for column in columns} for table, columns in COLUMNS.items()
}
"""Each column by table and name."""

KEY_COLUMNS = ("learner", "uln")
"""The columns of `learners` of which at least one is there, and has a value in each row."""


def matched_columns(table: TableName, headings: Sequence[str]) -> dict[str, list[int]]:
    """Give, for each column whose heading is there, the indexes of the cells that have it.

    A heading that is a column's own name goes before synonyms; what has no meaning here is passed over.

    Args:
        table: the table that they head.
        headings: the cells of its first row.
    """
    own = {folded(column.name): column.name for column in COLUMNS[table]}
    other = {folded(word): column.name for column in COLUMNS[table] for word in column.synonyms}
    found: dict[str, list[int]] = {}
    for index, heading in enumerate(headings):
        name = own.get(folded(heading)) or other.get(folded(heading))
        if name is not None:
            found.setdefault(name, []).append(index)
    for name, places in found.items():
        named = [place for place in places if folded(headings[place]) == folded(name)]
        found[name] = named or places
    return found


def folded(heading: str) -> str:
    """Give a heading as it is compared: small letters and digits only."""
    return re.sub(r"[^a-z0-9]", "", heading.casefold())


_FORMS: dict[CellKind, dict[str, Any]] = {
    CellKind.KEY: {"type": "string", "maxLength": MAX_NAME},
    CellKind.TEXT: {"type": "string", "maxLength": MAX_NAME},
    CellKind.DAY: {"type": "string", "format": "date"},
    CellKind.NUMBER: {"type": "string", "pattern": r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,4})?$"},
    CellKind.FLAG: {"enum": ["yes", "no"]},
    CellKind.CODES: {"type": "string", "description": "Several are parted by spaces, commas or semicolons."},
}


def columns_schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of the tables as the template has them, a row an object of texts."""
    tables = {
        table.value: {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": [column.name for column in columns if column.is_needed],
                "properties": {column.name: _form(column) for column in columns},
                **({"anyOf": [{"required": [key]} for key in KEY_COLUMNS]} if table is TableName.LEARNERS else {}),
            },
        }
        for table, columns in COLUMNS.items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tables of a cohort",
        "type": "object",
        "additionalProperties": False,
        "required": [TableName.LEARNERS.value],
        "properties": tables,
    }


def _form(column: TableColumn) -> dict[str, Any]:
    form = {"enum": list(column.choices)} if column.choices else _FORMS[column.kind]
    more = form.get("description", "")
    synonyms = {"x-headings": list(column.synonyms)} if column.synonyms else {}
    return {**form, "description": f"{column.words} {more}".strip(), **synonyms}


def shipped_columns_schema() -> dict[str, Any]:
    """Give the JSON Schema of the tables as it is shipped; a test compares it with `columns_schema`."""
    schema: dict[str, Any] = json.loads(_SCHEMA_FILE.read_text(encoding="utf-8"))
    return schema
