package datasets

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/cores"
)

// CellSimulation is the settings of simulated single-cell counts. SimulatedCells fills
// them in; any may be changed before Cohort, Truth or Run.
//
// Planted: cell types differ in the activity of modules of genes. A module has a few
// hubs, which follow its activity; its other genes follow one or two of the hubs, and
// some of them another gene of the module: these are the edges of a network without
// cycles, in which hubs have the most. Types act on a module's genes through its hubs
// alone. On the logarithmic scale every gene varies by the same amount, hub or not, and
// means do not tell hubs either. About three in ten genes fall where their module rises:
// an edge between one of these and another is negative.
//
// Cells come from donor lines, all types in each. A line has its own network: some genes
// follow another gene of their module than they usually do. Every line has a phenotype
// between 0 and 1, and the edges of one hub, the line gene, go with it: of its module's
// genes that are not hubs, the share that follows it is
// 0.5 + LineEffect · (phenotype − 0.5). A gene that has lost an edge varies by itself
// instead, by as much. Types do not differ in this one module.
//
// Noise: library sizes, shifts of each gene in each line, and negative binomial counts,
// with variance = mean + dispersion · mean². Zeros are those of that distribution, about
// one value in seven; none are added, and a lower Depth gives the many of real cells.
// Genes outside the modules vary by themselves. Over five seeds of size small the mean
// |r| of a gene with its module's others, of logged counts over all cells, tells hubs
// from other genes with an AUC of 0.83 to 0.90.
//
// Not in it: doublets, ambient RNA, batches other than lines, continuous states, the cell
// cycle, edges between modules. It is not held to real cells; all settings are choices.
type CellSimulation struct {
	Cells, Genes int
	Types        int // 3 at size tiny, else 5; the first ones have more cells
	Lines        int // 5, 8 and 11 at sizes tiny, small and paper; as many cells of each
	Modules      int // 6, 12 and 24
	Hubs         int // of a module: 2
	Seed         uint64

	// Alone is the share of genes that belong to no module: 0.3.
	Alone float64
	// Spread is the standard deviation of a gene's logarithm (base e) over cells, from
	// its module or by itself: 0.8.
	Spread float64
	// TypeShare is the share of a module's activity that differs between types: 0.5.
	TypeShare float64
	// Common is the share of a hub's variance that is its module's activity, which it
	// shares with the module's other hubs: 0.5.
	Common float64
	// Explained is the share of a gene's variance that the genes it follows explain:
	// 0.6.
	Explained float64
	// Rewired is the chance that an edge is another one in a line: 0.1.
	Rewired float64
	// LineEffect is how much the line gene's edges depend on the phenotype: 0.9; 0 for
	// not at all.
	LineEffect float64
	// LineShift is the standard deviation of genes' shifts between lines, base e: 0.1.
	LineShift float64
	// Depth is the usual number of counts of a cell per gene: 6.
	Depth float64
	// Library is how much cells differ in it, the standard deviation of its logarithm:
	// 0.4.
	Library float64
	// Dispersion is the median of genes' dispersions: 0.1, of which genes differ by a
	// standard deviation of the logarithm of 0.3. At 0 counts are Poisson.
	Dispersion float64

	scale string
	err   error
}

// SimulatedCells is simulated single cells of a size and seed: "tiny" (300 cells × 200
// genes), "small" (2000 × 800) or "paper" (12100 × 2000).
//
//	cells := datasets.SimulatedCells("small", 1)
//	set := gx.Must(kernel.Keep(cells.Cohort().NormaliseTotal(1e4).Log1p()))
func SimulatedCells(scale string, seed uint64) CellSimulation {
	s, ok := cellSizes[scale]
	if !ok {
		_, s.err = sizeAt(scale, seed)
	}
	s.scale, s.Seed, s.Hubs = scale, seed, 2
	s.Alone, s.Spread, s.TypeShare, s.Common, s.Explained = 0.3, 0.8, 0.5, 0.5, 0.6
	s.Rewired, s.LineEffect, s.LineShift = 0.1, 0.9, 0.1
	s.Depth, s.Library, s.Dispersion = 6, 0.4, 0.1
	return s
}

