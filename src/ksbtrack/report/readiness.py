"""The readiness report as a PDF that carries its own figures."""

from __future__ import annotations

from collections.abc import Callable

from ksbtrack.models.analysis import Analysis
from ksbtrack.report.html import render_paper_html
from ksbtrack.report.pdf import Attachment, html_to_pdf

ATTACHMENT_NAME = "analysis.json"


def report_pdf(analysis: Analysis, json_text: str, draw: Callable[..., bytes] = html_to_pdf) -> bytes:
    """Give the readiness report as A4 pages, with the analysis attached as JSON.

    Args:
        analysis: what `analyse` returned.
        json_text: the same as JSON, for programs.
        draw: `html_to_pdf`, or something that does the same elsewhere.

    Raises:
        KsbtrackError: as `html_to_pdf`.
    """
    day = analysis.case.on
    figures = Attachment(
        name=ATTACHMENT_NAME,
        content=json_text.encode(),
        description="The whole analysis as JSON",
        media_type="application/json",
        created=day,
        modified=day,
    )
    return draw(render_paper_html(analysis), attachments=[figures])
