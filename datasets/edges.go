package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
)

// An Edge joins two genes; Weight is the file's, or 1.
type Edge struct {
	A, B   string
	Weight float64
}

// EdgeRules say which edges are taken.
type EdgeRules struct {
	// MinWeight is the least weight, such as 700 of STRING's combined scores; 0 takes
	// all, negative weights too.
	MinWeight float64
	// Names maps the file's names to those wanted, such as STRING's proteins to symbols
	// (see StringAliases); edges of genes without a name are left out. nil keeps them.
	Names map[string]string
	// Physical takes BioGRID's physical interactions alone.
	Physical bool
	// Header says what the first line is: 1 a header, −1 an edge; 0: what Edges' rule
	// tells.
	Header int
	// Notes hears what was left out.
	Notes func(string)
}

// Edges reads a network of genes from a file, whose kind its content tells: STRING's
// links (protein1, protein2, combined_score), BioGRID's tab 3 (interactions between
// human genes), or a plain list of pairs, with a weight perhaps, between tabs, commas,
// semicolons or blanks, with a header or without. The file may be gzipped or packed
// with zstd.
//
// Lines that begin with # are no edges; the last of them before the first edge may be
// the header. Another first line is a header where it has no number in the column
// that is the weight, or, in a list without weights, where it names two columns
// (gene1 and gene2, source and target, A and B …) and neither of those names is a gene
// further down. A header tells the columns of the genes and of the weight; else they
// are the first, the second and the third.
//
// A pair that stands there twice, either way round, is taken once with its largest
// weight; edges of a gene with itself and edges whose weight is missing are left out.
func Edges(path string, rules ...EdgeRules) ([]Edge, error) {
	e := &edgeReader{seen: map[[2]string]int{}, kind: -1, from: -1, to: -1}
	if len(rules) > 0 {
		e.rules = rules[0]
	}
	var err error
	if e.lines, err = openText(path, '\t'); err != nil {
		return nil, err
	}
	defer e.close()
	e.plain = true
	if err := e.read(); err != nil {
		return nil, err
	}
	if len(e.edges) == 0 {
		return nil, fault.New("the file holds no edges that are wanted", path, "a line for each edge: two genes and perhaps a weight; a lower MinWeight; names that fit")
	}
	say(e.rules.Notes,
		tally{e.loops, "edges of a gene with itself are left out"},
		tally{e.twice, "edges that stand there twice are left out"},
		tally{e.light, "edges below the least weight are left out"},
		tally{e.unsure, "edges without a weight are left out"},
		tally{e.nameless, "edges of genes without a name are left out"},
		tally{e.others, "interactions of another kind or species are left out"})
	return e.edges, nil
}

type edgeReader struct {
	*lines
	rules EdgeRules
	edges []Edge
	seen  map[[2]string]int // where a pair is in edges

	loops, twice, light, unsure, nameless, others int

	cut    byte // between fields; ' ' is any blanks
	width  int  // how many fields a line has
	a, b   int  // the columns of the genes
	weight int  // and of the weight; −1 where there is none

	// BioGRID's columns; −1 where there are none.
	kind, from, to int

	// doubtful is a first line that names columns; asGene says that one of those names
	// is a gene.
	doubtful []string
	asGene   bool
}

func (e *edgeReader) add(a, b string, w float64) {
	if e.rules.Names != nil {
		a, b = e.rules.Names[a], e.rules.Names[b]
	}
	switch {
	case e.rules.MinWeight != 0 && w < e.rules.MinWeight:
		e.light++
		return
	case a == "" || b == "":
		e.nameless++
		return
	case a == b:
		e.loops++
		return
	}
	key := [2]string{min(a, b), max(a, b)}
	if i, ok := e.seen[key]; ok {
		e.twice++
		e.edges[i].Weight = max(e.edges[i].Weight, w)
		return
	}
	e.seen[key] = len(e.edges)
	e.edges = append(e.edges, Edge{a, b, w})
}

