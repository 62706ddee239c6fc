# `make demo` and `make test` do all of their set-up. Second runs are quick: what is there is not made again.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
MADE := $(VENV)/.made
JUDGES := .venv-judges
NODE_JUDGES := .node-judges
LOCKED := tests/foreign/judges
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
APT := $(shell command -v apt-get)
# $(call install,PACKAGES): as they are known; if that fails, with fresh lists. So lists are fetched once, and only if needed.
install = { $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(1) >/dev/null 2>&1 || \
	{ $(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(1) >/dev/null; }; }
# The first Python on PATH that runs and is new enough: a shim that points nowhere is passed over.
find_python = for p in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && { command -v "$$p"; break; }; done
PYTEST := $(BIN)/python -m pytest
T ?= tests
K ?=

.PHONY: help setup browser demo test check lint types docs fmt vectors bench doctor dist clean

help: ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: $(MADE)/python $(MADE)/browser $(MADE)/fonts ## Environment, a browser and fonts that draw Arabic

browser: $(MADE)/browser ## A Chromium, if none is found

# With uv where it is on PATH and works, else with venv and pip; both install exactly what the lock files pin, by hash.
$(MADE)/python: pyproject.toml uv.lock requirements.lock
	@set -e; if [ -z "$$($(find_python))" ] && [ -n "$(APT)" ]; then \
		$(call install,python3 python3-venv); \
		[ -n "$$($(find_python))" ] || $(call install,python3.11 python3.11-venv); \
	fi
	@[ -n "$$($(find_python))" ] || { echo "archiver needs Python 3.11, 3.12 or 3.13 and finds none on PATH"; exit 1; }
	@set -e; python="$$($(find_python))"; \
	if ! { command -v uv >/dev/null && UV_PROJECT_ENVIRONMENT=$(VENV) uv sync --quiet --locked --all-groups --python "$$python"; }; then \
		if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null && [ -n "$(APT)" ]; then \
			$(call install,"$$("$$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"); \
		fi; \
		$(BIN)/python -m pip --version >/dev/null 2>&1 || "$$python" -m venv --clear $(VENV); \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi
	@mkdir -p $(MADE) && touch $@

# Debian has a Chromium of its own. Ubuntu's is a snap, which sees no temporary folders: there, and on macOS, Playwright's.
$(MADE)/browser: $(MADE)/python
	@if ! $(BIN)/python -c 'import sys; from archiver.capture.browser import find_browser; sys.exit(find_browser() is None)'; then \
		if [ -n "$(APT)" ] && grep -Eqs '^ID(_LIKE)?="?debian"?$$' /etc/os-release; then \
			$(call install,chromium); \
		elif [ -n "$(APT)" ]; then \
			$(BIN)/python -m playwright install --with-deps chromium; \
		else \
			$(BIN)/python -m playwright install chromium; \
		fi; \
	fi
	@touch $@

# macOS has such fonts. Without one a screenshot of Arabic shows boxes, and nobody can read it later.
$(MADE)/fonts: $(MADE)/python
	@case "$$(fc-list :lang=ar family 2>/dev/null)" in \
		*Noto*|*Amiri*|*Kacst*) ;; \
		*) [ -z "$(APT)" ] || $(call install,fontconfig fonts-noto-core) ;; \
	esac
	@touch $@

