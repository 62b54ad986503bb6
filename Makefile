# The front door. `make` alone lists the targets; each sets up what it needs in .venv.

PYTHON ?= python3
# `make test PYTHON=3.13` has an environment of its own beside .venv.
VENV := $(if $(filter command,$(firstword $(origin PYTHON))),.venv-$(notdir $(PYTHON)),.venv)
BIN := $(VENV)/bin
DOCUMENT := openapi.public.json
PEERS := .venv-bench
LOWEST := $(VENV)-lowest
RAY := $(VENV)-ray
PREFECT := $(VENV)-prefect
# What tests need in an environment without all of development.
PYTEST := pytest==9.2.0 pytest-timeout==2.4.0
# Folders of asynchronous modules, each with the synchronous ones made from it beside it.
ASYNC := overlay/runflow_client/_async
CONTRACT := conformance laws mock/test_contract.py mock/test_fuzz.py server
FIGURES := -p contract_tests.suites.conformance.figures --contract-report reports
HANDWRITTEN := overlay contract_tests regenerate examples benchmarks docs release hatch_build.py

# What two recipes print at the same time is kept apart, where make can do that (since 4.0).
APART := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

# Hundreds of processes import the same modules: what one has compiled, the others find.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo test test-httpx2 test-lowest check lint type type-mypy type-pyright suites vectors contract contract-thorough property-creates faults mutation mutation-change bench fetch generate regenerate models pull-request contract-live format clean test-browser test-shells test-bulk test-ray test-prefect screenshots docs dist rehearse-document

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	@$$(.ci/interpreter $(PYTHON)) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $(PYTHON) is not: make PYTHON=3.12 ..." >&2; exit 1; }
	$$(.ci/interpreter $(PYTHON)) -m venv $(VENV)

$(VENV)/demo-installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[mock]'
	@touch $@

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/demo-installed

install: $(VENV)/installed ## set up .venv with everything that development needs

demo: $(VENV)/demo-installed ## run Nano Banana Pro once, from the typed client to the saved picture
	@$(BIN)/python examples/demo.py

test: $(VENV)/installed ## everything a push must pass (PYTHON=3.13: with that version, in .venv-3.13)
	@$(MAKE) --no-print-directory --jobs 2 $(APART) type check lint
	@$(MAKE) --no-print-directory suites

lint: $(VENV)/installed ## ruff, on what is written by hand
	$(BIN)/ruff check $(HANDWRITTEN)
	$(BIN)/ruff format --check $(HANDWRITTEN)

type: type-mypy type-pyright ## mypy --strict and pyright, on handwritten and generated code

type-mypy: $(VENV)/installed ## mypy --strict alone
	$(BIN)/mypy

type-pyright: $(VENV)/installed ## pyright alone
	$(BIN)/pyright --pythonpath $(BIN)/python

suites: $(VENV)/installed ## every pytest suite
	$(BIN)/python -m pytest -n 3 --dist worksteal $(OPTIONS)

$(LOWEST)/installed: pyproject.toml contract_tests/lowest.py | $(VENV)/bin/python
	$(BIN)/python -m venv $(LOWEST)
	$(BIN)/python contract_tests/lowest.py > $(LOWEST)/constraints.txt
	$(LOWEST)/bin/python -m pip install --quiet --disable-pip-version-check --constraint $(LOWEST)/constraints.txt \
		--editable '.[cli,mock,inbox,http2]' hypothesis==6.170.15 pexpect==4.9.0 $(PYTEST) pytest-xdist==3.8.0 \
		trustme trio django flask
	@touch $@

test-lowest: $(LOWEST)/installed ## the suites of client and inbox on the lowest versions that pyproject.toml allows
	$(LOWEST)/bin/python -m pytest -n 2 contract_tests/suites/client \
		contract_tests/suites/callbacks/test_inbox.py -k 'not postgresql' \
		--ignore contract_tests/suites/client/network/test_httpx2.py # httpx2 needs newer versions of what it shares

