"""A portfolio folder: portfolio.yaml with the standards it names, and the checks across all its files."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from ksbtrack.files.attachments import inspect_file
from ksbtrack.files.opening import read_text_file
from ksbtrack.load.checked import checked, kept, part
from ksbtrack.load.dates import age_problems, date_problems
from ksbtrack.load.folders import StandardFiles, resolved, standard_files
from ksbtrack.load.jobs import portfolio_job
from ksbtrack.load.log import read_log
from ksbtrack.load.names import misnamed_files
from ksbtrack.load.options import further_with_options, needs_option, with_option
from ksbtrack.load.overlays import overlaid, read_overlays
from ksbtrack.load.pieces import accepted_by_learner, file_name, read_pieces
from ksbtrack.load.standards import load_identity
from ksbtrack.models.portfolio import AcceptanceState, AttachedFile, Dates, Evidence, Learner, Portfolio
from ksbtrack.models.standard import Standard
from ksbtrack.models.values import MAX_LIST
from ksbtrack.problems import KsbtrackError, Problem, Source, did_you_mean, quoted
from ksbtrack.yamlfile import Path, YamlText, decode, parse_yaml

WEEKLY_HOURS = (1, 168)
"""The fewest and the most hours that a working week can have: under one there is no job, and no week has more."""
MAX_SUGGESTIONS = 50
"""Wrong ids for which the nearest right one is looked for, at 25 ms each where there are 2,000 pieces."""


class Head(NamedTuple):
    """What portfolio.yaml gave: its text and model as far as they are sound, and the standards by identity."""

    text: YamlText | None
    portfolio: Portfolio | None
    standards: dict[str, Standard]


def load_portfolio(
    folder: str | pathlib.Path,
    *,
    folders: Sequence[str | pathlib.Path] = (),
    overlays: Sequence[str | pathlib.Path] = (),
) -> Portfolio:
    """Give the portfolio that a folder holds, checked against the standards it names.

    Args:
        folder: the portfolio's folder.
        folders: folders of standards to search before the shipped one.
        overlays: overlay files for the standards.

    Raises:
        KsbtrackError: with every problem of all its files at once; docs/problems.md lists them.
    """
    return load_with_standards(folder, folders, overlays)[0]


def load_with_standards(
    folder: str | pathlib.Path,
    folders: Sequence[str | pathlib.Path],
    overlays: Sequence[str | pathlib.Path],
    *,
    keep_broken_files: bool = False,
) -> tuple[Portfolio, dict[str, Standard]]:
    """Give a portfolio and the standards it names by identity, its own first.

    Raises:
        KsbtrackError: see `load_portfolio` and, for `keep_broken_files`, `load_case`.
    """
    root = pathlib.Path(folder)
    shown = root.as_posix().rstrip("/")
    problems: list[Problem] = []
    text, portfolio, standards = _head(root, f"{shown}/portfolio.yaml", folders, overlays, problems)
    if any(problem.code == "not-a-folder" and problem.source.file == root.as_posix() for problem in problems):
        raise KsbtrackError(*problems)
    problems += misnamed_files(root, shown)
    pieces, ids = read_pieces(root, shown, standards, problems, keep_broken_files=keep_broken_files)
    log = kept(problems, read_log, root, f"{shown}/off-the-job.csv", standards)
    if text is not None:
        problems += _head_problems(text, ids)
    if portfolio is not None and text is not None:
        inspect = partial(inspect_file, keep_broken=keep_broken_files)
        portfolio = _with_certificates(root, portfolio, text, problems, inspect)
        if standards and (portfolio.job or portfolio.duties):
            work = kept(problems, portfolio_job, portfolio, standards[portfolio.standard], folders, text)
            portfolio = portfolio.model_copy(update={"work": work})
        problems += _accepted_by_themselves(portfolio.learner, pieces)
    if portfolio is None or problems:
        raise KsbtrackError(*problems)
    return portfolio.model_copy(update={"evidence": pieces, "off_the_job": log, "folder": shown}), standards


def _head(
    root: pathlib.Path,
    shown: str,
    folders: Sequence[str | pathlib.Path],
    overlays: Sequence[str | pathlib.Path],
    problems: list[Problem],
) -> Head:
    text = kept(problems, _read_head, root, shown)
    if text is None:
        return Head(None, None, {})
    portfolio = kept(problems, checked, Portfolio, text)
    files = kept(problems, standard_files, folders)
    standards = _standards(text, files, overlays, problems) if files is not None else {}
    if portfolio is not None and standards:
        own, *also = standards
        portfolio = portfolio.model_copy(update={"standard": own, "also": tuple(also)})
    return Head(text, portfolio, standards)


def _read_head(root: pathlib.Path, shown: str) -> YamlText:
    return parse_yaml(decode(read_text_file(root, "portfolio.yaml", shown), shown), shown)


def _standards(
    text: YamlText, files: StandardFiles, overlays: Sequence[str | pathlib.Path], problems: list[Problem]
) -> dict[str, Standard]:
    """Give the standards that a portfolio names, its own first; nothing if its own is not sound: claims need it."""
    read = kept(problems, read_overlays, overlays, files) or ()
    named: list[tuple[Path, str]] = [(("also", index), name) for index, name in text.texts("also")[:MAX_LIST]]
    own = text.at(("standard",))
    if isinstance(own, str):
        named.insert(0, (("standard",), own))
    standards: dict[str, Standard] = {}
    tried: set[str] = set()
    own_is_sound = False
    for path, name in named:
        source = text.source(path)
        identity = kept(problems, resolved, name, files, source)
        if identity in tried:
            found = f"{identity} again"
            problems.append(Problem("contradiction", source, found, "a standard is named once", "Delete one."))
        elif identity is not None:
            tried.add(identity)
            standard = kept(problems, load_identity, identity, files, source)
            standard = standard and kept(problems, overlaid, standard, read)
            standard = standard and _as_learned(standard, text, path, problems)
            if standard:
                standards[identity] = standard
        if path == ("standard",):
            own_is_sound = bool(standards)
    return standards if own_is_sound else {}


def _as_learned(standard: Standard, text: YamlText, path: Path, problems: list[Problem]) -> Standard | None:
    """Give a standard of the portfolio with what the learner's option asks for alone.

    Args:
        standard: the whole of it.
        text: portfolio.yaml.
        path: the place at which it names the standard.
        problems: the list that takes what is wrong with the option.
    """
    if path != ("standard",):
        if needs_option(standard):
            problems.append(further_with_options(standard, text.source(path)))
            return None
        return standard
    option = text.at(("option",))
    if isinstance(option, list | dict):
        # The model says what is wrong with it.
        return None
    name = option.strip() if option else None
    return kept(problems, with_option, standard, name, text.source(("option",)), text.source(path))


def _with_certificates(
    root: pathlib.Path,
    portfolio: Portfolio,
    text: YamlText,
    problems: list[Problem],
    inspect: Callable[[pathlib.Path, str, Source], AttachedFile],
) -> Portfolio:
    """Give the portfolio with each certificate as it was found; one that cannot be opened is as good as missing."""
    found = []
    for index, held in enumerate(portfolio.records.qualifications):
        file = None
        if held.certificate:
            path = ("records", "qualifications", index, "certificate")
            written = text.at(path)
            name = file_name(written) if isinstance(written, str) else held.certificate
            file = kept(problems, inspect, root, name, text.source(path))
            if file is not None and file.problem:
                file = AttachedFile(name=file.name, is_missing=True, problem=file.problem)
        found.append(held.model_copy(update={"file": file}))
    records = portfolio.records.model_copy(update={"qualifications": tuple(found)})
    return portfolio.model_copy(update={"records": records})


def _head_problems(text: YamlText, ids: frozenset[str] | None) -> Iterator[Problem]:
    """Find what does not fit together in portfolio.yaml, in those of its parts that are sound.

    Args:
        text: the file.
        ids: the ids of all pieces, also of those with faults; None if they are not known.
    """
    learner, dates = part(Learner, text, "learner"), part(Dates, text, "dates")
    yield from learner_problems(learner, text)
    if dates is not None:
        yield from date_problems(dates, text)
    if learner is not None and dates is not None:
        yield from age_problems(learner, dates, text)
    if ids is not None:
        yield from _unknown_pieces(text, ids)


def _accepted_by_themselves(learner: Learner, pieces: Iterable[Evidence]) -> Iterator[Problem]:
    """Find each piece that the learner is said to have accepted."""
    for piece in pieces:
        by = piece.acceptance.by
        is_accepted = piece.acceptance.state is AcceptanceState.ACCEPTED
        if is_accepted and by and by.casefold() == learner.name.casefold():
            yield accepted_by_learner(by, piece.source)


def _unknown_pieces(text: YamlText, ids: frozenset[str]) -> Iterator[Problem]:
    """Find each name of a piece that is not there."""
    named: list[tuple[Path, str]] = [(("showcase", index), name) for index, name in text.texts("showcase")]
    for row, _ in enumerate(text.at(("records", "confirmations")) or ()):
        path = ("records", "confirmations", row, "covers")
        named += [((*path, index), name) for index, name in text.texts(*path)]
    unknown = [(place, name) for place, name in named[:MAX_LIST] if name.strip() not in ids]
    in_order = sorted(ids)
    for count, (place, name) in enumerate(unknown):
        # Comparing takes time; whoever has more wrong ids than this has another problem than a slip of the pen.
        meant = did_you_mean(name, in_order) if count < MAX_SUGGESTIONS else ""
        yield Problem(
            "unknown-id",
            text.source(place),
            quoted(name),
            "no piece in evidence/ has that id",
            meant + "Correct the id or delete it.",
        )


def learner_problems(learner: Learner | None, text: YamlText) -> Iterator[Problem]:
    """Yield a problem where the learner's number or weekly hours cannot be."""
    uln = text.at(("learner", "uln"))
    if isinstance(uln, str) and uln.strip() and not is_uln(uln.strip()):
        yield Problem(
            "bad-uln",
            text.source(("learner", "uln")),
            quoted(uln),
            "a unique learner number has ten digits, of which the last is a check digit",
            "Compare it with the learner's record, or delete the line: nothing here needs it.",
        )
    least, most = WEEKLY_HOURS
    if learner is not None and learner.weekly_hours is not None and not least <= learner.weekly_hours <= most:
        yield Problem(
            "bad-number",
            text.source(("learner", "weekly_hours")),
            quoted(str(learner.weekly_hours)),
            f"a working week has {least} to {most} hours",
            "Correct the hours, or delete the line if they are not known.",
        )


def is_uln(text: str) -> bool:
    """Say whether ten digits are a unique learner number: the check digit fits, or it is 9999999999 (not yet known).

    Source: the tenth digit is 10 minus the remainder by 11 of the first nine weighted 10 to 2; remainder 0 is invalid.
    """
    if not re.fullmatch(r"[0-9]{10}", text):
        return False
    remainder = sum(int(digit) * weight for digit, weight in zip(text[:9], range(10, 1, -1), strict=True)) % 11
    return text == "9999999999" or (remainder != 0 and 10 - remainder == int(text[9]))
