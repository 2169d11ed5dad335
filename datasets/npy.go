package datasets

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
)

var nan = math.NaN()

// formatNPY is NumPy's array of numbers in two dimensions, samples × genes. Names and
// labels are read from NAME.samples.tsv and NAME.genes.tsv beside it, where they are.
var formatNPY = format{name: "NumPy", is: isNPY, read: readNPY, also: npyNames}

const npyMagic = "\x93NUMPY"

func isNPY(_ string, head []byte) bool { return strings.HasPrefix(string(head), npyMagic) }

// npyNames are the tables beside an array.
func npyNames(path string) (files []string) {
	stem := strings.TrimSuffix(path, filepath.Ext(path))
	for _, end := range []string{"samples", "genes"} {
		if p := packedOr(filepath.Dir(path), filepath.Base(stem)+"."+end+".tsv"); p != "" {
			files = append(files, p)
		}
	}
	return files
}

// npy is what the header of an array says.
type npy struct {
	order      binary.ByteOrder
	kind       byte // f, i, u or b
	size       int
	fortran    bool
	rows, cols int
}

var (
	npyType  = regexp.MustCompile(`'descr':\s*'([<>|=])([fiub])(\d)'`)
	npyOrder = regexp.MustCompile(`'fortran_order':\s*(True|False)`)
	npyShape = regexp.MustCompile(`'shape':\s*\((\d+),\s*(\d+),?\)`)
)

// npyHeader reads the beginning of an array.
func npyHeader(r io.Reader, where string) (*npy, error) {
	bad := func(what string) error {
		return fault.New("the array cannot be read: "+what, where, "numpy.save of numbers in two dimensions, samples × genes")
	}
	first := make([]byte, 10)
	if _, err := io.ReadFull(r, first); err != nil || string(first[:6]) != npyMagic {
		return nil, bad("it does not begin as NumPy's do")
	}
	n := int(binary.LittleEndian.Uint16(first[8:]))
	if first[6] >= 2 {
		more := make([]byte, 2)
		if _, err := io.ReadFull(r, more); err != nil {
			return nil, bad("it is cut off")
		}
		n |= int(binary.LittleEndian.Uint16(more)) << 16
	}
	if n > 1<<20 {
		return nil, bad(fmt.Sprintf("a header of %d bytes", n))
	}
	head := make([]byte, n)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, bad("it is cut off")
	}
	kind, order, shape := npyType.FindSubmatch(head), npyOrder.FindSubmatch(head), npyShape.FindSubmatch(head)
	if kind == nil || order == nil || shape == nil {
		return nil, bad(strings.TrimSpace(string(head)))
	}
	a := &npy{order: binary.LittleEndian, kind: kind[2][0], size: int(kind[3][0] - '0'), fortran: string(order[1]) == "True"}
	if kind[1][0] == '>' {
		a.order = binary.BigEndian
	}
	sizes := [2]int{}
	for i := range sizes {
		v, err := strconv.ParseUint(string(shape[i+1]), 10, 31)
		if err != nil {
			return nil, bad("its shape is " + string(shape[0]))
		}
		sizes[i] = int(v)
	}
	a.rows, a.cols = sizes[0], sizes[1]
	switch fits := map[byte]string{'f': "248", 'i': "1248", 'u': "1248", 'b': "1"}[a.kind]; {
	case !strings.Contains(fits, string(kind[3])):
		return nil, bad("its values are of type " + string(kind[2]) + string(kind[3]))
	case a.kind == 'f' && a.size == 2:
		return nil, bad("its values are of 16 bits: .astype('float32') helps")
	}
	return a, nil
}

// value is the number at the beginning of b.
func (a *npy) value(b []byte) float32 {
	var v uint64
	switch a.size {
	case 1:
		v = uint64(b[0])
	case 2:
		v = uint64(a.order.Uint16(b))
	case 4:
		v = uint64(a.order.Uint32(b))
	case 8:
		v = a.order.Uint64(b)
	}
	switch {
	case a.kind == 'f' && a.size == 4:
		return math.Float32frombits(uint32(v))
	case a.kind == 'f':
		return float32(math.Float64frombits(v))
	case a.kind == 'i':
		shift := 64 - 8*a.size
		return float32(int64(v<<shift) >> shift)
	}
	return float32(v)
}

func readNPY(ctx context.Context, path string, tell gx.Tell) (*content, error) {
	u, err := openUnpacked(path)
	if err != nil {
		return nil, err
	}
	defer u.close()
	r := bufio.NewReaderSize(u, 1<<20)
	a, err := npyHeader(r, path)
	if err != nil {
		return nil, err
	}
	if u.packing == "" && int64(a.rows)*int64(a.cols)*int64(a.size) > u.total {
		return nil, fault.New(fmt.Sprintf("the array says %d × %d values of %d bytes and the file has %d bytes", a.rows, a.cols, a.size, u.total), path, "fetching or copying it again: it is cut off")
	}
	c := &content{}
	for _, p := range npyNames(path) {
		t, err := ReadTable(p)
		if err != nil {
			return nil, err
		}
		to, n, what := &c.samples, a.rows, "samples"
		if strings.Contains(filepath.Base(p), ".genes.tsv") {
			to, n, what = &c.genes, a.cols, "genes"
		}
		if t.Len() != n {
			return nil, fault.New(fmt.Sprintf("%d names of %d %s", t.Len(), n, what), p, "the names that belong to this array")
		}
		*to = t
	}
	if c.samples == nil || c.genes == nil {
		c.notes = append(c.notes, "an array has no names: where no NAME.samples.tsv and NAME.genes.tsv lie beside it they are sample_1, gene_1 and so on")
	}
	if a.kind != 'f' {
		c.scale = "counts"
	}
	if c.x, err = matrixOf(a.rows, a.cols, path); err != nil {
		return nil, err
	}
	outer, inner := a.rows, a.cols
	if a.fortran {
		outer, inner = a.cols, a.rows
	}
	line := make([]byte, inner*a.size)
	for i := range outer {
		if _, err := io.ReadFull(r, line); err != nil {
			return nil, fault.Wrap(err, fmt.Sprintf("the array ends in line %d of %d", i+1, outer), path, "fetching or copying it again: it is cut off")
		}
		for j := range inner {
			v := a.value(line[j*a.size:])
			if a.fortran {
				c.x.Data[j*a.cols+i] = v
			} else {
				c.x.Data[i*a.cols+j] = v
			}
		}
		if i&63 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			u.progress(tell)
		}
	}
	if c.samples == nil {
		c.samples = frame.New(numberedNames("sample_", a.rows))
	}
	if c.genes == nil {
		c.genes = frame.New(numberedNames("gene_", a.cols))
	}
	return c, nil
}

func writeNPY(w io.Writer, set *gx.Set) error {
	b := bufio.NewWriterSize(w, 1<<20)
	head := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", set.N(), set.P())
	for (10+len(head)+1)%64 != 0 {
		head += " "
	}
	b.WriteString(npyMagic + "\x01\x00")
	b.Write(binary.LittleEndian.AppendUint16(nil, uint16(len(head)+1)))
	b.WriteString(head + "\n")
	var buf []byte
	for i := range set.N() {
		buf = buf[:0]
		for _, v := range set.Row(i) {
			buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
		}
		b.Write(buf)
	}
	return b.Flush()
}
