# Two commands on a fresh machine with Python 3.11+, make and git: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test test-browser lint format bench calibrate docs dev lock clean

help: ## show this list / 显示本列表
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | awk -F'|' '{printf "%-22s %s\n", $$1, $$2}'

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11+ is needed; set PYTHON=… / 需要 Python 3.11 以上"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## run the whole pipeline on a made-up province in ./demo / 用虚构省份走完全程
	$(BIN)/junheng demo --home demo

test: $(READY) ## run the core tests / 运行核心测试
	$(BIN)/python -m pytest -m "not browser"

test-browser: $(READY) ## run the tests that need Chromium and a CJK font / 浏览器测试
	$(BIN)/python -m pytest -m browser -n 0

lint: $(READY) ## format, lint, types, import rules / 格式、静态检查、类型、依赖规则
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## format the code / 格式化代码
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY) ## ratios against a bare scan and pandas / 性能对比
	$(BIN)/python -m tests.bench.gap
	$(BIN)/python -m tests.bench.workbooks

calibrate: $(READY) ## the sample against published figures, 8 seeds x 100 counties / 示例数据与公布值对照
	$(BIN)/python -m tests.bench.sample

docs: $(READY) ## make the generated reference pages in docs/ again / 重新生成参考文档
	$(BIN)/python -m docs.make

dev: $(READY) ## open Dagster on ./demo (or JUNHENG_HOME) / 打开 Dagster 界面
	mkdir -p "$${JUNHENG_HOME:-demo}/store/dagster"
	DAGSTER_DISABLE_TELEMETRY=1 JUNHENG_HOME="$${JUNHENG_HOME:-demo}" DAGSTER_HOME="$$(cd "$${JUNHENG_HOME:-demo}/store/dagster" && pwd)" $(BIN)/dagster dev -w workspace.yaml

lock: ## pin every dependency by hash again (needs uv) / 重新锁定依赖
	uv pip compile --universal --no-strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 --group dev pyproject.toml -o requirements.lock

clean: ## remove what the other commands made, except ./demo / 清理
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
