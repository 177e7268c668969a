"""What the commands write into a portfolio: a new folder, and one more piece with its files."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from ksbtrack.files.attachments import inspect_file
from ksbtrack.files.locking import only_writer
from ksbtrack.files.opening import EVIDENCE, refuse_other_than_file, unreadable
from ksbtrack.formats.new_files import copy_new, move_in, new_folder, workshop, write_new
from ksbtrack.formats.portfolio_folder import checked_bytes, new_portfolio_texts, piece_file_name, piece_text
from ksbtrack.load.checked import checked, kept
from ksbtrack.load.claims import resolve_claims
from ksbtrack.load.portfolios import load_with_standards
from ksbtrack.models.portfolio import Claim, Dates, Evidence, Learner, Portfolio
from ksbtrack.models.standard import Standard
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted
from ksbtrack.yamlfile import Path as Place
from ksbtrack.yamlfile import YamlText

MAX_STEM = 60
"""Characters of a copied file's name before its ending: 240 bytes at most, which every file system can hold."""
MAX_ENDING = 10
"""Characters of the ending that are kept: longer ones are no endings."""
_RESERVED = re.compile(r"(?i)con|prn|aux|nul|com[0-9]|lpt[0-9]")
"""Names that Windows keeps for devices."""


class Options(YamlText):
    """What was written on the command line, so that a problem names the option instead of a file and line.

    Its `file` is the option that all of it comes from; if empty, each key is an option's name.
    """

    def source(self, path: Place = ()) -> Source:
        """Give the option's name."""
        return Source(self.file or f"--{path[0]}")


class AddedPiece(NamedTuple):
    """What `add_piece` wrote.

    Attributes:
        piece: the path of the piece.
        copies: where each file came from, and where its copy is; the name can be another one.
    """

    piece: Path
    copies: tuple[tuple[Path, Path], ...]


def new_portfolio(folder: Path, standard: Standard, learner: str, start: date) -> None:
    """Write the folder of a new portfolio, or nothing at all.

    Args:
        folder: the folder to make; it must not exist, or be empty.
        standard: the portfolio's own.
        learner: the learner's name.
        start: first day of learning.

    Raises:
        KsbtrackError: `folder-not-empty`, `cannot-write`, or what is wrong with the name.
    """
    checked(Learner, Options("--learner", {"name": learner}, {}))
    checked(Dates, Options("--start", {"start": start.isoformat()}, {}))
    if not folder.absolute().parent.is_dir():
        raise KsbtrackError(_no_parent(folder))
    texts = new_portfolio_texts(standard, learner, start)
    with new_folder(folder) as inside:
        for name, text in texts.items():
            write_new(inside / name, checked_bytes(text, f"{folder.as_posix()}/{name}"))


def _no_parent(folder: Path) -> Problem:
    parent = quoted(folder.parent.as_posix())
    return Problem(
        "cannot-write",
        Source(folder.as_posix()),
        f"no folder {parent}",
        "a new portfolio is made in a folder that is there; nothing was changed",
        f"Make the folder {parent} first, or choose another place.",
    )


def add_piece(
    folder: Path,
    facts: Mapping[str, Any],
    files: Sequence[Path],
    *,
    folders: Sequence[Path] = (),
    overlays: Sequence[Path] = (),
) -> AddedPiece:
    """Write one more piece into a portfolio under the next free id, with copies of its files; or nothing at all.

    Args:
        folder: the portfolio's folder.
        facts: title, kind, date and claims, as they would stand in the piece's file; here small letters name codes too.
        files: files to copy in; one that is in the portfolio's folder evidence already stays where it is.
        folders: see `load_portfolio`.
        overlays: see `load_portfolio`.

    Raises:
        KsbtrackError: with every problem of the portfolio, of the facts and of the files; `cannot-write`.
    """
    with only_writer(folder):
        return _add_piece(folder, facts, files, *load_with_standards(folder, folders, overlays))


def _add_piece(
    folder: Path,
    facts: Mapping[str, Any],
    files: Sequence[Path],
    portfolio: Portfolio,
    standards: Mapping[str, Standard],
) -> AddedPiece:
    """Write the piece; nobody else writes into the folder meanwhile."""
    identity = next_id([piece.id for piece in portfolio.evidence])
    problems: list[Problem] = []
    piece = _checked_piece({"id": identity, **facts}, standards, problems)
    with workshop(folder, folder) as inside:
        names, copies = _copies(folder, files, inside, problems)
        if piece is None or problems:
            raise KsbtrackError(*problems)
        piece = piece.model_copy(update={"files": names})
        name = f"{EVIDENCE}/{piece_file_name(piece.id, piece.title)}"
        write_new(inside / name, checked_bytes(piece_text(piece, portfolio.standard), f"{folder.as_posix()}/{name}"))
        (folder / EVIDENCE).mkdir(exist_ok=True)
        move_in([(inside / made, folder / made) for made in (*(made for _, made in copies), name)])
    return AddedPiece(folder / name, tuple((file, folder / made) for file, made in copies))


