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
	"slices"
	"strconv"
	"strings"

	"github.com/gxlab/gxlab/datasets/columns"
	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/prep"
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
	order   binary.ByteOrder
	kind    byte // f, i, u, b; U or S for text, O for Python's objects
	size    int  // bytes of a value
	fortran bool
	dims    []int
}

var (
	npyType  = regexp.MustCompile(`'descr':\s*'([<>|=]?)([fiubUSOcmMV])(\d*)'`)
	npyOrder = regexp.MustCompile(`'fortran_order':\s*(True|False)`)
	npyShape = regexp.MustCompile(`'shape':\s*\(([\d, ]*)\)`)
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
	if n > 1<<16 {
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
	a := &npy{order: binary.LittleEndian, kind: kind[2][0], fortran: string(order[1]) == "True"}
	if string(kind[1]) == ">" {
		a.order = binary.BigEndian
	}
	all := 1.0
	for _, d := range strings.Split(string(shape[1]), ",") {
		if d = strings.TrimSpace(d); d == "" {
			continue
		}
		v, err := strconv.ParseUint(d, 10, 31)
		if err != nil {
			return nil, bad("its shape is " + string(shape[0]))
		}
		a.dims = append(a.dims, int(v))
		all *= float64(v)
	}
	if size, err := strconv.ParseUint(string(kind[3]), 10, 24); err == nil {
		a.size = int(size)
	}
	if a.kind == 'U' {
		a.size *= 4
	}
	switch fits := map[byte][]int{'f': {2, 4, 8}, 'i': {1, 2, 4, 8}, 'u': {1, 2, 4, 8}, 'b': {1}}[a.kind]; {
	case a.kind == 'O':
		return a, nil
	case a.kind != 'U' && a.kind != 'S' && !slices.Contains(fits, a.size):
		return nil, bad("its values are of type " + string(kind[2]) + string(kind[3]))
	case all*float64(max(a.size, 1)) > 1<<50:
		return nil, bad("its shape is " + string(shape[0]))
	}
	return a, nil
}

// len is how many values there are.
func (a *npy) len() int {
	n := 1
	for _, d := range a.dims {
		n *= d
	}
	return n
}

func (a *npy) text() bool { return a.kind == 'U' || a.kind == 'S' }

// matrix refuses what is no matrix of numbers.
func (a *npy) matrix(where string) error {
	try := "numpy.save of numbers in two dimensions, samples × genes"
	switch {
	case a.kind == 'O':
		return fault.New("the array holds Python's objects, pickled, which are not read", where, ".astype('float32') before numpy.save")
	case a.text():
		return fault.New("the array holds text", where, try)
	case len(a.dims) == 2 && a.len() == 0:
		return fault.New(fmt.Sprintf("the array has no values: it is %d × %d", a.dims[0], a.dims[1]), where, try)
	case len(a.dims) != 2:
		return fault.New(fmt.Sprintf("the array has %d dimensions: %v", len(a.dims), a.dims), where, try)
	}
	return nil
}

// value is the number at the beginning of b.
func (a *npy) value(b []byte) float64 {
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
	case a.kind == 'f' && a.size == 2:
		return columns.Half(uint16(v))
	case a.kind == 'f' && a.size == 4:
		return float64(math.Float32frombits(uint32(v)))
	case a.kind == 'f':
		return math.Float64frombits(v)
	case a.kind == 'i':
		shift := 64 - 8*a.size
		return float64(int64(v<<shift) >> shift)
	}
	return float64(v)
}

// fill reads a matrix' values into x.
func (a *npy) fill(ctx context.Context, r io.Reader, x prep.Matrix, path string, told func()) error {
	outer, inner := a.dims[0], a.dims[1]
	if a.fortran {
		outer, inner = inner, outer
	}
	step := 1 // how many lines are read at once: columns are written side by side
	if a.fortran {
		step = min(max((1<<21)/max(1, inner*a.size), 1), 64)
	}
	lines := make([]byte, min(step, outer)*inner*a.size)
	for lo := 0; lo < outer; lo += step {
		n := min(step, outer-lo)
		if _, err := io.ReadFull(r, lines[:n*inner*a.size]); err != nil {
			return fault.Wrap(err, fmt.Sprintf("the array ends near line %d of %d", lo+1, outer), path, "fetching or copying it again: it is cut off")
		}
		for j := range inner {
			if !a.fortran {
				x.Data[lo*x.Cols+j] = float32(a.value(lines[j*a.size:]))
				continue
			}
			for k := range n {
				x.Data[j*x.Cols+lo+k] = float32(a.value(lines[(k*inner+j)*a.size:]))
			}
		}
		if lo/step&63 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			told()
		}
	}
	return nil
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
	if err := a.matrix(path); err != nil {
		return nil, err
	}
	rows, cols := a.dims[0], a.dims[1]
	if most := u.total * most(u.packing); int64(a.len())*int64(a.size) > most {
		return nil, fault.New(fmt.Sprintf("the array says %d × %d values of %d bytes and the file has %d bytes", rows, cols, a.size, u.total), path, "fetching or copying it again: it is cut off")
	}
	c := &content{}
	if err := c.named(path, rows, cols); err != nil {
		return nil, err
	}
	if a.kind != 'f' {
		c.scale = "counts"
	}
	if c.x, err = matrixOf(rows, cols, path); err != nil {
		return nil, err
	}
	return c, a.fill(ctx, r, c.x, path, func() { u.progress(tell) })
}

// most is how many bytes a packed one can stand for.
func most(packing string) int64 {
	switch packing {
	case "":
		return 1
	case "gzip":
		return 1032
	}
	return 1 << 15
}

// named takes the names and labels from the tables beside an array.
func (c *content) named(path string, rows, cols int) error {
	for _, p := range npyNames(path) {
		text, err := readText(p)
		if err != nil {
			return err
		}
		t, err := text.named(p)
		if err != nil {
			return err
		}
		to, n, what := &c.samples, rows, "samples"
		if strings.Contains(filepath.Base(p), ".genes.tsv") {
			to, n, what = &c.genes, cols, "genes"
		}
		if t.Len() != n {
			return fault.New(fmt.Sprintf("%d names of %d %s", t.Len(), n, what), p, "the names that belong to this array")
		}
		*to = t
	}
	if c.samples == nil || c.genes == nil {
		c.notes = append(c.notes, "an array has no names: where no NAME.samples.tsv and NAME.genes.tsv lie beside it they are sample_1, gene_1 and so on")
	}
	if c.samples == nil {
		c.samples = frame.New(numberedNames("sample_", rows))
	}
	if c.genes == nil {
		c.genes = frame.New(numberedNames("gene_", cols))
	}
	return nil
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
