"""From the rows of a learner to the same `Case` that their portfolio folder would give, or to what is wrong with them.

The values are read by the models that read YAML: a date, a code or a kind has one meaning. What repeats itself through
a cohort is read once and kept, up to a limit.
"""

from __future__ import annotations

import hashlib
import marshal
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from ksbtrack.cohort.cells import FIRST_YEAR, Reading, as_text, column_at, early_days, tidied, tidy, unseen
from ksbtrack.cohort.claim_rows import KEPT, Cells, ClaimRows, HoursRows
from ksbtrack.cohort.heads import Head, LearnerRow, Records, head_of, learner_row, read_records
from ksbtrack.cohort.rule_book import RuleBook, program_mark, rule_book
from ksbtrack.cohort.table_columns import TableName
from ksbtrack.files.opening import MAX_PIECES
from ksbtrack.load.checked import checked
from ksbtrack.load.pieces import accepted_by_learner, piece_problems
from ksbtrack.models.case import Case
from ksbtrack.models.cohort import CohortQuestion, Fault, LearnerCase
from ksbtrack.models.portfolio import Acceptance, AcceptanceState, Claim, Evidence, Signature
from ksbtrack.models.standard import Standard
from ksbtrack.models.values import natural_key
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted, several

_NO_TEXT = as_text(TableName.EVIDENCE, None)
_WITNESS = ("name", "role", "relationship", "signed")
_PRIVACY = ("contains_personal_data", "redacted", "consent")
_ACCEPTANCE = ("state", "by", "role", "on")
_MADE_ON = 5
"""The place of the day in a row of evidence."""


