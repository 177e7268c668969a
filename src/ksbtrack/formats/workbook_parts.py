"""The parts of an XLSX file: a ZIP archive of XML, opened within stated limits and without following anything."""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from xml.parsers import expat

from ksbtrack.problems import KsbtrackError, Problem, Source, quoted

MAX_CONTENTS = 1_000_000
"""Bytes of an archive's table of contents: 10,000 parts, a hundred times what a workbook has."""
MAX_UNPACKED = 120_000_000
"""Bytes that the parts read may unpack to in all: a matrix of 750 statements by 2,000 pieces has 60 MB."""
FREE_UNPACKED = 2_000_000
"""Bytes that any file may unpack to, however small it is."""
MAX_RATIO = 200
"""Times the size of the file that its parts may unpack to beyond that: tables pack to a tenth, at best a fiftieth."""

_ENCRYPTED = 0x1
_LONGEST_END = 65_535 + 22
_END_OF_ARCHIVE = b"PK\x05\x06"
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument"
_FAULTS = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError)

Attributes = Mapping[str, str]


class Parts:
    """An opened workbook: gives its parts, and counts what they unpack to.

    A class, since an archive is opened once and the count holds for all of its parts.
    """

    def __init__(self, content: bytes, shown: str) -> None:
        """Open the archive.

        Raises:
            KsbtrackError: `bad-workbook`, `archive-too-large`.
        """
        self.shown = shown
        self._left = min(MAX_UNPACKED, FREE_UNPACKED + MAX_RATIO * len(content))
        _refuse_long_contents(content, shown)
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
        except _FAULTS as error:
            raise damaged(shown, "a ZIP archive that breaks off or contradicts itself") from error
        self._names = {name.casefold(): name for name in reversed(self._archive.namelist())}

    def has(self, name: str) -> bool:
        """Say whether there is a part; capitals do not matter."""
        return name.casefold() in self._names

    def read(self, name: str) -> bytes:
        """Give the bytes of a part.

        Raises:
            KsbtrackError: `bad-workbook`, `archive-too-large`.
        """
        if not self.has(name):
            raise damaged(self.shown, f"no part {quoted(name)}")
        entry = self._archive.getinfo(self._names[name.casefold()])
        if entry.flag_bits & _ENCRYPTED:
            raise damaged(self.shown, "a part with a password")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged(self.shown, f"the part {quoted(name)} packed in a way that no spreadsheet program uses")
        try:
            with self._archive.open(entry) as stream:
                content = stream.read(self._left + 1)
        except _FAULTS as error:
            raise damaged(self.shown, f"the part {quoted(name)}, which does not unpack") from error
        self._left -= len(content)
        if self._left < 0:
            raise KsbtrackError(_unpacks_to_too_much(self.shown))
        return content

    def parse(
        self,
        name: str,
        start: Callable[[str, Attributes], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Read a part in XML; elements and attributes come by their local names.

        Args:
            name: the part.
            start: gets each element with its attributes as it begins.
            end: gets each element as it ends.
            text: gets the text between.

        Raises:
            KsbtrackError: `bad-workbook`, also for a document type: nothing may be declared that stands for more.
        """
        parser = expat.ParserCreate()
        parser.buffer_text = True

        def refuse(*_: object) -> None:
            raise damaged(self.shown, f"a document type (DOCTYPE) in the part {quoted(name)}")

        def begin(element: str, attributes: dict[str, str]) -> None:
            start(_local(element), {_local(key): value for key, value in attributes.items()})

        parser.StartDoctypeDeclHandler = refuse
        parser.StartElementHandler = begin
        if end is not None:
            parser.EndElementHandler = lambda element: end(_local(element))
        if text is not None:
            parser.CharacterDataHandler = text
        content = self.read(name)
        try:
            # At once and not bit by bit: a long mark would be looked at again with every bit.
            parser.Parse(content, True)
        except (expat.ExpatError, UnicodeError, LookupError, ValueError) as error:
            line = f", line {error.lineno}" if isinstance(error, expat.ExpatError) else ""
            raise damaged(self.shown, f"the part {quoted(name)}{line}, which is no sound XML") from error

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """Give what a part refers to inside the archive: by id, the kind and the name of the part referred to.

        What lies outside is left out: it is never looked at.
        """
        folder, _, base = name.rpartition("/")
        relations = posixpath.join(folder, "_rels", f"{base}.rels")
        found: dict[str, tuple[str, str]] = {}

        def start(element: str, attributes: Attributes) -> None:
            if element == "Relationship" and attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "")
                inside = target.removeprefix("/") if target.startswith("/") else posixpath.join(folder, target)
                kind = attributes.get("Type", "").rpartition("/")[2]
                found[attributes.get("Id", "")] = (kind, posixpath.normpath(inside))

        if self.has(relations):
            self.parse(relations, start)
        return found

    def kind(self) -> str:
        """Give words for an archive that is no workbook; nothing for one that is."""
        if self.has("xl/workbook.bin"):
            return "a binary workbook (.xlsb)"
        if self.has("mimetype") and self.read("mimetype").startswith(_OPEN_DOCUMENT):
            return "a document of the kind that LibreOffice writes (.ods, .odt)"
        if self.has("word/document.xml"):
            return "a text document (.docx)"
        if self.has("[Content_Types].xml") and any(name.endswith("workbook.xml") for name in self._names):
            return ""
        return "a ZIP archive without a workbook"


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse_long_contents(content: bytes, shown: str) -> None:
    """Refuse an archive whose table of contents is too long to be read, or not there.

    Raises:
        KsbtrackError: `bad-workbook`, `archive-too-large`.
    """
    end = content[-_LONGEST_END:]
    place = end.rfind(_END_OF_ARCHIVE)
    if place < 0 or len(end) < place + 16:
        raise damaged(shown, "a ZIP archive that breaks off before its table of contents")
    (length,) = struct.unpack_from("<I", end, place + 12)
    if length > MAX_CONTENTS:
        raise KsbtrackError(_unpacks_to_too_much(shown))


def _unpacks_to_too_much(shown: str) -> Problem:
    return Problem(
        "archive-too-large",
        Source(shown),
        "a workbook with too many parts, or which unpacks to too much for its size",
        "an Office file must unpack to a likely size",
        "Copy the table into a new workbook and save that, or save it as CSV.",
    )


def damaged(shown: str, found: str) -> KsbtrackError:
    """Give the error of a workbook that cannot be read.

    Args:
        shown: its path for messages.
        found: what is the matter, as a noun.
    """
    return KsbtrackError(
        Problem(
            "bad-workbook",
            Source(shown),
            found,
            "a workbook (.xlsx) is whole, has no password, and declares nothing",
            "Open it in a spreadsheet program and save it again as .xlsx, or save the table as CSV.",
        )
    )


def unescaped(text: str) -> str:
    """Give a text of a workbook with the characters for which it has codes such as `_x000D_`."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
