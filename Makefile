# Everything sets itself up: Python 3.11.2 or later, git and make are all that a machine needs.
# DEPLOY-ONLY machines: `make deploy ENV=…` installs requirements.txt alone.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)
export CDK_DISABLE_CLI_TELEMETRY := true
export CDK_DISABLE_VERSION_CHECK := 1
# Where it is set, every process compiles every module again: a tenth of the quick loop.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup setup-deploy check lint coverage test test-unit test-synth test-slow test-sandbox faults fuzz-dataset bench-dataset bench-synth bench-fleet bench-review bench-evaluate bench-report docs review review-corpus picture picture-review picture-report structure bench-cli promotion refusals privileges demo sandbox deploy evaluate preflight plan policy status metrics report probe destroy purge synth snapshots pins clean

help:  ## Show what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

# What is imported is compiled then; most of what is installed never is, and compiling it takes longer than installing it.
PIP := -m pip install --disable-pip-version-check --no-input --no-compile

$(VENV)/python: Makefile
	@$(PYTHON) -c 'import sys; v = sys.version_info[:3]; sys.exit(None if v >= (3, 11, 2) else \
	  "Python {}.{}.{} is too old: 3.11.2 or later is needed; name one with make PYTHON=python3.12 …".format(*v))'
	@echo "Setting up in $(CURDIR): some minutes and 1.5 GB the first time (make setup-deploy: 0.6 GB)."
	@echo "1 · an environment for Python packages, $(VENV)/"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/deploy: $(VENV)/python requirements.txt
	@echo "2 · the CDK, boto3 and Node.js, from requirements.txt"
	@$(BIN)/python $(PIP) -r requirements.txt
	@touch $@

$(VENV)/dev: $(VENV)/deploy requirements-dev.txt
	@echo "3 · the local AWS, linters and test tools, from requirements-dev.txt"
	@$(BIN)/python $(PIP) -r requirements-dev.txt
	@touch $@

node_modules/.package-lock.json: $(VENV)/deploy package.json package-lock.json
	@echo "4 · the CDK CLI, from package-lock.json"
	@npm ci --no-audit --no-fund
	@touch $@

setup: $(VENV)/dev node_modules/.package-lock.json  ## Install everything into this folder

setup-deploy: $(VENV)/deploy node_modules/.package-lock.json

demo: setup  ## From a dataset to a served model and back to nothing, on a local AWS; DATA=file.jsonl takes your own
	$(BIN)/python -m tune demo $(if $(DATA),--data "$(DATA)") $(ARGS)

sandbox: setup  ## Keep a local AWS running until Ctrl-C, to deploy to: prints the variables to paste
	$(BIN)/python -m tune sandbox $(ARGS)

UNIT := pytest -q -n 2 --dist loadfile -m "not slow"
# Whose tests are measured: coverage doubles the CPU time of a test, whatever it runs.
DECIDING := contract decisions engine evaluation preflight resources

# pytest-testmon learns which code each test runs, and selects the tests that a change touches. It knows nothing of files that
# are not code: with others of those every test runs. No unit test reads a page.
NO_CODE := git ls-files --cached --others --exclude-standard -z . ':!*.py' ':!*.md' ':!docs'

check: lint  ## The quick loop: lint, types, the unit tests that your changes touch
	@mkdir -p build
	TESTMON_DATAFILE=build/testmon $(UNIT) --testmon --testmon-forceselect --testmon-env \
	  "$$({ $(NO_CODE); $(NO_CODE) | xargs -0 cat; } 2>&1 | git hash-object --stdin)" tests/unit

lint: setup
	ruff check .
	ruff format --check .
	mypy

coverage: setup  ## The unit tests of what decides about money and data, which must take every branch of it
	$(UNIT) $(DECIDING:%=tests/unit/%) --cov --cov-report=term-missing --cov-fail-under=100

test-unit: setup
	$(UNIT) tests/unit $(DECIDING:%=--ignore=tests/unit/%)

# An environment of its own: checkov pins other versions of what this project pins too.
build/checkov: requirements-checkov.txt
	@echo "checkov, in an environment of its own, from requirements-checkov.txt"
	@rm -rf $@
	@$(PYTHON) -m venv $@
	@$@/bin/python $(PIP) -r requirements-checkov.txt
	@touch $@

