"""The commands about submissions: the checks before sending, and the profiles that they go by."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

from cyclopts import Parameter

from ksbtrack.cli.choosing import Select, chosen_ids, refuse_broken
from ksbtrack.cli.commands import case_for
from ksbtrack.cli.options import QUESTION, RULE_BOOK, Json, Portfolio, Profiles, Question, RuleBook
from ksbtrack.cli.printing import print_json, print_part

CLEAR = 0
FAULTS = 1

Profile = Annotated[
    str, Parameter(metavar="NAME", help="Name of a profile, such as cmi, or your own file that ends in .yaml.")
]


def preflight(
    portfolio: Portfolio,
    /,
    *,
    profile: Profile,
    select: Select = None,
    profiles: Profiles = (),
    question: Question = QUESTION,
    json: Json = False,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Check what is about to be sent against what an organisation or platform asks for.

    Looks at the chosen pieces and their files: what would bounce, what is not known, what is fine. Ends with 0 if
    nothing is found, 1 if there are faults or if it cannot tell, 2 if there are problems in files.
    """
    from ksbtrack.analysis import analyse
    from ksbtrack.load.checked import kept
    from ksbtrack.load.profiles import load_profile
    from ksbtrack.models.submission import Verdict
    from ksbtrack.problems import KsbtrackError, Problem
    from ksbtrack.submission.checks import preflight as checked_before_sending
    from ksbtrack.submission.files import read_submission

    problems: list[Problem] = []
    asked = kept(problems, load_profile, profile, folders=profiles)
    case = kept(problems, case_for, portfolio, question, rule_book, keep_broken_files=True)
    if asked is None or case is None:
        raise KsbtrackError(*problems)
    analysis = analyse(case)
    chosen = chosen_ids(analysis, select, asked, "preflight")
    by_id = analysis.case.portfolio.by_id
    refuse_broken(analysis, [by_id[name] for name in chosen or analysis.case.portfolio.showcase])
    result = checked_before_sending(read_submission(analysis, asked, chosen))
    if json:
        from ksbtrack.formats.preflight_json import preflight_as_dict

        print_json(preflight_as_dict(result))
    else:
        from ksbtrack.terminal.marks import marks_for
        from ksbtrack.terminal.preflight import preflight_view

        print_part(preflight_view(result, marks_for(sys.stdout.encoding)))
    return CLEAR if result.verdict is Verdict.CLEAR else FAULTS


def list_profiles(*, profiles: Profiles = (), json: Json = False) -> int:
    """List the submission profiles: those that are shipped and your own."""
    from ksbtrack.load.profiles import find_profiles, load_profile

    found = [load_profile(path, folders=profiles) for path in find_profiles(profiles).values()]
    if json:
        from ksbtrack.formats.preflight_json import profile_as_dict

        print_json([profile_as_dict(profile) for profile in found])
    else:
        from ksbtrack.terminal.preflight import profiles_view

        print_part(profiles_view(found))
    return CLEAR


def show_profile(profile: Profile, /, *, profiles: Profiles = (), json: Json = False) -> int:
    """Show one submission profile: what is asked for, with its numbers, by whom, and what is not."""
    from ksbtrack.load.profiles import load_profile

    found = load_profile(profile, folders=profiles)
    if json:
        print_json(found.model_dump(mode="json"))
    else:
        from ksbtrack.terminal.preflight import profile_view

        print_part(profile_view(found))
    return CLEAR


SUBMISSION_COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (
    ("preflight", preflight, "ksbtrack preflight my-portfolio --profile cmi --on 2026-02-27"),
)
"""Each command with its name and an example for its help."""
PROFILES_COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (
    ("list", list_profiles, "ksbtrack profiles list"),
    ("show", show_profile, "ksbtrack profiles show cmi"),
)
"""The commands that stand after `ksbtrack profiles`."""
