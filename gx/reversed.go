package gx

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/store"
)

// Reversed is what reverse training found: for each repeat and phenotype the weighted
// sum of every gene in the network's last layer.
type Reversed struct {
	name       string
	genes      []string
	phenotypes []string
	samples    []int
	sums       []Matrix // of each repeat, phenotypes × genes
	errors     []float64
	notes      []string
	rec        Record
}

// Name is what figures and tables call it.
func (r *Reversed) Name() string { return r.name }

// Genes are the network's genes, in its order.
func (r *Reversed) Genes() []string { return r.genes }

// Phenotypes are the phenotypes, in the order in which the samples have them.
func (r *Reversed) Phenotypes() []string { return r.phenotypes }

// Samples is how many samples a phenotype has.
func (r *Reversed) Samples(phenotype string) int {
	for i, p := range r.phenotypes {
		if p == phenotype {
			return r.samples[i]
		}
	}
	return 0
}

// Repeats is how often the supervised network was trained.
func (r *Reversed) Repeats() int { return len(r.sums) }

// Errors are the last training errors of the supervised networks, one a repeat: mean
// squared, in the layer's units. Samples of one phenotype differ, so that they do not
// fall to 0.
func (r *Reversed) Errors() []float64 { return r.errors }

// Notes are what making it had to say.
func (r *Reversed) Notes() []string { return r.notes }

// Record says where the scores come from.
func (r *Reversed) Record() Record { return r.rec }

// String is the result in a line.
func (r *Reversed) String() string {
	return fmt.Sprintf("%s: %d genes scored for %d phenotypes, %d repeats", r.name, len(r.genes), len(r.phenotypes), len(r.sums))
}

// GeneScores rank genes for a phenotype.
type GeneScores struct {
	Name   string
	Genes  []string
	Mean   []float64 // of the absolute score over the repeats
	SD     []float64 // its standard deviation (n−1) there; 0 of a single repeat
	Signed []float64 // mean of the score with its sign
}

// Scores are those of a phenotype as the paper has them: |weighted sum|. They hold all
// that the phenotype's samples have in common, their tissue too, and not what tells them
// from others; Contrast does.
func (r *Reversed) Scores(phenotype string) (*GeneScores, error) {
	p, err := r.at(phenotype)
	if err != nil {
		return nil, err
	}
	return r.scores(phenotype, func(sums Matrix, j int) float64 { return float64(sums.Row(p)[j]) }), nil
}

// Contrast scores genes by what tells a phenotype from another, such as cases from the
// controls of their study: |weighted sum of the one − that of the other|. Of several
// pairs, such as a disease's studies, it is the mean of the differences.
func (r *Reversed) Contrast(pairs ...[2]string) (*GeneScores, error) {
	if len(pairs) == 0 {
		return nil, fault.New("no pair of phenotypes", r.name, "a phenotype and what it is held against")
	}
	var at [][2]int
	var names []string
	for _, pair := range pairs {
		p, err := r.at(pair[0])
		if err != nil {
			return nil, err
		}
		q, err := r.at(pair[1])
		if err != nil {
			return nil, err
		}
		at, names = append(at, [2]int{p, q}), append(names, pair[0]+" against "+pair[1])
	}
	return r.scores(strings.Join(names, "; "), func(sums Matrix, j int) float64 {
		v := 0.0
		for _, pair := range at {
			v += float64(sums.Row(pair[0])[j]) - float64(sums.Row(pair[1])[j])
		}
		return v / float64(len(at))
	}), nil
}

func (r *Reversed) at(phenotype string) (int, error) {
	for i, p := range r.phenotypes {
		if p == phenotype {
			return i, nil
		}
	}
	return 0, fault.New(fmt.Sprintf("no phenotype %q", phenotype), r.name, "one of "+legal(r.phenotypes))
}

