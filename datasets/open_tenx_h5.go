package datasets

import (
	"context"
	"fmt"

	"github.com/gxlab/gxlab/datasets/hdf"
	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
)

// tenXGenomes are the groups of a 10x file that hold a matrix each: "matrix" since
// Cell Ranger 3, one a genome before.
func tenXGenomes(f *hdf.File) (groups []string) {
	for _, g := range f.Children("") {
		if f.Has(g+"/indptr") && f.Has(g+"/barcodes") && (f.Has(g+"/features/id") || f.Has(g+"/genes")) {
			groups = append(groups, g)
		}
	}
	return groups
}

func isTenXH5(f *hdf.File) bool { return len(tenXGenomes(f)) > 0 }

// readTenXH5 reads a matrix as Cell Ranger writes it. As from a 10x folder, genes
// are called by their symbols, made distinct, and features that are no genes are
// left out. Of a file with several genomes (Cell Ranger 2) the genes stand side by
// side.
func readTenXH5(ctx context.Context, f *hdf.File, tell gx.Tell) (*content, error) {
	groups := tenXGenomes(f)
	t := &textTable{}
	cells := map[string]int{}
	var ids []string
	var counts []int // features of each group
	for _, g := range groups {
		rows, err := tenXFeatures(ctx, f, g)
		if err != nil {
			return nil, err
		}
		t.rows = append(t.rows, rows...)
		counts = append(counts, len(rows))
		barcodes, err := texts(ctx, f, g+"/barcodes")
		if err != nil {
			return nil, err
		}
		for _, b := range barcodes {
			if _, ok := cells[b]; !ok {
				cells[b] = len(ids)
				ids = append(ids, b)
			}
		}
	}
	if len(t.rows) == 0 || len(ids) == 0 {
		return nil, fault.New("the matrix is empty", f.Path(), "a matrix of several genes and cells")
	}
	c := &content{scale: "counts", samples: frame.New(ids)}
	column, err := c.features(t)
	if err != nil {
		return nil, err
	}
	if len(groups) > 1 {
		genome := make([]string, c.genes.Len())
		at := 0
		for i, n := range counts {
			for range n {
				if j := column[at]; j >= 0 {
					genome[j] = groups[i]
				}
				at++
			}
		}
		if c.genes, err = c.genes.With("genome", genome); err != nil {
			return nil, err
		}
	}
	if c.x, err = matrixOf(len(ids), c.genes.Len(), f.Path()); err != nil {
		return nil, err
	}
	touched(c.x)
	for i, g := range groups {
		barcodes, err := texts(ctx, f, g+"/barcodes")
		if err != nil {
			return nil, err
		}
		own := column[:counts[i]]
		column = column[counts[i]:]
		m := compressed{f: f, path: g, rows: len(barcodes), places: len(own), into: func(cell, gene int, v float32) {
			if j := own[gene]; j >= 0 {
				c.x.Data[cells[barcodes[cell]]*c.x.Cols+j] += v
			}
		}}
		if err := m.read(ctx, tell); err != nil {
			return nil, err
		}
	}
	if len(groups) > 1 {
		c.notes = append(c.notes, fmt.Sprintf("the genes of %d genomes stand side by side: %s", len(groups), some(groups)))
	}
	return c, nil
}

// tenXFeatures are the features of a matrix as a features.tsv has them: id, symbol,
// type.
func tenXFeatures(ctx context.Context, f *hdf.File, group string) ([][]string, error) {
	id, name, kind := group+"/features/id", group+"/features/name", group+"/features/feature_type"
	if f.Has(group + "/genes") {
		id, name, kind = group+"/genes", group+"/gene_names", ""
	}
	ids, err := texts(ctx, f, id)
	if err != nil {
		return nil, err
	}
	names, kinds := ids, []string(nil)
	if f.Has(name) {
		if names, err = texts(ctx, f, name); err != nil {
			return nil, err
		}
	}
	if kind != "" && f.Has(kind) {
		if kinds, err = texts(ctx, f, kind); err != nil {
			return nil, err
		}
	}
	if len(names) != len(ids) || kinds != nil && len(kinds) != len(ids) {
		return nil, fault.New(fmt.Sprintf("%d ids, %d names and %d types of features", len(ids), len(names), len(kinds)), f.Path()+", /"+group, "fetching or copying it again: it is damaged")
	}
	rows := make([][]string, len(ids))
	for i := range rows {
		rows[i] = []string{ids[i], names[i], expression}
		if kinds != nil {
			rows[i][2] = kinds[i]
		}
	}
	return rows, nil
}
