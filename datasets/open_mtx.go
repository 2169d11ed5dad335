package datasets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/prep"
)

// market reads a Matrix Market file: its banner and sizes, then its entries.
type market struct {
	*lines
	array            bool   // every value stands there, column by column
	field            string // "real", "integer" or "pattern"
	rows, cols, some int    // some: how many entries are said to follow
}

const banner = "%%MatrixMarket"

// openMarket reads the banner and the sizes. Sizes are not believed until names
// or entries bear them out.
func openMarket(path string) (*market, error) {
	l, err := openText(path, ' ')
	if err != nil {
		return nil, err
	}
	l.plain = true
	m := &market{lines: l}
	if err := m.start(); err != nil {
		l.close()
		return nil, err
	}
	return m, nil
}

func (m *market) start() error {
	line, err := m.needed("a banner and sizes")
	if err != nil {
		return err
	}
	const try = "a coordinate matrix of real, integer or pattern, or an array of real or integer, general"
	f := strings.Fields(strings.ToLower(string(line)))
	if len(f) != 5 || f[0] != strings.ToLower(banner) || f[1] != "matrix" {
		return fault.New(fmt.Sprintf("%.60q is no banner of a Matrix Market file", line), m.at(), banner+" matrix coordinate integer general")
	}
	m.array, m.field = f[2] == "array", f[3]
	known := f[3] == "real" || f[3] == "double" || f[3] == "integer" || f[3] == "pattern" && !m.array
	if f[2] != "coordinate" && !m.array || !known || f[4] != "general" {
		return fault.New("a Matrix Market file of kind "+strings.Join(f[2:], " ")+" is not read", m.at(), try)
	}
	for line[0] == '%' {
		if line, err = m.needed("the line of sizes"); err != nil {
			return err
		}
	}
	to := []*int{&m.rows, &m.cols, &m.some}
	if m.array {
		to = to[:2]
	}
	sizes := strings.Fields(string(line))
	if len(sizes) != len(to) {
		return fault.New(fmt.Sprintf("the line of sizes has %d numbers", len(sizes)), m.at(), fmt.Sprintf("%d: rows, columns and, of a coordinate matrix, entries", len(to)))
	}
	for i, s := range sizes {
		n, err := strconv.ParseUint(s, 10, 62)
		if err != nil || i < 2 && n > math.MaxInt32 {
			return fault.New(fmt.Sprintf("%q is no size", s), m.at(), "whole numbers: rows, columns and, of a coordinate matrix, entries")
		}
		*to[i] = int(n)
	}
	if m.rows == 0 || m.cols == 0 {
		return fault.New("the matrix is empty", m.at(), "a matrix of several genes and cells")
	}
	return nil
}

// into reads the entries into x, cells × genes. The matrix is genes × cells, or
// across; its genes' places among x's columns are column's, −1 for what is left
// out. Entries of one place are summed, as scipy and R do.
func (m *market) into(ctx context.Context, x prep.Matrix, column []int, across bool, tell gx.Tell) error {
	n := 0
	for ; ; n++ {
		line, err := m.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		gene, cell, v, err := m.entry(line, n)
		if err != nil {
			return err
		}
		if across {
			gene, cell = cell, gene
		}
		if j := column[gene]; j >= 0 {
			x.Data[cell*x.Cols+j] += v
		}
		if n&(1<<16-1) == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			m.progress(tell)
		}
	}
	want := m.some
	if m.array {
		want = m.rows * m.cols
	}
	if n != want {
		return fault.New(fmt.Sprintf("the file says %d entries and has %d", want, n), place{m.path, m.ends}.String(), "fetching or copying it again: it may be cut off")
	}
	return nil
}

// entry reads a line of entries, the n-th.
func (m *market) entry(line []byte, n int) (r, c int, v float32, err error) {
	if m.array {
		if r, c = n%max(1, m.rows), n/max(1, m.rows); c >= m.cols {
			return 0, 0, 0, fault.New(fmt.Sprintf("there are more values than the %d × %d that the file says", m.rows, m.cols), m.at(), "sizes that are right")
		}
		v, err = m.value(bytes.TrimSpace(line))
		return r, c, v, err
	}
	a, rest := index(line)
	b, rest := index(rest)
	if a < 1 || b < 1 || a > m.rows || b > m.cols {
		return 0, 0, 0, fault.New(fmt.Sprintf("%.60q is no entry of a matrix of %d × %d", line, m.rows, m.cols), m.at(), "row and column, counted from 1, and the value")
	}
	rest = bytes.TrimSpace(rest)
	if m.field == "pattern" {
		if len(rest) > 0 {
			return 0, 0, 0, fault.New(fmt.Sprintf("%.60q has a value, and a pattern has none", line), m.at(), "real or integer in the banner")
		}
		return a - 1, b - 1, 1, nil
	}
	v, err = m.value(rest)
	return a - 1, b - 1, v, err
}

func (m *market) value(f []byte) (float32, error) {
	v, ok := parse(f)
	if !ok || len(f) == 0 {
		what, try := notNumber(f)
		return 0, fault.New(what, m.at(), try)
	}
	return v, nil
}

// index reads a whole number from the start of s, after blanks; 0 where there is
// none. What follows it must be a blank or the end.
func index(s []byte) (n int, rest []byte) {
	for len(s) > 0 && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	i := 0
	for ; i < len(s) && i < 10 && s[i]-'0' <= 9; i++ {
		n = n*10 + int(s[i]-'0')
	}
	if i == 0 || i < len(s) && s[i] != ' ' && s[i] != '\t' {
		return 0, nil
	}
	return n, s[i:]
}
