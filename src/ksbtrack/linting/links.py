"""Checks on what is linked: statements with duties, methods, options and each other."""

from __future__ import annotations

from collections.abc import Iterator

from ksbtrack.linting.codes import placed, several_codes
from ksbtrack.load.standards import WrittenStandard
from ksbtrack.models.linting import Seen


def statement_without_duty(written: WrittenStandard) -> Iterator[Seen]:
    """Find statements to which no duty maps, in a standard that has duties."""
    if not written.standard.duties:
        return
    mapped = {code for duty in written.standard.duties for code in duty.competencies}
    for path, statement in placed(written):
        if statement.code not in mapped:
            yield Seen(
                statement.code,
                written.text.source(path),
                f"No duty maps to {statement.code}.",
                "Compare the duties with the official record, and add what was lost. It is asked for either way.",
            )


def duty_without_statements(written: WrittenStandard) -> Iterator[Seen]:
    """Find duties that map to no statement, in a standard in which others do."""
    for index, duty in enumerate(written.own.duties):
        if not duty.competencies:
            yield Seen(
                duty.code,
                written.text.source(("duties", index)),
                f"The duty {duty.code} maps to no statement.",
                "Compare it with the official record, and write under competencies what it maps to.",
            )


def duty_without_words(written: WrittenStandard) -> Iterator[Seen]:
    """Find duties whose text is a placeholder."""
    for index, duty in enumerate(written.own.duties):
        if duty.text.strip(" .-–—") == "":
            yield Seen(
                duty.code,
                written.text.source(("duties", index, "text")),
                f"The text of the duty {duty.code} is a placeholder.",
                "Write the duty as the official page shows it.",
            )


def duty_of_no_option(written: WrittenStandard) -> Iterator[Seen]:
    """Find duties that are not for everybody and in no option: nobody would be asked for their statements."""
    for index, duty in enumerate(written.own.duties):
        if written.own.options and not duty.core and not duty.options:
            yield Seen(
                duty.code,
                written.text.source(("duties", index)),
                f"The duty {duty.code} is not core, and in no option: nobody would be asked for what it maps to.",
                "Write under options for whom it is, or delete core: no.",
            )


def options_empty(written: WrittenStandard) -> Iterator[Seen]:
    """Find options without duties of their own, and duties that are not core in a standard without options."""
    own = written.own
    used = {name for duty in own.duties for name in duty.options}
    for index, option in enumerate(own.options):
        if option.id not in used:
            yield Seen(
                option.id,
                written.text.source(("options", index)),
                f"The option {option.id} has no duty of its own: it asks for the same as having none.",
                "Write the option under options of each duty that belongs to it.",
            )
    apart = [(index, duty) for index, duty in enumerate(own.duties) if not duty.core]
    if apart and not own.options:
        yield Seen(
            apart[0][1].code,
            written.text.source(("duties", apart[0][0])),
            f"{several_codes([duty.code for _, duty in apart])} not core, but the standard has no options.",
            "Add the options from the official record, or delete core: no.",
        )


def method_covers_nothing(written: WrittenStandard) -> Iterator[Seen]:
    """Find assessment methods that are said to assess no statement at all."""
    assesses = {method.id: method.assesses for method in written.standard.methods}
    for index, method in enumerate(written.own.methods):
        if assesses[method.id] == ():
            yield Seen(
                method.id,
                written.text.source(("methods", index, "assesses")),
                f"The method {method.id} assesses no statement.",
                "Copy the codes from the assessment plan; write assesses: unknown if you do not have it.",
            )


def statement_without_method(written: WrittenStandard) -> Iterator[Seen]:
    """Find statements that no method assesses, once it is known of all methods what they assess."""
    methods = written.standard.methods
    if not methods or any(method.assesses is None for method in methods):
        return
    assessed = {code for method in methods for code in method.assesses or ()}
    asked = {statement.code for statement in written.standard.shown_by_evidence}
    for path, statement in placed(written):
        if assessed and statement.code in asked - assessed:
            yield Seen(
                statement.code,
                written.text.source(path),
                f"No method assesses {statement.code}.",
                "Compare the methods with the assessment plan, and add the code to the one that assesses it.",
            )


def mapping_not_known(written: WrittenStandard) -> Iterator[Seen]:
    """Find assessment methods of which nobody has written down what they assess."""
    assesses = {method.id: method.assesses for method in written.standard.methods}
    for index, method in enumerate(written.own.methods):
        if assesses[method.id] is None:
            yield Seen(
                method.id,
                written.text.source(("methods", index, "assesses")),
                f"Which statements the method {method.id} assesses, is not known.",
                "Copy the codes from the assessment plan into an overlay file.",
            )


def must_assess_outside(written: WrittenStandard) -> Iterator[Seen]:
    """Find codes that a method has to assess every time and that are not among those that it assesses."""
    by_id = {method.id: method for method in written.standard.methods}
    for index, own in enumerate(written.own.methods):
        method = by_id[own.id]
        outside = [code for code in method.must_assess if method.assesses is not None and code not in method.assesses]
        if outside:
            yield Seen(
                method.id,
                written.text.source(("methods", index, "must_assess")),
                f"{several_codes(outside)} under must_assess of {method.id}, and not under assesses.",
                "Compare both with the assessment plan: what is assessed every time is assessed.",
            )


def pairs_not_mutual(written: WrittenStandard) -> Iterator[Seen]:
    """Find statements paired with one that is not paired with them."""
    pairs = {statement.code: statement.pairs_with for statement in written.standard.competencies}
    for path, statement in placed(written):
        other = statement.pairs_with
        if other and pairs.get(other) != statement.code:
            back = f"pairs with {pairs[other]}" if pairs.get(other) else "pairs with none"
            yield Seen(
                statement.code,
                written.text.source((*path, "pairs_with")),
                f"{statement.code} pairs with {other}, but {other} {back}.",
                "Correct pairs_with of the one that is wrong; both name each other.",
            )
