// Package gputest gives tests a GPU where there is none: a libcuda and a cublasLt
// that run on this processor, over the same kernels.cu, compiled by a C++ compiler.
// The whole path through gpu.Open is then tested but for NVIDIA's own part.
package gputest

import (
	"crypto/sha256"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/ebitengine/purego"
)

//go:embed emulator
var emulator embed.FS

// GPU is an emulated device.
type GPU struct {
	memory  func(bytes uint64)
	driver  func(version, devices, capability int32)
	lose    func(after int64)
	layout  func(to *int64)
	headers func() string
}

// Open has the emulated device found by gpu.Open until the test ends, with 4 GiB of
// memory and a driver for CUDA 13. Without a C++ compiler the test is skipped.
//
// Kernels run one thread after the other: a few million values a second.
func Open(t testing.TB) *GPU {
	t.Helper()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("a GPU is used, and so emulated, on Linux only")
	}
	compiler, err := exec.LookPath("g++")
	if err != nil {
		t.Skip("no C++ compiler to build the emulated GPU with; try apt install g++")
	}
	dir, err := build(compiler)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GXLAB_CUDA", dir)
	lib, err := purego.Dlopen(filepath.Join(dir, "libcuda.so.1"), purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		t.Fatal(err)
	}
	g := new(GPU)
	purego.RegisterLibFunc(&g.memory, lib, "emulator_memory")
	purego.RegisterLibFunc(&g.driver, lib, "emulator_driver")
	purego.RegisterLibFunc(&g.lose, lib, "emulator_lose")
	purego.RegisterLibFunc(&g.layout, lib, "emulator_layout")
	purego.RegisterLibFunc(&g.headers, lib, "emulator_headers")
	reset := func() {
		g.memory(4 << 30)
		g.driver(13000, 1, 9)
		g.lose(-1)
	}
	reset()
	t.Cleanup(reset)
	return g
}

// Memory sets how much memory the device has, in bytes.
func (g *GPU) Memory(bytes int64) { g.memory(uint64(bytes)) }

// Driver sets the newest CUDA that the driver knows (12040 is 12.4), how many
// devices there are and the first digit of their compute capability.
func (g *GPU) Driver(version, devices, capability int) {
	g.driver(int32(version), int32(devices), int32(capability))
}

// Lose lets the device be lost after so many more kernels, products and graphs:
// every call fails from then on. Below 0 it works again.
func (g *GPU) Lose(after int) { g.lose(int64(after)) }

// Headers says whose declarations of CUDA the device was compiled with: "NVIDIA's"
// where CPATH led to them, else "own".
func (g *GPU) Headers() string { return g.headers() }

// Layout is where C++ puts kernels.cu's structures: the size of Schedule and the
// offsets of beta2, samples and total; the size of State and those of start, sum,
// rate, root and lost.
func (g *GPU) Layout() [10]int64 {
	var to [10]int64
	g.layout(&to[0])
	return to
}

// build compiles the device, once for each state of its sources, and returns the
// folder in which it lies under the names of NVIDIA's libraries.
func build(compiler string) (string, error) {
	_, here, _, _ := runtime.Caller(0)
	cu, err := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(here)), "kernels.cu"))
	if err != nil {
		return "", err
	}
	files := map[string]string{"kernels.cu": string(cu), "table.inc": table(string(cu))}
	entries, err := emulator.ReadDir("emulator")
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		b, err := emulator.ReadFile("emulator/" + e.Name())
		if err != nil {
			return "", err
		}
		files[e.Name()] = string(b)
	}
	sum := sha256.Sum256(fmt.Append(nil, files, os.Getenv("CPATH")))
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("gxlab-gpu-%x", sum[:8]))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	made, err := os.MkdirTemp("", "gxlab-gpu-making-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(made)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(made, name), []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	c := exec.Command(compiler, "-std=c++17", "-O2", "-ffp-contract=off", "-U_FORTIFY_SOURCE", "-fPIC", "-shared", "-pthread", "-o", "libcuda.so.1", "kernels.cpp", "cuda.cpp", "cublaslt.cpp")
	c.Dir = made
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("the emulated GPU does not compile: %w\n%s", err, out)
	}
	for _, name := range []string{"libcublasLt.so.12", "libcublasLt.so.13"} {
		if err := os.Symlink("libcuda.so.1", filepath.Join(made, name)); err != nil {
			return "", err
		}
	}
	if err := os.Rename(made, dir); err != nil {
		if _, err := os.Stat(dir); err == nil { // another test was quicker
			return dir, nil
		}
		return "", err
	}
	return dir, nil
}

var (
	kernel  = regexp.MustCompile(`(?ms)^KERNEL\(\d+\) (\w+)\((.*?)^}`)
	barrier = regexp.MustCompile(`__syncthreads|blocksum|columnsum|columns|last\(`)
)

// table lists the kernels, and whether their threads meet at barriers.
func table(cu string) string {
	var b strings.Builder
	for _, m := range kernel.FindAllStringSubmatch(cu, -1) {
		fmt.Fprintf(&b, "KERNEL_OF(%s, %t)\n", m[1], barrier.MatchString(m[2]))
	}
	return b.String()
}
