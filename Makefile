# The steps of the book, by name; the work is done in tools/. Variables, as in: make book PYTHON=python3.12
#   PYTHON       the Python that makes .venv, 3.11 or newer
#   TORCH_INDEX  another torch (for the CPU only, say): address of a package index, or a folder of wheels
#   PORT         where `make serve` listens
PYTHON ?= python3
PORT ?= 8000
# Systems set this one, too, for their own messages.
ifneq ($(origin LANGUAGE),command line)
LANGUAGE =
endif

# Nothing of the user's own set-up may change or stop the book: not that of Python, Jupyter, matplotlib, pytest, ...
unexport $(filter-out PYTHON,$(filter PYTHON% IPYTHON% JUPYTER_% MPL% MATPLOTLIB% PLOTLY_% PYTEST_% PY_COLORS \
  MKL_% OPENBLAS_% OMP_% ATEN_% DNNL_% TQDM_% SPHINX% RUFF_% NODE_OPTIONS SOURCE_DATE_EPOCH FORCE_COLOR \
  CLICOLOR_FORCE COLUMNS LINES,$(.VARIABLES)))
export PYTHONUTF8 = 1
export IPYTHONDIR = $(CURDIR)/_build/.ipython
export MPLCONFIGDIR = $(CURDIR)/_build/.matplotlib
export JUPYTER_CONFIG_DIR = $(CURDIR)/_build/.jupyter
export JUPYTER_DATA_DIR = $(CURDIR)/_build/.jupyter
export JUPYTER_RUNTIME_DIR = $(CURDIR)/_build/.jupyter/runtime
export JUPYTER_PREFER_ENV_PATH = 1
# One thread: faster beside other notebooks, and the same numbers every time.
export OMP_NUM_THREADS = 1
# A home that cannot be written holds no caches.
ifneq ($(shell test -w "$$HOME" && echo yes),yes)
export XDG_CACHE_HOME = $(CURDIR)/_build/.cache
export npm_config_cache = $(CURDIR)/_build/.cache/npm
endif

ifeq ($(OS),Windows_NT)
RUN = .venv/Scripts/python
else
RUN = .venv/bin/python
endif

.NOTPARALLEL:
.PHONY: help env book pdf serve test times lint unit nbval lighthouse seeds gpu grade korean run assignments links lock clean

help: ## list these steps
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: ## make .venv, or bring it up to date (the steps below do this first)
	@command -v $(PYTHON) > /dev/null || { echo "There is no $(PYTHON) here. Install Python 3.11 or newer, \
	or name one:  make book PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) tools/bootstrap.py

book: env ## make the environment, execute the notebooks, build the site, check its links
	@$(RUN) -m tools.book

pdf: book ## make the book as one PDF, _build/book.pdf (needs a Chromium or Chrome; LANGUAGE=ko: the Korean one)
	@$(RUN) -m tools.pdf $(LANGUAGE)

_build/html/index.html:
	@$(MAKE) book

serve: env _build/html/index.html ## serve the built site locally (PORT=8000)
	$(RUN) -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

test: env ## everything: lint, book, tests of the code and of every page in a browser
	@$(RUN) -m tools.test

times: env ## print where the time of `make test` went
	@$(RUN) -m tools.times

lint: env ## check the style of the code, that notebooks hold no outputs, and that assignments are up to date
	@$(RUN) -m tools.test lint

unit: env ## run the tests alone, on the site as it was built last
	@$(RUN) -m tools.test helpers checks tools grading site pages sessions browser

nbval: env ## execute under nbval every solution that has changed since it passed
	@$(RUN) -m tools.execute solutions

lighthouse: book ## rate every page by Lighthouse, beside a plain Jupyter Book (needs a network the first time)
	@$(RUN) -m tools.lighthouse $(PAGES)

seeds: env ## execute the chapters under other seeds: which claims hold? (SEEDS="1 2 3" PAGES=chapters/mlp.ipynb)
	@$(RUN) -m tools.seeds $(SEEDS) $(PAGES)

gpu: env ## execute every solution under nbval on the CPU and with DEVICE=cuda, and compare
	@$(RUN) -m tools.gpu

grade: env ## grade a cohort: SUBMISSIONS=folder [ASSIGNMENT=mlp BEFORE=folder OUT=folder RESULT=1 WORKERS=2 SCHEDULER=tls://… LANGUAGE=ko]
	@$(RUN) -m grading "$(SUBMISSIONS)" $(if $(ASSIGNMENT),--assignment $(ASSIGNMENT)) \
	  $(if $(SCHEDULER),--scheduler $(SCHEDULER)) $(if $(WORKERS),--workers $(WORKERS)) \
	  $(if $(BEFORE),--before "$(BEFORE)") $(if $(RESULT),--result) $(if $(OUT),--out "$(OUT)") $(if $(UNSAFE),--unsafe) \
	  $(if $(LANGUAGE),--language $(LANGUAGE))

korean: env ## what the Korean texts lack, page by page (KOREAN=strict fails if anything; PAGES=chapters/mlp: all of it)
	@$(RUN) -m tools.korean $(if $(filter strict,$(KOREAN)),--strict) $(PAGES)

run: env ## run one notebook: NOTEBOOK=solutions/mlp.ipynb DATASET=mnist EPOCHS=10 SEED=1 DEVICE=cuda
	@$(RUN) -m tools.run $(NOTEBOOK) $(foreach name,DATASET EPOCHS SEED DEVICE,$(if $($(name)),$(name)=$($(name))))

assignments: env ## write assignments/ from solutions/
	$(RUN) -m tools.release

links: env ## check the links to other sites (needs a network)
	$(RUN) -m tools.execute
	$(dir $(RUN))jb build . --builder linkcheck

lock: env ## resolve pyproject.toml into requirements.txt; UPGRADE=1 takes the newest versions
	$(RUN) -m uv pip compile $(if $(UPGRADE),--upgrade) --quiet --universal --python-version 3.11 --extra book \
	  --no-header --annotation-style line --generate-hashes pyproject.toml --output-file requirements.txt
	$(RUN) -c 'import tomllib; extras = tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]; \
	  print(*extras["grading"], sep="\n")' | \
	  $(RUN) -m uv pip compile $(if $(UPGRADE),--upgrade) --quiet --universal --python-version 3.11 --no-header \
	  --annotation-style line --generate-hashes --constraints requirements.txt - --output-file grading/requirements.txt

clean: ## remove what was built; the environment stays
	rm -rf _build .pytest_cache .ruff_cache
