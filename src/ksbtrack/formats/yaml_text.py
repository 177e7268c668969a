"""Models as YAML that people like to read and that our strict reader gives back word for word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum

from ksbtrack.models.values import Model

_SAFE = re.compile(r"[^\W_](?:[\w .,()/&+'’–—@-]*[\w.)])?")
"""Text that needs no quotes: nothing in it could be a sign to YAML."""
_SHORT = re.compile(r"[A-Za-z][A-Za-z0-9@._:-]{0,30}")
"""Codes and ids, of which a list may stand on one line."""
_NOT_TEXT_ELSEWHERE = re.compile(
    r"(?i)y|n|yes|no|on|off|true|false|null|[0-9][0-9.,_+:-]*|0[xob][0-9a-f_]+|[0-9.]+e[+-]?[0-9]+"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[t ].*)?"
)
"""Words that other YAML readers take for a truth value, a number or a date; in quotes they stay words."""

_FITS_BRACES = re.compile(r'[a-z_]+: (?:"[^"\\]*"|[^"\[\]{},|:]+)')
"""A key with a short value that means the same between braces."""
LINE_LENGTH = 100
"""Characters of a line up to which a list of codes stays on one line."""

Scalar = str | date | Decimal | int | bool


def scalar(value: Scalar) -> str:
    """Give one value as it stands after a colon; text in quotes only where it needs them.

    Args:
        value: text of one line or more, or a typed value of a model.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int):
        return str(value)
    return value if _is_plain(value) else in_quotes(value)


def _is_plain(text: str) -> bool:
    return bool(_SAFE.fullmatch(text)) and text.isprintable() and not _NOT_TEXT_ELSEWHERE.fullmatch(text)


def in_quotes(text: str) -> str:
    """Give text in double quotes on one line, with everything that cannot be seen written as its code."""
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
    return '"' + "".join(escapes.get(c) or (c if c.isprintable() else _code(c)) for c in text) + '"'


def _code(character: str) -> str:
    number = ord(character)
    return f"\\U{number:08X}" if number > 0xFFFF else f"\\u{number:04X}"  # noqa: PLR2004 - four digits hold no more


def model_lines(model: Model, indent: str = "") -> Iterator[str]:
    """Yield the lines of a model as `key: value`, in the order of its fields.

    Fields that only loading fills, and fields that say what they would say anyway, are left out; a value that has to
    be there and is not known is written as the word for that.

    Args:
        model: any noun of ours.
        indent: spaces before each line.
    """
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        is_default = not field.is_required() and value == field.default
        if name in model.filled_on_loading or is_default or (value is None and not field.is_required()):
            continue
        yield from _field_lines(name, value, indent)


def _field_lines(name: str, value: object, indent: str) -> Iterator[str]:
    if value is None:
        yield f"{indent}{name}: unknown"
    elif isinstance(value, Model):
        inner = list(model_lines(value, indent + "  "))
        yield f"{indent}{name}:" if inner else f"{indent}{name}: {{}}"
        yield from inner
    elif isinstance(value, tuple):
        yield from list_lines(name, value, indent)
    elif isinstance(value, str) and _fits_a_block(value):
        yield f"{indent}{name}: |-"
        yield from (f"{indent}  {line}" if line else "" for line in value.split("\n"))
    elif isinstance(value, Scalar):
        yield f"{indent}{name}: {scalar(value)}"
    else:
        raise TypeError(f"no way to write {name!r}, a {type(value).__name__}")


def _fits_a_block(text: str) -> bool:
    lines = text.split("\n")
    is_seen_whole = all(line.isprintable() and line == line.strip() for line in lines)
    return is_seen_whole and len(lines) > 1 and bool(lines[0] and lines[-1])


def list_lines(name: str, values: tuple[object, ...], indent: str = "") -> Iterator[str]:
    """Yield the lines of a list: codes and ids on one line, anything else with a line for each entry.

    Args:
        name: the key.
        values: scalars and models, mixed or not.
        indent: spaces before each line.
    """
    in_one = f"{indent}{name}: [{', '.join(scalar(value) for value in values if isinstance(value, str))}]"
    are_codes = all(isinstance(value, str) and _SHORT.fullmatch(value) for value in values)
    if are_codes and len(in_one) <= LINE_LENGTH:
        yield in_one
        return
    yield f"{indent}{name}:"
    for value in values:
        if isinstance(value, Model):
            yield from _entry_lines(value, indent)
        elif isinstance(value, Scalar):
            yield f"{indent}  - {scalar(value)}"
        else:
            raise TypeError(f"no way to write an entry of {name!r}, a {type(value).__name__}")


def _entry_lines(model: Model, indent: str) -> Iterator[str]:
    """Yield a model as an entry of a list: on one line in braces where it is short, else with a line for each key."""
    first, *others = (line.removeprefix(indent + "    ") for line in model_lines(model, indent + "    "))
    in_one = f"{indent}  - {{{', '.join((first, *others))}}}"
    if len(in_one) <= LINE_LENGTH and all(map(_FITS_BRACES.fullmatch, (first, *others))):
        yield in_one
        return
    yield f"{indent}  - {first}"
    yield from (f"{indent}    {line}" if line else "" for line in others)
