"""What a standard has that another format has no place for, said so that nobody finds out later."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from enum import StrEnum

from ksbtrack.load.standards import as_loaded
from ksbtrack.models.standard import Competency, Standard
from ksbtrack.models.values import Known, listed
from ksbtrack.problems import several


class Part(StrEnum):
    """The parts of a standard beside its title, its headings, and the codes and texts of its statements."""

    LEVEL = "level"
    LARS_CODE = "lars_code"
    PLAN = "plan"
    REGIME = "regime"
    MINIMUM_HOURS = "minimum_hours"
    DATES = "dates"
    ATTRIBUTION = "attribution"
    SOURCES = "sources"
    OVERVIEW = "overview"
    EMPTY_HEADINGS = "empty_headings"
    GROUP_NOTES = "group_notes"
    CODES_TRUST = "codes_trust"
    TRUST = "trust"
    PAIRS = "pairs"
    ALIASES = "aliases"
    FURTHER_ALIASES = "further_aliases"
    """All aliases of a statement but its first."""
    DESIRABLE = "desirable"
    GUIDS = "guids"
    OPTIONS = "options"
    DUTIES = "duties"
    DUTY_LINKS = "duty_links"
    METHODS = "methods"
    REQUIREMENTS = "requirements"
    SUFFICIENCY = "sufficiency"


def whole(standard: Standard) -> Standard:
    """Give a standard that holds by itself what it inherits: other formats know no standard that extends another."""
    return as_loaded(standard.model_copy(update={"extends": None}))


def lost_parts(standard: Standard, held: Collection[Part]) -> tuple[str, ...]:
    """Give a sentence for each thing that a standard has and a format cannot hold.

    Args:
        standard: as it was loaded.
        held: what the format can hold.
    """
    return tuple(_lost(standard, held))


def _lost(standard: Standard, held: Collection[Part]) -> Iterator[str]:
    if standard.extends:
        yield f"That it extends {standard.extends}: all of it is written as one standard, with what it inherits."
    for part, words in _WORDS.items():
        # Without aliases there are no further ones either.
        if part not in held and not (part is Part.FURTHER_ALIASES and Part.ALIASES not in held):
            sentence = words(standard)
            if sentence:
                yield sentence


def _statements(standard: Standard, has: Callable[[Competency], object]) -> int:
    return sum(bool(has(statement)) for statement in standard.competencies)


def _of_statements(count: int, what: str) -> str:
    return f"{what} of {several(count, 'statement')}." if count else ""


def _level(standard: Standard) -> str:
    return f"The {standard.level.words}." if standard.level else ""


def _lars_code(standard: Standard) -> str:
    return f"The LARS code {standard.lars_code}." if standard.lars_code is not None else ""


def _plan(standard: Standard) -> str:
    return f"The assessment plan's number, {standard.plan}." if standard.plan else ""


def _regime(standard: Standard) -> str:
    return f"The assessment regime, {standard.regime.value.replace('_', ' ')}." if standard.regime else ""


def _minimum_hours(standard: Standard) -> str:
    hours = standard.minimum_hours
    return f"The minimum of {hours:f} hours off the job." if hours is not None else ""


def _dates(standard: Standard) -> str:
    days = [("first", standard.earliest_start), ("last", standard.latest_start)]
    known = [f"the {name} day of a start, {day.isoformat()}" for name, day in days if day]
    words = " and ".join(known)
    return f"{words[:1].upper()}{words[1:]}." if known else ""


def _attribution(standard: Standard) -> str:
    return "The attribution: whose words these are, and under which licence." if standard.attribution else ""


def _sources(standard: Standard) -> str:
    return f"The list of {several(len(standard.sources), 'source')}." if standard.sources else ""


def _overview(standard: Standard) -> str:
    return f"The overview, {several(len(standard.overview), 'fact')}." if standard.overview else ""


def _empty_headings(standard: Standard) -> str:
    titles = [f"'{group.title}'" for group in standard.groups if not group.statements]
    return f"Headings without statements: {listed(titles)}." if titles else ""


def _group_notes(standard: Standard) -> str:
    count = sum(group.note is not None for group in standard.groups)
    return f"The notes of {several(count, 'heading')}." if count else ""


def _codes_trust(standard: Standard) -> str:
    count = sum(group.codes_trust is Known.OURS for group in standard.groups)
    return f"That the codes under {several(count, 'heading')} are ours." if count else ""


def _trust(standard: Standard) -> str:
    count = _statements(standard, lambda one: one.trust is not Known.NOT_STATED or one.trust_note)
    return _of_statements(count, "How sure the wording is (official, reconstructed, ours),")


def _pairs(standard: Standard) -> str:
    return _of_statements(_statements(standard, lambda one: one.pairs_with), "The partners")


def _aliases(standard: Standard) -> str:
    return _of_statements(_statements(standard, lambda one: one.aliases), "The other names")


def _further_aliases(standard: Standard) -> str:
    return _of_statements(_statements(standard, lambda one: one.aliases[1:]), "All other names but the first")


def _desirable(standard: Standard) -> str:
    count = _statements(standard, lambda one: one.desirable)
    return f"That {several(count, 'statement is', 'statements are')} desirable only." if count else ""


def _guids(standard: Standard) -> str:
    count = _statements(standard, lambda one: one.guid)
    others = sum(bool(duty.guid) for duty in standard.duties) + sum(bool(option.guid) for option in standard.options)
    return f"The official identifiers of {several(count + others, 'entry', 'entries')}." if count + others else ""


def _options(standard: Standard) -> str:
    return f"The {several(len(standard.options), 'option')}, and what belongs to each." if standard.options else ""


def _duties(standard: Standard) -> str:
    return f"The {several(len(standard.duties), 'duty', 'duties')} of the occupation." if standard.duties else ""


def _duty_links(standard: Standard) -> str:
    count = sum(len(duty.competencies) for duty in standard.duties)
    return f"The {several(count, 'link')} between duties and statements." if count else ""


def _methods(standard: Standard) -> str:
    count = len(standard.methods)
    return f"The {several(count, 'assessment method')}, with what each assesses." if count else ""


def _requirements(standard: Standard) -> str:
    count = len(standard.requirements)
    return f"The {several(count, 'requirement')}: an import sets those that hold everywhere." if count else ""


def _sufficiency(standard: Standard) -> str:
    count = _statements(standard, lambda one: one.sufficiency) + (standard.sufficiency is not None)
    return f"How much evidence is enough, in {several(count, 'setting')}." if count else ""


_WORDS: dict[Part, Callable[[Standard], str]] = {
    Part.LEVEL: _level,
    Part.LARS_CODE: _lars_code,
    Part.PLAN: _plan,
    Part.REGIME: _regime,
    Part.MINIMUM_HOURS: _minimum_hours,
    Part.DATES: _dates,
    Part.ATTRIBUTION: _attribution,
    Part.SOURCES: _sources,
    Part.OVERVIEW: _overview,
    Part.EMPTY_HEADINGS: _empty_headings,
    Part.GROUP_NOTES: _group_notes,
    Part.CODES_TRUST: _codes_trust,
    Part.TRUST: _trust,
    Part.PAIRS: _pairs,
    Part.ALIASES: _aliases,
    Part.FURTHER_ALIASES: _further_aliases,
    Part.DESIRABLE: _desirable,
    Part.GUIDS: _guids,
    Part.OPTIONS: _options,
    Part.DUTIES: _duties,
    Part.DUTY_LINKS: _duty_links,
    Part.METHODS: _methods,
    Part.REQUIREMENTS: _requirements,
    Part.SUFFICIENCY: _sufficiency,
}
"""What says that a part is lost; nothing where the standard does not have it. In the order of the list."""
