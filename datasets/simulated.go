package datasets

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/prep"
)

// Simulated is the simulated cohort at size small (16 tissues × 65 samples × 2000
// genes), seed 1. Values are array signals, not logged. Simulation and Truth say what
// is planted, what is noise, and what the simulator is not held to.
//
// SimulatedDiseases, SimulatedNetwork, SimulatedGeneSets and SimulatedRNASeq of the
// same size and seed have the same genes and modules; SimulatedCells has its own.
func Simulated() gx.Cohort { return SimulatedAt("small", 1) }

// SimulatedAt is the simulated cohort of a size and seed: "tiny" (16 tissues × 10
// samples × 500 genes), "small" (16 × 65 × 2000) or "paper" (16 × 65 × 20184, the
// size of the first paper's data).
func SimulatedAt(scale string, seed uint64) gx.Cohort {
	c, err := sizeAt(scale, seed)
	if err != nil {
		return gx.Failed(err)
	}
	return c.cohort(simulatedName("", scale, seed))
}

// Cohort is the simulated cohort of settings of one's own, such as one of many more
// samples. What it has planted in each sample is kept with sets of up to 20000.
func (c Simulation) Cohort() gx.Cohort {
	if err := within("simulation", c.limits()...); err != nil {
		return gx.Failed(err)
	}
	return c.cohort(fmt.Sprintf("simulated, %d × %d, seed %d", len(tissues)*c.Samples, c.Genes, c.Seed))
}

// mostTruth is how many samples' planted values are kept with a set.
const mostTruth = 20000

func (c Simulation) cohort(name string) gx.Cohort {
	return gx.From(made{name, fmt.Sprintf("simulated %+v revision %d", c, simulatorRevision), func(ctx context.Context, tell gx.Tell) (*gx.Raw, error) {
		d, err := c.run(ctx, func(done, total int) {
			if tell != nil {
				tell(name, done, total)
			}
		})
		if err != nil {
			return nil, err
		}
		if len(d.IDs) > mostTruth {
			d.Truth.Activity, d.Truth.Regulation = nil, nil
		}
		return rawSignal(d.Signal, d.Genes, d.Truth, d.IDs, d.columns()...)
	}})
}

var sizes = map[string]Simulation{
	"tiny":  {Samples: 10, Genes: 500, Studies: 2},
	"small": {Samples: 65, Genes: 2000, Studies: 5},
	"paper": {Samples: 65, Genes: 20184, Studies: 5},
}

// sizeAt is the simulation of that size and seed.
func sizeAt(scale string, seed uint64) (Simulation, error) {
	c, ok := sizes[scale]
	if !ok {
		return Simulation{}, fault.New(fmt.Sprintf("there is no simulated cohort of size %q", scale), gx.Caller(), "one of tiny, small, paper")
	}
	c.Seed = seed
	return c, nil
}

func simulatedName(what, scale string, seed uint64) string {
	if what != "" {
		what += " "
	}
	return fmt.Sprintf("simulated %s%s, seed %d", what, scale, seed)
}

// simulatorRevision is raised when the same seed gives other values.
const simulatorRevision = 1

// made is a simulation as the source of a cohort.
type made struct {
	name, key string
	read      func(ctx context.Context, tell gx.Tell) (*gx.Raw, error)
}

func (m made) Name() string         { return m.name }
func (m made) Key() (string, error) { return m.key, nil }

func (m made) Read(ctx context.Context, tell gx.Tell) (*gx.Raw, error) {
	raw, err := m.read(ctx, tell)
	if err == nil && tell != nil {
		tell(m.name, 1, 1)
	}
	return raw, err
}

// column is a label of every sample.
type column struct {
	name   string
	values []string
}

func (d *SimulatedData) columns() []column {
	return []column{{"tissue", d.Tissue}, {"study", d.Study}, {"condition", d.Condition}, {"replicate", d.Replicate}}
}

// rawSignal is values that are not logged, samples × genes, with what was planted.
func rawSignal(values []float32, genes []string, truth any, ids []string, columns ...column) (*gx.Raw, error) {
	planted, err := json.Marshal(truth)
	if err != nil {
		return nil, err
	}
	t := frame.New(ids)
	for _, col := range columns {
		if t, err = t.With(col.name, col.values); err != nil {
			return nil, err
		}
	}
	return &gx.Raw{
		X:     prep.Matrix{Rows: len(ids), Cols: len(genes), Data: values},
		Genes: genes, Samples: t, Scale: "signal", Truth: planted,
	}, nil
}