# For every Python from the lowest on, with markers where one version does not do for all. What is pinned stays as far as the
# groups in pyproject.toml allow; ARGS=--upgrade takes the newest of all, ARGS="--upgrade-package boto3" of one.
COMPILE = uv pip compile --quiet --universal --python-version 3.11.2 --no-annotate \
	--custom-compile-command "make pins" $(ARGS)
pins: $(VENV)/dev  ## Write requirements*.txt again, from the groups in pyproject.toml (ARGS=--upgrade)
	$(COMPILE) --group dev --output-file requirements-dev.txt
	$(COMPILE) --group deploy --constraints requirements-dev.txt --output-file requirements.txt
	$(COMPILE) --group checkov --output-file requirements-checkov.txt
	$(COMPILE) --upgrade --resolution lowest-direct --output-file requirements-lowest.txt pyproject.toml

# mypy takes one processor, and what it leaves idle the unit tests take.
test:  ## Everything, the real CDK CLI on the local AWS included
	@$(MAKE) --jobs 2 --output-sync=line setup build/checkov
	$(MAKE) --jobs 2 --output-sync=line lint coverage test-unit
	$(MAKE) test-synth test-slow test-sandbox

test-synth: setup build/checkov
	pytest -q -n 2 --dist loadfile -m "not slow and not sandbox" --ignore tests/unit --ignore tests/e2e

test-slow: setup build/checkov
	pytest -q -n 2 -m "slow and not sandbox" --ignore tests/e2e

# Twice the processors: these wait for half of their time. Files in the order of tests/e2e/conftest.py.
test-sandbox: setup
	pytest -q -n 4 --dist loadfile --no-loadscope-reorder -m "sandbox and not slow" tests/e2e

privileges: setup  ## Every permission, and the access that is denied without it
	PRINT_PRIVILEGES=1 pytest -q tests/synth/privileges

fuzz-dataset: setup  ## Look for data files that fail or divide the checkers (FUZZ_SECONDS=…, FUZZ_SEED=…)
	@$(BIN)/python -m tests.unit.dataset_rules.fuzz --seconds $(or $(FUZZ_SECONDS),60) --seed $(or $(FUZZ_SEED),1)

bench-dataset: $(VENV)/deploy  ## How fast data files are checked, beside reading them (BENCH_SIZES="6MB 20MB 180MB 1.2GB 10GB")
	$(BIN)/python -m bench.dataset

bench-synth: setup-deploy  ## What a synthesis costs beside a bare CDK app with the same resources (BENCH_ROUNDS=…)
	$(BIN)/python -m bench.synth

docs: setup  ## Build the documentation as a site, build/site/index.html
	@NO_MKDOCS_2_WARNING=1 mkdocs build
	@echo "build/site/index.html"

review: setup-deploy  ## What this checkout trains, buys, moves, widens and deletes, beside SINCE=origin/main; asks no AWS
	@$(BIN)/python -m tune review --since "$(or $(SINCE),origin/main)" $(ARGS)

review-corpus: setup  ## What a review says of some 140 described changes, beside what somebody reviewed of each
	pytest -q -n 2 --dist loadscope tests/synth/review/test_corpus.py
	@grep -c '^## ' tests/synth/review/corpus/said.md | xargs -I N echo "N changes: tests/synth/review/corpus/said.md"

picture: setup  ## Draw docs/site/demo.svg anew, from what the demo says
	@PYTHONPATH=.:constructs:lambda $(BIN)/python docs/site/picture.py

picture-review: setup  ## Draw docs/site/review-light.png and review-dark.png anew: the comment of a review (needs chromium)
	@PYTHONPATH=.:constructs:lambda $(BIN)/python docs/site/review_picture.py

picture-report: setup  ## Draw docs/site/report-light.png and report-dark.png anew: what make demo left (needs chromium)
	@PYTHONPATH=.:constructs:lambda $(BIN)/python docs/site/report_picture.py

structure: $(VENV)/dev  ## How the code hangs together: units, layers, edges and cycles of imports
	@$(BIN)/python -m bench.structure

bench-fleet: setup-deploy  ## What a fleet of 60 models costs to synthesize, and what it has in AWS
	$(BIN)/python -m bench.synth.fleet

bench-review: setup-deploy  ## How long a review takes beside the CDK's diff library alone (BENCH_ROUNDS=…)
	$(BIN)/python -m bench.review

bench-evaluate: setup-deploy  ## What an evaluation of up to RECORDS=1000000 records takes, on simulated time
	$(BIN)/python -m bench.evaluate

bench-report: setup-deploy  ## How long the report of RECORDS=1000000 records takes beside reading what it is made of
	$(BIN)/python -m bench.report

