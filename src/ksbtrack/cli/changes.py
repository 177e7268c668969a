"""The command that compares two reports or two runs over a cohort, and what `report --since` does with a report."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import CycloptsError, Parameter

from ksbtrack.cli.options import Json
from ksbtrack.cli.printing import print_json, print_part

if TYPE_CHECKING:
    from ksbtrack.models.analysis import Analysis
    from ksbtrack.models.policy import Policy

SAME = 0
DIFFERENT = 1


def changes(
    old: Annotated[
        Path,
        Parameter(
            metavar="OLD", help="The earlier report as JSON, or the earlier run over a cohort (its cohort.json)."
        ),
    ],
    new: Annotated[Path, Parameter(metavar="NEW", help="The later one.")],
    /,
    *,
    json: Json = False,
    policy: Annotated[
        Path | None,
        Parameter(metavar="FILE", help="The provider's settings of the later one, for the dates in its rules."),
    ] = None,
) -> int:
    """Say what changed between two reports on a learner, or two runs over a cohort, and what made it so.

    Ends with 0 if nothing stands otherwise, 1 if anything does,
    2 if a file is no report, or the two are on different learners.
    """
    from ksbtrack.formats.analysis_reading import looks_like_run
    from ksbtrack.load import load_policy

    kinds = [looks_like_run(path) for path in (old, new)]
    if kinds[0] is not kinds[1]:
        raise CycloptsError(
            msg="One is a report on a learner, the other a run over a cohort; name two of a kind.",
            command_chain=("changes",),
        )
    rules = load_policy(policy)
    return _of_runs(old, new, rules, json=json) if kinds[0] else _of_reports(old, new, rules, json=json)


def _of_reports(old: Path, new: Path, policy: Policy, *, json: bool) -> int:
    from ksbtrack.comparison.analyses import analysis_changes
    from ksbtrack.formats.analysis_reading import read_reported, refuse_unlike

    before, after = read_reported(old), read_reported(new)
    refuse_unlike(before, after, old.as_posix())
    found = analysis_changes(before, after, policy)
    if json:
        from ksbtrack.formats.analysis_json import SCHEMA_VERSION
        from ksbtrack.formats.report_changes_json import report_changes_as_dict

        print_json({"schema_version": SCHEMA_VERSION, "changes": report_changes_as_dict(found)})
    else:
        from ksbtrack.terminal.marks import marks_for
        from ksbtrack.terminal.report_changes import report_changes_view

        print_part(report_changes_view(found, marks_for(sys.stdout.encoding)))
    return SAME if found.is_same else DIFFERENT


def _of_runs(old: Path, new: Path, policy: Policy, *, json: bool) -> int:
    from ksbtrack.cohort.changes import Judged, cohort_changes
    from ksbtrack.formats.cohort_reading import read_run

    before, after = (Judged(run.on, run.verdicts, run.marks, run.without) for run in map(read_run, (old, new)))
    found = cohort_changes(before, after, policy)
    if json:
        from ksbtrack.formats.changes_json import changes_as_dict

        print_json(changes_as_dict(found))
    else:
        from ksbtrack.terminal.changes import changes_view

        print_part(changes_view(found))
    return DIFFERENT if found.changes else SAME


def with_changes(analysis: Analysis, since: Path | None) -> Analysis:
    """Give the analysis with what differs from an earlier report, where one is named.

    Raises:
        KsbtrackError: as `read_reported` and `refuse_unlike`.
    """
    if since is None:
        return analysis
    from ksbtrack.comparison.analyses import analysis_changes
    from ksbtrack.formats.analysis_reading import read_reported, refuse_unlike, reported

    before, after = read_reported(since), reported(analysis)
    refuse_unlike(before, after, since.as_posix())
    return replace(analysis, changes=analysis_changes(before, after, analysis.case.policy))


CHANGES_COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (
    ("changes", changes, "ksbtrack changes report-2026-01.json report-2026-02.json"),
)
"""The command with its name and an example for its help."""
