package gx

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// A Cohort is a recipe for a set of expression profiles: where they come from
// and the steps that prepare them. It is an immutable value; every verb returns
// a new one and touches no data. The work is done by Keep, usually through
// kernel.Keep, which gives a *Set.
//
//	cohort := datasets.Simulated().Log2().QuantileNormalise().Split("tissue", 75, 25).Seed(7).Standardise()
//
// A bad step is remembered with the line that wrote it; the steps after it
// change nothing, and the error comes out of Keep.
type Cohort struct {
	source Source
	steps  []step
	err    error
	where  string // the line that began it; not in the key
}

// step is one verb of a chain with its arguments.
type step struct {
	Verb string `json:"verb"`
	Args args   `json:"args"`
	Rev  int    `json:"rev"`

	where string // the line that wrote it; not in the key
}

// args are a step's arguments: whatever of them its verb uses.
type args struct {
	Label  string            `json:"label,omitempty"`
	Values []string          `json:"values,omitempty"`
	Parts  []float64         `json:"parts,omitempty"`
	N      int               `json:"n,omitempty"`
	I      int               `json:"i,omitempty"`
	X      float64           `json:"x,omitempty"`
	Seed   uint64            `json:"seed,omitempty"`
	Map    map[string]string `json:"map,omitempty"`
}

// with is the cohort with one more step. The slice is copied, so that two
// chains from one base never share a tail.
func (c Cohort) with(verb string, a args) Cohort {
	if c.err != nil {
		return c
	}
	v, ok := verbs[verb]
	if !ok {
		panic("gx: no such verb: " + verb)
	}
	steps := make([]step, len(c.steps), len(c.steps)+1)
	copy(steps, c.steps)
	c.steps = append(steps, step{Verb: verb, Args: a, Rev: v.rev, where: Caller()})
	return c
}

// failed is the cohort with its first error.
func (c Cohort) failed(verb, what, try string) Cohort {
	if c.err == nil {
		c.err = bad(verb, what, try)
	}
	return c
}

func (c Cohort) has(verbs ...string) (step, bool) {
	for _, s := range c.steps {
		for _, v := range verbs {
			if s.Verb == v {
				return s, true
			}
		}
	}
	return step{}, false
}

// Err is the chain's first bad step, or nil.
func (c Cohort) Err() error {
	if c.err == nil && c.source == nil {
		return bad("Cohort", "it has no source", "datasets.Simulated() or datasets.Open(…)")
	}
	return c.err
}

// Name is what people call the cohort's source.
func (c Cohort) Name() string {
	if c.source == nil {
		return "no source"
	}
	return c.source.Name()
}

// String is the chain as it would be written.
func (c Cohort) String() string {
	var b strings.Builder
	b.WriteString(c.Name())
	for _, s := range c.steps {
		fmt.Fprintf(&b, ".%s(%s)", s.Verb, s.Args)
	}
	return b.String()
}

func (a args) String() string {
	var p []string
	add := func(v any) { p = append(p, fmt.Sprint(v)) }
	if a.Label != "" {
		add(a.Label)
	}
	if len(a.Values) > 20 {
		add(fmt.Sprintf("%d names", len(a.Values)))
	} else {
		for _, v := range a.Values {
			add(v)
		}
	}
	for _, v := range a.Parts {
		add(v)
	}
	if a.N != 0 {
		add(a.N)
	}
	if a.I != 0 {
		add(a.I)
	}
	if a.X != 0 {
		add(a.X)
	}
	if len(a.Map) != 0 {
		add(fmt.Sprintf("%d names", len(a.Map)))
	}
	if a.Seed != 0 {
		add(fmt.Sprintf("seed %d", a.Seed))
	}
	return strings.Join(p, " ")
}

// setRevision is raised when the way a set is made or stored changes.
const setRevision = 1

// Key names the set in the store: a hash of the source's key and of every
// step with its arguments and revision.
func (c Cohort) Key() (string, error) {
	if err := c.Err(); err != nil {
		return "", err
	}
	src, err := c.source.Key()
	if err != nil {
		return "", err
	}
	return keyOf("set", setRevision, src, c.steps), nil
}

// keyOf hashes the JSON of parts into a store key of the given kind.
func keyOf(kind string, parts ...any) string {
	b, err := json.Marshal(parts)
	if err != nil {
		panic("gx: a key cannot be written: " + err.Error()) // plain data: cannot happen
	}
	sum := sha256.Sum256(b)
	return kind + "-" + hex.EncodeToString(sum[:10])
}
