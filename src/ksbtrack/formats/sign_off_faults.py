"""Why a sign-off is refused: the rules that loading goes by, said of what was given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from ksbtrack.formats.signed_records import HEAD
from ksbtrack.load.checked import kept
from ksbtrack.load.pieces import LEARNER_ROLES, accepted_by_learner
from ksbtrack.models.portfolio import Acceptance, AcceptanceState, Confirmation, Evidence, Party, Portfolio
from ksbtrack.models.values import natural_key
from ksbtrack.problems import Problem, Source, did_you_mean, quoted
from ksbtrack.yamlfile import decode


def hidden_signs(facts: Mapping[str, str | None]) -> Iterator[Problem]:
    """Find what cannot be seen in a text that was given; a comment may have lines."""
    for key, text in facts.items():
        source = Source(f"--{key}")
        problems: list[Problem] = []
        kept(problems, decode, (text or "").encode("utf-8", "surrogatepass"), source.file)
        yield from (replace(problem, source=source) for problem in problems)
        breaks = [sign for sign in "\n\r\t" if text and sign in text and not (key == "comment" and sign == "\n")]
        if breaks and not problems:
            yield Problem(
                "bad-character",
                source,
                f"the character U+{ord(breaks[0]):04X}",
                "one line of letters is wanted here",
                "Write it without that character.",
            )


def not_yet(on: date, today: date | None) -> Iterator[Problem]:
    """Find a day that has not come; where today is not known, every day has."""
    if today is not None and on > today:
        yield Problem(
            "bad-date",
            Source("--on"),
            quoted(on.isoformat()),
            f"nobody has signed on a day to come; today is {today}",
            "Write the day on which it was signed.",
        )


def unknown_pieces(portfolio: Portfolio, names: Sequence[str], source: Source) -> Iterator[Problem]:
    """Find each id that no piece has, with the one that was probably meant."""
    for name in names:
        if name not in portfolio.by_id:
            # E5 is E05 much rather than E25.
            same = [one for one in portfolio.by_id if natural_key(one.casefold()) == natural_key(name.casefold())]
            meant = did_you_mean(name, same) or did_you_mean(name, portfolio.by_id)
            yield Problem(
                "unknown-id", source, quoted(name), "no piece in evidence/ has that id", f"{meant}Correct the id."
            )


def decision_problems(portfolio: Portfolio, piece: Evidence, acceptance: Acceptance) -> Iterator[Problem]:
    """Find why a decision cannot stand: the rules that loading goes by, and files that nobody can have seen."""
    by, role, on = acceptance.by or "", acceptance.role or "", acceptance.on
    if by.casefold() == portfolio.learner.name.casefold():
        yield accepted_by_learner(by, Source("--by"))
    if role.casefold() in LEARNER_ROLES:
        yield accepted_by_learner(role, Source("--role"))
    if on and on < piece.date:
        yield _too_early(f"{piece.id} {acceptance.state.value} on {on}", f"it was made on {piece.date}")
    if acceptance.state is AcceptanceState.ACCEPTED:
        for file in piece.attached:
            if file.is_missing:
                yield Problem(
                    "missing-file",
                    Source(piece.source.file),
                    f"{quoted(file.name)}, which is not there",
                    "whoever accepts a piece has seen its files",
                    "Put the file there, or refer the piece back with --refer.",
                )


def _too_early(found: str, expected: str) -> Problem:
    return Problem("contradiction", Source("--on"), found, expected, "Correct one of the two dates.")


def confirmation_problems(portfolio: Portfolio, record: Confirmation, pieces: Sequence[Evidence]) -> Iterator[Problem]:
    """Find why a confirmation would not count."""
    name = record.name or ""
    if record.by is not Party.APPRENTICE and name.casefold() == portfolio.learner.name.casefold():
        yield Problem(
            "contradiction",
            Source("--by"),
            f"a confirmation for the {record.by} by {quoted(name)}",
            "that is the learner",
            "Write who confirms it, or --role apprentice.",
        )
    if not record.role:
        yield Problem(
            "missing-key",
            Source("--job-role"),
            "nothing",
            "a confirmation counts with name, role and day",
            'Add the person\'s own role, such as --job-role "Line manager".',
        )
    if not pieces:
        yield Problem(
            "contradiction",
            Source(f"{portfolio.folder}/{HEAD}"),
            "no showcase, and no piece that is accepted",
            "a confirmation is of pieces that somebody has seen",
            "Choose pieces for the showcase, or name them with --covers.",
        )
    latest = max(pieces, key=lambda piece: piece.date, default=None)
    if latest and record.on and record.on < latest.date:
        yield _too_early(f"a confirmation on {record.on}", f"it covers {latest.id}, made on {latest.date}")
