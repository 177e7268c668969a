"""How much evidence is enough, as findings speak of it: which setting struck, and which layer says it."""

from __future__ import annotations

from collections.abc import Callable

from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import Evidence
from ksbtrack.models.standard import Sufficiency


def setting_source(case: Case, name: str, code: str | None = None) -> str:
    """Give the words by which a finding names the setting that it rests on, with the layer that says it.

    Args:
        case: the question.
        name: the setting.
        code: the statement for which it was asked; None for what holds where no method and no statement says otherwise.
    """
    layers: list[tuple[str, Sufficiency | None]] = []
    if code is not None:
        methods = case.standard.methods_of(code)
        layers.append((f"statement {code}", case.standard.by_code[code].sufficiency))
        layers += [(f"method {method.id}", method.sufficiency) for method in methods]
    layers.append((case.standard.identity, case.standard.sufficiency))
    for title, layer in layers:
        if layer is not None and getattr(layer, name) is not None:
            return f"Setting {name} of {title}: {layer.source or 'no source is named there'}"
    source = case.policy.sufficiency.source or "no source is named there"
    return f"Setting {name} of the policy {case.policy.version}: {source}"


def struck(case: Case, piece: Evidence, fires: Callable[[Sufficiency], bool]) -> list[tuple[str, str | None]]:
    """Give what a setting's rule strikes: the piece, or single claims where the settings of statements differ.

    Returns:
        Subjects with the code whose settings struck; no code where the settings of no statement were asked.
    """
    claims = case.claims_of.get(piece.id, ())
    if not claims or len(case.different_settings) == 1:
        return [(piece.id, None)] if fires(case.base_settings) else []
    hit = [(made.subject, made.competency.code) for made in claims if fires(case.settings[made.competency.code])]
    if len(hit) == len(claims):
        return [(piece.id, hit[0][1])]
    return list(dict.fromkeys(hit))
