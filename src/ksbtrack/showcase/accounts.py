"""A written account in the fixed shape of a piece's page, as far as the author gave it one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ksbtrack.report.markdown import safe_html

if TYPE_CHECKING:
    from markdown_it.token import Token
    from markupsafe import Markup

WHO_CONFIRMS = "Who confirms"
PARTS: dict[str, frozenset[str]] = {
    "Situation": frozenset({"situation", "context", "background", "setting", "the situation", "the setting"}),
    "What I did": frozenset({"what i did", "action", "actions", "my actions", "my part", "my role", "what we did"}),
    "How": frozenset({"how", "how i did it", "how i did this", "how we did it", "method", "approach", "my approach"}),
    "Why": frozenset(
        {"why", "why i did it", "why i did this", "why i did it this way", "why this way", "reason", "reasons"}
        | {"rationale"}
    ),
    "Result": frozenset(
        {"result", "results", "the result", "outcome", "outcomes", "impact", "what happened", "what changed"}
        | {"what came of it"}
    ),
    WHO_CONFIRMS: frozenset(
        {"who confirms", "who confirms it", "who confirms this", "who can confirm", "who can confirm it"}
        | {"who can confirm this", "confirmed by", "witness", "witnesses", "witnessed by"}
    ),
}
"""The fixed shape: each part with the headings that mean it, in small letters."""

WHOLE = "Account"
"""The heading of an account without the fixed shape, and of what stands before its first part."""
REST = "More of the account"
"""The heading of what the author put under other headings."""
FEWEST_PARTS = 2
"""Parts that an account must have to count as one in the fixed shape: one word may stand there by chance."""

_LEAD_IN = re.compile(r"\s*(\*\*|__)(?P<words>.+?)\1\s*[:.–-]?\s*", re.S)
_AROUND = " \t\n:.?!–-0123456789)"


class AccountPart(NamedTuple):
    """One part of an account: its heading, and its text as safe HTML."""

    heading: str
    body: Markup


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the page prints it; `confirms` is what its author says of who confirms, if anything."""

    parts: tuple[AccountPart, ...]
    confirms: Markup


@dataclass(slots=True)
class _Stretch:
    """Lines of an account under one heading: the part it means (empty for another), its level, and the lines."""

    part: str
    level: int
    lines: list[str] = field(default_factory=list)


def read_account(text: str) -> Account:
    """Give an account in parts.

    An author who used headings or bold words at the beginning of paragraphs that mean at least two parts of the fixed
    shape gets these in its order, with what is under other headings after them. Any other account is one text.

    Args:
        text: Markdown.
    """
    stretches = _stretches(text)
    named = {stretch.part for stretch in stretches} & PARTS.keys()
    if len(named) < FEWEST_PARTS:
        whole = (AccountPart(WHOLE, safe_html(text)),) if text.strip() else ()
        return Account(whole, safe_html(""))
    ordered = (WHOLE, *(part for part in PARTS if part != WHO_CONFIRMS), REST)
    bodies = {part: _joined(stretches, part) for part in (*ordered, WHO_CONFIRMS)}
    parts = tuple(AccountPart(part, safe_html(bodies[part])) for part in ordered if bodies[part].strip())
    return Account(parts, safe_html(bodies[WHO_CONFIRMS]))


def _joined(stretches: Sequence[_Stretch], part: str) -> str:
    return "\n\n".join("\n".join(stretch.lines) for stretch in stretches if stretch.part == part)


def _stretches(text: str) -> list[_Stretch]:
    """Give the account cut where a heading or a bold beginning of a paragraph means another part."""
    from markdown_it import MarkdownIt

    text = text.replace("\r\n", "\n").replace("\r", "\n")
    references: dict[str, object] = {}
    tokens = MarkdownIt("commonmark", {"html": False}).parse(text, references)
    if references.get("references"):
        # A link whose address stands elsewhere in the account would lose it.
        return []
    lines = text.split("\n")
    found = [_Stretch(WHOLE, 0)]
    done = 0
    for opening, inline in _blocks(tokens):
        start, end = opening.map or (0, 0)
        heading = opening.type == "heading_open"
        words = _words(inline.children or []) if heading else _lead_in(inline)
        part = _part_meant(words)
        level = int(opening.tag[1:]) if heading else len(lines)
        if not part and (not heading or found[-1].part in (WHOLE, REST) or level > found[-1].level):
            continue
        found[-1].lines += lines[done:start]
        found.append(_Stretch(part or REST, level))
        if not heading:
            paragraph = "\n".join(lines[start:end])
            found[-1].lines.append(_LEAD_IN.sub("", paragraph, count=1))
        elif not part:
            found[-1].lines.append(f"**{words}**" if words else "")
        done = end
    found[-1].lines += lines[done:]
    return found


def _blocks(tokens: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    """Yield the headings and paragraphs that stand in nothing else, each with its words."""
    for at, token in enumerate(tokens):
        if token.level == 0 and token.type in ("heading_open", "paragraph_open"):
            yield token, tokens[at + 1]


def _words(children: Sequence[Token]) -> str:
    return " ".join("".join(token.content or " " for token in children).split())


def _lead_in(inline: Token) -> str:
    """Give the bold words at the beginning of a paragraph, if they stand apart from what follows."""
    match = _LEAD_IN.match(inline.content)
    if not match:
        return ""
    stands_apart = match.end() == len(inline.content) or match[0].rstrip("*_ \n")[-1:] in (":", ".", "?", "–", "-")
    return match["words"] if stands_apart else ""


def _part_meant(words: str) -> str:
    """Give the part that a heading means; nothing if it means none."""
    plain = " ".join(words.casefold().strip(_AROUND).split())
    return next((part for part, meanings in PARTS.items() if plain in meanings), "")
