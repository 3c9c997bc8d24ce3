# Everything starts here: `make help`. Needed beforehand: Python 3.11 or later, and make.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && exit; \
	done; echo python3)
BIN := .venv/bin
RUN := $(BIN)/python
export PYTHONUNBUFFERED := 1

.PHONY: help venv venv-dev demo demo-reset servers test check check-types check-rules bench bench-growth december nightly e2e messages format

help: ## what can be made
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | \
		while IFS='|' read -r name what; do printf '%-20s %s\n' "$$name" "$$what"; done

venv:
	@$(PYTHON) config/bootstrap.py

venv-dev:
	@$(PYTHON) config/bootstrap.py --dev

demo: venv ## everything on this machine, until Ctrl-C (HUIQI_PORT=8000)
	@$(RUN) -m config.messages compile
	@$(RUN) -m config.demo

demo-reset: venv ## remove the demo's data
	@$(RUN) -m config.demo reset

servers: venv ## only PostgreSQL and Valkey, for work with manage.py
	@$(RUN) -m config.embedded

test: venv-dev ## the tests, on a throw-away PostgreSQL and Valkey (ARGS="tests/config -k name")
	@$(RUN) -m config.messages compile
	@$(RUN) -m pytest -n 3 --dist worksteal $(ARGS)

e2e: venv-dev ## journeys in Chromium
	@$(RUN) -m config.messages compile
	@$(RUN) -m pytest tests/e2e -m "e2e and not nightly" -n 2 $(ARGS)

nightly: venv-dev ## the long tests: crashes, races, soaks
	@$(RUN) -m config.messages compile
	@$(RUN) -m pytest -m nightly -n 2 $(ARGS)

bench: venv-dev ## what things cost, one `name: ratio` a line (ARGS="ledger_csv_vs_copy")
	@$(RUN) -m tests.bench $(ARGS)

bench-growth: venv-dev ## the same at ten thousand, a hundred thousand and a million rows, as a chart
	@$(RUN) -m tests.bench --growth $(ARGS)

december: venv-dev ## a city's December, to the fen: 50,000 determinations to the close (ARGS="2000")
	@$(RUN) -m config.messages compile
	@$(RUN) -m tests.december $(ARGS)

check: venv-dev ## style, types, layers, migrations, translations, catalogue, compose file
	@$(RUN) -m config.messages compile
	@$(MAKE) --no-print-directory -j2 check-types check-rules

check-types:
	$(RUN) -m mypy

check-rules:
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(BIN)/lint-imports --no-logo
	HUIQI_ENV=test DJANGO_SETTINGS_MODULE=tests.settings $(RUN) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	HUIQI_ENV=test DJANGO_SETTINGS_MODULE=tests.settings $(RUN) manage.py check --fail-level WARNING
	$(RUN) -m config.messages check
	$(RUN) -m incentives.policy check
	$(RUN) -m pytest -q tests/config/test_compose.py

messages: venv-dev ## bring locale/ up to date with code and templates (ARGS="--merge FILE.json ...")
	@$(RUN) -m config.messages update $(ARGS)

format: venv-dev ## let ruff put the code in order
	@$(RUN) -m ruff check --fix .
	@$(RUN) -m ruff format .
