"""The question that the analysis answers, and what follows from it without any judgement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple, TypeVar

from ksbtrack.models.policy import Planning, Policy
from ksbtrack.models.portfolio import Claim, Evidence, Portfolio
from ksbtrack.models.standard import Competency, Standard, Sufficiency


class MadeClaim(NamedTuple):
    """A claim that concerns the case's standard.

    Attributes:
        piece: the piece that claims.
        claim: what it claims.
        competency: the statement that the claim names.
        subject: the name by which findings speak of this claim: `piece:code`, and a number where the piece claims the
            same statement at another place too.
    """

    piece: Evidence
    claim: Claim
    competency: Competency
    subject: str


class AssumedPart(StrEnum):
    """Which part of the records an assumption is about."""

    GATEWAY = "gateway"
    BREAK = "break"
    PIECE = "piece"
    QUALIFICATION = "qualification"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something taken for true that the records do not say.

    Attributes:
        words: as it was asked.
        means: what it changes, in a sentence or two.
        part: of the records that it is about.
        subject: the piece's id, or the qualification's subject; empty for the others.
        hours_a_week: off-the-job hours that are logged in each week to come; None where it is about something else.
        meaning: the same for all writings of one assumption, to compare by; empty where nothing is compared.
    """

    words: str
    means: str
    part: AssumedPart
    subject: str = ""
    hours_a_week: Decimal | None = None
    meaning: str = ""


@dataclass(frozen=True)
class Case:
    """The question: one learner, one standard, one policy, one day.

    `on` is the day asked about; nothing here ever asks a clock. Where anything is assumed, every output says so, and
    `recorded` is the portfolio before it was.
    """

    standard: Standard
    portfolio: Portfolio
    policy: Policy
    on: date
    assumptions: tuple[Assumption, ...] = ()
    recorded: Portfolio | None = None

    @property
    def on_record(self) -> Portfolio:
        """Give the portfolio as the records have it, whatever is assumed."""
        return self.recorded or self.portfolio

    @property
    def gateway(self) -> date:
        """Give the gateway day that decides dated rules: the one on record, else the day asked about.

        A role profile has no gateway, whatever is on record for the learner's apprenticeship.
        """
        return (self.standard.is_apprenticeship and self.portfolio.dates.gateway) or self.on

    @cached_property
    def last_day(self) -> date:
        """Give the last day that can count: gateway, or the day asked about where that is earlier."""
        return min(self.gateway, self.on)

    @cached_property
    def breaks(self) -> tuple[tuple[date, date], ...]:
        """Give first and last day of each break in learning from the original start on, in order, none overlapping.

        The last day of a break that has no end yet is `date.max`.
        """
        dates = self.portfolio.dates
        merged: list[tuple[date, date]] = []
        for first, last in sorted((pause.start, pause.end or date.max) for pause in dates.breaks):
            if merged and first <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], last))
            elif last >= dates.first:
                merged.append((max(first, dates.first), last))
        return tuple(merged)

    @cached_property
    def settings(self) -> dict[str, Sufficiency]:
        """Give how much evidence each statement needs, by code, after all layers of settings."""
        base = self.base_settings
        if not self.standard.has_layers:
            return dict.fromkeys(self.standard.by_code, base)
        return {
            statement.code: layered(_of_methods(base, self.standard, statement), statement.sufficiency)
            for statement in self.standard.competencies
        }

    @cached_property
    def different_settings(self) -> tuple[Sufficiency, ...]:
        """Give each set of settings that any statement has, or that holds where there are none, once."""
        each = (self.base_settings, *self.settings.values())
        return tuple({id(settings): settings for settings in each}.values())

    @cached_property
    def base_settings(self) -> Sufficiency:
        """Give the settings that hold where no method and no statement says otherwise."""
        return layered(self.policy.sufficiency, self.standard.sufficiency)

    @cached_property
    def claims(self) -> tuple[MadeClaim, ...]:
        """Give the claims on this standard's statements, whatever version they were made against, in piece order.

        A claim belongs to the standard that declares the statement, so one on an inherited duty counts for every
        grade that inherits it.
        """
        return tuple([made for claims in self.claims_of.values() for made in claims])

    @cached_property
    def claims_of(self) -> dict[str, list[MadeClaim]]:
        """Give the claims of each piece by its id; a piece that claims nothing here has no entry."""
        by_code = self.standard.by_code
        by_piece: dict[str, list[MadeClaim]] = {}
        for piece in self.portfolio.evidence:
            name = piece.id
            made = [
                MadeClaim(piece, claim, found, f"{name}:{found.code}")
                for claim in piece.claims
                if (found := by_code.get(claim.code))
                and (claim.standard == found.origin or _is_same_reference(claim.standard, found.origin))
            ]
            if made:
                by_piece[name] = made if len({claim.subject for claim in made}) == len(made) else _numbered(made)
        return by_piece


def _numbered(made: list[MadeClaim]) -> list[MadeClaim]:
    """Give claims of one piece with a number in the subject of each that claims a statement again."""
    seen: set[str] = set()
    numbered = []
    for place, claim in enumerate(made, 1):
        again = claim.subject in seen
        seen.add(claim.subject)
        numbered.append(claim._replace(subject=f"{claim.subject}:{place}") if again else claim)
    return numbered


def _is_same_reference(one: str, two: str) -> bool:
    return one.partition("@")[0] == two.partition("@")[0]


Settings = TypeVar("Settings", Sufficiency, Planning)


def layered(below: Settings, above: Settings | None) -> Settings:
    """Give the settings of a layer where it has them, and of the layer below where it is silent."""
    if above is None:
        return below
    said = {name: value for name in type(below).model_fields if (value := getattr(above, name)) is not None}
    return below.model_copy(update=said)


def _of_methods(base: Sufficiency, standard: Standard, statement: Competency) -> Sufficiency:
    """Give the settings of the methods that assess a statement; where two speak, the stricter value holds."""
    layers = [method.sufficiency for method in standard.methods_of(statement.code) if method.sufficiency]
    if not layers:
        return base
    first, *others = (layered(base, layer) for layer in layers)
    for other in others:
        first = _stricter(first, other)
    return first


def _stricter(one: Sufficiency, two: Sufficiency) -> Sufficiency:
    most = {
        name: max(getattr(one, name) or 0, getattr(two, name) or 0)
        for name in ("pieces_per_competency", "kinds_per_competency", "days_per_competency")
    }
    ages = [age for age in (one.max_age_months, two.max_age_months) if age]
    warnings = [number for number in (one.claims_per_piece_warning, two.claims_per_piece_warning) if number]
    return one.model_copy(
        update={
            **most,
            "max_age_months": min(ages, default=0),
            "claims_per_piece_warning": min(warnings, default=0),
            "acceptance_needed": bool(one.acceptance_needed or two.acceptance_needed),
            "confirmed_claims_needed": bool(one.confirmed_claims_needed or two.confirmed_claims_needed),
            "barred_kinds": tuple(dict.fromkeys((*(one.barred_kinds or ()), *(two.barred_kinds or ())))),
            "source": "; ".join(dict.fromkeys(filter(None, (one.source, two.source)))) or None,
        }
    )
