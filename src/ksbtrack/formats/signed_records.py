"""The records of sign-offs in the files that people keep: only the record changes, every other character stays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ksbtrack.files.opening import read_text_file
from ksbtrack.formats.yaml_edit import with_entry, with_keys
from ksbtrack.load.checked import checked
from ksbtrack.load.pieces import MAX_PIECE_BYTES, split_piece
from ksbtrack.models.portfolio import Acceptance, Confirmation, Evidence, Portfolio
from ksbtrack.problems import KsbtrackError, Problem, Source
from ksbtrack.yamlfile import MAX_BYTES, decode, parse_yaml, too_large
from ksbtrack.yamlfile import Path as Place

HEAD = "portfolio.yaml"
_MARK = "\ufeff"
_OPENING = re.compile(r"---[ \t]*(\r\n|\r|\n)")
_CLOSING = re.compile(r"(?<=[\r\n])---[ \t]*(?=[\r\n]|\Z)")


class Written(NamedTuple):
    """A file's new bytes, and the portfolio as it loads from them."""

    name: str
    content: bytes
    portfolio: Portfolio


def with_acceptance(root: Path, portfolio: Portfolio, piece: Evidence, acceptance: Acceptance) -> Written:
    """Give the piece's file with its acceptance, and nothing else, changed."""
    shown = piece.source.file
    name = shown.removeprefix(f"{portfolio.folder}/")
    raw = read_text_file(root, name, shown, MAX_PIECE_BYTES)
    text = raw.decode("utf-8-sig")
    start, end = front_of(text)
    values = {
        "state": acceptance.state.value,
        **{key: getattr(acceptance, key) for key in ("by", "role", "on", "comment", "fingerprint")},
    }
    changed = with_keys(text[start:end], ("acceptance",), values)
    content = encoded_as(raw, text[:start] + changed + text[end:])
    old, new = (_declared_piece(whole, shown) for whole in (raw, content))
    expected = old and (old[0].model_copy(update={"acceptance": acceptance}), old[1])
    refuse_other(content, shown, MAX_PIECE_BYTES, is_as_meant=new is not None and new == expected)
    signed = piece.model_copy(update={"acceptance": acceptance})
    evidence = tuple(signed if each.id == piece.id else each for each in portfolio.evidence)
    return Written(name, content, portfolio.model_copy(update={"evidence": evidence}))


def front_of(text: str) -> tuple[int, int]:
    """Give where the front matter of a piece begins and ends; the piece was loaded, so that it has one."""
    opening = _OPENING.match(text)
    closing = _CLOSING.search(text, opening.end()) if opening else None
    return (opening.end(), closing.start()) if opening and closing else (0, 0)


def with_confirmation(root: Path, portfolio: Portfolio, record: Confirmation, place: int | None) -> Written:
    """Give portfolio.yaml with one confirmation more or changed, and nothing else."""
    shown = f"{portfolio.folder}/{HEAD}"
    raw = read_text_file(root, HEAD, shown)
    text = raw.decode("utf-8-sig")
    path: Place = ("records", "confirmations")
    given = list(portfolio.records.confirmations)
    if place is None:
        given.append(record)
        keys = ("by", "name", "role", "of", "on", "covers", "fingerprint")
        entry = {key: getattr(record, key) for key in keys if getattr(record, key)}
        text = with_entry(text, path, entry)
    else:
        given[place] = record
        changes = {key: getattr(record, key) for key in ("name", "role", "on", "fingerprint")}
        text = with_keys(text, (*path, place), changes)
    content = encoded_as(raw, text)
    old, new = (_declared_head(whole, shown) for whole in (raw, content))
    expected = old and _with_confirmations(old, given)
    refuse_other(content, shown, MAX_BYTES, is_as_meant=new is not None and new == expected)
    return Written(HEAD, content, _with_confirmations(portfolio, given))


def _with_confirmations(portfolio: Portfolio, given: Sequence[Confirmation]) -> Portfolio:
    records = portfolio.records.model_copy(update={"confirmations": tuple(given)})
    return portfolio.model_copy(update={"records": records})


def encoded_as(raw: bytes, text: str) -> bytes:
    """Give the bytes of a changed text, with the mark at the beginning if it had one."""
    return ((_MARK if raw.startswith(_MARK.encode()) else "") + text).encode()


def _declared_piece(raw: bytes, shown: str) -> tuple[Evidence, str] | None:
    """Give the piece that a file's bytes declare, and its account; None if they declare none."""
    try:
        parts = split_piece(decode(raw, shown), shown)
        return checked(Evidence, parse_yaml(parts.front, shown, first_line=2)), parts.account
    except KsbtrackError:
        return None


def _declared_head(raw: bytes, shown: str) -> Portfolio | None:
    try:
        return checked(Portfolio, parse_yaml(decode(raw, shown), shown))
    except KsbtrackError:
        return None


def refuse_other(content: bytes, shown: str, limit: int, *, is_as_meant: bool) -> None:
    """Refuse to write what would not load to exactly what is meant.

    Raises:
        KsbtrackError: `file-too-large`, `layout-not-kept`.
    """
    if len(content) > limit:
        raise KsbtrackError(too_large(shown, len(content), limit))
    if not is_as_meant:
        raise KsbtrackError(
            Problem(
                "layout-not-kept",
                Source(shown),
                "a layout in which the record cannot be written without changing more than it",
                "all else stays as its author wrote it; nothing was changed",
                "Write the facts with a line 'key: value' for each, and try again.",
            )
        )
