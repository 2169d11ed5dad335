package datasets

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/prep"
)

func write(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func zipped(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(s))
	z.Close()
	return b.String()
}

func zstandard(s string) string {
	z, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	return string(z.EncodeAll([]byte(s), nil))
}

const values = "id\tNA\tMARCH1\tSEPT2\ns1\t1\t2.5\t-3e2\ns2\t4\t5\t6\ns3\t7\t8\t9.25\n"
const across = "gene\ts1\ts2\ts3\nNA\t1\t4\t7\nMARCH1\t2.5\t5\t8\nSEPT2\t-3e2\t6\t9.25\n"
const labelled = "sample\ttissue\ns3\tlung\ns1\theart\ns2\tNA\n"

func read(t testing.TB, expression string, labels ...string) (*gx.Set, error) {
	t.Helper()
	t.Setenv("GXLAB_STORE", t.TempDir())
	return Open(expression, labels...).Keep(context.Background(), nil)
}

// Every way to write the same table gives the same set.
func TestOpenReadsEveryForm(t *testing.T) {
	forms := map[string][2]string{
		"tsv":                     {values, labelled},
		"gzip":                    {zipped(values), zipped(labelled)},
		"zstd":                    {zstandard(values), zstandard(labelled)},
		"across":                  {across, labelled},
		"csv":                     {strings.ReplaceAll(values, "\t", ","), strings.ReplaceAll(labelled, "\t", ",")},
		"semicolon, crlf":         {strings.ReplaceAll(strings.ReplaceAll(values, "\t", ";"), "\n", "\r\n"), strings.ReplaceAll(labelled, "\n", "\r\n")},
		"bom, empty lines":        {"\xef\xbb\xbf" + strings.ReplaceAll(values, "\n", "\n\n"), "\xef\xbb\xbf" + labelled},
		"mixed ends":              {strings.Replace(values, "\n", "\r\n", 2), labelled},
		"no last line end":        {strings.TrimSuffix(values, "\n"), strings.TrimSuffix(labelled, "\n")},
		"R's header":              {strings.TrimPrefix(values, "id\t"), strings.TrimPrefix(labelled, "sample\t")},
		"quoted":                  {`"id","NA","MARCH1","SEPT2"` + "\n" + `"s1",1,2.5,-3e2` + "\ns2,4,5,6\n" + `"s3","7","8","9.25"` + "\n", labelled},
		"old Macintosh":           {strings.ReplaceAll(values, "\n", "\r"), strings.ReplaceAll(labelled, "\n", "\r")},
		"pandas' header":          {strings.TrimPrefix(strings.ReplaceAll(values, "\t", ","), "id"), strings.TrimPrefix(labelled, "sample")},
		"blanks, no field quoted": {strings.ReplaceAll(strings.ReplaceAll(values, "\t5\t", "\t 5 \t"), "\t8\t", "\t8.0e0\t"), strings.Replace(labelled, "sample", "5\" sample", 1)},
		"two gzip members":        {zipped(values[:20]) + zipped(values[20:]), labelled},
		"ids in the second":       {values, "tissue\tsample\nlung\ts3\nheart\ts1\nNA\ts2\n"},
	}
	for name, f := range forms {
		t.Run(name, func(t *testing.T) {
			s, err := read(t, write(t, "x.txt", f[0]), write(t, "l.txt", f[1]))
			if err != nil {
				t.Fatal(err)
			}
			tissue, err := s.Labels("tissue")
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprint(s.Genes(), s.Samples().IDs(), tissue, s.Data().Data)
			if want := "[NA MARCH1 SEPT2] [s1 s2 s3] [heart NA lung] [1 2.5 -300 4 5 6 7 8 9.25]"; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
	s, err := read(t, write(t, "x.tsv", values))
	if err != nil || s.N() != 3 || s.P() != 3 {
		t.Error(s, err)
	}
	s, err = read(t, write(t, "x.tsv", values), write(t, "l.tsv", "sample\ttissue\ns3\tlung\ns1\theart\n"))
	if err != nil || s.N() != 2 || len(s.Notes()) == 0 || !strings.Contains(fmt.Sprint(s.Notes()), "s2") {
		t.Error("a sample without a label:", s, err)
	}
	s, err = read(t, write(t, "x.tsv", strings.Replace(values, "2.5", "", 1)), write(t, "l.tsv", labelled))
	if err != nil || !math.IsNaN(float64(s.Row(0)[1])) || !strings.Contains(fmt.Sprint(s.Notes()), "sample s1, gene MARCH1") {
		t.Error("a missing value:", s, err)
	}
}

func TestOpenRefusesBadInput(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []string{"expression.tsv.gz", "other.csv"} {
		if err := os.WriteFile(filepath.Join(dir, n), []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var big strings.Builder
	big.WriteString("id")
	for j := range 4000 {
		fmt.Fprintf(&big, "\tG%d", j)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for i := range 40 {
		fmt.Fprintf(&big, "\ns%d", i)
		for range 4000 {
			fmt.Fprintf(&big, "\t%.4f", r.Float64())
		}
	}
	z := zipped(big.String())
	cases := map[string]struct {
		path, labels string
		say          []string
	}{
		"missing":           {filepath.Join(dir, "expresion.tsv"), "", []string{"no such file", "expression.tsv.gz"}},
		"no folder":         {filepath.Join(dir, "no", "x.tsv"), "", []string{"no such file", "not there either"}},
		"folder":            {dir, "", []string{"a folder", "other.csv"}},
		"empty":             {write(t, "x", ""), "", []string{"empty"}},
		"blank":             {write(t, "x", "\n\n \n"), "", []string{"empty lines"}},
		"header only":       {write(t, "x", "id\ta\tb\n"), "", []string{"no values"}},
		"truncated gzip":    {write(t, "x.gz", z[:len(z)/2]), "", []string{"cut off", "after line", "again"}},
		"damaged gzip":      {write(t, "x.gz", z[:len(z)-6]+"\x01\x02\x03\x04\x05\x06"), "", []string{"cut off or damaged"}},
		"truncated zstd":    {write(t, "x.zst", zstandard(big.String())[:20000]), "", []string{"the zstd file is cut off", "again"}},
		"zstd in gzip":      {write(t, "x.gz", zipped(zstandard(values))), "", []string{"zstd", "unpacking it once"}},
		"no number":         {write(t, "x.tsv", strings.Replace(values, "5\t6", "5\tsix", 1)), "", []string{`"six" is not a number`, "a column of words, such as descriptions of genes", "line 3, column 4", "row s2, column SEPT2"}},
		"infinite":          {write(t, "x.tsv", strings.Replace(values, "5\t6", "5\t-Inf", 1)), "", []string{`"-Inf" is infinite`, "row s2", "logarithm of 0"}},
		"too large":         {write(t, "x.tsv", strings.Replace(values, "5\t6", "5\t1e300", 1)), "", []string{`"1e300" is infinite or too large`, "row s2"}},
		"decimal commas":    {write(t, "x.csv", strings.ReplaceAll(strings.Replace(values, "2.5", "2,5", 1), "\t", ";")), "", []string{`"2,5" is not a number`, "line 2, column 3", "decimal points"}},
		"first of two":      {write(t, "x.tsv", big.String()[:strings.LastIndex(big.String(), "\ns3\t")]+"\ns3\tone"+strings.Repeat("\t1", 3999)+"\ns4\ttwo\n"), "", []string{`"one" is not a number`, "line 5, column 2", "row s3, column G0"}},
		"quote not closed":  {write(t, "x.tsv", strings.Replace(values, "s2", `"s2`, 1)), "", []string{"quotation mark", "line 3"}},
		"name of two lines": {write(t, "x.tsv", strings.Replace(values, "s2", "\"s\n2\"", 1)), "", []string{"line ends", `"s\n2"`}},
		"line after quotes": {write(t, "x.tsv", strings.Replace(values, "s1", "\"s\n1\"", 1)+"s4\t1\n"), "", []string{"2 fields", "line 6"}},
		"labels both ways":  {write(t, "x.tsv", "id\ta\tb\na\t1\t2\nb\t2\t1\n"), write(t, "l.tsv", "s\tx\na\t1\nb\t2\n"), []string{"rows as well as columns"}},
		"other spelling":    {write(t, "x.tsv", "id\tX1.a\tX2.a\ng\t1\t2\nh\t2\t1\n"), write(t, "l.tsv", "s\tx\n1-A\t1\n2-A\t2\n"), []string{"name none", "same spelling", `"1-A"`, `"X1.a"`}},
		"one gene":          {write(t, "x.tsv", "id\ta\ns1\t1\ns2\t2\n"), "", []string{"1 gene"}},
		"labels' header":    {write(t, "x.tsv", values), write(t, "l.tsv", "sample\ttissue\n"), []string{"a header at most"}},
		"label twice":       {write(t, "x.tsv", values), write(t, "l.tsv", "sample\tt\tt\ns1\ta\tb\n"), []string{"1 label stands there more than once: t"}},
		"ragged labels":     {write(t, "x.tsv", values), write(t, "l.tsv", labelled+"s1\n"), []string{"1 fields", "line 5"}},
		"hexadecimal":       {write(t, "x.tsv", strings.Replace(values, "5\t6", "5\t0x1p-2", 1)), "", []string{"not a number"}},
		"ragged":            {write(t, "x.tsv", values+"s4\t1\t2\n"), "", []string{"3 fields", "line 5"}},
		"duplicate gene":    {write(t, "x.tsv", strings.Replace(values, "SEPT2", "MARCH1", 1)), "", []string{"1 gene stands there more than once: MARCH1", ", genes 2 and 3 of 3"}},
		"duplicate sample":  {write(t, "x.tsv", strings.Replace(values, "s2", "s1", 1)), "", []string{"1 sample stands there more than once: s1"}},
		"unknown samples":   {write(t, "x.tsv", values), write(t, "l.tsv", labelled+"s9\tskin\n"), []string{"1 label is for a sample that the table of values does not have: s9"}},
		"foreign labels":    {write(t, "x.tsv", values), write(t, "l.tsv", "sample\ttissue\na\tb\n"), []string{"name none", "s1, s2, s3", "NA, MARCH1, SEPT2"}},
		"labels twice":      {write(t, "x.tsv", values), write(t, "l.tsv", labelled+"s1\tskin\n"), []string{"1 sample stands there more than once: s1"}},
		"missing labels":    {write(t, "x.tsv", values), filepath.Join(dir, "labels.tsv"), []string{"no such file"}},
		"one sample":        {write(t, "x.tsv", "id\ta\tb\ns1\t1\t2\n"), "", []string{"1 sample"}},
		"all missing":       {write(t, "x.tsv", "id\ta\tb\ns1\tNA\tNA\ns2\tNA\t\n"), "", []string{"every value is missing"}},
		"zip":               {write(t, "x.xlsx", "PK\x03\x04abcdefgh"), "", []string{"xlsx"}},
		"hdf5":              {write(t, "x.h5ad", "\x89HDF\r\n\x1a\nabc"), "", []string{"HDF5"}},
		"R data":            {write(t, "x.rda", zipped("RDX3\nX\n\x00\x00")), "", []string{"the R file is cut off or damaged", "saveRDS"}},
		"xls":               {write(t, "x.csv", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "", []string{"Excel"}},
		"utf-16":            {write(t, "x.txt", "\xff\xfei\x00d\x00\t\x00"), "", []string{"UTF-16"}},
		"gct for labels":    {write(t, "x.tsv", values), write(t, "x.gct", gct12), []string{"a GCT file", "a table of labels"}},
		"web page":          {write(t, "x.tsv", "<!DOCTYPE html><html>404"), "", []string{"a web page"}},
		"tar":               {write(t, "x.gz", zipped("x.tsv"+strings.Repeat("\x00", 252)+"ustar\x0000")), "", []string{"a tar archive"}},
		"binary":            {write(t, "x.tsv", "id\ta\tb\ns1\t1\x00\t2\n"), "", []string{"zero bytes"}},
		"not utf-8":         {write(t, "x.tsv", strings.Replace(values, "MARCH1", "M\xe4RZ", 1)), "", []string{"UTF-8", "line 1"}},
		"no name":           {write(t, "x.tsv", strings.Replace(values, "s2", "", 1)), "", []string{"sample 2 has no name"}},
	}
	for name, c := range cases {
		var labels []string
		if c.labels != "" {
			labels = append(labels, c.labels)
		}
		_, err := read(t, c.path, labels...)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		for _, w := range append(c.say, "  at ", "  try ") {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: the error does not say %q:\n%v", name, w, err)
			}
		}
	}
}

// Genes may be called what other files begin with.
func TestOpenTakesGenesForNoMagic(t *testing.T) {
	s, err := read(t, write(t, "x.tsv", "RDX\tPAR1\tBZhang\ts1\nr1\t1\t2\t3\t4\nr2\t4\t5\t6\t7\n"))
	if err != nil || s.P() != 4 {
		t.Error(s, err)
	}
	s, err = read(t, write(t, "x.tsv", "PAR1\tRDX\nr1\t1\t2\nr2\t4\t5\n"))
	if err != nil || s.P() != 2 {
		t.Error(s, err)
	}
	s, err = read(t, write(t, "x.tsv", "id\t1-Mar\tMARCH2\nr1\t1\t2\nr2\t4\t5\n"))
	if err != nil || !strings.Contains(fmt.Sprint(s.Notes()), "1 gene name looks like a date, as spreadsheet programs make of MARCH1 or SEPT2: 1-Mar") {
		t.Error(s, err)
	}
}

// A table of many parts is the same read with one core or several, in rows or in
// columns, and its values are the file's.
func TestOpenReadsAllPartsInOrder(t *testing.T) {
	const genes, samples = 700, 150
	r := rand.New(rand.NewPCG(5, 6))
	x := make([]float32, genes*samples)
	text := make([]string, len(x))
	for i := range x {
		text[i] = strconv.FormatFloat(10*r.NormFloat64(), "fge"[r.IntN(3)], r.IntN(9), 64)
		v, err := strconv.ParseFloat(text[i], 64)
		if err != nil {
			t.Fatal(err)
		}
		x[i] = float32(v)
	}
	var down, across, labels strings.Builder
	labels.WriteString("s\tlabel")
	across.WriteString("id")
	down.WriteString("id")
	for j := range genes {
		fmt.Fprintf(&down, "\tg%d", j)
	}
	for i := range samples {
		fmt.Fprintf(&across, "\ts%d", i)
		fmt.Fprintf(&down, "\ns%d\t%s", i, strings.Join(text[i*genes:(i+1)*genes], "\t"))
		if i%3 > 0 {
			fmt.Fprintf(&labels, "\ns%d\tl", i)
		}
	}
	for j := range genes {
		fmt.Fprintf(&across, "\ng%d", j)
		for i := range samples {
			across.WriteString("\t" + text[i*genes+j])
		}
	}
	l := write(t, "l.tsv", labels.String())
	for _, cores := range []int{1, 3} {
		was := runtime.GOMAXPROCS(cores)
		for name, table := range map[string]string{"rows": down.String(), "columns": across.String(), "gzip": zipped(across.String())} {
			raw, err := opened{write(t, "x.tsv", table), l}.Read(context.Background(), nil)
			if err != nil {
				t.Fatal(name, err)
			}
			if raw.X.Rows != 100 || raw.X.Cols != genes {
				t.Fatalf("%s: %d × %d", name, raw.X.Rows, raw.X.Cols)
			}
			for k := range raw.X.Rows {
				i := k/2*3 + k%2 + 1
				for j, v := range raw.X.Row(k) {
					if raw.Samples.IDs()[k] != fmt.Sprint("s", i) || v != x[i*genes+j] {
						t.Fatalf("%s: sample %d (%s), gene %d is %v, want %v", name, k, raw.Samples.IDs()[k], j, v, x[i*genes+j])
					}
				}
			}
		}
		runtime.GOMAXPROCS(was)
	}
}

// What Open finds it says at once, and keeps with the set.
func TestOpenSaysItsNotes(t *testing.T) {
	t.Setenv("GXLAB_STORE", t.TempDir())
	var said []string
	c := Open(write(t, "x.tsv", strings.Replace(values, "2.5", "NA", 1)), write(t, "l.tsv", "sample\ttissue\ns3\tlung\ns1\theart\n"))
	s, err := c.Keep(context.Background(), func(what string, done, total int) {
		if total == 0 {
			said = append(said, what)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []string{"1 sample has no labels and is left out: s2", "1 value is missing: in sample s1, gene MARCH1"} {
		if !strings.Contains(strings.Join(said, "\n"), w) || !strings.Contains(strings.Join(s.Notes(), "\n"), w) {
			t.Errorf("%q is not among what was said, %q, and kept, %q", w, said, s.Notes())
		}
	}
}

func TestOpenStopsWhenAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (opened{path: write(t, "x.tsv", values)}).Read(ctx, nil); err == nil {
		t.Error("an ended context still read a table")
	}
}

func TestReadTable(t *testing.T) {
	tb, err := ReadTable(write(t, "genes.csv", "symbol,name\nNA,\"a, \"\"b\"\"\"\nSEPT2,\n"))
	if err != nil {
		t.Fatal(err)
	}
	if c, err := tb.Column("name"); err != nil || fmt.Sprint(tb.IDs(), c) != `[NA SEPT2] [a, "b" ]` {
		t.Error(tb.IDs(), c, err)
	}
	if _, err := ReadTable(write(t, "genes.csv", "symbol,name\nA,1\nA,2\n")); err == nil || !strings.Contains(err.Error(), "more than once: A") {
		t.Error(err)
	}
}

// The fast way to read a number is strconv's.
func TestParseIsStrconvs(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	check := func(s string) {
		want, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(s, err)
		}
		if got, ok := parse([]byte(s)); !ok || got != float32(want) {
			t.Fatalf("%s: %v (%v), want %v", s, got, ok, float32(want))
		}
	}
	for range 200000 {
		check(strconv.FormatFloat(math.Exp2(40*r.Float64()-20), 'f', r.IntN(18), 64))
	}
	for _, s := range []string{"0", "-0", "1.", ".5", "-.25", "+3", "1e-3", "123456789012345678", "0.000000000000000000000001", "1E+5", "00012.50"} {
		check(s)
	}
	for _, s := range []string{"-", ".", "1.2.3", "1,5", "1 2", "abc", "Inf", "1e99", "0x10", "1_000"} {
		if v, ok := parse([]byte(s)); ok {
			t.Errorf("%q was read as %v", s, v)
		}
	}
}

func FuzzOpen(f *testing.F) {
	for _, s := range []string{values, across, "\xef\xbb\xbf" + values, "a\n", "\"", "\"a\"\"b\"\tc\n\"\n\"\t1\n", "a,b\n1,2\n", zipped(values), zipped(values)[:20], "a;b;c\r\nd;1;2\r\n"} {
		f.Add([]byte(s), []byte(labelled))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, x, l []byte) {
		a, b := filepath.Join(dir, "x"), filepath.Join(dir, "l")
		if os.WriteFile(a, x, 0o666) != nil || os.WriteFile(b, l, 0o666) != nil {
			t.Skip()
		}
		raw, err := opened{a, b}.Read(context.Background(), nil)
		if err == nil && (len(raw.X.Data) != raw.X.Rows*raw.X.Cols || raw.Samples.Len() != raw.X.Rows || len(raw.Genes) != raw.X.Cols) {
			t.Errorf("%d values, %d × %d, %d labels, %d genes", len(raw.X.Data), raw.X.Rows, raw.X.Cols, raw.Samples.Len(), len(raw.Genes))
		}
	})
}

// Every real table opens with the size and the scale that its manifest gives.
func TestRealTables(t *testing.T) {
	data := os.Getenv("GXLAB_DATA")
	if data == "" {
		t.Skip("GXLAB_DATA names no folder of real tables")
	}
	m, err := os.ReadFile(filepath.Join(data, "MANIFEST.tsv"))
	if err != nil {
		t.Skip("no manifest:", err)
	}
	n := 0
	for _, line := range strings.Split(string(m), "\n") {
		f := strings.Split(line, "\t")
		base, ok := strings.CutSuffix(f[0], ".expression.tsv.gz")
		if !ok || len(f) < 3 {
			continue
		}
		dims, _, _ := strings.Cut(f[2], ";")
		var rows, cols int
		if _, err := fmt.Sscanf(dims, "%dx%d", &rows, &cols); err != nil {
			if _, err := fmt.Sscanf(dims, "%d samples x %d genes", &rows, &cols); err != nil {
				t.Errorf("%s: the manifest gives no size: %q", base, f[2])
				continue
			}
		}
		raw, err := opened{filepath.Join(data, f[0]), filepath.Join(data, base+".samples.tsv")}.Read(context.Background(), nil)
		if err != nil {
			t.Errorf("%s: %v", base, err)
			continue
		}
		n++
		unlogged := strings.Contains(f[3], "signal") || strings.Contains(f[3], "average difference") || strings.Contains(f[3], "PKM") || strings.Contains(f[3], "TPM") || strings.Contains(f[3], "counts")
		if why := prep.LooksUnlogged(raw.X); (why != "") != unlogged {
			t.Errorf("%s is %q in the manifest, and LooksUnlogged says %q", base, f[3], why)
		}
		if raw.X.Rows != rows || raw.X.Cols != cols {
			t.Errorf("%s is %d × %d, the manifest says %s", base, raw.X.Rows, raw.X.Cols, dims)
		}
	}
	if n < 20 {
		t.Errorf("%d tables", n)
	}
}
