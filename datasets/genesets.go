package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/stats"
)

// SetRules say which lines of a table make a gene set's genes.
type SetRules struct {
	// MaxP is the largest p-value of an association of the GWAS catalog; 0 takes 5e-8,
	// genome-wide significance.
	MaxP float64
	// MinScore is the least score of DisGeNET; 0 takes all.
	MinScore float64
	// Mapped takes the catalog's genes nearest to the variant instead of those that
	// the studies report.
	Mapped bool
}

// GeneSets reads gene sets from a file, whose kind its content tells: GMT (a set a
// line: name, description, genes, each perhaps with a weight after a comma, which is
// passed over), the GWAS catalog's table of associations, DisGeNET's table of genes
// and diseases, or a table of two columns, set and gene. The file may be gzipped or
// packed with zstd. Sets that stand there twice are merged.
func GeneSets(path string, rules ...SetRules) (stats.GeneSets, error) {
	l, err := openText(path, '\t')
	if err != nil {
		return stats.GeneSets{}, err
	}
	defer l.close()
	l.plain = true
	rule := SetRules{}
	if len(rules) > 0 {
		rule = rules[0]
	}
	if rule.MaxP == 0 {
		rule.MaxP = 5e-8
	}
	s := &setReader{lines: l, rules: rule, index: map[string]int{}}
	if err := s.read(); err != nil {
		return stats.GeneSets{}, err
	}
	if len(s.sets) == 0 {
		return stats.GeneSets{}, fault.New("the file holds no gene sets", path, "GMT: a name, a description and genes in each line, between tabs")
	}
	return stats.NewGeneSets(s.sets...)
}

// setReader collects sets.
type setReader struct {
	*lines
	rules SetRules
	sets  []stats.GeneSet
	index map[string]int
}

func (s *setReader) add(set, description string, genes ...string) {
	i, ok := s.index[set]
	if !ok {
		i = len(s.sets)
		s.index[set] = i
		s.sets = append(s.sets, stats.GeneSet{Name: set, Description: description})
	}
	s.sets[i].Genes = append(s.sets[i].Genes, genes...)
}

// row is the next line as fields.
func (s *setReader) row() ([]string, error) {
	line, err := s.next()
	if err != nil {
		return nil, err
	}
	parts := bytes.Split(line, []byte{s.delim})
	out := make([]string, len(parts))
	for i, p := range parts {
		if out[i], err = name(p, s.here()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *setReader) read() error {
	first, err := s.row()
	if err != nil {
		return err
	}
	take, header := s.table(first)
	if !header {
		if err := take(first); err != nil {
			return err
		}
	}
	for {
		row, err := s.row()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = take(row)
		}
		if err != nil {
			return err
		}
	}
}

// table is what takes a line of the kind of table that begins with this one, and
// whether that is a header.
func (s *setReader) table(head []string) (take func([]string) error, header bool) {
	at := func(names ...string) int { // the first name that is there
		for _, n := range names {
			if i := slices.IndexFunc(head, func(h string) bool { return strings.EqualFold(h, n) }); i >= 0 {
				return i
			}
		}
		return -1
	}
	if trait, p := at("DISEASE/TRAIT"), at("P-VALUE"); trait >= 0 && p >= 0 {
		reported, mapped := at("REPORTED GENE(S)"), at("MAPPED_GENE")
		column := reported
		if s.rules.Mapped || reported < 0 {
			column = mapped
		}
		if column >= 0 {
			return func(row []string) error { return s.association(row, len(head), trait, p, column) }, true
		}
	}
	gene, disease := at("geneSymbol", "gene_symbol", "symbol"), at("diseaseName", "disease_name", "diseaseId")
	if gene >= 0 && disease >= 0 {
		score := at("score", "score_gda", "EI")
		return func(row []string) error { return s.scored(row, len(head), disease, gene, score) }, true
	}
	if len(head) == 2 {
		return func(row []string) error {
				if len(row) != 2 {
					return ragged(s.at(), len(row), 2)
				}
				s.add(row[0], "", row[1])
				return nil
			}, slices.ContainsFunc(head, func(h string) bool {
				return slices.Contains([]string{"gene", "genes", "gene_symbol", "symbol", "set", "term", "pathway"}, strings.ToLower(h))
			})
	}
	return s.gmt, false
}

// gmt takes a line of GMT.
func (s *setReader) gmt(row []string) error {
	if len(row) < 3 || row[0] == "" {
		return fault.New(fmt.Sprintf("the line has %d fields", len(row)), s.at(), "a set's name, a description (which may be empty) and genes, between tabs")
	}
	genes := make([]string, 0, len(row)-2)
	for _, g := range row[2:] {
		if k := strings.LastIndexByte(g, ','); k > 0 { // Enrichr's weight
			if _, ok := parse([]byte(g[k+1:])); ok {
				g = g[:k]
			}
		}
		genes = append(genes, g)
	}
	s.add(row[0], row[1], genes...)
	return nil
}

// association takes a line of the GWAS catalog.
func (s *setReader) association(row []string, width, trait, p, column int) error {
	if len(row) != width {
		return ragged(s.at(), len(row), width)
	}
	v, ok := parse([]byte(row[p]))
	if !ok || row[p] == "" {
		what, try := notNumber([]byte(row[p]))
		return fault.New(what, s.at(), try)
	}
	if float64(v) > s.rules.MaxP {
		return nil
	}
	var genes []string
	for _, g := range strings.FieldsFunc(strings.ReplaceAll(row[column], " - ", ","), func(r rune) bool { return r == ',' || r == ';' || r == '/' }) {
		g = strings.TrimSpace(g)
		switch strings.ToLower(g) {
		case "", "nr", "intergenic", "no mapped genes", "na":
		default:
			genes = append(genes, g)
		}
	}
	if len(genes) > 0 {
		s.add(row[trait], "GWAS catalog", genes...)
	}
	return nil
}

// scored takes a line of DisGeNET.
func (s *setReader) scored(row []string, width, disease, gene, score int) error {
	if len(row) != width {
		return ragged(s.at(), len(row), width)
	}
	if score >= 0 && s.rules.MinScore > 0 {
		v, ok := parse([]byte(row[score]))
		if !ok || row[score] == "" || float64(v) < s.rules.MinScore {
			return nil
		}
	}
	s.add(row[disease], "DisGeNET", row[gene])
	return nil
}
