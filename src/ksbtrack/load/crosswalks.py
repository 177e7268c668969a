"""Crosswalks from their YAML files: which one is between two standards, and the checks inside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ksbtrack.load.checked import checked, kept
from ksbtrack.load.codes import unknown_code
from ksbtrack.load.folders import CrosswalkFile, StandardFiles, read_yaml, resolved, shown_path, standard_files
from ksbtrack.load.standards import load_identity
from ksbtrack.models.crosswalk import Crosswalk, CrosswalkRecord, CrosswalkRow, Link, Relation, in_scope
from ksbtrack.models.standard import CompetencyKind, Standard
from ksbtrack.models.values import listed, natural_key
from ksbtrack.problems import KsbtrackError, Problem, Source, several
from ksbtrack.yamlfile import YamlText

CODES_NAMED = 12
"""Codes that a message lists; of a longer list it says how many more there are."""
ASKED = Source("crosswalk")
"""Where the two standards are named whose crosswalk is wanted."""


def find_crosswalks(folders: Sequence[str | Path] = ()) -> dict[tuple[str, str], Path]:
    """Give the file of every crosswalk by the two standards that it names, in natural order.

    An earlier folder hides a later one; a file without `to` among its first lines is passed over.

    Args:
        folders: folders of standards to search before the shipped one.

    Raises:
        KsbtrackError: `not-a-folder`, `too-many-files`.
    """
    found: dict[tuple[str, str], Path] = {}
    for file in standard_files(folders).crosswalks:
        if file.other:
            found.setdefault((file.one, file.other), file.path)
    return dict(sorted(found.items(), key=lambda item: [natural_key(name) for name in item[0]]))


def load_crosswalk(one: str, other: str, *, folders: Sequence[str | Path] = ()) -> Crosswalk:
    """Give the crosswalk between two standards, read from the first to the second.

    One that is made for a standard holds for those that it extends: what is made for XS10c is the crosswalk of XS10a
    too. It may be written in the other direction; its relations are turned around then.

    Args:
        one: `XS10b@2008-06`, or `XS10b` where the folders hold one version of it.
        other: the other standard, named in the same way.
        folders: folders of standards and crosswalks to search before the shipped one.

    Raises:
        KsbtrackError: `unknown-crosswalk`, `duplicate-crosswalk`, `missing-row`, `unknown-standard`, or any fault of
            the files.
    """
    files = standard_files(folders)
    problems: list[Problem] = []
    standards = [kept(problems, _standard, name, files) for name in (one, other)]
    first, second = standards
    if first is None or second is None:
        raise KsbtrackError(*problems)
    match = _best_match(first, second, files)
    crosswalk = _loaded(match)
    if match.is_reversed:
        crosswalk = crosswalk.reversed
    return crosswalk.model_copy(update={"one": first, "other": second})


def _standard(name: str, files: StandardFiles) -> Standard:
    return load_identity(resolved(name, files, ASKED), files, ASKED)


class _Match(NamedTuple):
    """A crosswalk between two standards that were asked for: its own standards, and how far they are from those."""

    file: CrosswalkFile
    one: Standard
    other: Standard
    is_reversed: bool
    steps: int


def _best_match(first: Standard, second: Standard, files: StandardFiles) -> _Match:
    """Give the crosswalk of the first folder that has one, made for standards as near to the two as can be."""
    problems: list[Problem] = []
    found: list[_Match] = []
    near: list[CrosswalkFile] = []
    for file in files.crosswalks:
        pair = kept(problems, _standards_of, file, files) if file.other else None
        if pair:
            found += _matches(file, pair, (first.identity, second.identity))
        near += [file] if _has_same_references(file, pair, {first.reference, second.reference}) else []
    if not found:
        broken = [problem for problem in problems if not problem.code.startswith("unknown-")]
        raise KsbtrackError(_none_found(first, second, files, near), *broken)
    ranks = [(match.file.folder, match.steps) for match in found]
    best = [match for match, rank in zip(found, ranks, strict=True) if rank == min(ranks)]
    if len(best) > 1:
        raise KsbtrackError(_several_found(best))
    return best[0]


def _standards_of(file: CrosswalkFile, files: StandardFiles) -> tuple[Standard, Standard]:
    source = Source(shown_path(file.path))
    one, other = (load_identity(resolved(name, files, source), files, source) for name in (file.one, file.other))
    return one, other


def _matches(file: CrosswalkFile, pair: tuple[Standard, Standard], asked: tuple[str, str]) -> Iterator[_Match]:
    """Yield a crosswalk as a match of the two identities that were asked for, in either order."""
    for is_reversed in (False, True):
        names = asked[::-1] if is_reversed else asked
        if all(name in standard.lineage for name, standard in zip(names, pair, strict=True)):
            steps = sum(
                len(standard.lineage) - standard.lineage.index(name) - 1
                for name, standard in zip(names, pair, strict=True)
            )
            yield _Match(file, *pair, is_reversed, steps)
            return


def _has_same_references(file: CrosswalkFile, pair: tuple[Standard, Standard] | None, asked: set[str]) -> bool:
    """Say whether a crosswalk is between some versions of the standards that were asked for."""
    names = [standard.lineage for standard in pair] if pair else [(file.one,), (file.other,)]
    one, other = ({name.partition("@")[0] for name in lineage} & asked for lineage in names)
    return bool(one and other) and one | other == asked


def _none_found(first: Standard, second: Standard, files: StandardFiles, near: Sequence[CrosswalkFile]) -> Problem:
    pairs = [file for file in files.crosswalks if file.other]
    if near:
        expected = f"{shown_path(near[0].path)} is made for {near[0].one} and {near[0].other}"
        fix = (
            "Ask for those versions, or write a crosswalk for these: in another version a code can mean something else."
        )
    else:
        names = dict.fromkeys(f"{file.one} and {file.other}" for file in pairs)
        expected = f"there are some between {'; '.join(names)}"
        fix = "Correct the names, or write a crosswalk as docs/crosswalk.md says and name its folder with --standards."
    headless = [shown_path(file.path) for file in files.crosswalks if not file.other]
    if headless:
        fix += f" Without 'to' among its first lines: {headless[0]}."
    found = f"no crosswalk between {first.identity} and {second.identity}"
    return Problem("unknown-crosswalk", ASKED, found, expected, fix)


def _several_found(matches: Iterable[_Match]) -> Problem:
    paths = listed(sorted(shown_path(match.file.path) for match in matches))
    return Problem(
        "duplicate-crosswalk",
        ASKED,
        f"several for the same two standards: {paths}",
        "a folder holds one between two standards",
        "Delete all but one of them, or correct the standards that they name.",
    )


def _loaded(match: _Match) -> Crosswalk:
    text = read_yaml(match.file.path)
    record = checked(CrosswalkRecord, text)
    problems = tuple(_problems(record, match.one, match.other, text))
    if problems:
        raise KsbtrackError(*problems)
    return Crosswalk(
        title=record.title,
        author=record.author,
        trust=record.trust,
        about=record.about,
        sources=record.sources,
        one=match.one,
        other=match.other,
        one_made_for=match.one,
        other_made_for=match.other,
        one_kinds=record.kinds,
        other_kinds=record.to_kinds,
        links=tuple(_links(record, match.one, match.other)),
    )


def _links(record: CrosswalkRecord, one: Standard, other: Standard) -> Iterator[Link]:
    """Yield the judgements of a file in the order of its standards, whatever the order of its rows."""
    for statement in one.competencies:
        for row in record.rows.get(statement.code, ()):
            yield _link(statement.code, row.to, row, record)
    for statement in other.competencies:
        if statement.code in record.unreached:
            yield _link(None, statement.code, record.unreached[statement.code], record)


def _link(one: str | None, other: str | None, row: CrosswalkRow, record: CrosswalkRecord) -> Link:
    return Link(
        one=one,
        other=other,
        relation=row.relation,
        confidence=row.confidence,
        why=row.why,
        author=row.author or record.author,
    )


def _problems(record: CrosswalkRecord, one: Standard, other: Standard, text: YamlText) -> Iterator[Problem]:
    """Find what is wrong between the rows of a crosswalk and its two standards."""
    shared = [identity for identity in one.lineage if identity in other.lineage]
    if shared:
        found = f"{one.identity} and {other.identity}, which are or extend the same"
        expected = "a crosswalk is between two standards that share no statement"
        yield _contradiction(text.source(("to",)), found, expected, "Name two different standards.")
        return
    for code, rows in record.rows.items():
        yield from _outside(code, one, record.kinds, text.source(("rows", code)), "row")
        yield from _row_problems(code, rows, record, other, text)
    reached = {row.to: code for code, rows in reversed(record.rows.items()) for row in rows if row.to}
    for code, row in record.unreached.items():
        at = text.source(("unreached", code))
        yield from _outside(code, other, record.to_kinds, at, "row")
        yield from _unreached_problems(code, row, reached, at)
    missing = [found.code for found in in_scope(one, record.kinds) if not record.rows.get(found.code)]
    yield from _missing(missing, one, text.source(("rows",)), "A row")
    known = reached.keys() | record.unreached.keys()
    missing = [found.code for found in in_scope(other, record.to_kinds) if found.code not in known]
    yield from _missing(missing, other, text.source(("unreached",)), "A link to it, or a row under 'unreached',")


def _row_problems(
    code: str, rows: Sequence[CrosswalkRow], record: CrosswalkRecord, other: Standard, text: YamlText
) -> Iterator[Problem]:
    """Find what is wrong with the rows of one code of the first standard."""
    seen: set[str] = set()
    for index, row in enumerate(rows):
        at = text.source(("rows", code, index))
        if row.relation is Relation.NONE and row.to:
            yield _none_to(row.to, at)
        elif row.relation is Relation.NONE and len(rows) > 1:
            found = f"the relation none for {code} beside {several(len(rows) - 1, 'other row')}"
            expected = "either something corresponds to it or nothing does"
            yield _contradiction(at, found, expected, "Delete the row with none, or the others.")
        elif row.relation is not Relation.NONE and row.to is None:
            yield Problem(
                "missing-key",
                at,
                "no key 'to'",
                "only a row with the relation none is about no other statement",
                "Add a line 'to: ...', or write 'relation: none'.",
            )
        if row.to and row.to in seen:
            yield Problem(
                "duplicate-code",
                at,
                f"another row from {code} to {row.to}",
                "two statements have one relation",
                "Delete one of the rows.",
            )
        if row.to:
            seen.add(row.to)
            yield from _outside(row.to, other, record.to_kinds, text.source(("rows", code, index, "to")), "row")


def _unreached_problems(code: str, row: CrosswalkRow, reached: Mapping[str, str], at: Source) -> Iterator[Problem]:
    if row.relation is Relation.NONE and row.to:
        yield _none_to(row.to, at)
    if row.relation is not Relation.NONE:
        found = f"the relation {row.relation.value} under 'unreached'"
        yield _contradiction(
            at, found, "what stands there is reached by nothing", "Write 'relation: none', or move it to 'rows'."
        )
    if code in reached:
        found = f"{code} under 'unreached', and a row from {reached[code]} to it"
        yield _contradiction(
            at, found, "either something corresponds to it or nothing does", "Delete it here, or that row."
        )


def _none_to(code: str, at: Source) -> Problem:
    return _contradiction(
        at,
        f"the relation none with 'to: {code}'",
        "such a row says that nothing at all corresponds",
        "Delete the line 'to', or give the relation of the two.",
    )


def _outside(
    code: str, standard: Standard, kinds: Sequence[CompetencyKind], at: Source, whole: str
) -> Iterator[Problem]:
    """Yield the problem of a code that the standard does not have, or of a kind that the crosswalk is not about."""
    statement = standard.by_code.get(code)
    if statement is None:
        yield unknown_code(code, standard, at, whole)
    elif kinds and statement.kind not in kinds:
        found = f"{code}, whose kind is {statement.kind.value}"
        expected = f"this crosswalk says that it is about {listed(kind.value for kind in kinds)}"
        yield _contradiction(at, found, expected, "Delete the row, or add the kind.")


def _missing(codes: Sequence[str], standard: Standard, at: Source, what: str) -> Iterator[Problem]:
    if codes:
        more = len(codes) - CODES_NAMED
        shown = f"{', '.join(codes[:CODES_NAMED])} and {more:,} more" if more > 0 else listed(codes)
        yield Problem(
            "missing-row",
            at,
            f"nothing about {shown} of {standard.identity}",
            "a crosswalk has a row for every statement, also where nothing corresponds",
            f"{what} is needed for each; where nothing corresponds, with 'relation: none' and the reason.",
        )


def _contradiction(at: Source, found: str, expected: str, fix: str) -> Problem:
    return Problem("contradiction", at, found, expected, fix)
