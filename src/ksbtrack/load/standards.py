"""Standards from their YAML files: finding them, what they inherit, overlays, and the checks inside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

from ksbtrack.files import read_whole_file
from ksbtrack.load.checked import checked
from ksbtrack.models.standard import Condition, Method, Requirement, RequirementRule, Standard, Sufficiency
from ksbtrack.models.values import Code, Hours, Id, Line, List, Model, Prose, UnknownCodes, natural_key
from ksbtrack.paths import shipped_folder
from ksbtrack.problems import KsbtrackError, Problem, Source, did_you_mean, quoted
from ksbtrack.yamlfile import MAX_BYTES, YamlText, decode, parse_yaml

MAX_STANDARD_FILES = 20_000
"""YAML files that one folder of standards may hold: ten times all published records."""
HEAD_BYTES = 4_096
"""Bytes of a file in which `reference:` and `version:` are looked for; comments may stand before them."""

_HEAD = re.compile(rb"(?m)^(reference|version):[ \t]*[\"']?([A-Za-z0-9.-]+)")


class MethodOverlay(Model):
    """What a provider's copy of the plan adds to one method."""

    assesses: UnknownCodes = None
    must_assess: Annotated[tuple[Code, ...], List] = ()
    sufficiency: Sufficiency | None = None


class CompetencyOverlay(Model):
    """The settings of one statement."""

    sufficiency: Sufficiency


class Overlay(Model):
    """A file that fills in what a standard leaves unknown, and sets how much evidence is enough.

    It cannot contradict what the standard says: a wording or a figure comes from the official record only.
    """

    overlay: Line
    source: Prose
    minimum_hours: Hours | None = None
    methods: dict[Id, MethodOverlay] = {}
    competencies: dict[Code, CompetencyOverlay] = {}
    sufficiency: Sufficiency | None = None


def load_standard(
    reference: str, *, folders: Sequence[str | Path] = (), overlays: Sequence[str | Path] = ()
) -> Standard:
    """Give a standard with everything it inherits and what the overlays add.

    Args:
        reference: `ST0148@1.0`, or `ST0148` where the folders hold one version of it.
        folders: folders of standards to search before the shipped one.
        overlays: overlay files; those for other standards are passed over.

    Raises:
        KsbtrackError: `unknown-standard`, `missing-version`, `extends-cycle`, or any fault of the files.
    """
    standard = _load(reference, tuple(folders), Source("--standard"), ())
    for overlay in overlays:
        standard = _overlaid(standard, Path(overlay))
    return standard


def find_standards(folders: Sequence[str | Path] = ()) -> dict[str, Path]:
    """Give the file of every standard by identity, in natural order; an earlier folder hides a later one.

    Args:
        folders: folders of standards to search before the shipped one.

    Raises:
        KsbtrackError: `no-such-folder`, `too-many`.
    """
    found: dict[str, Path] = {}
    for folder in (*(Path(folder) for folder in folders), shipped_folder("standards")):
        for path in _yaml_files(folder):
            identity = _identity(path)
            if identity:
                found.setdefault(identity, path)
    return dict(sorted(found.items(), key=lambda item: natural_key(item[0])))


def _yaml_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise KsbtrackError(
            Problem(
                "no-such-folder",
                Source(folder.as_posix()),
                "no folder of that name",
                "a folder of standards is wanted",
                "Check the path; it is taken from the folder in which you are.",
            )
        )
    files = sorted(path for path in folder.rglob("*.yaml") if path.is_file())
    if len(files) > MAX_STANDARD_FILES:
        raise KsbtrackError(
            Problem(
                "too-many",
                Source(folder.as_posix()),
                f"{len(files):,} files",
                f"a folder may hold at most {MAX_STANDARD_FILES:,} standards",
                "Name the folder that holds the standards only.",
            )
        )
    return files


def _identity(path: Path) -> str | None:
    with path.open("rb") as file:
        head = dict((key.decode(), value.decode()) for key, value in _HEAD.findall(file.read(HEAD_BYTES)))
    return f"{head['reference']}@{head['version']}" if len(head) == 2 else None  # noqa: PLR2004 - both keys


def resolve_identity(name: str, folders: Sequence[str | Path], source: Source) -> tuple[str, Path]:
    """Give identity and file of a standard named with or without its version.

    Args:
        name: as a person wrote it.
        folders: see `find_standards`.
        source: where they wrote it.

    Raises:
        KsbtrackError: `unknown-standard`, `missing-version`.
    """
    known = find_standards(folders)
    by_folded = {identity.casefold(): identity for identity in known}
    wanted = name.strip().casefold()
    if wanted in by_folded:
        return by_folded[wanted], known[by_folded[wanted]]
    reference = wanted.partition("@")[0]
    versions = [identity for identity in known if identity.casefold().partition("@")[0] == reference]
    if "@" not in wanted and len(versions) == 1:
        return versions[0], known[versions[0]]
    if versions:
        code, expected = (
            ("unknown-version", "the versions here are ")
            if "@" in wanted
            else ("missing-version", "a version is needed, of ")
        )
        raise KsbtrackError(
            Problem(
                code,
                source,
                quoted(name),
                expected + ", ".join(versions),
                f"Write {versions[-1]}, or another of these.",
            )
        )
    raise KsbtrackError(
        Problem(
            "unknown-standard",
            source,
            quoted(name),
            f"none of the {len(known)} standards here has that reference",
            did_you_mean(name, known) + "Correct it, or name the folder that holds it with --standards.",
        )
    )


