"""ksbtrack: is this apprentice ready for gateway, and why.

    from datetime import date
    from ksbtrack import Case, analyse, load_policy, load_portfolio, load_standard, write_pdf

    portfolio = load_portfolio("docs/examples/typical")
    standard = load_standard(portfolio.standard)
    analysis = analyse(Case(standard, portfolio, load_policy(), date(2024, 9, 20)))
    print(analysis.decision.words, analysis.reason)
    write_pdf(analysis, "readiness.pdf")

Everything here is imported when it is first used, so that `import ksbtrack` is fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ksbtrack.analysis import analyse
    from ksbtrack.cohort.changes import cohort_changes
    from ksbtrack.cohort.judging import judged, opened_cohort
    from ksbtrack.cohort.sampling import draw_sample
    from ksbtrack.comparison.analyses import analysis_changes
    from ksbtrack.comparison.crosswalk import linked_statements
    from ksbtrack.comparison.migration import plan_migration
    from ksbtrack.comparison.pairing import compare_standards
    from ksbtrack.formats.analysis_json import analysis_as_dict, analysis_json
    from ksbtrack.formats.analysis_reading import read_reported, reported
    from ksbtrack.formats.ilr import read_return
    from ksbtrack.formats.matrix_import import import_matrix
    from ksbtrack.formats.migration import migrate_portfolio
    from ksbtrack.formats.portfolio_folder import save_portfolio
    from ksbtrack.formats.sign_off import accept_piece, confirm
    from ksbtrack.formats.sign_off_log import check_log, read_log
    from ksbtrack.formats.standards_import import import_standards
    from ksbtrack.linting.accounts import account_advice
    from ksbtrack.linting.folders import lint_standards
    from ksbtrack.load import find_standards, load_case, load_policy, load_portfolio, load_standard
    from ksbtrack.load.crosswalks import find_crosswalks, load_crosswalk
    from ksbtrack.load.pairs import load_pairs
    from ksbtrack.load.profiles import find_profiles, load_profile
    from ksbtrack.models.analysis import (
        Analysis,
        CompetencyVerdict,
        Decision,
        Finding,
        PieceVerdict,
        Remedy,
        RequirementVerdict,
        Status,
        Step,
        Totals,
    )
    from ksbtrack.models.case import Case
    from ksbtrack.models.cohort import CohortQuestion, LearnerVerdict
    from ksbtrack.models.comparison import Comparison
    from ksbtrack.models.crosswalk import Crosswalk, Link, LinkedStatement
    from ksbtrack.models.linting import Lint, Remark
    from ksbtrack.models.migration import MigrationPlan
    from ksbtrack.models.policy import Policy
    from ksbtrack.models.portfolio import Claim, Evidence, Portfolio
    from ksbtrack.models.profile import SubmissionProfile
    from ksbtrack.models.standard import Competency, Standard
    from ksbtrack.models.submission import Preflight, Submission, Verdict
    from ksbtrack.planning.assumptions import assuming
    from ksbtrack.planning.forecasts import forecast
    from ksbtrack.planning.plans import make_plan
    from ksbtrack.problems import KsbtrackError, Problem, Source
    from ksbtrack.report.comparison import comparison_html
    from ksbtrack.report.evidence_matrix import write_matrix
    from ksbtrack.report.html import render_html
    from ksbtrack.report.outputs import write_pdf
    from ksbtrack.showcase.build import Showcase, build_showcase
    from ksbtrack.submission.checks import preflight
    from ksbtrack.submission.files import read_submission

__all__ = [
    "Analysis",
    "Case",
    "Claim",
    "CohortQuestion",
    "Comparison",
    "Competency",
    "CompetencyVerdict",
    "Crosswalk",
    "Decision",
    "Evidence",
    "Finding",
    "KsbtrackError",
    "LearnerVerdict",
    "Link",
    "LinkedStatement",
    "Lint",
    "MigrationPlan",
    "PieceVerdict",
    "Policy",
    "Portfolio",
    "Preflight",
    "Problem",
    "Remark",
    "Remedy",
    "RequirementVerdict",
    "Showcase",
    "Source",
    "Standard",
    "Status",
    "Step",
    "Submission",
    "SubmissionProfile",
    "Totals",
    "Verdict",
    "accept_piece",
    "account_advice",
    "analyse",
    "analysis_as_dict",
    "analysis_changes",
    "analysis_json",
    "assuming",
    "build_showcase",
    "check_log",
    "cohort_changes",
    "compare_standards",
    "comparison_html",
    "confirm",
    "draw_sample",
    "find_crosswalks",
    "find_profiles",
    "find_standards",
    "forecast",
    "import_matrix",
    "import_standards",
    "judged",
    "linked_statements",
    "lint_standards",
    "load_case",
    "load_crosswalk",
    "load_pairs",
    "load_policy",
    "load_portfolio",
    "load_profile",
    "load_standard",
    "make_plan",
    "migrate_portfolio",
    "opened_cohort",
    "plan_migration",
    "preflight",
    "read_log",
    "read_reported",
    "read_return",
    "read_submission",
    "render_html",
    "reported",
    "save_portfolio",
    "write_matrix",
    "write_pdf",
]

_HOMES = {
    "ksbtrack.analysis": ("analyse",),
    "ksbtrack.cohort.changes": ("cohort_changes",),
    "ksbtrack.cohort.judging": ("judged", "opened_cohort"),
    "ksbtrack.cohort.sampling": ("draw_sample",),
    "ksbtrack.comparison.analyses": ("analysis_changes",),
    "ksbtrack.comparison.migration": ("plan_migration",),
    "ksbtrack.comparison.pairing": ("compare_standards",),
    "ksbtrack.comparison.crosswalk": ("linked_statements",),
    "ksbtrack.formats.analysis_json": ("analysis_as_dict", "analysis_json"),
    "ksbtrack.formats.ilr": ("read_return",),
    "ksbtrack.formats.analysis_reading": ("read_reported", "reported"),
    "ksbtrack.formats.matrix_import": ("import_matrix",),
    "ksbtrack.formats.migration": ("migrate_portfolio",),
    "ksbtrack.formats.portfolio_folder": ("save_portfolio",),
    "ksbtrack.formats.sign_off": ("accept_piece", "confirm"),
    "ksbtrack.formats.standards_import": ("import_standards",),
    "ksbtrack.formats.sign_off_log": ("check_log", "read_log"),
    "ksbtrack.linting.accounts": ("account_advice",),
    "ksbtrack.linting.folders": ("lint_standards",),
    "ksbtrack.load": ("find_standards", "load_case", "load_policy", "load_portfolio", "load_standard"),
    "ksbtrack.load.crosswalks": ("find_crosswalks", "load_crosswalk"),
    "ksbtrack.load.pairs": ("load_pairs",),
    "ksbtrack.load.profiles": ("find_profiles", "load_profile"),
    "ksbtrack.models.analysis": (
        "Analysis",
        "CompetencyVerdict",
        "Decision",
        "Finding",
        "PieceVerdict",
        "Remedy",
        "RequirementVerdict",
        "Status",
        "Step",
        "Totals",
    ),
    "ksbtrack.models.case": ("Case",),
    "ksbtrack.models.crosswalk": ("Crosswalk", "Link", "LinkedStatement"),
    "ksbtrack.models.linting": ("Lint", "Remark"),
    "ksbtrack.models.cohort": ("CohortQuestion", "LearnerVerdict"),
    "ksbtrack.models.comparison": ("Comparison",),
    "ksbtrack.models.migration": ("MigrationPlan",),
    "ksbtrack.models.policy": ("Policy",),
    "ksbtrack.models.portfolio": ("Claim", "Evidence", "Portfolio"),
    "ksbtrack.models.profile": ("SubmissionProfile",),
    "ksbtrack.models.standard": ("Competency", "Standard"),
    "ksbtrack.models.submission": ("Preflight", "Submission", "Verdict"),
    "ksbtrack.planning.assumptions": ("assuming",),
    "ksbtrack.planning.forecasts": ("forecast",),
    "ksbtrack.planning.plans": ("make_plan",),
    "ksbtrack.problems": ("KsbtrackError", "Problem", "Source"),
    "ksbtrack.report.evidence_matrix": ("write_matrix",),
    "ksbtrack.report.comparison": ("comparison_html",),
    "ksbtrack.report.html": ("render_html",),
    "ksbtrack.report.outputs": ("write_pdf",),
    "ksbtrack.showcase.build": ("Showcase", "build_showcase"),
    "ksbtrack.submission.checks": ("preflight",),
    "ksbtrack.submission.files": ("read_submission",),
}
"""Where each public name lives."""


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    for module, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(module), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'ksbtrack' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Give the public names, for help and completion."""
    return __all__
