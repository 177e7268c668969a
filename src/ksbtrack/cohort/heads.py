"""A learner's own row and their records: everything of a portfolio but its pieces and its log of hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, NamedTuple

from ksbtrack.cohort.cells import (
    CELLS,
    Reading,
    as_text,
    column_at,
    each_day_once,
    early_days,
    split_codes,
    tidied,
    unseen,
)
from ksbtrack.cohort.claim_rows import KEPT
from ksbtrack.cohort.rule_book import RuleBook
from ksbtrack.cohort.sorting import CELL_END
from ksbtrack.cohort.table_columns import RecordKind, TableName
from ksbtrack.load.checked import checked, kept
from ksbtrack.load.dates import age_problems, date_problems
from ksbtrack.load.portfolios import learner_problems
from ksbtrack.models.portfolio import Adjustment, Break, Confirmation, OptIn, Portfolio, Qualification, Signature
from ksbtrack.models.standard import Standard
from ksbtrack.models.values import Model, choice
from ksbtrack.problems import KsbtrackError, Problem, quoted
from ksbtrack.yamlfile import Path, YamlText

_LEARNER_CELLS = ("name", "uln", "born", "age_at_start", "employer", "provider", "role", "weekly_hours")
_DATE_CELLS = ("start", "original_start", "planned_gateway", "gateway")
_FIELDS: dict[RecordKind, tuple[type[Model], tuple[str, ...]]] = {
    RecordKind.QUALIFICATION: (Qualification, ("subject", "level", "title", "state", "awarded")),
    RecordKind.ADJUSTMENT: (Adjustment, ("subject", "evidence", "on")),
    RecordKind.OPT_IN: (OptIn, ("subject", "on")),
    RecordKind.CONFIRMATION: (Confirmation, ("by", "name", "role", "of", "on", "covers")),
    RecordKind.BREAK: (Break, ("start", "end")),
    RecordKind.SIGNATURE: (Signature, ("by", "name", "on")),
}
"""What each kind of record is, and the columns that it takes; what stands in others says nothing about it."""
_BREAKS = 1_000
"""The place of the first break, beyond those of all columns."""
_PLACES = {
    RecordKind.QUALIFICATION: "qualifications",
    RecordKind.ADJUSTMENT: "adjustments",
    RecordKind.OPT_IN: "opt_ins",
    RecordKind.CONFIRMATION: "confirmations",
}


class _KindOfRecord(Model):
    record: Annotated[RecordKind, choice(RecordKind)]


class _Record(NamedTuple):
    """A record that was read once: what it is, and the piece that a signature is under."""

    kind: RecordKind
    model: Model
    piece: str


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """The row of a learner, tidied.

    Attributes:
        key: names the learner in this cohort; the number of the row where nothing does.
        is_named: there is a reference or a ULN that names them.
        cells: what stands in it, by column; empty cells are left out.
        twin: the row of another learner with the same key or ULN, and the column; None if there is none.
    """

    key: str
    is_named: bool
    cells: Mapping[str, str]
    twin: tuple[int, str] | None


@dataclass(slots=True)
class Records:
    """A learner's records as they are read.

    Attributes:
        by_place: those that a portfolio has under `records`, by their key there.
        breaks: breaks in learning, each with the place of its row.
        signatures: signatures by the id of their piece.
        named: ids of pieces that rows name, each with the place of the row and the column.
    """

    by_place: dict[str, list[Model]] = field(default_factory=dict)
    breaks: list[tuple[Break, int]] = field(default_factory=list)
    signatures: dict[str, list[Signature]] = field(default_factory=dict)
    named: list[tuple[str, int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Head:
    """What a learner's row and records give.

    Attributes:
        portfolio: without pieces and hours; None if anything is wrong with it.
        standards: those that the learner's claims may name, their own first; empty if their own is not sound.
    """

    portfolio: Portfolio | None
    standards: dict[str, Standard]


class RecordRows:
    """Reads rows of records; a class, since what is kept must outlive each learner."""

    def __init__(self) -> None:
        """Begin with nothing kept."""
        self._known: dict[str, _Record] = {}

    def read(self, rows: Sequence[str], reading: Reading) -> Records:
        """Give the records that the rows of a learner declare.

        Args:
            rows: each the text of its cells but the learner.
            reading: takes what is wrong.
        """
        found = Records()
        for place, row in enumerate(rows):
            record = self._known.get(row)
            if record is None:
                cells = tidied(TableName.RECORDS, row.split(CELL_END))
                try:
                    record = _read_record(cells)
                except KsbtrackError as error:
                    reading.tell(error.problems, TableName.RECORDS, place, cells)
                    continue
                if len(self._known) > KEPT:
                    self._known.clear()
                self._known[row] = record
            _place(found, record, place)
        return found


def _read_record(cells: Mapping[str, str]) -> _Record:
    """Give one record.

    Raises:
        KsbtrackError: with the faults of its cells.
    """
    table = TableName.RECORDS
    problems = [*unseen(table, cells), *early_days(table, cells)]
    if problems:
        raise KsbtrackError(*problems)
    named = {"record": cells["record"]} if "record" in cells else {}
    kind = checked(_KindOfRecord, as_text(table, named)).record
    model, names = _FIELDS[kind]
    values: dict[str, Any] = {name: cells[name] for name in names if name in cells}
    if "covers" in values:
        values["covers"] = split_codes(cells["covers"])
    record = checked(model, as_text(table, values))
    if kind is RecordKind.SIGNATURE and "piece" not in cells:
        expected = "a signature is under a piece"
        place = column_at(table, "piece")
        raise KsbtrackError(Problem("missing-cell", place, "no piece", expected, "Fill in the id of the piece."))
    return _Record(kind, record, cells.get("piece", ""))


def _place(found: Records, read: _Record, row: int) -> None:
    """Put a record where it belongs."""
    record = read.model
    if isinstance(record, Break):
        found.breaks.append((record, row))
    elif isinstance(record, Signature):
        found.signatures.setdefault(read.piece, []).append(record)
        found.named.append((read.piece, row, "piece"))
    else:
        found.by_place.setdefault(_PLACES[read.kind], []).append(record)
    if isinstance(record, Confirmation):
        found.named += [(piece, row, "covers") for piece in record.covers]


def head_of(learner: LearnerRow, records: Records, book: RuleBook, reading: Reading) -> Head:
    """Give the head of a portfolio that a learner's row and records make.

    Args:
        learner: the row.
        records: as they were read.
        book: the rule book.
        reading: takes what is wrong.
    """
    table, cells = TableName.LEARNERS, learner.cells
    problems: list[Problem] = [*_twins(learner), *unseen(table, cells), *early_days(table, cells)]
    standards = _standards(cells, book, problems)
    own, *also = standards or (cells.get("standard"),)
    values: dict[str, Any] = {
        "learner": {name: cells[name] for name in _LEARNER_CELLS if name in cells},
        "dates": {name: cells[name] for name in _DATE_CELLS if name in cells},
        "also": also,
        "showcase": split_codes(cells.get("showcase")),
        "records": dict(records.by_place),
        **{name: cells[name] for name in ("option", "invented") if name in cells},
    }
    if own is not None:
        values["standard"] = own
    breaks = sorted(records.breaks, key=lambda found: found[0].start)
    values["dates"]["breaks"] = [pause for pause, _ in breaks]
    if "prior_learning_hours" in cells:
        values["records"]["prior_learning_hours"] = cells["prior_learning_hours"]
    text = _with_breaks(as_text(table, values), len(breaks))
    portfolio = kept(problems, checked, Portfolio, text)
    if portfolio is not None:
        problems += learner_problems(portfolio.learner, text)
        problems += date_problems(portfolio.dates, text)
        problems += age_problems(portfolio.learner, portfolio.dates, text)
    for problem in each_day_once(problems):
        if problem.source.file == CELLS and problem.source.line >= _BREAKS:
            _, row = breaks[problem.source.line - _BREAKS]
            reading.tell([replace(problem, source=column_at(TableName.RECORDS, "start"))], TableName.RECORDS, row, {})
        else:
            reading.tell([problem], table, 0, cells)
    return Head(None if problems else portfolio, standards)


def _with_breaks(text: YamlText, breaks: int) -> YamlText:
    """Give a learner's row with places for breaks, which are rows of another table."""
    places: dict[Path, int] = {("dates", "breaks", index): _BREAKS + index for index in range(breaks)}
    return replace(text, lines={**text.lines, **places}) if breaks else text


