# Two commands for people: `make run` and `make test`. Both set everything up on a fresh machine.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 8501
BIN := $(VENV)/bin
QUICK := $(addprefix tests/services/,catalogue formats geo grid recipe reducers test_plan.py test_registry.py)
PATHS := app.py cli.py terminal pages services tests bench tools

.PHONY: run test check fast types quick bench setup setup-dev browser pgstac format clean

run: setup ## start the app; the address is printed
	@$(BIN)/python -m streamlit run app.py --server.port $(PORT)

setup: $(VENV)/.ready

setup-dev: $(VENV)/.ready-dev

$(VENV)/.ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=/path/to/python3")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

browser: ## the browser tests need Chromium from the system's packages
	@sh tests/browser/install.sh

pgstac: ## a real STAC server, for tests that are skipped without it
	@PYTHON=$(PYTHON) sh tests/pgstac/install.sh

check: setup-dev ## ruff, mypy --strict, import-linter and the unit tests
	$(BIN)/ruff check $(PATHS)
	$(BIN)/ruff format --check $(PATHS)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest tests/services tests/pages tests/terminal tests/compatibility tests/test_*.py

fast: setup-dev ## what a change most often breaks, in under a minute
	$(BIN)/ruff check $(PATHS)
	$(BIN)/ruff format --check $(PATHS)
	$(BIN)/lint-imports --no-logo
	@$(MAKE) --no-print-directory --jobs 2 types quick

types:
	$(BIN)/mypy

quick:
	$(BIN)/python -m pytest $(QUICK) tests/test_house.py

test: check browser pgstac ## everything: check, over HTTP, in a browser
	$(BIN)/python -m pytest tests/http tests/browser

bench: setup-dev ## the figures, beside the original script, in one run
	$(BIN)/python -m bench

format: setup-dev
	$(BIN)/ruff check --fix $(PATHS)
	$(BIN)/ruff format $(PATHS)

clean:
	rm -rf $(VENV) .venv-pgstac artefacts outputs .mypy_cache .ruff_cache .pytest_cache .hypothesis
