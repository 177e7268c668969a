"""Overlays: files that add to a standard what it leaves unknown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, Field

from ksbtrack.load.checked import checked, kept
from ksbtrack.load.codes import unknown_codes
from ksbtrack.load.folders import StandardFiles, read_yaml, resolved
from ksbtrack.load.requirements import incomplete_requirements
from ksbtrack.models.case import layered
from ksbtrack.models.standard import Competency, Method, Requirement, RequirementRule, Standard, Sufficiency
from ksbtrack.models.values import Code, Hours, Id, Line, List, Model, Prose, UnknownCodes, refuse
from ksbtrack.problems import KsbtrackError, Problem, Source, did_you_mean, quoted
from ksbtrack.yamlfile import YamlText


class MethodOverlay(Model):
    """What a provider's copy of the plan adds to one method."""

    assesses: UnknownCodes = None
    must_assess: Annotated[tuple[Code, ...], List] = ()
    sufficiency: Sufficiency | None = None


class CompetencyOverlay(Model):
    """The settings of one statement."""

    sufficiency: Sufficiency


def _said(value: Any) -> Any:
    """Refuse a list that was begun and not written: empty, it would say that nothing is asked for."""
    if value is None:
        fix = "Write [] if the plan asks for nothing more, or a line with '- ' for each."
        raise refuse("wrong-type", value, "a list is wanted here", fix)
    return value


class Overlay(Model):
    """A file that fills in what a standard leaves unknown, and sets how much evidence is enough.

    It cannot contradict what the standard says: a wording or a figure comes from the official record only.

    Attributes:
        requirements: all that the assessment plan asks for at gateway, in the place of the requirements with the rule
            `assessment_plan`; a file without the key says nothing about it.
    """

    overlay: Line
    source: Prose
    minimum_hours: Hours | None = None
    methods: Annotated[dict[Id, MethodOverlay], Field(default_factory=dict)]
    competencies: Annotated[dict[Code, CompetencyOverlay], Field(default_factory=dict)]
    requirements: Annotated[tuple[Requirement, ...], List, BeforeValidator(_said)] = ()
    sufficiency: Sufficiency | None = None

    @property
    def says_what_the_plan_asks(self) -> bool:
        """Say whether it lists what the assessment plan asks for, be it nothing."""
        return "requirements" in self.model_fields_set


class ReadOverlay(NamedTuple):
    """An overlay file as it was read, and the identity of the standard that it is for."""

    overlay: Overlay
    text: YamlText
    identity: str


def read_overlays(paths: Sequence[str | Path], files: StandardFiles) -> tuple[ReadOverlay, ...]:
    """Give what overlay files say.

    Args:
        paths: overlay files.
        files: the standards that they can be for.

    Raises:
        KsbtrackError: with every fault of these files at once.
    """
    problems: list[Problem] = []
    read = [kept(problems, _read, Path(path), files) for path in paths]
    if problems:
        raise KsbtrackError(*problems)
    return tuple(overlay for overlay in read if overlay is not None)


def _read(path: Path, files: StandardFiles) -> ReadOverlay:
    text = read_yaml(path)
    overlay = checked(Overlay, text)
    return ReadOverlay(overlay, text, resolved(overlay.overlay, files, text.source(("overlay",))))


def overlaid(standard: Standard, overlays: Sequence[ReadOverlay]) -> Standard:
    """Give a standard with what those overlays add that are for it or for one it extends.

    Raises:
        KsbtrackError: `unknown-code`, `unknown-id`, `duplicate-id`, `overlay-contradicts`, `missing-key`,
            `bad-condition`.
    """
    for overlay, text, identity in overlays:
        if identity in standard.lineage:
            problems = list(_overlay_problems(standard, overlay, text))
            if problems:
                raise KsbtrackError(*problems)
            standard = _joined(standard, overlay)
    return standard


def _joined(standard: Standard, overlay: Overlay) -> Standard:
    groups = tuple(
        group.model_copy(
            update={"statements": tuple(_statement_overlaid(statement, overlay) for statement in group.statements)}
        )
        for group in standard.groups
    )
    return standard.model_copy(
        update={
            "groups": groups,
            "methods": tuple(_method_overlaid(method, overlay) for method in standard.methods),
            "requirements": tuple(_requirements_overlaid(standard, overlay)),
            "sufficiency": settings_over(standard.sufficiency, overlay.sufficiency),
            "minimum_hours": overlay.minimum_hours if standard.minimum_hours is None else standard.minimum_hours,
            "sources": (*standard.sources, f"Overlay: {overlay.source}"),
        }
    )


def settings_over(below: Sufficiency | None, above: Sufficiency | None) -> Sufficiency | None:
    """Give the settings of two layers in one: the upper ones where it has them; None where neither has any."""
    return above if below is None else layered(below, above)


def _statement_overlaid(statement: Competency, overlay: Overlay) -> Competency:
    added = overlay.competencies.get(statement.code)
    if added is None:
        return statement
    return statement.model_copy(update={"sufficiency": settings_over(statement.sufficiency, added.sufficiency)})


def _method_overlaid(method: Method, overlay: Overlay) -> Method:
    added = overlay.methods.get(method.id)
    if added is None:
        return method
    return method.model_copy(
        update={
            "assesses": method.assesses if added.assesses is None else added.assesses,
            "must_assess": added.must_assess or method.must_assess,
            "sufficiency": settings_over(method.sufficiency, added.sufficiency),
        }
    )


def _requirements_overlaid(standard: Standard, overlay: Overlay) -> Iterator[Requirement]:
    """Yield the requirements with what the plan asks for in the place where it was not known."""
    added = list(overlay.requirements)
    for requirement in standard.requirements:
        if overlay.says_what_the_plan_asks and requirement.rule is RequirementRule.ASSESSMENT_PLAN:
            yield from added
            added.clear()
        else:
            yield requirement


def _requirement_problems(standard: Standard, overlay: Overlay, text: YamlText) -> Iterator[Problem]:
    known = {item.id for item in standard.requirements if item.rule is not RequirementRule.ASSESSMENT_PLAN}
    if len(known) == len(standard.requirements):
        yield _contradiction(text.source(("requirements",)), "what the plan asks for at gateway", standard)
    for index, requirement in enumerate(overlay.requirements):
        if requirement.id in known:
            yield Problem(
                "duplicate-id",
                text.source(("requirements", index, "id")),
                f"the id {quoted(requirement.id)} twice in {standard.identity} with this overlay",
                "each stands for one requirement",
                "Give it another name; if the standard asks for the same already, delete it here.",
            )
        known.add(requirement.id)
    yield from incomplete_requirements(overlay.requirements, text)


def _overlay_problems(standard: Standard, overlay: Overlay, text: YamlText) -> Iterator[Problem]:
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
            yield _contradiction(
                text.source(("methods", name, "assesses")), f"which statements {name} assesses", standard
            )
        yield from unknown_codes([*(added.assesses or ()), *added.must_assess], standard, at)
    for code in overlay.competencies:
        yield from unknown_codes([code], standard, text.source(("competencies", code)))
    if overlay.says_what_the_plan_asks:
        yield from _requirement_problems(standard, overlay, text)
    if overlay.minimum_hours is not None and standard.minimum_hours is not None:
        yield _contradiction(text.source(("minimum_hours",)), "the minimum hours", standard)


def _contradiction(at: Source, what: str, standard: Standard) -> Problem:
    return Problem(
        "overlay-contradicts",
        at,
        what,
        f"{standard.identity} or an earlier overlay says that already, and an overlay only adds what is unknown",
        "Delete it here; if the standard's file is wrong, correct that.",
    )
