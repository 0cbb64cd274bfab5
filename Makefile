# The two commands of the README, and what developers use. Everything lands in .venv and build/; nothing is installed
# elsewhere but system packages (by apt, when root; else the missing ones are named).
PYTHON ?= $(shell command -v python3.11 || command -v python3)
# What is installed: the trained attackers and their Ray cluster are tested where it holds `cluster`, too (torch is
# large, and larger where pip takes it with CUDA).
EXTRAS ?= test
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml CMakeLists.txt $(shell find src enclave -type f \
             \( -name '*.py' -o -name '*.c' -o -name '*.h' -o -name '*.txt' -o -name '*.onnx' -o -name '*.json' \))

.PHONY: demo test lint unit bench fuzz analyse clean
.DELETE_ON_ERROR:

demo: $(VENV)/.installed
	$(BIN)/cloister demo -o build/demo

# One thread for NumPy: its own threads only get into each other's way on small machines.
export OPENBLAS_NUM_THREADS := 1

test: lint unit

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/clang-format --dry-run -Werror $(shell git ls-files 'enclave/*.[ch]')
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/count_lines.py

unit: $(VENV)/.installed
	tools/test_packages.sh
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile $(PYTEST_ARGS)

# Every published number; takes long. bench/README.md says what each file measures.
bench: $(VENV)/.bench
	$(BIN)/python -m bench.run

# Coverage-guided fuzzing, minutes each; needs clang with libFuzzer.
fuzz:
	enclave/fuzz/run.sh

# gcc's static analyzer over core and POSIX port, the kernels among them; `make test` leaves those out.
analyse:
	tools/analyse.sh

$(VENV)/.venv:
	tools/system_packages.sh "$(PYTHON)"
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	touch $@

$(VENV)/.installed: $(VENV)/.venv $(SOURCES)
	$(BIN)/pip install --quiet '.[$(EXTRAS)]'
	touch $@

# torch is pinned with the torchvision that fits it; torchvision's wheel is taken without its (CUDA) dependencies.
# Peers of bench/peers.py are optional; LiteRT takes part where onnx2tf is on the PATH.
$(VENV)/.bench: $(VENV)/.installed
	$(BIN)/pip install --quiet 'torch~=2.13.0'
	$(BIN)/pip install --quiet --no-deps torchvision==0.28.0
	-$(BIN)/pip install --quiet openvino ncnn ai-edge-litert
	-$(BIN)/pip install --quiet --no-deps pnnx onnx2torch
	touch $@

clean:
	rm -rf $(VENV) build out

# A real OP-TEE under QEMU, from Debian's packages, and the tests in it (docs/optee.md).
.PHONY: optee optee-test
optee: $(VENV)/.installed
	$(BIN)/python -m cloister.optee.lab

optee-test: optee
	$(BIN)/python -m pytest tests/optee $(PYTEST_ARGS)
