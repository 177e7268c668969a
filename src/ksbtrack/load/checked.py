"""From plain YAML to a model, or to problems with file and line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from ksbtrack.models.portfolio import Claim
from ksbtrack.models.values import Model
from ksbtrack.problems import KsbtrackError, Problem, Source, did_you_mean, quoted
from ksbtrack.yamlfile import Path, Plain, YamlText

MAX_LISTED = 30
"""Keys that a message lists: all of most nouns. Of a longer list nobody reads the end."""

M = TypeVar("M", bound=Model)
P = ParamSpec("P")
R = TypeVar("R")


def kept(problems: list[Problem], function: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R | None:
    """Give what a function returns; if it fails, keep its problems and give None, so that other files are read too.

    Args:
        problems: the list that takes them.
        function: what to call.
        arguments: its arguments.
        named: its named arguments.
    """
    try:
        return function(*arguments, **named)
    except KsbtrackError as error:
        problems += error.problems
        return None


def part(model: type[M], text: YamlText, *path: str | int) -> M | None:
    """Give one part of a file, if that part alone is sound; its faults are those of the whole file."""
    try:
        return model.model_validate(text.at(path))
    except ValidationError:
        return None


def checked(model: type[M], text: YamlText) -> M:
    """Give the model that a parsed file declares.

    Args:
        model: the noun that the file should hold.
        text: the parsed file.

    Raises:
        KsbtrackError: with every fault at once: `missing-key`, `unknown-key`, `wrong-type`, and the codes of
            `ksbtrack.models.values`.
    """
    problems = list(_filled_keys(model, text, text.value, ()))
    try:
        result = model.model_validate(text.value)
    except ValidationError as error:
        problems += [_problem(model, text, details) for details in error.errors(include_url=False)]
        raise KsbtrackError(*problems) from error
    if problems:
        raise KsbtrackError(*problems)
    return result


def _problem(model: type[Model], text: YamlText, details: Any) -> Problem:
    path: Path = tuple(details["loc"])
    source = text.source(path)
    kind = details["type"]
    context = details.get("ctx", {})
    if kind == "ksbtrack":
        fix = context["fix"]
        if details["input"] is None and _is_required(model, path):
            fix = "Write it after the colon."
        return Problem(context["code"], source, context["found"], context["expected"], fix)
    if kind == "missing":
        key = str(path[-1])
        return Problem(
            "missing-key",
            text.source(path[:-1]),
            f"no key '{key}'",
            "it is needed here",
            f"Add a line '{key}: ...'.",
        )
    if kind == "extra_forbidden":
        return _unknown_key(model, text, path)
    return _wrong_type(kind, details["input"], source, model_at(model, path) if kind in _WANTS_KEYS else None, path)


def _is_required(model: type[Model], path: Path) -> bool:
    owner = model_at(model, path[:-1])
    field = owner.model_fields.get(str(path[-1])) if owner and path else None
    return field is not None and field.is_required()


def _unknown_key(model: type[Model], text: YamlText, path: Path) -> Problem:
    owner = model_at(model, path[:-1])
    names = [name for name in owner.model_fields if name not in owner.filled_on_loading] if owner else []
    fix = did_you_mean(str(path[-1]), names) + "Correct the key or delete the line."
    if owner is Claim and re.fullmatch(r"[A-Za-z]+[0-9.]+", str(path[-1])):
        fix = f"If a place in the piece is meant, write {{code: {path[-1]}, where: ...}}."
    return Problem(
        "unknown-key",
        text.source(path),
        f"the key {quoted(str(path[-1]))}",
        _none_of(names),
        fix,
    )


def _none_of(names: list[str]) -> str:
    if len(names) > MAX_LISTED:
        return f"it is none of the {len(names)} keys that can stand here"
    return "it is not one of " + ", ".join(names) if names else "no key is wanted here"


_WANTS_KEYS = ("model_type", "model_attributes_type", "dict_type")


def _wrong_type(kind: str, found: object, source: Source, owner: type[Model] | None, path: Path) -> Problem:
    wanted = {
        **dict.fromkeys(_WANTS_KEYS, "lines of 'key: text' are wanted here"),
        "tuple_type": "a list is wanted here",
    }.get(kind, "another kind of value is wanted here")
    shown = (
        quoted(found)
        if isinstance(found, str)
        else "a mapping"
        if isinstance(found, dict)
        else "a list"
        if isinstance(found, list)
        else "nothing"
    )
    return Problem("wrong-type", source, shown, wanted, _shape(owner, path))


def _shape(owner: type[Model] | None, path: Path) -> str:
    """Give the advice that shows which keys are wanted, or how a list is written where no keys are."""
    if owner is None:
        return "Write [one, two], or a line with '- ' for each."
    names = [name for name in owner.model_fields if name not in owner.filled_on_loading]
    if len(names) > MAX_LISTED:
        return f"Write a line for each of these that is known, such as '{names[0]}: ...'."
    if path and isinstance(path[-1], str):
        return (
            f"Write it like {path[-1]}: {{{', '.join(f'{name}: ...' for name in names)}}}; leave out what is not known."
        )
    return f"Write a line 'key: ...' for each of these that is known: {', '.join(names)}."


def _filled_keys(model: type[Model], text: YamlText, value: Plain, path: Path) -> Iterator[Problem]:
    """Find the keys that only loading may fill; whoever writes one has mistaken it for a setting."""
    if isinstance(value, list):
        for index, part in enumerate(value):
            yield from _filled_keys(model, text, part, (*path, index))
    elif isinstance(value, dict):
        children = _children(model)
        for key, part in value.items():
            if key in model.filled_on_loading:
                yield _unknown_key(model, text, (*path, key))
            elif key in children and isinstance(part, dict | list):
                yield from _filled_keys(children[key], text, part, (*path, key))


@lru_cache
def _children(model: type[Model]) -> dict[str, type[Model]]:
    found = {name: _model_in(field.annotation) for name, field in model.model_fields.items()}
    return {name: child for name, child in found.items() if child is not None}


def _model_in(annotation: object) -> type[Model] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation if issubclass(annotation, Model) else None
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


def model_at(model: type[Model], path: Path) -> type[Model] | None:
    """Give the model that stands at a path of keys and indexes inside another."""
    current: type[Model] | None = model
    for step in path:
        if isinstance(step, str) and current is not None and step in current.model_fields:
            current = _children(current).get(step)
    return current