test-httpx2: $(VENV)/installed ## the suites of client and files with clients of httpx2 as http_client
	RUNFLOW_HTTP_LIBRARY=httpx2 $(BIN)/python -m pytest -n 2 contract_tests/suites/client contract_tests/suites/files

# Where one of the commands $(1) is missing: install Debian's packages $(2), or ask for them.
define debian
@if ! (for one in $(1); do command -v $$one >/dev/null || exit 1; done); then \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && apt-get install -qy --no-install-recommends $(2); \
	else \
		echo "Needed: $(1). On Debian: sudo apt-get install $(2)" >&2; \
		exit 1; \
	fi; \
fi
endef

$(VENV)/browser-installed: | $(VENV)/installed
	$(call debian,chromium chromedriver,chromium chromium-driver)
	@touch $@

test-browser: $(VENV)/browser-installed ## try the mock server's page, the site and a bulk report in a real browser (Debian's Chromium, installed if root)
	RUNFLOW_BROWSER=1 $(BIN)/python -m pytest -q contract_tests/suites/mock/test_page_in_a_browser.py \
		contract_tests/suites/docs/test_site_in_a_browser.py contract_tests/suites/bulk/test_report.py

$(VENV)/shells-installed: | $(VENV)/installed
	$(call debian,zsh fish,zsh fish)
	@touch $@

test-shells: $(VENV)/shells-installed ## press TAB in a real bash, zsh and fish (Debian's, installed if root)
	RUNFLOW_SHELLS=1 $(BIN)/python -m pytest -q contract_tests/suites/cli/test_completion.py

test-bulk: $(VENV)/installed ## kill a bulk run of 300 items 100 times at random: each item is billed once
	RUNFLOW_BULK_KILLS=100 RUNFLOW_BULK_ITEMS=300 $(BIN)/python -m pytest -q -s contract_tests/suites/bulk/test_kills.py

$(RAY)/installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m venv $(RAY)
	$(RAY)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[mock,ray]' $(PYTEST)
	@touch $@

test-ray: $(RAY)/installed ## 200 rows on a real local Ray cluster, an actor killed in between: 200 are billed
	$(RAY)/bin/python -m pytest -q -s contract_tests/suites/cluster

$(PREFECT)/installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m venv $(PREFECT)
	$(PREFECT)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[mock]' prefect==3.9.1 $(PYTEST)
	@touch $@

test-prefect: $(PREFECT)/installed ## the Prefect recipe under Prefect, its process killed in between: each picture is billed once
	$(PREFECT)/bin/python -m pytest -q contract_tests/suites/cluster/test_prefect.py

vectors: $(VENV)/installed ## collect the conformance vectors from the document; the same bytes each time
	@PYTHONPATH=contract_tests $(BIN)/python -m vectors $(OPTIONS)

contract: $(VENV)/installed ## client, mock and document held against each other, and the laws; reports/contract.md
	$(BIN)/python -m pytest -n 2 -q --tb=short $(FIGURES) $(addprefix contract_tests/suites/,$(CONTRACT))

contract-thorough: $(VENV)/installed ## the same with freshly drawn cases, for the night (SEEDS=200: so many fuzzing seeds; RUNFLOW_CONFORMANCE_SEED=)
	RUNFLOW_CONFORMANCE_PROFILE=thorough RUNFLOW_CONFORMANCE_SEEDS=$(SEEDS) $(MAKE) contract

property-creates: $(VENV)/installed ## a hundred thousand creates at random, in virtual time: none is paid twice
	RUNFLOW_PROPERTY_CREATES=100000 $(BIN)/python -m pytest -n 2 -q contract_tests/suites/client/creating/test_create_properties.py

faults: $(VENV)/installed ## break client and mock server on purpose, fault by fault: does a check notice? (OPTIONS="--only NAME")
	@PYTHONPATH=contract_tests $(BIN)/python -m faults $(OPTIONS)

