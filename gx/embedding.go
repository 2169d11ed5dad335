package gx

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/manifold"
	"github.com/gxlab/gxlab/gx/reduce"
	"github.com/gxlab/gxlab/gx/store"
)

// Points are what an Embedding draws: a *Set's profiles, as its cohort's last step leaves
// them, or the *Codes that a model made of them.
type Points interface {
	points() (x Matrix, samples *frame.Table, source string)
	title() string
}

func (s *Set) points() (Matrix, *frame.Table, string) { return s.Values(), s.Samples(), s.b.name }

func (s *Set) title() string { return s.Name() }

func (c *Codes) points() (Matrix, *frame.Table, string) {
	if c.from == nil {
		return c.Matrix, c.Samples, ""
	}
	return c.Matrix, c.Samples, c.from.b.name
}

func (c *Codes) title() string { return "codes of " + c.Model }

// An Embedding is a recipe for a map of samples in two dimensions, to look at: TSNE, UMAP
// or PCAMap. It is an immutable value; Keep makes the map and gives an *Embedded.
//
//	gx.TSNE().Perplexity(30).Of(gx.Must(fit.Encode(set)))
//
// t-SNE and UMAP show who is near whom. What they do not show: distances between groups
// that are far apart, how wide and how dense groups are, and whether groups are there at
// all, as both can make some of noise; Embedded.Trustworthiness says how far neighbours on
// the map are neighbours in truth. They learn from all samples that are drawn, so they are
// no features for a classifier.
type Embedding struct {
	of   Points
	set  embeddingChain
	name string
	err  error
}

// embeddingChain is what decides the map, as the chain says it.
type embeddingChain struct {
	Kind         string  `json:"kind"`
	Perplexity   float64 `json:"perplexity,omitempty"`
	Exaggeration float64 `json:"exaggeration,omitempty"`
	Neighbours   int     `json:"neighbours,omitempty"`
	MinDistance  float64 `json:"min_distance,omitempty"`
	Iterations   int     `json:"iterations,omitempty"` // 0: UMAP's own choice
	Components   int     `json:"components,omitempty"`
	Seed         uint64  `json:"seed,omitempty"`
}

// The kinds, as figures name them.
const (
	tsne    = "t-SNE"
	umap    = "UMAP"
	pcaPlot = "PCA"
)

// TSNE is t-distributed stochastic neighbour embedding (van der Maaten and Hinton 2008;
// Barnes and Hut's approximation, van der Maaten 2014).
//
// Defaults are scikit-learn's: perplexity 30, early exaggeration 12, 1000 iterations, a
// start from the first two principal components, seed 1. Of points of more than 50 values
// the first 50 principal components are taken, as scanpy does.
func TSNE() Embedding {
	return Embedding{set: embeddingChain{Kind: tsne, Perplexity: 30, Exaggeration: 12, Iterations: 1000, Components: 50, Seed: 1}}
}

// UMAP is uniform manifold approximation and projection (McInnes, Healy and Melville
// 2018).
//
// Defaults are umap-learn's: 15 neighbours, a least distance of 0.1, 500 iterations (its
// epochs; 200 of more than 10,000 samples); but a start from the first two principal
// components in the place of its graph's. Seed 1. Of points of more than 50 values the
// first 50 principal components are taken, as scanpy does.
func UMAP() Embedding {
	return Embedding{set: embeddingChain{Kind: umap, Neighbours: 15, MinDistance: 0.1, Components: 50, Seed: 1}}
}

// PCAMap is the first two principal components, to compare the others with.
func PCAMap() Embedding { return Embedding{set: embeddingChain{Kind: pcaPlot}} }

func (e Embedding) failed(verb, what, try string) Embedding {
	if e.err == nil {
		e.err = bad(verb, what, try)
	}
	return e
}

// only refuses a verb of another kind of map.
func (e Embedding) only(verb string, kinds ...string) (Embedding, bool) {
	if slices.Contains(kinds, e.set.Kind) {
		return e, true
	}
	return e.failed(verb, e.set.Kind+" has no such setting", "it with another map, such as gx.TSNE() or gx.UMAP()"), false
}

// Of sets what is drawn. It is held, not copied.
func (e Embedding) Of(p Points) Embedding {
	switch v := p.(type) {
	case *Set:
		if v == nil {
			return e.failed("Of", "no samples", "a set, or the codes of fit.Encode(set)")
		}
	case *Codes:
		if v == nil {
			return e.failed("Of", "no codes", "a set, or the codes of fit.Encode(set)")
		}
	}
	e.of = p
	return e
}

