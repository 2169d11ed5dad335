package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
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
	// all.
	MinWeight float64
	// Names maps the file's names to those wanted, such as STRING's proteins to symbols
	// (see StringAliases); edges of genes without a name are left out. nil keeps them.
	Names map[string]string
	// Physical takes BioGRID's physical interactions alone.
	Physical bool
	// Notes hears what was left out.
	Notes func(string)
}

// Edges reads a network of genes from a file, whose kind its content tells: STRING's
// links (protein1, protein2, combined_score), BioGRID's tab 3 (interactions between
// human genes), or a plain list of pairs, with a weight perhaps, between tabs, blanks
// or commas, with a header or without. The file may be gzipped or packed with zstd.
//
// A pair that stands there twice, either way round, is taken once with its largest
// weight; edges of a gene with itself are left out.
func Edges(path string, rules ...EdgeRules) ([]Edge, error) {
	e := &edgeReader{seen: map[[2]string]int{}}
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
	if e.rules.Notes != nil {
		for _, n := range []struct {
			count int
			what  string
		}{{e.loops, "edges of a gene with itself"}, {e.twice, "edges that stand there twice"}, {e.light, "edges below the least weight"}, {e.nameless, "edges of genes without a name"}, {e.others, "interactions of another kind or species"}} {
			if n.count > 0 {
				e.rules.Notes(fmt.Sprintf("%d %s are left out", n.count, n.what))
			}
		}
	}
	return e.edges, nil
}

type edgeReader struct {
	*lines
	rules                                 EdgeRules
	edges                                 []Edge
	seen                                  map[[2]string]int
	loops, twice, light, nameless, others int
}

func (e *edgeReader) add(a, b string, w float64) {
	if e.rules.Names != nil {
		a, b = e.rules.Names[a], e.rules.Names[b]
	}
	switch {
	case w < e.rules.MinWeight:
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

// cut cuts a line at tabs, or else at commas, or else at blanks.
func (e *edgeReader) cut(line []byte) ([]string, error) {
	var parts [][]byte
	switch {
	case bytes.IndexByte(line, '\t') >= 0:
		parts = bytes.Split(line, []byte{'\t'})
	case bytes.IndexByte(line, ',') >= 0:
		parts = bytes.Split(line, []byte{','})
	default:
		parts = bytes.Fields(line)
	}
	out := make([]string, len(parts))
	for i, p := range parts {
		var err error
		if out[i], err = name(p, e.here()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (e *edgeReader) read() error {
	var take func([]string) error
	for {
		line, err := e.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		row, err := e.cut(line)
		if err != nil {
			return err
		}
		if take == nil {
			var header bool
			if take, header = e.table(row); header {
				continue
			}
		}
		if err := take(row); err != nil {
			return err
		}
	}
}

// table is what takes a line of the kind of table that begins with this one, and
// whether that is a header.
func (e *edgeReader) table(head []string) (take func([]string) error, header bool) {
	at := func(names ...string) int { // the first name that is there
		for _, n := range names {
			if i := slices.IndexFunc(head, func(h string) bool { return strings.EqualFold(strings.TrimPrefix(h, "#"), n) }); i >= 0 {
				return i
			}
		}
		return -1
	}
	if a, b := at("Official Symbol Interactor A"), at("Official Symbol Interactor B"); a >= 0 && b >= 0 {
		kind, from, to := at("Experimental System Type"), at("Organism ID Interactor A", "Organism Interactor A"), at("Organism ID Interactor B", "Organism Interactor B")
		return func(row []string) error {
			if len(row) != len(head) {
				return ragged(e.at(), len(row), len(head))
			}
			human := from < 0 || to < 0 || row[from] == "9606" && row[to] == "9606"
			if !human || e.rules.Physical && kind >= 0 && !strings.EqualFold(row[kind], "physical") {
				e.others++
				return nil
			}
			e.add(row[a], row[b], 1)
			return nil
		}, true
	}
	a, b := at("protein1", "a", "source", "from", "node1", "gene1", "gene_a", "genea", "interactor_a", "geneid1"), at("protein2", "b", "target", "to", "node2", "gene2", "gene_b", "geneb", "interactor_b", "geneid2")
	weight := at("combined_score", "weight", "score", "confidence", "combined_score_n")
	header = a >= 0 && b >= 0
	if !header {
		if a, b, weight = 0, 1, -1; len(head) > 2 {
			weight = 2
		}
		if len(head) > 2 {
			if _, ok := parse([]byte(head[2])); !ok || head[2] == "" {
				header = true // a header of other names
			}
		}
	}
	return func(row []string) error {
		if len(row) != len(head) {
			return ragged(e.at(), len(row), len(head))
		}
		if len(row) < 2 {
			return fault.New("the line names one gene", e.at(), "two genes and perhaps a weight")
		}
		w := 1.0
		if weight >= 0 {
			v, ok := parse([]byte(row[weight]))
			if !ok || row[weight] == "" {
				what, try := notNumber([]byte(row[weight]))
				return fault.New(what, e.at(), try)
			}
			w = float64(v)
		}
		e.add(row[a], row[b], w)
		return nil
	}, header
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
