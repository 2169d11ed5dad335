package datasets

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/gxlab/gxlab/datasets/hdf"
	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
)

// The compendia of the disease-module and landmark papers.
var setEMTAB3732 = Public{
	Name: "e-mtab-3732", What: "27,887 HG-U133 Plus 2 arrays of human tissues, cells and diseases, normalised together",
	Citation: "Torrente et al. 2016, PLoS ONE 11:e0157484, doi:10.1371/journal.pone.0157484", Licence: "EMBL-EBI terms of use",
	Page: "https://www.ebi.ac.uk/biostudies/arrayexpress/studies/E-MTAB-3732", Samples: 27887, Genes: 54675,
	Files: []Remote{{Name: "e-mtab-3732/processed.txt"}, {Name: "e-mtab-3732/E-MTAB-3732.sdrf.txt"}},
	Notes: "its processed file is unpacked and put under processed.txt, its table of samples under E-MTAB-3732.sdrf.txt",
	read:  readOpened,
}

var setARCHS4 = Public{
	Name: "archs4-human", What: "RNA-seq counts of human samples of GEO, aligned alike; ARCHS4(n, words…) chooses samples",
	Citation: "Lachmann et al. 2018, Nat Commun 9:1366, doi:10.1038/s41467-018-03751-6", Licence: "CC BY 4.0 (ARCHS4's terms)",
	Page:  "https://archs4.org/download",
	Files: []Remote{{Name: "archs4/human_gene_v2.4.h5", URLs: []string{"https://s3.dev.maayanlab.cloud/archs4/files/human_gene_v2.4.h5"}}},
	Notes: notTried + "; it has more than 40 GB",
	read:  archs4{n: 1000}.readFiles,
}

var setDGEXGEO = Public{
	Name: "dgex-geo", What: "D-GEX's GEO arrays: 129,158 samples × 22,268 probes, quantile normalised",
	Citation: "Chen et al. 2016, Bioinformatics 32:1832, doi:10.1093/bioinformatics/btw074", Licence: "none stated; arrays from GEO",
	Page: "https://github.com/uci-cbcl/D-GEX", Samples: 129158, Genes: 22268,
	Files: []Remote{{Name: "dgex/bgedv2_QNORM.gctx", URLs: []string{"https://cbcl.ics.uci.edu/public_data/D-GEX/bgedv2_QNORM.gctx"}}},
	Notes: notTried + "; it has 11 GB", read: readOpened,
}

var setDGEXGTEx = Public{
	Name: "dgex-gtex", What: "D-GEX's GTEx RNA-seq: 2,921 samples × 55,993 genes, RPKM",
	Citation: "Chen et al. 2016, Bioinformatics 32:1832, doi:10.1093/bioinformatics/btw074", Licence: "GTEx open access",
	Page: "https://github.com/uci-cbcl/D-GEX", Samples: 2921, Genes: 55993,
	Files: []Remote{{Name: "dgex/GTEx_RNASeq_RPKM_n2921x55993.gctx", URLs: []string{"https://cbcl.ics.uci.edu/public_data/D-GEX/GTEx_RNASeq_RPKM_n2921x55993.gctx"}}},
	Notes: notTried, read: readOpened,
}

// EMTAB3732 is the compendium of human arrays of the disease-module paper.
func EMTAB3732() gx.Cohort { return cohortOf("e-mtab-3732") }

// DGEXGEO are D-GEX's microarrays, DGEXGTEx its RNA-seq samples.
func DGEXGEO() gx.Cohort { return cohortOf("dgex-geo") }

// DGEXGTEx is the second platform of the landmark paper.
func DGEXGTEx() gx.Cohort { return cohortOf("dgex-gtex") }

