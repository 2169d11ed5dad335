package datasets

import (
	"bytes"
	"fmt"
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
	// Notes hears what was left out or merged.
	Notes func(string)
}

// GeneSets reads gene sets from a file, whose kind its content tells: GMT (a set a
// line: name, description, genes, each perhaps with a weight after a comma, which is
// passed over), the GWAS catalog's table of associations, DisGeNET's table of genes
// and diseases, or a table of two columns, set and gene, or gene and set where the
// header says so. Tables may be cut at commas or semicolons too. The file may be
// gzipped or packed with zstd.
//
// Lines before the first set that begin with # are remarks, or the header. Where one
// column alone has a name that headers have (gene, term, pathway …), and that name is
// a set or a gene further down too, the line is none.
//
// Lines of one set are merged; a gene that a set names twice is taken once; sets
// without genes are left out. Of the catalog's genes NR, NA and intergenic are none.
func GeneSets(path string, rules ...SetRules) (stats.GeneSets, error) {
	l, err := openText(path, '\t')
	if err != nil {
		return stats.GeneSets{}, err
	}
	defer l.close()
	l.plain = true
	s := &setReader{lines: l, index: map[string]int{}}
	if len(rules) > 0 {
		s.rules = rules[0]
	}
	if s.rules.MaxP == 0 {
		s.rules.MaxP = 5e-8
	}
	if err := s.read(); err != nil {
		return stats.GeneSets{}, err
	}
	return s.sets(path)
}

// setReader collects sets.
type setReader struct {
	*lines
	rules SetRules
	all   []stats.GeneSet
	index map[string]int

	// doubtful is a first line that may be a header; asSet says that it is a set and a
	// gene.
	doubtful *stats.GeneSet
	asSet    bool

	again, weak, unsure, bare int // lines of sets that were there, or that give no gene
}

func (s *setReader) add(set, description string, genes ...string) {
	i, ok := s.index[set]
	if !ok {
		i = len(s.all)
		s.index[set] = i
		s.all = append(s.all, stats.GeneSet{Name: set, Description: description})
	}
	s.all[i].Genes = append(s.all[i].Genes, genes...)
}

// sets are those that have genes.
func (s *setReader) sets(path string) (stats.GeneSets, error) {
	named := 0
	for _, g := range s.all {
		for _, name := range g.Genes {
			if name != "" {
				named++
			}
		}
	}
	all, err := stats.NewGeneSets(s.all...)
	if err != nil {
		return stats.GeneSets{}, err
	}
	out := all.Sized(1, 0)
	for _, g := range out.All() {
		named -= len(g.Genes)
	}
	say(s.rules.Notes,
		tally{s.again, "lines go on with a set that stands before them, and are merged with it"},
		tally{named, "genes stand in a set more than once, and are taken once"},
		tally{all.Len() - out.Len(), "sets without genes are left out"},
		tally{s.weak, "associations beyond the limit are left out"},
		tally{s.unsure, "associations without a p-value or score are left out"},
		tally{s.bare, "lines that name no set or no gene are left out"})
	if out.Len() == 0 {
		try := "GMT: a name, a description and genes in each line, between tabs"
		if s.weak+s.unsure > 0 {
			try = "other limits: a larger MaxP, a lower MinScore"
		}
		return out, fault.New("the file holds no gene sets that are wanted", path, try)
	}
	return out, nil
}

func (s *setReader) read() error {
	var (
		first  []string
		take   func([]string) error
		header bool
		delim  byte
	)
	for {
		line, err := s.needed("a header or a set")
		if err != nil {
			return err
		}
		if delim = s.delim; bytes.IndexByte(line, delim) < 0 {
			delim = sniff(line)
		}
		if first, err = s.texts(line, delim, 0); err != nil {
			return err
		}
		if take, header, err = s.table(first); err != nil {
			return err
		}
		if header || !strings.HasPrefix(first[0], "#") {
			break
		}
	}
	width := len(first)
	if take == nil {
		if delim != '\t' {
			return fault.New(fmt.Sprintf("this is no table of gene sets that is known: it begins with %s", some(first)), s.at(), "two columns, set and gene; or GMT, between tabs")
		}
		take, width = s.gmt, 0
	}
	if !header {
		if err := take(first); err != nil {
			return err
		}
	}
	err := s.each(delim, width, func(row []string) error {
		if width > 0 && len(row) != width {
			return ragged(s.at(), len(row), width)
		}
		return take(row)
	})
	if s.asSet {
		s.before(*s.doubtful)
	}
	return err
}

// before puts a set, or its gene, in front of the others.
func (s *setReader) before(first stats.GeneSet) {
	if i, ok := s.index[first.Name]; ok {
		s.all[i].Genes = append(slices.Clone(first.Genes), s.all[i].Genes...)
		return
	}
	s.all = append([]stats.GeneSet{first}, s.all...)
}

