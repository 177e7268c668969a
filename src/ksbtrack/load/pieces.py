"""Pieces of evidence: front matter, account and files of each evidence/*.md."""

from __future__ import annotations

import hashlib
import json
import pathlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

from ksbtrack.files.attachments import inspect_file
from ksbtrack.files.names import colliding_names
from ksbtrack.files.opening import list_pieces, read_text_file
from ksbtrack.load.checked import checked, kept
from ksbtrack.load.claims import Named, resolve_claims
from ksbtrack.load.names import misplaced_pieces
from ksbtrack.models.portfolio import AcceptanceState, AttachedFile, Evidence
from ksbtrack.models.standard import Standard
from ksbtrack.models.values import MAX_TEXT, natural_key
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted, several
from ksbtrack.yamlfile import Path, YamlText, decode, empty_file, parse_yaml

MAX_PIECE_BYTES = 262_144
"""Bytes of one evidence/*.md: an account of the longest allowed length and its front matter, several times over."""

MAX_FILES = 100
"""Files of one piece: ten times what a real one has. Each is opened, and a missing one takes a row of a report."""

LEARNER_ROLES = ("apprentice", "learner")
"""Roles in which nobody accepts evidence."""

Inspect = Callable[[pathlib.Path, str, Source, str], AttachedFile]
"""What gives a file of a piece as it is found: `inspect_file`, told what to do with one that cannot be opened."""

