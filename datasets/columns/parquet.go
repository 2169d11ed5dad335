package columns

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/gxlab/gxlab/gx/fault"
)

// Parquet's physical types.
const (
	pBool = iota
	pInt32
	pInt64
	pInt96
	pFloat
	pDouble
	pBytes
	pFixed
)

// element is a node of the schema.
type element struct {
	typ, length, repeated, children int
	name                            string
	converted, scale                int
	logical                         int // which member of the union, 0 for none
	unsigned                        bool
}

// leaf is a column as it is stored.
type leaf struct {
	element
	index int // among the leaves
}

// chunk is where a row group keeps a column.
type chunk struct {
	typ, codec   int
	start, bytes int64
	values       int64
	elsewhere    bool
}

// parquet is an open Parquet file.
type parquet struct {
	t      *Table
	leaves []leaf    // by the table's columns
	groups [][]chunk // by row group and leaf
}

func (t *Table) openParquet(head []byte) error {
	if string(head[:4]) == "PARE" {
		return fault.New("the Parquet file is encrypted", t.path, "writing it without encryption")
	}
	tail := make([]byte, 8)
	if t.size < 12 {
		return io.ErrUnexpectedEOF
	}
	if _, err := t.file.ReadAt(tail, t.size-8); err != nil {
		return err
	}
	n := int64(le32(tail))
	if string(tail[4:]) != "PAR1" {
		return errors.New("it does not end as Parquet's do")
	}
	if n > t.size-12 {
		return fmt.Errorf("metadata of %d bytes", n)
	}
	p := &parquet{t: t}
	t.source = p
	return p.footer(&compact{r: bufio.NewReaderSize(io.NewSectionReader(t.file, t.size-8-n, n), 1<<16), left: n})
}

// footer reads the file's metadata.
func (p *parquet) footer(c *compact) error {
	var schema []element
	rows := int64(-1)
	c.fields(func(id int, kind byte) bool {
		switch {
		case id == 2 && kind == tList:
			c.list(func(byte) { schema = append(schema, c.element()) })
		case id == 3 && kind == 6:
			rows = c.int()
		case id == 4 && kind == tList:
			c.list(func(byte) { p.group(c) })
		case id == 5 && kind == tList:
			c.list(func(byte) { p.keyValue(c) })
		default:
			return false
		}
		return true
	})
	if c.err != nil {
		return c.err
	}
	all := 0
	for _, n := range p.t.parts {
		all += n
	}
	if int64(all) != rows {
		return fmt.Errorf("%d rows in groups of %d together", rows, all)
	}
	p.t.Rows = all
	return p.schema(schema)
}

func (c *compact) element() (e element) {
	e.converted = -1
	c.fields(func(id int, kind byte) bool {
		switch {
		case id == 4 && kind == tBinary:
			e.name = string(c.binary())
		case id == 10 && kind == tStruct:
			c.fields(func(member int, k byte) bool {
				if e.logical = member; member != 10 || k != tStruct {
					return false
				}
				c.fields(func(id int, kind byte) bool {
					if id == 2 {
						e.unsigned = kind == tFalse
					}
					return id == 2
				})
				return true
			})
		case kind == 5 && id <= 7:
			*[]*int{new(int), &e.typ, &e.length, &e.repeated, new(int), &e.children, &e.converted, &e.scale}[id] = int(c.int())
		default:
			return false
		}
		return true
	})
	return e
}

func (p *parquet) keyValue(c *compact) {
	var key, value []byte
	c.fields(func(id int, kind byte) bool {
		if kind != tBinary || id > 2 || id == 2 && string(key) != "pandas" {
			return false
		}
		*[]*[]byte{nil, &key, &value}[id] = c.binary()
		return true
	})
	if string(key) == "pandas" {
		p.t.pandas(string(value))
	}
}

// group reads a row group.
func (p *parquet) group(c *compact) {
	var chunks []chunk
	rows := int64(0)
	c.fields(func(id int, kind byte) bool {
		switch {
		case id == 1 && kind == tList:
			c.list(func(byte) { chunks = append(chunks, c.chunk()) })
		case id == 3 && kind == 6:
			rows = c.int()
		default:
			return false
		}
		return true
	})
	if rows < 0 || rows > 1<<40 {
		c.fail()
		return
	}
	p.groups, p.t.parts = append(p.groups, chunks), append(p.t.parts, int(rows))
}

