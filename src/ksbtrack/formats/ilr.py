"""Learner record returns (ILR, in XML): the apprenticeship programmes in them, and nothing else they say of anyone.

A return holds national insurance numbers, ethnicity, disabilities and addresses. The text of an element is looked at
only while one of the elements in `_WANTED` is open, so no other value is ever kept, and no message can show it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from ksbtrack.files.opening import open_named_file, unreadable
from ksbtrack.formats.ilr_values import Written, learner_of
from ksbtrack.models.ilr import ReturnedLearner
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted, several
from ksbtrack.yamlfile import too_large

MAX_RETURN_BYTES = 2 * 1024**3
"""Bytes of a return: 100,000 learners with ten aims each, at two kilobytes an aim."""
MAX_DEPTH = 32
"""Elements in each other: a return has six levels."""
MAX_MARK_BYTES = 1024**2
"""Bytes of one mark (a tag with its attributes, a comment): a return's longest has a hundred."""
MAX_FIELD = 100
"""Characters of one value: the longest of those wanted has twelve."""
_CHUNK = 64 * 1024

_WANTED = {
    "Message/Learner": ("ULN", "LearnRefNumber"),
    "Message/Learner/LearningDelivery": (
        "LearnAimRef",
        "AimType",
        "ProgType",
        "LearnStartDate",
        "OrigLearnStartDate",
        "LearnPlanEndDate",
        "LearnActEndDate",
        "StdCode",
        "EPAOrgID",
        "CompStatus",
        "Outcome",
        "PHours",
        "OTJActHours",
    ),
    "Message/Learner/LearningDelivery/HRSRecord": ("HRSType", "HRSCode", "HRSAmount"),
}
"""The elements that are read, by the path of local names that they stand in: the namespace changes every year."""
_PATHS = frozenset(f"{above}/{name}" for above, names in _WANTED.items() for name in names)
_LEARNER = "Message/Learner"
_AIM = "Message/Learner/LearningDelivery"
_HOURS = "Message/Learner/LearningDelivery/HRSRecord"
_NAMESPACE = re.compile(r"(?:[A-Z]+/)?ILR/[0-9]{4}-[0-9]{2}")


def read_return(path: Path) -> Iterator[ReturnedLearner | Problem]:
    """Yield each apprentice of a return, or what is wrong with theirs, in the order of the file.

    Of a learner with a fault in any programme aim nothing is given but the faults: half of somebody's dates could make
    another rule decide. A learner without an apprenticeship programme (AimType 1, ZPROG001, ProgType 25) is passed
    over. A namespace that is no return's is a fault too, and what is in it is read all the same.

    Args:
        path: the XML file; of any length up to `MAX_RETURN_BYTES`, since it is read bit by bit.

    Yields:
        Learners and faults. A fault has a line, never a person's number or name.

    Raises:
        KsbtrackError: `bad-xml`, `not-a-return`, `file-too-large`, `missing-file`, `not-a-file`, `unreadable-file`.
    """
    shown = path.as_posix()
    with open_named_file(path, shown) as stream:
        size = os.fstat(stream.fileno()).st_size
        if size > MAX_RETURN_BYTES:
            raise KsbtrackError(too_large(shown, size, MAX_RETURN_BYTES))
        yield from _Reader(shown).read(stream)


