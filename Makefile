# The two commands of the first hour are `make run` and `make test`; `make check` is what CI runs before the tests.

PYTHON ?= python3
BIN := .venv/bin
TESTS ?= tests
# Most tests wait for sockets, processes and the clock, so four at a time keep two cores busy. A file's tests stay together, and
# files keep their order: else those with few, long tests come last, and one runs while three wait.
PYTEST := $(BIN)/pytest -q -n 4 --dist loadfile --no-loadscope-reorder
COMPILE := --quiet --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	--no-emit-options --no-header --strip-extras --allow-unsafe --generate-hashes

.PHONY: install install-dev run test test-sqlite test-postgres check bench eval-pii lock messages programs

## Makes .venv with everything that mailhold needs, and the console script .venv/bin/mailhold.
install: .venv/installed

## Adds what the checks and the tests need.
install-dev: .venv/installed-dev

.venv/bin/python:
	@sh requirements/venv.sh $(PYTHON)

.venv/installed: .venv/bin/python requirements/base.txt requirements/build.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt -r requirements/build.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/installed-dev: .venv/installed requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

## Starts mailhold with demo people and mail; prints where to click. Ctrl-C stops it.
run: install
	$(BIN)/mailhold up --demo

## Runs all tests on SQLite and on PostgreSQL (DATABASE_URL, or a server of its own), in Chromium too.
test: test-sqlite test-postgres

test-sqlite: install-dev programs
	env -u DATABASE_URL $(PYTEST) $(TESTS)

test-postgres: install-dev programs
	@if [ -n "$$DATABASE_URL" ]; then set -x; $(PYTEST) --second-database $(TESTS); \
	else set -x; $(BIN)/python tests/postgres.py -- $(PYTEST) --second-database $(TESTS); fi

programs:
	@sh tests/apt.sh "chromium chromium-browser google-chrome" "chromium fonts-noto-cjk" "the tests in a browser"
	@sh tests/apt.sh "clamd" "clamav-daemon" "the tests with a real virus scanner"

## Style, types, layers, migrations, settings, catalogues.
check: export MAILHOLD_DATA_DIR := $(shell mktemp -d)
check: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy mailhold approvals policies audit
	$(BIN)/lint-imports
	$(BIN)/python manage.py check --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python tests/catalogues.py --check

## Measures beside Postfix, which root may have it install; see docs/performance.md. PARTS="accept lag" runs some.
bench: install-dev
	sh bench/run.sh $(PARTS)

## Scores the detection of sensitive content; see docs/detection.md. DIR= names another labelled folder, OUT= the predictions.
DIR ?= ../shared/samples/pii
OUT ?= var/pii-predictions.jsonl
eval-pii: install-dev
	@$(BIN)/python tests/eval_pii.py "$(DIR)" "$(OUT)"

## Writes the exact versions with their hashes anew.
lock: install-dev
	cd requirements && for name in base dev build; do $(abspath $(BIN))/pip-compile $(COMPILE) -o $$name.txt $$name.in; done

## Brings the Japanese catalogues in step with the code, and compiles them.
messages: install-dev
	$(BIN)/python tests/catalogues.py
