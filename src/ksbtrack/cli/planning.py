"""The command that says what to do next."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from ksbtrack.cli.commands import case_for
from ksbtrack.cli.options import QUESTION, RULE_BOOK, Assume, Json, Portfolio, Question, RuleBook, read_day
from ksbtrack.cli.printing import print_json, print_part

FINE = 0
GAPS = 1

Pieces = Annotated[
    int | None,
    Parameter(
        metavar="N",
        validator=Number(gte=0, lte=1000),
        help="Pieces of evidence that may be made or mended; as many as it takes if left out.",
    ),
]
By = Annotated[
    date | None,
    Parameter(converter=read_day, metavar="DATE", help="Day by which all is to be done, and for which it is judged."),
]


def plan(
    portfolio: Portfolio,
    /,
    *,
    pieces: Pieces = None,
    by: By = None,
    question: Question = QUESTION,
    assume: Assume = (),
    json: Json = False,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Say what to do next: the fewest steps that close the most gaps.

    Each with its owner, its effort and what it changes. Ends with 0 if nothing is left to do, else with 1.
    """
    from ksbtrack.analysis import analyse
    from ksbtrack.planning.forecasts import forecast
    from ksbtrack.planning.plans import make_plan

    case = case_for(portfolio, question, rule_book, assume=assume)
    made = make_plan(case, most_pieces=pieces, by=by)
    ahead = forecast(analyse(case))
    if json:
        from ksbtrack.formats.plan_json import plan_as_dict

        print_json(plan_as_dict(made, ahead))
    else:
        from ksbtrack.terminal.marks import marks_for
        from ksbtrack.terminal.plan import plan_view

        print_part(plan_view(made, ahead, marks_for(sys.stdout.encoding)))
    return GAPS if made.steps or made.gaps else FINE


PLANNING_COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (
    ("plan", plan, "ksbtrack plan my-portfolio --by 2026-06-26"),
)
"""Each command with its name and an example for its help."""
