package gx

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/store"
)

// Central is a recipe for genes that stand for clusters of genes. It is an immutable
// value; Keep clusters and gives the genes' names.
type Central struct {
	cohort Cohort
	k      int
	seed   uint64
	err    error
}

// CentralGenes are k genes that stand for clusters of genes: all genes are standardised
// over the training samples and clustered by k-means, and of each cluster the gene
// nearest to its centre is taken. It is how L1000 chose its landmarks (Subramanian et
// al. 2017), without that work's principal components, its peeling off in rounds and
// its eye on what can be measured.
//
//	gx.CentralGenes(943).On(cohort()).Seed(1)
//
// Genes stand in the cohort's order. There are fewer than k where clusters stay empty.
func CentralGenes(k int) Central {
	c := Central{k: k, seed: 1}
	if k < 1 {
		c.err = bad("CentralGenes", fmt.Sprintf("%d genes", k), "a number from 1 up")
	}
	return c
}

// On sets the cohort whose training part is clustered.
func (c Central) On(cohort Cohort) Central {
	c.cohort = cohort
	return c
}

// Seed sets the seed of the clusters' first centres. The default is 1.
func (c Central) Seed(seed uint64) Central {
	c.seed = seed
	return c
}

// String is the recipe in a line.
func (c Central) String() string {
	return fmt.Sprintf("%d central genes, seed %d; of %s", c.k, c.seed, c.cohort)
}

// Err is the first bad step of the recipe, or of its cohort's; else nil.
func (c Central) Err() error {
	switch {
	case c.err != nil:
		return c.err
	case c.cohort.source == nil && c.cohort.err == nil:
		return bad("CentralGenes", "it has no data", "On(cohort)")
	}
	return c.cohort.Err()
}

const centralRevision = 1

// Key names the genes in the store.
func (c Central) Key() (string, error) {
	if err := c.Err(); err != nil {
		return "", err
	}
	k, err := c.cohort.Key()
	if err != nil {
		return "", err
	}
	return keyOf("cen", centralRevision, k, c.k, c.seed), nil
}

// Keep clusters the genes, or reads those that are kept.
func (c Central) Keep(ctx context.Context, tell Tell) ([]string, error) {
	e, err := kept(ctx, c, tell, func(ctx context.Context, d *store.Draft) error {
		set, err := c.cohort.Keep(ctx, tell)
		if err != nil {
			return err
		}
		genes, err := c.find(set.Train())
		if err != nil {
			return err
		}
		if err := d.WriteBytes("genes.txt", []byte(strings.Join(genes, "\n")+"\n")); err != nil {
			return err
		}
		rec := Record{What: c.String(), Source: set.b.name, Data: set.b.key, Steps: c.cohort.Steps(),
			Settings: map[string]any{"k": c.k}, Seed: c.seed, Samples: set.Train().N(), Genes: set.P(), Versions: versions()}
		return d.Describe("central", rec.What, rec)
	})
	if err != nil {
		return nil, err
	}
	b, err := e.Bytes("genes.txt")
	if err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n"), nil
}

func (c Central) find(s *Set) ([]string, error) {
	if c.k > s.P() || s.N() == 0 {
		return nil, fault.New(fmt.Sprintf("%d clusters of %d genes in %d samples", c.k, s.P(), s.N()), "CentralGenes", "fewer clusters than genes")
	}
	data := s.Data()
	if b := prep.CheckFinite(data); b != nil {
		return nil, fault.New(fmt.Sprintf("%d values are missing or infinite, the first in sample %s, gene %s", b.Count, s.Samples().IDs()[b.Row], s.Genes()[b.Col]), "", "DropMissing() on the cohort")
	}
	x := unitColumns(s, every(s.P()))
	of := prep.KMeans(x, c.k, c.seed)
	centre, count := make([]float64, c.k*x.Cols), make([]float64, c.k)
	for g, k := range of {
		count[k]++
		for i, v := range x.Row(g) {
			centre[k*x.Cols+i] += float64(v)
		}
	}
	best, least := make([]int, c.k), make([]float64, c.k)
	for k := range c.k {
		best[k], least[k] = -1, math.Inf(1)
	}
	for g, k := range of {
		d := 0.0
		for i, v := range x.Row(g) {
			e := float64(v) - centre[k*x.Cols+i]/count[k]
			d += e * e
		}
		if d < least[k] {
			best[k], least[k] = g, d
		}
	}
	is := make([]bool, s.P())
	for _, g := range best {
		if g >= 0 {
			is[g] = true
		}
	}
	var out []string
	for g, name := range s.Genes() {
		if is[g] {
			out = append(out, name)
		}
	}
	return out, nil
}