// Perplexity sets about how many neighbours a sample has a thought for in t-SNE. The
// default is 30. More than a third of the other samples is brought down to that, and said
// in the map's Notes.
func (e Embedding) Perplexity(p float64) Embedding {
	verb := fmt.Sprintf("Perplexity(%g)", p)
	e, ok := e.only(verb, tsne)
	if ok && (!(p >= 2) || math.IsInf(p, 0)) {
		return e.failed(verb, "too few neighbours", "2 or more; 30 is usual")
	}
	e.set.Perplexity = p
	return e
}

// Exaggeration sets how many times stronger neighbours attract each other in t-SNE's first
// 250 iterations. The default is 12.
func (e Embedding) Exaggeration(times float64) Embedding {
	verb := fmt.Sprintf("Exaggeration(%g)", times)
	e, ok := e.only(verb, tsne)
	if ok && (!(times >= 1) || math.IsInf(times, 0)) {
		return e.failed(verb, "neighbours would attract each other less", "1 or more; 12 is usual")
	}
	e.set.Exaggeration = times
	return e
}

// Neighbours sets how many samples a neighbourhood has in UMAP, its own sample among them.
// Few show fine detail, many the coarse picture. The default is 15; with as few samples as
// that or fewer it is an error.
func (e Embedding) Neighbours(k int) Embedding {
	verb := fmt.Sprintf("Neighbours(%d)", k)
	e, ok := e.only(verb, umap)
	if ok && k < 2 {
		return e.failed(verb, "no neighbours", "2 or more; 15 are usual")
	}
	e.set.Neighbours = k
	return e
}

// MinDistance sets how near samples may come on UMAP's map. The default is 0.1.
func (e Embedding) MinDistance(d float64) Embedding {
	verb := fmt.Sprintf("MinDistance(%g)", d)
	e, ok := e.only(verb, umap)
	if ok && !(d > 0 && d < 3) {
		return e.failed(verb, "no distance on the map", "a number above 0 and below 3; 0.1 is usual")
	}
	e.set.MinDistance = d
	return e
}

// Iterations sets how many steps t-SNE takes, or how many times UMAP goes through its
// edges.
func (e Embedding) Iterations(n int) Embedding {
	verb := fmt.Sprintf("Iterations(%d)", n)
	e, ok := e.only(verb, tsne, umap)
	if ok && n < 1 {
		return e.failed(verb, "no steps", "1 or more; t-SNE takes 1000, UMAP 500")
	}
	e.set.Iterations = n
	return e
}

// Components sets how many principal components are taken of points that have more values;
// 0 takes the values as they are. The default is 50.
func (e Embedding) Components(k int) Embedding {
	verb := fmt.Sprintf("Components(%d)", k)
	e, ok := e.only(verb, tsne, umap)
	if ok && k < 0 {
		return e.failed(verb, "below 0", "a number of principal components, or 0 for the values themselves")
	}
	e.set.Components = k
	return e
}

// Seed sets the seed: of the noise on the start, and of the samples that repel in UMAP.
// The default is 1.
func (e Embedding) Seed(seed uint64) Embedding {
	e, ok := e.only(fmt.Sprintf("Seed(%d)", seed), tsne, umap)
	if ok {
		e.set.Seed = seed
	}
	return e
}

// Named is what figures call it. It is not in the key.
func (e Embedding) Named(name string) Embedding { e.name = name; return e }

// Name is what figures call it. The default is "t-SNE", "UMAP" or "PCA".
func (e Embedding) Name() string {
	if e.name != "" {
		return e.name
	}
	return e.set.Kind
}

// String is the recipe in a line.
func (e Embedding) String() string {
	if e.of == nil {
		return e.words()
	}
	return e.words() + ", of " + e.of.title()
}

func (e Embedding) words() string {
	s := e.set
	switch s.Kind {
	case tsne:
		return fmt.Sprintf("t-SNE, perplexity %g, exaggeration %g, %d iterations, seed %d", s.Perplexity, s.Exaggeration, s.Iterations, s.Seed)
	case umap:
		return fmt.Sprintf("UMAP, %d neighbours, least distance %g, seed %d", s.Neighbours, s.MinDistance, s.Seed)
	}
	return "the first two principal components"
}

