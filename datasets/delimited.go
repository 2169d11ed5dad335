package datasets

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/prep"
)

// lines reads a table line by line.
type lines struct {
	path  string
	file  *os.File
	gz    bool
	r     *bufio.Reader
	delim byte
	line  int
	buf   []byte
	total int64
	count *counted
}

// counted counts what is read of a file.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

// kinds are files that are no tables, by their first bytes.
var kinds = []struct{ magic, what string }{
	{"PK\x03\x04", "a zip or xlsx file"}, {"\xd0\xcf\x11\xe0", "an old Excel file (.xls)"}, {"\x89HDF", "an HDF5 file (h5, h5ad, gctx)"},
	{"%PDF", "a PDF file"}, {"RDX", "an R data file"}, {"RDA", "an R data file"}, {"X\n\x00\x00", "an R data file (.rds)"}, {"BZh", "a bzip2 file"},
	{"\xfd7zXZ", "an xz file"}, {"\x28\xb5\x2f\xfd", "a zstd file"}, {"\x93NUMPY", "a NumPy file"}, {"PAR1", "a Parquet file"},
}

func openLines(path string) (*lines, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	l := &lines{path: path, file: f, count: &counted{r: f}}
	if fi, err := f.Stat(); err == nil {
		l.total = fi.Size()
	}
	l.r = bufio.NewReaderSize(l.count, 1<<18)
	if head, _ := l.r.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(l.r)
		if err != nil {
			f.Close()
			return nil, fault.Wrap(err, "the gzip file cannot be read", path, "the whole file: it may have been cut off")
		}
		l.gz = true
		l.r = bufio.NewReaderSize(z, 1<<18)
	}
	head, err := l.r.Peek(8)
	if len(head) == 0 {
		f.Close()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, l.broken(err)
		}
		return nil, fault.New("the file is empty", path, "a table with a header line")
	}
	for _, k := range kinds {
		if strings.HasPrefix(string(head), k.magic) {
			f.Close()
			return nil, fault.New("this is no table of text but "+k.what, path, "saving it as TSV or CSV first")
		}
	}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		_, _ = l.r.Discard(3)
	}
	return l, nil
}

func (l *lines) close() { l.file.Close() }

// broken is an error of reading: a gzip file that ends too soon, most often.
func (l *lines) broken(err error) error {
	if l.gz && (errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader)) {
		return fault.Wrap(err, "the gzip file is cut off or damaged", fmt.Sprintf("%s, after line %d", l.path, l.line), "fetching or copying it again")
	}
	return fault.Wrap(err, "the file cannot be read", fmt.Sprintf("%s, after line %d", l.path, l.line), "fetching or copying it again")
}

// next is the next line that is not empty, without its end; io.EOF after the last.
// Lines end with \n or \r\n. A quoted field may hold line ends.
func (l *lines) next() ([]byte, error) {
	for {
		l.buf = l.buf[:0]
		quotes := 0
		var end error
		for {
			part, err := l.r.ReadSlice('\n')
			l.buf = append(l.buf, part...)
			quotes += bytes.Count(part, []byte{'"'})
			if errors.Is(err, bufio.ErrBufferFull) {
				continue
			}
			if err == nil && quotes%2 == 1 && len(l.buf) < 1<<20 {
				continue // within quotes
			}
			end = err
			break
		}
		if end != nil && !errors.Is(end, io.EOF) {
			return nil, l.broken(end)
		}
		if len(l.buf) == 0 && end != nil {
			return nil, io.EOF
		}
		l.line++
		line := bytes.TrimRight(l.buf, "\r\n")
		if len(bytes.TrimSpace(line)) == 0 {
			if end != nil {
				return nil, io.EOF
			}
			continue
		}
		if l.delim == 0 {
			l.delim = sniff(line)
		}
		if bytes.IndexByte(line, 0) >= 0 {
			return nil, fault.New("this is no text: it holds zero bytes", fmt.Sprintf("%s, line %d", l.path, l.line), "a TSV or CSV file in UTF-8")
		}
		return line, nil
	}
}

// sniff is the delimiter of a header line.
func sniff(line []byte) byte {
	best, most := byte('\t'), 0
	for _, d := range []byte{'\t', ',', ';'} {
		if n := bytes.Count(line, []byte{d}); n > most {
			best, most = d, n
		}
	}
	return best
}

// fields cuts a line at its delimiter; a field in quotes may hold it.
func (l *lines) fields(line []byte, to [][]byte) [][]byte {
	to = to[:0]
	for {
		if len(line) > 0 && line[0] == '"' {
			var field []byte
			i := 1
			for i < len(line) {
				if line[i] == '"' {
					if i+1 < len(line) && line[i+1] == '"' {
						field = append(field, '"')
						i += 2
						continue
					}
					i++
					break
				}
				field = append(field, line[i])
				i++
			}
			to = append(to, field)
			line = line[i:]
			k := bytes.IndexByte(line, l.delim)
			if k < 0 {
				return to
			}
			line = line[k+1:]
			continue
		}
		k := bytes.IndexByte(line, l.delim)
		if k < 0 {
			return append(to, line)
		}
		to = append(to, line[:k])
		line = line[k+1:]
	}
}

// name is a field as a name.
func (l *lines) name(f []byte) (string, error) {
	f = bytes.TrimSpace(f)
	if !utf8.Valid(f) {
		return "", fault.New(fmt.Sprintf("the name %q is not UTF-8", f), fmt.Sprintf("%s, line %d", l.path, l.line), "saving the file as UTF-8")
	}
	return string(f), nil
}

