"""Moodle's CSV of competency frameworks: fourteen columns, the framework in the first row.

Moodle cuts names after 100 characters without a word, takes `<` in a name for a tag, needs each ID number once, and
reads CSV as PHP does, to which a backslash before a quote means that the quote does not close the cell. So names are
short and have the signs of HTML as codes, and the whole text is in the description.

Source: tool_lpimportcsv of Moodle, framework_importer and framework_exporter.
"""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Iterator, Sequence

from ksbtrack.formats.framework_names import group_names
from ksbtrack.formats.html_text import html_of, shortened
from ksbtrack.formats.losses import Part, lost_parts, whole
from ksbtrack.models.importing import Exported
from ksbtrack.models.standard import Group, Standard
from ksbtrack.problems import several

COLUMNS = (
    "Parent ID number",
    "ID number",
    "Short name",
    "Description",
    "Description format",
    "Scale values",
    "Scale configuration",
    "Rule type (optional)",
    "Rule outcome (optional)",
    "Rule config (optional)",
    "Cross-referenced competency ID numbers",
    "Exported ID (optional)",
    "Is framework",
    "Taxonomy",
)
"""The columns in their order: Moodle goes by it."""
LONGEST_NAME = 100
"""Characters of a short name or an ID number."""
SCALE = "Not yet competent,Competent"
SCALE_CONFIGURATION = '[{"scaleid":"2"},{"id":2,"scaledefault":1,"proficient":1}]'
TAXONOMY = ",".join(["competency"] * 4)
HTML_FORMAT = "1"
NO_RULE = "null"
DUTIES, OPTIONS = "duties", "options"
"""The ID numbers of the headings of duties and of options."""
DUTY, OPTIONAL_DUTY, OPTION = "duty ", "optional duty ", "option "
"""With what the ID number of a duty or an option begins; the code or the id follows."""
HELD = frozenset(
    (
        Part.ATTRIBUTION,
        Part.GROUP_NOTES,
        Part.PAIRS,
        Part.GUIDS,
        Part.OPTIONS,
        Part.DUTIES,
        Part.DUTY_LINKS,
    )
)
"""What a framework can hold beside headings, codes and texts."""


def write_moodle(standard: Standard) -> Exported:
    """Give a standard as a Moodle competency framework.

    Headings of groups are competencies, below which the statements stand under their codes as ID numbers; what goes
    together is cross-referenced; official identifiers stand as exported IDs, which Moodle does not keep.

    Args:
        standard: as it was loaded.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_rows(whole(standard)))
    lost = lost_parts(standard, HELD) + cut_titles(standard, LONGEST_NAME, escape=True)
    return Exported(written.getvalue().encode(), lost)


def cut_titles(standard: Standard, limit: int, *, escape: bool) -> tuple[str, ...]:
    """Give what is lost where names have fewer characters than titles can have; nothing where all fit."""
    titles = [standard.title, *(group.title for group in standard.groups if group.statements)]
    longer = [title for title in titles if html.unescape(shortened(title, limit, escape=escape)) != title]
    return (f"The ends of {several(len(longer), 'title')}: a name has at most {limit} characters.",) if longer else ()


def _rows(standard: Standard) -> Iterator[list[str]]:
    framework = _row("", standard.identity, standard.title, standard.attribution)
    yield [*framework[:5], SCALE, SCALE_CONFIGURATION, "", "", "", "", "", "1", TAXONOMY]
    for group, own in zip(standard.groups, group_names(standard), strict=True):
        if group.statements:
            yield from _group(group, own)
    if standard.options:
        yield _row("", OPTIONS, "Options", "")
        for option in standard.options:
            yield _row(OPTIONS, OPTION + option.id, option.title, option.title, exported=option.guid)
    if standard.duties:
        yield _row("", DUTIES, "Duties", "")
        for duty in standard.duties:
            own = (DUTY if duty.core else OPTIONAL_DUTY) + duty.code
            links = [*duty.competencies, *(OPTION + name for name in duty.options)]
            yield _row(DUTIES, own, duty.text, duty.text, links=links, exported=duty.guid)


def _group(group: Group, own: str) -> Iterator[list[str]]:
    yield _row("", own, group.title, group.note or "")
    for statement in group.statements:
        links = [statement.pairs_with] if statement.pairs_with else []
        yield _row(own, statement.code, statement.text, statement.text, links=links, exported=statement.guid)


def _row(
    parent: str, own: str, name: str, description: str, *, links: Sequence[str] = (), exported: str | None = None
) -> list[str]:
    text = f"<p>{html_of(description)}</p>" if description else ""
    related = ",".join(link.replace(",", "%2C") for link in dict.fromkeys(links))
    short = shortened(name, LONGEST_NAME, escape=True)
    return [parent, own, short, text, HTML_FORMAT, "", "", "", "", NO_RULE, related, exported or "", "0", ""]
