# Each target is what a person would type. PYTHON chooses the interpreter (3.10 or newer).
PYTHON ?= python3
BIN := .venv/bin
DEMO := JUPYTER_DATA_DIR=$(CURDIR)/.demo
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo lab test lint benchmarks clean

demo: .venv/.demo
	$(DEMO) $(BIN)/jupyter execute notebooks/01_quickstart.ipynb
	$(DEMO) $(BIN)/jupyter-track runs && $(DEMO) $(BIN)/jupyter-track models

lab: .venv/.demo
	$(DEMO) $(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) notebooks/01_quickstart.ipynb

test: .venv/.test .venv-mlflow/.made lint
	sh tests/system-packages.sh chromium postgresql
	$(BIN)/python -m pytest

lint: .venv/.test
	$(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/mypy
	cd labextension && jlpm install --immutable && jlpm lint:check && jlpm typecheck && jlpm test

benchmarks: .venv/.test .venv-mlflow/.made
	sh tests/system-packages.sh postgresql
	$(BIN)/python tests/benchmarks/cell_overhead.py
	$(BIN)/python tests/benchmarks/engine.py

clean:
	rm -rf .venv .venv-mlflow .demo screenshots build dist jupyter_track/labextension labextension/lib labextension/node_modules

.venv/bin/python:
	$(PYTHON) -m venv .venv || { sh tests/system-packages.sh venv && $(PYTHON) -m venv --clear .venv; }

# The real MLflow, to compare with, where all that it needs disturbs nobody.
# Our package is there too, as in the kernel of a person who uses both.
.venv-mlflow/.made: .venv/.test
	$(PYTHON) -m venv .venv-mlflow
	.venv-mlflow/bin/python -m pip install "mlflow>=3,<4" pandas ipykernel . && touch $@

# The wheel that a user would get, built again when something in it has changed.
WHEEL := $(shell find jupyter_track jupyter-config labextension pyproject.toml -type f \
	-not -path '*/node_modules/*' -not -path '*/__pycache__/*' -not -path 'jupyter_track/labextension/*' \
	-not -path 'labextension/lib/*' -not -path 'labextension/.yarn/*' -not -name tsconfig.tsbuildinfo)

.venv/.demo .venv/.test: .venv/.%: .venv/bin/python $(WHEEL)
	$(if $(filter labextension/%,$?),rm -rf jupyter_track/labextension)
	$(BIN)/python -m pip install ".[$*]" && touch $@