var cellSizes = map[string]CellSimulation{
	"tiny":  {Cells: 300, Genes: 200, Types: 3, Lines: 5, Modules: 6},
	"small": {Cells: 2000, Genes: 800, Types: 5, Lines: 8, Modules: 12},
	"paper": {Cells: 12100, Genes: 2000, Types: 5, Lines: 11, Modules: 24},
}

// SimulatedCellData is single cells as plain data: Counts is cells × genes. Phenotype
// is that of the cell's line.
type SimulatedCellData struct {
	IDs, Genes, Type, Line []string
	Phenotype              []float64
	Counts                 []float32
	Truth                  CellTruth
}

// CellTruth is what single cells have planted.
type CellTruth struct {
	Modules   []CellModule `json:"modules"`
	Network   []Edge       `json:"network"` // from A to B that follows it, where no line changes it; Weight is the coefficient
	LineGene  string       `json:"line_gene"`
	Lines     []CellLine   `json:"lines"`
	Types     []string     `json:"types"`      // of every cell
	CellLines []string     `json:"cell_lines"` // of every cell

	Activity   [][]float64 `json:"activity"`   // cells × modules
	Library    []float64   `json:"library"`    // expected counts of every cell
	Mean       []float64   `json:"mean"`       // of every gene: what its shares of cells' counts vary around, in proportion
	Dispersion []float64   `json:"dispersion"` // of every gene
}

// CellModule is a set of genes that follow its hubs.
type CellModule struct {
	Name  string   `json:"name"`
	Genes []string `json:"genes"` // hubs first
	Hubs  []string `json:"hubs"`
}

// CellLine is a donor line.
type CellLine struct {
	Name      string  `json:"name"`
	Phenotype float64 `json:"phenotype"`
	Edges     []Edge  `json:"edges"` // its own network, as Network's
}

func (s CellSimulation) check() error {
	if s.err != nil {
		return s.err
	}
	return within("simulation of single cells", count("Cells", s.Cells, 1), count("Types", s.Types, 1), count("Lines", s.Lines, 1),
		count("Modules", s.Modules, 1), count("Hubs", s.Hubs, 1), limit{"Alone", s.Alone, 0, 0.99},
		count("Genes", s.Genes, int(math.Ceil(float64(s.Modules*(s.Hubs+2))/(1-s.Alone)))),
		limit{"Spread", s.Spread, 0, 3}, share("TypeShare", s.TypeShare), share("Common", s.Common), share("Explained", s.Explained),
		share("Rewired", s.Rewired), share("LineEffect", s.LineEffect), limit{"LineShift", s.LineShift, 0, 3},
		limit{"Depth", s.Depth, 1e-3, 1e5}, limit{"Library", s.Library, 0, 3}, limit{"Dispersion", s.Dispersion, 0, 100})
}

func (s CellSimulation) stream(use uint64, index int) *rand.Rand {
	return Simulation{Seed: s.Seed}.stream(use, index)
}

const (
	useCells     = 0xce1
	useCellGenes = 0xce2
	useCellNet   = 0xce3
	useCellLines = 0xce4
	meanSpread   = 0.6 // of the logarithm of genes' means
	secondHub    = 0.3 // chance that a gene follows two hubs
	follower     = 0.2 // chance that it follows another gene besides
	leastOwn     = 0.1 // of a gene's variance, where rewiring leaves it less
)

// parent is a gene that another follows.
type parent struct {
	of     int // within the module
	weight float64
}

// follows are the parents of every gene of a module, all of which stand before it;
// hubs, which stand first, have none.
type follows [][]parent

// cellPlan is everything but the counts.
type cellPlan struct {
	data  *SimulatedCellData
	genes [][]int // of each module, hubs first
	alone []int
	sign  []float64 // −1 of genes that fall where their module rises
	line  []int     // of every cell
	// nets is line × module, and own the variance that is each gene's own there.
	nets [][]follows
	own  [][][]float64
	// shift is line × gene.
	shift [][]float64
}

