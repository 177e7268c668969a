"""How much evidence is enough, as findings speak of it: which setting struck, and which layer says it."""

from __future__ import annotations

from collections.abc import Callable

from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import Evidence
from ksbtrack.models.standard import EvidenceKind, Sufficiency
from ksbtrack.models.values import listed


def setting_source(case: Case, name: str, code: str | None = None, kind: EvidenceKind | None = None) -> str:
    """Give the words by which a finding names the setting that it rests on, with the layer that says it.

    Where several methods speak, it is those whose value holds; where a method that is silent leaves the stricter value
    of the layers below in force, it is that layer.

    Args:
        case: the question.
        name: the setting.
        code: the statement for which it was asked; None for what holds where no method and no statement says otherwise.
        kind: the kind of evidence that was struck, for the setting that bars kinds: what methods bar adds up.
    """
    layers: list[tuple[str, Sufficiency | None]] = []
    if code is not None:
        layers.append((f"statement {code}", case.standard.by_code[code].sufficiency))
        layers.append(_deciding_methods(case, name, code, kind))
    layers.append((case.standard.identity, case.standard.sufficiency))
    for title, layer in layers:
        if layer is not None and getattr(layer, name) is not None:
            return f"Setting {name} of {title}: {layer.source or 'no source is named there'}"
    source = case.policy.sufficiency.source or "no source is named there"
    return f"Setting {name} of the policy {case.policy.version}: {source}"


def _deciding_methods(case: Case, name: str, code: str, kind: EvidenceKind | None) -> tuple[str, Sufficiency | None]:
    """Give the methods whose value of a setting holds for a statement, as one layer; no layer where none does."""
    holds = getattr(case.settings[code], name)
    found: list[tuple[str, Sufficiency]] = []
    for method in case.standard.methods_of(code):
        layer = method.sufficiency
        if layer is None:
            continue
        value = getattr(layer, name)
        if kind in (layer.barred_kinds or ()) if kind else value is not None and value == holds:
            found.append((method.id, layer))
    if not found:
        return "", None
    sources = dict.fromkeys(layer.source for _, layer in found if layer.source)
    title = f"{'method' if len(found) == 1 else 'methods'} {listed(method for method, _ in found)}"
    return title, found[0][1].model_copy(update={"source": "; ".join(sources) or None})


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