class _Reader:
    """The place in a return, and the wanted values of the learner whose record is open.

    A class, since an XML parser calls back: what one call saw, the next one needs.
    """

    def __init__(self, shown: str) -> None:
        self.shown = shown
        self.path: list[str] = []
        self.open = Written(Source(shown))
        self.value: list[str] = []
        self.found: list[ReturnedLearner | Problem] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.EntityDeclHandler = self._refuse_doctype
        self.parser.ExternalEntityRefHandler = self._refuse_doctype
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end

    def read(self, stream: BinaryIO) -> Iterator[ReturnedLearner | Problem]:
        fed = 0
        try:
            while chunk := _chunk_of(stream, self.shown):
                fed += len(chunk)
                self.parser.Parse(chunk, False)
                if fed - max(self.parser.CurrentByteIndex, 0) > MAX_MARK_BYTES + _CHUNK:
                    raise self._bad(f"a mark of more than {several(MAX_MARK_BYTES // 1024**2, 'MiB', 'MiB')}")
                yield from self._taken()
            self.parser.Parse(b"", True)
        except (expat.ExpatError, UnicodeError, LookupError, ValueError) as error:
            # Only the kind of fault: words of the parser or of a codec could repeat what stands there.
            said = expat.errors.messages.get(error.code) if isinstance(error, expat.ExpatError) else None
            raise self._bad("the end of the file in the middle" if _is_cut_off(said) else "what is no XML") from None
        yield from self._taken()

    def _taken(self) -> list[ReturnedLearner | Problem]:
        found, self.found = self.found, []
        return found

    def _begin(self, name: str, attributes: object) -> None:
        namespace, _, local = name.rpartition(" ")
        if not self.path:
            self._look_at_root(namespace, local)
        self.path.append(local)
        if len(self.path) > MAX_DEPTH:
            raise self._bad(f"more than {MAX_DEPTH} elements in each other")
        path = "/".join(self.path)
        if path in _PATHS:
            self.value = []
            self.parser.CharacterDataHandler = self._keep
            return
        self.parser.CharacterDataHandler = None
        source = Source(self.shown, self.parser.CurrentLineNumber)
        if path == _LEARNER:
            self.open = Written(source)
        elif path == _AIM:
            self.open.aims.append(Written(source))
        elif path == _HOURS:
            self.open.aims[-1].hours.append(Written(source))

    def _keep(self, text: str) -> None:
        if sum(map(len, self.value)) <= MAX_FIELD:
            self.value.append(text[: MAX_FIELD + 1])

    def _end(self, name: str) -> None:
        self.parser.CharacterDataHandler = None
        path = "/".join(self.path)
        local = self.path.pop()
        if path in _PATHS:
            above = path.removesuffix(f"/{local}")
            owner = self.open if above == _LEARNER else self.open.aims[-1]
            owner = owner.hours[-1] if above == _HOURS else owner
            owner.values.setdefault(local, []).append("".join(self.value).strip())
        elif path == _LEARNER:
            self.found.extend(learner_of(self.open))
            self.open = Written(Source(self.shown))

    def _look_at_root(self, namespace: str, local: str) -> None:
        source = Source(self.shown, self.parser.CurrentLineNumber)
        if local != "Message":
            raise KsbtrackError(
                Problem(
                    "not-a-return",
                    source,
                    f"the element {quoted(local)}",
                    "a learner record return (ILR) is a Message with learners in it",
                    "Check that it is the XML file that is sent to the government as the provider's return.",
                )
            )
        if namespace and not _NAMESPACE.fullmatch(namespace):
            self.found.append(
                Problem(
                    "unknown-namespace",
                    source,
                    quoted(namespace),
                    "the namespace of a return is like ESFA/ILR/2025-26; its elements were read by their names all "
                    "the same",
                    "Check that it is the return that you meant.",
                )
            )

    def _refuse_doctype(self, *_: object) -> int:
        raise self._bad("a document type (DOCTYPE)")

    def _bad(self, found: str) -> KsbtrackError:
        return KsbtrackError(
            Problem(
                "bad-xml",
                Source(self.shown, self.parser.CurrentLineNumber),
                found,
                "a return is whole, sound XML, and declares nothing",
                "Write it again with the program that makes the return.",
            )
        )


def _is_cut_off(said: str | None) -> bool:
    return said in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
    )


def _chunk_of(stream: BinaryIO, shown: str) -> bytes:
    try:
        return stream.read(_CHUNK)
    except OSError as error:
        raise unreadable(shown, Source(shown), error) from error