def next_id(taken: Sequence[str]) -> str:
    """Give the id after the highest one, in the manner of those there are: after E07 and E12 comes E13."""
    counted = [match for match in (re.fullmatch(r"([A-Za-z][A-Za-z_-]*)([0-9]+)", name) for name in taken) if match]
    prefix = Counter(match[1] for match in counted).most_common(1)[0][0] if counted else "E"
    numbers = [match[2] for match in counted if match[1].casefold() == prefix.casefold()]
    width = max(map(len, numbers), default=2)
    return f"{prefix}{max(map(int, numbers), default=0) + 1:0{width}}"


def _checked_piece(
    facts: Mapping[str, Any], standards: Mapping[str, Standard], problems: list[Problem]
) -> Evidence | None:
    """Give the piece, its claims with the version and the wording they are made against; or note what is wrong."""
    claims = [_in_capitals(code, standards) for code in facts.get("claims", ())]
    options = Options("", {**facts, "claims": claims}, {})
    piece = kept(problems, checked, Evidence, options)
    named = resolve_claims(options, standards, problems)
    if piece is None or problems:
        return None
    wordings = {
        (found.origin, found.code): found.fingerprint for one in standards.values() for found in one.competencies
    }
    made = tuple(
        Claim(code=found[1], standard=found[0], made_against=found[0], fingerprint=wordings[found])
        for found in named
        if found is not None
    )
    return piece.model_copy(update={"claims": made})


def _in_capitals(written: str, standards: Mapping[str, Standard]) -> str:
    """Give a code as standards write it, where only its small letters are in the way: k1 is K1."""
    reference, colon, code = written.rpartition(":")
    capitals = code.upper()
    is_known = any(capitals in standard.by_code and code not in standard.by_code for standard in standards.values())
    return f"{reference}{colon}{capitals}" if is_known else written


def _copies(
    folder: Path, files: Sequence[Path], inside: Path, problems: list[Problem]
) -> tuple[tuple[str, ...], list[tuple[Path, str]]]:
    """Copy files into the workshop under names that are safe and free, and look at what they are.

    Returns:
        The names for the piece, and each file with the path of its copy inside the portfolio.
    """
    evidence = folder / EVIDENCE
    taken = {_folded(name) for name in ([path.name for path in evidence.iterdir()] if evidence.is_dir() else ())}
    names: list[str] = []
    copies: list[tuple[Path, str]] = []
    for file in files:
        source = Source(f"--file {file.as_posix()}")
        if file.parent.resolve() == evidence.resolve():
            names.append(file.name)
            _look(folder, file.name, source, problems)
            continue
        name = free_name(safe_name(file.name), taken)
        taken.add(_folded(name))
        try:
            _copy_in(file, inside / EVIDENCE / name, source)
        except KsbtrackError as error:
            problems += error.problems
            continue
        _look(inside, name, source, problems)
        names.append(name)
        copies.append((file, f"{EVIDENCE}/{name}"))
    return tuple(names), copies


def _look(folder: Path, name: str, source: Source, problems: list[Problem]) -> None:
    """Note what an assessor could not open."""
    found = kept(problems, inspect_file, folder, name, source, EVIDENCE)
    if found is not None and found.is_missing:
        problems.append(_no_such_file(source))


def _no_such_file(source: Source) -> Problem:
    return Problem("missing-file", source, "no such file", "this file must be there", "Check the path.")


def _copy_in(file: Path, target: Path, source: Source) -> None:
    try:
        refuse_other_than_file(file.stat().st_mode, file.as_posix(), source)
        stream = file.open("rb")
    except FileNotFoundError as error:
        raise KsbtrackError(_no_such_file(source)) from error
    except OSError as error:
        raise unreadable(file.as_posix(), source, error) from error
    with stream:
        copy_new(stream, target)


def safe_name(name: str) -> str:
    """Give a file's name in a form that every system and every browser takes; letters of any script stay.

    A text in Markdown ends in .markdown, since each .md in the folder evidence is a piece.
    """
    stem, dot, ending = unicodedata.normalize("NFC", name).rpartition(".")
    if not stem.strip(".") or len(ending) > MAX_ENDING:
        stem, dot, ending = f"{stem}{dot}{ending}", "", ""
    stem = _kept_letters(stem)[:MAX_STEM].strip(".-_") or "file"
    ending = _kept_letters(ending)
    if ending.casefold() == "md":
        ending = "markdown"
    if _RESERVED.fullmatch(stem.partition(".")[0]):
        stem = f"file-{stem}"
    return f"{stem}.{ending}" if ending else stem


def _kept_letters(text: str) -> str:
    return re.sub(r"[^\w.()+-]+", "-", text).strip("-")


def free_name(name: str, taken: Iterable[str]) -> str:
    """Give a name that no other file has, on systems too that take E and e for one letter: with a number if need be."""
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    folded = set(taken)
    number = 1
    while _folded(name) in folded:
        number += 1
        name = f"{stem}-{number}{dot}{ending}"
    return name


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
