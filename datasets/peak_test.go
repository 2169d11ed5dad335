package datasets

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Reading a file takes no more memory than 1.3 times the matrix at any time. The large
// files are those of testdata/big.py, in the folder GXLAB_PEAK; each is read in a process
// of its own.
func TestPeak(t *testing.T) {
	dir := os.Getenv("GXLAB_PEAK")
	if dir == "" {
		t.Skip("GXLAB_PEAK names no folder of large files")
	}
	if file := os.Getenv("GXLAB_PEAK_FILE"); file != "" {
		peakOf(t, filepath.Join(dir, file))
		return
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".log") || f.Name() == "labels.tsv" {
			continue
		}
		t.Run(f.Name(), func(t *testing.T) {
			c := exec.Command(os.Args[0], "-test.run=^TestPeak$", "-test.v")
			c.Env = append(os.Environ(), "GXLAB_PEAK_FILE="+f.Name())
			out, err := c.CombinedOutput()
			_, said, _ := strings.Cut(string(out), "peak: ")
			said, _, _ = strings.Cut(said, "\n")
			t.Log(said)
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// peakOf reads a file, with labels where its columns are the samples.
func peakOf(t *testing.T, path string) {
	o := opened{path: path}
	if strings.HasPrefix(filepath.Base(path), "long") {
		o.labels = filepath.Join(filepath.Dir(path), "labels.tsv")
	}
	before, start := mostMemory(t), time.Now()
	raw, err := o.Read(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	took, most, matrix := time.Since(start), mostMemory(t), 4*float64(len(raw.X.Data))
	fmt.Printf("peak: %.2f times the matrix of %d × %d (%.0f MB) in %.1f s; the program alone took %.0f MB\n", most/matrix, raw.X.Rows, raw.X.Cols, matrix/1e6, took.Seconds(), before/1e6)
	if most > 1.3*matrix {
		t.Errorf("%.2f times the matrix", most/matrix)
	}
}

// mostMemory is the most memory that this process has had, in bytes.
func mostMemory(t *testing.T) float64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("the system does not tell how much memory a process takes")
	}
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	n, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		t.Fatal(err)
	}
	return n * 1024
}
