package learn

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/prep"
)

// KNN classifies a sample by the classes of the training samples nearest to it, by
// Euclidean distance; of classes with equal votes the first is taken.
type KNN struct {
	K        int  // neighbours; the default is 5
	Weighted bool // votes weigh 1/distance; a neighbour at distance 0 then outvotes all others
	Tell     func(what string, done, total int)
}

// Name is "5 nearest neighbours".
func (k KNN) Name() string { return fmt.Sprintf("%d nearest neighbours", or(k.K, 5)) }

// Train is Fit.
func (k KNN) Train(ctx context.Context, x prep.Matrix, labels []string) (Predictor, error) {
	return trained(k.Fit(ctx, x, labels))
}

// Fit keeps samples × features and a label for each sample. It fails on missing values,
// missing labels, fewer than two classes and fewer than K samples.
func (k KNN) Fit(ctx context.Context, x prep.Matrix, labels []string) (*Neighbours, error) {
	classes, class, err := encode(k.Name(), x, labels)
	if err != nil {
		return nil, err
	}
	k.K = or(k.K, 5)
	if err := fits(k.Name(), k.K, x.Rows); err != nil {
		return nil, err
	}
	return &Neighbours{settings: k, classes: classes, class: class, x: x}, ctx.Err()
}

func fits(who string, k, n int) error {
	if k < 1 || k > n {
		return fault.New(fmt.Sprintf("%s: K is %d, with %d samples to choose from", who, k, n), "", fmt.Sprintf("1 to %d", n))
	}
	return nil
}

// Neighbours is a fitted [KNN].
type Neighbours struct {
	settings KNN
	classes  []string
	class    []int32
	x        prep.Matrix
}

// Classes are the classes it learned, sorted.
func (m *Neighbours) Classes() []string { return m.classes }

// Probabilities are each class's share of the K neighbours' votes, samples × classes.
func (m *Neighbours) Probabilities(x prep.Matrix) ([][]float64, error) {
	near, err := m.near(x)
	if err != nil {
		return nil, err
	}
	return m.votes(near), nil
}

func (m *Neighbours) near(x prep.Matrix) ([][]Neighbour, error) {
	if err := checkNew(m.settings.Name(), x, m.x.Cols); err != nil {
		return nil, err
	}
	p := &progress{tell: m.settings.Tell, what: "distances"}
	return nearest(context.Background(), m.x, x, m.settings.K, false, p)
}

func (m *Neighbours) votes(near [][]Neighbour) [][]float64 {
	out := make([][]float64, len(near))
	for i, ns := range near {
		out[i] = make([]float64, len(m.classes))
		for at, w := range weights(ns, m.settings.Weighted) {
			out[i][m.class[ns[at].Index]] += w
		}
	}
	return out
}

