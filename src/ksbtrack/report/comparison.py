"""Two versions side by side as one HTML page, and the words in which both page and terminal speak of them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version

from markupsafe import Markup

from ksbtrack.comparison.wording import word_changes
from ksbtrack.models.comparison import Basis, Change, Comparison, Pair, Passage
from ksbtrack.paths import shipped_folder
from ksbtrack.report.words import code_ranges, counted

SHOWN_ORDER = (
    Change.REMOVED,
    Change.ADDED,
    Change.SPLIT,
    Change.MERGED,
    Change.RECODED_AND_REWORDED,
    Change.REWORDED,
    Change.RECODED,
    Change.UNCHANGED,
)
"""What a person has to think about first comes first."""
CHANGE_TITLES = {
    Change.UNCHANGED: ("Unchanged", "the same words under the same code"),
    Change.RECODED: ("Recoded", "the same words under another code"),
    Change.REWORDED: ("Reworded", "other words under the same code"),
    Change.RECODED_AND_REWORDED: ("Recoded and reworded", "other words under another code"),
    Change.SPLIT: ("Split", "one statement became several"),
    Change.MERGED: ("Merged", "several statements became one"),
    Change.ADDED: ("Added", "no statement of the older version led to it"),
    Change.REMOVED: ("Removed", "no statement of the newer version took its place"),
}
"""The heading of each change, and what it means."""
BASIS_WORDS = {
    Basis.PERSON: "confirmed by a person",
    Basis.GUID: "the same official identifier",
    Basis.TEXT: "the same words",
    Basis.SIMILARITY: "proposed: nobody has confirmed it",
}
"""On what ground statements are paired, in words."""


def in_short(comparison: Comparison) -> str:
    """Give the counts as two sentences."""
    if comparison.is_same:
        return "The same: no statement and no other fact differs."
    counts = comparison.counts
    named = [f"{counts[change]} {change.words}" for change in SHOWN_ORDER if counts[change]]
    total = len(comparison.new.competencies)
    verb = "stands" if comparison.same_texts == 1 else "stand"
    return (
        f"{', '.join(named)}. {comparison.same_texts} of the {counted(total, 'statement')} of "
        f"{comparison.new.identity} {verb} word for word in {comparison.old.identity}."
    )


def meaning_words(comparison: Comparison) -> str:
    """Give the sentence on codes that name another statement now; nothing where there are none."""
    codes = comparison.codes_with_other_meaning
    if not codes:
        return ""
    ranges = code_ranges(codes, [one.code for one in comparison.new.competencies])
    verb = "code names another statement" if len(codes) == 1 else "codes name other statements"
    return f"{len(codes)} {verb} in {comparison.new.identity}: {ranges}."


@dataclass(frozen=True, slots=True)
class Row:
    """One pair as the page shows it: the texts of both sides, and the words that differ."""

    pair: Pair
    codes: str
    basis: str
    passages: tuple[Passage, ...]
    nearest: str


@dataclass(frozen=True, slots=True)
class Part:
    """The pairs of one change under their heading."""

    name: str
    title: str
    what: str
    rows: tuple[Row, ...]


def comparison_html(comparison: Comparison) -> str:
    """Give a comparison as one HTML page for a browser: nothing outside it is needed to show it.

    Args:
        comparison: what `compare_standards` returned.
    """
    from ksbtrack.report.html import page_environment

    environment = page_environment("comparison")
    parts = [_part(change, comparison) for change in SHOWN_ORDER]
    return environment.get_template("comparison.html.j2").render(
        comparison=comparison,
        parts=[part for part in parts if part.rows],
        in_short=in_short(comparison),
        warning=meaning_words(comparison),
        proposed=counted(len(comparison.proposed), "pair is", "pairs are") if comparison.proposed else "",
        style=Markup(_style()),
        generator=f"ksbtrack {version('ksbtrack')}",
    )


def _part(change: Change, comparison: Comparison) -> Part:
    title, what = CHANGE_TITLES[change]
    return Part(
        change.value, title, what, tuple(_row(pair, comparison) for pair in comparison.pairs if pair.change is change)
    )


def _row(pair: Pair, comparison: Comparison) -> Row:
    codes = " → ".join(" + ".join(one.code for one in side) for side in (pair.old, pair.new) if side)
    differ = pair.old and pair.new and not pair.is_same_text
    texts = [" ".join(one.text for one in side) for side in (pair.old, pair.new)]
    basis = BASIS_WORDS[pair.basis] if pair.basis else ""
    return Row(pair, codes, basis, word_changes(*texts) if differ else (), nearest_words(pair, comparison))


def nearest_words(pair: Pair, comparison: Comparison) -> str:
    """Give the sentence on the statement that is most like one without a partner; nothing where none is near."""
    if pair.nearest is None:
        return ""
    other = comparison.new if pair.old else comparison.old
    return f"Nearest: {pair.nearest.code} of {other.identity}, {pair.nearest.alike} % alike, which has another partner."


def _style() -> str:
    """Give the style sheet of the page."""
    from ksbtrack.report.shapes import COLOURS

    colours = "".join(f"--{name}:{colour};" for name, colour in COLOURS.items())
    sheet = shipped_folder("templates") / "comparison" / "comparison.css"
    return f":root{{{colours}}}\n{sheet.read_text(encoding='utf-8')}"
