"""The readiness report as a file: which ending of a name means which format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ksbtrack.files.writing import replace_file
from ksbtrack.formats.analysis_json import analysis_json
from ksbtrack.models.analysis import Analysis


def write_pdf(analysis: Analysis, path: str | Path) -> None:
    """Write the readiness report as a PDF: PDF/UA-1 and PDF/A-3a, with the analysis attached as JSON.

    The file is replaced as a whole; where writing fails, an older one stays.

    Args:
        analysis: what `analyse` returned.
        path: the file, in a folder that exists.

    Raises:
        KsbtrackError: `cannot-write`, or what making the PDF raises.
    """
    replace_file(Path(path), pdf_report(analysis))


def pdf_report(analysis: Analysis, draw: Callable[..., bytes] | None = None) -> bytes:
    """Give the bytes of the PDF that `write_pdf` writes.

    Args:
        analysis: what `analyse` returned.
        draw: what makes the PDF of its pages, if not `html_to_pdf`.
    """
    from ksbtrack.report.pdf import html_to_pdf
    from ksbtrack.report.readiness import report_pdf

    return report_pdf(analysis, analysis_json(analysis), draw or html_to_pdf)


def html_report(analysis: Analysis) -> bytes:
    """Give the bytes of the report as one HTML page."""
    from ksbtrack.report.html import render_html

    return render_html(analysis).encode()


def json_report(analysis: Analysis) -> bytes:
    """Give the bytes of the analysis as JSON."""
    return analysis_json(analysis).encode()


WRITERS: dict[str, Callable[[Analysis], bytes]] = {".pdf": pdf_report, ".html": html_report, ".json": json_report}
"""What makes a report, by the ending of the file's name."""
