"""Pieces of evidence: front matter, account and files of each evidence/*.md."""

from __future__ import annotations

import hashlib
import json
import pathlib
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ksbtrack.files import colliding_names, inspect_file, list_pieces, read_text_file
from ksbtrack.load.checked import checked, kept
from ksbtrack.load.claims import resolve_claims
from ksbtrack.models.portfolio import AcceptanceState, AttachedFile, Evidence
from ksbtrack.models.standard import Standard
from ksbtrack.models.values import MAX_LIST, MAX_TEXT, natural_key
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted
from ksbtrack.yamlfile import YamlText, decode, parse_yaml

MAX_PIECE_BYTES = 262_144
"""Bytes of one evidence/*.md: an account of the longest allowed length and its front matter, several times over."""

_CLOSING = re.compile(r"^---[ \t]*$", re.MULTILINE)
_ID = re.compile(r"^id:[ \t]*[\"']?([A-Za-z][A-Za-z0-9_-]*)", re.MULTILINE)


class PieceText(NamedTuple):
    """The two parts of a piece's file; `account_line` is the line on which the second begins."""

    front: str
    account: str
    account_line: int


def read_pieces(
    root: pathlib.Path, shown: str, standards: Mapping[str, Standard], problems: list[Problem]
) -> tuple[tuple[Evidence, ...], frozenset[str]]:
    """Give the pieces of a portfolio, sorted by id as people count.

    Args:
        root: the portfolio's folder.
        shown: its path for messages.
        standards: those of the portfolio by identity, its own first; if empty, claims are not looked up.
        problems: the list that takes every problem of every piece.

    Returns:
        The sound pieces, and the ids of all, as far as they can be read.
    """
    pieces: list[Evidence] = []
    places: dict[str, tuple[str, Source]] = {}
    attachments: list[tuple[str, Source]] = []
    for name in kept(problems, list_pieces, root, shown) or ():
        piece, identity = _piece(root, name, f"{shown}/{name}", standards, problems)
        if identity is not None:
            first, place = places.setdefault(identity[0].casefold(), identity)
            if place != identity[1]:
                problems.append(
                    Problem(
                        "duplicate-id",
                        identity[1],
                        quoted(identity[0]),
                        f"{place} has the id {first} already",
                        "Give this piece another id.",
                    )
                )
        if piece is not None:
            attachments += [(file.name, piece.source) for file in piece.attached]
            pieces.append(piece)
    problems += colliding_names(attachments)
    ids = frozenset(written for written, _ in places.values())
    return tuple(sorted(pieces, key=lambda piece: natural_key(piece.id))), ids


def _piece(
    root: pathlib.Path, name: str, shown: str, standards: Mapping[str, Standard], problems: list[Problem]
) -> tuple[Evidence | None, tuple[str, Source] | None]:
    """Give a piece if it is sound, and its id with its place if that much can be read."""
    whole = kept(problems, _read, root, name, shown)
    parts = kept(problems, split_piece, whole, shown) if whole is not None else None
    if parts is None:
        return None, None
    text = kept(problems, parse_yaml, parts.front, shown, first_line=2)
    if text is None:
        written = _ID.search(parts.front)
        line = parts.front.count("\n", 0, written.start()) + 2 if written else 0
        return None, (written.group(1), Source(shown, line)) if written else None
    found: list[Problem] = list(_account_problems(parts, shown))
    piece = kept(found, checked, Evidence, text)
    claims = resolve_claims(text, standards, found) if standards else None
    attached = _attached(root, text, found)
    if piece is not None:
        found += _piece_problems(piece, text)
    problems += found
    identity = text.at(("id",))
    place = text.source(("id",))
    if piece is None or found:
        return None, (identity.strip(), place) if isinstance(identity, str) else None
    if claims is not None:
        resolved = [
            claim.model_copy(update={"standard": named[0], "code": named[1]})
            for claim, named in zip(piece.claims, claims, strict=True)
            if named is not None
        ]
        piece = piece.model_copy(update={"claims": tuple(resolved)})
    piece = piece.model_copy(update={"attached": attached, "account": parts.account, "source": place})
    return piece.model_copy(update={"fingerprint": piece_fingerprint(piece)}), (piece.id, place)