# Programs that are not ours and judge our output in tests/foreign. What pywb pins cannot live beside what we pin.
# Without pywb its tests skip and say so; the next `make test` tries again.
$(MADE)/judges: $(MADE)/python $(LOCKED)/pywb.lock $(LOCKED)/build.lock
	@if [ -n "$(APT)" ] && ! type jq openssl sha256sum ssh-keygen signify-openbsd minisign go pdfsig >/dev/null 2>&1; then \
		$(call install,jq openssl coreutils openssh-client signify-openbsd minisign golang-go golang-golang-x-mod-dev python3-jsonschema poppler-utils); \
	fi
	@rm -rf $(JUDGES); \
	if command -v uv >/dev/null && uv venv --quiet --python $(BIN)/python $(JUDGES); then \
		get="uv pip install --quiet --python $(JUDGES)/bin/python"; \
	else \
		$(BIN)/python -m venv --clear $(JUDGES) || true; \
		get="$(JUDGES)/bin/python -m pip install --quiet --disable-pip-version-check"; \
	fi; \
	if $$get --no-deps --require-hashes -r $(LOCKED)/build.lock && \
		$$get --no-deps --require-hashes --no-build-isolation -r $(LOCKED)/pywb.lock; then \
		touch $@; \
	else \
		rm -rf $(JUDGES); echo "pywb could not be installed: tests/foreign/test_replay.py will skip what asks it"; \
	fi
	@mkdir -p $(JUDGES)/axe; cd $(JUDGES)/axe; \
	if ! { npm pack --silent axe-core@4.14.1 >/dev/null && tar -xzf axe-core-4.14.1.tgz package/axe.min.js && \
		sha256sum --check --status ../../$(LOCKED)/axe.sha256; }; then \
		rm -rf package; echo "axe-core could not be had: tests/foreign/test_axe.py will skip"; \
	fi
	@mkdir -p $(JUDGES)/replaywebpage && cd $(JUDGES)/replaywebpage && \
		{ npm pack --silent replaywebpage@2.4.6 >/dev/null 2>&1 && sha256sum --check --quiet $(CURDIR)/$(LOCKED)/replaywebpage.sha256 && \
		tar -xzf replaywebpage-2.4.6.tgz; } || echo "ReplayWeb.page could not be had from npm: what asks it will be skipped"

# @sigstore/verify, exactly as its lock file says, by hash; without node its tests skip, and the next `make test` tries again.
$(MADE)/node-judges: $(MADE)/python $(wildcard $(LOCKED)/node/package*.json)
	@if [ -n "$(APT)" ] && ! type node npm >/dev/null 2>&1; then $(call install,nodejs npm) || true; fi
	@rm -rf $(NODE_JUDGES) && mkdir $(NODE_JUDGES) && cp $(LOCKED)/node/package*.json $(NODE_JUDGES)/; \
	if npm ci --prefix $(NODE_JUDGES) --ignore-scripts --no-audit --no-fund --silent; then \
		touch $@; \
	else \
		rm -rf $(NODE_JUDGES); echo "@sigstore/verify could not be installed: tests/foreign/test_sigstore.py will skip"; \
	fi

demo: setup ## The whole job on a demonstration site of our own
	@$(BIN)/archiver demo

test: setup $(MADE)/judges $(MADE)/node-judges ## All tests, and the coverage that they must reach (T=folder K=word narrow it)
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
	@$(BIN)/lint-imports --no-logo

types: $(MADE)/python
	@$(BIN)/mypy

docs: $(MADE)/python
	@$(BIN)/python -m tests.docs.cli_reference --check docs/cli.md

fmt: $(MADE)/python ## Format, and write the generated pages
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/python -m tests.docs.cli_reference docs/cli.md
	@$(BIN)/python -m tests.docs.schemas

vectors: $(MADE)/python ## Write the golden files of our formats anew; a change of them is a change of a format
	@$(BIN)/python -m tests.vectors.regenerate

bench: setup ## Time for each source of the demonstration site, step by step, and of a ledger of many entries
	@$(BIN)/python -m tests.bench.per_source
	@$(BIN)/python -m tests.bench.ledger 100000
	@$(BIN)/python -m tests.bench.bundle 100 500

doctor: setup ## What this machine lacks
	@$(BIN)/archiver doctor

dist: $(MADE)/python ## Build the package
	@$(BIN)/python -m hatchling build -t wheel

clean: ## Remove the environment and caches
	@rm -rf $(VENV) $(JUDGES) $(NODE_JUDGES) dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage*
