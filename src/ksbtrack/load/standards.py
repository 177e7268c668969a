"""Standards from their YAML files: what they inherit, and the checks inside them."""

from __future__ import annotations

import pathlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ksbtrack.load.checked import checked, kept
from ksbtrack.load.codes import unknown_codes
from ksbtrack.load.folders import StandardFiles, file_of, read_yaml, resolved, standard_files
from ksbtrack.load.options import ASKED_OPTION, option_problems, with_option
from ksbtrack.load.overlays import overlaid, read_overlays, settings_over
from ksbtrack.load.requirements import incomplete_requirements
from ksbtrack.models.standard import Competency, Group, Standard
from ksbtrack.models.values import Known, listed, natural_key
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted
from ksbtrack.yamlfile import Path, YamlText

MAX_LINEAGE = 10
"""Standards that may extend each other in a row; the longest official chain of grades has three."""


class WrittenStandard(NamedTuple):
    """A standard as its file has it.

    Attributes:
        text: the file.
        own: what the file says.
        standard: the same with all that is inherited.
        problems: what is wrong between its parts; with any it does not load.
    """

    text: YamlText
    own: Standard
    standard: Standard
    problems: tuple[Problem, ...]


def load_standard(
    reference: str,
    *,
    folders: Sequence[str | pathlib.Path] = (),
    overlays: Sequence[str | pathlib.Path] = (),
    option: str | None = None,
) -> Standard:
    """Give a standard with everything it inherits and what the overlays add.

    Args:
        reference: `ST0148@1.0`, or `ST0148` where the folders hold one version of it.
        folders: folders of standards to search before the shipped one.
        overlays: overlay files; those for other standards are passed over.
        option: the id of one of the standard's options, for what a learner on it is asked for; the whole standard if
            left out.

    Raises:
        KsbtrackError: `unknown-standard`, `missing-version`, `extends-cycle`, `unknown-id`, or any fault of the files.
    """
    files = standard_files(folders)
    source = Source("--standard")
    standard = load_identity(resolved(reference, files, source), files, source)
    standard = overlaid(standard, read_overlays(overlays, files))
    return standard if option is None else with_option(standard, option, ASKED_OPTION, ASKED_OPTION)


def load_identity(identity: str, files: StandardFiles, source: Source, above: tuple[str, ...] = ()) -> Standard:
    """Give a standard with everything it inherits, before any overlay.

    Args:
        identity: as `resolved` gives it.
        files: where the standards are.
        source: where it is named.
        above: identities of those that extend it, outermost first.

    Raises:
        KsbtrackError: `extends-cycle`, `extends-too-long`, `duplicate-standard`, or any fault of the files.
    """
    if identity in above or len(above) >= MAX_LINEAGE:
        raise KsbtrackError(_endless((*above, identity), source))
    written = read_standard(file_of(identity, files, source), files, (*above, identity))
    if written.problems:
        raise KsbtrackError(*written.problems)
    return written.standard


def read_standard(path: pathlib.Path, files: StandardFiles, above: tuple[str, ...] = ()) -> WrittenStandard:
    """Give a standard as one file has it, also if its parts do not fit together.

    Args:
        path: the file.
        files: where the standards are that it may extend.
        above: identities of the standard itself and of those that extend it, outermost first.

    Raises:
        KsbtrackError: any fault of the file or of a standard that it extends, but for those between its parts.
    """
    text = read_yaml(path)
    problems: list[Problem] = []
    own = kept(problems, checked, Standard, text)
    parent = kept(problems, _parent, text, files, above)
    if own is None or problems:
        raise KsbtrackError(*problems)
    own = as_loaded(own)
    standard = _joined(parent, own) if parent else own
    return WrittenStandard(text, own, standard, tuple(standard_problems(own, standard, text)))


def _parent(text: YamlText, files: StandardFiles, above: tuple[str, ...]) -> Standard | None:
    """Give the standard that a file extends, also if that file has faults of its own."""
    name, source = text.at(("extends",)), text.source(("extends",))
    if not isinstance(name, str):
        return None
    return load_identity(resolved(name, files, source), files, source, above)


def _endless(chain: tuple[str, ...], source: Source) -> Problem:
    last = chain[-1]
    if last in chain[:-1]:
        return Problem(
            "extends-cycle",
            source,
            " extends ".join(chain[chain.index(last) :]),
            "a standard cannot extend itself",
            "Correct the key 'extends' in one of them.",
        )
    return Problem(
        "extends-too-long",
        source,
        f"{len(chain)} standards that extend each other, from {chain[0]} to {last}",
        f"at most {MAX_LINEAGE} can",
        "Put what they have in common into fewer files.",
    )


