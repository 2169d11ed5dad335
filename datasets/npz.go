package datasets

import (
	"archive/zip"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/prep"
)

// formatNPZ is NumPy's savez or savez_compressed of several arrays, or what
// scipy.sparse.save_npz writes (csr, csc or coo). The matrix is the array of numbers in
// two dimensions, samples × genes; of several the largest, which is said. Arrays of
// text in one dimension that are as long as one of its sides name it; of several on a
// side the one whose own name says so (genes, var_names; samples, obs_names …). Where
// those say that genes are its rows it is turned. Other arrays as long as the samples
// become their labels, of text or of numbers. Where no array names a side, the tables
// beside the file do, as those of an .npy file.
var formatNPZ = format{name: "NumPy's zip", is: isNPZ, read: readNPZ, also: npyNames}

func isNPZ(_ string, head []byte) bool {
	if len(head) < 30 || string(head[:4]) != "PK\x03\x04" {
		return false
	}
	n := int(head[26]) | int(head[27])<<8
	return len(head) >= 30+n && strings.HasSuffix(string(head[30:30+n]), ".npy")
}

// npz is an open zip of arrays.
type npz struct {
	path   string
	zip    *zip.ReadCloser
	arrays map[string]*npyIn
	names  []string // in the zip's order
}

// npyIn is an array of a zip.
type npyIn struct {
	npy
	name string
	file *zip.File
}

func openNPZ(path string) (*npz, error) {
	z, err := zip.OpenReader(path)
	if errors.Is(err, zip.ErrFormat) {
		if u, open := openUnpacked(path); open == nil {
			u.close()
			if u.packing != "" {
				return nil, fault.New("the zip of arrays is packed with "+u.packing, path, "unpacking it once")
			}
		}
	}
	if err != nil {
		return nil, fault.Wrap(err, "the zip of arrays is cut off or damaged", path, "fetching or copying it again")
	}
	f := &npz{path: path, zip: z, arrays: map[string]*npyIn{}}
	for _, e := range z.File {
		name, ok := strings.CutSuffix(e.Name, ".npy")
		if !ok || f.arrays[name] != nil {
			continue
		}
		a := &npyIn{name: name, file: e}
		if err := f.head(a); err != nil {
			z.Close()
			return nil, err
		}
		f.arrays[name] = a
		f.names = append(f.names, name)
	}
	return f, nil
}

// where is an array's place.
func (f *npz) where(a *npyIn) string { return f.path + ", array " + a.name }

// head reads what an array says of itself, and whether its length bears it out.
func (f *npz) head(a *npyIn) error {
	r, err := a.file.Open()
	if err != nil {
		return fault.Wrap(err, "the array cannot be read", f.where(a), "numpy.savez or savez_compressed")
	}
	defer r.Close()
	h, err := npyHeader(r, f.where(a))
	if err != nil {
		return err
	}
	a.npy = *h
	unpacked, packed := a.file.UncompressedSize64, a.file.CompressedSize64
	if unpacked > math.MaxInt64/2 || unpacked > packed*1032+1024 || a.kind != 'O' && uint64(a.len())*uint64(max(a.size, 1)) > unpacked {
		return fault.New(fmt.Sprintf("the array says %v values of %d bytes; it has %d bytes, packed to %d", a.dims, a.size, unpacked, packed), f.where(a), "fetching or copying it again: it is damaged")
	}
	return nil
}

// open is an array's values.
func (f *npz) open(a *npyIn) (io.ReadCloser, *bufio.Reader, error) {
	c, err := a.file.Open()
	if err != nil {
		return nil, nil, fault.Wrap(err, "the array cannot be read", f.where(a), "numpy.savez or savez_compressed")
	}
	r := bufio.NewReaderSize(c, 1<<17)
	if _, err := npyHeader(r, f.where(a)); err != nil {
		c.Close()
		return nil, nil, err
	}
	return c, r, nil
}

