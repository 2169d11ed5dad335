package datasets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/frame"
)

// formatGCT is the gene cluster text of GenePattern and LINCS: genes in rows,
// samples in columns. Version 1.2 has one column of text beside the names
// (Description), version 1.3 any number, and rows of text about the samples.
var formatGCT = format{name: "GCT", is: isGCT, read: readGCT}

func isGCT(_ string, head []byte) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(string(head), byteOrder), "\n")
	first = strings.TrimSpace(first)
	return first == "#1.2" || first == "#1.3"
}

// gct is what the first three lines of a GCT file say.
type gct struct {
	genes, samples         int
	geneTexts, sampleTexts int // columns of text after the name, rows of text before the values
	head                   []string
}

func readGCT(ctx context.Context, path string, tell gx.Tell) (*content, error) {
	l, err := openText(path, '\t')
	if err != nil {
		return nil, err
	}
	defer l.close()
	g, err := l.gctHead()
	if err != nil {
		return nil, err
	}
	lead := 1 + g.geneTexts
	samples, err := l.gctSamples(g)
	if err != nil {
		return nil, err
	}
	t := &numbers{cols: g.head}
	if err := t.read(ctx, l, layout{lead: lead}, tell); err != nil {
		return nil, err
	}
	if len(t.rows) != g.genes {
		t.release()
		return nil, fault.New(fmt.Sprintf("the second line says %d rows of values and there are %d", g.genes, len(t.rows)), path, "fetching or copying it again: it may be cut off")
	}
	genes, err := withTexts(t.rows, g.head[1:lead], t.lead)
	if err != nil {
		return nil, err
	}
	return &content{x: t.samplesInColumns(every(len(t.cols))), genes: genes, samples: samples}, nil
}

// gctHead reads the version, the sizes and the header.
func (l *lines) gctHead() (*gct, error) {
	version, err := l.needed("a version, sizes, a header and values")
	if err != nil {
		return nil, err
	}
	long := strings.HasPrefix(string(version), "#1.3")
	line, err := l.needed("the line of sizes")
	if err != nil {
		return nil, err
	}
	g := &gct{geneTexts: 1}
	sizes := strings.Fields(string(line))
	to := []*int{&g.genes, &g.samples}
	if long {
		to = append(to, &g.geneTexts, &g.sampleTexts)
	}
	if len(sizes) != len(to) {
		return nil, fault.New(fmt.Sprintf("the line of sizes has %d numbers", len(sizes)), l.at(), fmt.Sprintf("%d: rows and columns of values, and in version 1.3 columns and rows of text", len(to)))
	}
	for i, s := range sizes {
		n, err := strconv.ParseUint(s, 10, 31)
		if err != nil {
			return nil, fault.New(fmt.Sprintf("%q is no size", s), l.at(), "whole numbers: rows and columns of values, and in version 1.3 columns and rows of text")
		}
		*to[i] = int(n)
	}
	if line, err = l.needed("the header"); err != nil {
		return nil, err
	}
	if g.head, err = l.names(line); err != nil {
		return nil, err
	}
	if n := len(g.head) - 1 - g.geneTexts; n != g.samples {
		return nil, fault.New(fmt.Sprintf("the second line says %d samples and the header names %d", g.samples, n), l.at(), "a header with the name, the columns of text and a name for each sample")
	}
	return g, nil
}

// gctSamples reads the rows of text about the samples.
func (l *lines) gctSamples(g *gct) (*frame.Table, error) {
	lead := 1 + g.geneTexts
	ids := g.head[lead:]
	var names []string
	rows := make([][]string, len(ids))
	for len(names) < g.sampleTexts {
		line, err := l.needed("a row of text about the samples")
		if err != nil {
			return nil, err
		}
		fs, err := l.names(line)
		if err != nil {
			return nil, err
		}
		if len(fs) != len(g.head) {
			return nil, ragged(l.at(), len(fs), len(g.head))
		}
		names = append(names, fs[0])
		for i, v := range fs[lead:] {
			rows[i] = append(rows[i], v)
		}
	}
	return withTexts(ids, names, rows)
}

// needed is the next line, which must be there.
func (l *lines) needed(what string) ([]byte, error) {
	line, err := l.next()
	if errors.Is(err, io.EOF) {
		return nil, fault.New("the file ends where it should have "+what, place{l.path, l.ends}.String(), "fetching or copying it again: it seems to be cut off")
	}
	return line, err
}