// Err is the first bad step of the recipe; else nil.
func (e Embedding) Err() error {
	switch {
	case e.err != nil:
		return e.err
	case e.set.Kind == "":
		return bad("Embedding", "it has no kind", "gx.TSNE(), gx.UMAP() or gx.PCAMap()")
	case e.of == nil:
		return bad(e.Name(), "it has no samples", "Of(set), or Of(codes) with the codes of fit.Encode(set)")
	}
	return nil
}

const embeddingRevision = 1

// Key names the map in the store: by the settings and by the points themselves.
func (e Embedding) Key() (string, error) {
	if err := e.Err(); err != nil {
		return "", err
	}
	x, samples, _ := e.of.points()
	key, _ := e.key(x, samples)
	return key, nil
}

// key is also what the points alone come to.
func (e Embedding) key(x Matrix, samples *frame.Table) (key, data string) {
	h := sha256.New()
	var b [4]byte
	for i := range x.Rows {
		for _, v := range x.Row(i) {
			binary.LittleEndian.PutUint32(b[:], math.Float32bits(v))
			h.Write(b[:])
		}
	}
	samples.WriteTSV(h) // a hash takes everything
	data = hex.EncodeToString(h.Sum(nil)[:10])
	return keyOf("emb", embeddingRevision, e.set, x.Rows, x.Cols, data), data
}

// Keep makes the map, or reads it where it is kept.
func (e Embedding) Keep(ctx context.Context, tell Tell) (*Embedded, error) {
	if err := e.Err(); err != nil {
		return nil, err
	}
	x, samples, source := e.of.points()
	key, data := e.key(x, samples)
	got, err := kept(ctx, keyed(key), tell, func(ctx context.Context, d *store.Draft) error {
		y, notes, err := e.draw(ctx, x, tell)
		if err != nil {
			return fault.At(err, e.of.title())
		}
		out := &Embedded{Matrix: y, Samples: samples, notes: notes, rec: Record{
			What: e.words(), Source: source, Data: data, Settings: map[string]any{"embedding": e.set}, Seed: e.set.Seed,
			Samples: x.Rows, Genes: x.Cols, Versions: versions(),
		}}
		return out.write(d)
	})
	if err != nil {
		return nil, err
	}
	out, err := loadEmbedded(got, e.Name())
	if err != nil {
		return nil, err
	}
	out.of = x
	return out, nil
}

// keyed is a recipe whose key is known.
type keyed string

func (k keyed) Key() (string, error) { return string(k), nil }

func (e Embedding) draw(ctx context.Context, x Matrix, tell Tell) (y Matrix, notes []string, err error) {
	s := e.set
	if k := s.Components; k > 0 && x.Cols > k && x.Rows > 2 {
		k = min(k, x.Rows-1)
		if tell != nil {
			tell("principal components", 0, 1)
		}
		m, err := reduce.PCA(x.Data, x.Rows, x.Cols, k)
		if err != nil {
			return y, nil, err
		}
		z, err := m.Encode(x.Data, x.Rows)
		if err != nil {
			return y, nil, err
		}
		notes = append(notes, fmt.Sprintf("%s of the first %d principal components of %d values", s.Kind, k, x.Cols))
		x = Matrix{Rows: x.Rows, Cols: k, Data: z}
	}
	switch s.Kind {
	case tsne:
		if p := manifold.Fitting(s.Perplexity, x.Rows); p < s.Perplexity {
			notes = append(notes, fmt.Sprintf("t-SNE: a perplexity of %g is too much for %d samples; %.3g is taken", s.Perplexity, x.Rows, p))
			if tell != nil {
				tell(notes[len(notes)-1], 0, 0)
			}
		}
		y, err = manifold.TSNE{Perplexity: s.Perplexity, Exaggeration: s.Exaggeration, Iterations: s.Iterations, Seed: s.Seed, Tell: tell}.Embed(ctx, x)
	case umap:
		y, err = manifold.UMAP{Neighbours: s.Neighbours, MinDistance: s.MinDistance, Epochs: s.Iterations, Seed: s.Seed, Tell: tell}.Embed(ctx, x)
	default:
		if y, err = manifold.Components(x); err == nil {
			err = ctx.Err()
		}
	}
	return y, notes, err
}