// list gives take an array's numbers one after the other.
func (f *npz) list(a *npyIn, take func(i int, v float64)) error {
	c, r, err := f.open(a)
	if err != nil {
		return err
	}
	defer c.Close()
	b := make([]byte, 8)
	for i := range a.len() {
		if _, err := io.ReadFull(r, b[:a.size]); err != nil {
			return f.cut(a, err)
		}
		take(i, a.value(b))
	}
	return nil
}

func (f *npz) cut(a *npyIn, err error) error {
	return fault.Wrap(err, "the array is cut off or damaged", f.where(a), "fetching or copying it again")
}

// texts are an array's texts; of numbers, those as text.
func (f *npz) texts(a *npyIn) ([]string, error) {
	c, r, err := f.open(a)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var out []string
	var b, text []byte
	for range a.len() {
		if b == nil {
			b = make([]byte, a.size)
		}
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, f.cut(a, err)
		}
		switch text = text[:0]; {
		case a.kind == 'U':
			for i := 0; i+4 <= len(b); i += 4 {
				text = utf8.AppendRune(text, rune(min(a.order.Uint32(b[i:]), utf8.MaxRune+1)))
			}
		case a.kind == 'S':
			text = append(text, b...)
		case a.kind == 'b':
			text = append(text, map[bool]string{false: "False", true: "True"}[b[0] != 0]...)
		default:
			if v := a.value(b); v == v {
				text = strconv.AppendFloat(text, v, 'f', -1, 8*min(8, max(4, a.size)))
			}
		}
		s := strings.TrimRight(string(text), "\x00")
		if !utf8.ValidString(s) {
			return nil, fault.New(fmt.Sprintf("the text %.30q is not UTF-8", s), f.where(a), "an array of str")
		}
		out = append(out, s)
	}
	return out, nil
}

func readNPZ(ctx context.Context, path string, tell gx.Tell) (*content, error) {
	f, err := openNPZ(path)
	if err != nil {
		return nil, err
	}
	defer f.zip.Close()
	c := &content{}
	if form := f.arrays["format"]; form != nil && f.arrays["shape"] != nil && f.arrays["data"] != nil {
		return c, f.sparse(ctx, c, form)
	}
	var best *npyIn
	var others []string
	for _, n := range f.names {
		if a := f.arrays[n]; a.matrix("") == nil && (best == nil || a.len() > best.len()) {
			best = a
		}
	}
	for _, n := range f.names {
		if a := f.arrays[n]; best != nil && a != best && a.matrix("") == nil {
			others = append(others, fmt.Sprintf("%s %v", n, a.dims))
		}
	}
	if best == nil {
		for _, n := range f.names {
			if a := f.arrays[n]; a.kind == 'O' && len(a.dims) == 2 {
				return nil, a.matrix(f.where(a))
			}
		}
		return nil, fault.New("the zip holds no array of numbers in two dimensions", path, "numpy.savez(path, x=…, genes=…, samples=…); it holds "+some(f.names))
	}
	if len(others) > 0 {
		c.notes = append(c.notes, fmt.Sprintf("of the file's matrices %s %v is taken, not %s", best.name, best.dims, some(others)))
	}
	turned, err := f.sides(c, best.name, best.dims[0], best.dims[1])
	if err != nil {
		return nil, err
	}
	if best.kind != 'f' {
		c.scale = "counts"
	}
	if c.x, err = matrixOf(best.dims[0], best.dims[1], path); err != nil {
		return nil, err
	}
	r, b, err := f.open(best)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if err := best.fill(ctx, b, c.x, f.where(best), func() {}); err != nil {
		return nil, err
	}
	if turned {
		c.x = turn(c.x)
	}
	return c, nil
}

// Words in the names of arrays that name a side of the matrix.
var (
	geneArrays   = []string{"gene", "feature", "var", "col", "probe", "symbol"}
	sampleArrays = []string{"sample", "obs", "cell", "barcode", "row", "index", "patient"}
)

