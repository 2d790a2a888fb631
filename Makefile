# make demo   see it work: lint, mend and verify a real Dockerfile, on real BuildKit
# make test   the tests, the lab's included
# make check  lint, types, import contracts
# make docs   the generated pages and pictures anew, and the site
# make measure  build the compatibility table anew
# make scan   install Debian packages rootful and in a user namespace

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check format docs bench measure scan lab browser clean
.DEFAULT_GOAL := test

demo: .venv/installed lab
	@examples/demo $(BIN)/ns-lint

test: .venv/dev lab browser
	$(BIN)/pytest

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright --warnings
	$(BIN)/lint-imports --no-cache

format: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/dev
	$(BIN)/pip install -q --group bench
	$(BIN)/python benchmarks/run.py

docs: .venv/dev
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/terminal.py
	$(BIN)/sphinx-build -q -W --keep-going -b html docs site

# Without root or Go there is no lab: the unit tests still run, and say what they did not prove. CI must have it.
lab:
	@lab/install || { test -z "$$CI" && echo "no lab: nothing is proven on real BuildKit here" >&2; }

# Insecure steps of the rootful builder act on this machine: only with NS_LINT_DISPOSABLE=1.
measure: .venv/dev lab
	$(BIN)/python docs/measure.py
	$(BIN)/python docs/generate.py

# With a network: 262 packages, each installed twice.
scan: .venv/dev lab
	$(BIN)/python lab/scan.py

browser:
	@lab/browser || { test -z "$$CI" && echo "no browser: the HTML report is not tried in one here" >&2; }

.venv/bin/python:
	@lab/python $(PYTHON)

.venv/installed: .venv/bin/python pyproject.toml setup.py
	$(BIN)/pip install -q -e .
	@touch $@

.venv/dev: .venv/bin/python pyproject.toml setup.py
	$(BIN)/pip install -q -e . --group dev
	@touch $@ .venv/installed

clean:
	rm -rf .venv .lab build dist site *.egg-info
