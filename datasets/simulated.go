package datasets

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/prep"
)

// Simulated is the simulated cohort at size small (16 tissues × 65 samples × 2000
// genes), seed 1. Values are array signals, not logged. Simulation and Truth say what
// is planted, what is noise, and what the simulator is not held to.
func Simulated() gx.Cohort { return SimulatedAt("small", 1) }

// SimulatedAt is the simulated cohort of a size and seed: "tiny" (16 tissues × 10
// samples × 500 genes), "small" (16 × 65 × 2000) or "paper" (16 × 65 × 20184, the
// size of the first paper's data).
func SimulatedAt(scale string, seed uint64) gx.Cohort {
	c, ok := sizes[scale]
	if !ok {
		return gx.Failed(fault.New(fmt.Sprintf("there is no simulated cohort of size %q", scale), gx.Caller(), "one of tiny, small, paper"))
	}
	c.Seed = seed
	return gx.From(simulated{scale, c})
}

var sizes = map[string]Simulation{
	"tiny":  {Samples: 10, Genes: 500, Studies: 2},
	"small": {Samples: 65, Genes: 2000, Studies: 5},
	"paper": {Samples: 65, Genes: 20184, Studies: 5},
}

// simulatorRevision is raised when the same seed gives other values.
const simulatorRevision = 1

type simulated struct {
	scale string
	c     Simulation
}

func (s simulated) Name() string { return fmt.Sprintf("simulated %s, seed %d", s.scale, s.c.Seed) }

func (s simulated) Key() (string, error) {
	return fmt.Sprintf("simulated %+v revision %d", s.c, simulatorRevision), nil
}

func (s simulated) Read(ctx context.Context, tell gx.Tell) (*gx.Raw, error) {
	d, err := s.c.Run(ctx)
	if err != nil {
		return nil, err
	}
	truth, err := json.Marshal(d.Truth)
	if err != nil {
		return nil, err
	}
	t := frame.New(d.IDs)
	for _, col := range []struct {
		name   string
		values []string
	}{{"tissue", d.Tissue}, {"study", d.Study}, {"condition", d.Condition}, {"replicate", d.Replicate}} {
		if t, err = t.With(col.name, col.values); err != nil {
			return nil, err
		}
	}
	if tell != nil {
		tell("simulated "+strings.TrimPrefix(s.Name(), "simulated "), 1, 1)
	}
	return &gx.Raw{
		X:     prep.Matrix{Rows: len(d.IDs), Cols: len(d.Genes), Data: d.Signal},
		Genes: d.Genes, Samples: t, Scale: "signal", Truth: truth,
	}, nil
}
