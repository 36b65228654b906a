# Every command of this project. `make` alone lists them.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PY := .venv/bin/python
RUN := .venv/bin
PREPARE := src/tembusu/config/prepare.py
FIND_PYTHON := for p in python3.11 python3 python3.12 python3.13 python3.14; do \
	  if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    echo $$p; exit 0; fi; done

.PHONY: help demo demo-reset test check fix bench reference measure lock docs app dev

help: ## Lists these commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile | expand -t 22

demo: app ## Runs everything here with synthetic data; PORT chooses the port
	@exec $(PY) -m tembusu.config.cli demo

demo-reset: app ## Removes the demo's database and files, to start over
	@$(PY) -m tembusu.config.cli demo-reset

test: dev ## Runs every test, browser journeys included
	@$(PY) -m pytest -n 2 --dist worksteal -r fEs $(TESTS)

check: dev ## Format, lint, types, contracts, migrations, reference, templates, secrets
	@$(PY) tests/support/check.py

fix: dev ## Formats, and mends what can be mended by itself
	@$(RUN)/ruff check --fix --quiet .
	@$(RUN)/ruff format --quiet .
	@$(RUN)/djlint --reformat --quiet src || true

bench: dev ## Measures the promises of speed and memory
	@for script in bench/*.py; do echo "== $$script"; $(PY) $$script || exit 1; done

reference: dev ## Writes docs/reference anew
	@$(PY) -m tembusu.config.reference

measure: dev ## Sizes of functions and files, beside the models'
	@$(PY) tests/support/measure.py

docs: dev reference ## Builds the documentation in docs/_build
	@$(RUN)/sphinx-build -q -W -b html docs docs/_build

lock: ## Writes requirements/*.lock anew from pyproject.toml
	@$(PY) tests/support/lock.py

app dev:
	@python=$$($(FIND_PYTHON)); if [ -z "$$python" ]; then \
	  echo "tembusu: Python 3.11 or newer was not found: install it, then try again." >&2; \
	  exit 1; fi; $$python $(PREPARE) $@
