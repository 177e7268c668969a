"""Codes that a standard does not have, and what their author may have meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ksbtrack.models.standard import Standard
from ksbtrack.models.values import natural_key
from ksbtrack.problems import Problem, Source, did_you_mean, quoted


def unknown_codes(codes: Iterable[str], standard: Standard, at: Source) -> Iterator[Problem]:
    """Yield a problem for each code that a standard does not have.

    Args:
        codes: as written.
        standard: the one that should have them.
        at: where they were written.
    """
    return (unknown_code(code, standard, at) for code in codes if code not in standard.by_code)


def unknown_code(code: str, standard: Standard, at: Source, whole: str = "code") -> Problem:
    """Give the problem of a code that a standard does not have.

    Args:
        code: as written.
        standard: the one that should have it.
        at: where it was written.
        whole: what can be deleted with the code, such as "claim".
    """
    parts = [part for part in re.split(r"[\s,;+&/]+|\band\b", code) if part]
    if code in standard.left_out and standard.option:
        return Problem(
            "unknown-code",
            at,
            quoted(code),
            f"{standard.reference} {standard.version} has it for other options than {standard.option.id} only",
            f"Correct the code or delete the {whole}; if the learner takes another option, correct 'option' in "
            "portfolio.yaml.",
        )
    if len(parts) > 1 and all(part in standard.by_code for part in parts):
        advice = f"Write each code as an entry of its own: {', '.join(parts)}."
    elif whole == "claim" and (placed := with_place(code, standard)):
        advice = f"If a place in the piece is meant, write {placed}."
    else:
        advice = f"{_nearest(code, standard)}Correct the code or delete the {whole}."
    return Problem("unknown-code", at, quoted(code), code_range(code, standard), advice)


def with_place(written: str, standard: Standard) -> str:
    """Give a claim with its place as a file has it, for a code with other words behind it, such as "K2 p. 3"."""
    code, _, place = written.strip().partition(" ")
    code, place = code.rstrip(":,;"), place.strip(" ,;:()[]-")
    known = standard.by_code.get(code.upper())
    if known is None or not place:
        return ""
    return f"{{code: {known.code}, where: {_in_braces(place)}}}"


def _in_braces(text: str) -> str:
    """Give text as it can stand between the braces of YAML."""
    is_plain = re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9 ._/()-]*[A-Za-z0-9.)])?", text)
    return text if is_plain else quoted(text.replace("'", "’"))


def code_range(code: str, standard: Standard) -> str:
    """Give the clause that says which codes a standard has near a wrong one, such as "ST0148 1.0 has K1 to K11"."""
    letters = re.match(r"[A-Za-z]*", code)
    wanted = letters.group().upper() if letters else ""
    near = [group for group in standard.groups if group.prefix.upper().startswith(wanted)] if wanted else []
    shown = near or list(standard.groups)
    ends = [(group.statements[0].code, group.statements[-1].code) for group in shown if group.statements]
    ranges = [f"{first} to {last}" if first != last else first for first, last in ends]
    return f"{standard.reference} {standard.version} has " + (", ".join(ranges) or "no statements")


def _nearest(code: str, standard: Standard) -> str:
    """Give the sentence that names the code nearest to a wrong one: K12 is nearer to K11 than to K1."""
    for group in standard.groups:
        number = re.fullmatch(re.escape(group.prefix) + r"[\s._-]*0*([0-9]{1,6})", code, re.IGNORECASE)
        if number and group.statements:
            wanted = int(number.group(1))
            nearest = min(group.statements, key=lambda known: abs(int(re.split(r"[^0-9]+", known.code)[-1]) - wanted))
            return f"Did you mean {nearest.code}? "
    return did_you_mean(code, sorted(standard.by_code, key=natural_key))
