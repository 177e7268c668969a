"""A page of an occupation as a browser saved it: statements, duties, and which maps to which."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ksbtrack.files.opening import read_whole_file
from ksbtrack.formats.html_tokens import Token, html_tokens
from ksbtrack.formats.loading_back import loads_back
from ksbtrack.formats.source_record import (
    SourceDuty,
    SourceRecord,
    SourceStatement,
    code_in,
    imported,
)
from ksbtrack.formats.source_text import clean_line
from ksbtrack.formats.stated import fact, stated, told_nature_of, version_in
from ksbtrack.formats.statement_kinds import gap_notes, prefix_of, same_words
from ksbtrack.models.importing import Given, Imported, ImportNote, NoteKind
from ksbtrack.models.values import natural_key
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted, several
from ksbtrack.yamlfile import decode

MAX_PAGE_BYTES = 8 * 1024 * 1024
"""Bytes of a saved page: the largest occupation has some 150 statements, each written out under its duties."""

_HEAD = re.compile(
    rb"<!doctype html|<html[\s>]|<head[\s>]|<body[\s>]|<table[\s>]|<tr[\s>]|<!-- saved from url", re.IGNORECASE
)
_ARCHIVE = re.compile(rb"\A(?:[A-Za-z-]+: [^\n]*\n){0,20}?Content-Type: multipart/related", re.IGNORECASE)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_CHARSET_BYTES = 4096
"""Bytes in which a page says how its letters are written; browsers look at 1,024, and a long comment may come first."""
_WINDOWS = ("windows-1252", "cp1252", "iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii")
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\([0-9]+\)(\S+)\s*-->", re.IGNORECASE)
_IN_ADDRESS = re.compile(
    r"/(?:apprenticeships?|apprenticeship-standards|occupations?|occupational-standards)/(?:[a-z0-9-]*-)?"
    r"(?P<reference>(?:st|fa|au|occ)[0-9]{4})(?:-v(?P<version>[0-9]{1,3}[-.][0-9]{1,3}))?(?=[/?#&]|$)",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"\b((?:ST|FA|AU)[0-9]{4})\b")
_OCCUPATION = re.compile(r"\b(OCC[0-9]{4})\b")
_SITE = re.compile(r"\s+[|/–—-]\s+(?:skills england|institute for apprenticeships.*|ifate|gov\.uk)\s*\Z", re.IGNORECASE)
_DUTY_NUMBER = re.compile(r"(?:duty|d)\s*([0-9]{1,3})\b\s*[:.–-]*\s*", re.IGNORECASE)
_BEGINS = re.compile(r"<html[\s>]", re.IGNORECASE)
_ENDS = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_LAST_CHARACTERS = 64 * 1024
"""Characters at the end of a page in which it has to close; add-ons of browsers write something behind that."""
NO_END = "The page has no end, so it can be cut off and statements can be missing. Save it again, or count them."
MAX_WORDS = 200_000
"""Characters of a page's text that are searched for its reference, version and level; they stand near its top."""


def is_occupation_page(head: bytes) -> bool:
    """Say whether a file is a page as browsers save it, by its first bytes."""
    plain = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    is_html = plain.startswith(b"<") and _HEAD.search(plain[:_CHARSET_BYTES])
    return bool(is_html or _ARCHIVE.match(plain.replace(b"\r\n", b"\n")))


@dataclass(slots=True)
class _Duty:
    title: str
    details: str
    names: set[str]
    where: str
    links: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Item:
    id: str
    text: str
    duty: str
    row: int | None
    where: str


@dataclass(slots=True)
class _Page:
    """What a page has, as it was found."""

    duties: list[_Duty] = field(default_factory=list)
    items: list[_Item] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    title: str = ""
    heading: str = ""
    words: list[str] = field(default_factory=list)


