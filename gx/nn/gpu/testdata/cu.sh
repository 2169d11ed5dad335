#!/usr/bin/env bash
# Compiles the driver of the build tag cu with NVIDIA's headers of CUDA 12, from
# PyPI, and runs its tests on the emulated GPU in the place of libcuda and libcublas.
# Needs cgo, g++ and pip, and downloads half a gigabyte; where that cannot be had it
# ends with 75.
set -euo pipefail
cd "$(dirname "$0")/.."
dir="$(mktemp -d)"
trap 'rm -rf "$dir"' EXIT
python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary=:all: -d "$dir" \
	nvidia-cuda-runtime-cu12==12.9.79 nvidia-cublas-cu12==12.9.1.4 nvidia-cuda-nvcc-cu12==12.9.86 nvidia-cuda-cccl-cu12==12.9.27 || exit 75
for wheel in "$dir"/*.whl; do
	python3 -c 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); z.extractall(sys.argv[2], [n for n in z.namelist() if "/include/" in n])' "$wheel" "$dir"
	rm "$wheel"
done
export CPATH="$(printf '%s:' "$dir"/nvidia/*/include)"

# The emulated GPU, under the names that the linker and the loader look for.
TMPDIR="$dir" go test -count=1 -run TestLayout .
for name in libcuda.so libcuda.so.1 libcublas.so; do
	ln -s "$dir"/gxlab-gpu-*.so "$dir/$name"
done
# What cu could call but the tests do not need stays unresolved.
export CGO_LDFLAGS="-L$dir -Wl,--unresolved-symbols=ignore-all -Wl,-z,lazy" CGO_LDFLAGS_ALLOW='-Wl,.*'
export LD_LIBRARY_PATH="$dir"
go test -count=1 -tags cu "$@" -run 'TestDeviceIsTheCPU|TestDeviceGradients' ..
go test -count=1 -tags cu "$@" -run 'MatMul|Graph|BiasAct|Back|TestLoss|LostStops|SoftMax|Random|Gather|Begin|Optimisers|Norm|BFloat16' .
