"""How findings say things: who does it, articles, counts, numbers."""

from __future__ import annotations

from decimal import Decimal

ASSESSOR = "your assessor"
PROVIDER = "your provider"
YOU = "you"


def sentence(clause: str) -> str:
    """Give a clause with a capital letter at its start."""
    return clause[:1].upper() + clause[1:]


def ended(text: str) -> str:
    """Give a text that others wrote, such as a title, with a full stop at its end unless it has an end of its own."""
    return text if text.rstrip().endswith((".", "!", "?", "…")) else f"{text}."


def with_article(noun: str) -> str:
    """Give a noun with "a" or "an" before it, such as "an observation record"."""
    return f"{'an' if noun[:1].casefold() in 'aeiou' else 'a'} {noun}"


def counted(number: int, noun: str) -> str:
    """Give a number with its noun, such as "1 piece" or "3 pieces"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def plain(number: Decimal) -> str:
    """Give a number without needless zeros: 7.50 is 7.5."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def shortened(text: str, length: int) -> str:
    """Give a text on one line and of at most `length` characters; … stands where something went."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
