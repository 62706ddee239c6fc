# `make demo` and `make test` do all of their set-up. Second runs are quick: what is there is not made again.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
MADE := $(VENV)/.made
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
APT := DEBIAN_FRONTEND=noninteractive apt-get
# The first Python on PATH that runs and is new enough: a shim that points nowhere is passed over.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && { command -v $$p; break; }; done)
PYTEST := $(BIN)/python -m pytest
T ?= tests
K ?=

.PHONY: help setup demo test check lint types docs fmt bench doctor dist clean

help: ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: $(MADE)/python $(MADE)/browser $(MADE)/fonts ## Environment, a browser and fonts that draw Arabic

$(MADE)/python: pyproject.toml uv.lock requirements.lock
	@test -n "$(PYTHON)" || { echo "archiver needs Python 3.11, 3.12 or 3.13: none found on PATH (apt-get install python3, or brew install python)"; exit 1; }
	@if command -v uv >/dev/null; then \
		uv sync --quiet --locked --python "$(PYTHON)"; \
	else \
		"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { $(SUDO) $(APT) update -qq && $(SUDO) $(APT) install -y -qq python3-venv; }; \
		test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV); \
		$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock; \
		$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .; \
	fi
	@mkdir -p $(MADE) && touch $@

# Debian has a Chromium of its own; elsewhere Playwright's installer fetches one.
$(MADE)/browser: $(MADE)/python
	@$(BIN)/python -c 'import sys; from archiver.capture.browser import find_browser; sys.exit(find_browser() is None)' || \
	if grep -qs '^ID=debian' /etc/os-release; then \
		$(SUDO) $(APT) update -qq && $(SUDO) $(APT) install -y -qq chromium; \
	elif command -v apt-get >/dev/null; then \
		$(BIN)/python -m playwright install --with-deps chromium; \
	else \
		$(BIN)/python -m playwright install chromium; \
	fi
	@touch $@

$(MADE)/fonts: $(MADE)/python
	@if command -v apt-get >/dev/null && ! fc-list :lang=ar family 2>/dev/null | grep -q Noto; then \
		$(SUDO) $(APT) update -qq && $(SUDO) $(APT) install -y -qq fontconfig fonts-noto-core; \
	fi
	@touch $@

# Programs that are not ours and judge our output in tests/foreign.
$(MADE)/judges: $(MADE)/python
	@if command -v apt-get >/dev/null && ! { command -v jq && command -v openssl; } >/dev/null; then \
		$(SUDO) $(APT) update -qq && $(SUDO) $(APT) install -y -qq jq openssl; \
	fi
	@touch $@

demo: setup ## The whole job on a demonstration site of our own
	@$(BIN)/archiver demo

test: setup $(MADE)/judges ## All tests, and the coverage that they must reach (T=folder K=word narrow it)
ifeq ($(T)$(K),tests)
	@$(PYTEST) --cov --cov-report= $(T)
	@$(BIN)/coverage report --fail-under=100 --show-missing --skip-covered \
		--include='archiver/formats/*,archiver/proof/*,archiver/store/*,archiver/record/*,archiver/verify/*'
	@$(BIN)/coverage report --fail-under=90 --skip-covered \
		--omit='archiver/formats/*,archiver/proof/*,archiver/store/*,archiver/record/*,archiver/verify/*'
else
	@$(PYTEST) $(T) $(if $(K),-k $(K))
endif

check: lint types docs ## Everything a merge needs besides the tests

lint: $(MADE)/python
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/lint-imports --no-logo 2>&1 | tail -n 8

types: $(MADE)/python
	@$(BIN)/mypy

docs: $(MADE)/python
	@$(BIN)/python -m tests.docs.cli_reference --check docs/cli.md

fmt: $(MADE)/python ## Format, and write the generated pages
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/python -m tests.docs.cli_reference docs/cli.md

bench: setup ## Time for each source of the demonstration site, step by step
	@$(BIN)/python -m tests.bench.per_source

doctor: setup ## What this machine lacks
	@$(BIN)/archiver doctor

dist: $(MADE)/python ## Build the package
	@$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation -w dist .

clean: ## Remove the environment and caches
	@rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage*
