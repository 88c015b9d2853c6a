# Parcel Triage. `make demo` shows it, `make test` proves it; both set themselves up.
# Needs: make and Python 3.11 or newer with venv (Debian: apt install make python3-venv).

SHELL := /bin/sh
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python3.14; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
fingerprint = $(firstword $(shell cat $(1) | cksum))
RUN_STAMP := $(VENV)/run-$(call fingerprint,pyproject.toml requirements-tools.lock requirements.lock)
DEV_STAMP := $(VENV)/dev-$(call fingerprint,requirements-dev.lock)

# Waiting threads must not burn the second core (LightGBM's OpenMP spins by default).
export OMP_WAIT_POLICY := PASSIVE
export MLFLOW_DISABLE_TELEMETRY := true

.PHONY: help setup demo test long check lint docs bench faults lock clean

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(RUN_STAMP) ## install what running needs into .venv

demo: $(RUN_STAMP) ## a small world from declarations to an inspection list, in about a minute
	@$(BIN)/triage demo

test: check ## linters, types, import contracts, then the tests
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not long"

long: $(DEV_STAMP) ## the tests that start and kill real processes, and drive a browser (a tenth of the faults)
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m long

check: $(DEV_STAMP) ## linters, types and import contracts alone
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

docs: $(DEV_STAMP) ## rewrite the pages that are generated from the code
	@$(BIN)/triage dictionary --out docs

bench: $(DEV_STAMP) ## measure, and write docs/benchmarks.md (long)
	@$(BIN)/python -m tests.benchmarks

faults: $(DEV_STAMP) ## break things in all counts, and write docs/reliability.md (long)
	@$(BIN)/python -m tests.faults

lock: $(DEV_STAMP) ## resolve the pinned, hashed requirements anew
	@printf 'uv\nsetuptools>=80\n' | $(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header - -o requirements-tools.lock
	@$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --extra ray -c requirements.lock pyproject.toml -o requirements-ray.lock
	@$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --extra ray --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## remove the environment and caches (never TRIAGE_HOME)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache build *.egg-info

# uv is some six times faster than pip; where it cannot reach the packages, pip reads the same locks.
define install
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r $(1) 2>$(VENV)/uv.log \
		|| $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $(1)
endef

$(RUN_STAMP): pyproject.toml requirements-tools.lock requirements.lock
	@test -n "$(PYTHON)" || { echo "Parcel Triage needs Python 3.11 or newer on the PATH (or: make PYTHON=/path/to/python)."; exit 1; }
	@echo "Setting up .venv (once; about a minute) ..." >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-tools.lock
	@$(call install,requirements.lock)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	@$(BIN)/python -c "import models.lightgbm_alone" || { echo "LightGBM needs the system's OpenMP library (Debian, Ubuntu: apt install libgomp1)."; exit 1; }
	@rm -f $(VENV)/run-* && touch $@

$(DEV_STAMP): $(RUN_STAMP) requirements-dev.lock
	@$(call install,requirements-dev.lock)
	@rm -f $(VENV)/dev-* && touch $@
