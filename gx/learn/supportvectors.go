package learn

import (
	"fmt"
	"math"
	"strings"

	"github.com/gxlab/gxlab/gx/cores"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/prep"
)

// SupportVectors is a fitted [SVM].
type SupportVectors struct {
	settings SVM
	classes  []string
	features int
	pairs    []duel
	index    []int
	vectors  prep.Matrix
}

// keep takes the support vectors out of the training samples.
func (m *SupportVectors) keep(x prep.Matrix) {
	place := make([]int, x.Rows)
	for _, d := range m.pairs {
		for _, i := range d.at {
			place[i] = 1
		}
	}
	for i, is := range place {
		if is != 0 {
			place[i] = len(m.index)
			m.index = append(m.index, i)
		}
	}
	m.vectors = x.Pick(m.index)
	for _, d := range m.pairs {
		for k, i := range d.at {
			d.at[k] = place[i]
		}
	}
}

// Classes are the classes it learned, sorted.
func (m *SupportVectors) Classes() []string { return m.classes }

// Index are the training samples that are support vectors, by their rows, rising.
func (m *SupportVectors) Index() []int { return m.index }

// Gamma is γ of the RBF kernel, as set or found.
func (m *SupportVectors) Gamma() float64 { return m.settings.Gamma }

// Pairs are the pairs of classes that Decisions is about: the first with each later
// one, then the second, and so on.
func (m *SupportVectors) Pairs() [][2]string {
	out := make([][2]string, len(m.pairs))
	for i, d := range m.pairs {
		out[i] = [2]string{m.classes[d.a], m.classes[d.b]}
	}
	return out
}

// Decisions are samples × pairs of classes: above 0 for the first of the pair. They are
// scikit-learn's decision_function of shape "ovo"; of two classes alone that has the
// other sign.
func (m *SupportVectors) Decisions(x prep.Matrix) ([][]float64, error) {
	if err := checkNew(m.settings.Name(), x, m.features); err != nil {
		return nil, err
	}
	n, p := m.vectors.Rows, m.features
	vectors := wide(m.vectors, 0, n)
	out := make([][]float64, x.Rows)
	cores.Each(blocks(x.Rows, tile), func(b int) {
		lo, hi := b*tile, min(b*tile+tile, x.Rows)
		a, k := wide(x, lo, hi), make([]float64, (hi-lo)*n)
		for j := 0; j < n; j += tile {
			m.settings.compare(a, vectors[j*p:min(j+tile, n)*p], p, func(i, l int, v float64) { k[i*n+j+l] = v })
		}
		for i := lo; i < hi; i++ {
			row := k[(i-lo)*n : (i-lo+1)*n]
			out[i] = make([]float64, len(m.pairs))
			for q, d := range m.pairs {
				sum := -d.rho
				for c, at := range d.at {
					sum += float64(d.coef[c] * row[at])
				}
				out[i][q] = sum
			}
		}
	})
	return out, nil
}

// Weights are, of the linear kernel, each feature's weight in the decision on a pair of
// classes, by its place in Pairs, and what is added: the decision is w·x + b. It fails
// with another kernel, which has no such weights, and on a pair that is not there.
func (m *SupportVectors) Weights(pair int) (w []float64, b float64, err error) {
	if m.settings.Kernel != Linear {
		return nil, 0, fault.New(m.settings.Name()+" has no weights for features", "", "learn.SVM{Kernel: learn.Linear}")
	}
	if pair < 0 || pair >= len(m.pairs) {
		return nil, 0, fault.New(fmt.Sprintf("%s: pair %d of %d", m.settings.Name(), pair, len(m.pairs)), "", fmt.Sprintf("0 to %d", len(m.pairs)-1))
	}
	d := m.pairs[pair]
	w = make([]float64, m.features)
	for k, at := range d.at {
		for j, v := range m.vectors.Row(at) {
			w[j] += float64(d.coef[k] * float64(v))
		}
	}
	return w, -d.rho, nil
}

// Predict is the class that wins most pairs, the first of equals, as LIBSVM has it.
func (m *SupportVectors) Predict(x prep.Matrix) ([]string, error) {
	decisions, err := m.Decisions(x)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(decisions))
	for i, d := range decisions {
		out[i] = m.classes[greatest(m.votes(d))]
	}
	return out, nil
}

func (m *SupportVectors) votes(decisions []float64) []float64 {
	out := make([]float64, len(m.classes))
	for q, d := range m.pairs {
		if decisions[q] > 0 {
			out[d.a]++
		} else {
			out[d.b]++
		}
	}
	return out
}

// Scores are samples × classes: the pairs that a class wins, and less than a third more
// or less by its decisions' sum, so that few are equal. Of three classes or more they are
// scikit-learn's decision_function of shape "ovr".
func (m *SupportVectors) Scores(x prep.Matrix) ([][]float64, error) {
	decisions, err := m.Decisions(x)
	if err != nil {
		return nil, err
	}
	for i, d := range decisions {
		score, sum := m.votes(d), make([]float64, len(m.classes))
		for q, pair := range m.pairs {
			sum[pair.a] += d[q]
			sum[pair.b] -= d[q]
		}
		for k, v := range sum {
			score[k] += v / (3 * (math.Abs(v) + 1))
		}
		decisions[i] = score
	}
	return decisions, nil
}

// String says how many support vectors of how many classes there are.
func (m *SupportVectors) String() string {
	return fmt.Sprintf("%s: %d support vectors, classes %s", m.settings.Name(), len(m.index), strings.Join(m.classes, ", "))
}
