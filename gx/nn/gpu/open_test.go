package gpu

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/nn/gpu/gputest"
)

// Why there is no device is said, with what to try.
func TestOpenRefuses(t *testing.T) {
	g := gputest.Open(t)
	for want, set := range map[string]func(){
		"knows CUDA up to 11.8":     func() { g.Driver(11080, 1, 9) },
		"finds no usable GPU":       func() { g.Driver(13000, 0, 9) },
		"compute capability is 6.5": func() { g.Driver(13000, 1, 6) },
	} {
		set()
		_, err := Open()
		var f *fault.Error
		if !errors.Is(err, ErrNoDevice) || !strings.Contains(err.Error(), want) || !errors.As(err, &f) || f.Where == "" || !strings.Contains(f.Try, "device=cpu") {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// A library that the driver cannot run is not opened, and the absence of one says
// which package has it.
func TestOpenWithoutLibrary(t *testing.T) {
	g := gputest.Open(t)
	dir := t.TempDir()
	for _, file := range []string{"libcuda.so.1", "libcublasLt.so.13", "control"} {
		if err := os.Symlink(filepath.Join(os.Getenv("GXLAB_CUDA"), file), filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("GXLAB_CUDA", dir)
	if slices.ContainsFunc(slices.Collect(places("libcublasLt.so.12")), func(p string) bool { return filepath.IsAbs(p) }) {
		t.Skip("this machine has a cublasLt of CUDA 12")
	}
	g.Driver(12040, 1, 9)
	if _, err := Open(); !errors.Is(err, ErrNoDevice) || !strings.Contains(err.Error(), "pip install nvidia-cublas-cu12") {
		t.Error(err)
	}
	g.Driver(13000, 1, 9)
	d, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	if i := d.Info(); i.Path != filepath.Join(dir, "libcublasLt.so.13") || i.Driver != 13000 || i.Library == 0 || i.Name == "" || i.Processors != 3 {
		t.Errorf("%+v", i)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// Too little memory is told with how much there is, and nothing is lost by it.
func TestNoMemory(t *testing.T) {
	g := gputest.Open(t)
	d, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	g.Memory(10 << 20)
	if _, err := d.Alloc(20 << 20); !errors.Is(err, ErrNoMemory) || !strings.Contains(err.Error(), "0.02 GB of the GPU's memory are wanted, 0.01 GB of") {
		t.Error(err)
	}
	p, err := d.Alloc(1 << 20)
	if err != nil {
		t.Error(err)
	}
	if free := d.Info().Free; free != 9<<20 {
		t.Error(free)
	}
	if err := d.Free(p); err != nil {
		t.Error(err)
	}
}

// From the call that finds the device lost, every call says so.
func TestLost(t *testing.T) {
	g := gputest.Open(t)
	d, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	s, _ := d.NewStream()
	p, _ := d.Alloc(1024)
	g.Lose(1)
	args := []Arg{U64(64), P(p), P(p + 512)}
	if err := d.Kernel("bfloat16", s, args...); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := d.Kernel("bfloat16", s, args...); !errors.Is(err, ErrLost) || errors.Is(err, ErrNoMemory) || !strings.Contains(err.Error(), "checkpoint") {
			t.Error(err)
		}
	}
	if err := d.Sync(s); !errors.Is(err, ErrLost) {
		t.Error(err)
	}
	if err := d.MatMul(MatMul{M: 1, N: 1, K: 1, A: p, B: p + 256, C: p + 512, Alpha: 1}, s); !errors.Is(err, ErrLost) {
		t.Error(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// The places are searched in their order, the newest toolkit first, and pip's
// folders of both ages are known.
func TestPlaces(t *testing.T) {
	root := t.TempDir()
	const file = "libcublasLt.so.13"
	for _, f := range []string{"mine/lib64/" + file, "conda/lib/" + file, "venv/lib/python3.12/site-packages/nvidia/cu13/lib/" + file, "venv/lib/python3.12/site-packages/nvidia/cublas/lib/" + file} {
		p := filepath.Join(root, f)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("GXLAB_CUDA", filepath.Join(root, "mine"))
	t.Setenv("CONDA_PREFIX", filepath.Join(root, "conda"))
	t.Setenv("VIRTUAL_ENV", filepath.Join(root, "venv"))
	var got []string
	for p := range places(file) {
		if rest, ours := strings.CutPrefix(p, root+"/"); ours {
			got = append(got, strings.TrimSuffix(rest, "/"+file))
		} else if p == file {
			got = append(got, "loader")
		}
	}
	want := "mine/lib64 loader conda/lib venv/lib/python3.12/site-packages/nvidia/cublas/lib venv/lib/python3.12/site-packages/nvidia/cu13/lib"
	if strings.Join(got, " ") != want {
		t.Errorf("%v", got)
	}
	if n := librarySonames(12080); len(n) != 1 || n[0] != "libcublasLt.so.12" {
		t.Error(n)
	}
	if n := librarySonames(13000); len(n) != 2 || n[0] != "libcublasLt.so.13" {
		t.Error(n)
	}
}
