"""Sound and film of pieces: a card that says what it is, how long, and what to listen for when."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from ksbtrack.models.portfolio import AttachedFile, Evidence
from ksbtrack.showcase.cards import HEADINGS, Fact, draw, facts_of, packed_address
from ksbtrack.showcase.parts import Form, PreparedFile
from ksbtrack.showcase.targets import clock

if TYPE_CHECKING:
    from collections.abc import Iterator

SOUNDS = (".mp3", ".m4a", ".wav", ".ogg", ".oga", ".opus", ".flac", ".aac", ".wma", ".amr")
FILMS = (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".wmv", ".3gp", ".mpg", ".mpeg", ".ogv")
RECORDINGS = frozenset(SOUNDS + FILMS)
"""Endings of the files that are recordings."""

NOT_KNOWN = "length not known"

_MILLISECONDS = 1_000
_MOST_SECONDS = 10 * 24 * 3600
_BESIDE = "Play it from the folder of files that came with this document; the link below leads there."


@dataclass(frozen=True, slots=True)
class Heard:
    """One statement that a recording shows, and when."""

    code: str
    place: str
    why: str


def prepare_recording(stream: BinaryIO, file: AttachedFile, piece: Evidence, number: int) -> PreparedFile:
    """Give the card of a recording: name, kind, length, size, fingerprint, and the moments that claims name.

    Args:
        stream: the file, open for reading; only what says its length is looked at.
        file: what loading found about it.
        piece: the piece that it belongs to.
        number: its place among the piece's files, from 1.

    Raises:
        KsbtrackError: `missing-library`, `render-failed`.
    """
    seconds = length(stream)
    ending = PurePosixPath(file.name).suffix.casefold()
    spoken = NOT_KNOWN if seconds is None else f"{clock(round(seconds))} (hours, minutes, seconds)"
    kind = f"{'Sound' if ending in SOUNDS else 'Film'} ({ending.removeprefix('.').upper()})"
    pdf = draw(
        "file_card.html.j2",
        piece=piece,
        number=number,
        file=file,
        heading=HEADINGS[Form.CARD],
        where=_BESIDE,
        reasons=(),
        facts=facts_of(file, kind, Fact("Length", spoken)),
        address=packed_address(file.name),
        rows=tuple(_heard(file, piece)),
    )
    return PreparedFile(
        piece=piece.id,
        number=number,
        name=file.name,
        sha256=file.sha256,
        size=file.size,
        form=Form.CARD,
        pdf=pdf,
        pages=1,
        seconds=seconds,
        notes=("Its length is not known.",) if seconds is None else (),
    )


def length(stream: BinaryIO) -> float | None:
    """Give the seconds that a recording lasts; None where it does not say.

    Args:
        stream: the file, open for reading.
    """
    from pymediainfo import MediaInfo

    stream.seek(0)
    try:
        found = MediaInfo.parse(stream)
        tracks = [track for track in found.tracks if track.track_type in ("General", "Audio", "Video")]
        lengths = [float(track.duration) / _MILLISECONDS for track in tracks if track.duration is not None]
    except (OSError, ValueError, TypeError, RuntimeError, SyntaxError):
        # What it reads may be anything; without a length the card says so.
        return None
    likely = [seconds for seconds in lengths if math.isfinite(seconds) and 0 < seconds < _MOST_SECONDS]
    return round(max(likely), 3) if likely else None


def _heard(file: AttachedFile, piece: Evidence) -> Iterator[Heard]:
    """Yield the claims that name a moment of this recording, in the order of the moments."""
    own = PurePosixPath(file.name).name.casefold()
    others = {PurePosixPath(other.name).name.casefold() for other in piece.attached} - {own}
    named = [
        (claim.place.times, claim)
        for claim in piece.claims
        if claim.place.times
        and (own in claim.place.text.casefold() or not any(name in claim.place.text.casefold() for name in others))
    ]
    for _, claim in sorted(named, key=lambda pair: pair[0]):
        yield Heard(claim.code, claim.place.text, claim.why or "")
