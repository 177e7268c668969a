"""Write the binary attachments of the example portfolios: the same bytes each time.

    python docs/examples/make_attachments.py [FOLDER]

Each source under docs/examples/attachments/ becomes one file at the same place under FOLDER (by default
docs/examples itself). Its ending says what:

    NAME.md          NAME.pdf   a document, set by plain_pdf.py
    NAME.chart.csv   NAME.png   a bar chart: the title, the unit, then a row `label,number` for each bar
    NAME.cards.csv   NAME.png   a sheet of word cards: the title, then a row `word,meaning` for each card
    NAME.board.txt   NAME.png   a whiteboard: the first line is the heading
    NAME.tone.txt    NAME.wav   a soft tone of as many seconds as the file says
"""

from __future__ import annotations

import csv
import io
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from plain_pdf import FACES, FONTS, document

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "attachments"


def lettering(key: str, size: int) -> ImageFont.FreeTypeFont:
    """Give a font for pictures."""
    return ImageFont.truetype(FONTS / FACES[key], size, layout_engine=ImageFont.Layout.BASIC)


def picture(width: int, height: int, title: str, paint: Callable[[ImageDraw.ImageDraw], None]) -> bytes:
    """Give a PNG of 16 colours with a title."""
    image = Image.new("RGB", (width, height), "#ffffff")
    draw = ImageDraw.Draw(image)
    draw.text((24, 18), title, "#1a1a1f", lettering("bold", 22))
    draw.text((24, height - 26), "Invented example", "#73737f", lettering("regular", 13))
    paint(draw)
    out = io.BytesIO()
    image.quantize(16, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def chart(source: str, _name: str) -> bytes:
    """Give a bar chart; the figure stands beside each bar."""
    [title], [unit], *rows = csv.reader(io.StringIO(source))
    most = max(float(number) for _, number in rows)

    def paint(draw: ImageDraw.ImageDraw) -> None:
        draw.text((24, 50), unit, "#73737f", lettering("regular", 15))
        for place, (label, number) in enumerate(rows):
            y = 84 + place * 34
            draw.text((24, y), label, "#1a1a1f", lettering("regular", 16))
            end = 260 + round(float(number) / most * 420)
            draw.rectangle((260, y, end, y + 20), "#1a4573")
            draw.text((end + 10, y), number, "#1a1a1f", lettering("bold", 16))

    return picture(780, 84 + len(rows) * 34 + 44, title, paint)


def cards(source: str, _name: str) -> bytes:
    """Give a sheet of word cards, three in a row."""
    [title], *rows = csv.reader(io.StringIO(source))

    def paint(draw: ImageDraw.ImageDraw) -> None:
        for place, (word, meaning) in enumerate(rows):
            x, y = 24 + place % 3 * 250, 64 + place // 3 * 120
            draw.rectangle((x, y, x + 236, y + 106), "#f4f0e2", "#1a4573", 2)
            draw.text((x + 14, y + 12), word, "#1a4573", lettering("bold", 22))
            draw.multiline_text((x + 14, y + 46), meaning.replace("|", "\n"), "#1a1a1f", lettering("regular", 15))

    return picture(780, 64 + -(-len(rows) // 3) * 120 + 36, title, paint)


def board(source: str, _name: str) -> bytes:
    """Give a whiteboard with its lines; one that begins with a hyphen is set in."""
    title, *lines = source.strip().split("\n")

    def paint(draw: ImageDraw.ImageDraw) -> None:
        draw.rectangle((8, 8, 771, 70 + len(lines) * 30 + 20), None, "#9a9aa5", 6)
        for place, line in enumerate(lines):
            shown, x = (f"•  {line[2:]}", 56) if line.startswith("- ") else (line, 30)
            draw.text((x, 66 + place * 30), shown, "#1a4573", lettering("italic", 19))

    return picture(780, 70 + len(lines) * 30 + 54, title, paint)


def tone(source: str, _name: str) -> bytes:
    """Give a sound of so many seconds: 250 Hz, one channel, eight bits; few samples, so that minutes stay small."""
    wave = bytes([128, 136, 128, 120]) * 250 * int(source)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 1000, 1000, 1, 8)
    body = b"WAVE" + form + b"data" + struct.pack("<I", len(wave)) + wave
    return b"RIFF" + struct.pack("<I", len(body)) + body


MAKERS: dict[str, tuple[str, Callable[[str, str], bytes]]] = {
    ".md": (".pdf", document),
    ".chart.csv": (".png", chart),
    ".cards.csv": (".png", cards),
    ".board.txt": (".png", board),
    ".tone.txt": (".wav", tone),
}


def attachments() -> Iterator[tuple[str, bytes]]:
    """Give each attachment: its path inside docs/examples, and its bytes; in the order of the paths."""
    for path in sorted(SOURCES.rglob("*.*")):
        relative = path.relative_to(SOURCES).as_posix()
        ending = next(ending for ending in MAKERS if relative.endswith(ending))
        made, maker = MAKERS[ending]
        name = relative.removesuffix(ending) + made
        yield name, maker(path.read_text("utf-8"), name)


def main() -> None:
    """Write all attachments under the folder named on the command line."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for name, content in attachments():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


if __name__ == "__main__":
    main()
