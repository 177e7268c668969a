"""The rule book of a run, opened once in each process: standards by the words that name them, and the policy."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache

from ksbtrack.comparison.causes import policy_mark
from ksbtrack.load.folders import resolved, standard_files
from ksbtrack.load.options import further_with_options, needs_option, with_option
from ksbtrack.load.overlays import overlaid, read_overlays
from ksbtrack.load.policies import load_policy
from ksbtrack.load.standards import load_identity
from ksbtrack.models.changes import RuleMarks
from ksbtrack.models.cohort import CohortQuestion
from ksbtrack.models.policy import Policy
from ksbtrack.models.standard import Standard
from ksbtrack.problems import KsbtrackError, Source

Named = tuple[str, str | None]
"""A standard as a learner's row names it, and the option."""


class RuleBook:
    """Standards and policy of one question; what was loaded once stays, since cohorts repeat themselves.

    A class, since what was loaded must outlive each learner.
    """

    def __init__(self, question: CohortQuestion) -> None:
        """Read the policy, the overlays and the names of all standards.

        Raises:
            KsbtrackError: any fault of these.
        """
        self.question = question
        self.policy: Policy = load_policy(question.policy)
        self._files = standard_files(question.folders)
        self._overlays = read_overlays(question.overlays, self._files)
        self._standards: dict[Named, Standard] = {}
        self._wrong: dict[tuple[Named, Source, Source], KsbtrackError] = {}
        self._marks: dict[int, str] = {}
        self.policy_mark = policy_mark(self.policy)
        # A report shows estimates, titles and notes too.
        self.shown_policy_mark = _mark(self.policy.model_dump_json())

    def standard(self, name: str, option: str | None, at: Source, option_at: Source) -> Standard:
        """Give the standard that a learner is on.

        Args:
            name: with or without its version.
            option: the id of the option that they take; None if none is named.
            at: where the standard is named.
            option_at: where the option is, or should be.

        Raises:
            KsbtrackError: `unknown-standard`, `unknown-version`, `missing-version`, `missing-option`, `unknown-id`, or
                any fault of the standard's file.
        """
        key = (name, option)
        if key in self._standards:
            return self._standards[key]
        wrong = (key, at, option_at)
        if wrong in self._wrong:
            raise self._wrong[wrong]
        try:
            found = with_option(self._whole(name, at), option, option_at, option_at)
        except KsbtrackError as error:
            self._wrong[wrong] = error
            raise
        self._standards[key] = found
        return found

    def further(self, name: str, at: Source) -> Standard:
        """Give a further standard that a learner's claims name.

        Raises:
            KsbtrackError: as `standard`.
        """
        key = (name, "")
        if key not in self._standards:
            found = self._whole(name, at)
            if needs_option(found):
                raise KsbtrackError(further_with_options(found, at))
            self._standards[key] = found
        return self._standards[key]

    def asked(self, own: Standard) -> Standard:
        """Give the standard that the question names for everyone, or a learner's own where it names none.

        Args:
            own: the learner's own.

        Raises:
            KsbtrackError: as `standard`.
        """
        name = self.question.standard
        if name is None:
            return own
        option = own.option.id if own.option else None
        at = Source("--standard")
        whole = self.further_whole(name, at)
        return self.standard(name, option if whole.options else None, at, at)

    def further_whole(self, name: str, at: Source) -> Standard:
        """Give a standard before anything is chosen of it.

        Raises:
            KsbtrackError: as `standard`.
        """
        key = (name, "\0whole")
        if key not in self._standards:
            self._standards[key] = self._whole(name, at)
        return self._standards[key]

    def _whole(self, name: str, at: Source) -> Standard:
        standard = load_identity(resolved(name, self._files, at), self._files, at)
        return overlaid(standard, self._overlays)

    def mark(self, standard: Standard) -> str:
        """Give the mark of everything that a standard says."""
        known = self._marks.get(id(standard))
        if known is None:
            known = self._marks[id(standard)] = _mark(standard.model_dump_json())
        return known


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@lru_cache(maxsize=4)
def rule_book(question: CohortQuestion) -> RuleBook:
    """Give the rule book of a question, opened at the first call in this process.

    Raises:
        KsbtrackError: any fault of the policy, the overlays or the folders of standards.
    """
    return RuleBook(question)


def rule_marks(question: CohortQuestion, identities: Iterable[str]) -> RuleMarks:
    """Give by what rules a run judges, so that a later one can say whether they changed.

    Args:
        question: of the run.
        identities: `reference@version` of the standards in its verdicts.

    Raises:
        KsbtrackError: any fault of the rule book, which the run would have met before.
    """
    book = rule_book(question)
    standards = {name: book.mark(book.further_whole(name, Source(name))) for name in sorted(set(identities))}
    return RuleMarks(program_mark(), book.policy_mark, standards)


@lru_cache(maxsize=1)
def program_mark() -> str:
    """Give the version of this program, which belongs to what a verdict depends on."""
    from importlib.metadata import version

    return version("ksbtrack")
