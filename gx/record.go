package gx

import (
	"runtime/debug"
	"sort"
)

// A Record says how a result came about, and travels with it, so that any
// figure can say where it comes from.
type Record struct {
	What     string            `json:"what"`     // the recipe in words
	Source   string            `json:"source"`   // the data's name
	Data     string            `json:"data"`     // the set's key, a hash of data and steps
	Steps    []string          `json:"steps"`    // the cohort's steps
	Settings map[string]any    `json:"settings"` // everything that decides the numbers
	Seed     uint64            `json:"seed"`
	Samples  int               `json:"samples"` // that were learned from
	Genes    int               `json:"genes"`
	Device   string            `json:"device,omitempty"` // that a network was trained on
	Versions map[string]string `json:"versions"`
}

// versions are those of the modules that make the numbers.
func versions() map[string]string {
	v := map[string]string{}
	bi, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v["go"] = bi.GoVersion
	for _, m := range append(bi.Deps, &bi.Main) {
		switch m.Path {
		case "github.com/gxlab/gxlab", "gorgonia.org/gorgonia", "gonum.org/v1/gonum":
			v[m.Path] = m.Version
		}
	}
	return v
}

// Steps are the chain's steps as text.
func (c Cohort) Steps() []string {
	out := make([]string, len(c.steps))
	for i, s := range c.steps {
		out[i] = s.Verb + "(" + s.Args.String() + ")"
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
