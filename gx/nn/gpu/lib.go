package gpu

import (
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// oldest is the oldest CUDA whose driver runs the libraries and reads the PTX.
const oldest = 12000

// places are the paths under which a file of CUDA's may be found, best first: in
// GXLAB_CUDA (a toolkit's or a library's folder), as the loader finds it, in CUDA's
// usual folders, in a conda or virtual environment, and in the packages of the
// python3 that is first on PATH, which is asked only by those who come so far. All
// but the loader's exist.
func places(file string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, p := range near(os.Getenv("GXLAB_CUDA"), file) {
			if !yield(p) {
				return
			}
		}
		if !yield(file) {
			return
		}
		more := found(file, "/usr/local/cuda/lib64", "/usr/local/cuda-*/lib64", "/usr/local/cuda/bin", "/usr/local/cuda-*/bin", "/opt/cuda/lib64", "/opt/cuda/bin", "/usr/lib/*-linux-gnu")
		for _, env := range []string{"CONDA_PREFIX", "VIRTUAL_ENV"} {
			more = append(more, near(os.Getenv(env), file)...)
		}
		for _, p := range more {
			if !yield(p) {
				return
			}
		}
		for _, dir := range pythonPackages() {
			for _, p := range near(dir, file) {
				if !yield(p) {
					return
				}
			}
		}
	}
}

// near are the places of a file in a folder: of a toolkit, of a conda or virtual
// environment, or of Python's packages.
func near(dir, file string) []string {
	if dir == "" {
		return nil
	}
	if filepath.Base(dir) == file {
		return []string{dir}
	}
	return found(file, dir, dir+"/lib64", dir+"/lib", dir+"/bin", dir+"/targets/*/lib", dir+"/nvidia/*/lib", dir+"/nvidia/*/bin", dir+"/lib/python3*/site-packages/nvidia/*/lib", dir+"/lib/python3*/site-packages/nvidia/*/bin")
}

// found are the paths of a file in the folders that fit the patterns, the newest
// first.
func found(file string, folders ...string) []string {
	var out []string
	for _, p := range folders {
		all, _ := filepath.Glob(filepath.Join(p, file)) // the patterns are well formed
		slices.Reverse(all)
		out = append(out, all...)
	}
	return out
}

// pythonPackages asks python3 where its packages are.
var pythonPackages = sync.OnceValue(func() []string {
	out, err := exec.Command("python3", "-c", "import site, sys; print('\\n'.join(p for p in sys.path + [site.getusersitepackages()] if p.endswith('-packages')))").Output()
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
})

// driverPlaces are where the driver's library may be.
func driverPlaces() []string {
	const file = "libcuda.so.1"
	machine := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	out := append(near(os.Getenv("GXLAB_CUDA"), file), file)
	return append(out, found(file, "/usr/lib/"+machine+"-linux-gnu", "/usr/lib64", "/usr/lib/wsl/lib", "/usr/local/nvidia/lib64", "/run/opengl-driver/lib")...)
}

// librarySonames are the names of cublasLt that run on a driver that knows CUDA up
// to version, the newest first.
func librarySonames(version int) []string {
	if version >= 13000 {
		return []string{"libcublasLt.so.13", "libcublasLt.so.12"}
	}
	return []string{"libcublasLt.so.12"}
}
