package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gxlab/gxlab/gx/fault"
)

// texts are a line's fields without the blanks and quotation marks around them. width
// is how many are expected, 0 where that is not known: a mark that opens a field and
// closes none is text.
func (l *lines) texts(line []byte, delim byte, width int) ([]string, error) {
	parts := bytes.Split(line, []byte{delim})
	if len(parts) != width && !unclosed(line, delim) {
		parts = fields(line, delim, nil)
	}
	out := make([]string, len(parts))
	for i, f := range parts {
		var err error
		if out[i], err = l.text(f, i); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// text is field number i of the last line, from 0.
func (l *lines) text(f []byte, i int) (string, error) {
	f = bytes.TrimSpace(f)
	if len(f) > 1 && f[0] == '"' {
		if inner, rest, closed := quoted(f); closed && len(rest) == 0 {
			f = bytes.TrimSpace(inner)
		}
	}
	short := f[:min(len(f), 30)]
	if !utf8.Valid(f) {
		if at := badByte(f); at > 20 {
			short = f[at-20 : min(len(f), at+10)]
		}
		return "", fault.New(fmt.Sprintf("the name %q is not UTF-8", short), l.column(i), "saving the file as UTF-8")
	}
	if l.plain && bytes.IndexByte(f, '\r') >= 0 {
		return "", fault.New(fmt.Sprintf("a line end stands within the line, in %q", short), l.column(i), "line ends of one kind")
	}
	return string(f), nil
}

// badByte is where the first byte stands that is not UTF-8.
func badByte(f []byte) int {
	for i := 0; i < len(f); {
		r, n := utf8.DecodeRune(f[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(f)
}

// column is where field i of the last line stands, i from 0.
func (l *lines) column(i int) string { return fmt.Sprintf("%s, column %d", l.at(), i+1) }

// exact reads a finite number in full precision, which thresholds are compared in;
// false for one that is missing.
func exact(s string) (float64, bool) {
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && !math.IsNaN(v) && !math.IsInf(v, 0) && !strings.ContainsAny(s, "xX_")
}

// missing says whether a cell of numbers holds none.
func missing(s string) bool {
	v, ok := parse([]byte(s))
	return ok && v != v
}

// heading is a header's name without what tables write differently: case, blanks,
// signs.
func heading(h string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" _-.#()/", r) {
			return -1
		}
		return r
	}, strings.ToLower(h))
}

// columnOf is the place of the first of names that head has, -1 where it has none.
func columnOf(head []string, names ...string) int {
	for _, n := range names {
		if i := slices.IndexFunc(head, func(h string) bool { return heading(h) == n }); i >= 0 {
			return i
		}
	}
	return -1
}

// each gives take every line that is left, as fields.
func (l *lines) each(delim byte, width int, take func([]string) error) error {
	for {
		line, err := l.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		row, err := l.texts(line, delim, width)
		if err == nil {
			err = take(row)
		}
		if err != nil {
			return err
		}
	}
}

// tally is how often something happened that a reader of the result should know.
type tally struct {
	count int
	what  string
}

// say tells what happened at all.
func say(notes func(string), of ...tally) {
	for _, t := range of {
		if notes != nil && t.count > 0 {
			notes(fmt.Sprintf("%d %s", t.count, t.what))
		}
	}
}
