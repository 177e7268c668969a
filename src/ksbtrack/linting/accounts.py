"""What an author could write better in the accounts of a portfolio: advice by rules that are written down, no verdict.

Every check is about something that an assessor sends back. None of them understands a text: each looks for words that
are there or missing, and stays silent where it cannot tell.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ksbtrack.linting.account_names import A_NAME, Known, known_names, names_in
from ksbtrack.linting.account_words import (
    COMMON,
    I_WORDS,
    MINE_WORDS,
    WE_WORDS,
    WHEN,
    WHEN_WORDS,
    WHY,
    tells_result,
)
from ksbtrack.models.advice import AccountAdvice, Advice
from ksbtrack.models.portfolio import AcceptanceState, Evidence, Portfolio
from ksbtrack.models.standard import EvidenceKind, Standard
from ksbtrack.problems import Source, several

FEWEST_WORDS = 60
"""Words of an account below which it can hardly say what was done, how, why and with what result."""
PASTED_WORDS = 8
"""Words in a row that an account has in common with a statement: fewer meet by chance."""
SHORT_STATEMENT = 5
"""Words of a short statement that stands in an account as a whole; still shorter ones are names of things."""
ENGLISH_SHARE = 0.18
"""Share of the commonest English words from which a text counts as English: real accounts have 0.35 to 0.55, and other
languages with our letters below 0.1."""
WITHOUT_OUTCOME = (EvidenceKind.PROFESSIONAL_DISCUSSION, EvidenceKind.SELF_ASSESSMENT, EvidenceKind.CERTIFICATE)
"""Kinds whose account is about what somebody said or holds, not about something that came to an end."""
FEWEST_TELLING = 10
"""Words from which a text can be told to be in another language."""
SHOWN_NAMES = 5
"""Names of a piece that are shown one by one."""
SHOWN_WORDS = 12
"""Words of the author that are shown around what was seen."""

_NOT_PROSE = re.compile(
    r"^(?P<fence>```|~~~)[^\n]*\n.*?(?:^(?P=fence)|\Z)"
    r"|<!--.*?(?:-->|\Z)"
    r"|`[^`\n]*`"
    r"|</?[A-Za-z][^<>\n]{0,200}>"
    r"|(?<=\])\([^()\n]{0,500}\)"
    r"|https?://[^\s)>\]]+",
    re.DOTALL | re.MULTILINE,
)
"""Code, comments, marks and addresses."""
_QUOTED = re.compile(r'"[^"]{1,400}"|“[^”]{1,400}”|«[^»]{1,400}»|^[ ]{0,3}>[^\n]*', re.MULTILINE)
"""What somebody else said."""
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?…](?=\s|$)|\n\s*\n")


class _Written:
    """An account with its words; a class, since the checks share what was found out about it."""

    def __init__(self, piece: Evidence) -> None:
        self.piece = piece
        self.text = _NOT_PROSE.sub(_blank, piece.account)

    @cached_property
    def own(self) -> str:
        """Give the author's own words: what others said is blank."""
        return _QUOTED.sub(_blank, self.text)

    @cached_property
    def words(self) -> list[str]:
        """Give all words, in small letters."""
        return [word.replace("’", "'") for word in _WORD.findall(self.text.casefold())]

    @cached_property
    def own_words(self) -> list[tuple[str, int]]:
        """Give the author's own words in small letters, each with its place."""
        return [(found.group().casefold().replace("’", "'"), found.start()) for found in _WORD.finditer(self.own)]

    @cached_property
    def is_english(self) -> bool:
        """Say whether the account is in English, as far as its commonest words tell."""
        if len(self.words) < FEWEST_TELLING and all(word.isascii() for word in self.words):
            return bool(self.words) or not self.text.strip()
        return sum(word in COMMON for word in self.words) >= ENGLISH_SHARE * len(self.words)

    @cached_property
    def is_long_enough(self) -> bool:
        return len(self.words) >= FEWEST_WORDS

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    def at(self, place: int) -> Source:
        """Give the file and line of a place in the account."""
        source = self.piece.source
        if not self.piece.account_line:
            return source
        return Source(source.file, self.piece.account_line + bisect_right(self._line_starts, place) - 1)

    def around(self, place: int) -> str:
        """Give the sentence in which a place stands, or its beginning."""
        ends = [found.end() for found in _SENTENCE_END.finditer(self.piece.account, 0, place)]
        begin = ends[-1] if ends else 0
        after = _SENTENCE_END.search(self.piece.account, place)
        words = self.piece.account[begin : after.end() if after else len(self.piece.account)].split()
        return " ".join(words[:SHOWN_WORDS]) + (" …" if len(words) > SHOWN_WORDS else "")