func (s CellSimulation) plan() *cellPlan {
	d := &SimulatedCellData{Genes: geneNames(s.Genes)}
	p := &cellPlan{data: d, sign: make([]float64, s.Genes)}
	for j := range p.sign {
		rng := s.stream(useCellGenes, j)
		p.sign[j] = 1
		if rng.Float64() < 0.3 {
			p.sign[j] = -1
		}
		d.Truth.Mean = append(d.Truth.Mean, logNormal(rng, s.Depth, meanSpread))
		d.Truth.Dispersion = append(d.Truth.Dispersion, logNormal(rng, s.Dispersion, 0.3))
	}
	rng := s.stream(useCells, 1<<30)
	order := rng.Perm(s.Genes)
	in := s.Genes - int(float64(s.Genes)*s.Alone)
	p.alone = order[in:]
	for m := range s.Modules {
		g := order[m*in/s.Modules : (m+1)*in/s.Modules]
		p.genes = append(p.genes, g)
		names := namesOf(d.Genes, g)
		d.Truth.Modules = append(d.Truth.Modules, CellModule{moduleName(m), names, names[:s.Hubs]})
	}
	special := rng.IntN(s.Modules) // the line gene's
	d.Truth.LineGene = d.Truth.Modules[special].Hubs[0]
	s.lines(p, special)
	s.cells(p, special)
	return p
}

// lines plants the networks.
func (s CellSimulation) lines(p *cellPlan, special int) {
	t := &p.data.Truth
	usual := make([]follows, s.Modules)
	for m := range usual {
		usual[m] = s.usual(s.stream(useCellNet, m), len(p.genes[m]), m == special)
		t.Network = p.edges(t.Network, m, usual[m])
	}
	phenotype := s.stream(useCellLines, 1<<30).Perm(s.Lines)
	for l := range s.Lines {
		rng := s.stream(useCellLines, l)
		line := CellLine{Name: fmt.Sprintf("line %02d", l+1), Phenotype: math.Round(1000*(float64(phenotype[l])+rng.Float64())/float64(s.Lines)) / 1000}
		nets, own := make([]follows, s.Modules), make([][]float64, s.Modules)
		for m := range nets {
			kept := len(usual[m]) - s.Hubs
			if m == special {
				kept = int(math.Round(float64(kept) * (0.5 + float64(s.LineEffect*(line.Phenotype-0.5)))))
			}
			nets[m] = s.rewired(s.stream(useCellLines, 1<<16+l*s.Modules+m), usual[m], m == special, kept)
			own[m] = s.ownVariance(nets[m])
			line.Edges = p.edges(line.Edges, m, nets[m])
		}
		p.nets, p.own = append(p.nets, nets), append(p.own, own)
		p.shift = append(p.shift, normals(rng, s.Genes, s.LineShift))
		t.Lines = append(t.Lines, line)
	}
}

// usual is the network of a module of n genes in most lines. In the line gene's module
// all follow it.
func (s CellSimulation) usual(rng *rand.Rand, n int, special bool) follows {
	f := make(follows, n)
	for g := s.Hubs; g < n; g++ {
		hubs := rng.Perm(s.Hubs)
		if special {
			i := slices.Index(hubs, 0)
			hubs[0], hubs[i] = hubs[i], hubs[0]
		}
		at := hubs[:1]
		if rng.Float64() < secondHub && s.Hubs > 1 {
			at = hubs[:2]
		}
		if rng.Float64() < follower && g > s.Hubs {
			at = append(slices.Clone(at), s.Hubs+rng.IntN(g-s.Hubs))
		}
		for _, k := range at {
			f[g] = append(f[g], parent{k, 0.7 + 0.6*rng.Float64()})
		}
	}
	// Weights such that the parents together explain what they should.
	cov := s.hubCovariance(n)
	for g := s.Hubs; g < n; g++ {
		scale := math.Sqrt(s.Explained / variance(cov, f[g]))
		for i := range f[g] {
			f[g][i].weight *= scale
		}
		extend(cov, f[g], g, 1-s.Explained)
	}
	return f
}