func (c *compact) chunk() (k chunk) {
	var data, dictionary int64
	c.fields(func(id int, kind byte) bool {
		if id == 1 {
			k.elsewhere = true
		}
		if id != 3 || kind != tStruct {
			return false
		}
		c.fields(func(id int, kind byte) bool {
			switch {
			case kind == 5 && id == 1:
				k.typ = int(c.int())
			case kind == 5 && id == 4:
				k.codec = int(c.int())
			case kind == 6 && id == 5:
				k.values = c.int()
			case kind == 6 && id == 7:
				k.bytes = c.int()
			case kind == 6 && id == 9:
				data = c.int()
			case kind == 6 && id == 11:
				dictionary = c.int()
			default:
				return false
			}
			return true
		})
		return true
	})
	if k.start = data; dictionary > 0 && dictionary < data {
		k.start = dictionary
	}
	return k
}

// schema takes the columns: those at the top, which hold one value a row.
func (p *parquet) schema(all []element) error {
	if len(all) == 0 {
		return errors.New("it has no schema")
	}
	leaves, at := 0, 1
	for range all[0].children {
		if at >= len(all) {
			return errThrift
		}
		e := all[at]
		if at++; e.children == 0 {
			p.t.Columns = append(p.t.Columns, Column{Name: e.name, Kind: e.kind(), Whole: e.typ < pInt96 && e.decimal() == 0, bits: map[int]int{pDouble: 64}[e.typ]})
			p.leaves = append(p.leaves, leaf{e, leaves})
			leaves++
			continue
		}
		p.t.Columns = append(p.t.Columns, Column{Name: e.name})
		p.leaves = append(p.leaves, leaf{e, -1})
		for open := e.children; open > 0; at++ { // its members, and theirs
			if at >= len(all) || all[at].children < 0 {
				return errThrift
			}
			if open += all[at].children - 1; all[at].children == 0 {
				leaves++
			}
		}
	}
	for i, g := range p.groups {
		if len(g) != leaves {
			return fmt.Errorf("row group %d has %d columns of %d", i+1, len(g), leaves)
		}
	}
	return nil
}

// decimal is how many digits of a decimal are behind its point; 0 of other numbers.
func (e element) decimal() int {
	if e.converted == 5 || e.logical == 5 {
		return e.scale
	}
	return 0
}

// kind is what a leaf holds.
func (e element) kind() Kind {
	isDecimal := e.converted == 5 || e.logical == 5
	switch {
	case e.repeated == 2, e.scale < 0 || e.scale > 38:
		return Other
	case e.typ == pBool:
		return Flag
	case e.typ == pFloat || e.typ == pDouble:
		return Number
	case e.typ == pInt32 || e.typ == pInt64:
		if isDecimal || e.logical == 10 || e.logical == 0 && (e.converted < 0 || e.converted >= 11 && e.converted <= 18) {
			return Number
		}
	case e.typ == pFixed && (e.logical == 15 && e.length == 2 || isDecimal && e.length > 0 && e.length <= 32):
		return Number
	case e.typ == pBytes && (e.converted == 0 || e.converted == 4 || e.converted == 19 || e.logical == 1 || e.logical == 4 || e.logical == 12):
		return Text
	}
	return Other
}

// pages are a column of a row group, page by page.
type pages struct {
	leaf
	*scratch
	r        *bufio.Reader
	left     int64 // bytes
	values   int64 // that are to come, in pages to come
	how      packing
	page     []byte
	n        int // values of the page that are to come
	levels   *hybrid
	numbers  numberPage
	texts    textPage
	numbered []float64 // the dictionary
	named    []string
	level    []uint32
	thrift   compact
	coded    fromDictionary
	bare     plainNumbers
	run      hybrid
}

var codecs = map[int]packing{0: plain, 1: snappyBlock, 2: gzipped, 5: lz4Lengths, 6: zstdFrame, 7: lz4Block}

