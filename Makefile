# Everything a clone needs: `make run` and `make test`. No root, no compiler, no activated environment.
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
# Two workers. The tests of a file stay together, because they share what is slow to make.
PYTEST := $(BIN)/pytest -q -n 2 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help run test test-unit test-deploy lint bench screenshot lock clean

# An installation is invalid if its folder was moved or its Python was replaced. This check takes 20 ms.
$(shell { [ "$$(cat .venv/.installed)" = "$(CURDIR)" ] && $(BIN)/python -c 'import pip'; } >/dev/null 2>&1 || rm -f .venv/.installed)

help: ## Show this list of targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

run: .venv/.installed ## Run the census pipeline on the embedded sample (sets up .venv first)
	@$(BIN)/tutorials run census --data sample

test: test-unit ## Run all tests: the unit tests, then whole pipelines
	$(PYTEST) tests/e2e

test-unit: .venv/.installed ## Run the unit tests
	$(PYTEST) tests --ignore tests/e2e --ignore tests/deploy

test-deploy: .venv/.installed ## Run pipelines on real servers: databases, Docker, Kubernetes, Airflow (Debian, root; 30 minutes)
	.ci/deploy

lint: .venv/.installed ## Check style, formatting, types, layers, and spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy pipelines components trainer_modules schemas benchmarks
	$(BIN)/lint-imports --no-logo
	git ls-files -z | xargs -0 $(BIN)/codespell

screenshot: .venv/.installed ## Take the README's picture of a report (needs Chromium)
	$(BIN)/python docs/screenshot.py

bench: .venv/.installed ## Compare with stock TFX and bare scripts (2 hours; 10 minutes: make bench ARGS="census --repeats 1")
	$(BIN)/python -m benchmarks $(ARGS)

lock: .venv/.installed ## Update the locks from pyproject.toml (newest versions: make lock UPGRADE=--upgrade)
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) --group dev -c requirements.lock -o requirements-dev.lock
	$(COMPILE) --group setup -c requirements.lock -o requirements-setup.lock
	$(COMPILE) --no-config -c requirements.lock deploy/docker/gpu.in -o deploy/docker/gpu.lock

clean: ## Remove .venv, caches, and build output, but not runs/ and data/
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache build dist *.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} +

# One resolution for all supported Pythons. Locked versions stay as long as they fit.
COMPILE = $(UV) pip compile -q $(UPGRADE) --universal --python-version 3.10 --generate-hashes --no-header

# The locks contain every package, so there is nothing to resolve. Build tools come before what they build.
# requirements.lock is what runs need, also in the container image; requirements-dev.lock is what only this clone needs.
INSTALL := install -q --no-deps --no-build-isolation
LOCKED := --require-hashes -r requirements.lock -r requirements-dev.lock
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_SYSTEM_CERTS := 1

# The stamp marks a complete .venv: it is removed before anything changes, and without it .venv is created from scratch. pip
# takes ten times as long as uv, but it reads the package mirrors of pip.conf.
.venv/.installed: requirements-setup.lock requirements.lock requirements-dev.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing. Install Python 3.10 to 3.13" \
	    "(Debian and Ubuntu: apt install python3-venv) or name one: make run PYTHON=/path/to/python3.11" >&2; exit 2; }
	@$(PYTHON) -I pipelines/preflight.py
	@if [ -e $@ ]; then echo "Updating .venv ..."; else \
	    echo "Setting up .venv: 1 GB to download, 3.6 GB on disk ..."; $(PYTHON) -m venv --clear .venv; fi
	@rm -f $@
	@$(BIN)/pip $(INSTALL) --require-hashes -r requirements-setup.lock
	@$(UV) pip $(INSTALL) --python $(BIN)/python $(LOCKED) || \
	    { echo "uv failed. Trying again with pip, which takes some minutes ..."; \
	    $(BIN)/pip $(INSTALL) --use-pep517 $(LOCKED); }
	@$(BIN)/pip $(INSTALL) -e .
	@echo "$(CURDIR)" >$@
