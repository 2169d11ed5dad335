"""What NVIDIA's headers say of the constants, structures and functions that abi.go
names: writes abi_12.json and abi_13.json, which TestABI compares with abi.go.

    python3 testdata/abi.py        (needs g++, pip, and a gigabyte of downloads)

The headers come from PyPI into a temporary folder. Types are told by their size:
"4" and "8" bytes, "*" for a pointer to what has none, "*4" for one to 4 bytes."""
import glob, json, os, re, subprocess, sys, tempfile, zipfile

HEADERS = {
    "12": ["nvidia-cuda-runtime-cu12==12.9.79", "nvidia-cublas-cu12==12.9.1.4", "nvidia-cuda-nvcc-cu12==12.9.86", "nvidia-cuda-cccl-cu12==12.9.27"],
    "13": ["nvidia-cuda-runtime==13.0.96", "nvidia-cublas==13.1.0.3", "nvidia-cuda-crt==13.0.88", "nvidia-cuda-cccl==13.0.85"],
}
here = os.path.dirname(os.path.abspath(__file__))
go = open(here + "/../abi.go").read()

PROGRAM = """
#include <cuda.h>
#undef cuEventElapsedTime // CUDA 13's headers mean another symbol
extern "C" CUresult cuEventElapsedTime(float *, CUevent, CUevent);
#include <cublasLt.h>
#include <cstddef>
#include <cstdio>
#include <string>
#include <type_traits>

template <class T, class = void> struct size { static std::string text() { return ""; } };
template <class T> struct size<T, std::void_t<decltype(sizeof(T))>> { static std::string text() { return std::to_string(sizeof(T)); } };
template <> struct size<void> { static std::string text() { return ""; } };
template <class T> std::string of() {
	if constexpr (std::is_pointer_v<T>) return "*" + size<std::remove_cv_t<std::remove_pointer_t<T>>>::text();
	else return std::to_string(sizeof(T));
}
template <class R, class... P> void show(const char *name, R (*)(P...)) {
	printf("function %%s %%s", name, of<R>().c_str());
	(printf(" %%s", of<P>().c_str()), ...);
	puts("");
}
int main() {
%s
}
"""


def program():
    lines = ['printf("constant %s %%lld\\n", (long long)%s);' % (c, c) for c in sorted(set(re.findall(r"// (CU[A-Z0-9_]+)$", go, re.M)))]
    lines += ['show("%s", %s);' % (f, f) for f in re.findall(r'`symbol:"(\w+)"`', go)]
    result = "cublasLtMatmulHeuristicResult_t"
    lines += ['printf("layout algo %zu\\n", sizeof(cublasLtMatmulAlgo_t));', 'printf("layout heuristic %%zu\\n", sizeof(%s));' % result]
    lines += ['printf("layout %s %%zu\\n", offsetof(%s, %s));' % (f, result, f) for f in ("workspaceSize", "state", "wavesCount")]
    return PROGRAM % "\n".join("\t" + l for l in lines)


def fetch(packages, folder):
    subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "-d", folder] + packages, check=True)
    for wheel in glob.glob(folder + "/*.whl"):
        with zipfile.ZipFile(wheel) as z:
            z.extractall(folder, [n for n in z.namelist() if "/include/" in n])
        os.remove(wheel)
    return glob.glob(folder + "/nvidia/*/include")


def ask(folders, folder):
    with open(folder + "/abi.cpp", "w") as f:
        f.write(program())
    # Only types are asked for: no function is called, so none need be there.
    subprocess.run(["g++", "-std=c++17", "-O1", "-Wl,--unresolved-symbols=ignore-all", "-o", folder + "/abi", folder + "/abi.cpp"] + ["-I" + d for d in folders], check=True)
    return subprocess.run([folder + "/abi"], check=True, capture_output=True, text=True).stdout


for version, packages in HEADERS.items():
    with tempfile.TemporaryDirectory() as folder:
        text = ask(fetch(packages, folder), folder)
    out = {"headers": packages, "constant": {}, "layout": {}, "function": {}}
    for kind, name, *rest in map(str.split, text.splitlines()):
        out[kind][name] = " ".join(rest) if kind == "function" else int(rest[0])
    with open(here + "/abi_%s.json" % version, "w") as f:
        json.dump(out, f, indent=1, sort_keys=True)
        f.write("\n")
