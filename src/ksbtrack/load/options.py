"""The one of several ways through a standard that a learner takes."""

from __future__ import annotations

from collections.abc import Iterator

from ksbtrack.models.standard import Competency, Method, Option, Standard
from ksbtrack.problems import KsbtrackError, Problem, Source, did_you_mean, quoted
from ksbtrack.yamlfile import YamlText

ASKED_OPTION = Source("--option")
"""Where an option is named that no file names."""


def of_option(standard: Standard, name: str) -> Standard:
    """Give a standard as a learner on one of its options has it.

    Core duties stay, and those of the option; of the statements those that one of them maps to, and those that no duty
    at all maps to. Codes keep their place in the whole list, so there can be gaps. The title names the option.

    Args:
        standard: the whole of it.
        name: the id of one of its options.

    Source: what an option means in the official feed.
    """
    option = next(option for option in standard.options if option.id == name)
    duties = tuple(duty for duty in standard.duties if duty.core or name in duty.options)
    mapped = {code for duty in standard.duties for code in duty.competencies}
    wanted = {code for duty in duties for code in duty.competencies}
    left_out = tuple(code for code in standard.by_code if code in mapped - wanted)
    groups = tuple(
        group.model_copy(
            update={
                "statements": tuple(_paired(item, left_out) for item in group.statements if item.code not in left_out)
            }
        )
        for group in standard.groups
    )
    return standard.model_copy(
        update={
            "title": f"{standard.title} ({option.title})",
            "groups": tuple(group for group in groups if group.statements),
            "options": (option,),
            "option": option,
            "left_out": left_out,
            "duties": duties,
            "methods": tuple(_without(method, left_out) for method in standard.methods),
        }
    )


def _paired(statement: Competency, left_out: tuple[str, ...]) -> Competency:
    return statement.model_copy(update={"pairs_with": None}) if statement.pairs_with in left_out else statement


def _without(method: Method, left_out: tuple[str, ...]) -> Method:
    assesses = None if method.assesses is None else tuple(code for code in method.assesses if code not in left_out)
    must_assess = tuple(code for code in method.must_assess if code not in left_out)
    return method.model_copy(update={"assesses": assesses, "must_assess": must_assess})


def with_option(standard: Standard, name: str | None, at: Source, missing_at: Source) -> Standard:
    """Give a standard as a learner has it: of the option that is named, or whole where no option is needed.

    Args:
        standard: the whole of it.
        name: the option's id as it was written; None where none was.
        at: where the option is named.
        missing_at: where it should have been.

    Raises:
        KsbtrackError: `missing-option`, `unknown-id`.
    """
    if name is None:
        if needs_option(standard):
            raise KsbtrackError(_missing(standard, missing_at))
        return standard
    if not any(option.id == name for option in standard.options):
        raise KsbtrackError(_unknown(standard, name, at))
    return of_option(standard, name)


def needs_option(standard: Standard) -> bool:
    """Say whether what a learner is asked for hangs on an option."""
    return bool(standard.options) and standard.option is None and any(not duty.core for duty in standard.duties)


def _missing(standard: Standard, at: Source) -> Problem:
    first = standard.options[0].id
    is_asked = at == ASKED_OPTION
    return Problem(
        "missing-option",
        at,
        "no option" if is_asked else "no key 'option'",
        f"what a learner is asked for hangs on the option, and those of {standard.identity} are {_ids(standard)}",
        f"Write --option {first}, or another of these."
        if is_asked
        else f"Add a line 'option: {first}' to portfolio.yaml, or another of these.",
    )


def _unknown(standard: Standard, name: str, at: Source) -> Problem:
    if not standard.options:
        return Problem("unknown-id", at, quoted(name), f"{standard.identity} has no options", "Leave the option out.")
    ids = [option.id for option in standard.options]
    return Problem(
        "unknown-id",
        at,
        quoted(name),
        f"the options of {standard.identity} are {_ids(standard)}",
        did_you_mean(name, ids) + "Correct the id.",
    )


def further_with_options(standard: Standard, at: Source) -> Problem:
    """Give the problem of a further standard of a portfolio, of which nobody can say which option is meant."""
    return Problem(
        "missing-option",
        at,
        f"{standard.identity} as a further standard",
        f"it has the options {_ids(standard)}, and a portfolio names the option of its own standard alone",
        "Make a portfolio of its own for it, with the same evidence, or delete it here.",
    )


def _ids(standard: Standard) -> str:
    return ", ".join(_titled(option) for option in standard.options)


def _titled(option: Option) -> str:
    return option.id if option.id.casefold() == option.title.casefold() else f"{option.id} ({option.title})"


def option_problems(own: Standard, standard: Standard, text: YamlText) -> Iterator[Problem]:
    """Find duties that name an option which is not there.

    Args:
        own: what the file says.
        standard: the same with all that is inherited.
        text: the file.
    """
    known = [option.id for option in standard.options]
    for index, duty in enumerate(own.duties):
        for place, name in enumerate(duty.options):
            if name not in known:
                yield Problem(
                    "unknown-id",
                    text.source(("duties", index, "options", place)),
                    quoted(name),
                    f"the options of {standard.identity} are {', '.join(known) or 'not given'}",
                    did_you_mean(name, known) + "Correct the id, or add it to the options.",
                )
