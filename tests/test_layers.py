"""The sources import in one direction only, and the heavy packages stay where they belong."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "ksbtrack"

# A module may import from its own layer and from those before it. CONTRIBUTING.md says what each is for.
LAYERS = (
    "problems",
    "paths",
    "yamlsyntax",
    "yamlfile",
    "models",
    "files",
    "load",
    "rules",
    "analysis",
    "submission",
    "comparison",
    "planning",
    "linting",
    "formats",
    "report",
    "showcase",
    "cohort",
    "terminal",
    "cli",
)
# The two doors to everything: `import ksbtrack` and `python -m ksbtrack`. Nothing inside goes through them.
DOORS = ("ksbtrack", "ksbtrack.__main__")
MODULES = {
    ".".join(("ksbtrack", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


def imported_modules(source: str, importer: str, is_package: bool, known: frozenset[str]) -> Iterator[str]:
    """Give each module that a source imports anywhere: at the top, in a function or for type checkers only.

    Args:
        source: Python source.
        importer: the module's dotted name.
        is_package: whether the source is an `__init__.py`, which decides what a leading dot means.
        known: the project's modules, to tell `from ksbtrack import load` (a module) from a name in it.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                outer = importer.split(".")[: None if is_package and node.level == 1 else -node.level + is_package]
                base = ".".join([*outer, *([base] if base else [])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield inner if inner in known else base


def imports_of(module: str) -> set[str]:
    """Give every module that one of the project's modules imports."""
    path = MODULES[module]
    source = path.read_text(encoding="utf-8")
    return set(imported_modules(source, module, path.name == "__init__.py", frozenset(MODULES)))


def layer_of(module: str) -> int:
    """Give a module's place in LAYERS."""
    return LAYERS.index(module.split(".")[1])


@pytest.mark.parametrize("module", [name for name in MODULES if name not in DOORS])
def test_a_module_imports_upwards_only(module: str) -> None:
    assert module.split(".")[1] in LAYERS, f"{module} has no place in LAYERS: argue for one"
    ours = {name for name in imports_of(module) if name.split(".")[0] == "ksbtrack"}
    downwards = {name for name in ours if name in DOORS or layer_of(name) > layer_of(module)}
    assert not downwards, f"{module} imports from below itself: {sorted(downwards)}"


def test_the_modules_form_no_circle() -> None:
    graph = {name: imports_of(name) & MODULES.keys() - {name} for name in MODULES if name not in DOORS}
    assert len(tuple(TopologicalSorter(graph).static_order())) >= len(graph)


def test_only_the_pdf_writer_imports_weasyprint() -> None:
    importers = {name for name in MODULES if "weasyprint" in {i.split(".")[0] for i in imports_of(name)}}
    assert importers == {"ksbtrack.report.pdf"}


def test_import_ksbtrack_loads_no_heavy_package() -> None:
    program = "import ksbtrack, sys; print(ksbtrack.__name__, *sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    name, *loaded = done.stdout.split()
    assert name == "ksbtrack"
    assert not {"weasyprint", "jinja2", "pikepdf", "PIL", "rich", "cyclopts"} & set(loaded)


@pytest.mark.parametrize(
    ("source", "importer", "is_package", "expected"),
    [
        ("import weasyprint.text", "ksbtrack.cli", False, ["weasyprint.text"]),
        ("def f():\n    if x:\n        from weasyprint import HTML", "ksbtrack.cli", False, ["weasyprint"]),
        (
            "if TYPE_CHECKING:\n    from ksbtrack.models.case import Case",
            "ksbtrack.load",
            True,
            ["ksbtrack.models.case"],
        ),
        ("from ksbtrack import load, write_pdf", "ksbtrack.cli", False, ["ksbtrack.load", "ksbtrack"]),
        ("from .case import Case", "ksbtrack.models", True, ["ksbtrack.models.case"]),
        ("from .case import Case", "ksbtrack.models.values", False, ["ksbtrack.models.case"]),
        ("from ..load import load_policy", "ksbtrack.models.values", False, ["ksbtrack.load"]),
        ("from .. import load", "ksbtrack.models", True, ["ksbtrack.load"]),
    ],
)
def test_no_way_of_importing_is_overlooked(source: str, importer: str, is_package: bool, expected: list[str]) -> None:
    known = frozenset({"ksbtrack", "ksbtrack.load", "ksbtrack.models.case"})
    assert list(imported_modules(source, importer, is_package, known)) == expected