def _read(root: pathlib.Path, name: str, shown: str) -> str:
    return decode(read_text_file(root, name, shown, MAX_PIECE_BYTES), shown)


def split_piece(whole: str, shown: str) -> PieceText:
    """Give the front matter and the account of a piece.

    Args:
        whole: the text of its file, as `decode` gives it.
        shown: the file's path for messages.

    Raises:
        KsbtrackError: `no-front-matter`.
    """
    first, _, rest = whole.partition("\n")
    if first.rstrip(" \t") != "---":
        raise KsbtrackError(
            Problem(
                "no-front-matter",
                Source(shown, 1),
                quoted(first),
                "a piece begins with a line '---', then its facts, then a line '---', then the account",
                "Add the facts (id, title, kind, date, claims), or move a file that is no evidence elsewhere.",
            )
        )
    closing = _CLOSING.search(rest)
    if closing is None:
        raise KsbtrackError(
            Problem(
                "no-front-matter",
                Source(shown, 1),
                "the line '---' at the beginning only",
                "the facts of a piece stand between two such lines",
                "Write a line '---' after the last fact, before the account.",
            )
        )
    front, account = rest[: closing.start()], rest[closing.end() :]
    return PieceText(front, account.strip(), front.count("\n") + 3)


def _account_problems(parts: PieceText, shown: str) -> Iterator[Problem]:
    if len(parts.account) > MAX_TEXT:
        yield Problem(
            "text-too-long",
            Source(shown, parts.account_line),
            f"an account of {len(parts.account):,} characters",
            f"{MAX_TEXT:,} fit here",
            "Shorten it, or attach it as a file.",
        )


def _attached(root: pathlib.Path, text: YamlText, problems: list[Problem]) -> tuple[AttachedFile, ...]:
    """Give the files of a piece as they were found, also where other parts of it have faults."""
    attached = []
    seen: set[str] = set()
    for index, written in text.texts("files")[:MAX_LIST]:
        name, source = " ".join(written.split()), text.source(("files", index))
        if name in seen:
            problems.append(
                Problem("contradiction", source, f"{quoted(name)} again", "a file is named once", "Delete one.")
            )
        seen.add(name)
        attached.append(kept(problems, inspect_file, root, name, source, "evidence"))
    return tuple(file for file in attached if file is not None)


def _piece_problems(piece: Evidence, text: YamlText) -> Iterator[Problem]:
    acceptance = piece.acceptance
    decided = acceptance.state in (AcceptanceState.ACCEPTED, AcceptanceState.REFERRED)
    if decided and acceptance.on is None:
        yield Problem(
            "missing-key",
            text.source(("acceptance",)),
            "no key 'on'",
            f"a piece that was {acceptance.state.value} has the day on which",
            "Add a line 'on: 2026-11-22' with that day.",
        )
    if acceptance.on and acceptance.on < piece.date:
        yield Problem(
            "contradiction",
            text.source(("acceptance", "on")),
            f"{acceptance.state.value} on {acceptance.on}",
            f"the piece was made on {piece.date}",
            "Correct one of the two dates.",
        )


def piece_fingerprint(piece: Evidence) -> str:
    """Give the mark of what an assessor sees of a piece: 32 hexadecimal digits.

    It covers title, kind, date, account, the files' contents and what is claimed; not who accepted or confirmed it.
    """
    seen = {
        "title": piece.title,
        "kind": piece.kind.value,
        "date": piece.date.isoformat(),
        "account": piece.account,
        "files": [[file.name, file.sha256] for file in piece.attached],
        "claims": [[claim.standard, claim.code, claim.where, claim.why] for claim in piece.claims],
        "witness": piece.witness.model_dump(mode="json") if piece.witness else None,
    }
    return hashlib.sha256(json.dumps(seen, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]
