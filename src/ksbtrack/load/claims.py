"""What a claim names: the standard that declares the statement, and its code."""

from __future__ import annotations

from collections.abc import Mapping

from ksbtrack.load.codes import unknown_code, with_place
from ksbtrack.models.standard import Standard
from ksbtrack.models.values import MAX_LIST, MAX_NAME
from ksbtrack.problems import KsbtrackError, Problem, Source, did_you_mean, quoted
from ksbtrack.yamlfile import YamlText

Named = tuple[str, str]
"""Identity of the standard that declares a statement, and the statement's code."""


def resolve_claims(text: YamlText, standards: Mapping[str, Standard], problems: list[Problem]) -> list[Named | None]:
    """Give what each claim of a piece names, also where other parts of the piece have faults.

    Args:
        text: the front matter.
        standards: those of the portfolio, its own first.
        problems: the list that takes the problem of each claim that names nothing, or the same as an earlier one.

    Returns:
        One entry for each claim; None where it names nothing, and for one that is kept although its statement is gone.
    """
    claims = text.at(("claims",))
    named: list[Named | None] = []
    seen: set[tuple[Named, str]] = set()
    for index, claim in enumerate(claims[:MAX_LIST] if isinstance(claims, list) else ()):
        code, where = (claim.get("code"), claim.get("where")) if isinstance(claim, dict) else (claim, None)
        is_orphaned = isinstance(claim, dict) and claim.get("orphaned_in")
        if is_orphaned or not isinstance(code, str) or not code.strip() or len(code) > MAX_NAME:
            named.append(None)
            continue
        source = text.source(("claims", index, "code"))
        try:
            found = resolve_code(code, standards, source)
        except KsbtrackError as error:
            problems += error.problems
            named.append(None)
            continue
        key = (found, " ".join(where.split()) if isinstance(where, str) else "")
        if key in seen:
            problems.append(
                Problem(
                    "duplicate-claim", source, quoted(code), "this piece claims it already", "Delete one of the two."
                )
            )
        seen.add(key)
        named.append(found)
    return named


def resolve_code(written: str, standards: Mapping[str, Standard], source: Source, whole: str = "claim") -> Named:
    """Give what a code names, such as `K1`, or `XS10b:D2` for another standard than the portfolio's own.

    Args:
        written: the code, with or without a reference before a colon.
        standards: those of the portfolio by identity, its own first; not empty.
        source: where it is written.
        whole: what can be deleted with the code.

    Raises:
        KsbtrackError: `unknown-standard`, `unknown-code`.
    """
    reference, colon, code = (part.strip() for part in written.rpartition(":"))
    own = next(iter(standards.values()))
    standard = _standard_named(reference, standards) if colon else own
    if standard is None and whole == "claim" and with_place(written, own):
        raise KsbtrackError(unknown_code(written, own, source, whole))
    if standard is None:
        raise KsbtrackError(
            Problem(
                "unknown-standard",
                source,
                quoted(written),
                f"this portfolio is about {', '.join(standards)}",
                did_you_mean(reference, standards)
                + "Correct the reference, or add the standard to 'also' in portfolio.yaml.",
            )
        )
    known = standard.by_code.get(standard.code_of_alias.get(code.casefold(), code))
    if known is None:
        raise KsbtrackError(unknown_code(code, standard, source, whole))
    return known.origin, known.code


def _standard_named(reference: str, standards: Mapping[str, Standard]) -> Standard | None:
    wanted = reference.casefold()
    # The standard itself goes before one that inherits from it.
    ways = [(standard.lineage[-1:], standard) for standard in standards.values()]
    ways += [(standard.lineage, standard) for standard in standards.values()]
    return next(
        (
            standard
            for identities, standard in ways
            for identity in identities
            if wanted in (identity.casefold(), identity.partition("@")[0].casefold())
        ),
        None,
    )
