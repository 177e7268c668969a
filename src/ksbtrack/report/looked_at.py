"""What a requirement's rule looked at, in words: the inputs of its findings without the names that programs use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ksbtrack.report.words import sentence, with_day_words

_CLAUSES = {
    "of": "the status of each of the {} statements",
    "start": "start on {}",
    "gateway": "gateway on {}",
    "minimum": "a minimum of {}",
    "earliest_gateway": "earliest gateway {}",
    "breaks": "breaks in learning: {}",
    "logged_hours": "hours logged: {}",
    "eligible_hours": "eligible among them: {}",
    "needed_hours": "hours needed: {}",
    "counted_from": "counted from {}",
    "counted_to": "counted to {}",
    "days_with_entries": "days with learning in the log: {}",
    "gaps": "gaps longer than allowed: {}",
    "log": "off-the-job log: {}",
    "since": "from {}",
    "until": "up to {}",
    "wanted": "asked for: {}",
    "recorded": "on record: {}",
    "needed_by": "by {}",
    "age_at_start": "age at the start: {}",
    "standard_level": "level of the standard: {}",
    "dispensation_until": "a dispensation to {}",
    "chosen": "pieces chosen: {}",
    "not_counting": "chosen, but not counting: {}",
    "on": "dated {}",
    "latest_evidence": "newest evidence: {}",
}
"""How each input reads, in the order in which a reader wants them."""

_SAID_BY_THE_REASON = frozenset({"met", "not_met", "unknown", "by"})
"""Inputs that the reason beside them, or the name before them, says already."""

_NAMED = re.compile(r"(?P<key>[a-z_]+) \((?P<name>.*)\)", re.DOTALL)
_PLACES = {key: place for place, key in enumerate(_CLAUSES)}


def looked_at(inputs: Mapping[str, str], title: str = "") -> str:
    """Give a requirement's inputs as sentences: one for each party or thing that has inputs of its own.

    Args:
        inputs: of the verdict; where it joins several findings, each key ends with a name in brackets.
        title: of the requirement, which is not repeated.
    """
    parts: dict[str, dict[str, str]] = {}
    for key, value in inputs.items():
        named = _NAMED.fullmatch(key)
        name, plain = (named["name"], named["key"]) if named else ("", key)
        parts.setdefault(name, {})[plain] = value
    return " ".join(sentence(_part(name, values, title)) for name, values in parts.items())


def _part(name: str, inputs: Mapping[str, str], title: str) -> str:
    clauses = "; ".join(_clauses(inputs, ("", name.casefold(), title.casefold())))
    return f"{name}: {clauses}" if name and clauses else name or clauses


def _clauses(inputs: Mapping[str, str], said: tuple[str, ...]) -> Iterator[str]:
    for key in sorted(inputs, key=lambda key: _PLACES.get(key, len(_PLACES))):
        value = with_day_words(inputs[key])
        if key in _SAID_BY_THE_REASON or value.casefold() in said:
            continue
        value = {"unknown": "not known", "0": "none"}.get(value, value)
        yield _CLAUSES.get(key, key.replace("_", " ") + ": {}").replace("{}", value)