def _blank(found: re.Match[str]) -> str:
    """Give as many characters that say nothing, in as many lines."""
    return re.sub(r"[^\n]", " ", found.group())


class Seen(NamedTuple):
    """What a check saw: where in the account, a sentence, and the author's words there."""

    place: int
    what: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a portfolio beside its accounts.

    Attributes:
        names: words that are no personal names to be taken out, since the records have them.
        statements: the runs of words of each statement, with its code.
    """

    names: Known
    statements: Mapping[tuple[str, ...], str]


def no_account(written: _Written, _: _Known) -> Iterator[Seen]:
    """Find a piece without a written account."""
    if not written.text.strip():
        yield Seen(0, "Nothing is written about this piece.")


def too_short(written: _Written, _: _Known) -> Iterator[Seen]:
    """Find an account of a few words."""
    if written.text.strip() and written.is_english and not written.is_long_enough:
        yield Seen(0, f"The account has {several(len(written.words), 'word')}.", written.around(0))


def we_not_i(written: _Written, _: _Known) -> Iterator[Seen]:
    """Find an account in which "we" did more than "I" did."""
    ours = [place for word, place in written.own_words if word in WE_WORDS]
    mine = sum(word in I_WORDS for word, _ in written.own_words)
    if ours and len(ours) > mine:
        times = "once" if len(ours) == 1 else f"{len(ours)} times"
        never = "never" if not mine else "once" if mine == 1 else f"{mine} times"
        yield Seen(ours[0], f'"We" acts here {times}, and "I" {never}.', written.around(ours[0]))


def no_role(written: _Written, _: _Known) -> Iterator[Seen]:
    """Find an account in which its author does not appear."""
    words = {word for word, _ in written.own_words}
    if written.is_long_enough and not words & (MINE_WORDS | WE_WORDS):
        yield Seen(0, 'You are not in this account: it never says "I", "me" or "my".', written.around(0))


def no_date(written: _Written, _: _Known) -> Iterator[Seen]:
    """Find an account that says nowhere when anything was."""
    if written.is_long_enough and not WHEN.search(written.text) and not WHEN_WORDS.search(written.text):
        yield Seen(0, "Nothing in the account says when it was: no day, month, term or week.")


def no_result(written: _Written, _: _Known) -> Iterator[Seen]:
    """Find an account that does not say what came of it."""
    is_event = written.piece.kind not in WITHOUT_OUTCOME
    if is_event and written.is_long_enough and not tells_result(written.text):
        last = len(written.text.rstrip())
        yield Seen(max(last - 1, 0), "Nothing in the account says what came of it.")


def no_why(written: _Written, _: _Known) -> Iterator[Seen]:
    """Find an account that gives no reason for anything."""
    if written.is_long_enough and not WHY.search(written.own):
        yield Seen(0, "Nothing in the account says why you did it, or why in this way.")


def pasted_statement(written: _Written, known: _Known) -> Iterator[Seen]:
    """Find words of a statement that stand in an account as they stand in the standard."""
    words = [word for word, _ in written.own_words]
    told: set[str] = set()
    for length in sorted({len(run) for run in known.statements}):
        for first, run in enumerate(zip(*(words[start:] for start in range(length)), strict=False)):
            code = known.statements.get(run)
            if code and code not in told:
                told.add(code)
                shown = " ".join(run)
                yield Seen(written.own_words[first][1], f"These are the words of {code} in the standard.", shown)


def personal_name(written: _Written, known: _Known) -> Iterator[Seen]:
    """Find what looks like a name, an address or a number of somebody who is not on record in the portfolio."""
    found = list(names_in(written.text, known.names, is_english=written.is_english))
    for name in found[:SHOWN_NAMES]:
        more = len(found) - SHOWN_NAMES if name is found[:SHOWN_NAMES][-1] else 0
        also = f" {more} more in this account look so too." if more > 0 else ""
        unless = ", unless it is an author or a company" if name.kind == A_NAME else ""
        yield Seen(name.place, f"This looks like {name.kind}{unless}.{also}", name.words)


class AccountCheck(NamedTuple):
    """A check on one account.

    Attributes:
        find: the function; its name is that of the check.
        why: why that matters to whoever reads the account.
        example: better wording, made up.
        needs_english: whether it goes by English words.
    """

    find: Callable[[_Written, _Known], Iterator[Seen]]
    why: str
    example: str
    needs_english: bool = True

    @property
    def name(self) -> str:
        """Give the check's name."""
        return self.find.__name__


