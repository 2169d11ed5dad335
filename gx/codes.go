package gx

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/store"
)

// Codes are profiles packed into a few numbers each, samples × components: the
// cell identity codes (CICs) of the first paper.
type Codes struct {
	prep.Matrix
	Samples *frame.Table
	Model   string   // what made them
	Missing []string // genes the model knows and the samples lack: taken at their training mean

	from  *Set
	layer int // of a network, where these are not its code's activations
}

// String is the codes in one line, missing genes said.
func (c *Codes) String() string {
	s := fmt.Sprintf("codes of %s: %d samples × %d components", c.Model, c.Rows, c.Cols)
	if n := len(c.Missing); n > 0 {
		s += fmt.Sprintf("; %d genes missing and taken at their training mean: %s", n, legal(c.Missing))
	}
	return s
}

// SaveTSV writes the codes as a table of tab-separated values: a line a sample,
// with its name first. The file appears whole or not at all.
func (c *Codes) SaveTSV(path string) error {
	names := make([]string, c.Cols)
	for i := range names {
		names[i] = fmt.Sprintf("code_%d", i+1)
	}
	return saveTSV(path, c.Samples.IDs(), names, c.Row)
}

// SaveTSV writes the profiles in the data's own units as a table of
// tab-separated values, a line a sample, with its name first: what
// datasets.Open reads. The file appears whole or not at all.
func (s *Set) SaveTSV(path string) error {
	return saveTSV(path, s.Samples().IDs(), s.Genes(), s.Row)
}

func saveTSV(path string, rows, cols []string, row func(int) []float32) error {
	var b strings.Builder
	if err := writeTSV(&b, rows, cols, row); err != nil {
		return fault.Wrap(err, "a table cannot be written", path, "")
	}
	return store.ReplaceFile(path, []byte(b.String()))
}

func writeTSV(to io.Writer, rows, cols []string, row func(int) []float32) error {
	w := bufio.NewWriterSize(to, 1<<16)
	w.WriteString("sample")
	for _, c := range cols {
		w.WriteByte('\t')
		w.WriteString(c)
	}
	var num []byte
	for i, r := range rows {
		w.WriteByte('\n')
		w.WriteString(r)
		for _, v := range row(i) {
			num = strconv.AppendFloat(append(num[:0], '\t'), float64(v), 'g', -1, 32)
			w.Write(num)
		}
	}
	w.WriteByte('\n')
	return w.Flush()
}
