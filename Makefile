# Two commands do the work of a newcomer: `make run` and `make test`. Both build what they need and do it only once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VENDOR := messaging/web/static/vendor
SHARED ?= ../shared

PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# http-ece alone comes as source; it is built with the setuptools that is pinned here and not with whatever is newest.
PINNED := $(PIP_INSTALL) --require-hashes --only-binary=:all: --no-binary=http-ece --no-build-isolation --use-pep517
LOCK := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --no-strip-extras \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options --annotation-style=line

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test lint format rehearse bench bench-inbox bench-uploads bench-evaluation simulate-pilots pictures lock

help: ## What can be asked for
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.runtime $(VENDOR)/.complete ## Start the whole service with a rehearsal city, and say where to look and how to sign in
	$(BIN)/borgerdialog run

test: $(VENV)/.dev $(VENDOR)/.complete ## Run the whole suite on SQLite and PostgreSQL
	$(BIN)/pytest --numprocesses=auto --maxprocesses=4 --dist=worksteal --durations=10

lint: $(VENV)/.dev $(VENDOR)/.complete ## Check style, types, the rule of the house, dependencies and the Dockerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry messaging adapters
	$(BIN)/hadolint Dockerfile
	$(BIN)/pytest tests/test_repository.py

format: $(VENV)/.dev ## Put the code into the house's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

rehearse: $(VENV)/.runtime ## Play the main job on the real data in $(SHARED), with 20 kills, and print the ledger
	$(BIN)/borgerdialog rehearse --sms $(SHARED)/data/sms_texts.txt --appointments $(SHARED)/data/appointments.csv \
		--caseworkers $(SHARED)/data/caseworkers.csv --replies $(SHARED)/data/replies.tsv --kill 20

bench: $(VENV)/.dev ## Measure the figures that README shows
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.evaluation
	$(BIN)/python -m benchmarks.reminders

bench-inbox: $(VENV)/.dev ## Measure the inbox on a million messages, and with a thousand pages open (half an hour)
	$(BIN)/python -m benchmarks.inbox

bench-uploads: $(VENV)/.dev ## Measure what documents cost the web server, and send fifty at once
	$(BIN)/python -m benchmarks.uploads

bench-evaluation: $(VENV)/.dev ## Measure the analysis of a trial with 50,000 appointments
	$(BIN)/python -m benchmarks.evaluation

simulate-pilots: $(VENV)/.dev ## Run the analysis of the trial on 2,000 invented pilots, with and without an effect (a few minutes)
	$(BIN)/borgerdialog evaluate simulate --pilots 2000 --effect 0.2 --icc 0.01 --seed 1 --gee 0 --json

pictures: $(VENV)/.dev $(VENDOR)/.complete ## Take the pictures that README shows
	PICTURES=docs/pictures $(BIN)/pytest tests/journeys/test_pictures.py

lock: $(VENV)/.dev ## Pin again what pyproject.toml asks for (UPGRADE=--upgrade for the newest of everything)
	$(LOCK) $(UPGRADE) --output-file=requirements.txt pyproject.toml
	$(LOCK) $(UPGRADE) --constraint=requirements.txt --extra=build --output-file=requirements-build.txt pyproject.toml
	$(LOCK) $(UPGRADE) --constraint=requirements-build.txt --extra=evaluation --output-file=requirements-evaluation.txt \
		pyproject.toml
	$(LOCK) $(UPGRADE) --constraint=requirements-build.txt --constraint=requirements-evaluation.txt --extra=build \
		--extra=evaluation --extra=dev --output-file=requirements-dev.txt pyproject.toml
	$(BIN)/npm install --package-lock-only --loglevel=error

$(BIN)/pip:
	@command -v $(PYTHON) >/dev/null || { echo "Borgerdialog needs Python 3.11 or newer, and there is no $(PYTHON)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Borgerdialog needs Python 3.11 or newer;" \
		"$(PYTHON) is $$($(PYTHON) --version 2>&1). Name another one: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments;" \
		"install its venv module (Debian: apt-get install python3-venv)." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements-build.txt pyproject.toml | $(BIN)/pip
	awk '/^setuptools==/,/# via/' requirements-build.txt > $(VENV)/setuptools.txt
	$(PINNED) --requirement $(VENV)/setuptools.txt
	$(PINNED) --requirement requirements-build.txt
	$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	$(PINNED) --requirement requirements-dev.txt
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json .npmrc | $(VENV)/.runtime
	$(BIN)/npm ci --loglevel=error
	@touch $@

$(VENDOR)/.complete: node_modules/.package-lock.json tools/copy_front_end.py
	$(BIN)/python tools/copy_front_end.py
	@touch $@
