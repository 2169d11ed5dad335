package nnwork

import (
	"bufio"
	"compress/gzip"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// realEdges are the pairs of a file of edges under GXLAB_DATA.
func realEdges(t testing.TB, file string) []Edge {
	t.Helper()
	dir := os.Getenv("GXLAB_DATA")
	if dir == "" {
		t.Skip("GXLAB_DATA is not set: no real network")
	}
	f, err := os.Open(filepath.Join(dir, file))
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var edges []Edge
	s := bufio.NewScanner(z)
	for s.Scan() {
		if row := strings.Split(s.Text(), "\t"); row[0] != "a" {
			edges = append(edges, Edge{A: row[0], B: row[1]})
		}
	}
	return edges
}

// On the human interactome a thousand pivots rank the genes as all of them do.
func TestInteractome(t *testing.T) {
	g := must[*Graph](t)(New(realEdges(t, "ppi_menche_symbol.edges.tsv.gz")))
	// The file has 138,035 lines; 22 pairs stand there both ways round.
	if g.N() != 13301 || g.Edges() != 138013 || g.Repeats() != 22 || g.Loops() != 0 {
		t.Fatalf("%v, %d repeats, %d loops", g, g.Repeats(), g.Loops())
	}
	set := []string{"BRCA1", "BRCA2", "TP53", "ATM", "CHEK2", "PALB2", "BARD1", "RAD51", "not a gene"}
	d := must[Distance](t)(g.Within(ctx, set))
	if d.Pairs != 28 || d.Missing != 1 || d.Harmonic() > 2 {
		t.Errorf("breast cancer's genes: %+v", d)
	}
	if testing.Short() {
		t.Skip("-short: exact betweenness is left out")
	}
	exact := must[[]float64](t)(g.Betweenness(ctx))
	some := must[*Sampled](t)(g.SampledBetweenness(ctx, 1000, 1))
	if r := spearman(exact, some.Value); r < 0.98 {
		t.Errorf("rank correlation %.4f", r)
	} else {
		t.Logf("rank correlation %.4f", r)
	}
}

func spearman(a, b []float64) float64 {
	ranks := func(x []float64) []float64 {
		order := make([]int, len(x))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(i, j int) int {
			switch {
			case x[i] < x[j]:
				return -1
			case x[i] > x[j]:
				return 1
			}
			return 0
		})
		out := make([]float64, len(x))
		for i := 0; i < len(order); {
			j := i
			for j < len(order) && x[order[j]] == x[order[i]] {
				j++
			}
			for _, k := range order[i:j] {
				out[k] = float64(i+j-1) / 2
			}
			i = j
		}
		return out
	}
	ra, rb := ranks(a), ranks(b)
	m := float64(len(a)-1) / 2
	var ab, aa, bb float64
	for i := range ra {
		ab, aa, bb = ab+(ra[i]-m)*(rb[i]-m), aa+(ra[i]-m)*(ra[i]-m), bb+(rb[i]-m)*(rb[i]-m)
	}
	return ab / math.Sqrt(aa*bb)
}
