"""The command that looks at written accounts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from ksbtrack.cli.options import RULE_BOOK, Json, Portfolio, RuleBook
from ksbtrack.cli.printing import print_json, print_part

FINE = 0


def lint(portfolio: Portfolio, /, *, json: Json = False, rule_book: RuleBook = RULE_BOOK) -> int:
    """Give advice on the written accounts: what an assessor would miss in them, or send back.

    By fixed rules, without a verdict: ends with 0 whatever it says, 2 if there are problems in files.
    """
    from ksbtrack.linting.accounts import account_advice
    from ksbtrack.load import load_case, load_standard

    # The day decides nothing here; a case has the standard as the learner takes it, with overlays and option.
    case = load_case(portfolio, date.today(), folders=rule_book.standards, overlays=rule_book.overlay)  # noqa: DTZ011
    further = [
        load_standard(name, folders=rule_book.standards, overlays=rule_book.overlay) for name in case.portfolio.also
    ]
    found = account_advice(case.portfolio, [case.standard, *further])
    if json:
        from ksbtrack.formats.advice_json import advice_as_dict

        print_json(advice_as_dict(found))
    else:
        from ksbtrack.terminal.advice import advice_view

        print_part(advice_view(found))
    return FINE


ADVISING_COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (("lint", lint, "ksbtrack lint my-portfolio"),)
"""The command with its name and an example for its help."""
