"""A showcase that was built before: on which of its pages each piece and each file begins, by the manifest inside."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
from pydantic import BaseModel, ConfigDict, ValidationError

from ksbtrack.files.opening import read_whole_file
from ksbtrack.models.portfolio import Portfolio
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted
from ksbtrack.showcase.parts import Form, Numbers, PreparedFile

MAX_SHOWCASE_BYTES = 1024**3
"""Bytes of a showcase that is read: portals take less than half of it."""
MAX_MANIFEST_BYTES = 64 * 1024**2
"""Bytes of the manifest inside one: hundreds of times what the largest portfolio makes."""
_MANIFEST = "manifest.json"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _File(_Part):
    name: str
    form: Form
    page: int
    pages: int
    sha256: str
    size: int


class _Piece(_Part):
    id: str
    fingerprint: str | None
    page: int
    files: tuple[_File, ...]


class _Manifest(_Part):
    kind: str
    learner: str
    pieces: tuple[_Piece, ...]


@dataclass(frozen=True, slots=True)
class BuiltShowcase:
    """What a showcase says of its own pages.

    Attributes:
        pieces: ids in its order, each with the mark of its content at that time.
        files: of each piece, by its id; without their pages.
        numbers: the page of each place.
    """

    pieces: Mapping[str, str]
    files: Mapping[str, tuple[PreparedFile, ...]]
    numbers: Numbers


def read_built(path: Path, portfolio: Portfolio) -> BuiltShowcase:
    """Give what a showcase says of its own pages.

    Args:
        path: a PDF that `ksbtrack showcase` wrote.
        portfolio: whose it should be.

    Raises:
        KsbtrackError: `not-ours`, `other-learner`, `file-too-large`, `missing-file`, `not-a-file`, `unreadable-file`.
    """
    shown = path.as_posix()
    content = read_whole_file(path, shown, MAX_SHOWCASE_BYTES)
    try:
        manifest = _Manifest.model_validate(_manifest(content))
    except (pikepdf.PdfError, zlib.error, ValidationError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise _not_a_showcase(shown) from error
    if manifest.kind != "showcase":
        raise _not_a_showcase(shown)
    if manifest.learner != portfolio.learner.name:
        raise KsbtrackError(
            Problem(
                "other-learner",
                Source(shown),
                f"a showcase of {quoted(manifest.learner)}",
                f"the portfolio is that of {quoted(portfolio.learner.name)}",
                "Name the showcase of this portfolio, or build it again.",
            )
        )
    return _built(manifest, portfolio)


def _manifest(content: bytes) -> Any:
    """Give the manifest inside, without unpacking more than one ever has.

    Raises:
        ValueError: there is none, or it is too large.
    """
    with pikepdf.open(io.BytesIO(content)) as pdf:
        if _MANIFEST not in pdf.attachments:
            raise ValueError("no manifest")
        stream = pdf.attachments[_MANIFEST].obj.EF.F
        raw = bytes(stream.read_raw_bytes())
        if stream.get("/Filter") is not None:
            unpacking = zlib.decompressobj()
            raw = unpacking.decompress(raw, MAX_MANIFEST_BYTES)
            if unpacking.unconsumed_tail:
                raise ValueError("too large a manifest")
    return json.loads(raw)


def _built(manifest: _Manifest, portfolio: Portfolio) -> BuiltShowcase:
    files: dict[str, tuple[PreparedFile, ...]] = {}
    numbers: dict[str, int] = {}
    for piece in manifest.pieces:
        numbers[f"piece-{piece.id}"] = piece.page
        own = portfolio.by_id.get(piece.id)
        counted = {file.name: file.pages or 0 for file in own.attached} if own else {}
        files[piece.id] = tuple(
            _prepared(piece.id, number, file, counted.get(file.name, 0)) for number, file in enumerate(piece.files, 1)
        )
        for number, file in enumerate(piece.files, 1):
            numbers[f"file-{piece.id}-{number}"] = file.page
            if file.form is Form.PAGES:
                names = (f"page-{piece.id}-{number}-{own_page}" for own_page in range(1, min(file.pages, 100_000) + 1))
                numbers |= {name: file.page + place for place, name in enumerate(names)}
    return BuiltShowcase({piece.id: piece.fingerprint or "" for piece in manifest.pieces}, files, numbers)


def _prepared(piece: str, number: int, file: _File, evidence_pages: int) -> PreparedFile:
    pages = evidence_pages if file.form is Form.PAGES else 0
    return PreparedFile(
        piece, number, file.name, file.sha256, file.size, file.form, b"", file.pages, evidence_pages=pages
    )


def _not_a_showcase(shown: str) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "not-ours",
            Source(shown),
            "no showcase that ksbtrack built",
            "a showcase carries manifest.json inside, which says on which page each piece is",
            "Name a PDF that `ksbtrack showcase` wrote, or leave --showcase out.",
        )
    )
