"""A portfolio folder: its three kinds of text file, and the checks across them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import pathlib
import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from ksbtrack.files import colliding_names, inspect_file, list_pieces, read_text_file
from ksbtrack.load.checked import checked
from ksbtrack.load.standards import code_range, load_standard, resolve_identity
from ksbtrack.models.portfolio import AcceptanceState, AttachedFile, Claim, Evidence, LoggedHours, Portfolio
from ksbtrack.models.standard import Standard
from ksbtrack.models.values import MAX_TEXT, Day, Hours, Line, Model, natural_key
from ksbtrack.problems import KsbtrackError, Problem, Source, did_you_mean, quoted
from ksbtrack.yamlfile import Path, YamlText, decode, parse_yaml

MAX_PIECE_BYTES = 262_144
"""Bytes of one evidence/*.md: an account of the longest allowed length and its front matter, several times over."""
MAX_LOG_BYTES = 4_194_304
"""Bytes of off-the-job.csv: 20,000 rows of 200 characters."""
MAX_LOG_ROWS = 20_000
"""Rows of off-the-job.csv: ten a day for the longest apprenticeship."""
HOURS_IN_A_DAY = 24
"""The most hours one row can hold, since a row is one day."""

_FRONT = re.compile(r"---[ \t]*\n(.*?)\n---[ \t]*(?:\n(.*))?", re.DOTALL)
_COLUMNS = ("date", "hours", "activity", "codes")


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
    folder: str | pathlib.Path, folders: Sequence[str | pathlib.Path], overlays: Sequence[str | pathlib.Path]
) -> tuple[Portfolio, dict[str, Standard]]:
    """Give a portfolio and the standards it names by identity, its own first.

    Raises:
        KsbtrackError: see `load_portfolio`.
    """
    root = pathlib.Path(folder)
    shown = root.as_posix().rstrip("/")
    problems: list[Problem] = []
    text, portfolio, standards = _head(root, f"{shown}/portfolio.yaml", folders, overlays, problems)
    pieces = _pieces(root, shown, standards, problems)
    log = _keep(problems, _log, root, f"{shown}/off-the-job.csv", tuple(standards.values()))
    if text is None or portfolio is None:
        raise KsbtrackError(*problems)
    portfolio = _with_certificates(root, portfolio, text, problems)
    portfolio = portfolio.model_copy(update={"evidence": pieces, "off_the_job": log, "folder": shown})
    problems += _across(portfolio, text)
    if problems:
        raise KsbtrackError(*problems)
    return portfolio, standards


def _keep(problems: list[Problem], function: Any, *arguments: Any) -> Any:
    """Give what a function returns; if it raises, keep its problems and give None, so that other files are read too."""
    try:
        return function(*arguments)
    except KsbtrackError as error:
        problems += error.problems
        return None


def _head(
    root: pathlib.Path,
    shown: str,
    folders: Sequence[str | pathlib.Path],
    overlays: Sequence[str | pathlib.Path],
    problems: list[Problem],
) -> tuple[YamlText | None, Portfolio | None, dict[str, Standard]]:
    text = _keep(problems, lambda: parse_yaml(decode(read_text_file(root, "portfolio.yaml", shown), shown), shown))
    if text is None:
        return None, None, {}
    portfolio = _keep(problems, checked, Portfolio, text)
    standards: dict[str, Standard] = {}
    value = text.value if isinstance(text.value, dict) else {}
    also = value.get("also")
    wanted = [
        (value.get("standard"), ("standard",)),
        *((name, ("also", i)) for i, name in enumerate(also or ())),
    ]
    for name, path in wanted:
        if not isinstance(name, str):
            continue
        found = _keep(problems, resolve_identity, name, folders, text.source(path))
        if found is None:
            continue
        standard = _keep(problems, lambda found=found: load_standard(found[0], folders=folders, overlays=overlays))
        if standard is None:
            continue
        if standard.identity in standards:
            problems.append(
                _contradiction(
                    text.source(path), f"{standard.identity} twice", "a standard is named once", "Delete one."
                )
            )
        standards[standard.identity] = standard
    if portfolio is not None and standards:
        names = tuple(standards)
        portfolio = portfolio.model_copy(update={"standard": names[0], "also": names[1:]})
    return text, portfolio, standards


def _contradiction(at: Source, found: str, expected: str, fix: str) -> Problem:
    return Problem("contradiction", at, found, expected, fix)


def _pieces(
    root: pathlib.Path, shown: str, standards: dict[str, Standard], problems: list[Problem]
) -> tuple[Evidence, ...]:
    names = _keep(problems, list_pieces, root, shown) or []
    pieces: list[Evidence] = []
    places: dict[str, Source] = {}
    attachments: list[tuple[str, Source]] = []
    for name in names:
        piece = _keep(problems, _piece, root, name, f"{shown}/{name}", standards, problems)
        if piece is None:
            continue
        if piece.id.casefold() in places:
            problems.append(
                Problem(
                    "duplicate-id",
                    piece.source,
                    quoted(piece.id),
                    f"{places[piece.id.casefold()]} has that id already",
                    "Give this piece another id.",
                )
            )
        places.setdefault(piece.id.casefold(), piece.source)
        attachments += [(file.name, piece.source) for file in piece.attached]
        pieces.append(piece)
    problems += colliding_names(attachments)
    return tuple(sorted(pieces, key=lambda piece: natural_key(piece.id)))


def _piece(
    root: pathlib.Path, name: str, shown: str, standards: dict[str, Standard], problems: list[Problem]
) -> Evidence:
    whole = decode(read_text_file(root, name, shown, MAX_PIECE_BYTES), shown)
    match = _FRONT.fullmatch(whole)
    if not match:
        raise KsbtrackError(
            Problem(
                "no-front-matter",
                Source(shown, 1),
                quoted(whole.split("\n", 1)[0]),
                "a piece begins with a line '---', then its facts, then a line '---', then the account",
                "Add the facts (id, title, kind, date, claims), or move a file that is no evidence elsewhere.",
            )
        )
    text = parse_yaml(match.group(1), shown, first_line=2)
    account = (match.group(2) or "").strip()
    if len(account) > MAX_TEXT:
        problems.append(
            Problem(
                "text-too-long",
                Source(shown, match.group(1).count("\n") + 4),
                f"an account of {len(account):,} characters",
                f"at most {MAX_TEXT:,} characters fit here",
                "Shorten it, or attach it as a file.",
            )
        )
    piece = checked(Evidence, text)
    claims, found = _claims(piece, text, standards)
    problems += found
    attached = tuple(
        _keep(problems, inspect_file, root, file, text.source(("files", index)), "evidence") or AttachedFile(name=file)
        for index, file in enumerate(piece.files)
    )
    problems += _piece_problems(piece, text)
    piece = piece.model_copy(
        update={"claims": claims, "attached": attached, "account": account, "source": text.source(("id",))}
    )
    return piece.model_copy(update={"fingerprint": piece_fingerprint(piece)})


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


def _claims(piece: Evidence, text: YamlText, standards: dict[str, Standard]) -> tuple[tuple[Claim, ...], list[Problem]]:
    """Give the claims with standard and code as declared, and the problems of those that fit none."""
    if not standards:
        return piece.claims, []
    problems: list[Problem] = []
    claims: list[Claim] = []
    seen: set[tuple[str, str, str | None]] = set()
    for index, claim in enumerate(piece.claims):
        at = text.source(("claims", index, "code"))
        found = _resolved(claim.code, standards, at)
        if isinstance(found, Problem):
            problems.append(found)
            continue
        key = (*found, claim.where)
        if key in seen:
            problems.append(
                Problem(
                    "duplicate-claim",
                    at,
                    quoted(claim.code),
                    "this piece claims it already",
                    "Delete one of the two.",
                )
            )
        seen.add(key)
        claims.append(claim.model_copy(update={"standard": found[0], "code": found[1]}))
    return tuple(claims), problems


def _resolved(written: str, standards: dict[str, Standard], at: Source) -> tuple[str, str] | Problem:
    """Give the identity of the standard that declares a statement, and its code; or the problem."""
    reference, colon, code = written.rpartition(":")
    first = next(iter(standards.values()))
    standard: Standard | None = first
    if colon:
        standard = next(
            (
                known
                for known in standards.values()
                for identity in reversed(known.lineage)
                if reference.strip().casefold() in (identity.casefold(), identity.partition("@")[0].casefold())
            ),
            None,
        )
    if standard is None:
        names = ", ".join(standards)
        return Problem(
            "unknown-standard",
            at,
            quoted(written),
            f"this portfolio is about {names}",
            did_you_mean(reference, standards)
            + "Correct the reference, or add the standard to 'also' in portfolio.yaml.",
        )
    code = code.strip()
    known = standard.by_code.get(standard.code_of_alias.get(code.casefold(), code))
    if known is None:
        return Problem(
            "unknown-code",
            at,
            quoted(code),
            code_range(code, standard),
            did_you_mean(code, standard.by_code) + "Correct the code or delete the claim.",
        )
    return known.origin, known.code


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
        yield _contradiction(
            text.source(("acceptance", "on")),
            f"{acceptance.state.value} on {acceptance.on}",
            f"the piece was made on {piece.date}",
            "Correct one of the two dates.",
        )
    twice = sorted({name for name in piece.files if piece.files.count(name) > 1})
    for name in twice:
        yield _contradiction(text.source(("files",)), f"{quoted(name)} twice", "a file is named once", "Delete one.")


def _with_certificates(root: pathlib.Path, portfolio: Portfolio, text: YamlText, problems: list[Problem]) -> Portfolio:
    """Give the portfolio with each certificate file as it was found."""
    found = []
    for index, held in enumerate(portfolio.records.qualifications):
        if held.certificate:
            at = text.source(("records", "qualifications", index, "certificate"))
            file = _keep(problems, inspect_file, root, held.certificate, at, "")
            held = held.model_copy(update={"file": file})  # noqa: PLW2901 - the same record with its file
        found.append(held)
    records = portfolio.records.model_copy(update={"qualifications": tuple(found)})
    return portfolio.model_copy(update={"records": records})


def _across(portfolio: Portfolio, text: YamlText) -> Iterator[Problem]:
    yield from _date_problems(portfolio, text)
    uln = portfolio.learner.uln
    if uln and not is_uln(uln):
        yield Problem(
            "bad-uln",
            text.source(("learner", "uln")),
            quoted(uln),
            "a unique learner number has ten digits, of which the last is a check digit",
            "Compare it with the learner's record, or delete the line: nothing here needs it.",
        )
    named: list[tuple[Path, str]] = [(("showcase", index), name) for index, name in enumerate(portfolio.showcase)]
    for row, confirmation in enumerate(portfolio.records.confirmations):
        named += [
            (("records", "confirmations", row, "covers", index), name) for index, name in enumerate(confirmation.covers)
        ]
    for path, name in named:
        if name not in portfolio.by_id:
            yield Problem(
                "unknown-id",
                text.source(path),
                quoted(name),
                "no piece in evidence/ has that id",
                did_you_mean(name, portfolio.by_id) + "Correct the id or delete it.",
            )


def is_uln(text: str) -> bool:
    """Say whether ten digits are a unique learner number: the check digit fits, or it is 9999999999 (not yet known).

    Source: the tenth digit is 10 minus the remainder by 11 of the first nine weighted 10 to 2; remainder 0 is invalid.
    """
    if not re.fullmatch(r"[0-9]{10}", text):
        return False
    remainder = sum(int(digit) * weight for digit, weight in zip(text[:9], range(10, 1, -1), strict=True)) % 11
    return text == "9999999999" or (remainder != 0 and 10 - remainder == int(text[9]))


def _date_problems(portfolio: Portfolio, text: YamlText) -> Iterator[Problem]:
    dates, learner = portfolio.dates, portfolio.learner
    orders: list[tuple[date | None, str, date | None, str, Path]] = [
        (dates.original_start, "the original start", dates.start, "the start", ("dates", "original_start")),
        (dates.start, "the start", dates.gateway, "the gateway", ("dates", "gateway")),
        (
            dates.start,
            "the start",
            dates.planned_gateway,
            "the planned gateway",
            ("dates", "planned_gateway"),
        ),
        (learner.born, "the birth date", dates.first, "the start", ("learner", "born")),
    ]
    for index, pause in enumerate(dates.breaks):
        path: Path = ("dates", "breaks", index, "start")
        orders.append((dates.first, "the start", pause.start, "this break", path))
        orders.append((pause.start, "the break's start", pause.end, "its end", path))
    for index, (before, after) in enumerate(zip(dates.breaks, dates.breaks[1:], strict=False)):
        orders.append(
            (
                before.end or date.max,
                "the end of one break",
                after.start,
                "the next",
                ("dates", "breaks", index + 1),
            )
        )
    for early, early_name, late, late_name, path in orders:
        if early and late and early > late:
            yield _contradiction(
                text.source(path),
                f"{late_name} on {late}",
                f"{early_name} is {early if early != date.max else 'not given'}, which is later",
                "Correct one of the two dates.",
            )
    if learner.born and learner.age_at_start is not None and learner.age_at_start != age_on(learner.born, dates.first):
        yield _contradiction(
            text.source(("learner", "age_at_start")),
            f"{learner.age_at_start} years at the start",
            f"someone born on {learner.born} was {age_on(learner.born, dates.first)} on {dates.first}",
            "Correct one of the two, or delete the age.",
        )


def age_on(born: date, day: date) -> int:
    """Give a person's age in full years; one born on 29 February has the birthday on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


class _LogRow(Model):
    """The text of one row, read strictly."""

    date: Day
    hours: Hours
    activity: Line


def _log(root: pathlib.Path, shown: str, standards: tuple[Standard, ...]) -> tuple[LoggedHours, ...] | None:
    raw = read_text_file(root, "off-the-job.csv", shown, MAX_LOG_BYTES, is_optional=True)
    if raw is None:
        return None
    text = decode(raw, shown)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    problems: list[Problem] = []
    rows: list[LoggedHours] = []
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        if header[:3] != list(_COLUMNS[:3]) or header[3:] not in ([], ["codes"]):
            raise KsbtrackError(
                Problem(
                    "bad-csv",
                    Source(shown, 1),
                    quoted(first),
                    "the first line names the columns date,hours,activity,codes",
                    "Make that the first line.",
                )
            )
        for cells in reader:
            if any(cell.strip() for cell in cells):
                row = _keep(problems, _row, cells, Source(shown, reader.line_num), standards)
                if row is not None:
                    rows.append(row)
            if len(rows) > MAX_LOG_ROWS:
                raise KsbtrackError(
                    Problem(
                        "too-many",
                        Source(shown, reader.line_num),
                        f"more than {MAX_LOG_ROWS:,} rows",
                        f"a log may have at most {MAX_LOG_ROWS:,}",
                        "Put one learner's hours into one log.",
                    )
                )
    except csv.Error as error:
        raise KsbtrackError(
            Problem(
                "bad-csv",
                Source(shown, reader.line_num),
                "a line that cannot be read",
                f"the file is comma-separated text ({error})",
                "Close the quotes on this line, or save the file again from the spreadsheet.",
            )
        ) from error
    if problems:
        raise KsbtrackError(*problems)
    return tuple(sorted(rows, key=lambda row: row.date))


def _row(cells: list[str], at: Source, standards: tuple[Standard, ...]) -> LoggedHours:
    cells = cells + [""] * (len(_COLUMNS) - len(cells))
    if any(cell.strip() for cell in cells[len(_COLUMNS) :]):
        raise KsbtrackError(
            Problem(
                "bad-csv",
                at,
                f"{len(cells)} cells",
                "a row has date, hours, activity and codes",
                "Put an activity that holds a comma in double quotes; separate codes with spaces.",
            )
        )
    plain = {name: cell.strip() or None for name, cell in zip(_COLUMNS[:3], cells, strict=False)}
    row = checked(_LogRow, YamlText(at.file, plain, {(): at.line}))
    if row.hours > HOURS_IN_A_DAY or not row.hours:
        raise KsbtrackError(
            Problem(
                "bad-number",
                at,
                quoted(cells[1]),
                "a day has more than 0 and at most 24 hours",
                "Correct the hours.",
            )
        )
    codes = re.split(r"[\s;,]+", cells[3].strip()) if cells[3].strip() else []
    named = {standard.identity: standard for standard in standards}
    resolved = [_resolved(code, named, at) for code in codes] if named else []
    faults = [found for found in resolved if isinstance(found, Problem)]
    if faults:
        raise KsbtrackError(*faults)
    kept = tuple(found[1] for found in resolved if not isinstance(found, Problem))
    return LoggedHours(date=row.date, hours=row.hours, activity=row.activity, codes=kept)
