"""From the rows of a learner to the same `Case` that their portfolio folder would give, or to what is wrong with them.

The values are read by the models that read YAML: a date, a code or a kind has one meaning. What repeats itself through
a cohort is read once and kept, up to a limit.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from ksbtrack.cohort.cells import FIRST_YEAR, Reading, as_text, column_at, early_days, split_codes, tidied, unseen
from ksbtrack.cohort.claim_rows import KEPT, ClaimRows, HoursRows
from ksbtrack.cohort.heads import Head, LearnerRow, Records, head_of, read_records
from ksbtrack.cohort.rule_book import RuleBook, program_mark, rule_book
from ksbtrack.cohort.sorting import CELL_END, ROW_END
from ksbtrack.cohort.table_columns import TableName
from ksbtrack.files.opening import MAX_PIECES
from ksbtrack.load.checked import checked
from ksbtrack.load.pieces import accepted_by_learner, piece_problems
from ksbtrack.models.case import Case
from ksbtrack.models.cohort import CohortQuestion, Fault, LearnerCase
from ksbtrack.models.portfolio import Acceptance, AcceptanceState, Claim, Evidence, Signature
from ksbtrack.models.standard import EvidenceKind, Standard
from ksbtrack.models.values import natural_key
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted, several

_NO_TEXT = as_text(TableName.EVIDENCE, None)
_ACCEPTANCE = ("state", "by", "role", "on")
_PARTS = {
    "acceptance": {"state": "state", "by": "accepted_by", "role": "accepted_role", "on": "accepted_on"},
    "witness": {name: f"witness_{name}" for name in ("name", "role", "relationship", "signed")},
    "privacy": {name: name for name in ("contains_personal_data", "redacted", "consent")},
}
"""The parts of a piece that are made of several columns: the key in the model, and the column."""


@dataclass(frozen=True, slots=True)
class LearnerRows:
    """All rows of one learner.

    Attributes:
        key: names the learner; None where the row names nobody.
        number: of the row in the table of learners.
        twin: the row of another learner with the same key or ULN, and the column; None if there is none.
        learner: the text of the row's cells, as the sorted tables have it.
        others: the rows of each other table, each the text of its cells but the learner.
        numbers: the numbers of all these rows; empty until something seems to be wrong.
    """

    key: str | None
    number: int
    twin: tuple[int, str] | None
    learner: str
    others: dict[TableName, list[str]] = field(default_factory=dict)
    numbers: Mapping[TableName, Sequence[int]] = field(default_factory=dict)

    def of(self, table: TableName) -> Sequence[str]:
        """Give the rows of a table."""
        return self.others.get(table, ())


@lru_cache(maxsize=4)
def case_reader(question: CohortQuestion) -> CaseReader:
    """Give the reader for a question, made at the first call in this process.

    Raises:
        KsbtrackError: any fault of the policy, the overlays or the folders of standards.
    """
    return CaseReader(rule_book(question))


class CaseReader:
    """Reads learners one after the other; a class, since what is kept must outlive each of them."""

    def __init__(self, book: RuleBook) -> None:
        """Begin with nothing kept."""
        self.book = book
        self._claims = ClaimRows()
        self._hours = HoursRows()
        self._accepted: dict[tuple[str, ...], Acceptance] = {}
        self._kinds: dict[str, EvidenceKind] = {}
        self._days: dict[str, date] = {}
        self._order: dict[str, tuple[str | int, ...]] = {}

    def case(self, rows: LearnerRows, files: Mapping[str, str]) -> LearnerCase | list[Fault]:
        """Give the question about one learner, or everything that is wrong with their rows.

        Args:
            rows: theirs.
            files: the tables that are there, each as messages name it.
        """
        cells = tidied(TableName.LEARNERS, rows.learner.split(CELL_END))
        learner = LearnerRow(rows.key or f"row {rows.number}", rows.key is not None, cells, rows.twin)
        numbers = {**rows.numbers, TableName.LEARNERS: [rows.number]} if rows.numbers else {}
        reading = Reading(learner.key, files, numbers)
        if learner.twin is not None:
            # Whose the other rows are nobody can tell.
            head_of(learner, Records(), self.book, reading)
            return reading.told
        records = read_records(rows.of(TableName.RECORDS), reading)
        head = head_of(learner, records, self.book, reading)
        claims = self._claims.read(rows.of(TableName.CLAIMS), head.standards, reading)
        pieces = self._pieces(rows.of(TableName.EVIDENCE), claims, records, learner, reading)
        hours = self._hours.read(rows.of(TableName.HOURS), head.standards, reading)
        _look_across(rows, learner, records, claims, reading)
        if head.portfolio is None or reading.told:
            return reading.told
        pieces.sort(key=self._natural)
        portfolio = head.portfolio.model_copy(update={"evidence": tuple(pieces), "off_the_job": hours})
        asked = self.book.asked(next(iter(head.standards.values())))
        return LearnerCase(
            key=learner.key,
            case=Case(standard=asked, portfolio=portfolio, policy=self.book.policy, on=self.book.question.on),
            source=Source(files[TableName.LEARNERS.value], rows.number),
            assessor=cells.get("assessor", "") or usual_assessor(pieces),
            group=cells.get("group", ""),
            fingerprint=self._fingerprint(rows, head, asked),
        )

    def _natural(self, piece: Evidence) -> tuple[str | int, ...]:
        known = self._order.get(piece.id)
        if known is None:
            if len(self._order) > KEPT:
                self._order.clear()
            known = self._order[piece.id] = natural_key(piece.id)
        return known

    def _fingerprint(self, rows: LearnerRows, head: Head, asked: Standard) -> str:
        """Give the mark of all that a verdict depends on but the day: the cells, not where they stand."""
        marks = [self.book.mark(standard) for standard in (asked, *head.standards.values())]
        # The name of its table goes before the rows: without it, a row could be another table's.
        tables = [text for table in TableName for text in (table.value, *rows.of(table))]
        seen = ROW_END.join((rows.learner, *tables, *marks, self.book.policy_mark, program_mark()))
        return hashlib.sha256(seen.encode()).hexdigest()[:32]

    def _pieces(
        self,
        rows: Sequence[str],
        claims: Mapping[str, Sequence[Claim]],
        records: Records,
        learner: LearnerRow,
        reading: Reading,
    ) -> list[Evidence]:
        """Give the sound pieces with their claims and signatures."""
        table = TableName.EVIDENCE
        if len(rows) > MAX_PIECES:
            found, expected = several(len(rows), "piece"), f"a learner may have at most {MAX_PIECES:,}"
            problem = Problem("too-many", reading.source(table, MAX_PIECES), found, expected, "Shorten it.")
            reading.told.append(Fault(problem, reading.key))
            return []
        name = learner.cells.get("name", "").casefold()
        pieces: list[Evidence] = []
        for place, row in enumerate(rows):
            cells = row.split(CELL_END)
            identity = cells[0]
            try:
                piece = self._piece(cells, claims.get(identity, ()), records.signatures.get(identity, ()))
                problems = [*piece_problems(piece, _NO_TEXT), *_accepted_by_themselves(piece, name)]
                if problems:
                    raise KsbtrackError(*problems)
                pieces.append(piece)
            except KsbtrackError as error:
                reading.tell(error.problems, table, place, tidied(table, cells))
        return pieces

    def _piece(self, cells: list[str], claims: Sequence[Claim], signed: Sequence[Signature]) -> Evidence:
        """Give the piece that a row declares.

        Raises:
            KsbtrackError: with the faults of its cells.
        """
        identity, title, kind, made, made_by, state, by, role, on, *more = cells
        is_plain = title.isascii() and title.isprintable() and not title.startswith("'") and made > FIRST_YEAR
        if is_plain and identity and kind and not made_by and not any(more):
            values: dict[str, Any] = {
                "id": identity,
                "title": title,
                "kind": self._kinds.get(kind, kind),
                "date": self._days.get(made, made),
                "claims": claims,
                "acceptance": self._acceptance((state, by, role, on)),
            }
            if signed:
                values["signatures"] = signed
            try:
                piece = Evidence.model_validate(values)
            except ValidationError:
                pass  # Looked at more closely below: white space around a cell does no harm.
            else:
                self._kinds[kind], self._days[made] = piece.kind, piece.date
                return piece
        table = TableName.EVIDENCE
        named = tidied(table, cells)
        problems = [*unseen(table, named), *early_days(table, named)]
        if problems:
            raise KsbtrackError(*problems)
        return checked(Evidence, as_text(table, _values(named, claims, signed)))

    def _acceptance(self, cells: tuple[str, ...]) -> Acceptance | None:
        """Give the decision on a piece, kept if it was met before; None for one that needs a closer look."""
        known = self._accepted.get(cells)
        if known is not None:
            return known
        text = "".join(cells)
        if not (text.isascii() and text.isprintable()):
            return None
        try:
            made = Acceptance.model_validate(
                {name: cell for name, cell in zip(_ACCEPTANCE, cells, strict=True) if cell}
            )
        except ValidationError:
            return None
        if len(self._accepted) > KEPT:
            self._accepted.clear()
        self._accepted[cells] = made
        return made


def _values(cells: Mapping[str, str], claims: Sequence[Claim], signed: Sequence[Signature]) -> dict[str, Any]:
    """Give the values of a piece as the model takes them."""
    values: dict[str, Any] = {name: cells[name] for name in ("id", "title", "kind", "date", "made_by") if name in cells}
    for name, columns in _PARTS.items():
        found = {key: cells[column] for key, column in columns.items() if column in cells}
        values |= {name: found} if found else {}
    return {**values, "claims": claims, "signatures": signed}


def _accepted_by_themselves(piece: Evidence, name: str) -> Iterable[Problem]:
    """Find a piece that the learner is said to have accepted."""
    accepted = piece.acceptance
    if accepted.by and accepted.state is AcceptanceState.ACCEPTED and accepted.by.casefold() == name:
        return (accepted_by_learner(accepted.by, column_at(TableName.EVIDENCE, "accepted_by")),)
    return ()


def usual_assessor(pieces: Iterable[Evidence]) -> str:
    """Give who decided on most pieces, of several the first by name; nothing if nobody is named."""
    decided = Counter(piece.acceptance.by for piece in pieces if piece.acceptance.by)
    return min(decided, key=lambda name: (-decided[name], name), default="")


def _look_across(
    rows: LearnerRows, learner: LearnerRow, records: Records, claims: Mapping[str, Sequence[Claim]], reading: Reading
) -> None:
    """Tell of ids that two pieces have, and of those that no piece has, in all tables of a learner."""
    table = TableName.EVIDENCE
    first: dict[str, int] = {}
    ids: set[str] = set()
    for place, row in enumerate(rows.of(table)):
        identity = row.partition(CELL_END)[0].strip()
        ids.add(identity)
        before = first.setdefault(identity.casefold(), place)
        if before != place and identity:
            expected = f"row {reading.number(table, before)} has the same id for this learner"
            at = column_at(table, "id")
            problem = Problem("duplicate-id", at, quoted(identity), expected, "Give this piece another id.")
            reading.tell([problem], table, place, {})
    for piece, place, column in records.named:
        if piece not in ids:
            _tell_unknown(piece, TableName.RECORDS, column, place, reading)
    for piece in dict.fromkeys(split_codes(learner.cells.get("showcase"))):
        if piece not in ids:
            _tell_unknown(piece, TableName.LEARNERS, "showcase", 0, reading)
    strange = claims.keys() - ids
    for place, row in enumerate(rows.of(TableName.CLAIMS) if strange else ()):
        piece = row.partition(CELL_END)[0]
        if piece in strange:
            _tell_unknown(piece, TableName.CLAIMS, "evidence", place, reading)


def _tell_unknown(piece: str, table: TableName, column: str, place: int, reading: Reading) -> None:
    fix = "Correct the id, or add the piece to the table evidence."
    expected = "this learner has no piece with that id"
    reading.tell([Problem("unknown-id", column_at(table, column), quoted(piece), expected, fix)], table, place, {})
