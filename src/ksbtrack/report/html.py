"""The readiness report as HTML: the view, put through the templates in templates/report."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from markupsafe import Markup

from ksbtrack.models.analysis import Analysis, Status
from ksbtrack.paths import shipped_folder
from ksbtrack.report.printable import printable
from ksbtrack.report.view import report_view
from ksbtrack.report.words import DEFINITIONS, FIXED_SENTENCE, Vocabulary, sentence

if TYPE_CHECKING:
    from jinja2 import Environment


class Section(NamedTuple):
    """One section of the report.

    Attributes:
        name: of its template, templates/report/<name>.html.j2, and of its place in the page.
        heading: its heading, with the names of the vocabulary in braces; the first page has none.
    """

    name: str
    heading: str


SECTIONS = (
    Section("decision", ""),
    Section("checklist", "{checklist}"),
    Section("statements", "{units} one by one"),
    Section("methods", "By assessment method"),
    Section("plan", "Gaps and plan"),
    Section("quality", "Evidence quality"),
    Section("hours", "Off-the-job training and dates"),
    Section("changes", "Changes since the last report"),
    Section("signoffs", "Sign-offs"),
    Section("appendix", "Appendix: every reason, and how to check this report"),
)
"""The sections in their order. One whose template gives nothing for an analysis is left out."""

_REMOVED_GLOBALS = ("lipsum", "cycler", "joiner", "namespace")
"""What Jinja offers to every template and ours do not use: each is a way to make a template costly."""


def render_html(analysis: Analysis) -> str:
    """Give the readiness report as one HTML page for a browser: nothing outside it is needed to show it.

    Args:
        analysis: what `analyse` returned.
    """
    return _render(analysis, is_paper=False)


def render_paper_html(analysis: Analysis) -> str:
    """Give the readiness report as the HTML of which `html_to_pdf` makes A4 pages.

    Args:
        analysis: what `analyse` returned.
    """
    return _render(analysis, is_paper=True)


def _render(analysis: Analysis, *, is_paper: bool) -> str:
    environment = page_environment("report")
    view = report_view(analysis)
    given: dict[str, Any] = {
        "view": view,
        "words": view.words,
        "is_paper": is_paper,
        "fixed_sentence": FIXED_SENTENCE,
        "definitions": DEFINITIONS,
        "unknown": Status.UNKNOWN,
    }
    sections: dict[str, Markup] = {}
    contents: list[tuple[str, str]] = []
    for section in SECTIONS:
        heading = _heading(section, view.words, len(contents) + 1)
        body = environment.get_template(f"{section.name}.html.j2").render(given, heading=heading, name=section.name)
        if body.strip():
            sections[section.name] = Markup(body)
            contents += [(section.name, heading)] if heading else []
    return environment.get_template("report.html.j2").render(
        given,
        sections=sections,
        contents=contents,
        style=Markup(_style(is_paper=is_paper)),
        generator=f"ksbtrack {version('ksbtrack')}",
    )


def _heading(section: Section, words: Vocabulary, number: int) -> str:
    """Give a section's heading with its number; the first page has none."""
    if not section.heading:
        return ""
    named = section.heading.format(checklist=words.checklist, units=sentence(words.units).rstrip("."))
    return f"{number}. {named}"


@lru_cache(maxsize=8)
def page_environment(*folders: str) -> Environment:
    """Give a Jinja environment in which values are only ever text, and a missing one is an error.

    The same one each time: to compile the templates anew takes twice as long as to fill them in.

    Args:
        folders: those inside templates/ in which it finds its templates, asked in this order.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from ksbtrack.report import charts, timecharts

    environment = Environment(
        loader=FileSystemLoader([shipped_folder("templates") / folder for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    for name in _REMOVED_GLOBALS:
        del environment.globals[name]
    environment.globals["charts"] = charts
    environment.globals["timecharts"] = timecharts
    return environment


def _shown(value: object) -> object:
    """Give what a template prints: safe markup as it is, any other text without characters that cannot be shown."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _style(*, is_paper: bool) -> str:
    """Give the style sheet: the rules for both media, then those for one, then the icon of each status."""
    if is_paper:
        return paper_style("report/report.css", "report/paper.css")
    return screen_style("report/report.css", "report/screen.css")


def screen_style(*sheets: str) -> str:
    """Give the style sheet of a page for browsers: the colours, the rules, and the icon of each status in it.

    Args:
        sheets: names of the files inside templates/.
    """
    from ksbtrack.report.shapes import COLOURS, icon

    rules = _rules(*sheets)
    rules += "".join(_icon_rule(status, f"data:image/svg+xml,{quote(icon(status))}") for status in Status)
    colours = "".join(f"--{name}:{colour};" for name, colour in COLOURS.items())
    return f":root{{{colours}}}\n{rules}"


def paper_style(*sheets: str) -> str:
    """Give the style sheet of a PDF: the rules, with the colours and icons of the shapes in their places.

    To look up a variable once for each element and rule takes a twentieth of the time of a PDF.

    Args:
        sheets: names of the files inside templates/.
    """
    from ksbtrack.report.shapes import COLOURS, ICON_ADDRESS

    rules = _rules(*sheets) + "".join(_icon_rule(status, f"{ICON_ADDRESS}{status}.svg") for status in Status)
    return _VARIABLE.sub(lambda found: COLOURS[found["name"]], rules)


def _rules(*sheets: str) -> str:
    return "\n".join((shipped_folder("templates") / sheet).read_text(encoding="utf-8") for sheet in sheets)


def _icon_rule(status: Status, address: str) -> str:
    return f'.status.{status},.verdict.{status} h2{{background-image:url("{address}")}}\n'


_VARIABLE = re.compile(r"var\(--(?P<name>[a-z_-]+)\)")
