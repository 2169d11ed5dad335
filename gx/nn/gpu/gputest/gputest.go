// Package gputest gives tests a GPU where there is none: a libcuda and a cublasLt
// that run on this processor, over the same kernels.cu, compiled by a C++ compiler.
// The whole path through gpu.Open is then tested but for NVIDIA's own part.
package gputest

import (
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

//go:embed emulator
var emulator embed.FS

// GPU is an emulated device.
type GPU struct {
	t       testing.TB
	control string
}

// control's numbers, each of 8 bytes.
const (
	memory = iota
	version
	devices
	capability
	lose
	nvidia
	layout
	numbers = layout + 17
)

// Open has an emulated device of its own found by gpu.Open until the test ends,
// with 4 GiB of memory and a driver for CUDA 13. Without a C++ compiler the test is
// skipped.
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
	library, err := build(compiler)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	b, err := os.ReadFile(library)
	if err != nil {
		t.Fatal(err)
	}
	g := &GPU{t: t, control: filepath.Join(dir, "control")}
	if err := errors.Join(
		os.WriteFile(filepath.Join(dir, "libcuda.so.1"), b, 0o755),
		os.Symlink("libcuda.so.1", filepath.Join(dir, "libcublasLt.so.12")),
		os.Symlink("libcuda.so.1", filepath.Join(dir, "libcublasLt.so.13")),
		os.WriteFile(g.control, make([]byte, 8*numbers), 0o644),
	); err != nil {
		t.Fatal(err)
	}
	g.Memory(4 << 30)
	g.Driver(13000, 1, 9)
	g.Lose(-1)
	t.Setenv("GXLAB_CUDA", dir)
	return g
}

// Memory sets how much memory the device has, in bytes.
func (g *GPU) Memory(bytes int64) { g.set(memory, bytes) }

// Driver sets the newest CUDA that the driver knows (12040 is 12.4), how many
// devices there are and the first digit of their compute capability.
func (g *GPU) Driver(cuda, count, major int) {
	g.set(version, int64(cuda))
	g.set(devices, int64(count))
	g.set(capability, int64(major))
}

// Lose lets the device be lost after so many more kernels, products and graphs:
// every call fails from then on.
func (g *GPU) Lose(after int) { g.set(lose, int64(after)) }

// NVIDIA says whether the device, which must have been opened, was compiled with
// NVIDIA's headers (where CPATH led to them), which check its declarations.
func (g *GPU) NVIDIA() bool { return g.get(nvidia) != 0 }

// Layout is where C++ puts kernels.cu's structures, of a device that was opened:
// the size of Schedule and the offsets of beta2, samples, total, weight and
// klsteps; the size of
// State and those of start, sum, rate, root, lost, minus, entropy,
// wrong and kl.
func (g *GPU) Layout() (to [17]int64) {
	for i := range to {
		to[i] = g.get(layout + i)
	}
	return to
}

func (g *GPU) set(at int, v int64) {
	g.t.Helper()
	f, err := os.OpenFile(g.control, os.O_WRONLY, 0)
	if err != nil {
		g.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(binary.LittleEndian.AppendUint64(nil, uint64(v)), int64(8*at)); err != nil {
		g.t.Fatal(err)
	}
}

func (g *GPU) get(at int) int64 {
	g.t.Helper()
	b, err := os.ReadFile(g.control)
	if err != nil {
		g.t.Fatal(err)
	}
	return int64(binary.LittleEndian.Uint64(b[8*at:]))
}

// build compiles the device, once for each state of its sources, and returns the
// library.
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
	library := filepath.Join(os.TempDir(), fmt.Sprintf("gxlab-gpu-%x.so", sum[:8]))
	if _, err := os.Stat(library); err == nil {
		return library, nil
	}
	dir, err := os.MkdirTemp("", "gxlab-gpu-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	c := exec.Command(compiler, "-std=c++17", "-O2", "-ffp-contract=off", "-fno-gnu-unique", "-U_FORTIFY_SOURCE", "-fPIC", "-shared", "-pthread", "-o", "gpu.so", "kernels.cpp", "cuda.cpp", "cublaslt.cpp", "-ldl")
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("the emulated GPU does not compile: %w\n%s", err, out)
	}
	return library, os.Rename(filepath.Join(dir, "gpu.so"), library)
}

var (
	kernel  = regexp.MustCompile(`(?ms)^KERNEL\(\d+\) (\w+)\((.*?)^}`)
	barrier = regexp.MustCompile(`__syncthreads|blocksum|blockmax|columnsum|columns|last\(|total\(`)
)

// table lists the kernels, and whether their threads meet at barriers.
func table(cu string) string {
	var b strings.Builder
	for _, m := range kernel.FindAllStringSubmatch(cu, -1) {
		fmt.Fprintf(&b, "KERNEL_OF(%s, %t)\n", m[1], barrier.MatchString(m[2]))
	}
	return b.String()
}
