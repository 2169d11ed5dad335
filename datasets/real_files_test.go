package datasets

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every table of GXLAB_DATA holds what pandas, scipy, anndata, h5py and R read of it:
// testdata/real_files.py wrote the numbers.
func TestRealFiles(t *testing.T) {
	data := os.Getenv("GXLAB_DATA")
	if data == "" {
		t.Skip("GXLAB_DATA names no folder of real tables")
	}
	b, err := os.ReadFile("testdata/real_files.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]struct {
		Samples, Genes, Missing *int
		Sum                     float64
		Labels                  string
		Sets, Members, Distinct *int
		Edges, Nodes            *int
		Rows                    *int
		From, To                string
		Mapped, Targets         int
		First, Last             string
	}
	if err := json.Unmarshal(b, &all); err != nil || len(all) < 80 {
		t.Fatal(len(all), err)
	}
	for name, want := range all {
		t.Run(strings.ReplaceAll(name, "/", " "), func(t *testing.T) {
			path := filepath.Join(data, name)
			switch {
			case want.Samples != nil:
				var labels []string
				if want.Labels != "" {
					labels = []string{filepath.Join(data, want.Labels)}
				}
				raw, err := opened{path, strings.Join(labels, "")}.Read(context.Background(), nil)
				if err != nil {
					t.Fatal(err)
				}
				sum, missing := 0.0, 0
				for _, v := range raw.X.Data {
					if v != v {
						missing++
					} else {
						sum += float64(v)
					}
				}
				// The sums are of float64 there, of values rounded to float32 here.
				if raw.X.Rows != *want.Samples || raw.X.Cols != *want.Genes || missing != *want.Missing || math.Abs(sum-want.Sum) > 1e-6*math.Max(1, math.Abs(want.Sum)) {
					t.Errorf("%d × %d with %d missing, sum %v; want %d × %d, %d, %v", raw.X.Rows, raw.X.Cols, missing, sum, *want.Samples, *want.Genes, *want.Missing, want.Sum)
				}
			case want.Sets != nil:
				s, err := GeneSets(path)
				if err != nil {
					t.Fatal(err)
				}
				members := 0
				for _, g := range s.All() {
					members += len(g.Genes)
				}
				if s.Len() != *want.Sets || members != *want.Members || len(s.Genes()) != *want.Distinct {
					t.Errorf("%d sets of %d members, %d genes; want %+v", s.Len(), members, len(s.Genes()), want)
				}
			case want.Edges != nil:
				e, err := Edges(path)
				if err != nil {
					t.Fatal(err)
				}
				nodes := map[string]bool{}
				for _, x := range e {
					nodes[x.A], nodes[x.B] = true, true
				}
				if len(e) != *want.Edges || len(nodes) != *want.Nodes {
					t.Errorf("%d edges of %d nodes; want %d of %d", len(e), len(nodes), *want.Edges, *want.Nodes)
				}
			case want.From != "":
				m, err := GeneMap(filepath.Join(data, strings.TrimPrefix(name, "map ")), want.From, want.To)
				if err != nil {
					t.Fatal(err)
				}
				targets := map[string]bool{}
				for _, g := range m {
					targets[g] = true
				}
				if len(m) != want.Mapped || len(targets) != want.Targets {
					t.Errorf("%d names of %d genes; want %d of %d", len(m), len(targets), want.Mapped, want.Targets)
				}
			default:
				f, err := ReadTable(path)
				if err != nil {
					t.Fatal(err)
				}
				if ids := f.IDs(); len(ids) != *want.Rows || ids[0] != want.First || ids[len(ids)-1] != want.Last {
					t.Errorf("%d rows from %s to %s; want %d from %s to %s", len(ids), ids[0], ids[len(ids)-1], *want.Rows, want.First, want.Last)
				}
			}
		})
	}
}
