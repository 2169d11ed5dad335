package datasets

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"

	"github.com/gxlab/gxlab/gx/fault"
)

// lines reads a table line by line.
type lines struct {
	path  string
	file  *os.File
	gz    bool
	r     *bufio.Reader
	ahead *ahead
	delim byte
	line  int // where the last line began, from 1
	ends  int // line ends so far
	buf   []byte
	total int64
	count *counted
}

// counted counts what is read of a file.
type counted struct {
	r io.Reader
	n atomic.Int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n.Add(int64(n))
	return n, err
}

const window = 1 << 18

// openLines opens a table; gzip is told by its first bytes, whatever the name.
func openLines(path string) (*lines, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	l := &lines{path: path, file: f, count: &counted{r: f}}
	if err := l.start(); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *lines) start() error {
	if fi, err := l.file.Stat(); err == nil {
		l.total = fi.Size()
	}
	l.r = bufio.NewReaderSize(l.count, window)
	if head, _ := l.r.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		l.gz = true
		z, err := gzip.NewReader(l.r)
		if err != nil {
			return l.broken(err)
		}
		l.ahead = readAhead(z)
		l.r = bufio.NewReaderSize(l.ahead, window)
	}
	head, err := l.r.Peek(window)
	if len(head) == 0 {
		if err != nil && !errors.Is(err, io.EOF) {
			return l.broken(err)
		}
		return fault.New("the file is empty", l.path, "a table with a header line")
	}
	if what, try := kind(head); what != "" {
		return fault.New("this is no table of text but "+what, l.path, try)
	}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		_, _ = l.r.Discard(3)
	}
	if bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		l.r = bufio.NewReaderSize(&returns{l.r}, window)
	}
	return nil
}

// returns reads text whose lines end with \r alone, as old Macintosh files' do.
type returns struct{ r io.Reader }

func (r *returns) Read(b []byte) (int, error) {
	n, err := r.r.Read(b)
	for i, c := range b[:n] {
		if c == '\r' {
			b[i] = '\n'
		}
	}
	return n, err
}

func (l *lines) close() {
	if l.ahead != nil {
		l.ahead.stop()
	}
	l.file.Close()
}

// at is where the last line began.
func (l *lines) at() string { return fmt.Sprintf("%s, line %d", l.path, l.line) }

// broken is an error of reading: a gzip file that ends too soon, most often.
func (l *lines) broken(err error) error {
	where := l.path
	if l.ends > 0 {
		where = fmt.Sprintf("%s, after line %d", l.path, l.ends)
	}
	if l.gz {
		return fault.Wrap(err, "the gzip file is cut off or damaged", where, "fetching or copying it again")
	}
	return fault.Wrap(err, "the file cannot be read", where, "fetching or copying it again")
}

// longest is how many lines a quoted field may run over.
const longest = 100

// next is the next line that is not empty, without its end; io.EOF after the last.
// Lines end with \n or \r\n. A quoted field may hold line ends. The line is valid
// until the next call.
func (l *lines) next() ([]byte, error) {
	for {
		l.buf = l.buf[:0]
		l.line = l.ends + 1
		var end error
		for more := true; more; {
			part, err := l.r.ReadSlice('\n')
			l.buf = append(l.buf, part...)
			if errors.Is(err, bufio.ErrBufferFull) {
				continue
			}
			if err != nil && !errors.Is(err, io.EOF) {
				return nil, l.broken(err)
			}
			if err == nil || len(part) > 0 {
				l.ends++
			}
			end = err
			if l.delim == 0 && len(bytes.TrimSpace(l.buf)) > 0 {
				l.delim = sniff(l.buf)
			}
			if more = unclosed(l.buf, l.delim); more && (err != nil || l.ends-l.line >= longest) {
				return nil, fault.New("a quotation mark opens a field and none closes it", l.at(), `closing it, or writing a " that belongs to the text twice, the field in quotes`)
			}
		}
		if len(l.buf) == 0 && end != nil {
			return nil, io.EOF
		}
		line := bytes.TrimRight(l.buf, "\r\n")
		if len(bytes.TrimSpace(line)) == 0 {
			if end != nil {
				return nil, io.EOF
			}
			continue
		}
		if bytes.IndexByte(line, 0) >= 0 {
			return nil, fault.New("this is no text: it holds zero bytes", l.at(), "a TSV or CSV file in UTF-8")
		}
		return line, nil
	}
}

// sniff is the delimiter of a header line: the most frequent outside quotes.
func sniff(line []byte) byte {
	var n [256]int
	quoted := false
	for _, c := range line {
		if c == '"' {
			quoted = !quoted
		} else if !quoted {
			n[c]++
		}
	}
	best := byte('\t')
	for _, d := range []byte{',', ';'} {
		if n[d] > n[best] {
			best = d
		}
	}
	return best
}

// unclosed says whether a line ends within a quoted field.
func unclosed(line []byte, delim byte) bool {
	for bytes.IndexByte(line, '"') >= 0 {
		if line[0] == '"' {
			_, rest, closed := quoted(line)
			if !closed {
				return true
			}
			line = rest
		}
		k := bytes.IndexByte(line, delim)
		if k < 0 {
			return false
		}
		line = line[k+1:]
	}
	return false
}

// quoted reads the quoted field that line begins with: its text, what follows it,
// and whether it was closed.
func quoted(line []byte) (field, rest []byte, closed bool) {
	for i := 1; i < len(line); i++ {
		if line[i] == '"' {
			if i+1 == len(line) || line[i+1] != '"' {
				return field, line[i+1:], true
			}
			i++
		}
		field = append(field, line[i])
	}
	return field, nil, false
}

// fields cuts a line at its delimiter; a field in quotes may hold it.
func fields(line []byte, delim byte, to [][]byte) [][]byte {
	to = to[:0]
	for {
		var field []byte
		inQuotes := len(line) > 0 && line[0] == '"'
		if inQuotes {
			field, line, _ = quoted(line)
		}
		k := bytes.IndexByte(line, delim)
		if k < 0 {
			k = len(line)
		}
		if !inQuotes {
			field = line[:k]
		}
		to = append(to, field)
		if k == len(line) {
			return to
		}
		line = line[k+1:]
	}
}

// name is a field as a name.
func name(f []byte, where string) (string, error) {
	f = bytes.TrimSpace(f)
	if !utf8.Valid(f) {
		return "", fault.New(fmt.Sprintf("the name %q is not UTF-8", f), where, "saving the file as UTF-8")
	}
	return string(f), nil
}

func ragged(where string, got, want int) error {
	return fault.New(fmt.Sprintf("the line has %d fields, the others have %d", got, want), where,
		"the same number of fields in every line; is the file cut off?")
}
