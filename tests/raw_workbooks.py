"""Workbooks put together from their parts: what no spreadsheet program writes, and what each of them may write."""

from __future__ import annotations

from collections.abc import Mapping

from raw_files import archive

RELATIONS = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>'
ROOT = RELATIONS % b'<Relationship Id="rId1" Type="http://x/officeDocument" Target="xl/workbook.xml"/>'
MAIN = (
    b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">%s<sheets>%s</sheets></workbook>'
)
LINKS = RELATIONS % (
    b'<Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>'
    b'<Relationship Id="rId2" Type="http://x/sharedStrings" Target="/xl/sharedStrings.xml"/>'
    b'<Relationship Id="rId3" Type="http://x/styles" Target="styles.xml"/>'
    b'<Relationship Id="rId4" Type="http://x/externalLink" TargetMode="External" Target="http://127.0.0.1:9/x.xlsx"/>'
)
SHEET = b'<sheet name="KSBs" sheetId="1" r:id="rId1"/>'


def worksheet(rows: str, more: str = "") -> bytes:
    """Give a sheet's XML with its rows, and what stands after them."""
    name = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{name}"><sheetData>{rows}</sheetData>{more}</worksheet>'.encode()


def text_cell(text: str) -> str:
    """Give a cell with its text in it."""
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def text_rows(*rows: tuple[str, ...]) -> str:
    """Give rows of cells with text."""
    return "".join(f"<row>{''.join(map(text_cell, row))}</row>" for row in rows)


def workbook(
    sheet: bytes, parts: Mapping[str, bytes] | None = None, *, sheets: bytes = SHEET, settings: bytes = b""
) -> bytes:
    """Give a workbook's bytes.

    Args:
        sheet: the XML of its sheet.
        parts: other parts by name; they take the place of what has their names.
        sheets: the XML that lists its sheets.
        settings: XML that stands before that list.
    """
    return archive(
        {
            "[Content_Types].xml": b"<Types/>",
            "_rels/.rels": ROOT,
            "xl/workbook.xml": MAIN % (settings, sheets),
            "xl/_rels/workbook.xml.rels": LINKS,
            "xl/worksheets/sheet1.xml": sheet,
            **(parts or {}),
        }
    )
