package gx_test

import (
	"context"
	"math"
	"testing"

	"github.com/gxlab/gxlab/datasets"
	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/stats"
)

// Unseen's numbers are the measures of the profiles themselves.
func TestUnseen(t *testing.T) {
	t.Setenv("GXLAB_STORE", t.TempDir())
	ctx := context.Background()
	cohort := datasets.SimulatedAt("tiny", 2).Log2().HoldOut("tissue", "liver")
	set, err := cohort.Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	fit, err := gx.PCA(10).On(cohort).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := fit.Reconstruct(set.Test())
	if err != nil {
		t.Fatal(err)
	}
	for _, by := range []gx.Measure{gx.Spearman, gx.ByMSE} {
		u, err := fit.Unseen(set.Test(), set.Train(), by)
		if err != nil {
			t.Fatal(err)
		}
		of := stats.Spearman[float32]
		if by == gx.ByMSE {
			of = stats.MSE[float32]
		}
		first := 0
		for i := range u.Own {
			own, _ := of(rep.Row(i), set.Test().Row(i))
			near, _ := of(rep.Row(i), set.Train().Row(u.Which[i]))
			if math.Abs(own-u.Own[i]) > 1e-6 || math.Abs(near-u.Nearest[i]) > 1e-6 {
				t.Errorf("sample %d: %v and %v, not %v and %v", i, u.Own[i], u.Nearest[i], own, near)
			}
			better := true
			for j := range set.Train().N() {
				v, _ := of(rep.Row(i), set.Train().Row(j))
				if by.Closer(v, near) && math.Abs(v-near) > 1e-6 {
					t.Errorf("sample %d: training sample %d is nearer than %d", i, j, u.Which[i])
				}
				better = better && by.Closer(own, v)
			}
			if better {
				first++
			}
		}
		if share := float64(first) / float64(len(u.Own)); share != u.OwnFirst() {
			t.Errorf("own first %v, not %v", u.OwnFirst(), share)
		}
	}
}

// A component's change is that of the decoder; of a linear model it is the loading.
func TestComponents(t *testing.T) {
	t.Setenv("GXLAB_STORE", t.TempDir())
	ctx := context.Background()
	cohort := datasets.SimulatedAt("tiny", 2).Log2()
	set, err := cohort.Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	pca, err := gx.PCA(5).On(cohort).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := pca.Components(set, 2)
	if err != nil {
		t.Fatal(err)
	}
	codes, err := pca.Encode(set)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		var z []float64
		for r := range codes.Rows {
			z = append(z, float64(codes.Row(r)[i]))
		}
		sd := stats.SD(z) * math.Sqrt(float64(len(z)-1)/float64(len(z)))
		if math.Abs(sd-float64(c.Sigma[i])) > 1e-5*sd {
			t.Errorf("component %d: σ %v, not %v", i, c.Sigma[i], sd)
		}
		length := 0.0 // of the loadings times 2σ
		for _, v := range c.Change.Row(i) {
			length += float64(v) * float64(v)
		}
		if math.Abs(math.Sqrt(length)-2*sd) > 1e-3*sd {
			t.Errorf("component %d changes the profile by %v, not by 2σ = %v", i, math.Sqrt(length), 2*sd)
		}
		at := map[string]float64{}
		for j, g := range c.Genes {
			at[g] = math.Abs(float64(c.Change.Row(i)[j]))
		}
		top := c.Top(i, 100)
		for k := 1; k < len(top); k++ {
			if at[top[k]] > at[top[k-1]] {
				t.Fatalf("component %d: gene %d changes more than the one before", i, k)
			}
		}
	}
	if _, err := pca.Components(set, 0); err == nil {
		t.Error("no change was taken")
	}
}

// Varimax finds the axes from which sparse changes were mixed, and leaves the codes
// uncorrelated.
func TestVarimaxComponents(t *testing.T) {
	t.Setenv("GXLAB_STORE", t.TempDir())
	ctx := context.Background()
	cohort := datasets.SimulatedAt("tiny", 2).Log2()
	set, err := cohort.Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	pca, err := gx.PCA(8).On(cohort).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := pca.Components(set, 2)
	if err != nil {
		t.Fatal(err)
	}
	turned, err := pca.VarimaxComponents(set, 2)
	if err != nil {
		t.Fatal(err)
	}
	// Of a linear model both are 2σ along orthogonal axes of the same plane.
	size := func(c *gx.Components) (all, fourth float64) {
		for _, v := range c.Change.Data {
			all += float64(v) * float64(v)
			fourth += math.Pow(float64(v), 4)
		}
		return all, fourth
	}
	a, fa := size(plain)
	b, fb := size(turned)
	if math.Abs(a-b) > 1e-3*a {
		t.Errorf("the changes' squares add to %v, before the rotation to %v", b, a)
	}
	if fb < 1.02*fa {
		t.Errorf("the changes are no more concentrated: %v, before %v", fb, fa)
	}
	// The axes' Gram matrix in the codes' inverse covariance is the identity: of PCA the
	// covariance is diagonal.
	for i, x := range turned.Axes {
		for j, y := range turned.Axes {
			dot := 0.0
			for k := range x {
				dot += x[k] * y[k] / (float64(plain.Sigma[k]) * float64(plain.Sigma[k]))
			}
			want := 0.0
			if i == j {
				want = 1
			}
			if math.Abs(dot-want) > 1e-4 {
				t.Fatalf("axes %d and %d: %v", i, j, dot)
			}
		}
	}
}