bench-cli: $(VENV)/deploy  ## What --help costs beside importing Typer (BENCH_ROUNDS=…)
	$(BIN)/python -m bench.cli

faults: setup  ## The lifecycle under every failure: prints the tables (FAULT_HISTORIES=…, FAULT_SEED=…)
	FAULT_HISTORIES=$(or $(FAULT_HISTORIES),10000) pytest -q -n 2 tests/lifecycle

promotion: setup  ## One training, served in three environments by the pipeline's own jobs: prints what it measured
	PROMOTION_AS_IT_STANDS=1 pytest -q -n 0 -s tests/e2e/test_promotion.py

refusals: setup  ## What is refused before it costs anything: prints a table, measured now
	@$(BIN)/python -m tests.lifecycle.refusals

# ENV=dev is every model of an environment, ENV=dev MODEL=docstrings one of them. ARGS are for the command of
# `python -m tune`, CDK_ARGS for the CDK CLI.
NAMED = @test -n "$(ENV)" || { echo "say which environment: make $@ ENV=dev, or one model: make $@ ENV=dev MODEL=docstrings" >&2; exit 2; }
FOR_CDK = $(if $(CDK_ARGS),-- $(CDK_ARGS))

deploy: setup-deploy  ## Deploy: make deploy ENV=dev, or one model ENV=dev MODEL=docstrings; CDK_ARGS go to the CDK CLI
	$(NAMED)
	@$(BIN)/python -m tune deploy $(ENV) $(MODEL) $(ARGS) $(FOR_CDK)

evaluate: setup-deploy  ## Evaluate a trained model alone, and show the numbers: make evaluate ENV=dev MODEL=docstrings
	$(NAMED)
	@$(BIN)/python -m tune evaluate $(ENV) $(MODEL) $(ARGS) $(FOR_CDK)

preflight: setup-deploy  ## What would stop the next deploy, looked at without deploying: make preflight ENV=dev [MODEL=…]
	$(NAMED)
	@$(BIN)/python -m tune preflight $(ENV) $(MODEL) $(ARGS)

plan: setup-deploy  ## What the next deploy does and all that bills: make plan ENV=dev [MODEL=…]; of every environment: make plan
	$(if $(MODEL),$(NAMED))
	@$(BIN)/python -m tune plan $(ENV) $(MODEL) $(ARGS)

status: setup-deploy  ## Where training and serving stand, and what bills: make status ENV=dev [MODEL=…] ARGS=--watch
	$(NAMED)
	@$(BIN)/python -m tune status $(ENV) $(MODEL) $(ARGS)

metrics: setup-deploy  ## The losses of the newest training, as curves: make metrics ENV=dev [MODEL=…] ARGS='--svg loss.svg'
	$(NAMED)
	@$(BIN)/python -m tune metrics $(ENV) $(MODEL) $(ARGS)

report: setup-deploy  ## The report of the newest evaluation, as one HTML page: make report ENV=dev [MODEL=…] ARGS='--output report.html'
	$(NAMED)
	@$(BIN)/python -m tune report $(ENV) $(MODEL) $(ARGS)

policy: setup-deploy  ## The IAM policy that a command needs: make policy ENV=dev ARGS='--command push'
	$(NAMED)
	@$(BIN)/python -m tune policy $(ENV) $(ARGS)

probe: setup-deploy  ## Ask an account what this project only assumes of AWS, for nothing: make probe ENV=dev
	@$(BIN)/python -m tune probe $(ENV) $(ARGS)

destroy: setup-deploy  ## Destroy what serves and trains: make destroy ENV=dev [MODEL=…]; all of several models: ARGS=--every-model
	$(NAMED)
	@$(BIN)/python -m tune destroy $(ENV) $(MODEL) $(ARGS)

purge: setup-deploy  ## Remove for good what a destroy has left, after a question: make purge ENV=dev [MODEL=…]
	$(NAMED)
	@$(BIN)/python -m tune purge $(ENV) $(MODEL) $(ARGS)

synth: setup-deploy  ## Write every environment's CloudFormation templates to cdk.out/
	cdk synth --quiet $(CDK_ARGS)

snapshots: setup  ## Renew the reviewed snapshots: templates, and the tables of docs/
	UPDATE_SNAPSHOTS=1 pytest -q tests/synth tests/docs -k "snapshot or page"

clean:  ## Remove what was installed and generated here
	rm -rf $(VENV) node_modules cdk.out build