# Spaces of any width are one, as in all texts. What would break a line or cannot be seen stays, and is refused.
_SPACES = re.compile(r"[^\S\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CLOSING = re.compile(r"^---[ \t]*$", re.MULTILINE)
_ID = re.compile(r"^id:[ \t]*[\"']?([A-Za-z][A-Za-z0-9_-]*)", re.MULTILINE)


class PieceText(NamedTuple):
    """The two parts of a piece's file; `account_line` is the line on which the second begins."""

    front: str
    account: str
    account_line: int


class ReadPiece(NamedTuple):
    """A piece as far as it could be read.

    Attributes:
        model: None if it has any fault.
        id: None if it is too broken to have one.
        source: where the id stands.
        files: the paths of its files, with the place that names each; None if it is too broken to tell.
    """

    model: Evidence | None
    id: str | None
    source: Source
    files: list[tuple[str, Source]] | None


def read_pieces(
    root: pathlib.Path,
    shown: str,
    standards: Mapping[str, Standard],
    problems: list[Problem],
    *,
    keep_broken_files: bool = False,
) -> tuple[tuple[Evidence, ...], frozenset[str] | None]:
    """Give the pieces of a portfolio, sorted by id as people count.

    Args:
        root: the portfolio's folder.
        shown: its path for messages.
        standards: those of the portfolio by identity, its own first; if empty, claims are not looked up.
        problems: the list that takes every problem of every piece.
        keep_broken_files: see `load_case`.

    Returns:
        The sound pieces, and the ids of all; None for these if a piece is too broken to have one.
    """
    names = kept(problems, list_pieces, root, shown)
    inspect = partial(inspect_file, keep_broken=keep_broken_files)
    read = [_read_piece(root, name, f"{shown}/{name}", standards, problems, inspect=inspect) for name in names or ()]
    problems += _repeated_ids(read)
    named = [file for piece in read for file in piece.files or ()]
    problems += colliding_names(named)
    if names is not None and all(piece.files is not None for piece in read):
        problems += misplaced_pieces(root, shown, {path for path, _ in named})
    sound = [piece.model for piece in read if piece.model is not None]
    ids = [piece.id for piece in read if piece.id is not None]
    all_have_ids = names is not None and len(ids) == len(read)
    return tuple(sorted(sound, key=lambda piece: natural_key(piece.id))), frozenset(ids) if all_have_ids else None


def _repeated_ids(read: Iterable[ReadPiece]) -> Iterator[Problem]:
    first: dict[str, ReadPiece] = {}
    for piece in read:
        other = first.setdefault(piece.id.casefold(), piece) if piece.id is not None else piece
        if piece.id is not None and other is not piece:
            yield Problem(
                "duplicate-id",
                piece.source,
                quoted(piece.id),
                f"{other.source} has the id {other.id} already",
                "Give this piece another id.",
            )


def _read_piece(
    root: pathlib.Path,
    name: str,
    shown: str,
    standards: Mapping[str, Standard],
    problems: list[Problem],
    *,
    inspect: Inspect,
) -> ReadPiece:
    """Give a piece as far as it can be read."""
    whole = kept(problems, _read, root, name, shown)
    parts = kept(problems, split_piece, whole, shown) if whole is not None else None
    if parts is None:
        return ReadPiece(None, None, Source(shown), None)
    text = kept(problems, parse_yaml, parts.front, shown, first_line=2)
    if text is None:
        written = _ID.search(parts.front)
        line = parts.front.count("\n", 0, written.start()) + 2 if written else 0
        return ReadPiece(None, written.group(1) if written else None, Source(shown, line), None)
    found: list[Problem] = list(_account_problems(parts, shown))
    piece = kept(found, checked, Evidence, text)
    claims = resolve_claims(text, standards, found) if standards else None
    attached = _attached(root, text, found, inspect)
    if piece is not None:
        found += piece_problems(piece, text)
    problems += found
    source, identity = text.source(("id",)), text.at(("id",))
    files = [(file.name, place) for file, place in attached]
    if piece is None or found:
        return ReadPiece(None, identity.strip() if isinstance(identity, str) else None, source, files)
    if claims is not None:
        piece = with_claims(piece, claims)
    piece = piece.model_copy(
        update={
            "attached": tuple(file for file, _ in attached),
            "account": parts.account,
            "account_line": parts.account_line,
            "source": source,
        }
    )
    piece = piece.model_copy(update={"fingerprint": piece_fingerprint(piece)})
    return ReadPiece(piece, piece.id, source, files)


def with_claims(piece: Evidence, named: Sequence[Named | None]) -> Evidence:
    """Give a piece whose claims name standard and code as these are declared; those on what is gone stand apart.

    Args:
        piece: as its file declares it.
        named: what `resolve_claims` gave for it.
    """
    resolved = [
        claim.model_copy(update={"standard": found[0], "code": found[1]})
        for claim, found in zip(piece.claims, named, strict=True)
        if found is not None
    ]
    orphaned = tuple(claim for claim in piece.claims if claim.orphaned_in)
    return piece.model_copy(update={"claims": tuple(resolved), "orphaned_claims": orphaned})


def _read(root: pathlib.Path, name: str, shown: str) -> str:
    return decode(read_text_file(root, name, shown, MAX_PIECE_BYTES), shown)


def split_piece(whole: str, shown: str) -> PieceText:
    """Give the front matter and the account of a piece.

    Args:
        whole: the text of its file, as `decode` gives it.
        shown: the file's path for messages.

    Raises:
        KsbtrackError: `no-front-matter`, `empty-file`.
    """
    if not whole.strip():
        raise KsbtrackError(empty_file(Source(shown, 1)))
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
    blank = account[: len(account) - len(account.lstrip())].count("\n")
    # What follows the closing line begins with that line's own end.
    return PieceText(front, account.strip(), front.count("\n") + 2 + max(blank, 1))


def _account_problems(parts: PieceText, shown: str) -> Iterator[Problem]:
    if len(parts.account) > MAX_TEXT:
        yield Problem(
            "text-too-long",
            Source(shown, parts.account_line),
            f"an account of {len(parts.account):,} characters",
            f"{MAX_TEXT:,} fit here",
            "Shorten it, or attach it as a file.",
        )


def _attached(
    root: pathlib.Path, text: YamlText, problems: list[Problem], inspect: Inspect
) -> list[tuple[AttachedFile, Source]]:
    """Give the files of a piece as they were found, and where each is named; also where other parts have faults."""
    attached: list[tuple[AttachedFile, Source]] = []
    seen: set[str] = set()
    files = text.texts("files")
    if len(files) > MAX_FILES:
        found, expected = several(len(files), "file"), f"a piece may have at most {MAX_FILES}"
        problems.append(Problem("too-many", text.source(("files",)), found, expected, "Make several pieces of it."))
        return attached
    for index, written in files:
        name, source = file_name(written), text.source(("files", index))
        if name in seen:
            problems.append(
                Problem("contradiction", source, f"{quoted(name)} again", "a file is named once", "Delete one.")
            )
        seen.add(name)
        file = kept(problems, inspect, root, name, source, "evidence")
        if file is not None:
            attached.append((file, source))
    return attached


def file_name(written: str) -> str:
    """Give the name of a file as it was written, with plain single spaces; a line break in it is not made good."""
    return " ".join(_SPACES.split(written)).strip(" ")


def piece_problems(piece: Evidence, text: YamlText) -> Iterator[Problem]:
    """Yield a problem for each decision or signature on a piece that does not fit its other facts."""
    acceptance = piece.acceptance
    decided = acceptance.state in (AcceptanceState.ACCEPTED, AcceptanceState.REFERRED)
    if decided and acceptance.on is None:
        yield Problem(
            "missing-key",
            text.source(("acceptance",)),
            "no key 'on'",
            f"a piece that was {acceptance.state.value} says on which day",
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
    is_accepted = acceptance.state is AcceptanceState.ACCEPTED
    if is_accepted and acceptance.role and acceptance.role.casefold() in LEARNER_ROLES:
        yield accepted_by_learner(acceptance.role, text.source(("acceptance", "role")))
    signed: list[tuple[Path, date | None]] = [
        (("signatures", index, "on"), signature.on) for index, signature in enumerate(piece.signatures)
    ]
    if piece.witness:
        signed.append((("witness", "signed"), piece.witness.signed))
    for path, day in signed:
        if day and day < piece.date:
            yield Problem(
                "contradiction",
                text.source(path),
                f"signed on {day}",
                f"the piece was made on {piece.date}",
                "Correct one of the two dates.",
            )


def accepted_by_learner(found: str, source: Source) -> Problem:
    """Give the problem of a piece that the learner is said to have accepted."""
    return Problem(
        "contradiction",
        source,
        f"a piece accepted by {quoted(found)}",
        "an assessor accepts it, not the learner",
        "Write who accepted it and in what role, or take the decision out.",
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
