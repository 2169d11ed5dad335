package gx_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/gxtest"
)

// Maps pass the contract, of sets and of codes, and have the samples' table.
func TestEmbeddings(t *testing.T) {
	gxtest.Store(t)
	set, err := split().Standardise().Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	fit, err := net(split()).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	codes, err := fit.Encode(set)
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]func() gx.Embedding{
		"t-SNE of a set":     func() gx.Embedding { return gx.TSNE().Perplexity(8).Iterations(300).Of(set) },
		"t-SNE of codes":     func() gx.Embedding { return gx.TSNE().Of(codes) },
		"UMAP of a part":     func() gx.Embedding { return gx.UMAP().Neighbours(6).MinDistance(0.3).Of(set.Train()) },
		"UMAP of components": func() gx.Embedding { return gx.UMAP().Components(5).Of(set) },
		"PCA":                func() gx.Embedding { return gx.PCAMap().Of(codes) },
	} {
		t.Run(name, func(t *testing.T) {
			gxtest.Check(t, gxtest.Case[*gx.Embedded]{
				Make:  func() gx.Recipe[*gx.Embedded] { return r() },
				Other: func() gx.Recipe[*gx.Embedded] { return r().Of(set.Test()) },
				Digest: func(e *gx.Embedded) (string, error) {
					trust, err := e.Trustworthiness(3)
					return fmt.Sprint(gxtest.Digest32(e.Data), e.Samples.IDs(), e.Notes(), e.Record().What, trust), err
				},
			})
			e, err := r().Named("another").Keep(ctx, nil)
			if err != nil {
				t.Fatal(err)
			}
			if v, err := e.Trustworthiness(3); err != nil || !(v > 0.7 && v <= 1) {
				t.Errorf("trustworthiness %v (%v)", v, err)
			}
			xs, ys := e.XY()
			if e.Name() != "another" || len(xs) != e.Samples.Len() || len(ys) != len(xs) || !slices.Contains(e.Samples.Names(), "tissue") {
				t.Error(e.Name(), len(xs), e.Samples.Names())
			}
			if a, _ := r().Key(); a == "" || a != gx.Must(r().Named("another").Key()) {
				t.Error("a name is in the key")
			}
		})
	}
	e, err := gx.TSNE().Of(codes).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := e.Notes(); len(n) != 1 || !strings.Contains(n[0], "a perplexity of 30 is too much for 40 samples; 13 is taken") {
		t.Errorf("notes %q", n)
	}
	if u, err := gx.UMAP().Components(5).Of(set).Keep(ctx, nil); err != nil || len(u.Notes()) != 1 || !strings.Contains(u.Notes()[0], "first 5 principal components of 30 values") {
		t.Errorf("%v, %v", u, err)
	}
}

// Groups that are far apart stay together on the map: the nearest on it is of the own
// group.
func TestMapsKeepGroupsTogether(t *testing.T) {
	gxtest.Store(t)
	set, err := gx.From(made{n: 90, p: 30}).Log2().Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	labels := gx.Must(set.Labels("tissue"))
	for _, r := range []gx.Embedding{gx.TSNE().Of(set), gx.UMAP().Of(set)} {
		e, err := r.Keep(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		same := 0
		for i := range e.Rows {
			best, at := math.Inf(1), 0
			for j := range e.Rows {
				if d := math.Hypot(float64(e.Row(i)[0]-e.Row(j)[0]), float64(e.Row(i)[1]-e.Row(j)[1])); j != i && d < best {
					best, at = d, j
				}
			}
			if labels[at] == labels[i] {
				same++
			}
		}
		if same < 88 {
			t.Errorf("%s: the nearest of %d of %d samples is of their tissue", e.Name(), same, e.Rows)
		}
	}
}

func TestBadEmbeddingsSayWhatWhereTry(t *testing.T) {
	gxtest.Store(t)
	set, err := cohort().Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	var none *gx.Set
	var no *gx.Codes
	nan := &gx.Codes{Matrix: gx.Matrix{Rows: 20, Cols: 2, Data: make([]float32, 40)}, Samples: set.Select(seq(20)...).Samples(), Model: "net"}
	nan.Data[7] = float32(math.NaN())
	for name, c := range map[string]struct {
		r    gx.Embedding
		want string
	}{
		"nothing":      {gx.TSNE(), "it has no samples"},
		"no set":       {gx.UMAP().Of(none), "no samples"},
		"no codes":     {gx.UMAP().Of(no), "no codes"},
		"zero":         {gx.Embedding{}.Of(set), "gx.TSNE(), gx.UMAP() or gx.PCAMap()"},
		"perplexity":   {gx.TSNE().Perplexity(1).Of(set), "Perplexity(1)"},
		"neighbours":   {gx.UMAP().Neighbours(1).Of(set), "Neighbours(1)"},
		"many":         {gx.UMAP().Neighbours(40).Of(set), "fewer neighbours, 2 to 39"},
		"few":          {gx.TSNE().Of(set.Select(0, 1, 2)), "3 samples, and it needs at least 7"},
		"distance":     {gx.UMAP().MinDistance(-1).Of(set), "MinDistance(-1)"},
		"iterations":   {gx.UMAP().Iterations(0).Of(set), "Iterations(0)"},
		"components":   {gx.UMAP().Components(-1).Of(set), "Components(-1)"},
		"exaggeration": {gx.TSNE().Exaggeration(0.2).Of(set), "Exaggeration(0.2)"},
		"other's":      {gx.TSNE().Neighbours(5).Of(set), "t-SNE has no such setting"},
		"PCA's":        {gx.PCAMap().Seed(5).Of(set), "PCA has no such setting"},
		"NaN":          {gx.TSNE().Of(nan), "sample 4, column 2"},
		"PCA NaN":      {gx.PCAMap().Of(nan), "sample 4, column 2"},
	} {
		_, err := c.r.Keep(context.Background(), nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "try ") {
			t.Errorf("%s: %v, want %q and what to try", name, err, c.want)
		}
	}
}

func seq(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