def _twins(learner: LearnerRow) -> list[Problem]:
    if not learner.is_named:
        return [
            Problem(
                "missing-cell",
                column_at(TableName.LEARNERS, "learner"),
                "no learner",
                "each row names one, by the provider's reference or by the ULN",
                "Fill in one of the two.",
            )
        ]
    if learner.twin is None:
        return []
    row, name = learner.twin
    return [
        Problem(
            "duplicate-learner",
            column_at(TableName.LEARNERS, name),
            quoted(learner.cells.get(name, learner.key)),
            f"row {row} has the same, so nobody can tell whose rows are whose",
            "Delete one of the two rows, or correct its reference and ULN.",
        )
    ]


def _standards(cells: Mapping[str, str], book: RuleBook, problems: list[Problem]) -> dict[str, Standard]:
    """Give the standards that a learner's row names, their own first; nothing if their own is not sound."""
    name = cells.get("standard")
    if name is None:
        return {}
    version = cells.get("standard_version")
    named = f"{name}@{version}" if version and "@" not in name else name
    at, option_at = column_at(TableName.LEARNERS, "standard"), column_at(TableName.LEARNERS, "option")
    own = kept(problems, book.standard, named, cells.get("option"), at, option_at)
    if own is None:
        return {}
    standards = {own.identity: own}
    for other in split_codes(cells.get("also")):
        further = kept(problems, book.further, other, column_at(TableName.LEARNERS, "also"))
        if further is not None:
            standards.setdefault(further.identity, further)
    return standards
