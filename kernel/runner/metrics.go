package runner

import (
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strings"
)

// glueType is the MIME type under which cells hand on their numbers.
const glueType = "application/vnd.gxlab.glue+json"

// Metrics are the values that a notebook glued, by name.
type Metrics struct {
	names  []string
	values map[string]any
}

// take keeps a value that an output carries.
func (m *Metrics) take(data map[string]json.RawMessage) {
	raw, ok := data[glueType]
	if !ok {
		return
	}
	var s string // the engine hands JSON on as text
	if json.Unmarshal(raw, &s) == nil && json.Valid([]byte(s)) {
		raw = json.RawMessage(s)
		data[glueType] = raw
	}
	var v struct {
		Name  string `json:"name"`
		Value any    `json:"value"`
	}
	if json.Unmarshal(raw, &v) == nil && v.Name != "" {
		m.set(v.Name, v.Value)
	}
}

func (m *Metrics) set(name string, value any) {
	if m.values == nil {
		m.values = map[string]any{}
	}
	if _, ok := m.values[name]; !ok {
		m.names = append(m.names, name)
	}
	m.values[name] = value
}

// Get is the value of that name.
func (m *Metrics) Get(name string) (any, bool) { v, ok := m.values[name]; return v, ok }

// Number is the number of that name; NaN where there is none.
func (m *Metrics) Number(name string) float64 {
	if f, ok := m.values[name].(float64); ok {
		return f
	}
	return math.NaN()
}

// Names are the names in the order they were glued.
func (m *Metrics) Names() []string { return m.names }

// Write writes JSON to a file, which appears whole or not at all.
func (m *Metrics) Write(path string) error {
	b, err := m.JSON()
	if err != nil {
		return err
	}
	return replaceFile(path, b)
}

// JSON is one flat object, names sorted.
func (m *Metrics) JSON() ([]byte, error) {
	v := m.values
	if v == nil {
		v = map[string]any{}
	}
	b, err := encode(v, " ")
	return append(b, '\n'), err
}

// Together sums up runs with several seeds: name is the mean over the seeds,
// name_min and name_max the range, name_seed7 the single values.
func Together(seeds []string, runs []*Metrics) *Metrics {
	out := &Metrics{}
	if len(runs) == 0 {
		return out
	}
	for _, name := range runs[0].names {
		var xs []float64
		for _, r := range runs {
			if f, ok := r.values[name].(float64); ok {
				xs = append(xs, f)
			}
		}
		if len(xs) == len(runs) {
			sum, lo, hi := 0.0, math.Inf(1), math.Inf(-1)
			for _, x := range xs {
				sum += x
				lo, hi = math.Min(lo, x), math.Max(hi, x)
			}
			out.set(name, sum/float64(len(xs)))
			out.set(name+"_min", lo)
			out.set(name+"_max", hi)
		}
		for i, r := range runs {
			out.set(name+"_seed"+seeds[i], r.values[name])
		}
	}
	return out
}

// Table is the metrics as text; of several seeds, mean and range.
func (m *Metrics) Table() string {
	var names []string
	width := 0
	for _, n := range m.names {
		if strings.HasSuffix(n, "_min") || strings.HasSuffix(n, "_max") || strings.Contains(n, "_seed") {
			continue
		}
		names = append(names, n)
		width = max(width, len(n))
	}
	sort.Strings(names)
	var b strings.Builder
	for _, n := range names {
		fmt.Fprintf(&b, "  %-*s  %s", width, n, text(m.values[n]))
		if lo, ok := m.values[n+"_min"]; ok {
			fmt.Fprintf(&b, "   %s … %s", text(lo), text(m.values[n+"_max"]))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func text(v any) string {
	if f, ok := v.(float64); ok {
		return fmt.Sprintf("%.4g", f)
	}
	return fmt.Sprint(v)
}
