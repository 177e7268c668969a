"""Checks on wordings: what was said twice or came through another program badly, and whose it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from ksbtrack.linting.codes import placed
from ksbtrack.load.standards import WrittenStandard
from ksbtrack.models.linting import Seen
from ksbtrack.models.values import Known
from ksbtrack.problems import quoted, several
from ksbtrack.yamlfile import Path

_TAGS = "a|b|br|div|em|font|h[1-6]|i|img|li|ol|p|script|span|strong|style|sub|sup|table|tbody|td|th|tr|u|ul"
_LEFTOVERS = (
    (re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]{{0,200}})?/?>", re.IGNORECASE), "a tag of a web page"),
    (re.compile(r"&(?:[a-z]{2,8}[0-9]{0,2}|#[0-9]{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE), "an entity of a web page"),
    (re.compile(r"\\[rn](?![a-z])|_x000[ad]_", re.IGNORECASE), "a sign that stood for a line break"),
    (re.compile(r"\n"), "a line break"),
    (
        re.compile("\ufffd|\u00c3[\u0080-\u00bf]|\u00e2\u20ac|\u00c2[\u00a0-\u00bf]"),
        "letters that were read in another encoding",
    ),
)
"""What no wording has, and what it is. The last: UTF-8 read as Windows-1252, or lost altogether."""
_LICENCE = re.compile(
    r"licen[cs]e|copyright|©|rights? (?:in|reserved)|public domain|permission|free to use|creative commons|\bCC[ -]",
    re.IGNORECASE,
)


def same_text(written: WrittenStandard) -> Iterator[Seen]:
    """Find statements with the words of another one: one piece of evidence would be counted for both, or for one."""
    own = {statement.code: path for path, statement in placed(written)}
    first: dict[str, str] = {}
    for statement in written.standard.competencies:
        other = first.setdefault(_words(statement.text), statement.code)
        if other != statement.code and statement.code in own:
            yield Seen(
                statement.code,
                written.text.source((*own[statement.code], "text")),
                f"{statement.code} has the words of {other}.",
                "Compare both with the official record. If it has both, leave them: a claim on one does not count for "
                "the other.",
            )


def text_leftovers(written: WrittenStandard) -> Iterator[Seen]:
    """Find what a web page, a spreadsheet or a wrong encoding left in a wording."""
    for subject, text, path in _texts(written):
        for pattern, what in _LEFTOVERS:
            match = pattern.search(text)
            if match:
                around = text[max(0, match.start() - 15) : match.end() + 15]
                yield Seen(
                    subject,
                    written.text.source(path),
                    f"The wording has {what}, at {quoted(around)}.",
                    "Write it as the official page shows it. Claims on it have to be checked again then.",
                )
                break


def trust_not_stated(written: WrittenStandard) -> Iterator[Seen]:
    """Find statements that do not say how sure their wording is."""
    open_ones = [(path, item.code) for path, item in placed(written) if item.trust is Known.NOT_STATED]
    if open_ones:
        path, code = open_ones[0]
        yield Seen(
            code,
            written.text.source(path),
            f"How sure the wording is, is not stated for {several(len(open_ones), 'statement')}.",
            "Compare them with the official record, then state trust at their groups: official, reconstructed or ours.",
        )


def licence_not_named(written: WrittenStandard) -> Iterator[Seen]:
    """Find an attribution that says nothing of rights or licence; it is printed on every report."""
    if not _LICENCE.search(written.own.attribution):
        yield Seen(
            "attribution",
            written.text.source(("attribution",)),
            "The attribution names neither the rights in the wording nor a licence.",
            "Say whose wording it is and under which licence it may be used, or that none is known.",
        )


def sources_empty(written: WrittenStandard) -> Iterator[Seen]:
    """Find a standard that does not say where its facts are from."""
    if not written.own.sources:
        yield Seen(
            "sources",
            written.text.source(("sources",)),
            "No source is named.",
            "List under sources where statements and facts are from, so that others can compare them.",
        )


def _words(text: str) -> str:
    """Give the words of a text alone, for comparing: no capitals, no signs, no accents of typography."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"\w+", folded)) or folded.strip()


def _texts(written: WrittenStandard) -> Iterator[tuple[str, str, Path]]:
    """Yield what each wording is of, the wording and its place."""
    yield "title", written.own.title, ("title",)
    for index, option in enumerate(written.own.options):
        yield option.id, option.title, ("options", index, "title")
    for path, statement in placed(written):
        yield statement.code, statement.text, (*path, "text")
    for index, duty in enumerate(written.own.duties):
        yield duty.code, duty.text, ("duties", index, "text")
