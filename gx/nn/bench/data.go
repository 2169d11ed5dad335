package bench

import (
	"context"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/gxlab/gxlab/gx/nn/cpu"
	"github.com/gxlab/gxlab/gx/nnwork"
)

// write puts what the peers are to work on, the same as ours, into a file and returns
// its path; "" where each makes uniform numbers of its own.
func (c Case) write(ctx context.Context, dir string) (string, error) {
	var values any
	switch c.Net {
	case "V", "Z", "L":
		values = counts(max(samples(c.Net), c.Batch))
	case "G", "S":
		g, err := c.network()
		if err != nil {
			return "", err
		}
		b, err := g.SampledBetweenness(ctx, c.Batch, 1)
		if err != nil {
			return "", err
		}
		// genes, edges, sources; the edges' ends; the sources
		list := []int32{int32(g.N()), int32(g.Edges()), int32(len(b.Pivots))}
		for _, e := range g.Linked() {
			list = append(list, int32(e[0]), int32(e[1]))
		}
		for _, i := range b.Pivots {
			list = append(list, int32(i))
		}
		values = list
	default:
		return "", nil
	}
	path := filepath.Join(dir, "data")
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	if err := binary.Write(f, binary.LittleEndian, values); err != nil {
		_ = f.Close()
		return "", err
	}
	return path, f.Close()
}

// countGenes is how many genes the counts are of.
const countGenes = 2000

// counts are cells × countGenes of five types: a gene's share of a cell's transcripts is
// log-normal (σ 1.5, between types 0.5), a cell's total about 2500 (σ 0.4), and counts are
// negative binomial with θ = 2. About 62 of 100 are 0.
func counts(cells int) []float32 {
	const types, theta = 5, 2
	src := rand.NewPCG(11, 12)
	rng := rand.New(src)
	var share [types][countGenes]float64
	var sum [types]float64
	for j := range countGenes {
		base := 1.5 * rng.NormFloat64()
		for k := range types {
			share[k][j] = math.Exp(base + 0.5*rng.NormFloat64())
			sum[k] += share[k][j]
		}
	}
	gamma := distuv.Gamma{Alpha: theta, Beta: theta, Src: src}
	x := cpu.Make(cells * countGenes)
	for r := range cells {
		k := r % types
		total := 2500 * math.Exp(0.4*rng.NormFloat64())
		for j := range countGenes {
			mean := total * share[k][j] / sum[k] * gamma.Rand()
			x[r*countGenes+j] = float32(distuv.Poisson{Lambda: mean, Src: src}.Rand())
		}
	}
	return x
}

// network is a graph of 19,000 genes and 607,000 edges (S: of 1000 and 4000) in which
// every new gene joins 32 (4) earlier ones, well joined ones more often (Barabási and
// Albert, Science 286:509, 1999).
func (c Case) network() (*nnwork.Graph, error) {
	genes, joins := 19_000, 32
	if c.Net == "S" {
		genes, joins = 1000, 4
	}
	rng := rand.New(rand.NewPCG(1, 0))
	name := make([]string, genes)
	for i := range name {
		name[i] = strconv.Itoa(i)
	}
	edges := make([]nnwork.Edge, 0, genes*joins)
	ends := make([]int, 0, 2*genes*joins) // each gene as often as it has edges
	join := func(i, j int) {
		edges, ends = append(edges, nnwork.Edge{A: name[i], B: name[j]}), append(ends, i, j)
	}
	for i := range joins + 1 {
		for j := range i {
			join(i, j)
		}
	}
	for i := joins + 1; i < genes; i++ {
		had, most := map[int]bool{}, len(ends)
		for len(had) < joins {
			if j := ends[rng.IntN(most)]; !had[j] {
				had[j] = true
				join(i, j)
			}
		}
	}
	return nnwork.New(edges)
}