// row is a line's fields.
func (e *edgeReader) row(line []byte) ([]string, error) {
	if e.cut != ' ' {
		return e.texts(line, e.cut, e.width)
	}
	if i := bytes.IndexByte(line, '\r'); i >= 0 {
		return nil, fault.New(fmt.Sprintf("a line end stands within the line, in %q", line[max(0, i-15):min(len(line), i+15)]), e.at(), "line ends of one kind")
	}
	var out []string
	for line = bytes.TrimLeft(line, " \t"); len(line) > 0; line = bytes.TrimLeft(line, " \t") {
		n := bytes.IndexAny(line, " \t")
		if n < 0 {
			n = len(line)
		}
		if line[0] == '"' {
			if _, rest, closed := quoted(line); closed {
				n = len(line) - len(rest)
			}
		}
		f, err := e.text(line[:n], len(out))
		if err != nil {
			return nil, err
		}
		out, line = append(out, f), line[n:]
	}
	return out, nil
}

// between is what stands between the fields of a line.
func between(line []byte) byte {
	if d := sniff(line); bytes.IndexByte(line, d) >= 0 {
		return d
	}
	return ' '
}

func (e *edgeReader) read() error {
	var remark []byte // the last line that begins with #
	var first []string
	firstLine := 0
	for at := 1; ; {
		line, err := e.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if bare := bytes.TrimLeft(line, "\" \t"); len(bare) > 0 && bare[0] == '#' {
			if e.cut == 0 {
				remark = bytes.Clone(line)
			}
			continue
		}
		if e.cut == 0 {
			e.cut = between(line)
		}
		row, err := e.row(line)
		if err != nil {
			return err
		}
		switch at++; {
		case at == 2 && remark != nil:
			var head []string
			if head, err = e.row(remark); err != nil {
				return err
			}
			if _, _, ok := pairOf(head); ok && len(head) == len(row) {
				if err = e.columns(head, true); err == nil {
					err = e.take(row)
				}
				break
			}
			first, firstLine = row, e.line
		case at == 2:
			first, firstLine = row, e.line
		case first != nil:
			err = e.begin(first, row, firstLine)
			first = nil
		default:
			err = e.take(row)
		}
		if err != nil {
			return err
		}
	}
	if first != nil { // the only line
		if err := e.begin(first, nil, firstLine); err != nil {
			return err
		}
	}
	e.settle()
	return nil
}

// begin tells from the first two lines what the columns are, and takes them.
func (e *edgeReader) begin(first, second []string, firstLine int) error {
	_, _, known := pairOf(first)
	official := columnOf(first, "officialsymbolinteractora") >= 0 || columnOf(first, "protein1") >= 0 && columnOf(first, "protein2") >= 0
	shifted := len(first) > 1 && len(second) == len(first)+1 // R's row names have no header
	header, doubtful := official || shifted, false
	if w := weightOf(first, known); !header && w >= 0 {
		_, err := strconv.ParseFloat(first[w], 64) // infinities are refused later
		header = err != nil && !missing(first[w])
	} else if !header && known {
		header, doubtful = true, true
	}
	if e.rules.Header != 0 {
		header, doubtful = e.rules.Header > 0, false
	}
	line := e.line
	e.line = firstLine
	head := first
	if shifted {
		head = append([]string{""}, first...)
	}
	if err := e.columns(head, header); err != nil {
		return err
	}
	switch {
	case doubtful:
		e.doubtful = first
	case !header:
		if err := e.take(first); err != nil {
			return err
		}
	}
	if e.line = line; second == nil {
		return nil
	}
	return e.take(second)
}

// settle takes the first line for an edge after all where its names are genes.
func (e *edgeReader) settle() {
	if e.doubtful == nil || !e.asGene {
		return
	}
	rest := e.edges
	e.edges, e.seen = nil, map[[2]string]int{}
	e.add(e.doubtful[e.a], e.doubtful[e.b], 1)
	for _, x := range rest {
		names := e.rules.Names
		e.rules.Names = nil // they have been mapped
		e.add(x.A, x.B, x.Weight)
		e.rules.Names = names
	}
}

// pairOf are the columns that a header names as the two genes.
func pairOf(head []string) (a, b int, ok bool) {
	for _, names := range [][2]string{
		{"officialsymbolinteractora", "officialsymbolinteractorb"}, {"protein1", "protein2"}, {"a", "b"}, {"source", "target"}, {"from", "to"}, {"node1", "node2"}, {"gene1", "gene2"},
		{"genea", "geneb"}, {"interactora", "interactorb"}, {"geneid1", "geneid2"}, {"symbol1", "symbol2"}, {"regulator", "target"}, {"tf", "target"}, {"genesymbola", "genesymbolb"},
	} {
		if a, b = columnOf(head, names[0]), columnOf(head, names[1]); a >= 0 && b >= 0 {
			return a, b, true
		}
	}
	return 0, 1, false
}

