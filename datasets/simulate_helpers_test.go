package datasets

import (
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/stats"
)

// ran is v, of a simulation that should not fail.
func ran[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// sameOnThreads runs on one thread, on three, and as another seed.
func sameOnThreads[T any](t *testing.T, run func(seed uint64) (T, error)) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := ran[T](t)(run(5))
	runtime.GOMAXPROCS(3)
	if !reflect.DeepEqual(one, ran[T](t)(run(5))) {
		t.Error("the same seed gave something else")
	}
	if reflect.DeepEqual(one, ran[T](t)(run(6))) {
		t.Error("another seed gave the same")
	}
}

// geneValues are one gene's values over these rows.
func geneValues(x []float32, genes, j int, rows []int) []float64 {
	out := make([]float64, len(rows))
	for k, i := range rows {
		out[k] = float64(x[i*genes+j])
	}
	return out
}

// log2Of is the logarithm of array signals.
func log2Of(signal []float32) []float32 {
	out := make([]float32, len(signal))
	for i, v := range signal {
		out[i] = float32(math.Log2(float64(v)))
	}
	return out
}

// logShares is log2 of counts per so many, plus 1.
func logShares(counts []float32, genes int, per float64) []float32 {
	m := prep.Matrix{Rows: len(counts) / genes, Cols: genes, Data: append([]float32(nil), counts...)}
	prep.Total(m, per)
	for i, v := range m.Data {
		m.Data[i] = float32(math.Log2(float64(v) + 1))
	}
	return m.Data
}

func indices(n int, is func(i int) bool) (out []int) {
	for i := range n {
		if is(i) {
			out = append(out, i)
		}
	}
	return out
}

func at(names []string) map[string]int {
	out := map[string]int{}
	for i, n := range names {
		out[n] = i
	}
	return out
}

// correlation of two columns.
func correlation(t *testing.T, a, b []float64) float64 {
	t.Helper()
	return ran[float64](t)(stats.Pearson(a, b))
}

// complains checks that a simulation names the setting that is wrong.
func complains(t *testing.T, wrong string, err error) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), wrong) {
		t.Errorf("the error names no %s: %v", wrong, err)
	}
}

func roughly(t *testing.T, what string, v, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(v-want) <= tolerance) {
		t.Errorf("%s is %.3f, should be within %.3f of %.3f", what, v, tolerance, want)
	}
}
