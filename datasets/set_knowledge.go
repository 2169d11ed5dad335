package datasets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/stats"
)

// Networks, diseases and pathways.
var setSTRING = Public{
	Name: "string", What: "STRING 12: links between human proteins with their combined scores, and the proteins' names",
	Citation: "Szklarczyk et al. 2023, Nucleic Acids Res 51:D638, doi:10.1093/nar/gkac1000", Licence: "CC BY 4.0", Page: "https://string-db.org/cgi/download?species_text=Homo+sapiens",
	Files: []Remote{
		{Name: "string/9606.protein.links.v12.0.txt.gz", URLs: []string{"https://stringdb-downloads.org/download/protein.links.v12.0/9606.protein.links.v12.0.txt.gz"}},
		{Name: "string/9606.protein.aliases.v12.0.txt.gz", URLs: []string{"https://stringdb-downloads.org/download/protein.aliases.v12.0/9606.protein.aliases.v12.0.txt.gz"}},
	},
	Notes: notTried,
}

var setGWAS = Public{
	Name: "gwas-catalog", What: "associations of variants with diseases and traits, with genes",
	Citation: "Sollis et al. 2023, Nucleic Acids Res 51:D977, doi:10.1093/nar/gkac1010", Licence: "CC0", Page: "https://www.ebi.ac.uk/gwas/docs/file-downloads",
	Files: []Remote{{Name: "gwas/gwas-catalog-associations.tsv", URLs: []string{"https://www.ebi.ac.uk/gwas/api/search/downloads/full", "https://ftp.ebi.ac.uk/pub/databases/gwas/releases/latest/gwas-catalog-associations.tsv"}}},
	Notes: notTried + "; the newest release at the time of fetching",
}

var setDisGeNET = Public{
	Name: "disgenet", What: "curated associations of genes with diseases, with scores",
	Citation: "Piñero et al. 2020, Nucleic Acids Res 48:D845, doi:10.1093/nar/gkz1021", Licence: "DisGeNET's academic licence", Page: "https://disgenet.com",
	Files: []Remote{{Name: "disgenet/curated_gene_disease_associations.tsv.gz"}},
	Notes: "it asks for an account",
}

var setLandmarks = Public{
	Name: "l1000-landmarks", What: "the genes of L1000: which are landmarks, and which are inferred well",
	Citation: "Subramanian et al. 2017, Cell 171:1437, doi:10.1016/j.cell.2017.10.049", Licence: "CC BY 4.0 (LINCS)", Page: "https://www.ncbi.nlm.nih.gov/geo/query/acc.cgi?acc=GSE92742",
	Files: []Remote{{Name: "l1000/GSE92742_Broad_LINCS_gene_info.txt.gz", URLs: []string{"https://ftp.ncbi.nlm.nih.gov/geo/series/GSE92nnn/GSE92742/suppl/GSE92742_Broad_LINCS_gene_info.txt.gz"}}},
	Notes: notTried,
}

// enrichrSets are the gene set libraries of Enrichr.
func enrichrSets() (all []Public) {
	for _, l := range [][3]string{
		{"go-bp", "GO_Biological_Process_2023", "Gene Ontology, biological processes"}, {"go-cc", "GO_Cellular_Component_2023", "Gene Ontology, cellular components"},
		{"go-mf", "GO_Molecular_Function_2023", "Gene Ontology, molecular functions"}, {"kegg", "KEGG_2021_Human", "KEGG pathways"},
		{"reactome", "Reactome_2022", "Reactome pathways"}, {"wikipathways", "WikiPathway_2023_Human", "WikiPathways, human"},
	} {
		all = append(all, Public{
			Name: l[0], What: l[2] + ", as Enrichr has them (" + l[1] + ")", Citation: "Xie et al. 2021, Curr Protoc 1:e90, doi:10.1002/cpz1.90", Licence: "Enrichr's terms; each library its own",
			Page:  "https://maayanlab.cloud/Enrichr/#libraries",
			Files: []Remote{{Name: "enrichr/" + l[1] + ".gmt", URLs: []string{"https://maayanlab.cloud/Enrichr/geneSetLibrary?mode=text&libraryName=" + l[1]}}},
			Notes: notTried,
		})
	}
	return all
}

// STRING is STRING's network of human genes with a combined score of at least min, by
// symbols.
func STRING(ctx context.Context, min float64, tell gx.Tell) ([]Edge, error) {
	paths, err := Fetch(ctx, "string", tell)
	if err != nil {
		return nil, err
	}
	names, err := StringAliases(paths[1])
	if err != nil {
		return nil, err
	}
	return Edges(paths[0], EdgeRules{MinWeight: min, Names: names})
}

// Library is a public collection of gene sets: go-bp, go-cc, go-mf, kegg, reactome,
// wikipathways, gwas-catalog or disgenet.
func Library(ctx context.Context, name string, tell gx.Tell, rules ...SetRules) (stats.GeneSets, error) {
	var known []string
	for _, p := range append(enrichrSets(), setGWAS, setDisGeNET) {
		known = append(known, p.Name)
	}
	if !slices.Contains(known, name) {
		return stats.GeneSets{}, fault.New(fmt.Sprintf("there is no library of gene sets %q", name), "", "one of "+strings.Join(known, ", "))
	}
	paths, err := Fetch(ctx, name, tell)
	if err != nil {
		return stats.GeneSets{}, err
	}
	return GeneSets(paths[0], rules...)
}

// Landmarks are the symbols of L1000's 978 landmark genes.
func Landmarks(ctx context.Context, tell gx.Tell) ([]string, error) {
	paths, err := Fetch(ctx, "l1000-landmarks", tell)
	if err != nil {
		return nil, err
	}
	return readLandmarks(paths[0])
}

// readLandmarks reads LINCS's table of genes: pr_is_lm says which are landmarks.
func readLandmarks(path string) ([]string, error) {
	l, err := openText(path, '\t')
	if err != nil {
		return nil, err
	}
	defer l.close()
	l.plain = true
	var genes, head []string
	for {
		line, err := l.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		row, err := l.names(line)
		if err != nil {
			return nil, err
		}
		if head == nil {
			head = row
			continue
		}
		symbol, is := slices.Index(head, "pr_gene_symbol"), slices.Index(head, "pr_is_lm")
		if symbol < 0 || is < 0 {
			return nil, fault.New("the table has no columns pr_gene_symbol and pr_is_lm", path, "LINCS's gene_info.txt")
		}
		if len(row) != len(head) {
			return nil, ragged(l.at(), len(row), len(head))
		}
		if row[is] == "1" {
			genes = append(genes, row[symbol])
		}
	}
	if len(genes) == 0 {
		return nil, fault.New("the table names no landmark genes", path, "LINCS's gene_info.txt")
	}
	return genes, nil
}