@dataclass(slots=True)
class LearnerRows:
    """All rows of one learner, as the sorted tables give them."""

    learner: Cells
    evidence: list[Cells] = field(default_factory=list)
    claims: list[Cells] = field(default_factory=list)
    records: list[Cells] = field(default_factory=list)
    hours: list[Cells] = field(default_factory=list)


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
        self._accepted: dict[Cells, Acceptance] = {}
        self._order: dict[str, tuple[str | int, ...]] = {}

    def case(self, rows: LearnerRows, files: Mapping[str, str]) -> LearnerCase | list[Fault]:
        """Give the question about one learner, or everything that is wrong with their rows.

        Args:
            rows: theirs.
            files: the tables that are there, each as messages name it.
        """
        learner = learner_row(rows.learner)
        reading = Reading(learner.key, files)
        if learner.twin is not None:
            # Whose the other rows are nobody can tell.
            head_of(learner, Records(), self.book, reading)
            return reading.told
        records = read_records(rows.records, reading)
        head = head_of(learner, records, self.book, reading)
        claims = self._claims.read(rows.claims, head.standards, reading)
        pieces = self._pieces(rows.evidence, claims, records, learner, reading)
        hours = self._hours.read(rows.hours, head.standards, reading)
        _look_across(rows, learner, records, claims, reading)
        if head.portfolio is None or reading.told:
            return reading.told
        pieces.sort(key=self._natural)
        portfolio = head.portfolio.model_copy(update={"evidence": tuple(pieces), "off_the_job": hours})
        asked = self.book.asked(next(iter(head.standards.values())))
        return LearnerCase(
            key=learner.key,
            case=Case(standard=asked, portfolio=portfolio, policy=self.book.policy, on=self.book.question.on),
            source=Source(files[TableName.LEARNERS.value], learner.number),
            assessor=learner.cells.get("assessor", "") or usual_assessor(pieces),
            group=learner.cells.get("group", ""),
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
        cells = [[row[2:] for row in table] for table in (rows.evidence, rows.claims, rows.records, rows.hours)]
        marks = [self.book.mark(standard) for standard in (asked, *head.standards.values())]
        # Version 2 of the format writes the same bytes for the same values, however they came about.
        values: Any = (rows.learner[5:], cells, marks, self.book.policy_mark, program_mark())
        seen = marshal.dumps(values, 2)
        return hashlib.sha256(seen).hexdigest()[:32]

    def _pieces(
        self,
        rows: Sequence[Cells],
        claims: Mapping[str, Sequence[Claim]],
        records: Records,
        learner: LearnerRow,
        reading: Reading,
    ) -> list[Evidence]:
        """Give the sound pieces with their claims and signatures."""
        if len(rows) > MAX_PIECES:
            source = Source(reading.files["evidence"], rows[MAX_PIECES][1])
            found, expected = several(len(rows), "piece"), f"a learner may have at most {MAX_PIECES:,}"
            reading.told.append(Fault(Problem("too-many", source, found, expected, "Shorten it."), reading.key))
            return []
        name = learner.cells.get("name", "").casefold()
        pieces: list[Evidence] = []
        for cells in rows:
            try:
                piece = self._piece(cells, claims.get(cells[2], ()), records.signatures.get(cells[2], ()))
                problems = [*piece_problems(piece, _NO_TEXT), *_accepted_by_themselves(piece, name)]
                if problems:
                    raise KsbtrackError(*problems)
                pieces.append(piece)
            except KsbtrackError as error:
                reading.tell(error.problems, TableName.EVIDENCE, cells[1], tidied(TableName.EVIDENCE, cells[2:]))
        return pieces

    def _piece(self, cells: Cells, claims: Sequence[Claim], signed: Sequence[Signature]) -> Evidence:
        """Give the piece that a row declares.

        Raises:
            KsbtrackError: with the faults of its cells.
        """
        text = "".join([cell for cell in cells[2:] if cell])
        made_on = cells[_MADE_ON]
        if text.isascii() and text.isprintable() and made_on and made_on > FIRST_YEAR and "'" not in text:
            try:
                return Evidence.model_validate(self._values(cells[2:], claims, signed))
            except ValidationError:
                pass  # Looked at more closely below: white space around a cell does no harm.
        table = TableName.EVIDENCE
        named = tidied(table, cells[2:])
        problems = [*unseen(table, named), *early_days(table, named)]
        if problems:
            raise KsbtrackError(*problems)
        return checked(Evidence, as_text(table, self._values([tidy(cell) for cell in cells[2:]], claims, signed)))

    def _values(self, cells: Cells, claims: Sequence[Claim], signed: Sequence[Signature]) -> dict[str, Any]:
        """Give the values of a piece as the model takes them; empty cells are left out."""
        identity, title, kind, made, made_by, state, by, role, on, *more = cells
        values: dict[str, Any] = {"id": identity, "title": title, "kind": kind, "date": made, "claims": claims}
        if None in (identity, title, kind, made):
            values = {name: value for name, value in values.items() if value is not None}
        if made_by:
            values["made_by"] = made_by
        if state or by or role or on:
            values["acceptance"] = self._acceptance((state, by, role, on))
        if any(more):
            witness = {name: cell for name, cell in zip(_WITNESS, more, strict=False) if cell}
            privacy = {name: cell for name, cell in zip(_PRIVACY, more[len(_WITNESS) :], strict=True) if cell}
            values |= {"witness": witness} if witness else {}
            values |= {"privacy": privacy} if privacy else {}
        if signed:
            values["signatures"] = signed
        return values

    def _acceptance(self, cells: Cells) -> Any:
        """Give the decision on a piece, kept if it was met before; one with a fault as it stands, to be told."""
        known = self._accepted.get(cells)
        if known is not None:
            return known
        values = {name: cell for name, cell in zip(_ACCEPTANCE, cells, strict=True) if cell}
        try:
            made = Acceptance.model_validate(values)
        except ValidationError:
            return values
        if len(self._accepted) > KEPT:
            self._accepted.clear()
        self._accepted[cells] = made
        return made


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
    first: dict[str, int] = {}
    ids: set[str] = set()
    for cells in rows.evidence:
        identity = tidy(cells[2])
        if identity is None:
            continue
        ids.add(identity)
        row = first.setdefault(identity.casefold(), cells[1])
        if row != cells[1]:
            expected = f"row {row} has the same id for this learner"
            place = column_at(TableName.EVIDENCE, "id")
            problem = Problem("duplicate-id", place, quoted(identity), expected, "Give this piece another id.")
            reading.tell([problem], TableName.EVIDENCE, cells[1], {})
    for piece, number, column in records.named:
        if piece not in ids:
            _tell_unknown(piece, TableName.RECORDS, column, number, reading)
    chosen = learner.cells.get("showcase", "")
    if chosen:
        for piece in dict.fromkeys(part for part in chosen.replace(",", " ").replace(";", " ").split()):
            if piece not in ids:
                _tell_unknown(piece, TableName.LEARNERS, "showcase", learner.number, reading)
    strange = claims.keys() - ids
    for cells in rows.claims if strange else ():
        if cells[2] in strange:
            _tell_unknown(cells[2], TableName.CLAIMS, "evidence", cells[1], reading)


def _tell_unknown(piece: str, table: TableName, column: str, number: int, reading: Reading) -> None:
    fix = "Correct the id, or add the piece to the table evidence."
    expected = "this learner has no piece with that id"
    reading.tell([Problem("unknown-id", column_at(table, column), quoted(piece), expected, fix)], table, number, {})
