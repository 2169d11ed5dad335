"""Writes kernels_75.ptx from kernels.cu: run by go generate ./gx/nn/gpu.

NVRTC comes from PyPI into a temporary folder; no CUDA toolkit and no GPU is
needed. Its oldest release of CUDA 12 is taken because a driver compiles no PTX
that is newer than itself: this one is read by every driver of CUDA 12 and 13."""
import ctypes, glob, hashlib, os, subprocess, sys, tempfile, zipfile

NVRTC = "nvidia-cuda-nvrtc-cu12==12.0.140"
OPTIONS = [b"--gpu-architecture=compute_75", b"--std=c++14", b"--ftz=true"]  # tiny values count as zero, as on the CPU

here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def nvrtc(folder):
    subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "-d", folder, NVRTC], check=True)
    with zipfile.ZipFile(glob.glob(folder + "/*.whl")[0]) as wheel:
        wheel.extractall(folder)
    return ctypes.CDLL(glob.glob(folder + "/nvidia/cuda_nvrtc/lib/libnvrtc.so.*")[0])


def text(size, get, program):
    n = ctypes.c_size_t()
    size(program, ctypes.byref(n))
    out = ctypes.create_string_buffer(n.value)
    get(program, out)
    return out.value.decode()


def compile(lib, source):
    program = ctypes.c_void_p()
    if lib.nvrtcCreateProgram(ctypes.byref(program), source, b"kernels.cu", 0, None, None) != 0:
        sys.exit("NVRTC takes no program")
    failed = lib.nvrtcCompileProgram(program, len(OPTIONS), (ctypes.c_char_p * len(OPTIONS))(*OPTIONS))
    log = text(lib.nvrtcGetProgramLogSize, lib.nvrtcGetProgramLog, program).strip()
    if log:
        print(log, file=sys.stderr)
    if failed:
        sys.exit("kernels.cu does not compile")
    return text(lib.nvrtcGetPTXSize, lib.nvrtcGetPTX, program)


with open(here + "/kernels.cu", "rb") as f:
    source = f.read()
with tempfile.TemporaryDirectory() as folder:
    ptx = compile(nvrtc(folder), source)
with open(here + "/kernels_75.ptx", "w") as f:
    f.write("// kernels.cu %s, %s %s\n" % (hashlib.sha256(source).hexdigest(), NVRTC, b" ".join(OPTIONS).decode()))
    f.write(ptx)