def read_occupation_page(path: Path, given: Given) -> Iterator[Imported]:
    """Yield the one standard that a saved page of an occupation has.

    Args:
        path: HTML as a browser saves it ("complete" or "HTML only"), or a page saved as one file (MHTML).
        given: used where the page does not name the standard, its version or its title.

    Raises:
        KsbtrackError: `not-a-standard`, `not-utf-8`, `file-too-large`, or any fault of reading.
    """
    shown = path.as_posix()
    notes: list[ImportNote] = []
    text = _decoded(read_whole_file(path, shown, MAX_PAGE_BYTES), shown, notes)
    page = _taken_apart(text)
    if not page.items:
        raise KsbtrackError(_another_page(page, shown))
    if _BEGINS.search(text[:_CHARSET_BYTES]) and not _ENDS.search(text, max(0, len(text) - _LAST_CHARACTERS)):
        notes.append(ImportNote(NoteKind.UNKNOWN, "page", NO_END))
    yield loads_back(_read(page, given, notes))


def _another_page(page: _Page, shown: str) -> Problem:
    named = page.title or page.heading
    if page.duties:
        found = f"a page with {several(len(page.duties), 'duty', 'duties')} and no statement"
    else:
        found = f"the page {quoted(named)}, which has no statements" if named else "a page without statements"
    return Problem(
        "not-a-standard",
        Source(shown),
        found,
        "a saved page of an occupation has them in elements of the class ksb-item",
        "Open the occupation's page on the site of Skills England and save it as HTML.",
    )


def _decoded(content: bytes, shown: str, notes: list[ImportNote]) -> str:
    """Give the text of a page: in the encoding of its mark, the one it names, UTF-8, or that of western Windows."""
    plain = content.replace(b"\r\n", b"\n")[:_CHARSET_BYTES]
    if _ARCHIVE.match(plain):
        content = _page_of_archive(content, shown)
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    named = _CHARSET.search(content[:_CHARSET_BYTES])
    charset = named.group(1).decode("ascii").casefold() if named else ""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        if charset and charset not in _WINDOWS and charset not in ("utf-8", "utf8"):
            # The message has the place of the first byte that is no UTF-8.
            return decode(content, shown)
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        return decode(content, shown)
    if charset not in _WINDOWS:
        what = "It is not in UTF-8; it was read in the code of western Windows. Look at dashes, quotes and accents."
        notes.append(ImportNote(NoteKind.REPAIRED, "page", what))
    return text


def _page_of_archive(content: bytes, shown: str) -> bytes:
    """Give the page in an archive of a page with its pictures, as Chromium saves a "single file"."""
    from email import message_from_bytes
    from email.errors import MessageError

    try:
        parts = message_from_bytes(content).walk()
        pages = [part for part in parts if part.get_content_type() == "text/html"]
        payload = pages[0].get_payload(decode=True) if pages else None
    except (MessageError, LookupError, ValueError) as error:
        raise KsbtrackError(_another_page(_Page(), shown)) from error
    if not isinstance(payload, bytes):
        raise KsbtrackError(_another_page(_Page(), shown))
    return payload


def _taken_apart(text: str) -> _Page:
    page = _Page(addresses=_SAVED_FROM.findall(text[:_CHARSET_BYTES]))
    lines = _Lines(text)
    rows: list[int | None] = [None]
    inside = ""
    size = 0
    for token in html_tokens(text):
        if not token.name:
            if size < MAX_WORDS:
                page.words.append(token.text)
                size += len(token.text)
            page.title += token.text if inside == "title" and len(page.title) < MAX_WORDS else ""
            page.heading += token.text if inside == "h1" and len(page.heading) < MAX_WORDS else ""
            continue
        _step_row(token, rows)
        classes = token.attributes.get("class", "").casefold().split()
        if "duty-row" in classes or "data-duty-details" in token.attributes:
            page.duties.append(_duty(token, lines.where(token)))
            if token.name == "tr":
                rows[-1] = len(page.duties) - 1
        if "ksb-item" in classes or "data-ksb-text" in token.attributes:
            page.items.append(_item(token, rows[-1], lines.where(token)))
        inside = _inside(token, inside, page)
        _keep_address(token, page)
    return page