// ARCHS4 is n human RNA-seq samples of ARCHS4, drawn at random (seed 1) from those
// whose title, source or characteristics hold one of the words; without words from
// all. Values are counts. It reads ARCHS4's one large file by columns.
func ARCHS4(n int, words ...string) gx.Cohort {
	if n < 2 {
		return gx.Failed(fault.New(fmt.Sprintf("ARCHS4 with %d samples", n), gx.Caller(), "a number from 2 up"))
	}
	p := setARCHS4
	a := archs4{n: n, words: words}
	p.read = a.readFiles
	return gx.From(archs4Source{published{p}, a})
}

type archs4 struct {
	n     int
	words []string
}

// archs4Source is a selection of samples.
type archs4Source struct {
	published
	a archs4
}

func (s archs4Source) Key() (string, error) {
	k, err := s.published.Key()
	return fmt.Sprintf("%s %d %q", k, s.a.n, s.a.words), err
}

func (a archs4) readFiles(ctx context.Context, paths []string, tell gx.Tell) (*gx.Raw, error) {
	f, err := hdf.Open(paths[0])
	if err != nil {
		return nil, err
	}
	defer f.Close()
	symbols := "meta/genes/symbol"
	for _, name := range []string{"meta/genes/symbol", "meta/genes/gene_symbol", "meta/genes/genes", "meta/genes"} {
		if f.Has(name) {
			symbols = name
		}
	}
	genes, err := texts(ctx, f, symbols)
	if err != nil {
		return nil, err
	}
	ids, err := texts(ctx, f, "meta/samples/geo_accession")
	if err != nil {
		return nil, err
	}
	about := map[string][]string{}
	match := make([]bool, len(ids))
	for _, column := range []string{"title", "source_name_ch1", "characteristics_ch1", "series_id"} {
		if !f.Has("meta/samples/" + column) {
			continue
		}
		v, err := texts(ctx, f, "meta/samples/"+column)
		if err != nil {
			return nil, err
		}
		if len(v) != len(ids) {
			return nil, fault.New(fmt.Sprintf("%d values of %s for %d samples", len(v), column, len(ids)), paths[0], "fetching it again")
		}
		about[column] = v
		for i, s := range v {
			match[i] = match[i] || len(a.words) == 0 || slices.ContainsFunc(a.words, func(w string) bool { return strings.Contains(strings.ToLower(s), strings.ToLower(w)) })
		}
	}
	var rows []int
	for i, ok := range match {
		if ok || len(about) == 0 {
			rows = append(rows, i)
		}
	}
	if len(rows) < 2 {
		return nil, fault.New(fmt.Sprintf("%d samples are told of by %s", len(rows), some(a.words)), paths[0], "other words, or none for all samples")
	}
	rng := rand.New(rand.NewPCG(1, 0xa4c54))
	rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	rows = rows[:min(a.n, len(rows))]
	slices.Sort(rows)
	names, note := distinct(genes, "gene")
	raw := &gx.Raw{Genes: names, Scale: "signal"}
	if note != "" {
		raw.Notes = append(raw.Notes, note)
	}
	picked := func(v []string) []string {
		out := make([]string, len(rows))
		for k, i := range rows {
			out[k] = v[i]
		}
		return out
	}
	raw.Samples = frame.New(picked(ids))
	for _, column := range []string{"title", "source_name_ch1", "characteristics_ch1", "series_id"} {
		if about[column] != nil {
			if raw.Samples, err = raw.Samples.With(column, picked(about[column])); err != nil {
				return nil, err
			}
		}
	}
	d, err := f.Dataset("data/expression")
	if err != nil {
		return nil, err
	}
	if raw.X, err = matrixOf(len(rows), len(genes), paths[0]); err != nil {
		return nil, err
	}
	if len(d.Dims) != 2 || d.Dims[0] != len(genes) || d.Dims[1] != len(ids) {
		return nil, fault.New(fmt.Sprintf("the counts are %v, of %d genes and %d samples", d.Dims, len(genes), len(ids)), paths[0], "fetching it again")
	}
	return raw, d.Columns(ctx, rows, reading(paths[0], tell), func(gene, k int, v float32) { raw.X.Data[k*raw.X.Cols+gene] = v })
}