func (p *parquet) open(part, column int, s *scratch) (*pages, error) {
	l := p.leaves[column]
	k := p.groups[part][l.index]
	how, ok := codecs[k.codec]
	switch {
	case k.elsewhere:
		return nil, fault.New("the Parquet file refers to values in another file", p.t.path, "one whole file")
	case !ok:
		name := map[int]string{3: "LZO", 4: "Brotli"}[k.codec]
		return nil, fault.New("the Parquet file is packed by "+name+", which is not read", p.t.path, `compression="zstd" where it is written`)
	case k.typ != l.typ || k.start < 4 || k.bytes < 0 || k.start > p.t.size-8 || k.bytes > p.t.size-8-k.start:
		return nil, errThrift
	case k.values != int64(p.t.parts[part]):
		return nil, fmt.Errorf("%d values for %d rows", k.values, p.t.parts[part])
	}
	g := again(&s.pages, &s.used)
	*g = pages{leaf: l, scratch: s, r: g.r, left: k.bytes, values: k.values, how: how, page: g.page[:0], numbered: g.numbered[:0], level: g.level}
	in := io.NewSectionReader(p.t.file, k.start, k.bytes)
	if g.r == nil {
		g.r = bufio.NewReaderSize(in, 1<<13)
	}
	g.r.Reset(in)
	return g, nil
}

// header is that of a page.
type header struct {
	kind, unpacked, packed      int
	values, encoding            int
	levelEncoding               int
	defBytes, repBytes          int
	stored                      bool // a page of version 2 that is not packed
	hasData, hasDict, hasDataV2 bool
}

func (g *pages) header() (h header, err error) {
	c := &g.thrift
	*c = compact{r: g.r, left: g.left}
	c.fields(func(id int, k byte) bool {
		switch {
		case id == 5 && k == tStruct:
			h.hasData = true
			c.fields(func(id int, k byte) bool {
				return k == 5 && id <= 3 && c.to([...]*int{nil, &h.values, &h.encoding, &h.levelEncoding}[id])
			})
		case id == 7 && k == tStruct:
			h.hasDict = true
			c.fields(func(id int, k byte) bool {
				return k == 5 && id <= 2 && c.to([...]*int{nil, &h.values, &h.encoding}[id])
			})
		case id == 8 && k == tStruct:
			h.hasDataV2 = true
			c.fields(func(id int, k byte) bool {
				h.stored = h.stored || id == 7 && k == tFalse
				return k == 5 && id <= 6 && c.to([...]*int{nil, &h.values, nil, nil, &h.encoding, &h.defBytes, &h.repBytes}[id])
			})
		default:
			return k == 5 && id <= 3 && c.to([...]*int{nil, &h.kind, &h.unpacked, &h.packed}[id])
		}
		return true
	})
	g.left = c.left
	if c.err == nil && (h.packed < 0 || int64(h.packed) > g.left || h.unpacked < 0 || h.values < 0 || h.values > 1<<31 || h.defBytes < 0 || h.repBytes != 0 || h.defBytes > h.packed || h.defBytes > h.unpacked) {
		c.fail()
	}
	return h, c.err
}

// to reads an integer to where it belongs; false where it belongs nowhere.
func (c *compact) to(p *int) bool {
	if p != nil {
		*p = int(c.int())
	}
	return p != nil
}

// turnPage goes on to the next page of values.
func (g *pages) turnPage() error {
	for {
		if g.values <= 0 || g.left <= 0 {
			return io.ErrUnexpectedEOF
		}
		h, err := g.header()
		if err != nil {
			return err
		}
		g.left -= int64(h.packed)
		if h.kind == 1 { // an index
			if _, err := g.r.Discard(h.packed); err != nil {
				return err
			}
			continue
		}
		// The levels of a page of version 2 are not packed.
		levels := make([]byte, h.defBytes)
		if _, err := io.ReadFull(g.r, levels); err != nil {
			return err
		}
		how := g.how
		if h.stored {
			how = plain
		}
		if err := g.unpack(how, h.packed-h.defBytes, h.unpacked-h.defBytes); err != nil {
			return err
		}
		body := g.page
		switch {
		case h.kind == 2 && h.hasDict:
			if err := g.dictionary(h, body); err != nil {
				return err
			}
			continue
		case h.kind == 0 && h.hasData:
			levels = nil
			if g.repeated == 1 {
				if h.levelEncoding != 3 {
					return fmt.Errorf("levels in encoding %d", h.levelEncoding)
				}
				if len(body) < 4 || int(le32(body)) > len(body)-4 {
					return io.ErrUnexpectedEOF
				}
				levels, body = body[4:4+le32(body)], body[4+le32(body):]
			}
		case h.kind == 3 && h.hasDataV2:
		default:
			return fmt.Errorf("a page of kind %d", h.kind)
		}
		if int64(h.values) > g.values {
			return fmt.Errorf("a page of %d values where %d are to come", h.values, g.values)
		}
		if g.levels = nil; g.repeated == 1 {
			g.run = hybrid{b: levels, width: 1}
			g.levels = &g.run
		}
		g.values -= int64(h.values)
		if g.n = h.values; g.n > 0 {
			return g.decoder(h.encoding, body)
		}
	}
}

