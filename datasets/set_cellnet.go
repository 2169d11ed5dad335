package datasets

import (
	"context"
	"slices"
	"strings"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
)

// setCellNet is the training data of the cell identity code paper.
var setCellNet = Public{
	Name:     "cellnet-human",
	What:     "CellNet's human training arrays: 16 cell types and tissues, HG-U133 Plus 2, log2, quantile normalised",
	Citation: "Cahan et al. 2014, Cell 158:903, doi:10.1016/j.cell.2014.07.020",
	Licence:  "none stated; arrays from GEO",
	Page:     "https://github.com/pcahan1/CellNet",
	Samples:  1040, Genes: 20184,
	Files: []Remote{{Name: "cellnet-human/expression.rda"}, {Name: "cellnet-human/samples.rda"}},
	Notes: "its publishers give R objects in several places and no lasting address: the matrix, genes × samples, as expression.rda (or .rds) and the table of samples, with a column description1, as samples.rda",
	read:  readCellNet,
}

// CellNet is CellNet's human training set: 1040 samples × 20184 genes. The label
// tissue is the cell type or tissue in plain words.
func CellNet() gx.Cohort { return cohortOf("cellnet-human") }

func readCellNet(ctx context.Context, paths []string, tell gx.Tell) (*gx.Raw, error) {
	raw, err := opened{path: paths[0]}.Read(ctx, tell)
	if err != nil {
		return nil, err
	}
	tables, err := rTables(ctx, paths[1])
	if err != nil {
		return nil, err
	}
	for _, l := range tables {
		order := l.order(raw.Samples.IDs())
		if order == nil || len(l.columns[0].values) < len(order) {
			continue
		}
		for _, c := range l.columns {
			v := make([]string, len(order))
			for i, k := range order {
				v[i] = c.values[k]
			}
			if raw.Samples, err = raw.Samples.With(c.name, v); err != nil {
				return nil, err
			}
		}
	}
	for _, column := range []string{"description1", "tissue", "celltype", "description"} {
		if raw.Samples.Has(column) {
			return raw, relabelled(raw, "tissue", column, cellNetTissue)
		}
	}
	return nil, fault.New("no column of the table of samples names their tissue: it has "+strings.Join(raw.Samples.Names(), ", "), paths[1], "a column description1, as CellNet calls it")
}

// cellNetTissue is CellNet's name of a cell type in plain words: hspc and
// skeletal_muscle become hematopoietic stem cell and skeletal muscle.
func cellNetTissue(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	known := map[string]string{
		"esc": "embryonic stem cell", "ipsc": "embryonic stem cell", "hspc": "hematopoietic stem cell", "bcell": "B cell", "b_cell": "B cell", "tcell": "T cell", "t_cell": "T cell",
		"skeletalmuscle": "skeletal muscle", "muscle_skel": "skeletal muscle", "muscle_skeletal": "skeletal muscle", "endothelial": "endothelial cell", "fibroblasts": "fibroblast",
		"neurons": "neuron", "macrophages": "macrophage", "wat": "adipose",
	}
	if k, ok := known[s]; ok {
		return k
	}
	words := strings.FieldsFunc(s, func(r rune) bool { return r == '_' || r == '.' || r == ' ' })
	words = slices.DeleteFunc(words, func(w string) bool { return w == "normal" || w == "adult" })
	return strings.Join(words, " ")
}
