"""The showcase's own pages as HTML: what comes before the files, and the annexes after them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.metadata import version

from markupsafe import Markup

from ksbtrack.report.html import page_environment, paper_style
from ksbtrack.showcase.parts import Numbers
from ksbtrack.showcase.targets import LINK, pages_between
from ksbtrack.showcase.view import ShowcaseView, not_shown_as_pages

STYLE_SHEETS = ("report/report.css", "showcase/showcase.css")


def front_html(view: ShowcaseView, numbers: Numbers) -> str:
    """Give the pages before the files: cover, contents, about me, how to use, and a page for each piece.

    A number that is not known yet is blank; the layout is the same with any numbers.

    Args:
        view: the showcase in words.
        numbers: the final page of each place, as far as it is known.
    """
    return _page("front", view, numbers)


def back_html(view: ShowcaseView, numbers: Numbers) -> str:
    """Give the pages after the files: both annexes, declarations, redaction log and manifest.

    A number that is not known yet is blank; the layout is the same with any numbers.

    Args:
        view: the showcase in words.
        numbers: the final page of each place, as far as it is known.
    """
    return _page("back", view, numbers)


def declarations_html(view: ShowcaseView) -> str:
    """Give the declarations as a document of their own, to be signed.

    Args:
        view: the showcase in words.
    """
    return _page("declarations_page", replace(view, title=f"Declarations: {view.name}"), {})


def _page(name: str, view: ShowcaseView, numbers: Numbers) -> str:
    return (
        page_environment("showcase", "report")
        .get_template(f"{name}.html.j2")
        .render(
            view=view,
            words=view.words,
            numbers=numbers,
            pages=lambda place: pages_between(numbers, place),
            link=LINK,
            has_files_elsewhere=not_shown_as_pages(view),
            style=Markup(_style()),
            generator=f"ksbtrack {version('ksbtrack')}",
        )
    )


@cache
def _style() -> str:
    return paper_style(*STYLE_SHEETS)
