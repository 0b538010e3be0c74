# Two commands do everything on a fresh machine with Python 3.11, pip and make:
#   make run    installs, migrates and starts the app        (DEMO=1 loads a demonstration)
#   make test   installs and runs the tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: run test lint browser bench faults mutants security clean

run: $(VENV)/.run
	$(BIN)/python manage.py run $(if $(DEMO),--demo,)

# Those that take longest are left to .ci/run (tests/long.txt). What the tests are compiled to is kept: to do it anew
# takes every process of them ten seconds.
test: $(VENV)/.dev
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -q -n auto -m "not browser and not services and not long"

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m tools.template_format --check
	$(BIN)/python -m tools.style_format --check
	$(BIN)/mypy
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

browser: $(VENV)/.browser
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m browser

bench: $(VENV)/.browser
	$(BIN)/python -m bench.live
	$(BIN)/python -m bench.streams
	$(BIN)/python -m bench.together
	$(BIN)/python -m bench.flips
	$(BIN)/python -m bench.footprint
	$(BIN)/python -m bench.planning
	$(BIN)/python -m bench.orders
	$(BIN)/python -m bench.roles
	$(BIN)/python -m bench.grown
	$(BIN)/python -m bench.pages
	$(BIN)/python -m bench.participation
	$(BIN)/python -m bench.forming
	$(BIN)/python -m bench.board

faults: $(VENV)/.browser
	ROUNDS=200 $(BIN)/python -m pytest -q tests/agreements/test_proposals.py
	ROUNDS=200 DATABASE_URL=$${TEST_POSTGRES_URL:-postgres://postgres@127.0.0.1:5432/postgres} $(BIN)/python -m pytest -q tests/agreements/test_proposals.py
	ROUNDS=5000 $(BIN)/python -m pytest -q tests/sessions/test_recurrence.py
	$(BIN)/python -m bench.faults
	$(BIN)/python -m bench.outbox

mutants: $(VENV)/.dev
	$(BIN)/python -m bench.mutants

# What is stored is laid beside who said it, in every way that a reader of the whole database could.
ATTACKS := tests/programmes/test_attribution.py tests/agreements/test_mirror_attribution.py tests/sessions/test_sentence_attribution.py

security: $(VENV)/.browser
	$(BIN)/python -m bench.security
	$(BIN)/python -m bench.doors
	$(BIN)/python -m bench.guessing
	ROUNDS=5 $(BIN)/python -m pytest -q $(ATTACKS)
	ROUNDS=5 DATABASE_URL=$${TEST_POSTGRES_URL:-postgres://postgres@127.0.0.1:5432/postgres} $(BIN)/python -m pytest -q $(ATTACKS)
	$(BIN)/python -m bench.slow_clients
	$(BIN)/python -m bench.full_disk
	$(BIN)/python -m bench.scanners

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Talking Piece needs Python 3.11 or newer. Try: make PYTHON=python3.11 run"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "Python's venv module is missing. On Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	$(PIP) install -q --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(VENV)/bin/python
	$(PIP) install -q --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/.run

$(VENV)/.browser: requirements-browser.txt | $(VENV)/bin/python
	$(PIP) install -q --require-hashes -r requirements-browser.txt
	@touch $@ $(VENV)/.dev $(VENV)/.run

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
