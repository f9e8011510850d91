# The commands for a person. Everything is made in .venv; calls and keys live in instance/, which nothing here removes.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
COMPILE := $(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

# Read once, the code need not be compiled by every process again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup setup-dev run test browser check bench translations lock clean

help:
	@echo "make run    sets everything up and serves on http://127.0.0.1:8000 (practice mode without credentials)"
	@echo "make test   runs every test; THOROUGH=1 make test repeats those of chance and of races many times more"
	@echo "make check  lint, types and import contracts"
	@echo "make bench  prints the measures"
	@echo "make setup  only builds .venv; make translations and make lock renew what their names say; make clean removes what was built"

setup: .venv/ready

setup-dev: .venv/ready-dev

.venv/ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3 setup"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -qq -y python3-venv; } || \
		{ echo "A package is missing: sudo apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/python && $(BIN)/python -c '' 2>/dev/null || { rm -rf .venv && $(PYTHON) -m venv .venv; }
	@echo "Installing what the helpdesk runs on"
	@$(PIP) -r requirements.txt
	@touch $@

.venv/ready-dev: .venv/ready requirements-dev.txt
	@echo "Installing what tests and checks need"
	@$(PIP) -r requirements-dev.txt
	@touch $@

# Compiled once, and not by every process that tests at the same time.
.venv/compiled: | .venv/ready-dev
	@$(BIN)/python -m compileall -q -j 0 app.py hotline routing simulator bench
	@$(BIN)/python -m pytest --collect-only -qq >/dev/null || true
	@touch $@

run: setup
	@exec $(BIN)/python app.py

test: setup-dev .venv/compiled browser
	@$(BIN)/python -m pytest -n 3

# Tests in a browser are skipped where there is none. The shell is chromium without windows.
browser:
	@command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || \
		{ test "$$(id -u)" = 0 && command -v apt-get >/dev/null && echo "Installing chromium" && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium-headless-shell >/dev/null; } || \
		echo "Without chromium the tests in a browser are skipped: sudo apt-get install chromium-headless-shell"

check: setup-dev
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted: $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo >.venv/import-contracts || { cat .venv/import-contracts; exit 1; }
	@echo "Lint, types and import contracts are kept."

bench: setup-dev
	@$(BIN)/python -m bench

translations: setup-dev
	@$(BIN)/pybabel -q extract --no-location --sort-output --project Nachtwacht -F hotline/web/translations/babel.cfg \
		-k _l -k lazy_gettext -o .venv/messages.pot hotline
	@$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 100 \
		-i .venv/messages.pot -d hotline/web/translations
	@$(BIN)/pybabel -q compile -d hotline/web/translations

lock: setup-dev
	@$(COMPILE) requirements.in --output-file requirements.txt
	@$(COMPILE) requirements-dev.in --output-file requirements-dev.txt

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
