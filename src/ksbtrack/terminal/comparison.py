"""What `ksbtrack standards diff` shows: what became of each statement, with the words that differ.

Words that went stand in [-brackets-], words that came in {+braces+}: colour only repeats it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ksbtrack.comparison.wording import word_changes
from ksbtrack.models.comparison import Basis, Change, Comparison, Pair, Word
from ksbtrack.report.comparison import BASIS_WORDS, CHANGE_TITLES, SHOWN_ORDER, in_short, meaning_words, nearest_words
from ksbtrack.report.words import counted
from ksbtrack.terminal.characters import visible
from ksbtrack.terminal.marks import grid, heading, indented, plain

_MARKS = {Word.SAME: ("", "", ""), Word.TAKEN_OUT: ("[-", "-]", "red"), Word.PUT_IN: ("{+", "+}", "green")}


def comparison_view(comparison: Comparison, command: str) -> Group:
    """Give what `ksbtrack standards diff` shows.

    Args:
        comparison: what `compare_standards` returned.
        command: the command that writes a file of pairs.
    """
    old, new = comparison.old, comparison.new
    parts: list[RenderableType] = [plain(f"{old.identity} -> {new.identity}  {new.title}", "bold")]
    parts.append(plain(in_short(comparison)))
    warning = meaning_words(comparison)
    if warning:
        parts.append(plain(f"Take care: {warning}", "yellow"))
    for change in SHOWN_ORDER:
        found = [pair for pair in comparison.pairs if pair.change is change]
        if found and change is not Change.UNCHANGED:
            title, what = CHANGE_TITLES[change]
            parts += [heading(title, f"{len(found)}  {what}"), indented(_pairs(found, comparison))]
    if comparison.facts:
        parts += [heading("What else differs", counted(len(comparison.facts), "fact")), indented(_facts(comparison))]
    if comparison.proposed:
        number = counted(len(comparison.proposed), "pair is", "pairs are")
        parts.append(
            plain(f"\n{number} proposed, for a person to confirm or reject. To write a file for that: {command}", "dim")
        )
    return Group(*parts)


def _pairs(pairs: Sequence[Pair], comparison: Comparison) -> Table:
    table = grid(None, 1)
    for pair in pairs:
        codes = " -> ".join(" + ".join(one.code for one in side) for side in (pair.old, pair.new) if side)
        table.add_row(plain(codes, "bold"), _what_changed(pair, comparison))
    return table


def _what_changed(pair: Pair, comparison: Comparison) -> Text:
    words = Text()
    if pair.old and pair.new and pair.basis and pair.basis is not Basis.TEXT:
        words.append(f"{pair.alike} % alike, {BASIS_WORDS[pair.basis]}\n", "dim")
    if pair.is_same_text or not pair.old or not pair.new:
        words.append(visible((pair.new or pair.old)[0].text))
    else:
        for text, style in _marked(pair):
            words.append(text, style)
    if pair.nearest:
        words.append(f"\n{nearest_words(pair, comparison)}", "dim")
    return words


def _marked(pair: Pair) -> Iterator[tuple[str, str]]:
    texts = [" ".join(one.text for one in side) for side in (pair.old, pair.new)]
    for place, (what, text) in enumerate(word_changes(*texts)):
        begin, end, style = _MARKS[what]
        yield f"{' ' if place else ''}{begin}{visible(text)}{end}", style


def _facts(comparison: Comparison) -> Table:
    table = grid(None, 1)
    for fact in comparison.facts:
        change = f"{fact.old or 'nothing'} -> {fact.new or 'nothing'}"
        words = Text.assemble((visible(fact.what), "bold"), "  ")
        if fact.old and fact.new and len(change) > 60:  # noqa: PLR2004 - what fits a line beside its names
            for place, (what, text) in enumerate(word_changes(fact.old, fact.new)):
                begin, end, style = _MARKS[what]
                words.append(f"{' ' if place else ''}{begin}{visible(text)}{end}", style)
        else:
            words.append(visible(change))
        table.add_row(plain(fact.subject), words)
    return table
