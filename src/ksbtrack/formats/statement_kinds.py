"""Which family a statement of another format belongs to: by its code, else by the word for its kind."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ksbtrack.formats.source_record import FAMILIES, TOO_HIGH, SourceStatement, code_in, is_too_high
from ksbtrack.formats.source_text import clean_line
from ksbtrack.models.importing import ImportNote, NoteKind
from ksbtrack.models.values import listed, natural_key
from ksbtrack.problems import quoted

PREFIXES = tuple(family.prefix for family in FAMILIES)
"""What the codes of the families begin with, in their usual order."""

_WORDS = {
    "K": ("knowledge", "k", "knowledges", "know"),
    "S": ("skill", "s", "skills"),
    "B": ("behaviour", "b", "behaviours", "behavior", "behaviors"),
    "TK": ("technicalknowledge", "tk", "technicalknowledges"),
    "TS": ("technicalskill", "ts", "technicalskills"),
    "ESB": ("employabilityskillsandbehaviours", "esb", "employability", "employabilityskillsandbehaviour"),
}
_PREFIX_OF_WORD = {word: prefix for prefix, words in _WORDS.items() for word in words}
_KIND_OF = {family.prefix: family.kind for family in FAMILIES}
_DUTY_WORDS = frozenset(("duty", "duties", "d"))
_LETTERS = re.compile(r"[A-Z]+")


def prefix_of(code: str, kind: str, where: str, notes: list[ImportNote]) -> str | None:
    """Give the prefix of the family that a statement belongs to; None, with a note, where nothing says it.

    Args:
        code: as the source has it, read or not; empty if it has none.
        kind: the source's word for its kind, such as `Skills`; empty if it has none.
        where: its place.
        notes: takes what does not fit.
    """
    own = code_in(code)
    letters = _LETTERS.match(own) if own else None
    of_kind = _PREFIX_OF_WORD.get(_folded(kind))
    if letters is None:
        if of_kind is None:
            said = f"{quoted(code)} is no code" if code else "It has no code, and nothing says what kind it is"
            what = f"{said}; codes are like K1, and begin with {listed(PREFIXES)}."
            what = TOO_HIGH if is_too_high(code) else what
            notes.append(ImportNote(NoteKind.UNUSABLE, where, what))
        return of_kind
    prefix = letters.group()
    if prefix not in PREFIXES:
        what = f"{own} is of no kind that we know; codes begin with {listed(PREFIXES)}."
        notes.append(ImportNote(NoteKind.UNUSABLE, where, what))
        return None
    if of_kind and _KIND_OF[of_kind] is not _KIND_OF[prefix]:
        what = f"{own} is called {quoted(kind)}; its code was believed."
        notes.append(ImportNote(NoteKind.REPAIRED, where, what))
    return prefix


def is_duty(code: str, kind: str) -> bool:
    """Say whether an entry is a duty, by the word for its kind or, where there is none, by its code."""
    return _folded(kind) in _DUTY_WORDS or (not kind.strip() and bool(re.fullmatch(r"D[0-9.]+", code_in(code) or "")))


def kind_word(word: str) -> str:
    """Give what codes begin with that belong to the kind a word names, such as S for `Skills`; nothing for no kind."""
    folded = _folded(word)
    return "D" if folded in _DUTY_WORDS else _PREFIX_OF_WORD.get(folded, "")


def _folded(kind: str) -> str:
    # K1 is no word for a kind.
    return "" if re.search("[0-9]", kind) else re.sub(r"[^a-z]", "", kind.casefold())


def sorting_note(codes: Sequence[str], where: str) -> ImportNote | None:
    """Give the note that codes did not stand as people count, such as K1, K10, K2; None if they did."""
    by_family: dict[str, list[str]] = {}
    for code in codes:
        by_family.setdefault(_LETTERS.match(code)[0], []).append(code)  # type: ignore[index]  # a code begins so
    unsorted = [found for found in by_family.values() if found != sorted(found, key=natural_key)]
    if not unsorted:
        return None
    second, first = next((b, a) for a, b in zip(unsorted[0], unsorted[0][1:], strict=False) if _after(a, b))
    what = f"Codes stood in another order, such as {first} before {second}; they are sorted as people count."
    return ImportNote(NoteKind.REPAIRED, where, what)


def _after(first: str, second: str) -> bool:
    return natural_key(first) > natural_key(second)


def gap_notes(codes: Sequence[str], where: str) -> list[ImportNote]:
    """Give a note for each family in whose codes numbers are missing.

    Args:
        codes: those that are there.
        where: the place of the list.
    """
    notes = []
    for prefix in PREFIXES:
        numbers = {int(code[len(prefix) :]) for code in codes if re.fullmatch(rf"{prefix}[0-9]+", code)}
        missing = [f"{prefix}{number}" for number in range(1, max(numbers, default=0)) if number not in numbers]
        if missing:
            shown = listed(missing[:_SHOWN] + ([f"{len(missing) - _SHOWN} more"] if len(missing) > _SHOWN else []))
            what = (
                f"There is no {shown}. That can be right: an option leaves numbers out. Compare it with the standard."
            )
            notes.append(ImportNote(NoteKind.UNKNOWN, where, what, len(missing)))
    return notes


def unique_in_order(items: Sequence[SourceStatement], place: str, notes: list[ImportNote]) -> list[SourceStatement]:
    """Give statements in the order of their codes, each code once; those without a code stand behind them.

    Args:
        items: as the source has them.
        place: of the list, for notes about all of it.
        notes: takes what stood twice or in another order, and which numbers are missing.
    """
    found: dict[str, SourceStatement] = {}
    without: list[SourceStatement] = []
    for item in items:
        code = code_in(item.id)
        if not code:
            without.append(item)
        elif code not in found:
            found[code] = item
        elif same_words(found[code].text, item.text):
            notes.append(
                ImportNote(NoteKind.REPAIRED, item.where, f"{code} again with the same words; once is enough.")
            )
        else:
            words = quoted(clean_line(item.text).text)
            what = f"{code} again with other words: {words}. Those of {found[code].where} were taken."
            notes.append(ImportNote(NoteKind.UNUSABLE, item.where, what))
    sorting = sorting_note(list(found), place)
    notes += [*([sorting] if sorting else []), *gap_notes(list(found), place)]
    return [found[code] for code in sorted(found, key=natural_key)] + without


def split_code(text: str) -> tuple[str, str] | None:
    """Give the code and the words of a text such as `K1: words` or `K1 words`; None if it does not begin so."""
    match = _BEGINS_WITH_CODE.match(text)
    # A list of codes, such as `K1, S1` or `K1 S1`, is no statement.
    if match is None or _ONLY_CODES.fullmatch(text):
        return None
    return match.group(1), text[match.end() :]


_BEGINS_WITH_CODE = re.compile(
    r"\s*([A-Za-z]{1,3}\s?[0-9]{1,3}(?:\.[0-9]{1,3})?)(?:\s*[:.)\u2013\u2014-]\s*|\s+)(?=\S)"
)
_ONLY_CODES = re.compile(r"(?:[\s,;&/+:.()\[\]-]|\band\b|\bto\b|\b[A-Za-z]{1,3}\s?[0-9]{1,3}\b)+", re.IGNORECASE)
_SHOWN = 10
"""Missing codes that a note names; of a longer list nobody reads the end."""


def same_words(first: str, second: str) -> bool:
    """Say whether two texts say the same, however they are spaced and coded."""
    return first == second or clean_line(first).text == clean_line(second).text