// weights are the neighbours' weights, in sum 1.
func weights(ns []Neighbour, byDistance bool) []float64 {
	out := make([]float64, len(ns))
	sum := 0.0
	for i, n := range ns {
		switch {
		case !byDistance:
			out[i] = 1
		case ns[0].Distance > 0:
			out[i] = 1 / n.Distance
		case n.Distance == 0:
			out[i] = 1
		}
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

// Predict is the class of most votes, the first of equals.
func (m *Neighbours) Predict(x prep.Matrix) ([]string, error) {
	near, err := m.near(x)
	if err != nil {
		return nil, err
	}
	return m.elected(near), nil
}

func (m *Neighbours) elected(near [][]Neighbour) []string {
	votes := m.votes(near)
	if !m.settings.Weighted { // whole numbers, so that equals are equal
		for i, ns := range near {
			clear(votes[i])
			for _, n := range ns {
				votes[i][m.class[n.Index]]++
			}
		}
	}
	return named(m.classes, votes)
}

// LeaveOneOut predicts each training sample from the others.
func (m *Neighbours) LeaveOneOut(ctx context.Context) ([]string, error) {
	near, err := Nearest(ctx, m.x, m.settings.K)
	if err != nil {
		return nil, err
	}
	return m.elected(near), nil
}

// Neighbour is a training sample, by its row, and how far it is.
type Neighbour struct {
	Index    int
	Distance float64
}

// Nearest is each sample's k nearest other samples by Euclidean distance, the nearest
// first; of equally near ones the earlier.
func Nearest(ctx context.Context, x prep.Matrix, k int) ([][]Neighbour, error) {
	return nearestOthers(ctx, x, k, nil)
}

// Nearest is the function Nearest with K neighbours, and tells how far it has come.
func (k KNN) Nearest(ctx context.Context, x prep.Matrix) ([][]Neighbour, error) {
	return nearestOthers(ctx, x, or(k.K, 5), &progress{tell: k.Tell, what: "distances"})
}

func nearestOthers(ctx context.Context, x prep.Matrix, k int, p *progress) ([][]Neighbour, error) {
	if err := checkMatrix("nearest samples", "features", x); err != nil {
		return nil, err
	}
	if err := fits("nearest samples", k, x.Rows-1); err != nil {
		return nil, err
	}
	return nearest(ctx, x, x, k, true, p)
}

// nearest is Nearest among train, of the samples x; with own each sample is itself among
// train at its own row and does not count.
func nearest(ctx context.Context, train, x prep.Matrix, k int, own bool, p *progress) ([][]Neighbour, error) {
	out := make([][]Neighbour, x.Rows)
	size := max(4, min(tile, 1<<16/max(1, x.Cols))) // samples whose values stay at hand
	if p != nil {
		p.total = blocks(x.Rows, size)
	}
	err := each(ctx, blocks(x.Rows, size), p, func(_, b int) error {
		lo, hi := b*size, min(b*size+size, x.Rows)
		rows := make([][]float32, hi-lo)
		for i := range rows {
			rows[i] = x.Row(lo + i)
			out[lo+i] = make([]Neighbour, 0, k)
		}
		for j := range train.Rows {
			to := train.Row(j)
			for i, row := range rows {
				if own && j == lo+i {
					continue
				}
				found := out[lo+i]
				if len(found) < k {
					out[lo+i] = rise(append(found, Neighbour{j, apart(row, to)}))
				} else if d := apartWithin(row, to, found[0].Distance); d < found[0].Distance {
					found[0] = Neighbour{j, d}
					sink(found)
				}
			}
		}
		for i := range rows {
			found := out[lo+i]
			slices.SortFunc(found, func(a, b Neighbour) int {
				if a.farther(b) {
					return 1
				}
				return -1
			})
			for n := range found {
				found[n].Distance = math.Sqrt(found[n].Distance)
			}
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (n Neighbour) farther(o Neighbour) bool {
	return n.Distance > o.Distance || n.Distance == o.Distance && n.Index > o.Index
}

// rise brings the last of a heap, the farthest first, to its place.
func rise(heap []Neighbour) []Neighbour {
	for i := len(heap) - 1; i > 0; {
		up := (i - 1) / 2
		if !heap[i].farther(heap[up]) {
			break
		}
		heap[i], heap[up] = heap[up], heap[i]
		i = up
	}
	return heap
}

// sink brings the first of a heap to its place.
func sink(heap []Neighbour) {
	for i := 0; ; {
		far := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(heap); c++ {
			if heap[c].farther(heap[far]) {
				far = c
			}
		}
		if far == i {
			return
		}
		heap[i], heap[far] = heap[far], heap[i]
		i = far
	}
}

// distances are the squared distances of rows lo to hi of x from all rows of train,
// (hi−lo) × train: summed difference by difference, so that near ones stay exact.
func distances(x prep.Matrix, lo, hi int, train prep.Matrix, to []float64) {
	const span = 2048 // values of a row that are compared while they are at hand
	for from := 0; from < x.Cols; from += span {
		end := min(from+span, x.Cols)
		for j := range train.Rows {
			b := train.Row(j)[from:end]
			for i := lo; i < hi; i++ {
				to[(i-lo)*train.Rows+j] += apart(x.Row(i)[from:end], b)
			}
		}
	}
}

func apart(a, b []float32) float64 {
	var s0, s1, s2, s3 float64
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		d0 := float64(a[i]) - float64(b[i])
		d1 := float64(a[i+1]) - float64(b[i+1])
		d2 := float64(a[i+2]) - float64(b[i+2])
		d3 := float64(a[i+3]) - float64(b[i+3])
		s0 += float64(d0 * d0)
		s1 += float64(d1 * d1)
		s2 += float64(d2 * d2)
		s3 += float64(d3 * d3)
	}
	for ; i < len(a); i++ {
		d := float64(a[i]) - float64(b[i])
		s0 += float64(d * d)
	}
	return (s0 + s1) + (s2 + s3)
}

// apartWithin is apart, or any number above most where that is more.
func apartWithin(a, b []float32, most float64) float64 {
	var s0, s1, s2, s3 float64
	b = b[:len(a)]
	i := 0
	for i+4 <= len(a) {
		for end := min(i+16, len(a)); i+4 <= end; i += 4 {
			d0 := float64(a[i]) - float64(b[i])
			d1 := float64(a[i+1]) - float64(b[i+1])
			d2 := float64(a[i+2]) - float64(b[i+2])
			d3 := float64(a[i+3]) - float64(b[i+3])
			s0 += float64(d0 * d0)
			s1 += float64(d1 * d1)
			s2 += float64(d2 * d2)
			s3 += float64(d3 * d3)
		}
		if s := (s0 + s1) + (s2 + s3); s > most {
			return s
		}
	}
	for ; i < len(a); i++ {
		d := float64(a[i]) - float64(b[i])
		s0 += float64(d * d)
	}
	return (s0 + s1) + (s2 + s3)
}

// KNNRegression predicts a sample's targets as the mean over the training samples
// nearest to it.
type KNNRegression struct {
	K        int  // neighbours; the default is 5
	Weighted bool // the mean weighs 1/distance; neighbours at distance 0 then count alone
	Tell     func(what string, done, total int)
}

// Name is "5 nearest neighbours".
func (k KNNRegression) Name() string { return KNN{K: k.K}.Name() }

// Train is Fit.
func (k KNNRegression) Train(ctx context.Context, x, targets prep.Matrix) (Estimator, error) {
	return estimated(k.Fit(ctx, x, targets))
}

// Fit keeps samples × features and samples × targets. It fails on missing values,
// matrices of different samples and fewer than K samples.
func (k KNNRegression) Fit(ctx context.Context, x, targets prep.Matrix) (*NeighbourMeans, error) {
	if err := checkTargets(k.Name(), x, targets, 1); err != nil {
		return nil, err
	}
	k.K = or(k.K, 5)
	if err := fits(k.Name(), k.K, x.Rows); err != nil {
		return nil, err
	}
	return &NeighbourMeans{settings: k, x: x, y: targets}, ctx.Err()
}

// NeighbourMeans is a fitted [KNNRegression].
type NeighbourMeans struct {
	settings KNNRegression
	x, y     prep.Matrix
}

// Predict is samples × targets.
func (m *NeighbourMeans) Predict(x prep.Matrix) (prep.Matrix, error) {
	if err := checkNew(m.settings.Name(), x, m.x.Cols); err != nil {
		return prep.Matrix{}, err
	}
	p := &progress{tell: m.settings.Tell, what: "distances"}
	near, err := nearest(context.Background(), m.x, x, m.settings.K, false, p)
	if err != nil {
		return prep.Matrix{}, err
	}
	out := prep.NewMatrix(x.Rows, m.y.Cols)
	cores.Each(x.Rows, func(i int) {
		sum := make([]float64, m.y.Cols)
		for at, w := range weights(near[i], m.settings.Weighted) {
			for t, v := range m.y.Row(near[i][at].Index) {
				sum[t] += float64(w * float64(v))
			}
		}
		for t, v := range sum {
			out.Row(i)[t] = float32(v)
		}
	})
	return out, nil
}