// rewired is a line's network, in which the line gene keeps its edges to the first of
// the others in an order that all lines share.
func (s CellSimulation) rewired(rng *rand.Rand, usual follows, special bool, kept int) follows {
	f := make(follows, len(usual))
	for g, parents := range usual {
		for _, q := range parents {
			change, to := rng.Float64() < s.Rewired, rng.IntN(max(g, 1))
			switch {
			case special && q.of == 0:
				if g-s.Hubs >= kept {
					continue // lost
				}
			case change:
				if special {
					to = max(to, 1) // the line gene's are as planted
				}
				q.of = to
			}
			if !slices.ContainsFunc(f[g], func(o parent) bool { return o.of == q.of }) {
				f[g] = append(f[g], q)
			}
		}
	}
	return f
}

// hubCovariance is that of a module's genes with the hubs alone filled in. Signs aside:
// all genes are taken to rise.
func (s CellSimulation) hubCovariance(n int) [][]float64 {
	cov := make([][]float64, n)
	for i := range cov {
		cov[i] = make([]float64, n)
	}
	for i := range s.Hubs {
		for k := range s.Hubs {
			cov[i][k] = s.Common
		}
		cov[i][i] = 1
	}
	return cov
}

// variance is that of what parents bring.
func variance(cov [][]float64, parents []parent) (v float64) {
	for _, a := range parents {
		for _, b := range parents {
			v += float64(a.weight * b.weight * cov[a.of][b.of])
		}
	}
	return v
}

// extend fills in gene g, whose own variance is this.
func extend(cov [][]float64, parents []parent, g int, own float64) {
	for k := range g {
		c := 0.0
		for _, q := range parents {
			c += float64(q.weight * cov[q.of][k])
		}
		cov[g][k], cov[k][g] = c, c
	}
	cov[g][g] = variance(cov, parents) + own
}

// ownVariance is what each gene of a network must vary by itself so that it varies by 1
// altogether.
func (s CellSimulation) ownVariance(f follows) []float64 {
	own, cov := make([]float64, len(f)), s.hubCovariance(len(f))
	for g := s.Hubs; g < len(f); g++ {
		own[g] = max(1-variance(cov, f[g]), leastOwn*(1-s.Explained))
		extend(cov, f[g], g, own[g])
	}
	return own
}

// edges appends those of a module's network.
func (p *cellPlan) edges(to []Edge, m int, f follows) []Edge {
	for g, parents := range f {
		for _, q := range parents {
			a, b := p.genes[m][q.of], p.genes[m][g]
			to = append(to, Edge{p.data.Genes[a], p.data.Genes[b], q.weight * p.sign[a] * p.sign[b]})
		}
	}
	return to
}

// cells lays out the cells: a line each in turn, and a type by chance.
func (s CellSimulation) cells(p *cellPlan, special int) {
	d := p.data
	rng := s.stream(useCells, 1<<30+1)
	level := make([][]float64, s.Modules) // of each type
	for m := range level {
		level[m] = s.typeLevels(rng)
		if m == special {
			clear(level[m])
		}
	}
	weights, all := make([]float64, s.Types), 0.0
	for k := range weights {
		weights[k] = 1 / math.Sqrt(float64(k+1))
		all += weights[k]
	}
	for i := range s.Cells {
		own := s.stream(useCells, 1<<28+i)
		kind, u := 0, own.Float64()*all
		for u > weights[kind] && kind < s.Types-1 {
			u -= weights[kind]
			kind++
		}
		act := make([]float64, s.Modules)
		for m := range act {
			within := 1 - s.TypeShare
			if m == special || s.Types == 1 {
				within = 1
			}
			act[m] = level[m][kind] + float64(math.Sqrt(within)*own.NormFloat64())
		}
		l := i % s.Lines
		p.line = append(p.line, l)
		d.IDs = append(d.IDs, fmt.Sprintf("CELL%05d", i+1))
		d.Type = append(d.Type, fmt.Sprintf("type %d", kind+1))
		d.Line = append(d.Line, d.Truth.Lines[l].Name)
		d.Phenotype = append(d.Phenotype, d.Truth.Lines[l].Phenotype)
		d.Truth.Activity = append(d.Truth.Activity, act)
		d.Truth.Library = append(d.Truth.Library, logNormal(own, s.Depth*float64(s.Genes), s.Library))
	}
	d.Truth.Types, d.Truth.CellLines = d.Type, d.Line
}

