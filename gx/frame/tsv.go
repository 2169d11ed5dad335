package frame

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
)

var escaper = strings.NewReplacer("\\", "\\\\", "\t", "\\t", "\n", "\\n", "\r", "\\r")
var unescaper = strings.NewReplacer("\\\\", "\\", "\\t", "\t", "\\n", "\n", "\\r", "\r")

// WriteTSV writes the table so that ReadTSV gives it back: tabs, line ends and
// backslashes within values are written as \t, \n, \r and \\.
func (t *Table) WriteTSV(w io.Writer) error {
	b := bufio.NewWriter(w)
	b.WriteString("id")
	for _, n := range t.names {
		b.WriteString("\t" + escaper.Replace(n))
	}
	for i, id := range t.ids {
		b.WriteString("\n" + escaper.Replace(id))
		for _, n := range t.names {
			b.WriteString("\t" + escaper.Replace(t.cols[n][i]))
		}
	}
	b.WriteString("\n")
	return b.Flush()
}

// ReadTSV reads what WriteTSV wrote.
func ReadTSV(r io.Reader) (*Table, error) {
	all, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSuffix(string(all), "\n"), "\n")
	names := strings.Split(lines[0], "\t")[1:]
	cols := make([][]string, len(names))
	var ids []string
	for i, l := range lines[1:] {
		f := strings.Split(l, "\t")
		if len(f) != len(names)+1 {
			return nil, fault.New(fmt.Sprintf("line %d has %d fields for %d columns", i+2, len(f), len(names)+1), "", "")
		}
		ids = append(ids, unescaper.Replace(f[0]))
		for j := range names {
			cols[j] = append(cols[j], unescaper.Replace(f[j+1]))
		}
	}
	t := New(ids)
	for j, n := range names {
		if t, err = t.With(unescaper.Replace(n), cols[j]); err != nil {
			return nil, err
		}
	}
	return t, nil
}
