"""The statements of a standard as a table, for people who work in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator

from ksbtrack.formats.framework_names import KIND_NAMES
from ksbtrack.formats.losses import Part, lost_parts, whole
from ksbtrack.formats.sheet_writing import Table, TableColumn, csv_bytes, xlsx_bytes
from ksbtrack.models.importing import Exported
from ksbtrack.models.standard import Standard

HELD = frozenset((Part.DUTY_LINKS, Part.GUIDS))
"""What the table of statements can hold beside headings, codes and texts."""
IDENTITY_LOST = "Reference, version and title: a table does not say which standard it is; an import asks for them."

_COLUMNS = (
    TableColumn("Code", 10, is_centred=True, is_bold=True),
    TableColumn("Kind", 16),
    TableColumn("Heading", 28),
    TableColumn("Statement", 90),
    TableColumn("Assessment method", 26),
    TableColumn("Duties", 18),
    TableColumn("GUID", 40),
)
_BETWEEN = ", "


def write_csv(standard: Standard) -> Exported:
    """Give a standard's statements as CSV; no cell of it is ever a formula.

    Args:
        standard: as it was loaded.
    """
    return Exported(csv_bytes(_table(standard)), _lost(standard))


def write_xlsx(standard: Standard) -> Exported:
    """Give a standard's statements as a workbook of one sheet; no cell of it is ever a formula.

    Args:
        standard: as it was loaded.

    Raises:
        KsbtrackError: `table-too-large`, where a text does not fit into a cell.
    """
    title = f"{standard.identity} {standard.title}"
    return Exported(xlsx_bytes((_table(standard),), title), _lost(standard))


def _lost(standard: Standard) -> tuple[str, ...]:
    return (IDENTITY_LOST, *lost_parts(standard, HELD))


def _table(standard: Standard) -> Table:
    return Table("KSBs", _COLUMNS, tuple(_rows(whole(standard))))


def _rows(standard: Standard) -> Iterator[tuple[str, ...]]:
    duties: dict[str, list[str]] = {}
    for duty in standard.duties:
        for code in duty.competencies:
            duties.setdefault(code, []).append(duty.code)
    for group in standard.groups:
        for statement in group.statements:
            yield (
                statement.code,
                KIND_NAMES[statement.kind],
                group.title,
                statement.text,
                _BETWEEN.join(method.title for method in standard.methods_of(statement.code)),
                _BETWEEN.join(duties.get(statement.code, ())),
                statement.guid or "",
            )
