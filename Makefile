# Everything from a bare checkout: only Python 3.11 or newer and make are needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETTINGS ?=
LIVES ?= 5000
FUZZ ?= 20000
RESIDENTS ?= 100000

.PHONY: demo run test check pytest bench soak setup setup-dev lock clean help

help:
	@echo "make demo [ONCE=1]   see a town come alive (everything embedded, with a pretend WeChat)"
	@echo "make run             the service as configured in config.toml"
	@echo "make test            every check and every test"
	@echo "make bench           the benchmarks, as ratios to a floor measured in the same run"
	@echo "make soak [LIVES=N] [FUZZ=N] [RESIDENTS=N]  the long tests: random lives, calls of the API, troubles, a notice under faults"
	@echo "make lock            resolve the dependencies anew into the lock files"

setup: $(VENV)/.ready
setup-dev: $(VENV)/.ready-dev

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Wangge needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12 …")'
	@echo "Making the virtual environment ..."
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: on Debian or Ubuntu, apt install python3-venv."; rm -rf $(VENV); exit 1; }

$(VENV)/.ready: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the service needs (once; about a minute) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock $(VENV)/.ready
	@echo "Installing what the tests need ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

demo: setup
	@$(BIN)/wangge demo $(if $(ONCE),--once)

run: setup
	@$(BIN)/wangge run

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m tests.tidy

# The checks run beside the tests, which spend much of their time waiting.
test: setup-dev
	@$(MAKE) --no-print-directory -j 2 check pytest

pytest: setup-dev
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

bench: setup-dev
	$(BIN)/python -m bench

soak: setup-dev
	$(BIN)/python -m bench.lives --lives $(LIVES)
	$(BIN)/python -m bench.fuzz_api --cases $(FUZZ)
	$(BIN)/python -m bench.codes --check 10000
	$(BIN)/python -m bench.soak
	$(BIN)/python -m bench.campaign --residents $(RESIDENTS) --crash

lock: setup-dev
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --extra build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --extra build --extra dev pyproject.toml -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