// numbers is a table of numbers with its names.
type numbers struct {
	x          prep.Matrix
	rows, cols []string
	notes      []string
}

// readNumbers reads a table of numbers: a header, and a name first in every line.
func readNumbers(ctx context.Context, path string, tell gx.Tell) (*numbers, error) {
	l, err := openLines(path)
	if err != nil {
		return nil, err
	}
	defer l.close()
	head, err := l.next()
	if err != nil {
		return nil, firstLine(err, path)
	}
	t := &numbers{}
	var fs [][]byte
	fs = l.fields(head, fs)
	for _, f := range fs {
		n, err := l.name(f)
		if err != nil {
			return nil, err
		}
		t.cols = append(t.cols, n)
	}
	full := t.cols
	width := -1
	for {
		line, err := l.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(t.rows)%64 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if tell != nil && l.total > 0 {
				tell("reading "+path, int(l.count.n*1000/l.total), 1000)
			}
		}
		fs = l.fields(line, fs)
		if width < 0 {
			// R writes a header without a name for the column of row names.
			switch len(fs) {
			case len(full):
				t.cols, width = full[1:], len(full)
			case len(full) + 1:
				width = len(full) + 1
			default:
				return nil, ragged(l, len(fs), len(full))
			}
		}
		if len(fs) != width {
			return nil, ragged(l, len(fs), width)
		}
		id, err := l.name(fs[0])
		if err != nil {
			return nil, err
		}
		t.rows = append(t.rows, id)
		for c, f := range fs[1:] {
			v, ok := parse(f)
			if !ok {
				return nil, fault.New(fmt.Sprintf("%q is not a number", clip(f)),
					fmt.Sprintf("%s, line %d, column %d: row %s, column %s", path, l.line, c+2, id, t.cols[c]), "a number, or an empty cell where the value is missing")
			}
			t.x.Data = append(t.x.Data, v)
		}
	}
	if len(t.rows) == 0 || len(t.cols) == 0 {
		return nil, fault.New("the table has a header and no values", path, "a header line and a line for each sample or gene")
	}
	t.x.Rows, t.x.Cols = len(t.rows), len(t.cols)
	return t, nil
}

func firstLine(err error, path string) error {
	if errors.Is(err, io.EOF) {
		return fault.New("the file holds empty lines alone", path, "a table with a header line")
	}
	return err
}

func ragged(l *lines, got, want int) error {
	return fault.New(fmt.Sprintf("the line has %d fields, the others have %d", got, want), fmt.Sprintf("%s, line %d", l.path, l.line),
		"the same number of fields in every line; is the file cut off?")
}

func clip(f []byte) string {
	if len(f) > 30 {
		return string(f[:30]) + "…"
	}
	return string(f)
}

// pow10 are exact in float64.
var pow10 = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// parse reads a number. Decimals of up to 15 digits are read at once: such a
// number and a power of ten up to 22 are both exact in float64, so that their
// quotient is the nearest float64, as strconv's is.
func parse(f []byte) (float32, bool) {
	f = bytes.TrimSpace(f)
	s := f
	neg := false
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		neg, s = s[0] == '-', s[1:]
	}
	var digits uint64
	n, point, frac, any := 0, false, 0, false
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9':
			any = true
			digits = digits*10 + uint64(c-'0')
			if digits != 0 {
				n++
			}
			if point {
				frac++
			}
		case c == '.' && !point:
			point = true
		default:
			return parseSlow(f)
		}
		if n > 15 {
			return parseSlow(f)
		}
	}
	if !any || frac > 22 {
		return parseSlow(f)
	}
	v := float64(digits) / pow10[frac]
	if neg {
		v = -v
	}
	return float32(v), true
}

// parseSlow reads every other number and the names of a missing one. Infinities
// are no values.
func parseSlow(f []byte) (float32, bool) {
	switch s := string(f); s {
	case "", "NA", "NaN", "nan", "NAN", "N/A", "n/a", "null", "NULL":
		return float32(math.NaN()), true
	default:
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsInf(v, 0) || math.Abs(v) > math.MaxFloat32 || strings.ContainsAny(s, "xX_") {
			return 0, false
		}
		return float32(v), true
	}
}

// textTable is a table of text.
type textTable struct {
	head []string
	rows [][]string
}

func (t *textTable) column(c int) []string {
	out := make([]string, len(t.rows))
	for i, r := range t.rows {
		out[i] = r[c]
	}
	return out
}

// readText reads a table of text with a header line.
func readText(path string) (*textTable, error) {
	l, err := openLines(path)
	if err != nil {
		return nil, err
	}
	defer l.close()
	t := &textTable{}
	var fs [][]byte
	for {
		line, err := l.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		fs = l.fields(line, fs)
		var row []string
		for _, f := range fs {
			n, err := l.name(f)
			if err != nil {
				return nil, err
			}
			row = append(row, n)
		}
		switch {
		case t.head == nil:
			t.head = row
		case len(t.rows) == 0 && len(row) == len(t.head)+1: // R's way without a name for row names
			t.head = append([]string{"sample"}, t.head...)
			t.rows = append(t.rows, row)
		case len(row) != len(t.head):
			return nil, ragged(l, len(row), len(t.head))
		default:
			t.rows = append(t.rows, row)
		}
	}
	if len(t.rows) == 0 {
		return nil, fault.New("the table of labels has a header at most", path, "a header line and a line for each sample")
	}
	return t, unique(t.head, "label", path)
}
