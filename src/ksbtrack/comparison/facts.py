"""What differs between two versions besides their statements: dates, hours, duties, methods, requirements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from ksbtrack.comparison.wording import normalised
from ksbtrack.models.comparison import Fact, Pair
from ksbtrack.models.standard import DutyRecord, Method, Requirement, Standard
from ksbtrack.models.values import natural_key

T = TypeVar("T")


def differing_facts(old: Standard, new: Standard, pairs: Sequence[Pair]) -> tuple[Fact, ...]:
    """Give what differs besides the statements: first of the standard itself, then of its parts in their order.

    Codes in duties and methods are compared by the statements they name, so that a mere new numbering shows nowhere.

    Args:
        old: the older version.
        new: the newer version.
        pairs: which statement became which.
    """
    now = {pair.old[0].code: pair.new[0].code for pair in pairs if len(pair.old) == len(pair.new) == 1}
    return (
        *_of_the_standard(old, new),
        *_options(old, new),
        *_duties(old, new, now),
        *_methods(old, new, now),
        *_requirements(old, new),
    )


def _fact(subject: str, what: str, old: object, new: object) -> Iterator[Fact]:
    before, after = (None if value is None or value == "" else str(value) for value in (old, new))
    if before != after and (before is None or after is None or normalised(before) != normalised(after)):
        yield Fact(subject, what, before, after)


def _of_the_standard(old: Standard, new: Standard) -> Iterator[Fact]:
    for what, read in _FACTS:
        yield from _fact("standard", what, read(old), read(new))
    before, after = ({one.name: one.value for one in standard.overview} for standard in (old, new))
    for name in dict.fromkeys((*before, *after)):
        yield from _fact("standard", name, before.get(name), after.get(name))


_FACTS: tuple[tuple[str, Callable[[Standard], object]], ...] = (
    ("reference", lambda standard: standard.reference),
    ("title", lambda standard: standard.title),
    ("level", lambda standard: standard.level.words if standard.level else None),
    ("assessment plan", lambda standard: standard.plan),
    ("assessment regime", lambda standard: standard.regime.value.replace("_", " ") if standard.regime else None),
    ("extends", lambda standard: standard.extends),
    ("LARS code", lambda standard: standard.lars_code),
    ("minimum hours", lambda standard: standard.minimum_hours),
    ("earliest start", lambda standard: standard.earliest_start),
    ("latest start", lambda standard: standard.latest_start),
)
"""The facts of a standard itself, in the order in which they are shown."""


def _options(old: Standard, new: Standard) -> Iterator[Fact]:
    before, after = ({one.id: one.title for one in standard.options} for standard in (old, new))
    for name in dict.fromkeys((*before, *after)):
        yield from _fact(f"option {name}", "title", before.get(name), after.get(name))


def _duties(old: Standard, new: Standard, now: dict[str, str]) -> Iterator[Fact]:
    """Yield what differs in the duties; duties are the same by identifier, else by text, else by code."""
    for one, other in _matched(
        old.duties, new.duties, (_guid, lambda duty: normalised(duty.text), lambda duty: duty.code)
    ):
        known = one or other
        if known is None:
            continue
        subject = f"duty {known.code}"
        yield from _fact(subject, "text", one and one.text, other and other.text)
        if one is None or other is None:
            continue
        yield from _fact(subject, "code", one.code, other.code)
        yield from _codes_fact(subject, "statements", one.competencies, other.competencies, now)
        yield from _fact(subject, "core", _yes(one.core), _yes(other.core))
        yield from _fact(subject, "options", ", ".join(one.options), ", ".join(other.options))


def _guid(duty: DutyRecord) -> str | None:
    return duty.guid.casefold() if duty.guid else None


def _yes(value: object) -> str:
    return "yes" if value else "no"


def _methods(old: Standard, new: Standard, now: dict[str, str]) -> Iterator[Fact]:
    for one, other in _matched(old.methods, new.methods, (lambda method: method.id, lambda method: method.title)):
        known = one or other
        if known is None:
            continue
        subject = f"method {known.id}"
        yield from _fact(subject, "title", one and one.title, other and other.title)
        if one is None or other is None:
            continue
        yield from _fact(subject, "form", one.form, other.form)
        yield from _codes_fact(subject, "assesses", one.assesses, other.assesses, now)
        yield from _codes_fact(subject, "must assess", one.must_assess, other.must_assess, now)
        yield from _figures(subject, one, other)


def _figures(subject: str, one: Method, other: Method) -> Iterator[Fact]:
    before, after = (
        {figure.name: f"{figure.value} {figure.unit or ''}".strip() for figure in method.figures if figure.value}
        for method in (one, other)
    )
    for name in dict.fromkeys((*before, *after)):
        yield from _fact(subject, name, before.get(name), after.get(name))


def _codes_fact(
    subject: str, what: str, old: Sequence[str] | None, new: Sequence[str] | None, now: dict[str, str]
) -> Iterator[Fact]:
    """Yield what differs in a list of codes, if it names other statements; the old codes are shown as they were."""
    meant = None if old is None else {now.get(code, f"{code} before") for code in old}
    if meant != (None if new is None else set(new)):
        yield Fact(
            subject,
            what,
            *(None if codes is None else ", ".join(sorted(codes, key=natural_key)) for codes in (old, new)),
        )


def _requirements(old: Standard, new: Standard) -> Iterator[Fact]:
    for one, other in _matched(old.requirements, new.requirements, (lambda requirement: requirement.id,)):
        known = one or other
        if known is None:
            continue
        subject = f"requirement {known.id}"
        yield from _fact(subject, "title", one and one.title, other and other.title)
        if one is None or other is None:
            continue
        for what, read in _ASKED:
            yield from _fact(subject, what, read(one), read(other))


_ASKED: tuple[tuple[str, Callable[[Requirement], object]], ...] = (
    ("rule", lambda requirement: requirement.rule.value),
    ("subject", lambda requirement: requirement.subject),
    ("level", lambda requirement: requirement.level.words if requirement.level else None),
    ("by", lambda requirement: ", ".join(requirement.by)),
    ("desirable", lambda requirement: _yes(requirement.desirable)),
    ("mandated by standard", lambda requirement: _yes(requirement.mandated_by_standard)),
    ("condition", lambda requirement: requirement.condition and requirement.condition.model_dump_json()),
    ("dispensation", lambda requirement: requirement.dispensation and requirement.dispensation.model_dump_json()),
)
"""What a requirement asks for, in the order in which it is shown."""


def _matched(
    old: Iterable[T], new: Iterable[T], ways: Sequence[Callable[[T], str | None]]
) -> Iterator[tuple[T | None, T | None]]:
    """Yield the parts of both sides, matched by the first way that finds the same; old order, then what is new."""
    before, after = list(old), list(new)
    partner: dict[int, T] = {}
    for way in ways:
        taken = {id(one) for one in partner.values()}
        free: dict[str, T] = {}
        for other in after:
            name = way(other)
            if name is not None and id(other) not in taken:
                free.setdefault(name, other)
        for one in before:
            name = way(one)
            if name is not None and id(one) not in partner and name in free:
                partner[id(one)] = free.pop(name)
    for one in before:
        yield one, partner.get(id(one))
    taken = {id(one) for one in partner.values()}
    for other in after:
        if id(other) not in taken:
            yield None, other
