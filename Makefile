# Everything runs in .venv, which the first target makes; Python 3.11 or newer is all that is needed.
PYTHON ?= python3
BIN := .venv/bin
DEMO_PROMPT := A cat playing the Moonlight Sonata on a piano, cinematic lighting, close-up shot

IMAGE_PROMPT := The camera slowly pushes in, petals drifting in the wind
REFERENCE_PROMPT := Use the first-person perspective framing of video 1 throughout, use audio 1 as background music throughout. First-person perspective fruit tea promotional video...

.PHONY: install demo demo-image demo-reference serve studio studio-page test-studio test test-thorough test-engines test-clients fuzz faults lint audit site hashes format bench bench-engines standstill load rules gallery drawings screenshots notices dist dist-check clean

install: .venv/.dev

.venv/.run: pyproject.toml constraints.txt hatch_build.py $(wildcard src/opendance/packing/*.py)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "setting up .venv ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[speech]'
	@touch $@

.venv/.dev: .venv/.run
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[speech,postgresql,telemetry,plot,dev]'
	@touch $@

# The text-to-video example of the API's documentation, from an HTTP request to an MP4.
demo: .venv/.run
	@mkdir -p out
	@$(BIN)/opendance generate "$(DEMO_PROMPT)" --duration 8 --quality 720p --aspect-ratio 16:9 --force -o out/demo.mp4

# The image-to-video and the reference example, on files that are made first.
demo-image: .venv/.run
	@$(BIN)/python examples/make_media.py out/media
	@$(BIN)/opendance generate "$(IMAGE_PROMPT)" --image out/media/flower.jpg --duration 5 --force -o out/demo-image.mp4

demo-reference: .venv/.run
	@$(BIN)/python examples/make_media.py out/media
	@$(BIN)/opendance generate "$(REFERENCE_PROMPT)" --image out/media/ref1.jpg --image out/media/ref2.jpg \
		--video out/media/reference.mp4 --audio out/media/bgm.mp3 \
		--duration 10 --quality 720p --aspect-ratio 16:9 --force -o out/demo-reference.mp4

serve: studio-page
	@$(BIN)/opendance serve

# The Studio's page, with everything that judges it: types from the server's own document, lint, unit tests, budgets.
studio: .venv/.run
	@$(BIN)/opendance openapi > web/openapi.json
	@cd web && npm ci --ignore-scripts --no-audit --no-fund && npm run studio

# The page in Chromium: every check, also those that `make test` leaves out; with STUDIO_TESTS=thorough these alone.
test-studio: .venv/.dev studio-page
	@$(BIN)/python -m pytest -q -rs -n 2 -m "$(or $(STUDIO_TESTS),studio)" tests/studio

# The page as a release has it, where it is not there already; nothing else waits for it. A server runs without it too.
studio-page: .venv/.run
	@$(BIN)/python -m opendance.packing page

# With the page, which its tests want: 25 s once for each state of `web/`, and nothing where it is there or npm is not.
test: .venv/.dev studio-page
	@$(BIN)/python -m pytest -q -n 3 -m "not thorough"

# What shows the same as tests of `make test` with many more values: each engine with each tier, each setting, each move.
# Those of the page are in `make test-studio`.
test-thorough: .venv/.dev
	@$(BIN)/python -m pytest -q -n 3 -m "thorough and not studio"

.venv/.gpu: .venv/.dev
	@echo "installing the GPU engines (about 6 GB) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[gpu]'
	@touch $@

# The servers that `vllm_omni` talks to, without what they run on: their own code reads our requests. Where they cannot be
# had, their tests skip with a word.
PEERS := vllm-omni==0.30.0 sglang==0.5.23 msgspec pybase64 orjson openrouter==1.3.84 openai==3.57.0 distro jiter sniffio tqdm
.venv/.peers: .venv/.gpu Makefile
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --upgrade --target .venv/peers $(PEERS) \
		|| echo "the peers cannot be had: their tests skip"
	@touch $@

# The engines with open weights, on this machine's GPU or CPU: the true pipelines with tiny random weights; and the peers. A
# module stays in one process, so that its weights, servers and peers are there once; the longest comes first. What shows the
# same with more models is left to `make test-thorough`.
test-engines: .venv/.gpu .venv/.peers
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -rs -n 2 --dist loadscope -m "not thorough" tests/engines/test_contract.py \
		tests/engines/diffusers tests/engines/upstream/test_peers.py tests/engines/upstream/test_openrouter.py tests/test_rewriting.py \
		-k "diffusers or minimax_h3 or ltx2 or wan2_2 or peers or openrouter or rewriting"

# Published clients, unmodified and pinned, each in a folder of its own, against a server of ours; out/clients.md has what
# each did. One that cannot be had is skipped with a word.
test-clients: .venv/.dev
	@$(BIN)/python -m tests.clients

# Thousands of damaged media files, and twenty thousand damaged requests, for a nightly run.
fuzz: .venv/.dev
	@OPENDANCE_FUZZ=$${OPENDANCE_FUZZ:-2000} OPENDANCE_FUZZ_SEED=$${OPENDANCE_FUZZ_SEED:-$$(date +%Y%m%d)} $(BIN)/python -m pytest -q tests/media/test_fuzz.py
	@OPENDANCE_FUZZ_REQUESTS=$${OPENDANCE_FUZZ_REQUESTS:-20000} OPENDANCE_FUZZ_SEED=$${OPENDANCE_FUZZ_SEED:-$$(date +%Y%m%d)} $(BIN)/python -m pytest -q tests/api/test_fuzz.py

# Hundreds of faults - kill -9, disk full, database away, clock wrong - and the table of what came of them.
faults: .venv/.dev
	@$(BIN)/python -m tests.faults --faults $${FAULTS:-150} --database sqlite
	@$(BIN)/python -m tests.faults --faults $${FAULTS:-150} --database postgresql

lint: .venv/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/basedpyright
	@if test -x $(BIN)/hadolint; then $(BIN)/hadolint deploy/Dockerfile; else echo "the Dockerfile is not checked: hadolint is not for this platform"; fi

# Whether advisories are known against what an installation consists of; skips with a word where nobody can be asked.
audit: .venv/.dev
	@$(BIN)/python -m tools.audit requirements/gpu.txt requirements/build.txt

# The documentation as a site, in out/site, which needs no server to be read; fails where a link leads nowhere.
site: .venv/.dev
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

# requirements/*.txt: what an installation consists of, for every platform, with the hash of each file; versions as in
# constraints.txt. After a change there or of the dependencies.
HASHES := $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make hashes" --constraints constraints.txt
hashes: .venv/.dev
	@$(HASHES) pyproject.toml -o requirements/run.txt
	@$(HASHES) pyproject.toml --extra speech --extra postgresql --extra telemetry --extra mcp -o requirements/image.txt
	@$(HASHES) pyproject.toml --extra speech --extra postgresql --extra telemetry --extra mcp --extra gpu -o requirements/gpu.txt
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
		| $(HASHES) - -o requirements/build.txt

# Whose works an installation holds, with their licences, in out/notices.txt; of what is installed.
notices: .venv/.dev studio-page
	@$(BIN)/python -m tools.release.notices

# A release in dist/: wheels and source distributions of the server and of the client, what installs them by hash, the
# notices of others' works, hashes. The same bytes wherever they are built.
dist: .venv/.dev
	@$(BIN)/python -m tools.release.build

.venv/.release: .venv/.dev
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[release]'
	@touch $@

# That release built a second time, read by twine, installed outside the checkout on the oldest and the newest Python at
# hand, and used there; it says how long the first video takes. PYTHONS names others.
dist-check: dist .venv/.release
	@$(BIN)/python -m tools.release.check $(PYTHONS)

format: .venv/.dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: .venv/.dev
	@$(BIN)/python -m benchmarks.previs
	@$(BIN)/python -m benchmarks.media
	@$(BIN)/python -m benchmarks.api
	@$(BIN)/python -m benchmarks.fairness
	@$(BIN)/python -m benchmarks.keys
	@$(BIN)/python -m benchmarks.search
	@$(BIN)/python -m benchmarks.provenance

# What the service adds to the bare pipelines, and what a step takes, on the GPU or the CPU there is.
bench-engines: .venv/.gpu
	@$(BIN)/python -m benchmarks.engines minimax_h3
	@$(BIN)/python -m benchmarks.engines ltx2

# What one hostile request costs everybody else: the longest wait for /healthz, and memory.
standstill: .venv/.dev
	@$(BIN)/python -m benchmarks.standstill

# A crowd: 10,000 tasks of 200 accounts, 1,000 pollers and event streams, on each database.
load: .venv/.dev
	@$(BIN)/python -m benchmarks.load

# Which rules of the specification have tests, and which have none.
rules: .venv/.dev
	@$(BIN)/python -m tools.rules

# The pictures in docs/gallery.
gallery: .venv/.dev
	@$(BIN)/python -m tools.gallery

# The pictures of the Studio, in docs/studio.
screenshots: .venv/.dev studio-page
	@$(BIN)/python -m tools.screenshots

# All drawings of our own on sheets of forty, in out/drawings.
drawings: .venv/.dev
	@$(BIN)/python -m tools.contact_sheet

clean:
	rm -rf .venv out dist .pytest_cache .ruff_cache .hypothesis
