package plotting_test

import (
	"fmt"
	"testing"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/plotting"
)

// Eight components, each of which moves a module of genes up and some others down.
func ExampleComponentChanges() {
	r := random()
	c := &gx.Components{Model: "classifier autoencoder", By: 2, Change: prep.NewMatrix(8, 400)}
	for j := range 400 {
		c.Genes = append(c.Genes, fmt.Sprintf("GENE%03d", j+1))
	}
	for i := range 8 {
		for j := range 400 {
			v := 0.15 * r.NormFloat64()
			if j/50 == i {
				v += 2 - float64(i)/6
				if j%3 == 0 {
					v = -v
				}
			}
			c.Change.Row(i)[j] = float32(v)
		}
	}
	show(plotting.ComponentChanges(c, 10))
}

func TestComponentChanges(t *testing.T) { check(t, ExampleComponentChanges, "component_changes.svg") }

// Three held-out tissues by a network and by principal components.
func ExampleHeldOut() {
	r := random()
	tissues := []string{"B-cell", "heart", "liver"}
	one := func(model string, at float64) (all []*gx.Unseen) {
		for range tissues {
			u := &gx.Unseen{Model: model, By: gx.Spearman}
			for range 40 {
				u.Own = append(u.Own, at+0.01*r.NormFloat64())
				u.Without = append(u.Without, 0.86+0.02*r.NormFloat64())
			}
			all = append(all, u)
		}
		return all
	}
	show(plotting.HeldOut(tissues, "log2", one("autoencoder", 0.97), one("PCA", 0.96)))
}

func TestHeldOut(t *testing.T) { check(t, ExampleHeldOut, "heldout.svg") }
