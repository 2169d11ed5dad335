package datasets

import (
	"context"
	"strings"

	"github.com/gxlab/gxlab/gx"
)

// The lung cancer series of the disease-module paper's neighbours.
var setGSE4573 = Public{
	Name: "gse4573", What: "130 squamous cell lung carcinomas, HG-U133A, MAS5 signal",
	Citation: "Raponi et al. 2006, Cancer Res 66:7466, doi:10.1158/0008-5472.CAN-06-1191", Licence: "GEO: public domain unless its submitters say otherwise",
	Page: "https://www.ncbi.nlm.nih.gov/geo/query/acc.cgi?acc=GSE4573", Samples: 130, Genes: 22283,
	Files: []Remote{{Name: "geo/GSE4573_series_matrix.txt.gz", URLs: geoMatrix("GSE4573")}}, Notes: notTried,
	read: func(ctx context.Context, paths []string, tell gx.Tell) (*gx.Raw, error) {
		raw, err := readOpened(ctx, paths, tell)
		if err != nil {
			return nil, err
		}
		return raw, relabelled(raw, "tissue", "title", func(string) string { return "squamous cell lung carcinoma" })
	},
}

var setGSE10072 = Public{
	Name: "gse10072", What: "58 lung adenocarcinomas and 49 normal lungs, HG-U133A, log2 RMA",
	Citation: "Landi et al. 2008, PLoS ONE 3:e1651, doi:10.1371/journal.pone.0001651", Licence: "GEO: public domain unless its submitters say otherwise",
	Page: "https://www.ncbi.nlm.nih.gov/geo/query/acc.cgi?acc=GSE10072", Samples: 107, Genes: 22283,
	Files: []Remote{{Name: "geo/GSE10072_series_matrix.txt.gz", URLs: geoMatrix("GSE10072")}}, Notes: notTried,
	read: func(ctx context.Context, paths []string, tell gx.Tell) (*gx.Raw, error) {
		raw, err := readOpened(ctx, paths, tell)
		if err != nil {
			return nil, err
		}
		return raw, relabelled(raw, "tissue", "source_name_ch1", lungTissue)
	},
}

// GSE4573 and GSE10072 are two series of lung tumours; tissue says tumour or normal.
func GSE4573() gx.Cohort { return cohortOf("gse4573") }

// GSE10072 is the second of the two.
func GSE10072() gx.Cohort { return cohortOf("gse10072") }

// notTried is what is said of an address that has not answered us yet.
const notTried = "the address is the publishers' own and has not been tried yet"

// geoMatrix are the addresses of a series matrix.
func geoMatrix(series string) []string {
	folder := series[:max(3, len(series)-3)] + "nnn"
	return []string{"https://ftp.ncbi.nlm.nih.gov/geo/series/" + folder + "/" + series + "/matrix/" + series + "_series_matrix.txt.gz"}
}

// lungTissue is a sample's source in two words.
func lungTissue(s string) string {
	low := strings.ToLower(s)
	switch {
	case strings.Contains(low, "normal") || strings.Contains(low, "non-tumor") || strings.Contains(low, "non-involved"):
		return "normal lung"
	case strings.Contains(low, "adeno") || strings.Contains(low, "tumor") || strings.Contains(low, "tumour"):
		return "lung adenocarcinoma"
	}
	return s
}
