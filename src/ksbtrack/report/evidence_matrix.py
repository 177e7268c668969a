"""The evidence matrix that providers pass around: which piece shows what and where, both ways round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from ksbtrack.files.writing import replace_file
from ksbtrack.formats.matrix_reading import ABOUT
from ksbtrack.formats.sheet_writing import Table, TableColumn, csv_bytes, xlsx_bytes
from ksbtrack.models.analysis import Analysis, CompetencyVerdict, Status
from ksbtrack.models.case import MadeClaim
from ksbtrack.models.portfolio import AcceptanceState, Evidence
from ksbtrack.models.standard import Competency, Method, Standard
from ksbtrack.models.values import in_words
from ksbtrack.report.words import DEFINITIONS

MARK = "x"
"""What stands in the cross table for a claim without a place."""
LONGEST_LIST = 30_000
"""Characters of a list of pieces in one cell; what is more goes on in a row of its own."""

_UNKNOWN = "not known"
_COLOURS = {
    Status.MET.words: ("DFF3E4", "14532D"),
    Status.PARTLY_MET.words: ("FFF1CC", "5F4400"),
    Status.NOT_MET.words: ("FBE3E1", "7F1D1D"),
    Status.UNKNOWN.words: ("E8EAEE", "1F2937"),
    Status.NOT_NEEDED.words: ("FFFFFF", "4B5563"),
    Status.CHECK_AGAIN.words: ("FFF1CC", "5F4400"),
}


class MatrixBy(StrEnum):
    """Which way round a matrix is: a row a statement, or a row a piece."""

    KSB = "ksb"
    PIECE = "piece"


class _View(NamedTuple):
    """What a matrix is about: statements in the standard's order, and the claims on them by piece and by code."""

    analysis: Analysis
    statements: tuple[Competency, ...]
    method: Method | None
    by_piece: dict[str, list[MadeClaim]]
    by_code: dict[str, list[MadeClaim]]


def matrix_tables(analysis: Analysis, by: MatrixBy = MatrixBy.KSB, method: Method | None = None) -> tuple[Table, ...]:
    """Give an evidence matrix as tables: the one asked for, the cross table, the other way round, and what it is.

    Args:
        analysis: what `analyse` returned.
        by: which of the two ways round comes first.
        method: only the statements that this assessment method assesses, and the pieces that claim any of them; a
            method of which that is not known has none.
    """
    view = _view(analysis, method)
    rows = {MatrixBy.KSB: _by_statement(view), MatrixBy.PIECE: _by_piece(view)}
    first = rows.pop(by)
    return (first, _cross_table(view, by), *rows.values(), _about(view))


def matrix_bytes(
    analysis: Analysis, ending: str, by: MatrixBy | str = MatrixBy.KSB, method: Method | None = None
) -> bytes:
    """Give an evidence matrix as the bytes of a file: a workbook with all its tables, or the one asked for as CSV.

    Args:
        analysis: what `analyse` returned.
        ending: `.xlsx` or `.csv`.
        by: see `matrix_tables`.
        method: see `matrix_tables`.

    Raises:
        KsbtrackError: `table-too-large`, where a text does not fit into a cell of a workbook.
    """
    tables = matrix_tables(analysis, MatrixBy(by), method)
    if ending == ".csv":
        return csv_bytes(tables[0])
    if ending != ".xlsx":
        raise ValueError("a matrix is written as .xlsx or .csv")
    case = analysis.case
    title = f"Evidence matrix: {case.portfolio.learner.name}"
    return xlsx_bytes(tables, title, f"{case.standard.identity}, {case.on.isoformat()}")


def write_matrix(
    analysis: Analysis, path: str | Path, by: MatrixBy | str = MatrixBy.KSB, method: Method | None = None
) -> None:
    """Write an evidence matrix; an older file of that name is replaced once the new one is complete.

    Args:
        analysis: what `analyse` returned.
        path: the file; its name ends in .xlsx or .csv.
        by: see `matrix_tables`.
        method: see `matrix_tables`.

    Raises:
        KsbtrackError: `cannot-write`, `table-too-large`.
    """
    replace_file(Path(path), matrix_bytes(analysis, Path(path).suffix.casefold(), by, method))


def _view(analysis: Analysis, method: Method | None) -> _View:
    standard = analysis.case.standard
    statements = tuple(
        statement
        for statement in standard.competencies
        if method is None or (method.assesses and statement.code in method.assesses)
    )
    order = {statement.code: place for place, statement in enumerate(statements)}
    by_piece: dict[str, list[MadeClaim]] = {}
    by_code: dict[str, list[MadeClaim]] = {}
    for name, claims in analysis.case.claims_of.items():
        made = sorted(
            (one for one in claims if one.competency.code in order), key=lambda one: order[one.competency.code]
        )
        if made:
            by_piece[name] = made
        for one in made:
            by_code.setdefault(one.competency.code, []).append(one)
    return _View(analysis, statements, method, by_piece, by_code)


def _by_statement(view: _View) -> Table:
    columns = (
        TableColumn("Code", 8, is_bold=True),
        TableColumn("Statement", 58),
        TableColumn("Assessment method", 26),
        TableColumn("Evidence", 30),
        TableColumn("Status", 15, colours=_COLOURS),
        TableColumn("Counts now", 16),
        TableColumn("Reason", 44),
    )
    verdicts = {verdict.code: verdict for verdict in view.analysis.competencies}
    rows = [row for statement in view.statements for row in _statement_rows(view, statement, verdicts[statement.code])]
    return Table("By statement", columns, tuple(rows))