$(VENV)/mutation-installed: pyproject.toml | $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[mutation]'
	@touch $@

mutation: $(VENV)/mutation-installed ## try a tenth of the small changes of the core modules: does a test notice? (OPTIONS="run 'runflow_client._flows.retry.*'")
	@PYTHONPATH=contract_tests $(BIN)/python -m faults.mutation $(OPTIONS)

mutation-change: $(VENV)/mutation-installed ## the same for the functions that differ from a revision (SINCE=HEAD)
	@PYTHONPATH=contract_tests $(BIN)/python -m faults.mutation change $(or $(SINCE),HEAD)

$(PEERS)/installed: benchmarks/peers.txt | $(VENV)/bin/python
	$(BIN)/python -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade --requirement benchmarks/peers.txt
	@touch $@

bench: $(VENV)/installed $(PEERS)/installed ## what the client costs beside httpx and its peers; some minutes; benchmarks/results.json (OPTIONS="--only decoding,layer")
	@$(BIN)/python -m benchmarks $(OPTIONS)

fetch: $(VENV)/installed ## get the published document, or SPEC_URL= (https, http on loopback, a file)
	@$(BIN)/python -m regenerate fetch $(OPTIONS)

generate: $(VENV)/installed ## make generated/ of openapi.public.json and its lock, and the synchronous client
	@$(BIN)/python -m regenerate generate $(OPTIONS)
	@$(BIN)/python -m regenerate.unasync $(ASYNC)

regenerate: $(VENV)/installed ## fetch, generate, gates, changes: all or nothing (ALLOW_SHRINK=1, ALLOW_BREAKING=1)
	@$(BIN)/python -m regenerate regenerate $(OPTIONS)
	@$(BIN)/python -m regenerate.unasync $(ASYNC)

rehearse-document: $(VENV)/installed ## take a document on a copy and tell on one page what would happen (DOC=file or address)
	@SPEC_URL="$(DOC)" $(BIN)/python -m regenerate rehearse

models: $(VENV)/installed ## make the typed inputs of the catalog and compare it with Runflow's public one; with RUNFLOW_API_KEY take that over first
	@$(BIN)/python -m regenerate.inputs $(if $(RUNFLOW_API_KEY),--refresh)

check: $(VENV)/installed ## prove offline that generated/, the synchronous client and the typed inputs are up to date
	@$(BIN)/python -m regenerate check $(OPTIONS)
	@$(BIN)/python -m regenerate.unasync --check $(ASYNC)
	@$(BIN)/python -m regenerate.inputs --check

pull-request: ## open a pull request with what make regenerate changed (needs git and gh)
	@.ci/pull-request

contract-live: $(VENV)/installed ## read the live API and compare: RUNFLOW_API_KEY, LIVE=1 (OPTIONS="--allow-spend 0.05")
	@$(BIN)/python -m runflow_conformance.live $(if $(LIVE),--live) $(OPTIONS)

$(VENV)/release-installed: pyproject.toml | $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[release]'
	@touch $@

dist: $(VENV)/release-installed ## build wheel and sdist of the commit twice, compare, check, install and try them
	@$(BIN)/python -m release.dist

docs: $(VENV)/installed ## build the site into build/docs/site: pages, models, reference, search; links are checked
	@$(BIN)/python -m docs._build

screenshots: $(VENV)/installed ## draw the command line's screenshots of the docs anew
	@$(BIN)/python -m contract_tests.suites.cli.screenshots

format: $(VENV)/installed ## let ruff format what is written by hand
	$(BIN)/ruff check --fix $(HANDWRITTEN)
	$(BIN)/ruff format $(HANDWRITTEN)

clean: ## remove .venv and every cache
	rm -rf .venv .venv-* build dist reports .mypy_cache .pytest_cache .ruff_cache .hypothesis
