# Two commands: `make run` shows the main job, `make test` runs every test. Both set up what they need.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/ready

.PHONY: run test test-slow draw lint types bench model pins clean setup
.DELETE_ON_ERROR:

setup: $(READY)

# A download that fails is tried again; the versions are those of constraints.txt, so that nobody's new release is tested by chance.
# Where they cannot be had, the last try takes what the ranges of pyproject.toml allow.
INSTALL := for pins in "--constraint constraints.txt" "--constraint constraints.txt" ""; do $(BIN)/python -m pip install --quiet --disable-pip-version-check $$pins --editable
ENDED   := && exit 0; done; exit 1

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "hoopgate needs Python 3.11 or later; set PYTHON=python3.11")'
	@echo "Setting up $(VENV) (once; about two minutes) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(INSTALL) '.[dev]' $(ENDED)
	@touch $@

run: $(READY)
	@$(BIN)/hoopgate demo

test: $(READY) lint types
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow"

test-slow: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m slow

# The properties, with draws that nobody has seen: by night, and before a release.
draw: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow" --hypothesis-profile anew $$(grep -rlE --include='*.py' '@given|stateful' tests)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo

types: $(READY)
	$(BIN)/mypy

bench: $(READY)
	@for b in benchmarks/*.py; do echo "== $$b"; $(BIN)/python $$b || exit 1; done

# Builds the word vectors and trains the prose model anew from its seed: the same bytes on the same processor and numpy, in about twenty minutes of one core.
model: $(READY)
	@$(INSTALL) '.[model]' $(ENDED)
	OPENBLAS_NUM_THREADS=1 nice -n 10 $(BIN)/python -m masking.model.vectors_build
	OPENBLAS_NUM_THREADS=1 nice -n 10 $(BIN)/python -m masking.model.train

# After a run with what is newest within the ranges of pyproject.toml.
pins:
	$(PYTHON) -m venv --clear build/newest
	build/newest/bin/python -m pip install --quiet --disable-pip-version-check '.[dev]'
	{ head -n 1 constraints.txt; build/newest/bin/python -m pip freeze --exclude hoopgate; } > build/constraints.txt
	mv build/constraints.txt constraints.txt

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
