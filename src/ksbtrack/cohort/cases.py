"""From the rows of a learner to the same `Case` that their portfolio folder would give, or to what is wrong with them.

The values are read by the models that read YAML: a date, a code or a kind has one meaning. What repeats itself through
a cohort is read once and kept, up to a limit.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from ksbtrack.cohort.cells import Reading, as_text, column_at, early_days, split_codes, tidied, unseen
from ksbtrack.cohort.claim_rows import KEPT, ClaimRows, HoursRows
from ksbtrack.cohort.heads import Head, LearnerRow, RecordRows, Records, head_of
from ksbtrack.cohort.rule_book import RuleBook, program_mark, rule_book
from ksbtrack.cohort.sorting import CELL_END, ROW_END
from ksbtrack.cohort.table_columns import TableName
from ksbtrack.files.opening import MAX_PIECES
from ksbtrack.load.checked import checked
from ksbtrack.load.pieces import accepted_by_learner, piece_problems
from ksbtrack.models.case import Case
from ksbtrack.models.cohort import CohortQuestion, Fault, LearnerCase
from ksbtrack.models.portfolio import Acceptance, AcceptanceState, Claim, Evidence, Privacy, Signature
from ksbtrack.models.standard import EvidenceKind, Standard
from ksbtrack.models.values import MAX_LIST, MAX_NAME, natural_key
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted, several

_NO_TEXT = as_text(TableName.EVIDENCE, None)
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


class _Decision(NamedTuple):
    """A decision on a piece that was found sound: itself, who accepted as names are compared, and the day."""

    acceptance: Acceptance
    by: str
    on: date | None


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
        self._records = RecordRows()
        self._pattern: Evidence | None = None
        self._ids: set[str] = set()
        self._accepted: dict[tuple[str, ...], _Decision] = {}
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
        records = self._records.read(rows.of(TableName.RECORDS), reading)
        head = head_of(learner, records, self.book, reading)
        claims = self._claims.read(rows.of(TableName.CLAIMS), head.standards, reading)
        pieces = self._pieces(rows.of(TableName.EVIDENCE), claims, records, learner, reading)
        hours = self._hours.read(rows.of(TableName.HOURS), head.standards, reading)
        _look_across(rows, learner, records, claims, reading)
        if head.portfolio is None or reading.told:
            return reading.told
        pieces.sort(key=self._natural)
        filled = {"evidence": tuple(pieces), "off_the_job": hours, "has_only_rows": True}
        portfolio = head.portfolio.model_copy(update=filled)
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
            made, signed = claims.get(cells[0], ()), records.signatures.get(cells[0])
            piece = None if signed else self._plain_piece(cells, made, name)
            if piece is None:
                try:
                    piece = self._piece(cells, made, signed or (), name)
                except KsbtrackError as error:
                    reading.tell(error.problems, table, place, tidied(table, cells))
                    continue
            pieces.append(piece)
        return pieces

    def _plain_piece(self, cells: list[str], claims: Sequence[Claim], name: str) -> Evidence | None:
        """Give the piece that a row declares, where every cell is of a kind that was met and found sound before.

        It is a copy of another piece with this one's values: checking them again would take five times as long, half of
        all the time that a learner takes.

        Args:
            cells: the row's.
            claims: sound ones.
            name: the learner's, as names are compared.
        """
        identity, title, kind, made, made_by, state, by, role, on, *more = cells
        known, day = self._kinds.get(kind), self._days.get(made)
        accepted = self._accepted.get((state, by, role, on))
        is_line = title.isascii() and title.isprintable() and 0 < len(title) <= MAX_NAME and "  " not in title
        if not is_line or title[0] in " '" or title[-1] == " " or made_by or any(more):
            return None
        if known is None or day is None or accepted is None or self._pattern is None or len(claims) > MAX_LIST:
            return None
        if identity not in self._ids or accepted.by == name or (accepted.on is not None and accepted.on < day):
            return None
        piece = copy(self._pattern)
        piece.__dict__.update(
            id=identity, title=title, kind=known, date=day, claims=tuple(claims), acceptance=accepted.acceptance
        )
        return piece

    def _piece(self, cells: list[str], claims: Sequence[Claim], signed: Sequence[Signature], name: str) -> Evidence:
        """Give the piece that a row declares, and keep which of its cells are sound.

        Raises:
            KsbtrackError: with the faults of its cells.
        """
        table = TableName.EVIDENCE
        named = tidied(table, cells)
        problems = [*unseen(table, named), *early_days(table, named)]
        if problems:
            raise KsbtrackError(*problems)
        piece = checked(Evidence, as_text(table, _values(named, claims, signed)))
        problems = [*piece_problems(piece, _NO_TEXT), *_accepted_by_themselves(piece, name)]
        if problems:
            raise KsbtrackError(*problems)
        self._keep(cells, named, piece)
        return piece

    def _keep(self, cells: list[str], named: Mapping[str, str], piece: Evidence) -> None:
        """Keep what is sound about a piece, where its cells are written as they are read."""
        identity, _, kind, made, _, *decision = cells[:9]
        if named.get("id") != identity or named.get("date") != made:
            return
        for kept in (self._kinds, self._days, self._accepted, self._ids):
            if len(kept) > KEPT:
                kept.clear()
        self._ids.add(identity)
        self._kinds[kind], self._days[made] = piece.kind, piece.date
        accepted = piece.acceptance
        by = accepted.by.casefold() if accepted.by and accepted.state is AcceptanceState.ACCEPTED else ""
        self._accepted[tuple(decision)] = _Decision(accepted, by, accepted.on)
        if self._pattern is None and piece.witness is None and not piece.signatures and piece.privacy == Privacy():
            self._pattern = piece.model_copy(update={"made_by": None})


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
    names = [row.partition(CELL_END)[0].strip() for row in rows.of(table)]
    ids = set(names)
    if len({name.casefold() for name in ids}) < len(names):
        _tell_repeated(names, reading)
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


def _tell_repeated(names: Sequence[str], reading: Reading) -> None:
    """Tell of each piece whose id another one has, in capital or small letters."""
    table = TableName.EVIDENCE
    first: dict[str, int] = {}
    for place, name in enumerate(names):
        before = first.setdefault(name.casefold(), place)
        if before != place and name:
            expected = f"row {reading.number(table, before)} has the same id for this learner"
            at = column_at(table, "id")
            problem = Problem("duplicate-id", at, quoted(name), expected, "Give this piece another id.")
            reading.tell([problem], table, place, {})


def _tell_unknown(piece: str, table: TableName, column: str, place: int, reading: Reading) -> None:
    fix = "Correct the id, or add the piece to the table evidence."
    expected = "this learner has no piece with that id"
    reading.tell([Problem("unknown-id", column_at(table, column), quoted(piece), expected, fix)], table, place, {})
