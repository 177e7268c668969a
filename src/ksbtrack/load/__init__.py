"""From files to nouns, or to every problem at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from ksbtrack.load.checked import kept
from ksbtrack.load.folders import find_standards
from ksbtrack.load.jobs import job_for
from ksbtrack.load.options import with_option
from ksbtrack.load.policies import load_policy
from ksbtrack.load.portfolios import load_portfolio, load_with_standards
from ksbtrack.load.standards import load_standard
from ksbtrack.models.case import Case
from ksbtrack.models.values import FIRST_YEAR, LAST_YEAR, has_likely_year
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted

__all__ = ["find_standards", "load_case", "load_policy", "load_portfolio", "load_standard"]


def load_case(
    folder: str | Path,
    on: date,
    *,
    standard: str | None = None,
    folders: Sequence[str | Path] = (),
    overlays: Sequence[str | Path] = (),
    policy: str | Path | None = None,
    keep_broken_files: bool = False,
) -> Case:
    """Give the whole question for one portfolio folder.

    Args:
        folder: the portfolio's folder.
        on: the day asked about.
        standard: another standard than the portfolio's own, with or without its version.
        folders: folders of standards to search before the shipped one.
        overlays: overlay files for the standards.
        policy: a provider's policy file.
        keep_broken_files: hands on a file that cannot be opened with its `problem`, instead of raising it; such
            a piece does not count, and such a certificate is as good as missing.

    Raises:
        KsbtrackError: with every problem of all files; docs/problems.md lists them.
    """
    problems: list[Problem] = []
    if not has_likely_year(on):
        between = f"a year here is between {FIRST_YEAR} and {LAST_YEAR}"
        problems.append(Problem("bad-date", Source("--on"), quoted(on.isoformat()), between, "Correct the year."))
    loaded = kept(problems, load_with_standards, folder, folders, overlays, keep_broken_files=keep_broken_files)
    rules = kept(problems, load_policy, policy)
    other = kept(problems, load_standard, standard, folders=folders, overlays=overlays) if standard else None
    if loaded is None or rules is None or problems:
        raise KsbtrackError(*problems)
    portfolio, standards = loaded
    if other is not None and other.options:
        asked = Source("--standard")
        other = with_option(other, portfolio.option, asked, asked)
    if other is not None:
        portfolio = portfolio.model_copy(update={"work": job_for(portfolio, other, folders)})
    return Case(standard=other or standards[portfolio.standard], portfolio=portfolio, policy=rules, on=on)