// sides finds the names and labels of both sides of a matrix, and whether its rows are
// the genes.
func (f *npz) sides(c *content, matrix string, rows, cols int) (turned bool, err error) {
	var names [2]*npyIn // of rows, of columns
	says := func(a *npyIn, words []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(strings.ToLower(a.name), w) })
	}
	length := [2]int{rows, cols}
	line := func(a *npyIn, n int) bool { return len(a.dims) == 1 && a.dims[0] == n }
	for side, n := range length {
		var fit []*npyIn
		for _, k := range f.names {
			if a := f.arrays[k]; line(a, n) && (a.text() || a.kind == 'O') && k != matrix {
				fit = append(fit, a)
			}
		}
		if rows == cols { // their length tells nothing
			other := [][]string{geneArrays, sampleArrays}[side]
			fit = slices.DeleteFunc(fit, func(a *npyIn) bool {
				return says(a, other) || !says(a, [][]string{sampleArrays, geneArrays}[side])
			})
		}
		if len(fit) > 1 {
			if said := slices.DeleteFunc(slices.Clone(fit), func(a *npyIn) bool { return !says(a, geneArrays) && !says(a, sampleArrays) }); len(said) > 0 {
				fit = said
			}
		}
		if len(fit) == 1 || len(fit) > 1 && (says(fit[0], geneArrays) || says(fit[0], sampleArrays)) {
			names[side] = fit[0]
		}
		if a := names[side]; a != nil && a.kind == 'O' {
			return false, fault.New("the names are Python's objects, pickled, which are not read", f.where(a), "numpy.savez(…, "+a.name+"="+a.name+".astype(str))")
		}
	}
	if a, b := names[0], names[1]; a != nil && says(a, geneArrays) && !says(a, sampleArrays) && (b == nil || !says(b, geneArrays)) ||
		b != nil && says(b, sampleArrays) && !says(b, geneArrays) && (a == nil || !says(a, sampleArrays)) {
		turned = true
		names[0], names[1], rows, cols = b, a, cols, rows
	}
	var ids [2][]string
	for side, a := range names {
		if a == nil {
			continue
		}
		if ids[side], err = f.texts(a); err != nil {
			return false, err
		}
	}
	if err := c.named(f.path, rows, cols); err != nil {
		return false, err
	}
	if ids[0] != nil {
		c.samples = frame.New(ids[0])
	}
	if ids[1] != nil {
		distinctNames, note := distinct(ids[1], "gene")
		c.genes = frame.New(distinctNames)
		if note != "" {
			c.notes = append(c.notes, note)
		}
	}
	if ids[0] != nil && ids[1] != nil {
		c.notes = slices.DeleteFunc(c.notes, func(n string) bool { return strings.HasPrefix(n, "an array has no names") })
	}
	return turned, f.labels(c, names[0], names[1], matrix, rows, cols)
}

// labels are the other arrays that are as long as the samples.
func (f *npz) labels(c *content, samples, genes *npyIn, matrix string, rows, cols int) (err error) {
	if rows == cols {
		return nil
	}
	sparse := []string{"data", "indices", "indptr", "row", "col", "shape", "format", "_is_array"}
	for _, n := range f.names {
		a := f.arrays[n]
		if a == samples || a == genes || n == matrix || len(a.dims) != 1 || a.dims[0] != rows || a.kind == 'O' || matrix == "" && slices.Contains(sparse, n) {
			continue
		}
		v, err := f.texts(a)
		if err != nil {
			return err
		}
		if c.samples, err = c.samples.With(n, v); err != nil {
			return err
		}
	}
	return nil
}