// unpack reads a page's bytes.
func (g *pages) unpack(how packing, packed, size int) error {
	if how == plain {
		if packed != size {
			return errSize
		}
		if cap(g.page) < size {
			g.page = make([]byte, size)
		}
		g.page = g.page[:size]
		_, err := io.ReadFull(g.r, g.page)
		return err
	}
	if cap(g.packed) < packed {
		g.packed = make([]byte, packed)
	}
	b := g.packed[:packed]
	if _, err := io.ReadFull(g.r, b); err != nil {
		return err
	}
	if size == 0 {
		g.page = g.page[:0]
		return nil
	}
	var err error
	g.page, err = unpack(how, b, size, g.page)
	return err
}

// dictionary reads the values that others are numbers of.
func (g *pages) dictionary(h header, body []byte) error {
	if h.encoding != 0 && h.encoding != 2 {
		return fmt.Errorf("a dictionary in encoding %d", h.encoding)
	}
	if h.values > len(body) {
		return io.ErrUnexpectedEOF
	}
	if g.kind() == Text {
		g.named = make([]string, h.values)
		return (&plainTexts{bytes.Clone(body)}).texts(g.named)
	}
	g.numbered = slices.Grow(g.numbered[:0], h.values)[:h.values]
	return (&plainNumbers{g.element, body, 0}).numbers(g.numbered)
}

// present says which of the next n values are there: nil where all are.
func (g *pages) present(n int) (which []uint32, there int, err error) {
	if g.levels == nil {
		return nil, n, nil
	}
	if cap(g.level) < n {
		g.level = make([]uint32, n)
	}
	which = g.level[:n]
	if err := g.levels.take(which); err != nil {
		return nil, 0, err
	}
	for _, l := range which {
		there += int(l)
	}
	if there == n {
		return nil, n, nil
	}
	return which, there, nil
}

func (g *pages) next(to []float64) error {
	for len(to) > 0 {
		if g.n == 0 {
			if err := g.turnPage(); err != nil {
				return err
			}
		}
		n := min(len(to), g.n, 1<<12)
		which, there, err := g.present(n)
		if err != nil {
			return err
		}
		if err := g.numbers.numbers(to[:there]); err != nil {
			return err
		}
		for i := n - 1; which != nil && i >= 0; i-- { // spread them, from the end
			if which[i] == 1 {
				there--
				to[i] = to[there]
			} else {
				to[i] = nan
			}
		}
		g.n -= n
		to = to[n:]
	}
	return nil
}

func (p *parquet) numbers(part, column int, s *scratch) (stream, error) {
	return p.open(part, column, s)
}

func (p *parquet) texts(part, column int, take func(s string, ok bool)) error {
	g, err := p.open(part, column, &scratch{})
	if err != nil {
		return err
	}
	buf := make([]string, 1<<10)
	for left := p.t.parts[part]; left > 0; {
		if g.n == 0 {
			if err := g.turnPage(); err != nil {
				return err
			}
		}
		n := min(left, g.n, len(buf))
		which, there, err := g.present(n)
		if err != nil {
			return err
		}
		if err := g.texts.texts(buf[:there]); err != nil {
			return err
		}
		at := 0
		for i := range n {
			if which != nil && which[i] == 0 {
				take("", false)
				continue
			}
			take(buf[at], true)
			at++
		}
		g.n -= n
		left -= n
	}
	return nil
}
