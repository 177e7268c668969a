"""Sheets for getting ready to talk about the evidence: statement, place, a neutral prompt, room for one's own notes.

Nothing on them is an answer. Every sentence is the standard's, the assessment plan's or the portfolio's own, apart from
those in `PROMPTS` and `FIXED`, which docs/prompts.md lists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from markupsafe import Markup

from ksbtrack.models.analysis import Analysis
from ksbtrack.models.case import MadeClaim
from ksbtrack.models.portfolio import Evidence
from ksbtrack.models.standard import Competency, CompetencyKind, Method
from ksbtrack.models.values import in_words
from ksbtrack.problems import KsbtrackError, Problem, Source
from ksbtrack.report.statements import method_view, statement_notes
from ksbtrack.report.words import code_ranges, shortened, vocabulary
from ksbtrack.showcase.built import BuiltShowcase
from ksbtrack.showcase.targets import NO_PLACE, pages_between, place_targets

PROMPTS: tuple[tuple[CompetencyKind, str], ...] = (
    (CompetencyKind.KNOWLEDGE, "What do you know about this, and where did you use it here?"),
    (CompetencyKind.SKILL, "How did you do this here, step by step?"),
    (CompetencyKind.BEHAVIOUR, "How did you act here, and why in this way?"),
    (CompetencyKind.DUTY, "What was your own part in this, and what came of it?"),
    (CompetencyKind.EXPERIENCE, "Where did you gain this, and over what time?"),
    (CompetencyKind.QUALIFICATION, "What do you hold, and where do you use it?"),
    (CompetencyKind.KNOWLEDGE_AND_SKILL, "What do you know about this, and how did you use it here?"),
    (CompetencyKind.EMPLOYABILITY, "Where at work did you show this, and how?"),
)
"""The prompt for each kind of statement."""
METHOD_PROMPT = "What do you want to find out about this method beforehand, and from whom?"
"""The prompt for a method of which it is not known what it assesses."""
NO_PIECE_PROMPT = "Where at work have you met this?"
"""The prompt for a statement for which the showcase has no piece."""
FIXED: Mapping[str, str] = {
    "eyebrow": "For the conversation",
    "intro": "Room for your own notes. Nothing here is an answer, and nothing says what will be asked.",
    "invented": "An invented example.",
    "built": "Pages are those of the showcase as it was built.",
    "not_built": "Places are those in the files of each piece; the pages of a built showcase are not known here.",
    "mapped": "Assesses {codes}.",
    "must_assess": "Assessed every time: {codes}.",
    "from_plan": "From the plan",
    "not_mapped": "Which {units} this method assesses is not known: no readable source says it. They follow below the "
    "methods.",
    "rest_unknown": "{Units} of which no method is known",
    "rest_unknown_note": "Which of these {methods} assesses is not known. Nothing is guessed.",
    "rest_none": "{Units} that no method is named for",
    "rest_no_methods": "The standard names no assessment method.",
    "no_piece": "No piece of the showcase is for this.",
    "changed": "Changed since that showcase was built",
    "not_in_it": "Not in that showcase",
    "no_place": NO_PLACE,
    "you_wrote": "You wrote",
    "notes": "Your notes",
}
"""Every other fixed wording, by name."""


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """Where a piece shows a statement.

    Attributes:
        place: final pages of the showcase, or the claim's own words.
        why: what the learner wrote about it; empty if nothing.
        note: why no page of a built showcase can be named; empty if one can, or none was given.
    """

    piece: str
    title: str
    place: str
    why: str
    note: str


@dataclass(frozen=True, slots=True)
class PromptBlock:
    """One statement with its evidence, its prompt and room for notes."""

    code: str
    text: str
    evidence: tuple[EvidenceLine, ...]
    prompt: str


@dataclass(frozen=True, slots=True)
class PromptSheet:
    """One assessment method, or what no method is known or named for.

    Attributes:
        place: name of the place that a link leads to.
        form: the plan's own words; empty for what is no method.
        figures: name, value and remark, from the plan.
        notes: what is known and not known of the mapping.
        prompt: for the method as a whole; empty where its statements have their own.
    """

    place: str
    title: str
    form: str
    figures: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...]
    blocks: tuple[PromptBlock, ...]
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class PromptsView:
    """Everything that the sheets print, in their order."""

    title: str
    running: str
    running_day: str
    name: str
    standard_name: str
    is_invented: bool
    is_built: bool
    iso_day: str
    sheets: tuple[PromptSheet, ...]
    statement_notes: tuple[str, ...]
    attribution: str


def prompts_view(analysis: Analysis, pieces: Sequence[Evidence], built: BuiltShowcase | None = None) -> PromptsView:
    """Give the sheets in words: one for each assessment method, then what no method is known or named for.

    Args:
        analysis: what `analyse` returned.
        pieces: those of the showcase, in its order.
        built: the showcase as it was built, for its pages.

    Raises:
        KsbtrackError: `nothing-selected`.
    """
    case = analysis.case
    standard, learner = case.standard, case.portfolio.learner
    if not pieces:
        raise _nothing_selected(analysis)
    blocks = {statement.code: _block(statement, analysis, pieces, built) for statement in standard.competencies}
    return PromptsView(
        title=f"{FIXED['eyebrow']}: {learner.name}, {standard.title} ({standard.reference} {standard.version})",
        running=shortened(learner.name, 60),
        running_day=f"{standard.reference} {standard.version}, {in_words(case.on)}",
        name=learner.name,
        standard_name=f"{standard.title} ({standard.reference} {standard.version})",
        is_invented=case.portfolio.invented,
        is_built=built is not None,
        iso_day=case.on.isoformat(),
        sheets=(*(_sheet(method, analysis, blocks) for method in standard.methods), *_rest(analysis, blocks)),
        statement_notes=tuple(statement_notes(standard)),
        attribution=standard.attribution,
    )


def _nothing_selected(analysis: Analysis) -> KsbtrackError:
    folder = analysis.case.portfolio.folder
    return KsbtrackError(
        Problem(
            "nothing-selected",
            Source(f"{folder}/portfolio.yaml" if folder else "portfolio.yaml"),
            "no piece for the showcase",
            "the sheets are about the pieces of a showcase",
            "List the ids of pieces under showcase in portfolio.yaml, or name them with --select.",
        )
    )


def _sheet(method: Method, analysis: Analysis, blocks: Mapping[str, PromptBlock]) -> PromptSheet:
    view, order = method_view(method, analysis), list(blocks)
    if method.assesses is None:
        notes = [FIXED["not_mapped"].format(units=vocabulary(analysis.case.standard).units)]
    else:
        notes = [FIXED["mapped"].format(codes=code_ranges(method.assesses, order))]
    if method.must_assess:
        notes.append(FIXED["must_assess"].format(codes=code_ranges(method.must_assess, order)))
    return PromptSheet(
        place=f"method-{method.id}",
        title=view.title,
        form=view.form,
        figures=view.figures,
        notes=tuple(notes),
        blocks=tuple(block for code, block in blocks.items() if code in (method.assesses or ())),
        prompt="" if method.assesses else METHOD_PROMPT,
    )


def _rest(analysis: Analysis, blocks: Mapping[str, PromptBlock]) -> list[PromptSheet]:
    """Give the sheet of what no method is known or named for; nothing where there is no such statement."""
    standard = analysis.case.standard
    left = tuple(block for code, block in blocks.items() if not standard.methods_of(code))
    if not left:
        return []
    units = vocabulary(standard).units
    words = {"units": units, "Units": units[:1].upper() + units[1:]}
    unknown = [method.title for method in standard.methods if method.assesses is None]
    if unknown:
        note = FIXED["rest_unknown_note"].format(methods=" or ".join(unknown))
        return [PromptSheet("rest", FIXED["rest_unknown"].format(**words), "", (), (note,), left)]
    notes = () if standard.methods else (FIXED["rest_no_methods"],)
    return [PromptSheet("rest", FIXED["rest_none"].format(**words), "", (), notes, left)]


def _block(
    statement: Competency, analysis: Analysis, pieces: Sequence[Evidence], built: BuiltShowcase | None
) -> PromptBlock:
    claims = [
        made
        for piece in pieces
        for made in analysis.case.claims_of.get(piece.id, ())
        if made.competency.code == statement.code
    ]
    prompt = dict(PROMPTS)[statement.kind] if claims else NO_PIECE_PROMPT
    return PromptBlock(statement.code, statement.text, tuple(_line(made, built) for made in claims), prompt)


def _line(made: MadeClaim, built: BuiltShowcase | None) -> EvidenceLine:
    piece, claim = made.piece, made.claim
    place, note = claim.place.text or FIXED["no_place"], ""
    if built is not None:
        note = _why_no_page(piece, built)
        place = place if note else _pages(made, built)
    return EvidenceLine(piece.id, piece.title, place, claim.why or "", note)


def _why_no_page(piece: Evidence, built: BuiltShowcase) -> str:
    if piece.id not in built.pieces:
        return FIXED["not_in_it"]
    return FIXED["changed"] if built.pieces[piece.id] != piece.fingerprint else ""


def _pages(made: MadeClaim, built: BuiltShowcase) -> str:
    """Give the final pages of a claim, with the author's words where pages alone do not say it."""
    try:
        targets = place_targets(made.claim, made.piece, built.files[made.piece.id])
    except KsbtrackError:
        # The showcase was built of a place that can be read in two ways: its piece is where to begin.
        return f"{made.claim.place.text}, {pages_between(built.numbers, f'piece-{made.piece.id}')}"
    shown = (", ".join(filter(None, (target.words, target.pages(built.numbers)))) for target in targets)
    return "; ".join(shown)


def prompts_html(view: PromptsView, *, is_paper: bool = False) -> str:
    """Give the sheets as one HTML page: for a browser, or for `html_to_pdf`.

    Args:
        view: what `prompts_view` returned.
        is_paper: for A4 pages.
    """
    from ksbtrack.report.html import page_environment, paper_style, screen_style

    style = (
        paper_style("report/report.css", "prompts/paper.css", "prompts/prompts.css")
        if is_paper
        else screen_style("report/report.css", "report/screen.css", "prompts/screen.css", "prompts/prompts.css")
    )
    template = page_environment("prompts", "report").get_template("prompts.html.j2")
    return template.render(
        view=view, fixed=FIXED, style=Markup(style), is_paper=is_paper, generator=f"ksbtrack {version('ksbtrack')}"
    )


def prompts_pdf(view: PromptsView) -> bytes:
    """Give the sheets as A4 pages, PDF/UA-1 and PDF/A-3a.

    Args:
        view: what `prompts_view` returned.

    Raises:
        KsbtrackError: what `html_to_pdf` raises.
    """
    from ksbtrack.report.pdf import html_to_pdf

    return html_to_pdf(prompts_html(view, is_paper=True))