// sparse reads scipy's csr, csc or coo.
func (f *npz) sparse(ctx context.Context, c *content, form *npyIn) error {
	kinds, err := f.texts(form)
	if err != nil {
		return err
	}
	bad := func(what string) error {
		return fault.New("the sparse matrix is damaged: "+what, f.path, "fetching or copying it again, or scipy.sparse.save_npz anew")
	}
	var dims []int
	if a := f.arrays["shape"]; len(kinds) != 1 || a.text() || a.kind == 'O' || a.len() != 2 {
		return bad("it has no kind or no shape")
	}
	if err := f.list(f.arrays["shape"], func(_ int, v float64) { dims = append(dims, int(min(max(v, 0), 1<<31))) }); err != nil {
		return err
	}
	kind, rows, cols := kinds[0], dims[0], dims[1]
	if !slices.Contains([]string{"csr", "csc", "coo"}, kind) {
		return fault.New("the sparse matrix is of kind "+strconv.Quote(kind), f.path, ".tocsr() before scipy.sparse.save_npz")
	}
	need := []string{"data", "indices", "indptr"}
	if kind == "coo" {
		need = []string{"data", "row", "col"}
	}
	var part [3]*npyIn
	for i, n := range need {
		a := f.arrays[n]
		if a == nil || a.text() || a.kind == 'O' || len(a.dims) != 1 || i > 0 && a.kind != 'i' && a.kind != 'u' {
			return bad("its array " + n + " is missing or of another type")
		}
		part[i] = a
	}
	data, n := part[0], part[0].len()
	if part[1].len() != n || kind == "coo" && part[2].len() != n {
		return bad(fmt.Sprintf("%d values at %d places", n, part[1].len()))
	}
	if rows < 1 || cols < 1 {
		return bad(fmt.Sprintf("it is %d × %d", rows, cols))
	}
	// Nothing names the columns of a small file that says that it is large.
	if all := float64(rows) * float64(cols); all > 1<<20 && all > 2000*float64(n) {
		return fault.New(fmt.Sprintf("the sparse matrix is %d × %d and has %d values", rows, cols, n), f.path, "leaving out rows and columns without values")
	}
	if data.kind != 'f' {
		c.scale = "counts"
	}
	turned, err := f.sides(c, "", rows, cols)
	if err != nil {
		return err
	}
	if c.x, err = matrixOf(rows, cols, f.path); err != nil {
		return err
	}
	touched(c.x)
	if err := f.scatter(ctx, kind, part, c.x); err != nil {
		return err
	}
	if turned {
		c.x = turn(c.x)
	}
	return nil
}

// scatter adds the values of a sparse matrix to x, which is zero.
func (f *npz) scatter(ctx context.Context, kind string, part [3]*npyIn, x prep.Matrix) error {
	bad := func(what string) error {
		return fault.New("the sparse matrix is damaged: "+what, f.path, "fetching or copying it again, or scipy.sparse.save_npz anew")
	}
	outer, inner, n := x.Rows, x.Cols, part[0].len()
	if kind == "csc" {
		outer, inner = inner, outer
	}
	var starts []int
	if kind != "coo" {
		if part[2].len() != outer+1 {
			return bad(fmt.Sprintf("it has the beginnings of %d lines, not %d", part[2].len()-1, outer))
		}
		wrong := false
		if err := f.list(part[2], func(i int, v float64) {
			wrong = wrong || v < 0 || v > float64(n) || i > 0 && int(v) < starts[i-1]
			starts = append(starts, int(v))
		}); err != nil {
			return err
		}
		if wrong || starts[0] != 0 || starts[outer] != n {
			return bad("its lines begin where they cannot")
		}
	}
	var read [3]*bufio.Reader
	for i := range read {
		if kind != "coo" && i == 2 {
			continue
		}
		c, r, err := f.open(part[i])
		if err != nil {
			return err
		}
		defer c.Close()
		read[i] = r
	}
	b := make([]byte, 8)
	next := func(i int) (float64, error) {
		if _, err := io.ReadFull(read[i], b[:part[i].size]); err != nil {
			return 0, f.cut(part[i], err)
		}
		return part[i].value(b), nil
	}
	line := 0
	for k := range n {
		v, err := next(0)
		if err != nil {
			return err
		}
		at, err := next(1)
		if err != nil {
			return err
		}
		i, j := 0.0, at
		if kind == "coo" {
			i = at
			if j, err = next(2); err != nil {
				return err
			}
		} else {
			for k >= starts[line+1] {
				line++
			}
			i = float64(line)
		}
		if !(i >= 0 && i < float64(outer) && j >= 0 && j < float64(inner)) {
			return bad(fmt.Sprintf("value %d is at %v, %v of %d × %d", k+1, i, j, outer, inner))
		}
		if kind == "csc" {
			i, j = j, i
		}
		x.Data[int(i)*x.Cols+int(j)] += float32(v)
		if k&0xffff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}