def _load(name: str, folders: tuple[str | Path, ...], source: Source, above: tuple[str, ...]) -> Standard:
    identity, path = resolve_identity(name, folders, source)
    shown = shown_path(path)
    if identity in above:
        raise KsbtrackError(
            Problem(
                "extends-cycle",
                source,
                " extends ".join((*above[above.index(identity) :], identity)),
                "a standard cannot extend itself",
                "Correct the key 'extends' in one of them.",
            )
        )
    text = parse_yaml(decode(read_whole_file(path, shown, MAX_BYTES), shown), shown)
    standard = _with_kinds(checked(Standard, text))
    if standard.extends:
        parent = _load(standard.extends, folders, text.source(("extends",)), (*above, identity))
        standard = _joined(parent, standard)
    else:
        standard = standard.model_copy(update={"lineage": (identity,)})
    problems = list(_standard_problems(standard, text))
    if problems:
        raise KsbtrackError(*problems)
    return standard


def shown_path(path: Path) -> str:
    """Give a path for messages: shipped files by their place in the product, others as they were given."""
    try:
        return "standards/" + path.relative_to(shipped_folder("standards")).as_posix()
    except ValueError:
        return path.as_posix()


def _with_kinds(standard: Standard) -> Standard:
    """Give each statement the kind that its group declares and the identity of the standard that declares it."""
    groups = tuple(
        group.model_copy(
            update={
                "statements": tuple(
                    statement.model_copy(update={"kind": group.kind, "origin": standard.identity})
                    for statement in group.statements
                )
            }
        )
        for group in standard.groups
    )
    return standard.model_copy(update={"groups": groups})


def _joined(parent: Standard, child: Standard) -> Standard:
    """Give the child with the parent's statements and requirements before its own.

    A fact of the overview that the child states too, such as its grade, is the child's.
    """
    own = {entry.name for entry in child.overview}
    return child.model_copy(
        update={
            "groups": parent.groups + child.groups,
            "requirements": parent.requirements + child.requirements,
            "methods": parent.methods + child.methods,
            "duties": parent.duties + child.duties,
            "overview": child.overview + tuple(entry for entry in parent.overview if entry.name not in own),
            "lineage": (*parent.lineage, child.identity),
            "sufficiency": child.sufficiency or parent.sufficiency,
        }
    )


def _standard_problems(standard: Standard, text: YamlText) -> Iterator[Problem]:
    yield from _repeated(standard, text)
    own = set(standard.by_code)
    for index, group in enumerate(text.value["groups"]):
        prefix = re.compile(re.escape(group["prefix"]) + r"\.?[0-9]+")
        for row, statement in enumerate(group["statements"] or ()):
            at = text.source(("groups", index, "statements", row, "code"))
            if not prefix.fullmatch(statement["code"]):
                yield Problem(
                    "wrong-prefix",
                    at,
                    quoted(statement["code"]),
                    f"the codes of this group begin with {group['prefix']}",
                    "Correct the code, or the group's prefix.",
                )
            if "pairs_with" in statement:
                yield from unknown_codes([statement["pairs_with"]], own, standard, at)
    for index, method in enumerate(text.value.get("methods") or ()):
        for key in ("assesses", "must_assess"):
            codes = method.get(key)
            if isinstance(codes, list):
                yield from unknown_codes(codes, own, standard, text.source(("methods", index, key)))
    for index, requirement in enumerate(text.value.get("requirements") or ()):
        model = next(found for found in standard.requirements if found.id == requirement["id"])
        yield from _incomplete(model, text.source(("requirements", index)))


def _repeated(standard: Standard, text: YamlText) -> Iterator[Problem]:
    for what, names in (
        ("code", [statement.code for statement in standard.competencies]),
        ("id", [requirement.id for requirement in standard.requirements]),
        ("id", [method.id for method in standard.methods]),
    ):
        for name in sorted({name for name in names if names.count(name) > 1}, key=natural_key):
            yield Problem(
                f"duplicate-{what}",
                text.source(),
                f"the {what} {quoted(name)} twice in {standard.identity}",
                f"each {what} stands for one thing, also among those that are inherited",
                "Delete one, or give it another name.",
            )


def unknown_codes(codes: Sequence[str], own: set[str], standard: Standard, at: Source) -> Iterator[Problem]:
    """Yield a problem for each code that a standard does not have.

    Args:
        codes: as written.
        own: the standard's codes.
        standard: for the message.
        at: where they were written.
    """
    for code in codes:
        if code not in own:
            yield Problem(
                "unknown-code",
                at,
                quoted(code),
                code_range(code, standard),
                did_you_mean(code, sorted(own, key=natural_key)) + "Correct the code or delete the claim.",
            )