// weightOf is the column of the weight in a line that may be a header; −1 where there
// is none.
func weightOf(head []string, known bool) int {
	w := columnOf(head, "combinedscore", "weight", "score", "confidence", "combinedscoren", "importance")
	if w < 0 && len(head) == 3 || w < 0 && len(head) > 2 && !known {
		w = 2
	}
	return w
}

// columns takes the columns from the first line.
func (e *edgeReader) columns(head []string, header bool) error {
	if len(head) < 2 {
		return fault.New("the line names one gene", e.at(), "two genes and perhaps a weight")
	}
	e.width, e.a, e.b, e.weight = len(head), 0, 1, -1
	if len(head) > 2 {
		e.weight = 2
	}
	if !header {
		return nil
	}
	known := false
	if e.a, e.b, known = pairOf(head); head[0] == "" && !known { // after row names
		e.a, e.b, e.weight = 1, 2, -1
		if len(head) > 3 {
			e.weight = 3
		}
		return nil
	}
	e.weight = weightOf(head, known)
	if e.weight == e.a || e.weight == e.b {
		e.weight = -1
	}
	if columnOf(head, "officialsymbolinteractora") >= 0 {
		e.weight = -1
		e.kind = columnOf(head, "experimentalsystemtype")
		e.from, e.to = columnOf(head, "organismidinteractora", "organisminteractora"), columnOf(head, "organismidinteractorb", "organisminteractorb")
		if e.to < 0 {
			e.from = -1
		}
	}
	return nil
}

// take takes a line.
func (e *edgeReader) take(row []string) error {
	if len(row) < 2 {
		return fault.New("the line names one gene", e.at(), "two genes and perhaps a weight")
	}
	if len(row) != e.width {
		return ragged(e.at(), len(row), e.width)
	}
	if e.from >= 0 && (row[e.from] != "9606" || row[e.to] != "9606") || e.rules.Physical && e.kind >= 0 && !strings.EqualFold(row[e.kind], "physical") {
		e.others++
		return nil
	}
	a, b := row[e.a], row[e.b]
	if d := e.doubtful; d != nil {
		e.asGene = e.asGene || a == d[e.a] || a == d[e.b] || b == d[e.a] || b == d[e.b]
	}
	if e.weight < 0 {
		e.add(a, b, 1)
		return nil
	}
	w, ok := exact(row[e.weight])
	if !ok && missing(row[e.weight]) {
		e.unsure++
		return nil
	}
	if !ok {
		what, try := notNumber([]byte(row[e.weight]))
		return fault.New(what, e.column(e.weight), try)
	}
	e.add(a, b, w)
	return nil
}

// StringAliases reads STRING's file of aliases (or of protein info), and returns the
// gene symbol of each protein: for EdgeRules.Names.
func StringAliases(path string) (map[string]string, error) {
	l, err := openText(path, '\t')
	if err != nil {
		return nil, err
	}
	defer l.close()
	l.plain = true
	out, best := map[string]string{}, map[string]int{}
	// Sources, best first, of Ensembl's HGNC symbols and UniProt's names.
	order := []string{"Ensembl_HGNC_symbol", "Ensembl_HGNC", "BioMart_HUGO", "Ensembl_UniProt_GN", "UniProt_GN_Name", "Ensembl_EntrezGene"}
	for info := false; ; {
		line, err := l.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		row := strings.Split(string(line), "\t")
		if strings.HasPrefix(row[0], "#") || row[0] == "protein_external_id" {
			info = len(row) > 1 && row[1] == "preferred_name"
			continue
		}
		if len(row) < 3 {
			return nil, fault.New(fmt.Sprintf("the line has %d fields", len(row)), l.at(), "STRING's protein.aliases or protein.info file")
		}
		if info {
			out[row[0]] = row[1]
			continue
		}
		rank := len(order) + 1
		for _, source := range strings.Fields(row[2]) {
			if i := slices.Index(order, source); i >= 0 {
				rank = min(rank, i+1)
			}
		}
		if b, ok := best[row[0]]; rank <= len(order) && (!ok || rank < b) {
			best[row[0]], out[row[0]] = rank, row[1]
		}
	}
	if len(out) == 0 {
		return nil, fault.New("the file names no proteins", path, "STRING's protein.aliases or protein.info file")
	}
	return out, nil
}
