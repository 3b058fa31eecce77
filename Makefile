# `make demo` and `make test` do all of their own set-up. The rest is for people who work on the code.
.PHONY: demo test check bench compile up down setup jars browser lock clean
.DEFAULT_GOAL := demo

PY := .venv/bin/python
COMPOSE := docker compose --file deploy/compose.yaml

demo: setup jars ## play the Cilegon demo and stay up; ONCE=1 ends by itself
	@.venv/bin/sekul demo $(if $(ONCE),--once)

test: check jars browser ## everything that CI runs
	@$(PY) -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup ## lint, format, types, sentences about the architecture
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

bench: setup jars ## measure, write bench.json, print a table
	@$(PY) -m tests.bench

compile: setup ## compile the hot path (needs a C compiler and Python.h); without it the same source runs as it is
	@rm -rf .compiled
	@$(PY) deploy/compile.py

up: deploy/.env ## all services in containers
	@$(COMPOSE) up --build --detach --wait

down: ## stop the containers
	@$(COMPOSE) down

deploy/.env:
	@umask 077 && { \
		echo "SEKUL_MASTER_KEY=$$(openssl rand -base64 32)"; \
		echo "SEKUL_OPERATOR_KEY=sk_$$(openssl rand -hex 32)"; \
		echo "SEKUL_OWNER_PASSWORD=$$(openssl rand -hex 32)"; \
	} > $@
	@echo "wrote $@ with fresh secrets; keep it safe: without the master key no person's data can be read"

setup: .venv/.ready

.venv/.ready: requirements.lock bootstrap.lock pyproject.toml deploy/setup.sh
	@sh deploy/setup.sh

jars: .jars/.ready

.jars/.ready: jgo.lock.toml | setup
	@$(PY) -m services.ops.embedded.prepare
	@touch $@

browser:
	@sh deploy/chromium.sh

lock: setup ## resolve all dependencies again and write the lock files
	@printf 'uv\n' | $(UV_COMPILE) --output-file bootstrap.lock -
	@$(UV_COMPILE) --output-file requirements-run.lock pyproject.toml
	@$(UV_COMPILE) --output-file requirements.lock --group dev pyproject.toml
	@$(PY) -m services.ops.embedded.prepare lock

UV_COMPILE = .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate

clean: ## remove the environment, the jars, the compiled modules and the data of `sekul up`
	rm -rf .venv .jars .compiled .sekul