// table is what takes a line of the kind of table that begins with this one, and
// whether that is a header; nil for GMT.
func (s *setReader) table(head []string) (take func([]string) error, header bool, err error) {
	if trait, p := columnOf(head, "diseasetrait"), columnOf(head, "pvalue"); trait >= 0 && p >= 0 {
		column := columnOf(head, "reportedgenes", "mappedgene")
		if s.rules.Mapped {
			column = columnOf(head, "mappedgene")
		}
		if column < 0 {
			return nil, false, fault.New("the table of associations names no genes", s.at(), "a column MAPPED_GENE or REPORTED GENE(S)")
		}
		return func(row []string) error { return s.association(row, trait, p, column) }, true, nil
	}
	gene, disease := columnOf(head, "genesymbol", "symbol", "symbolofgene"), columnOf(head, "diseasename", "diseaseid")
	if gene >= 0 && disease >= 0 {
		score := columnOf(head, "score", "scoregda")
		if score < 0 && s.rules.MinScore > 0 {
			return nil, false, fault.New("the table has no scores", s.at(), "a column score, or no MinScore")
		}
		return func(row []string) error { return s.scored(row, disease, gene, score) }, true, nil
	}
	if len(head) == 2 {
		set, gene, header, sure := pairColumns(head)
		if header && !sure {
			s.doubtful = &stats.GeneSet{Name: head[set], Genes: head[gene : gene+1]}
		}
		return func(row []string) error {
			if row[set] == "" || row[gene] == "" {
				s.bare++
				return nil
			}
			if d := s.doubtful; d != nil && (row[set] == d.Name || row[gene] == d.Genes[0]) {
				s.asSet = true
			}
			s.add(row[set], "", row[gene])
			return nil
		}, header, nil
	}
	return nil, false, nil
}

// pairColumns tells the set from the gene in a table of two columns, whether its first
// line looks like a header, and whether both its names say so.
func pairColumns(head []string) (set, gene int, header, sure bool) {
	genes := []string{"gene", "genes", "genename", "genesymbol", "symbol", "hgncsymbol", "geneid", "entrez", "entrezid", "entrezgene", "ensembl", "ensemblid"}
	sets := []string{"set", "sets", "setname", "geneset", "genesetname", "gsname", "term", "termid", "termname", "goid", "pathway", "pathwayid", "pathwayname", "disease", "diseasename", "celltype", "cluster", "module", "signature"}
	is := func(i int, of []string) bool { return slices.Contains(of, heading(head[i])) }
	if is(0, genes) && !is(1, genes) || is(1, sets) && !is(0, sets) {
		return 1, 0, true, is(0, genes) && is(1, sets) || strings.HasPrefix(head[0], "#")
	}
	return 0, 1, is(0, sets) || is(1, genes), is(0, sets) && is(1, genes) || strings.HasPrefix(head[0], "#")
}

// gmt takes a line of GMT.
func (s *setReader) gmt(row []string) error {
	if len(row) < 3 || row[0] == "" {
		return fault.New(fmt.Sprintf("the line has %d fields", len(row)), s.at(), "a set's name, a description (which may be empty) and genes, between tabs")
	}
	genes := row[2:]
	for i, g := range genes {
		if k := strings.LastIndexByte(g, ','); k > 0 { // Enrichr's weight
			if _, ok := parse([]byte(g[k+1:])); ok {
				genes[i] = g[:k]
			}
		}
	}
	if _, again := s.index[row[0]]; again {
		s.again++
	}
	s.add(row[0], row[1], genes...)
	return nil
}

// association takes a line of the GWAS catalog.
func (s *setReader) association(row []string, trait, p, column int) error {
	v, ok := exact(row[p])
	if !ok && missing(row[p]) {
		s.unsure++
		return nil
	}
	if !ok || v < 0 || v > 1 {
		return fault.New(fmt.Sprintf("%q is no p-value", row[p]), s.column(p), "a number from 0 to 1, such as 4E-17")
	}
	if v > s.rules.MaxP {
		s.weak++
		return nil
	}
	genes := genesOf(row[column])
	if len(genes) == 0 || row[trait] == "" {
		s.bare++
		return nil
	}
	s.add(row[trait], "GWAS catalog", genes...)
	return nil
}

// genesOf are the genes of a field of the GWAS catalog, where several stand between
// commas, and the two that a variant lies between have a dash between them.
func genesOf(field string) (genes []string) {
	field = strings.NewReplacer(" - ", ",", " x ", ",").Replace(field)
	for _, g := range strings.FieldsFunc(field, func(r rune) bool { return r == ',' || r == ';' || r == '/' }) {
		switch g = strings.TrimSpace(g); strings.ToLower(g) {
		case "", "nr", "na", "intergenic", "no mapped genes":
		default:
			genes = append(genes, g)
		}
	}
	return genes
}

// scored takes a line of DisGeNET.
func (s *setReader) scored(row []string, disease, gene, score int) error {
	if s.rules.MinScore > 0 {
		v, ok := exact(row[score])
		switch {
		case !ok && missing(row[score]):
			s.unsure++
			return nil
		case !ok:
			return fault.New(fmt.Sprintf("%q is no score", row[score]), s.column(score), "a number")
		case v < s.rules.MinScore:
			s.weak++
			return nil
		}
	}
	if row[disease] == "" || row[gene] == "" {
		s.bare++
		return nil
	}
	s.add(row[disease], "DisGeNET", row[gene])
	return nil
}
