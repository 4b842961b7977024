# The verbs a person needs. `make help` lists them.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
# The extra needs of a target: make install INFERENCE=1, make run SLEEPVLM=1
EXTRAS := $(if $(INFERENCE)$(SLEEPVLM),inference)

.PHONY: help install run gpu test quick check screens clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ \t/' | expand -t 12

install: $(VENV)/.installed$(if $(EXTRAS),-$(EXTRAS)) ## prepare .venv (INFERENCE=1 adds torch)

run: install ## run the demo on http://127.0.0.1:$(PORT)/ (SLEEPVLM=1 adds torch and SleepVLM-nano)
	$(BIN)/python manage.py up --demo $(if $(SLEEPVLM),--sleepvlm )--port $(PORT)

gpu: install ## serve the model of BUNDLE on the graphics cards here, with a worker for it (ARGS for serve_model)
	@test -n "$(BUNDLE)" || { echo "make gpu BUNDLE=NAME, the name or folder of a bundle" >&2; exit 2; }
	$(BIN)/python manage.py serve_model "$(BUNDLE)" --worker $(ARGS)

test: $(VENV)/.installed-test ## install what the tests need, then run them all, three at a time
	CHROMIUM="$$(scripts/find-chromium)" $(BIN)/pytest -n 3 --dist worksteal $(ARGS)

quick: $(VENV)/.installed-test ## run the tests that need no browser, torch, real recording, killed process or long time
	$(BIN)/pytest -n 2 --dist worksteal --quick $(ARGS)

check: $(VENV)/.installed-dev node_modules/.installed ## lint, types, import contracts, templates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates
	npm run --silent lint

screens: $(VENV)/.installed-test ## draw the screenshots of the README and the tutorials
	CHROMIUM="$$(scripts/find-chromium)" $(BIN)/python -m scripts.screens

clean: ## forget the virtual environment and all data of the embedded site
	rm -rf $(VENV) node_modules var

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

PINNED := $(BIN)/python -m pip install --quiet --constraint constraints.txt

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PINNED) --editable .
	@touch $@

$(VENV)/.installed-inference: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PINNED) --editable '.[inference]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-test: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PINNED) --editable '.[inference,test]'
	@touch $@ $(VENV)/.installed $(VENV)/.installed-inference

$(VENV)/.installed-dev: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PINNED) --editable '.[inference,test,dev]'
	@touch $@ $(VENV)/.installed $(VENV)/.installed-inference $(VENV)/.installed-test

# npm comes with Node.js 20.19 or newer. Only the linter needs packages: the pages are served as they are written.
node_modules/.installed: package.json package-lock.json
	npm ci --silent --no-audit --no-fund
	@touch $@
