package prep

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

// Counts are prepared as scanpy prepares them (testdata/counts.py, which names the
// versions).
func TestCountsArePreparedAsScanpyDoes(t *testing.T) {
	b, err := os.ReadFile("testdata/counts.json")
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Rows, Cols     int
		Counts         []float32
		V3             []float64  `json:"seurat_v3"`
		V3Top          []int      `json:"seurat_v3_top"`
		Seurat         []*float64 `json:"seurat"`
		SeuratTop      []int      `json:"seurat_top"`
		Logged, Scaled []float64
		X              []float64 `json:"loess_x"`
		Y              []float64 `json:"loess_y"`
		Loess          []float64
	}
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	close := func(what string, got, want, tol float64) {
		t.Helper()
		if !(math.Abs(got-want) <= tol*math.Max(1, math.Abs(want))) {
			t.Errorf("%s: %v, the reference has %v", what, got, want)
		}
	}
	for i, v := range Loess(f.X, f.Y, 0.3) {
		close("loess", v, f.Loess[i], 1e-9)
	}
	m := Matrix{Rows: f.Rows, Cols: f.Cols, Data: f.Counts}
	rows := make([]int, m.Rows)
	for i := range rows {
		rows[i] = i
	}
	v3 := StandardisedVariances(m, rows)
	for j, v := range v3 {
		close("seurat_v3", v, f.V3[j], 1e-7)
	}
	if got := TopVariable(v3, 30); !slices.Equal(got, f.V3Top) {
		t.Errorf("seurat_v3 chooses %v, scanpy %v", got, f.V3Top)
	}
	Total(m, 1e4)
	if b := Ln1p(m); b != nil {
		t.Fatal(b)
	}
	for i, v := range f.Logged {
		close("log1p", float64(m.Data[i]), v, 1e-5)
	}
	d := Dispersions(m, rows, math.Expm1)
	for j, v := range d {
		if f.Seurat[j] == nil {
			if !math.IsNaN(v) {
				t.Errorf("gene %d: dispersion %v, scanpy has none", j, v)
			}
			continue
		}
		close("seurat", v, *f.Seurat[j], 1e-4)
	}
	if got := TopVariable(d, 30); !slices.Equal(got, f.SeuratTop) {
		t.Errorf("seurat chooses %v, scanpy %v", got, f.SeuratTop)
	}
	mean, sd := Moments(m, rows)
	n := float64(m.Rows)
	for j := range sd {
		if sd[j] *= math.Sqrt(n / (n - 1)); sd[j] == 0 {
			sd[j] = 1
		}
	}
	lo, hi := ClipRange(mean, sd, 2)
	if Clip(m, lo, hi) == 0 {
		t.Error("nothing was clipped")
	}
	for i, v := range f.Scaled {
		j := i % m.Cols
		close("scale", (float64(m.Data[i])-mean[j])/sd[j], v, 1e-4)
	}
}

// Values that Ln1p cannot take are refused, and nothing is changed.
func TestLn1pRefuses(t *testing.T) {
	m := Matrix{Rows: 1, Cols: 2, Data: []float32{1, -1}}
	if b := Ln1p(m); b == nil || b.Col != 1 || m.Data[0] != 1 {
		t.Error(b, m.Data)
	}
}
