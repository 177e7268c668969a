"""What a showcase is put together from: prepared files, and the numbers of their pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Numbers = Mapping[str, int]
"""The final page of each place by its name, from 1 over the whole document: the number that is printed there."""


class Form(StrEnum):
    """How a file of a piece goes into the showcase."""

    PAGES = "pages"
    CARD = "card"
    BESIDE = "beside"
    ATTACHED = "attached"
    LEFT_OUT = "left_out"

    @property
    def words(self) -> str:
        """Say it as the manifest does."""
        return _WORDS[self]

    @property
    def is_elsewhere(self) -> bool:
        """Say whether the file itself lies beside the document, so that it must be sent with it."""
        return self in (Form.CARD, Form.BESIDE)


_WORDS = {
    Form.PAGES: "shown as pages",
    Form.CARD: "a recording, beside this document",
    Form.BESIDE: "beside this document",
    Form.ATTACHED: "attached to this document",
    Form.LEFT_OUT: "left out: it could not be opened",
}


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """One file of a piece, ready to join the showcase.

    Attributes:
        piece: id of the piece.
        number: its place among the piece's files, from 1.
        name: path inside the portfolio folder, forward slashes.
        sha256: of the file as the portfolio has it, 64 hexadecimal digits.
        size: its bytes.
        form: how it goes in.
        pdf: its pages as a tagged PDF that is PDF/UA-1 and PDF/A-3a; for a card or a divider, that one page.
        pages: pages of `pdf`.
        evidence_pages: pages of the file that a claim can name; 0 where it has none.
        seconds: length of a recording; None for everything else and where it cannot be told.
        notes: sentences for the assessor: what is different from the file itself.
        removed: what was taken out of it for safety, in words.
    """

    piece: str
    number: int
    name: str
    sha256: str
    size: int
    form: Form
    pdf: bytes
    pages: int
    evidence_pages: int = 0
    seconds: float | None = None
    notes: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