def _statement_rows(view: _View, statement: Competency, verdict: CompetencyVerdict) -> Iterator[tuple[str, ...]]:
    lists = _lists(_line(made.piece.id, made) for made in view.by_code.get(statement.code, ()))
    for place, evidence in enumerate(lists):
        yield (
            statement.code,
            statement.text if place == 0 else "(continued)",
            _methods(view.analysis.case.standard, statement.code),
            evidence,
            verdict.status.words,
            ", ".join(verdict.pieces),
            "" if verdict.status.holds else " ".join(verdict.reasons[:1]),
        )


def _line(name: str, made: MadeClaim) -> str:
    return f"{name}: {made.claim.where}" if made.claim.where else name


def _lists(lines: Iterable[str]) -> list[str]:
    """Give lines as lists that fit into a cell each; one empty list if there are no lines."""
    lists = [""]
    for line in lines:
        longer = f"{lists[-1]}\n{line}" if lists[-1] else line
        if len(longer) > LONGEST_LIST:
            lists.append(line)
        else:
            lists[-1] = longer
    return lists


def _methods(standard: Standard, code: str) -> str:
    """Give the methods that assess a statement; that others may do so too where a method's statements are not known."""
    known = ", ".join(method.title for method in standard.methods_of(code))
    if any(method.assesses is None for method in standard.methods):
        return f"{known}; others {_UNKNOWN}" if known else _UNKNOWN
    # The official feed names no methods: that of an apprenticeship without any nobody has looked up.
    return known or (_UNKNOWN if standard.is_apprenticeship and not standard.methods else "none")


def _by_piece(view: _View) -> Table:
    columns = (
        TableColumn("Evidence", _width_of_ids(view), is_bold=True),
        TableColumn("Title", 44),
        TableColumn("Kind", 18),
        TableColumn("Date", 18),
        TableColumn("KSBs" if view.analysis.case.standard.is_apprenticeship else "Codes", 26),
        TableColumn("Accepted", 26),
        TableColumn("Status", 15, colours=_COLOURS),
        TableColumn("Reason", 44),
    )
    verdicts = {verdict.id: verdict for verdict in view.analysis.pieces}
    rows = []
    for piece in _pieces(view):
        verdict = verdicts[piece.id]
        for codes in _lists(_line(made.competency.code, made) for made in view.by_piece.get(piece.id, ())):
            facts = (piece.id, piece.title, _capital(piece.kind.words), in_words(piece.date), codes)
            reason = "" if verdict.status.holds else " ".join(verdict.reasons[:1])
            rows.append((*facts, _acceptance(piece), verdict.status.words, reason))
    return Table("By piece", columns, tuple(rows))


def _width_of_ids(view: _View) -> int:
    """Give the width of a column of ids, with room for the sign of the filter in its heading."""
    longest = max((len(piece.id) for piece in view.analysis.case.portfolio.evidence), default=0)
    return max(13, min(longest + 2, 30))


def _pieces(view: _View) -> Sequence[Evidence]:
    """Give the pieces of a matrix: all, or with a method those that claim any of its statements."""
    pieces = view.analysis.case.portfolio.evidence
    return pieces if view.method is None else [piece for piece in pieces if piece.id in view.by_piece]


def _acceptance(piece: Evidence) -> str:
    given = piece.acceptance
    if given.state is not AcceptanceState.ACCEPTED:
        return _capital(given.state.value)
    on = f" on {in_words(given.on)}" if given.on else ""
    return f"Accepted by {given.by}{on}" if given.by else f"Accepted{on}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _cross_table(view: _View, by: MatrixBy) -> Table:
    """Give the table in which each claim stands where its statement and its piece cross: its place, or a mark."""
    pieces = [piece for piece in view.analysis.case.portfolio.evidence if piece.id in view.by_piece]
    marks: dict[tuple[str, str], list[str]] = {}
    for claims in view.by_piece.values():
        for made in claims:
            marks.setdefault((made.piece.id, made.competency.code), []).append(made.claim.where or MARK)
    cells = {pair: "\n".join(places) for pair, places in marks.items()}
    if by is MatrixBy.KSB:
        columns = [TableColumn("Code", 8, is_bold=True), TableColumn("Statement", 50)]
        columns += [TableColumn(piece.id, 11, is_centred=True) for piece in pieces]
        rows = [
            (statement.code, statement.text, *(cells.get((piece.id, statement.code), "") for piece in pieces))
            for statement in view.statements
        ]
    else:
        columns = [TableColumn("Evidence", _width_of_ids(view), is_bold=True), TableColumn("Title", 44)]
        columns += [TableColumn(statement.code, 11, is_centred=True) for statement in view.statements]
        rows = [
            (piece.id, piece.title, *(cells.get((piece.id, statement.code), "") for statement in view.statements))
            for piece in pieces
        ]
    return Table("Cross table", tuple(columns), tuple(rows), fixed=2, has_filter=False)


def _about(view: _View) -> Table:
    """Give who and what the matrix is about, and what its words mean."""
    case = view.analysis.case
    learner = case.portfolio.learner.name + (" (invented for an example)" if case.portfolio.invented else "")
    facts = [
        (ABOUT, ""),
        ("Learner", learner),
        ("Standard", f"{case.standard.title}, {case.standard.reference} version {case.standard.version}"),
        ("Assessment method", view.method.title if view.method else "all"),
        ("As of", in_words(case.on)),
        ("Evidence", f"Piece and place, such as E01: p. 2-3. In the cross table {MARK} is a claim without a place."),
        ("Counts now", "Pieces that count for the statement on that day; the others claim it only."),
        *((status.words, meaning) for status, meaning in DEFINITIONS),
        ("To read it back", "ksbtrack import-matrix shows which claims a changed matrix adds before it writes them."),
    ]
    columns = (TableColumn("", 24, is_bold=True), TableColumn("", 90))
    return Table("About", columns, tuple(facts), has_filter=False, has_headings=False)
