"""A file in which people confirm and reject pairs of statements of two versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ksbtrack.load.checked import checked
from ksbtrack.load.codes import unknown_codes
from ksbtrack.load.folders import read_yaml
from ksbtrack.models.comparison import DecidedPair, DecidedPairs, Verdict
from ksbtrack.models.standard import Standard
from ksbtrack.models.values import listed
from ksbtrack.problems import KsbtrackError, Problem
from ksbtrack.yamlfile import YamlText


def load_pairs(path: str | Path, old: Standard, new: Standard) -> DecidedPairs:
    """Give what people said of the pairs of two versions, checked against both.

    Args:
        path: the file.
        old: the older version.
        new: the newer version.

    Raises:
        KsbtrackError: `contradiction`, `unknown-code`, or any fault of the file.
    """
    text = read_yaml(Path(path))
    decided = checked(DecidedPairs, text)
    problems = [*_other_versions(decided, old, new, text), *_pair_problems(decided, old, new, text)]
    if problems:
        raise KsbtrackError(*problems)
    # Of standards as a learner on an option has them: pairs of what only other options have are not theirs.
    left_out = ({*old.left_out}, {*new.left_out})
    theirs = tuple(
        pair for pair in decided.pairs if left_out[0].isdisjoint(pair.old) and left_out[1].isdisjoint(pair.new)
    )
    return decided.model_copy(update={"pairs": theirs})


def _other_versions(decided: DecidedPairs, old: Standard, new: Standard, text: YamlText) -> Iterator[Problem]:
    for key, named, standard in (("older", decided.older, old), ("newer", decided.newer, new)):
        if named.casefold() not in (standard.identity.casefold(), standard.version.casefold()):
            yield Problem(
                "contradiction",
                text.source((key,)),
                f"pairs of {named}",
                f"{standard.identity} is compared",
                "Name the file of pairs that belongs to these two versions.",
            )


def _pair_problems(decided: DecidedPairs, old: Standard, new: Standard, text: YamlText) -> Iterator[Problem]:
    taken: dict[tuple[str, str], int] = {}
    for index, pair in enumerate(decided.pairs):
        path = ("pairs", index)
        for key, codes, standard in (("old", pair.old, old), ("new", pair.new, new)):
            known = [code for code in codes if code not in standard.left_out]
            yield from unknown_codes(known, standard, text.source((*path, key)))
        if pair.verdict is not Verdict.CONFIRMED:
            continue
        shape = _shape(pair)
        if shape:
            expected = "one statement becomes one or several, or several become one"
            fix = "Write the codes of both sides, or confirm several pairs."
            yield Problem("contradiction", text.source(path), shape, expected, fix)
        for key, codes in (("old", pair.old), ("new", pair.new)):
            again = [code for code in dict.fromkeys(codes) if taken.setdefault((key, code), index) != index]
            again += _twice(codes)
            if again:
                yield Problem(
                    "contradiction",
                    text.source((*path, key)),
                    f"{listed(dict.fromkeys(again))} again",
                    "each statement is confirmed in one pair",
                    "Reject one of the two, or make one pair of both.",
                )


def _twice(codes: Sequence[str]) -> list[str]:
    return [code for place, code in enumerate(codes) if code in codes[:place]]


def _shape(pair: DecidedPair) -> str:
    """Say what is wrong with the numbers of statements in a pair; nothing if they are fine."""
    if not pair.old or not pair.new:
        return "a confirmed pair without codes on one side"
    return "several statements on both sides of a pair" if len(pair.old) > 1 and len(pair.new) > 1 else ""
