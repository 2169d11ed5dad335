package runner

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
)

// Notebook is a notebook of nbformat 4. Fields that we do not know are kept.
type Notebook struct {
	Cells []*Cell
	rest  map[string]json.RawMessage
}

// Cell is one cell of a notebook.
type Cell struct {
	Type    string // "code", "markdown", "raw"
	ID      string
	Source  string
	Tags    []string
	Outputs []Output
	Count   int // execution count; 0: not executed

	injected bool
	meta     map[string]json.RawMessage
	rest     map[string]json.RawMessage
}

// Output is one output of a code cell, as nbformat has it.
type Output struct {
	Type      string                     `json:"output_type"` // "stream", "display_data", "execute_result", "error"
	Name      string                     `json:"name,omitempty"`
	Text      multiline                  `json:"text,omitempty"`
	Data      map[string]json.RawMessage `json:"data,omitempty"`
	Metadata  map[string]json.RawMessage `json:"metadata,omitempty"`
	EName     string                     `json:"ename,omitempty"`
	EValue    string                     `json:"evalue,omitempty"`
	Traceback []string                   `json:"traceback,omitempty"`
	Count     *int                       `json:"execution_count,omitempty"`

	displayID string
}

// multiline is text that files may hold as a list of lines.
type multiline string

func (m *multiline) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*m = multiline(s)
		return nil
	}
	var l []string
	if err := json.Unmarshal(b, &l); err != nil {
		return err
	}
	*m = multiline(strings.Join(l, ""))
	return nil
}

func (m multiline) MarshalJSON() ([]byte, error) {
	lines := strings.SplitAfter(string(m), "\n")
	if n := len(lines); n > 0 && lines[n-1] == "" {
		lines = lines[:n-1]
	}
	return encode(lines, "")
}

// MarshalJSON writes the fields that nbformat asks of each type, also when empty.
func (o Output) MarshalJSON() ([]byte, error) {
	v := map[string]any{"output_type": o.Type}
	switch o.Type {
	case "stream":
		v["name"], v["text"] = o.Name, o.Text
	case "error":
		v["ename"], v["evalue"], v["traceback"] = o.EName, o.EValue, append([]string{}, o.Traceback...)
	default:
		v["data"], v["metadata"] = o.Data, o.Metadata
		if o.Metadata == nil {
			v["metadata"] = map[string]any{}
		}
		if o.Type == "execute_result" {
			v["execution_count"] = o.Count
		}
	}
	return encode(v, "")
}

// encode is JSON without escapes of <, > and &.
func encode(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// Read reads a notebook.
func Read(path string) (*Notebook, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(err, "the notebook cannot be read", path, "the path of an .ipynb file")
	}
	n, err := Parse(b)
	if err != nil {
		return nil, fault.Wrap(err, "this is no notebook", path, "an .ipynb file of nbformat 4")
	}
	return n, nil
}

// Parse reads a notebook from JSON.
func Parse(b []byte) (*Notebook, error) {
	n := &Notebook{}
	if err := json.Unmarshal(b, &n.rest); err != nil {
		return nil, err
	}
	var major int
	if err := json.Unmarshal(n.rest["nbformat"], &major); err != nil || major != 4 {
		return nil, fmt.Errorf("nbformat %s", n.rest["nbformat"])
	}
	var cells []map[string]json.RawMessage
	if err := json.Unmarshal(n.rest["cells"], &cells); err != nil {
		return nil, fmt.Errorf("cells: %w", err)
	}
	delete(n.rest, "cells")
	for i, raw := range cells {
		c := &Cell{rest: raw, meta: map[string]json.RawMessage{}}
		var src multiline
		var count *int
		for key, to := range map[string]any{
			"cell_type": &c.Type, "id": &c.ID, "source": &src, "outputs": &c.Outputs, "metadata": &c.meta, "execution_count": &count,
		} {
			if v, ok := raw[key]; ok {
				if err := json.Unmarshal(v, to); err != nil {
					return nil, fmt.Errorf("cell %d: %s: %w", i+1, key, err)
				}
				delete(raw, key)
			}
		}
		if t, ok := c.meta["tags"]; ok {
			if err := json.Unmarshal(t, &c.Tags); err != nil {
				return nil, fmt.Errorf("cell %d: tags: %w", i+1, err)
			}
		}
		if count != nil {
			c.Count = *count
		}
		c.Source = string(src)
		n.Cells = append(n.Cells, c)
	}
	return n, nil
}

// JSON is the notebook as a file holds it.
func (n *Notebook) JSON() ([]byte, error) {
	cells := []map[string]any{}
	for _, c := range n.Cells {
		v := map[string]any{}
		for k, r := range c.rest {
			v[k] = r
		}
		meta := map[string]any{}
		for k, r := range c.meta {
			meta[k] = r
		}
		if len(c.Tags) > 0 {
			meta["tags"] = c.Tags
		}
		v["cell_type"], v["source"], v["metadata"] = c.Type, multiline(c.Source), meta
		if c.ID != "" {
			v["id"] = c.ID
		}
		if c.Type == "code" {
			v["outputs"] = append([]Output{}, c.Outputs...)
			v["execution_count"] = nil
			if c.Count > 0 {
				v["execution_count"] = c.Count
			}
		}
		cells = append(cells, v)
	}
	all := map[string]any{}
	for k, r := range n.rest {
		all[k] = r
	}
	all["cells"] = cells
	b, err := encode(all, " ")
	return append(b, '\n'), err
}

// tagged is the first code cell with that tag, or −1.
func (n *Notebook) tagged(tag string) int {
	return slices.IndexFunc(n.Cells, func(c *Cell) bool { return c.Type == "code" && slices.Contains(c.Tags, tag) })
}
