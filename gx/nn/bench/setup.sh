#!/bin/sh
# Makes a virtual environment in DIR with the newest PyTorch, JAX, Keras and TensorFlow for the CPU that
# PyPI gives for this Python, and prints their versions:
#
#     ./setup.sh DIR          # then: DIR/bin/python peers.py ...
#
# On Linux x86-64 PyPI has PyTorch with CUDA alone, which does not load without NVIDIA's libraries: all in
# all 3.3 GB to download, 7.3 GB on the disk, 2 minutes on a fast line. torch.compile needs a C++ compiler.
# JAX from 0.11 on wants Python 3.12, TensorFlow 2.21 has no wheels past 3.13: python3.13 or python3.12 is
# taken where there is one, else python3; PYTHON names another.
set -eu
dir=${1:?usage: setup.sh DIR}
for python in ${PYTHON:-python3.13 python3.12 python3}; do
	"$python" -c 'import venv' 2>/dev/null && break
done
"$python" -m venv "$dir"
"$dir/bin/pip" install --quiet --no-cache-dir --upgrade torch jax keras tensorflow-cpu
command -v c++ >/dev/null || echo "no c++ here: torch.compile will fail and PyTorch runs eagerly" >&2
"$dir/bin/python" - <<'PY'
import platform
from importlib.metadata import version
print("Python", platform.python_version())
for name in ("torch", "jax", "jaxlib", "keras", "tensorflow-cpu", "numpy"):
    print(name, version(name))
PY