ACCOUNT_CHECKS: tuple[AccountCheck, ...] = (
    AccountCheck(
        no_account,
        "A file alone does not say what you did, how, why and what came of it.",
        'Four sentences are a beginning: "In March a learner stopped coming. I asked ... because ... Since then ..."',
        needs_english=False,
    ),
    AccountCheck(
        too_short,
        "In so few words hardly anybody can say what they did, how, why and what came of it.",
        'Not "I ran a session." but "On 4 March I ran a session on revision for six learners, because ... I began with '
        '... Two of them ... Since then ..."',
    ),
    AccountCheck(
        we_not_i,
        "An assessor judges what you did yourself; what a team did counts for nobody in it.",
        'Not "We planned the session." but "I chose the task and wrote the questions; a colleague planned the rest."',
    ),
    AccountCheck(
        no_role,
        "An assessor judges what you did yourself, and has to find you in the account.",
        'Not "The session was planned and delivered." but "I planned the session, and the tutor and I delivered it."',
    ),
    AccountCheck(
        no_date,
        "An assessor has to place it in your apprenticeship, and in the order in which things happened.",
        'Not "I met the learner." but "I met the learner on 4 March, and again two weeks later."',
    ),
    AccountCheck(
        no_result,
        "What came of it, even if it went wrong, shows whether it was done well.",
        'Add the end: "Since then she has come every Friday." or "It did not help; next time I would ask her first."',
    ),
    AccountCheck(
        no_why,
        "Knowledge shows in the reasons: the same act can be right or luck.",
        'Not "I moved the meeting." but "I moved the meeting, because the last bus leaves at ten to five."',
    ),
    AccountCheck(
        pasted_statement,
        "The words of the standard say what is to be shown; they show nothing of what you did.",
        'Not "I used effective questioning techniques." but "I asked what the best hour of her week was, and waited."',
    ),
    AccountCheck(
        personal_name,
        "Assessment organisations take no personal data of others; whoever reads a portfolio need not know who it was.",
        'Say what people are to the story: "the tutor", "a second-year learner", "her mother".',
        needs_english=False,
    ),
)
"""The checks in the order of docs/lint-accounts.md."""


def account_advice(portfolio: Portfolio, standards: Iterable[Standard]) -> AccountAdvice:
    """Give what there is to say about the written accounts of a portfolio.

    Args:
        portfolio: whose.
        standards: those whose statements it claims.
    """
    known = _Known(known_names(portfolio), dict(_statement_runs(standards)))
    found: list[Advice] = []
    elsewhere: list[str] = []
    for piece in portfolio.evidence:
        written = _Written(piece)
        if not written.is_english:
            elsewhere.append(piece.id)
        found += sorted(_of_piece(written, known), key=lambda advice: advice.source.line)
    return AccountAdvice(tuple(piece.id for piece in portfolio.evidence), tuple(found), tuple(elsewhere))


def _of_piece(written: _Written, known: _Known) -> Iterator[Advice]:
    is_accepted = written.piece.acceptance.state is AcceptanceState.ACCEPTED
    for check in ACCOUNT_CHECKS:
        if check.needs_english and not written.is_english:
            continue
        for seen in check.find(written, known):
            yield Advice(
                check=check.name,
                piece=written.piece.id,
                source=written.at(seen.place),
                what=seen.what,
                seen=seen.words,
                why=check.why,
                example=check.example,
                is_accepted=is_accepted,
            )


def _statement_runs(standards: Iterable[Standard]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each run of words by which a statement would be known, with its code; runs that several have name none."""
    found: dict[tuple[str, ...], str] = {}
    shared: set[tuple[str, ...]] = set()
    for standard in standards:
        for statement in standard.competencies:
            words = [word.replace("’", "'") for word in _WORD.findall(statement.text.casefold())]
            length = PASTED_WORDS if len(words) >= PASTED_WORDS else len(words)
            if length < SHORT_STATEMENT:
                continue
            for start in range(len(words) - length + 1):
                run = tuple(words[start : start + length])
                if found.setdefault(run, statement.code) != statement.code:
                    shared.add(run)
    yield from ((run, code) for run, code in found.items() if run not in shared)
