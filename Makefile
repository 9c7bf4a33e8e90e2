# Each target is what a person would type. PYTHON chooses the interpreter (3.10 or newer).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export JUPYTER_DATA_DIR ?=

.PHONY: demo lab test lint screenshots clean

demo: $(VENV)/.demo
	JUPYTER_DATA_DIR=$(CURDIR)/.demo $(BIN)/python tools/demo.py

lab: $(VENV)/.demo
	JUPYTER_DATA_DIR=$(CURDIR)/.demo $(BIN)/jupyter lab notebooks/01_quickstart.ipynb

test: $(VENV)/.test
	sh tools/system-packages.sh
	$(MAKE) lint
	$(BIN)/python -m pytest

lint: $(VENV)/.test
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	cd labextension && PATH="$(CURDIR)/$(BIN):$$PATH" jlpm lint:check && PATH="$(CURDIR)/$(BIN):$$PATH" jlpm typecheck && PATH="$(CURDIR)/$(BIN):$$PATH" jlpm test

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV) || sh tools/system-packages.sh venv && $(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install ".[demo]" && touch $@

$(VENV)/.test: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install ".[test]" && touch $@

clean:
	rm -rf $(VENV) .demo screenshots build dist jupyter_track/labextension labextension/lib
