package gx

import (
	"context"
	"fmt"

	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/reduce"
	"github.com/gxlab/gxlab/gx/store"
)

// A Reduction is a recipe for a classical way to pack profiles into a few
// numbers and back: principal components, non-negative factors, kernel principal
// components. It learns from the training part, on the values as the cohort's
// last step leaves them.
type Reduction struct {
	cohort Cohort
	kind   string
	k      int
	kernel Kernel
	name   string
	err    error
}

// PCA is principal component analysis with k components.
func PCA(k int) Reduction { return reduction("pca", "PCA", k, "") }

// NMF is non-negative matrix factorisation with k factors (Frobenius norm,
// coordinate descent, deterministic start after the singular value
// decomposition). Data with values below 0 are counted from their least training value.
func NMF(k int) Reduction { return reduction("nmf", "NMF", k, "") }

// A Kernel is what kernel PCA compares profiles by.
type Kernel string

// The kernels: (γ x·y + 1)³, the cosine of the angle, and exp(−γ |x − y|²), each
// with γ = 1/number of genes, as scikit-learn has them.
const (
	Polynomial Kernel = "poly"
	Cosine     Kernel = "cosine"
	RBF        Kernel = "rbf"
)

// KernelPCA is kernel principal component analysis with k components (Schölkopf
// 1998) and the way back by kernel ridge regression from codes to profiles
// (Bakır 2004, penalty 1), as scikit-learn does it.
func KernelPCA(k int, kernel Kernel) Reduction {
	names := map[Kernel]string{Polynomial: "kernel PCA, polynomial", Cosine: "kernel PCA, cosine", RBF: "kernel PCA, RBF"}
	r := reduction("kpca", names[kernel], k, kernel)
	if names[kernel] == "" && r.err == nil {
		r.err = bad(fmt.Sprintf("KernelPCA(%s)", kernel), "no such kernel", "gx.Polynomial, gx.Cosine or gx.RBF")
	}
	return r
}

func reduction(kind, name string, k int, kernel Kernel) Reduction {
	r := Reduction{kind: kind, name: name, k: k, kernel: kernel}
	if k < 1 {
		r.err = bad(fmt.Sprintf("%s(%d)", name, k), "nothing to pack into", "a number of components from 1 up; the paper's is 30")
	}
	return r
}

// On sets the cohort whose training part is learned from.
func (r Reduction) On(c Cohort) Reduction {
	r.cohort = c
	return r
}

// Named is what figures and tables call it. It is not in the key.
func (r Reduction) Named(name string) Reduction {
	r.name = name
	return r
}

// Name is what figures and tables call it.
func (r Reduction) Name() string { return r.name }

// String is the recipe in a line.
func (r Reduction) String() string {
	return fmt.Sprintf("%s, %d components, on %s", r.name, r.k, r.cohort)
}

// Err is the first bad step of the recipe, or of its cohort's; else nil.
func (r Reduction) Err() error {
	if r.err != nil {
		return r.err
	}
	if r.cohort.source == nil && r.cohort.err == nil {
		return bad(r.name, "it has no data", "On(cohort)")
	}
	return r.cohort.Err()
}

const reductionRevision = 1

// Key names the fitted reduction in the store.
func (r Reduction) Key() (string, error) {
	if err := r.Err(); err != nil {
		return "", err
	}
	c, err := r.cohort.Key()
	if err != nil {
		return "", err
	}
	return keyOf("red", reductionRevision, c, r.kind, r.k, r.kernel), nil
}

// Reduced is a fitted reduction.
type Reduced struct{ *Model }

// Keep fits the reduction, or reads it where it is kept.
func (r Reduction) Keep(ctx context.Context, tell Tell) (*Reduced, error) {
	e, err := kept(ctx, r, tell, func(ctx context.Context, d *store.Draft) error {
		set, err := r.cohort.Keep(ctx, tell)
		if err != nil {
			return err
		}
		return r.fit(ctx, set.Train(), tell, d)
	})
	if err != nil {
		return nil, err
	}
	m, err := loadModel(e, r.name)
	if err != nil {
		return nil, err
	}
	if m.coder, err = loadReduction(e); err != nil {
		return nil, err
	}
	return &Reduced{m}, nil
}

func (r Reduction) fit(ctx context.Context, train *Set, tell Tell, d *store.Draft) error {
	var notes []string
	k := r.k
	if most := min(train.N()-1, train.P()); k > most {
		notes = append(notes, fmt.Sprintf("%s: %d components asked for, %d training samples and %d genes allow %d", r.name, k, train.N(), train.P(), most))
		k = most
		if tell != nil {
			tell(notes[0], 0, 0)
		}
	}
	if tell != nil {
		tell(r.name, 0, 1)
	}
	x := train.Values()
	m, err := r.reduce(ctx, x, k, tell)
	if err != nil {
		return err
	}
	if err := saveReduction(d, m); err != nil {
		return err
	}
	rec := Record{
		What: r.String(), Source: train.b.name, Data: train.b.key, Steps: r.cohort.Steps(),
		Settings: map[string]any{"kind": r.kind, "components": k, "kernel": r.kernel},
		Samples:  train.N(), Genes: train.P(), Versions: versions(),
	}
	if err := saveModel(d, train, k, notes, rec); err != nil {
		return err
	}
	return d.Describe("reduction", r.String(), rec)
}

func (r Reduction) reduce(ctx context.Context, x prep.Matrix, k int, tell Tell) (reduce.Model, error) {
	switch r.kind {
	case "pca":
		return reduce.PCA(x.Data, x.Rows, x.Cols, k)
	case "nmf":
		return reduce.ShiftedNMF(ctx, x.Data, x.Rows, x.Cols, k, tell)
	}
	kernels := map[Kernel]reduce.Kernel{Polynomial: reduce.Polynomial, Cosine: reduce.Cosine, RBF: reduce.RBF}
	return reduce.KernelPCA(kernels[r.kernel], x.Data, x.Rows, x.Cols, k)
}