func (r *Reversed) scores(name string, of func(sums Matrix, j int) float64) *GeneScores {
	g, n, k := &GeneScores{Name: name, Genes: r.genes}, len(r.genes), float64(len(r.sums))
	g.Mean, g.SD, g.Signed = make([]float64, n), make([]float64, n), make([]float64, n)
	for j := range n {
		for _, s := range r.sums {
			v := of(s, j)
			g.Signed[j] += v / k
			g.Mean[j] += math.Abs(v) / k
		}
		if k < 2 {
			continue
		}
		for _, s := range r.sums {
			d := math.Abs(of(s, j)) - g.Mean[j]
			g.SD[j] += d * d / (k - 1)
		}
		g.SD[j] = math.Sqrt(g.SD[j])
	}
	return g
}

// Ranked are all genes by falling score; equals stand in the genes' order.
func (g *GeneScores) Ranked() []string { return g.Top(len(g.Genes)) }

// Top are the n genes of the highest scores.
func (g *GeneScores) Top(n int) []string {
	return pick(g.Genes, ranked(g.Mean)[:max(0, min(n, len(g.Genes)))])
}

// Table is a row a gene, by falling score: rank, score, SD and the score with its sign.
func (g *GeneScores) Table() (*frame.Table, error) {
	order := ranked(g.Mean)
	text := func(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
	cols := [4][]string{}
	for i, j := range order {
		cols[0], cols[1] = append(cols[0], strconv.Itoa(i+1)), append(cols[1], text(g.Mean[j]))
		cols[2], cols[3] = append(cols[2], text(g.SD[j])), append(cols[3], text(g.Signed[j]))
	}
	t := frame.New(pick(g.Genes, order))
	for c, name := range []string{"rank", "score", "SD", "signed"} {
		var err error
		if t, err = t.With(name, cols[c]); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// String is the scores in a line.
func (g *GeneScores) String() string {
	return fmt.Sprintf("%s: %d genes, first %s", g.Name, len(g.Genes), legal(g.Top(5)))
}

// HTML is the ranking for a notebook.
func (g *GeneScores) HTML() (string, error) {
	t, err := g.Table()
	if err != nil {
		return "", err
	}
	h, err := t.HTML()
	return "<p><b>" + escape(g.String()) + "</b></p>" + h, err
}

// reversedJSON is what reversed.json holds.
type reversedJSON struct {
	Phenotypes []string  `json:"phenotypes"`
	Samples    []int     `json:"samples"`
	Errors     []float64 `json:"errors"`
	Repeats    int       `json:"repeats"`
	Notes      []string  `json:"notes"`
	Record     Record    `json:"record"`
}

func (r *Reversed) write(d *store.Draft) error {
	if err := d.WriteBytes("genes.txt", []byte(strings.Join(r.genes, "\n")+"\n")); err != nil {
		return err
	}
	for b, s := range r.sums {
		if err := d.WriteFloat32s(fmt.Sprintf("sums-%d.f32", b), s.Data); err != nil {
			return err
		}
	}
	if err := d.WriteJSON("reversed.json", reversedJSON{r.phenotypes, r.samples, r.errors, len(r.sums), r.notes, r.rec}); err != nil {
		return err
	}
	return d.Describe("reverse training", r.rec.What, r.rec)
}

func loadReversed(e files, name string) (*Reversed, error) {
	var j reversedJSON
	if err := e.JSON("reversed.json", &j); err != nil {
		return nil, err
	}
	g, err := e.Bytes("genes.txt")
	if err != nil {
		return nil, err
	}
	r := &Reversed{name: name, phenotypes: j.Phenotypes, samples: j.Samples, errors: j.Errors, notes: j.Notes, rec: j.Record}
	r.genes = strings.Split(strings.TrimSuffix(string(g), "\n"), "\n")
	for b := range j.Repeats {
		x, err := e.Float32s(fmt.Sprintf("sums-%d.f32", b))
		if err != nil {
			return nil, err
		}
		if len(x) != len(r.phenotypes)*len(r.genes) {
			return nil, fault.New(fmt.Sprintf("%d sums of %d phenotypes and %d genes", len(x), len(r.phenotypes), len(r.genes)), fmt.Sprintf("sums-%d.f32", b), "")
		}
		r.sums = append(r.sums, prep.Matrix{Rows: len(r.phenotypes), Cols: len(r.genes), Data: x})
	}
	return r, nil
}
