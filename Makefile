# Everything runs in .venv, which the first target makes; Python 3.11 or newer is all that is needed.
PYTHON ?= python3
BIN := .venv/bin
DEMO_PROMPT := A cat playing the Moonlight Sonata on a piano, cinematic lighting, close-up shot

.PHONY: install demo serve test lint format bench rules gallery clean

install: .venv/.dev

.venv/.run: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "setting up .venv ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[speech]'
	@touch $@

.venv/.dev: .venv/.run
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[speech,dev]'
	@touch $@

# The text-to-video example of the API's documentation, from an HTTP request to an MP4.
demo: .venv/.run
	@mkdir -p out
	@$(BIN)/opendance generate "$(DEMO_PROMPT)" --duration 8 --quality 720p --aspect-ratio 16:9 -o out/demo.mp4

serve: .venv/.run
	@$(BIN)/opendance serve

test: .venv/.dev
	@$(BIN)/python -m pytest -q

lint: .venv/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/basedpyright

format: .venv/.dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: .venv/.dev
	@$(BIN)/python benchmarks/previs.py
	@$(BIN)/python benchmarks/api.py

# Which rules of the specification have tests, and which have none.
rules: .venv/.dev
	@$(BIN)/python tests/rules.py

# The pictures in docs/gallery.
gallery: .venv/.run
	@$(BIN)/python docs/gallery.py

clean:
	rm -rf .venv out .pytest_cache .ruff_cache .hypothesis