// typeLevels are the activity of one module in each type: mean 0, variance TypeShare.
func (s CellSimulation) typeLevels(rng *rand.Rand) []float64 {
	v := normals(rng, s.Types, 1)
	if s.Types == 1 {
		return []float64{0}
	}
	mean, square := 0.0, 0.0
	for _, x := range v {
		mean += x / float64(s.Types)
	}
	for _, x := range v {
		square += float64((x-mean)*(x-mean)) / float64(s.Types)
	}
	for k := range v {
		v[k] = (v[k] - mean) * math.Sqrt(s.TypeShare/square)
	}
	return v
}

// Run simulates. The same settings give the same bytes on any number of threads.
func (s CellSimulation) Run(ctx context.Context) (*SimulatedCellData, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	p := s.plan()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d := p.data
	d.Counts = make([]float32, s.Cells*s.Genes)
	cores.Each(s.Cells, func(i int) {
		rng := s.stream(useCells, i)
		x := s.expression(p, i, rng)
		sum := 0.0
		for j := range x {
			x[j] = d.Truth.Mean[j] * math.Exp(float64(s.Spread*x[j])+p.shift[p.line[i]][j])
			sum += x[j]
		}
		row := d.Counts[i*s.Genes : (i+1)*s.Genes]
		for j := range x {
			row[j] = float32(negativeBinomial(rng, x[j]/sum*d.Truth.Library[i], d.Truth.Dispersion[j]))
		}
	})
	return d, nil
}

// expression is every gene of cell i on the logarithmic scale, in standard deviations.
func (s CellSimulation) expression(p *cellPlan, i int, rng *rand.Rand) []float64 {
	x := make([]float64, s.Genes)
	for m, genes := range p.genes {
		net, own := p.nets[p.line[i]][m], p.own[p.line[i]][m]
		y := make([]float64, len(genes)) // signs aside
		for g := range genes {
			e := rng.NormFloat64()
			if g < s.Hubs {
				y[g] = float64(math.Sqrt(s.Common)*p.data.Truth.Activity[i][m]) + float64(math.Sqrt(1-s.Common)*e)
				continue
			}
			y[g] = math.Sqrt(own[g]) * e
			for _, q := range net[g] {
				y[g] += float64(q.weight * y[q.of])
			}
		}
		for g, j := range genes {
			x[j] = p.sign[j] * y[g]
		}
	}
	for _, j := range p.alone {
		x[j] = rng.NormFloat64()
	}
	return x
}

// Cohort is the cells: counts, with the labels type, line and phenotype.
func (s CellSimulation) Cohort() gx.Cohort {
	if err := s.check(); err != nil {
		return gx.Failed(err)
	}
	k := s
	k.scale = ""
	return gx.From(made{simulatedName("cells", s.scale, s.Seed), fmt.Sprintf("simulated cells %+v revision %d", k, cellRevision), func(ctx context.Context, _ gx.Tell) (*gx.Raw, error) {
		d, err := s.Run(ctx)
		if err != nil {
			return nil, err
		}
		phenotype := make([]string, len(d.IDs))
		for i, v := range d.Phenotype {
			phenotype[i] = fmt.Sprintf("%.3f", v)
		}
		return rawSignal(d.Counts, d.Genes, d.Truth, d.IDs, column{"type", d.Type}, column{"line", d.Line}, column{"phenotype", phenotype})
	}})
}

// cellRevision is raised when the same settings give other values.
const cellRevision = 1

// Truth is what is planted; the cohort's Set.Truth holds the same as JSON.
func (s CellSimulation) Truth() (CellTruth, error) {
	if err := s.check(); err != nil {
		return CellTruth{}, err
	}
	return s.plan().data.Truth, nil
}