def as_loaded(standard: Standard) -> Standard:
    """Give a standard that extends no other as loading its file gives it.

    Each statement has the kind and the trust that its group declares, and the identity of the standard that declares
    it; the lineage is the standard alone.

    Args:
        standard: what its file says, or a reader of another format made of its source.
    """
    groups = tuple(
        group.model_copy(
            update={
                "statements": tuple(
                    statement.model_copy(
                        update={"kind": group.kind, "origin": standard.identity, "trust": _trust(statement, group)}
                    )
                    for statement in group.statements
                )
            }
        )
        for group in standard.groups
    )
    return standard.model_copy(update={"groups": groups, "lineage": (standard.identity,)})


def _trust(statement: Competency, group: Group) -> Known:
    return group.trust if statement.trust is Known.NOT_STATED else statement.trust


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
            "options": parent.options + child.options,
            "overview": child.overview + tuple(entry for entry in parent.overview if entry.name not in own),
            "lineage": (*parent.lineage, child.identity),
            "sufficiency": settings_over(parent.sufficiency, child.sufficiency),
        }
    )


def standard_problems(own: Standard, standard: Standard, text: YamlText) -> Iterator[Problem]:
    """Find what is wrong between the parts of a standard.

    Args:
        own: what its file says.
        standard: the same with all that is inherited.
        text: the file.
    """
    yield from _repeated(standard, text)
    if not standard.competencies:
        # "Every statement is met" would be true of none.
        yield Problem(
            "empty-standard",
            text.source(("groups",)),
            "no statement",
            "a standard has at least one, of its own or inherited",
            "Add its statements to a group.",
        )
    for index, group in enumerate(own.groups):
        yield from _group_problems(group, standard, text, ("groups", index, "statements"))
    for index, duty in enumerate(own.duties):
        yield from unknown_codes(duty.competencies, standard, text.source(("duties", index, "competencies")))
    yield from option_problems(own, standard, text)
    for index, method in enumerate(own.methods):
        for key, codes in (("assesses", method.assesses), ("must_assess", method.must_assess)):
            yield from unknown_codes(codes or (), standard, text.source(("methods", index, key)))
    yield from incomplete_requirements(own.requirements, text)


def _group_problems(group: Group, standard: Standard, text: YamlText, path: Path) -> Iterator[Problem]:
    pattern = re.compile(re.escape(group.prefix) + r"\.?[0-9]+(\.[0-9]+)?")
    for row, statement in enumerate(group.statements):
        if not pattern.fullmatch(statement.code):
            yield Problem(
                "wrong-prefix",
                text.source((*path, row, "code")),
                quoted(statement.code),
                f"the codes of this group begin with {group.prefix}",
                "Correct the code, or the group's prefix.",
            )
        if statement.pairs_with:
            yield from unknown_codes([statement.pairs_with], standard, text.source((*path, row, "pairs_with")))


def _repeated(standard: Standard, text: YamlText) -> Iterator[Problem]:
    """Find each name that stands for two things, among those that are inherited too."""
    expected = "each stands for one thing, also among those that are inherited"
    fix = "Delete one, or give it another name."
    for code in _twice(statement.code for statement in standard.competencies):
        found = f"the code {quoted(code)} twice in {standard.identity}"
        yield Problem("duplicate-code", _last_place(text, "code", code), found, expected, fix)
    for models in (standard.requirements, standard.methods, standard.options):
        for name in _twice(model.id for model in models):
            found = f"the id {quoted(name)} twice in {standard.identity}"
            yield Problem("duplicate-id", _last_place(text, "id", name), found, expected, fix)
    yield from _shared_aliases(standard, text)


def _shared_aliases(standard: Standard, text: YamlText) -> Iterator[Problem]:
    """Find each alias of several statements: a claim by that name could mean either, and would count for one."""
    codes: dict[str, list[str]] = {}
    for statement in standard.competencies:
        for alias in dict.fromkeys(alias.casefold() for alias in statement.aliases):
            codes.setdefault(alias, []).append(statement.code)
    for alias, shared in codes.items():
        if len(shared) > 1:
            yield Problem(
                "duplicate-alias",
                _place_of_alias(text, alias),
                f"the alias {quoted(alias)} of {listed(shared)} in {standard.identity}",
                "each stands for one statement, also among those that are inherited; A and a are the same",
                "Delete it from all but one of them.",
            )


def _place_of_alias(text: YamlText, alias: str) -> Source:
    """Give the last place at which a file gives an alias, in capital or small letters."""
    found = [
        path for path in text.lines if path[-2:-1] == ("aliases",) and str(text.at(path)).strip().casefold() == alias
    ]
    return text.source(found[-1] if found else ())


def _twice(names: Iterable[str]) -> list[str]:
    return sorted((name for name, count in Counter(names).items() if count > 1), key=natural_key)


def _last_place(text: YamlText, key: str, name: str) -> Source:
    """Give the place of the last part of a file whose key has this value."""
    found = [path for path in text.lines if path and path[-1] == key and str(text.at(path)).strip() == name]
    return text.source(found[-1] if found else ())
