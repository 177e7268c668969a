# `make demo` and `make test` do all the set-up themselves; CONTRIBUTING.md tells of the others.
.POSIX:
.PHONY: help demo test lint format bench lock clean

BIN = .venv/bin
# Two, not one a core: each worker holds a whole WeasyPrint and, with Java there, a whole veraPDF.
WORKERS = 2
DEMO = docs/examples/typical
# The day on which the example is as its story tells: two weeks before the planned gateway.
DEMO_ON = 2026-03-13
DEMO_REPORT = build/typical-readiness.pdf
DEMO_SHOWCASE = build/typical-showcase.pdf
# The versions already locked are kept; `make lock UPGRADE=--upgrade` takes the newest of all.
UPGRADE =
COMPILE = $(BIN)/uv pip compile --no-config --universal --generate-hashes --no-header --no-emit-index-url --quiet $(UPGRADE)

help:
	@echo "make demo    set up, check the example portfolio, write its readiness report and its showcase as PDFs"
	@echo "make test    set up, run every check: format, lint, types, tests, docs, the built wheel"
	@echo "make lint    format and lint checks and types alone"
	@echo "make format  put the sources into the project's format"
	@echo "make bench   measure the speed"
	@echo "make lock    lock the versions and hashes of the dependencies anew"
	@echo "make clean   delete what the other commands made, except .venv"

# The stamps make the set-up run again when, and only when, what it depends on has changed.
.venv/.run-ready: requirements.txt requirements-build.txt pyproject.toml .ci/setup.sh
	@PYTHON="$(PYTHON)" .ci/setup.sh run
	@touch $@

.venv/.test-ready: .venv/.run-ready requirements-dev.txt
	@PYTHON="$(PYTHON)" .ci/setup.sh test
	@touch $@

# `check` ends with 1 where the learner is not ready, which is an answer; with 2 or 64 where there is none.
demo: .venv/.run-ready
	@mkdir -p build
	@$(BIN)/ksbtrack check $(DEMO) --on $(DEMO_ON) || [ $$? -eq 1 ]
	@$(BIN)/ksbtrack showcase $(DEMO) --on $(DEMO_ON) -o $(DEMO_SHOWCASE)
	@$(BIN)/ksbtrack report $(DEMO) --on $(DEMO_ON) -o $(DEMO_REPORT)

test: lint
	$(BIN)/pytest -n $(WORKERS)

lint: .venv/.test-ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: .venv/.test-ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/.test-ready
	$(BIN)/python tests/bench.py

lock: .venv/.run-ready
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) --group build -c requirements.txt -o requirements-build.txt
	$(COMPILE) pyproject.toml --group dev -c requirements.txt -c requirements-build.txt -o requirements-dev.txt

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests -type d -name __pycache__ -prune -exec rm -rf {} +
