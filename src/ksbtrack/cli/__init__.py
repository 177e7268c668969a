"""The command line: `main` runs one command and gives its exit code."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError

from ksbtrack.cli.advising import ADVISING_COMMANDS
from ksbtrack.cli.changes import CHANGES_COMMANDS
from ksbtrack.cli.cohort import COHORT_COMMANDS, COHORT_EXAMPLE, cohort
from ksbtrack.cli.commands import COMMANDS, STANDARDS_COMMANDS
from ksbtrack.cli.crosswalks import CROSSWALK_COMMANDS
from ksbtrack.cli.exchange import EXCHANGE_COMMANDS
from ksbtrack.cli.exporting import EXPORT_COMMANDS
from ksbtrack.cli.fetching import FETCHING_COMMANDS
from ksbtrack.cli.linting import LINTING_COMMANDS
from ksbtrack.cli.matrix import MATRIX_COMMANDS
from ksbtrack.cli.packing import PACKING_COMMANDS
from ksbtrack.cli.planning import PLANNING_COMMANDS
from ksbtrack.cli.printing import print_json, print_problems, print_wrong_usage, silence
from ksbtrack.cli.prompting import PROMPTING_COMMANDS
from ksbtrack.cli.sampling import SAMPLING_COMMANDS
from ksbtrack.cli.showcase import SHOWCASE_COMMANDS
from ksbtrack.cli.sign_off import SIGN_OFF_COMMANDS
from ksbtrack.cli.submissions import PROFILES_COMMANDS, SUBMISSION_COMMANDS
from ksbtrack.cli.versions import VERSION_COMMANDS, VERSION_STANDARDS_COMMANDS
from ksbtrack.problems import KsbtrackError

PROBLEMS = 2
WRONG_USAGE = 64
INTERRUPTED = 130
ENDED = 143
"""As a shell says that a command was told to end."""
NOBODY_READS = 141
"""As a shell says that a command ended because its reader had gone."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code.

    Args:
        arguments: what stands after `ksbtrack`; those of the process if left out.
    """
    # A command is short and keeps nearly all it makes: the collector would only search in vain, a tenth of the time.
    gc.set_threshold(1_000_000, 50, 50)
    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        silence(sys.stdout)
        return NOBODY_READS


def run() -> int:
    """Run the command of this process and give its exit code, right before the process ends."""
    # Told to end, as by a pipeline that is cancelled, a command ends as if it had failed: what lies about people in
    # temporary files is deleted.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    code = main()
    # Python looks through all objects once more as it ends, for nothing: an eighth of the time of a report. The reader
    # of tables alone needs it: it complains about what was not given back.
    if "duckdb" not in sys.modules:
        gc.freeze()
    return code


def _end(number: int, _: object) -> None:
    # Whoever tells a command to end may say so twice; a second time would break off the tidying up, and hang.
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_IGN)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(ENDED)


def _run(arguments: list[str]) -> int:
    app = application()
    try:
        result = app(arguments)
        sys.stdout.flush()
        return int(result or 0)
    except CycloptsError as error:
        print_wrong_usage(app, error)
        return WRONG_USAGE
    except KsbtrackError as error:
        if "--json" in arguments:
            from ksbtrack.formats.analysis_json import problems_as_dict

            print_json(problems_as_dict(error))
        print_problems(error)
        return PROBLEMS


def application() -> App:
    """Give the application with all its commands."""
    app = App(
        name="ksbtrack",
        help="Says, with reasons, whether an apprentice is ready for gateway, and writes the readiness report.",
        help_format="plaintext",
        help_epilogue="Exit codes: 0 ready or done, 1 not ready or cannot tell, 2 problems in files, 64 wrong usage.",
        version=_version,
        result_action="return_value",
        print_error=False,
        exit_on_error=False,
        suppress_keyboard_interrupt=False,
    )
    standards = App(name="standards", help="List, show, fetch, import, check, compare and export standards.")
    profiles = App(name="profiles", help="List the submission profiles, or show one.")
    cohorts = App(name="cohort", help_epilogue=f"Example: {COHORT_EXAMPLE}")
    cohorts.default(cohort)
    crosswalk = App(name="crosswalk", help="Show where two standards meet.")
    for group, rows in (
        (app, COMMANDS),
        (app, CHANGES_COMMANDS),
        (app, ADVISING_COMMANDS),
        (app, PROMPTING_COMMANDS),
        (app, PLANNING_COMMANDS),
        (app, SHOWCASE_COMMANDS),
        (app, SUBMISSION_COMMANDS),
        (app, SIGN_OFF_COMMANDS),
        (app, PACKING_COMMANDS),
        (app, VERSION_COMMANDS),
        (app, MATRIX_COMMANDS),
        (app, SAMPLING_COMMANDS),
        (standards, STANDARDS_COMMANDS),
        (standards, VERSION_STANDARDS_COMMANDS),
        (standards, EXCHANGE_COMMANDS),
        (standards, FETCHING_COMMANDS),
        (standards, EXPORT_COMMANDS),
        (standards, LINTING_COMMANDS),
        (profiles, PROFILES_COMMANDS),
        (crosswalk, CROSSWALK_COMMANDS),
        (cohorts, COHORT_COMMANDS),
    ):
        for name, command, example in rows:
            group.command(command, name=name, help_epilogue=f"Example: {example}")
    app.command(standards)
    app.command(profiles)
    app.command(crosswalk)
    app.command(cohorts)
    return app


def _version() -> str:
    from importlib.metadata import version

    return version("ksbtrack")