def code_range(code: str, standard: Standard) -> str:
    """Give the clause that says which codes a standard has near a wrong one, such as "ST0148 1.0 has K1 to K11"."""
    letters = re.match(r"[A-Za-z]*", code)
    wanted = letters.group().upper() if letters else ""
    near = [group for group in standard.groups if group.prefix.upper().startswith(wanted)] if wanted else []
    shown = near or list(standard.groups)
    ranges = [f"{group.statements[0].code} to {group.statements[-1].code}" for group in shown if group.statements]
    return f"{standard.reference} {standard.version} has " + ", ".join(ranges)


def _incomplete(requirement: Requirement, at: Source) -> Iterator[Problem]:
    wanted: dict[RequirementRule, tuple[str, ...]] = {
        RequirementRule.ENGLISH_AND_MATHS: ("subject",),
        RequirementRule.QUALIFICATION: ("subject", "level"),
        RequirementRule.CONFIRMATIONS: ("by",),
        RequirementRule.PROGRESSION: ("condition",),
    }
    for key in wanted.get(requirement.rule, ()):
        if not getattr(requirement, key):
            yield Problem(
                "missing-key",
                at,
                f"no key '{key}'",
                f"the rule {requirement.rule.value} needs it",
                f"Add a line '{key}: ...'.",
            )
    if requirement.condition and not _is_whole(requirement.condition):
        yield Problem(
            "bad-condition",
            at,
            "a condition with none or more than one of subject, all_of and any_of",
            "each condition has exactly one of them",
            "Split it into conditions of one kind.",
        )


def _is_whole(condition: Condition) -> bool:
    parts = [bool(condition.subject), bool(condition.all_of), bool(condition.any_of)]
    return sum(parts) == 1 and all(map(_is_whole, condition.all_of + condition.any_of))


def _overlaid(standard: Standard, path: Path) -> Standard:
    """Give the standard with what an overlay file adds; the same standard if the file is about another one."""
    shown = path.as_posix()
    text = parse_yaml(decode(read_whole_file(path, shown, MAX_BYTES), shown), shown)
    overlay = checked(Overlay, text)
    if overlay.overlay.casefold() not in (identity.casefold() for identity in standard.lineage):
        return standard
    problems = list(_overlay_problems(standard, overlay, text))
    if problems:
        raise KsbtrackError(*problems)
    groups = tuple(
        group.model_copy(
            update={
                "statements": tuple(
                    statement.model_copy(update={"sufficiency": overlay.competencies[statement.code].sufficiency})
                    if statement.code in overlay.competencies
                    else statement
                    for statement in group.statements
                )
            }
        )
        for group in standard.groups
    )
    return standard.model_copy(
        update={
            "groups": groups,
            "methods": tuple(_method_overlaid(method, overlay) for method in standard.methods),
            "sufficiency": overlay.sufficiency or standard.sufficiency,
            "minimum_hours": overlay.minimum_hours if standard.minimum_hours is None else standard.minimum_hours,
            "sources": (*standard.sources, f"Overlay: {overlay.source}"),
        }
    )


def _method_overlaid(method: Method, overlay: Overlay) -> Method:
    added = overlay.methods.get(method.id)
    if added is None:
        return method
    return method.model_copy(
        update={
            "assesses": method.assesses if added.assesses is None else added.assesses,
            "must_assess": added.must_assess or method.must_assess,
            "sufficiency": added.sufficiency or method.sufficiency,
        }
    )


def _overlay_problems(standard: Standard, overlay: Overlay, text: YamlText) -> Iterator[Problem]:
    own = set(standard.by_code)
    methods = {method.id: method for method in standard.methods}
    for name, added in overlay.methods.items():
        at = text.source(("methods", name))
        if name not in methods:
            yield Problem(
                "unknown-id",
                at,
                quoted(name),
                f"the methods of {standard.identity} are " + (", ".join(methods) or "not given"),
                did_you_mean(name, methods) + "Correct the id.",
            )
        elif added.assesses is not None and methods[name].assesses is not None:
            yield _contradiction(at, f"which statements {name} assesses", standard)
        yield from unknown_codes([*(added.assesses or ()), *added.must_assess], own, standard, at)
    yield from unknown_codes(list(overlay.competencies), own, standard, text.source(("competencies",)))
    if overlay.minimum_hours is not None and standard.minimum_hours is not None:
        yield _contradiction(text.source(("minimum_hours",)), "the minimum hours", standard)


def _contradiction(at: Source, what: str, standard: Standard) -> Problem:
    return Problem(
        "overlay-contradicts",
        at,
        what,
        f"{standard.identity} says that already, and an overlay only adds what is unknown",
        "Delete it here; if the standard's file is wrong, correct that.",
    )
