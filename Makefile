# Everything one types here. `make` alone says what there is.

SHELL = /bin/sh
PYTHON ?=
SANDBOX ?= .sandbox
PORT ?= 8020
PARTS ?=
export PYTHON

BIN = .venv/bin

.PHONY: help test bench bench-web screenshots run commit lint format types imports docs web generate record check-generated constraints clean

help:
	@echo 'make run              a sandbox: a stock Buildbot that builds a sample project, and this API beside it'
	@echo '                      (SANDBOX=folder, default .sandbox; PORT=first of four ports, default 8020)'
	@echo 'make commit           one more commit to the sample project, for the sandbox to build (BREAK=1: one that fails)'
	@echo 'make test             everything: lint, types, import rules, docs, generated files, web pages, tests'
	@echo '                      (PARTS="lint types": only these)'
	@echo 'make bench            side by side with a stock Buildbot, 15 minutes (PARTS=requests or events, BUILDS=1000000,'
	@echo '                      ROUNDS=1; QUICK=1: 5 minutes, nothing is kept)'
	@echo 'make bench-web        the web pages side by side with those of a stock Buildbot, in a real browser (PARTS=pages, hands or live,'
	@echo '                      ROUNDS=1; QUICK=1: nothing is kept)'
	@echo 'make screenshots      the pictures in the documentation, of the web pages over a day of builds (PARTS="home log": only these)'
	@echo 'make lint format types imports docs      one of them'
	@echo 'make web              build the web pages and install them into .venv, for whatever serves there'
	@echo 'make generate         write the files that are generated from the definitions'
	@echo 'make record           ask a stock Buildbot everything anew, for the tests that compare with its answers'
	@echo 'make constraints      pin the newest versions of everything in constraints.txt'
	@echo 'make clean            remove what make made here, the sandbox excepted'
	@echo
	@echo 'PYTHON=python3.12 chooses the interpreter of .venv (3.11 or newer).'

.venv/.ready: pyproject.toml setup.py constraints.txt tools/venv.sh
	@tools/venv.sh

www/node_modules/.ready: www/package.json www/package-lock.json www/.npmrc
	@command -v npm >/dev/null || { echo 'The web pages need Node.js 20.19 or newer and npm.' >&2; exit 1; }
	@cd www && npm ci --no-progress && touch node_modules/.ready

test:
	@started=$$(date +%s) && $(MAKE) --no-print-directory .venv/.ready && \
	    STARTED=$$started $(BIN)/python tools/check.py $(PARTS)

bench: .venv/.ready
	@BUILDS='$(BUILDS)' ROUNDS='$(ROUNDS)' QUICK='$(QUICK)' PARTS='$(PARTS)' $(BIN)/python -m benchmarks

bench-web: .venv/.web
	@ROUNDS='$(ROUNDS)' QUICK='$(QUICK)' PARTS='$(PARTS)' nice $(BIN)/python -m benchmarks.web

screenshots: .venv/.web
	@cd www && nice node tools/screenshots/main.js $(PARTS)

run: .venv/.ready
	@$(MAKE) --no-print-directory web || echo 'Without web pages, then.'
	@exec $(BIN)/python master/contrib/sandbox run --folder '$(SANDBOX)' --port '$(PORT)' $(if $(ONCE),--once)

commit: .venv/.ready
	@exec $(BIN)/python master/contrib/sandbox commit --folder '$(SANDBOX)' $(if $(BREAK),--break)

lint types imports docs generated: .venv/.ready
	@$(BIN)/python tools/check.py $@

check-generated: generated

format: .venv/.ready
	@$(BIN)/ruff check --fix && $(BIN)/ruff format

generate: .venv/.ready
	@$(BIN)/python -m buildbot.status.generate

web: .venv/.web
	@:

.venv/.web: .venv/.ready www/node_modules/.ready www/index.html www/vite.config.ts \
    $(shell find www/src www/packaging -type f -not -path '*/files/*' -not -path '*/build/*' -not -path '*.egg-info/*')
	@cd www && npm run build
	@$(BIN)/python www/packaging/fill.py
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check www/packaging
	@touch $@

record: .venv/.ready
	@$(BIN)/python -m buildbot.test.oracle.record

constraints:
	@tools/venv.sh --newest

clean:
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache docs/_build build dist \
	    www/dist www/node_modules www/packaging/build www/packaging/buildbot_status_www/files
