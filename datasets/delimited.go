package datasets

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/gxlab/gxlab/gx/fault"
)

// lines reads a table line by line.
type lines struct {
	*unpacked
	r     *bufio.Reader
	delim byte
	plain bool // quotation marks hold no line ends
	line  int  // where the last line began, from 1
	ends  int  // line ends so far
	buf   []byte
}

const window = 1 << 18

// openLines opens a delimited table; other kinds of files are refused by name.
func openLines(path string) (*lines, error) {
	l, err := openText(path, 0)
	if err != nil {
		return nil, err
	}
	head, _ := l.r.Peek(headSize)
	if what, try := kind(head); what != "" {
		l.close()
		return nil, fault.New("this is no table of text but "+what, path, try)
	}
	return l, nil
}

// openText opens a file of lines whose fields are cut at delim; 0: at what the
// first line is cut at.
func openText(path string, delim byte) (*lines, error) {
	u, err := openUnpacked(path)
	if err != nil {
		return nil, err
	}
	l := &lines{unpacked: u, r: bufio.NewReaderSize(u, window), delim: delim}
	if err := l.start(); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

const byteOrder = "\xef\xbb\xbf" // the mark that some programs put first

func (l *lines) start() error {
	head, err := l.r.Peek(window)
	if len(head) == 0 {
		if err != nil && !errors.Is(err, io.EOF) {
			return l.broken(err)
		}
		return fault.New("the file is empty", l.path, "a table with a header line")
	}
	if bytes.HasPrefix(head, []byte(byteOrder)) {
		_, _ = l.r.Discard(len(byteOrder))
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

// place is a line of a file.
type place struct {
	path string
	line int
}

func (p place) String() string { return fmt.Sprintf("%s, line %d", p.path, p.line) }

// here is where the last line began, and at its text.
func (l *lines) here() place { return place{l.path, l.line} }
func (l *lines) at() string  { return l.here().String() }

// broken is an error of reading, with the last whole line before it.
func (l *lines) broken(err error) error {
	if l.ends > 0 {
		return l.unpacked.broken(err, fmt.Sprintf("%s, after line %d", l.path, l.ends))
	}
	return l.unpacked.broken(err, l.path)
}

// longest is how many lines a quoted field may run over, and longestLine how many
// bytes a line may have: a table of a million samples has less.
const longest, longestLine = 100, 64 << 20

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
			if len(l.buf) > longestLine {
				return nil, fault.New(fmt.Sprintf("a line has more than %d million characters", longestLine>>20), l.at(), "a table of text with an end to every line")
			}
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
			if more = !l.plain && unclosed(l.buf, l.delim); more && (err != nil || l.ends-l.line >= longest) {
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
		if inQuotes { // "a" b is read as pandas reads it: a b
			field = append(field, line[:k]...)
		} else {
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
func name(f []byte, where place) (string, error) {
	f = bytes.TrimSpace(f)
	if !utf8.Valid(f) {
		return "", fault.New(fmt.Sprintf("the name %q is not UTF-8", f), where.String(), "saving the file as UTF-8")
	}
	return string(f), nil
}

func ragged(where string, got, want int) error {
	return fault.New(fmt.Sprintf("the line has %d fields, the others have %d", got, want), where,
		"the same number of fields in every line; is the file cut off?")
}
