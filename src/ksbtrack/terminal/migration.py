"""What `ksbtrack migrate` shows: what becomes of every claim, of logged codes and of sign-offs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ksbtrack.models.analysis import Status
from ksbtrack.models.migration import ClaimMove, MigrationPlan, Outcome
from ksbtrack.models.values import natural_key
from ksbtrack.report.words import counted
from ksbtrack.terminal.characters import visible
from ksbtrack.terminal.marks import COLOURS, Marks, grid, heading, indented, plain

_TITLES = {
    Outcome.ORPHANED: ("Orphaned", "kept in its file, and counts for nothing", Status.NOT_MET),
    Outcome.CHECK_AGAIN: ("To be checked again", "moved, and counts once a person looked", Status.CHECK_AGAIN),
    Outcome.CARRIED: ("Carried", "holds as before", Status.MET),
}
"""What a person has to think about first comes first."""


def migration_view(plan: MigrationPlan, marks: Marks) -> Group:
    """Give what `ksbtrack migrate` shows of a plan.

    Args:
        plan: what `plan_migration` returned.
        marks: what `marks_for` returned.
    """
    old, new = plan.comparison.old, plan.comparison.new
    counts = plan.counts
    words = ", ".join(f"{counts[outcome]} {outcome.words}" for outcome in reversed(Outcome))
    parts: list[RenderableType] = [plain(f"{old.identity} -> {new.identity}  {new.title}", "bold")]
    parts.append(plain(f"{counted(len(plan.moves), 'claim')}: {words}."))
    for outcome, (title, what, status) in _TITLES.items():
        found = plan.of_outcome(outcome)
        if found:
            name = Text.assemble("\n", (marks[status].strip(), COLOURS[status]), f" {title}", style="bold")
            parts += [Text.assemble(name, f"  {len(found)}  {what}"), indented(_moves(found))]
    if plan.log:
        parts += [heading("off-the-job.csv", counted(len(plan.log), "code")), indented(_log(plan))]
    if plan.sign_offs:
        parts += [heading("Sign-offs", str(len(plan.sign_offs))), indented(_sign_offs(plan, marks))]
    if plan.notes:
        parts += [heading("To look at besides"), indented(_lines(plan.notes))]
    return Group(*parts)


def _moves(moves: Sequence[ClaimMove]) -> Table:
    """Give the moves with a line for each way and reason; the pieces that go it stand together.

    What is carried under its own code is one line: nobody has to look at it.
    """
    table = grid(None, 1)
    pieces: dict[tuple[str, str, str], list[str]] = {}
    same: list[str] = []
    for move in moves:
        to = " + ".join(target.code for target in move.targets)
        if move.outcome is Outcome.CARRIED and to == move.claim.code:
            same.append(move.claim.code)
        else:
            pieces.setdefault((move.claim.code, to, move.reason), []).append(move.piece)
    for (code, to, reason), names in pieces.items():
        words = Text(visible(", ".join(dict.fromkeys(names))))
        words.append(f"\n{visible(reason)}", "dim")
        table.add_row(plain(f"{code} -> {to}" if to and to != code else code, "bold"), words)
    if same:
        codes = ", ".join(sorted(dict.fromkeys(same), key=natural_key))
        table.add_row(plain("as it is", "bold"), plain(f"{counted(len(same), 'claim')} under the same code: {codes}"))
    return table


def _log(plan: MigrationPlan) -> Table:
    table = grid(None, 1)
    for move in plan.log:
        to = " + ".join(move.new) if move.new else "into the words of the entry"
        table.add_row(plain(f"{move.code} -> {to}"), plain(counted(move.rows, "entry", "entries"), "dim"))
    return table


def _sign_offs(plan: MigrationPlan, marks: Marks) -> Table:
    """Give what becomes of each sign-off; pieces whose decision holds are one line."""
    table = grid(None, 1)
    held = [move.what for move in plan.sign_offs if move.holds and move.what in plan.before.by_id]
    if held:
        words = f"As decided, since only version and codes changed: {', '.join(held)}"
        table.add_row(Text(marks[Status.MET].strip(), style=COLOURS[Status.MET]), plain(words))
    for move in plan.sign_offs:
        if move.what not in held:
            status = Status.MET if move.holds else Status.CHECK_AGAIN
            table.add_row(Text(marks[status].strip(), style=COLOURS[status]), plain(move.reason))
    return table


def _lines(words: Iterable[str]) -> Group:
    return Group(*(plain(line) for line in words))
