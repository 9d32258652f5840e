# Every target sets up what it needs: a project-local .venv from the hashed lock, once per change of the lock.
# Windows has no make by default: the README lists the same commands for PowerShell.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOCK := .ci/requirements.txt
WORKERS ?= 2
# Tests with servers wait more than they compute, and some wait long: many at once, and an idle worker takes over.
WAITERS ?= 8
BENCH ?=
PURE := tests/unit tests/property tests/contracts tests/cli
GATE := $(addprefix --cov=avroad.,schema contracts config codec wire admin) \
  --cov-report=term:skip-covered --cov-fail-under=97
CACHES := .pytest_cache .ruff_cache .mypy_cache .import_linter_cache
PEERS := .venv-bench
PEERS_READY := $(PEERS)/.ready

.PHONY: help setup demo test test-fast coverage check format types docs proof bench fuzz oracle score lock clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

$(READY): $(LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "avroad needs Python 3.11 or newer, found %d.%d. Try: make demo PYTHON=python3.12" % sys.version_info[:2])'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "this Python has no venv module. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "setting up $(VENV) (first run: about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

# What avroad is measured against lives apart: quixstreams needs an older confluent-kafka than everybody else.
$(PEERS_READY): bench/requirements.txt bench/requirements-quixstreams.txt
	@echo "setting up $(PEERS) (first run: about a minute) ..."
	@$(PYTHON) -m venv $(PEERS)/peers
	@$(PEERS)/peers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bench/requirements.txt
	@$(PYTHON) -m venv $(PEERS)/quixstreams
	@$(PEERS)/quixstreams/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bench/requirements-quixstreams.txt
	@touch $(PEERS_READY)

setup: $(READY) ## Only the Python environment, .venv; the other targets do it too

demo: $(READY) ## The main job, end to end, on real Kafka
	@$(BIN)/python -m admin.demo

test: test-fast ## All tests; those on real Kafka start their own
	$(BIN)/python -m pytest -q -m kafka

test-fast: $(READY) ## The tests that need no JVM (COVERAGE=1 measures what the gate covers)
	$(BIN)/python -m pytest -q -m "not kafka" -n $(WORKERS) $(PURE) $(if $(COVERAGE),$(GATE))
	$(BIN)/python -m pytest -q -m "not kafka" -n $(WAITERS) --dist worksteal tests $(addprefix --ignore=,$(PURE))

coverage: $(READY) ## Gate: the pure floors are covered, branches included
	$(BIN)/python -m pytest -q -m "not kafka" -n $(WORKERS) $(PURE) $(GATE)

check: $(READY) ## Lint, types, floors, generated classes, schemas and their evolution
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright
	PYTHONPATH=.:src $(BIN)/lint-imports
	$(BIN)/avroad schema types --check
	$(BIN)/avroad schema lint
	$(BIN)/avroad schema fmt --check
	$(BIN)/avroad schema check
	$(BIN)/python -m pytest -q tests/house

format: $(READY) ## Rewrite what the formatter and the safe fixes can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

types: $(READY) ## Generate the typed classes from the schemas
	$(BIN)/avroad schema types

proof: $(READY) ## The demo, and what README.md shows of it
	@$(BIN)/python -m admin.proof

docs: $(READY) ## Write again what docs/evolution.md quotes of the commands
	$(BIN)/python -m tests.docs.evolution

bench: $(PEERS_READY) ## All benchmarks against the peers, 10 minutes; BENCH=--quick takes one
	PYTHONPATH=src $(PEERS)/peers/bin/python -m bench --quixstreams $(PEERS)/quixstreams/bin/python $(BENCH)

fuzz: $(READY) ## Damaged bytes for the decoders, on all cores, until Ctrl-C (or SECONDS=600, SEED=7)
	$(BIN)/python -m tests.fuzz $(if $(SECONDS),--seconds $(SECONDS)) $(if $(COUNT),--count $(COUNT)) $(if $(SEED),--seed $(SEED))

oracle: $(READY) ## Random evolution compared with Apache Avro Java, fastavro and Apache avro (CASES=100000 PAIRS=20000)
	$(BIN)/python -m tests.oracle.compatibility --count $(or $(PAIRS),20000) $(if $(SEED),--seed $(SEED))
	$(BIN)/python -m tests.oracle.safety --count $(or $(PAIRS),20000) $(if $(SEED),--seed $(SEED))
	$(BIN)/python -m tests.oracle.differential --count $(or $(CASES),100000) $(if $(SEED),--seed $(SEED))

score: $(READY) ## Compatibility verdicts against published cases, per source
	@$(BIN)/python -m tests.oracle.score

lock: $(READY) ## Renew the dependency locks: avroad's own and those of the benchmarks
	$(BIN)/uv pip compile pyproject.toml --quiet --upgrade --extra stack --group dev --universal --generate-hashes \
	  --python-version 3.11 --no-header --no-annotate --output-file $(LOCK)
	$(BIN)/uv pip compile pyproject.toml bench/peers.in --quiet --upgrade --constraint $(LOCK) --universal --generate-hashes \
	  --python-version 3.11 --no-header --no-annotate --output-file bench/requirements.txt
	$(BIN)/uv pip compile bench/quixstreams.in --quiet --upgrade --universal --generate-hashes \
	  --python-version 3.11 --no-header --no-annotate --output-file bench/requirements-quixstreams.txt

clean: ## Stop the local stack and remove everything generated here
	@[ ! -x $(BIN)/avroad ] || $(BIN)/avroad stack down
	rm -rf $(VENV) $(PEERS) .avroad proof $(CACHES) .coverage .hypothesis build dist src/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
