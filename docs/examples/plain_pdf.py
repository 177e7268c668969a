"""Set a Markdown text as a plain PDF: headings, paragraphs, lists and tables; `---` begins a new page.

Written by hand and without compression, so that the bytes depend neither on the version of a layout engine nor on
that of a compressor. The pages are untagged, as the files that people attach usually are.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from markdown_it import MarkdownIt
from markdown_it.token import Token

FONTS = Path(__file__).resolve().parent.parent.parent / "templates" / "fonts"
FACES = {"regular": "Inter-Regular.otf", "bold": "Inter-SemiBold.otf", "italic": "Inter-Italic.otf"}
ASCII = "".join(map(chr, range(32, 127)))
CHARACTERS = ASCII + "–—‘’“”•£é½×°→"
"""All that a page can show: each has one byte, its place here plus 32, so that ASCII stays readable."""

PAGE_WIDTH, PAGE_HEIGHT, MARGIN = 595.0, 842.0, 56.0
"""A4 in points, and the white border."""
WIDTH = PAGE_WIDTH - 2 * MARGIN
INK, BLUE, GREY, PALE = "0.1 0.1 0.12", "0.1 0.27 0.45", "0.45 0.45 0.5", "0.92 0.94 0.96"
HEADINGS = {"h1": (18.0, BLUE, 4.0), "h2": (12.0, BLUE, 12.0), "h3": (10.0, INK, 8.0)}
"""Size, colour and the space above."""

Word = tuple[str, str]
"""A word and the key of its face."""
Line = list[Word]


@dataclass(frozen=True)
class Face:
    """One cut of the typeface, reduced to `CHARACTERS`: the widths in thousandths, and the font file."""

    key: str
    widths: dict[str, int]
    file: bytes


@lru_cache
def face(key: str) -> Face:
    """Give one cut, reduced to `CHARACTERS`."""
    font = TTFont(FONTS / FACES[key], recalcTimestamp=False)
    scale = 1000 / font["head"].unitsPerEm
    names = font.getBestCmap()
    widths = {letter: round(font["hmtx"][names[ord(letter)]][0] * scale) for letter in CHARACTERS}
    return Face(key, widths, reduced(font, CHARACTERS))


def reduced(font: TTFont, letters: str) -> bytes:
    """Give the font file with nothing but some letters in it."""
    options = subset.Options(layout_features=[], hinting=False, desubroutinize=True, notdef_outline=True)
    options.recalc_timestamp = False
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=letters)
    subsetter.subset(font)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def outlines(cut: Face, letters: str) -> bytes:
    """Give the bare outlines of some letters."""
    return bytes(TTFont(io.BytesIO(reduced(TTFont(io.BytesIO(cut.file)), letters))).getTableData("CFF "))


def width_of(text: str, key: str, size: float) -> float:
    """Give the width of a text in points."""
    widths = face(key).widths
    return sum(widths[letter] for letter in text) * size / 1000


def line_width(line: Line, size: float) -> float:
    """Give the width of a line in points: its words, and after each but the last a space."""
    wide = sum(width_of(f"{text} ", key, size) for text, key in line)
    return wide - width_of(" ", line[-1][1], size) if line else 0.0


def wrapped(words: Line, width: float, size: float) -> list[Line]:
    """Break words into lines that fit; a word of a line feed alone ends one."""
    lines: list[Line] = [[]]
    for word in words:
        if word[0] == "\n":
            lines.append([])
        elif lines[-1] and line_width([*lines[-1], word], size) > width:
            lines.append([word])
        else:
            lines[-1].append(word)
    return lines


@dataclass
class Pages:
    """The pages of one document under construction.

    Attributes:
        content: the drawing commands of each page.
        letters: what was written in each face.
        y: where the next line goes, counted from below.
    """

    content: list[list[str]] = field(default_factory=lambda: [[]])
    letters: dict[str, set[str]] = field(default_factory=dict)
    y: float = PAGE_HEIGHT - MARGIN

    def turn(self) -> None:
        """Begin a new page."""
        self.content.append([])
        self.y = PAGE_HEIGHT - MARGIN

    def need(self, height: float) -> bool:
        """Begin a new page if so much height is not left; say whether that was so."""
        if self.y - height >= MARGIN:
            return False
        self.turn()
        return True

    def line(self, words: Line, x: float, y: float, size: float, colour: str = INK) -> None:
        """Put one line of words at a place."""
        for key, group in groupby(words, lambda word: word[1]):
            text = "".join(f"{word} " for word, _ in group)
            self.letters.setdefault(key, set()).update(text)
            shown = "".join(chr(32 + CHARACTERS.index(letter)) for letter in text)
            escaped = shown.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
            self.content[-1].append(f"BT /{key} {size:g} Tf {colour} rg {x:.2f} {y:.2f} Td ({escaped}) Tj ET")
            x += width_of(text, key, size)

    def box(self, x: float, y: float, width: float, height: float, colour: str = PALE) -> None:
        """Fill a rectangle."""
        self.content[-1].append(f"{colour} rg {x:.2f} {y:.2f} {width:.2f} {height:.2f} re f")

    def text(self, words: Line, size: float, *, indent: float = 0, colour: str = INK, centred: bool = False) -> None:
        """Flow words down the page."""
        for row in wrapped(words, WIDTH - indent, size):
            self.need(size * 1.4)
            self.y -= size * 1.4
            start = MARGIN + ((WIDTH - line_width(row, size)) / 2 if centred else indent)
            self.line(row, start, self.y, size, colour)


def words_of(token: Token, key: str = "regular") -> Line:
    """Give the words of a paragraph or cell; `**bold**` and `*italic*` change the face."""
    words: Line = []
    current = key
    touches = False
    for child in token.children or []:
        if child.type in ("strong_open", "em_open"):
            current = "bold" if child.type == "strong_open" else "italic"
        elif child.type in ("strong_close", "em_close"):
            current, touches = key, True
        elif child.type == "hardbreak":
            words.append(("\n", current))
        elif child.type == "text":
            parts = [(part, current) for part in child.content.split()]
            if touches and parts and child.content[0] in ".,;:)":
                words[-1] = (words[-1][0] + parts.pop(0)[0], words[-1][1])
            words += parts
            touches = False
    return words


def rows_of(tokens: list[Token]) -> list[list[Line]]:
    """Give the cells of a table, the head row first."""
    rows: list[list[Line]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(words_of(token, "bold" if len(rows) == 1 else "regular"))
    return rows


def columns(rows: list[list[Line]], size: float) -> list[float]:
    """Share the width between columns: each gets its longest word, the rest goes to those with more text."""
    gap = 14.0
    least: list[float] = []
    wish: list[float] = []
    for cells in zip(*rows, strict=True):
        longest = max((width_of(text, key, size) for cell in cells for text, key in cell), default=0) + gap
        natural = min(max(line_width(cell, size) for cell in cells) + gap, WIDTH)
        least.append(longest)
        wish.append(max(natural - longest, 1))
    spare = WIDTH - sum(least)
    return [low + spare * want / sum(wish) for low, want in zip(least, wish, strict=True)]


def table(pages: Pages, rows: list[list[Line]], size: float = 9.0) -> None:
    """Draw a table; one with an empty head row is a form, whose first column holds the labels."""
    is_form = not any(rows[0])
    body = rows[1:] if is_form else rows
    if is_form:
        body = [[[(word, "bold") for word, _ in row[0]], *row[1:]] for row in body]
    widths = columns(body, size)
    cells = [[wrapped(c, w - 10, size) for c, w in zip(row, widths, strict=True)] for row in body]
    for number, row in enumerate(cells):
        if pages.need(row_height(row, size)) and not is_form and number:
            table_row(pages, cells[0], widths, size, is_head=True)
        table_row(pages, row, widths, size, is_head=not is_form and number == 0)
    pages.y -= 8


def row_height(cells: list[list[Line]], size: float) -> float:
    """Give the height of a row in points."""
    return max(len(cell) for cell in cells) * size * 1.35 + 7


def table_row(pages: Pages, cells: list[list[Line]], widths: list[float], size: float, *, is_head: bool) -> None:
    """Draw one row of cells, with a line below it."""
    height = row_height(cells, size)
    if is_head:
        pages.box(MARGIN, pages.y - height, WIDTH, height)
    x = MARGIN
    for cell, width in zip(cells, widths, strict=True):
        for place, line in enumerate(cell):
            pages.line(line, x + 5, pages.y - 3 - size - place * size * 1.35, size)
        x += width
    pages.y -= height
    pages.box(MARGIN, pages.y, WIDTH, 0.5, GREY)


def flow(pages: Pages, tokens: list[Token], *, centred: bool) -> None:
    """Set a whole document."""
    inside: list[str] = []
    for place, token in enumerate(tokens):
        if token.type == "table_open":
            end = next(i for i in range(place, len(tokens)) if tokens[i].type == "table_close")
            pages.y -= 4
            table(pages, rows_of(tokens[place:end]))
        elif token.type == "hr":
            pages.turn()
            centred = False
        elif token.type == "bullet_list_close":
            pages.y -= 4
        if token.nesting == 1:
            inside.append(token.tag)
        elif token.nesting == -1:
            inside.pop()
        if token.type == "inline" and "table" not in inside:
            set_text(pages, token, inside, centred=centred)


def set_text(pages: Pages, token: Token, inside: list[str], *, centred: bool) -> None:
    """Set one heading, list entry or paragraph."""
    if inside[-1] in HEADINGS:
        size, colour, above = HEADINGS[inside[-1]]
        pages.need(above + size + 50)
        pages.y -= above
        pages.text(words_of(token, "bold"), size, colour=colour, centred=centred)
        pages.y -= 4
        if inside[-1] == "h1" and not centred:
            pages.box(MARGIN, pages.y - 4, WIDTH, 1.5, BLUE)
            pages.y -= 8
        return
    is_entry = "li" in inside
    if is_entry:
        pages.need(14)
        pages.line([("•", "regular")], MARGIN + 4, pages.y - 14, 10)
    pages.text(words_of(token), 10, indent=16 if is_entry else 0, centred=centred)
    pages.y -= 2 if is_entry else 6


def document(source: str, name: str) -> bytes:
    """Give the PDF of a Markdown text; one whose title says that it is a certificate is framed.

    Args:
        source: the text; its first line is the title.
        name: what the foot of each page calls the file.
    """
    tokens = MarkdownIt("commonmark").enable("table").parse(source)
    title = tokens[1].content
    is_certificate = title.startswith("Example certificate")
    pages = Pages()
    if is_certificate:
        frame = f"{BLUE} RG 3 w 34 400 527 408 re S 0.75 w 40 406 515 396 re S"
        pages.content[-1].append(frame)
        pages.y -= 40
    flow(pages, tokens, centred=is_certificate)
    for number, content in enumerate(pages.content, 1):
        foot = Pages([content], pages.letters)
        foot.line([(f"Invented example: {name}", "regular")], MARGIN, 34, 8, GREY)
        foot.line([(f"Page {number} of {len(pages.content)}", "regular")], PAGE_WIDTH - 108, 34, 8, GREY)
    return pdf_file(pages, title)


def pdf_file(pages: Pages, title: str) -> bytes:
    """Give a PDF with one content stream a page."""
    contents = ["\n".join(content) for content in pages.content]
    used = [key for key in FACES if key in pages.letters]
    fonts = {key: 4 + 4 * place for place, key in enumerate(used)}
    first = 4 + 4 * len(used)
    kids = " ".join(f"{first + 2 * place} 0 R" for place in range(len(contents)))
    names = " ".join(f"/{key} {number} 0 R" for key, number in fonts.items())
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (en-GB) >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(contents)} >>".encode(),
        b"<< /Title <FEFF" + title.encode("utf-16-be").hex().encode() + b"> >>",
    ]
    for key, number in fonts.items():
        objects += font_objects(face(key), "".join(sorted(pages.letters[key])), number)
    for place, content in enumerate(contents):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAGE_WIDTH:g} {PAGE_HEIGHT:g}]"
            f" /Resources << /Font << {names} >> >> /Contents {first + 2 * place + 1} 0 R >>".encode()
        )
        objects.append(stream(content.encode("latin-1")))
    return joined(objects)


def stream(content: bytes, entries: str = "") -> bytes:
    """Give a stream object."""
    return f"<< {entries}/Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream"


def font_objects(cut: Face, letters: str, number: int) -> list[bytes]:
    """Give font, descriptor, font file and character map of one cut, numbered from `number`."""
    codes = {32 + CHARACTERS.index(letter): letter for letter in letters}
    last = max(codes)
    glyphs = " ".join(f"{code} /uni{ord(codes[code]):04X}" for code in sorted(codes))
    widths = " ".join(str(cut.widths[codes[code]] if code in codes else 0) for code in range(32, last + 1))
    name = f"/KSBTRK+Inter-{cut.key.title()}"
    others = "".join(f"<{127 + i:02X}> <{ord(c):04X}> " for i, c in enumerate(CHARACTERS[len(ASCII) :]))
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Codes def\n"
        "/CMapType 2 def 1 begincodespacerange <00> <FF> endcodespacerange\n"
        f"1 beginbfrange <20> <7E> <0020> endbfrange\n"
        f"{len(CHARACTERS) - len(ASCII)} beginbfchar {others}endbfchar\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    )
    return [
        f"<< /Type /Font /Subtype /Type1 /BaseFont {name} /FirstChar 32 /LastChar {last}"
        f" /Widths [{widths}] /Encoding << /Type /Encoding /Differences [{glyphs}] >>"
        f" /FontDescriptor {number + 1} 0 R /ToUnicode {number + 3} 0 R >>".encode(),
        f"<< /Type /FontDescriptor /FontName {name} /Flags 4 /FontBBox [-800 -350 2600 1100]"
        f" /ItalicAngle {-9 if cut.key == 'italic' else 0} /Ascent 969 /Descent -242 /CapHeight 727 /StemV 80"
        f" /FontFile3 {number + 2} 0 R >>".encode(),
        stream(outlines(cut, letters), "/Subtype /Type1C "),
        stream(cmap.encode()),
    ]


def joined(objects: list[bytes]) -> bytes:
    """Give the file of numbered objects: header, objects, cross-reference table, trailer."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    size = len(objects) + 1
    out += f"xref\n0 {size}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += f"trailer\n<< /Size {size} /Root 1 0 R /Info 3 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)
