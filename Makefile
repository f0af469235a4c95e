# Every command of the project; `make` alone lists them.
NAME ?= dev
SHELL := /bin/bash
VENV := .venv/.synced
SLIPWAY := .venv/bin/slipway

.DEFAULT_GOAL := help
.PHONY: help up down demo test unit e2e check bench soak

help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: $(VENV) ## from a fresh clone to a running platform with a released sample application
	@$(SLIPWAY) sandbox up --name $(NAME)

down: $(VENV) ## purge the sandbox entirely; fails if anything is left
	@$(SLIPWAY) sandbox down --name $(NAME)

demo: $(VENV) ## on a running sandbox: good, broken and good versions, a rollback, healed drift
	@$(SLIPWAY) sandbox demo --name $(NAME)

test: $(VENV) ## unit and end-to-end tests, setting up what they need
	@$(SLIPWAY) sandbox build
	@.venv/bin/pytest -m "not soak" tests

unit: $(VENV) ## the fast tests: no engine, no cluster, under a minute
	@.venv/bin/pytest -n auto tests/unit

e2e: $(VENV) ## the tests that need the sandbox
	@$(SLIPWAY) sandbox build
	@.venv/bin/pytest -m "not soak" tests/e2e

check: $(VENV) ## ruff, mypy --strict and the import law
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy .
	@.venv/bin/pytest -q tests/unit/test_import_law.py

bench: $(VENV) ## the benchmarks: prints a table, writes build/bench.json
	@$(SLIPWAY) sandbox build
	@.venv/bin/python -m tests.bench

soak: $(VENV) ## the long tests
	@$(SLIPWAY) sandbox build
	@.venv/bin/pytest -m soak tests

# uv comes into the environment from pyproject.toml, so this file pins nothing of its own but the way in.
$(VENV): pyproject.toml uv.lock sandbox/bootstrap.sh
	@sandbox/bootstrap.sh
	@touch $@
