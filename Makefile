# Two commands for people: `make run` and `make test`. Both set everything up on a fresh machine.
PYTHON ?= python3
VENV ?= .venv
PORT ?=
BIN := $(VENV)/bin
QUICK := $(addprefix tests/services/,catalogue formats geo grid recipe reducers test_plan.py test_registry.py)
PATHS := app.py cli.py terminal pages services tests bench tools
# Each part speaks when it is done, and make names those that failed. Two cores have time for a third: tests wait.
TOGETHER = --no-print-directory --keep-going --jobs 3 $(if $(filter output-sync,$(.FEATURES)),--output-sync)

.PHONY: run test check fast style types audit unit-a-f unit-g-z unit-pages quick bench setup setup-dev lock browser postgres pgstac cluster hosting format clean

run: setup ## start the app; the address is printed
	@exec $(BIN)/python cli.py serve $(if $(PORT),--port $(PORT))

setup: $(VENV)/.ready

setup-dev: $(VENV)/.ready-dev

$(VENV)/.ready: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=/path/to/python3")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

lock: setup-dev ## requirements.lock anew, after a change of requirements.txt
	$(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --custom-compile-command 'make lock' requirements.txt --output-file requirements.lock

browser: ## the browser tests need Chromium from the system's packages
	@sh tests/browser/install.sh

postgres: ## for tests that run on both databases, and are skipped on this one without it
	@sh tests/postgres/install.sh

pgstac: ## a real STAC server, for tests that are skipped without it
	@PYTHON=$(PYTHON) sh tests/pgstac/install.sh

cluster: setup-dev ## Ray, for tests on a cluster of two nodes, which are skipped without it
	@VENV=$(VENV) sh tests/cluster/install.sh

hosting: ## the tests of hosting need nginx, Caddy and a second OpenID provider
	@VENV=$(VENV) sh tests/deploy/install.sh

check: style ## ruff, mypy --strict, import-linter, known vulnerabilities and the unit tests
	@$(MAKE) $(TOGETHER) types unit-a-f unit-g-z unit-pages audit

fast: style ## what a change most often breaks, in under a minute
	@$(MAKE) $(TOGETHER) types quick

style: setup-dev
	$(BIN)/ruff check $(PATHS)
	$(BIN)/ruff format --check $(PATHS)
	$(BIN)/lint-imports --no-logo

types:
	$(BIN)/mypy

audit:
	@$(BIN)/python -m tools.audit

unit-a-f:
	$(BIN)/python -m pytest tests/services/[a-f]*/

unit-g-z:
	$(BIN)/python -m pytest tests/services --ignore-glob='tests/services/[a-f]*'

unit-pages:
	$(BIN)/python -m pytest tests/pages tests/terminal tests/compatibility tests/test_*.py

quick:
	$(BIN)/python -m pytest $(QUICK) tests/test_house.py

test: postgres cluster check browser pgstac hosting ## everything: check, over HTTP, in a browser, on a host of its own
	$(BIN)/python -m pytest tests/http tests/browser tests/deploy

bench: setup-dev ## the figures, beside the original script, in one run
	$(BIN)/python -m bench

format: setup-dev
	$(BIN)/ruff check --fix $(PATHS)
	$(BIN)/ruff format $(PATHS)

clean:
	rm -rf $(VENV) .venv-pgstac .npm-issuer artefacts outputs .mypy_cache .ruff_cache .pytest_cache .hypothesis
