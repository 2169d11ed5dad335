package gx

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/gxlab/gxlab/gx/prep"
)

// A Reference is the profile that samples are compared with when a network's units
// are attributed to genes: what "no signal" means. Contributions tell why a unit
// differs from what it is at the reference.
type Reference struct {
	Kind  string `json:"kind"`
	Label string `json:"label,omitempty"`
	Value string `json:"value,omitempty"`
	K     int    `json:"k,omitempty"`
}

// ZeroReference is 0 for every gene, in the values that the network sees: of a
// standardised or centred cohort that is the training mean, of log2 values it lies far
// from every sample.
func ZeroReference() Reference { return Reference{Kind: "zero"} }

// MeanReference is every gene's mean over the training part.
func MeanReference() Reference { return Reference{Kind: "mean"} }

// GroupReference is every gene's mean over the training samples whose label is value,
// such as GroupReference("diagnosis", "normal").
func GroupReference(label, value string) Reference {
	return Reference{Kind: "group", Label: label, Value: value}
}

// SampleReference is k training samples drawn at random (Attribution.Seed): every
// sample's contributions are their mean over those k references. It takes k times as
// long as one.
func SampleReference(k int) Reference { return Reference{Kind: "samples", K: k} }

// String is the reference in words.
func (r Reference) String() string {
	switch r.Kind {
	case "zero":
		return "zero"
	case "mean":
		return "the gene means"
	case "group":
		return fmt.Sprintf("the gene means of %s %s", r.Label, r.Value)
	case "samples":
		return fmt.Sprintf("%d training samples", r.K)
	}
	return "no reference"
}

// wrong says what is wrong with the reference, and what to try.
func (r Reference) wrong() (what, try string) {
	switch {
	case r.Kind == "":
		return "no reference", "ZeroReference(), MeanReference(), GroupReference(label, value) or SampleReference(k)"
	case r.Kind == "group" && (r.Label == "" || r.Value == ""):
		return "a group needs a label and a value", `GroupReference("diagnosis", "normal")`
	case r.Kind == "samples" && r.K < 1:
		return fmt.Sprintf("%d samples", r.K), "a number from 1 up, such as SampleReference(20)"
	}
	return "", ""
}

// rows are the reference's profiles in the model's genes and the network's units, from
// a set's training part.
func (r Reference) rows(m *Model, train *Set, seed uint64) (Matrix, error) {
	switch r.Kind {
	case "zero":
		return prep.NewMatrix(1, len(m.genes)), nil
	case "mean":
		return m.scaled(m.mean), nil
	case "group":
		labels, err := train.Labels(r.Label)
		if err != nil {
			return Matrix{}, err
		}
		var index []int
		for i, l := range labels {
			if l == r.Value {
				index = append(index, i)
			}
		}
		if len(index) == 0 {
			have := slices.Clone(labels)
			sort.Strings(have)
			return Matrix{}, bad("GroupReference", fmt.Sprintf("no training sample has %s %q", r.Label, r.Value), "one of "+legal(slices.Compact(have)))
		}
		x, _, err := m.aligned(train.Select(index...))
		if err != nil {
			return Matrix{}, err
		}
		mean, _ := prep.Moments(x, every(x.Rows))
		out := prep.NewMatrix(1, x.Cols)
		for j, v := range mean {
			out.Data[j] = float32(v)
		}
		return out, nil
	}
	if r.K > train.N() {
		return Matrix{}, bad("SampleReference", fmt.Sprintf("%d of %d training samples", r.K, train.N()), "fewer")
	}
	index := rand.New(rand.NewPCG(seed, 0x4efe4)).Perm(train.N())[:r.K]
	sort.Ints(index)
	x, _, err := m.aligned(train.Select(index...))
	return x, err
}

// scaled is one profile in the network's units.
func (m *Model) scaled(profile []float32) Matrix {
	x := prep.NewMatrix(1, len(profile))
	copy(x.Data, profile)
	if m.shift != nil {
		for j := range x.Data {
			x.Data[j] = (x.Data[j] - m.shift[j]) / m.scale[j]
		}
	}
	return x
}
