"""From files to nouns, or to every problem at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from ksbtrack.load.policies import load_policy
from ksbtrack.load.portfolios import load_portfolio, load_with_standards
from ksbtrack.load.standards import find_standards, load_standard
from ksbtrack.models.analysis import Case

__all__ = ["find_standards", "load_case", "load_policy", "load_portfolio", "load_standard"]


def load_case(
    folder: str | Path,
    on: date,
    *,
    standard: str | None = None,
    folders: Sequence[str | Path] = (),
    overlays: Sequence[str | Path] = (),
    policy: str | Path | None = None,
) -> Case:
    """Give the whole question for one portfolio folder.

    Args:
        folder: the portfolio's folder.
        on: the day asked about.
        standard: another standard than the portfolio's own, with or without its version.
        folders: folders of standards to search before the shipped one.
        overlays: overlay files for the standards.
        policy: a provider's policy file.

    Raises:
        KsbtrackError: with every problem of all files; docs/problems.md lists them.
    """
    portfolio, standards = load_with_standards(folder, folders, overlays)
    chosen = standards[portfolio.standard]
    if standard is not None:
        chosen = load_standard(standard, folders=folders, overlays=overlays)
    return Case(standard=chosen, portfolio=portfolio, policy=load_policy(policy), on=on)