def _step_row(token: Token, rows: list[int | None]) -> None:
    """Keep the duty in whose row what comes next stands; a table in a row belongs to that row as a whole.

    Args:
        token: a tag.
        rows: the duty of the open row of each open table, outermost first.
    """
    if token.name == "table":
        rows.append(rows[-1])
    elif token.name == "/table" and len(rows) > 1:
        rows.pop()
    elif token.name == "tr":
        rows[-1] = rows[-2] if len(rows) > 1 else None


class _Lines:
    """Line numbers of tokens, which come in their order."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.offset = 0
        self.line = 1

    def where(self, token: Token) -> str:
        self.line += self.text.count("\n", self.offset, token.offset)
        self.offset = token.offset
        return f"line {self.line}"


def _inside(token: Token, inside: str, page: _Page) -> str:
    """Give the element with words that we want in which what comes next stands."""
    if token.name == f"/{inside}":
        return ""
    is_first = (token.name == "title" and not page.title) or (token.name == "h1" and not page.heading.strip())
    return token.name if is_first else inside


def _keep_address(token: Token, page: _Page) -> None:
    attributes = token.attributes
    if token.name == "link" and "canonical" in attributes.get("rel", "").casefold().split():
        page.addresses.insert(0, attributes.get("href", ""))
    elif token.name == "meta" and attributes.get("property", "").casefold() == "og:url":
        page.addresses.append(attributes.get("content", ""))


def _duty(token: Token, where: str) -> _Duty:
    attributes = token.attributes
    title = clean_line(attributes.get("data-duty-title", "")).text
    names = {attributes.get(name, "").strip().casefold() for name in ("data-dutyid", "data-duty-id", "id")}
    number = _DUTY_NUMBER.match(title)
    # What items name a duty by: its identifier where the row has it, else its number or its title.
    names |= {
        title.casefold(),
        *((number.group(1), f"d{number.group(1)}", f"duty {number.group(1)}") if number else ()),
    }
    return _Duty(title, attributes.get("data-duty-details", ""), names - {""}, where)


def _item(token: Token, row: int | None, where: str) -> _Item:
    attributes = token.attributes
    duty = attributes.get("data-dutyid", attributes.get("data-duty-id", "")).strip()
    return _Item(attributes.get("data-ksb-id", "").strip(), attributes.get("data-ksb-text", ""), duty, row, where)


def _read(page: _Page, given: Given, notes: list[ImportNote]) -> Imported:
    said, occupation = _said(page)
    facts = stated(_with_occupation(said, occupation, given), given, notes)
    if facts is None:
        return Imported(clean_line(page.title).text or "the page", None, tuple(notes))
    if facts["reference"] == occupation:
        what = f"The page names the occupation {occupation} and no standard; give the standard with --reference."
        notes.append(ImportNote(NoteKind.UNKNOWN, "reference", what))
    addresses = [address for address in dict.fromkeys(page.addresses) if address.startswith(("http://", "https://"))]
    named = " ".join(name for name in (occupation or facts["reference"], facts["version"]) if name)
    facts |= told_nature_of(facts["reference"], notes)
    facts |= {
        "level": _level(page),
        "sources": (f"Page of an occupation as a browser saved it, {named}", *(a[:2000] for a in addresses[:1])),
        "overview": (fact("Occupation code", occupation),) if occupation else (),
    }
    name = f"{facts['reference']}@{facts['version']}"
    statements = _statements(page, notes)
    _link(page, notes)
    return imported(SourceRecord(name, facts, statements, list(_duties(page)), (), tuple(notes)))


def _with_occupation(said: dict[str, str], occupation: str, given: Given) -> dict[str, str]:
    """Give what the page says, with the occupation for the standard where neither it nor anybody names one."""
    return said if said["reference"] or given.reference else {**said, "reference": occupation}


def _said(page: _Page) -> tuple[dict[str, str], str]:
    """Give reference, version and title as the page says them, and the occupation.

    Its own address says most: a page names other standards too, such as those that it leads to.
    """
    reference = version = occupation = ""
    for address in page.addresses:
        match = _IN_ADDRESS.search(address)
        if match:
            found = match["reference"].upper()
            occupation, reference = (found, reference) if found.startswith("OCC") else (occupation, reference or found)
            version = version or version_in(match["version"] or "")
    for text in (f"{page.title} {page.heading}", " ".join(page.words)):
        reference = reference or _only(_REFERENCE.findall(text))
        occupation = occupation or _only(_OCCUPATION.findall(text))
    version = version or version_in(_labelled(page, "version"))
    title = _SITE.sub("", clean_line(page.heading).text or clean_line(page.title).text)
    return {"reference": reference, "version": version, "title": title}, occupation


def _only(found: list[str]) -> str:
    """Give what was found, if it is one thing only, however often."""
    return found[0] if len(set(found)) == 1 else ""


def _labelled(page: _Page, label: str) -> str:
    """Give the value that a page shows behind a label such as `Version:`, if it shows one only."""
    words = [word for word in (" ".join(word.split()) for word in page.words) if word]
    found = []
    for word, after in zip(words, [*words, ""][1:], strict=True):
        name, colon, value = word.partition(":")
        if name.strip().casefold() == label:
            found.append(value.strip() if colon and value.strip() else after)
        elif re.fullmatch(rf"{label} [0-9][0-9.]*", word, re.IGNORECASE):
            found.append(word.split()[1])
    return _only(found)


def _level(page: _Page) -> str | None:
    """Give the level, where the page has a label for it: words such as "maths at level 2" speak of something else."""
    level = _labelled(page, "level")
    return level if re.fullmatch("[1-8]", level) else None


def _statements(page: _Page, notes: list[ImportNote]) -> list[SourceStatement]:
    """Give each statement once, in the order of the codes."""
    first: dict[str, _Item] = {}
    told = set()
    for item in page.items:
        item.id = code_in(item.id) or item.id
        known = first.setdefault(item.id, item)
        if item.id not in told and not same_words(known.text, item.text):
            told.add(item.id)
            words = quoted(clean_line(item.text).text)
            what = f"{item.id} has other words here: {words}. Those of {known.where} were taken."
            notes.append(ImportNote(NoteKind.UNUSABLE, item.where, what))
    found = []
    for item in sorted(first.values(), key=lambda item: natural_key(item.id)):
        prefix = prefix_of(item.id, "", item.where, notes)
        if prefix:
            found.append(SourceStatement(prefix, item.id, item.text, item.where))
    notes += gap_notes([item.id for item in found], "page")
    return found


def _link(page: _Page, notes: list[ImportNote]) -> None:
    """Give each duty the statements that its row has, and those that name it."""
    rows = {name: row for row, duty in reversed(list(enumerate(page.duties))) for name in duty.names}
    for item in page.items:
        if item.duty and item.row is not None:
            # An identifier that no row has is that of the row in which it stands.
            rows.setdefault(item.duty.casefold(), item.row)
    for item in page.items:
        row = rows.get(item.duty.casefold(), item.row)
        if row is not None:
            page.duties[row].links.append(item.id)
        elif item.duty:
            what = f"{item.id} names a duty that the page does not have."
            notes.append(ImportNote(NoteKind.UNUSABLE, item.where, what))


def _duties(page: _Page) -> Iterator[SourceDuty]:
    """Yield each duty once: pages repeat them for small screens and for print."""
    together: dict[tuple[str, str], _Duty] = {}
    for duty in page.duties:
        known = together.setdefault((duty.title.casefold(), clean_line(duty.details).text), duty)
        if known is not duty:
            known.links += duty.links
    for duty in together.values():
        number = _DUTY_NUMBER.match(duty.title)
        code = f"D{number.group(1)}" if number else ""
        links = tuple(dict.fromkeys(duty.links))
        yield SourceDuty(code, duty.details if duty.details.strip() else duty.title, duty.where, links)
