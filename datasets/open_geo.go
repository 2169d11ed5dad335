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
	"github.com/gxlab/gxlab/gx/frame"
)

// formatSeries is GEO's series matrix: lines about the series and its samples, then
// probes × samples. What is told of the samples becomes their labels;
// "characteristics" such as "tissue: liver" a label each.
var formatSeries = format{name: "GEO series matrix", is: isSeries, read: readSeries}

// formatSOFT is a dataset of GEO (GDS) in SOFT: its subsets become labels of the
// samples, the symbols of its probes stand in the gene table.
var formatSOFT = format{name: "GEO SOFT", is: isSOFT, read: readSOFT}

func isSeries(_ string, head []byte) bool {
	s := strings.TrimPrefix(string(head), byteOrder)
	return strings.HasPrefix(s, "!Series_") || strings.HasPrefix(s, "!Sample_") || strings.HasPrefix(s, "!series_matrix_table_begin")
}

func isSOFT(_ string, head []byte) bool {
	s := strings.TrimPrefix(string(head), byteOrder)
	return strings.HasPrefix(s, "^DATABASE") || strings.HasPrefix(s, "^DATASET")
}

func readSeries(ctx context.Context, path string, tell gx.Tell) (*content, error) {
	l, err := openText(path, '\t')
	if err != nil {
		return nil, err
	}
	defer l.close()
	var about [][]string
	for begun := false; !begun; {
		line, err := l.head("!series_matrix_table_begin")
		if err != nil {
			return nil, err
		}
		if begun = line == nil; begun {
			break
		}
		if strings.HasPrefix(string(line), "!Sample_") {
			row, err := l.names(line)
			if err != nil {
				return nil, err
			}
			about = append(about, row)
		}
	}
	t, err := l.geoTable(ctx, 1, "!series_matrix_table_end", tell)
	if err != nil {
		return nil, err
	}
	c := &content{genes: frame.New(t.rows), samples: frame.New(t.cols)}
	for _, row := range about {
		if err := c.sampleLine(row, path); err != nil {
			return nil, err
		}
	}
	c.x = t.samplesInColumns(every(len(t.cols)))
	return c, nil
}

// head is the next line before the one that says that the table begins: nil for
// that.
func (l *lines) head(begin string) ([]byte, error) {
	line, err := l.next()
	if errors.Is(err, io.EOF) {
		return nil, fault.New("the file has no table of values", l.path, "a file with the line "+begin)
	}
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(strings.TrimSpace(string(line)), begin) {
		return nil, nil
	}
	return line, nil
}

// geoTable reads the table up to the line that ends it.
func (l *lines) geoTable(ctx context.Context, lead int, stop string, tell gx.Tell) (*numbers, error) {
	line, err := l.needed("a header")
	if err != nil {
		return nil, err
	}
	t := &numbers{}
	if t.cols, err = l.names(line); err != nil {
		return nil, err
	}
	return t, t.read(ctx, l, layout{lead: lead, stop: stop}, tell)
}

// sampleLine takes what a series matrix tells of every sample.
func (c *content) sampleLine(row []string, path string) error {
	name, values := strings.TrimPrefix(row[0], "!Sample_"), row[1:]
	if name == "geo_accession" || len(values) == 0 {
		return nil
	}
	if len(values) != c.samples.Len() {
		return fault.New(fmt.Sprintf("%s has %d values for %d samples", row[0], len(values), c.samples.Len()), path, "fetching or copying it again: it is damaged")
	}
	if strings.HasPrefix(name, "characteristics") {
		return c.characteristics(values)
	}
	if same(values) && !slices.Contains([]string{"title", "source_name_ch1"}, name) {
		return nil // contact addresses, protocols
	}
	for c.samples.Has(name) {
		name += "'"
	}
	var err error
	c.samples, err = c.samples.With(name, values)
	return err
}

func same(values []string) bool {
	return !slices.ContainsFunc(values, func(v string) bool { return v != values[0] })
}

// characteristics takes a line of "name: value"; a line may hold another name for
// every sample.
func (c *content) characteristics(values []string) error {
	for i, v := range values {
		name, value, ok := strings.Cut(v, ":")
		if !ok {
			name, value = "characteristics", v
		}
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if value == "" {
			continue
		}
		column := make([]string, c.samples.Len())
		if c.samples.Has(name) {
			had, err := c.samples.Column(name)
			if err != nil {
				return err
			}
			copy(column, had)
		}
		if column[i] != "" && column[i] != value {
			value = column[i] + "; " + value
		}
		column[i] = value
		var err error
		if c.samples, err = c.samples.With(name, column); err != nil {
			return err
		}
	}
	return nil
}

// subset is a group of samples of a dataset of GEO.
type subset struct {
	kind, what string
	samples    []string
}

func readSOFT(ctx context.Context, path string, tell gx.Tell) (*content, error) {
	l, err := openText(path, '\t')
	if err != nil {
		return nil, err
	}
	defer l.close()
	l.plain = true
	var subsets []subset
	for {
		line, err := l.head("!dataset_table_begin")
		if err != nil {
			return nil, err
		}
		if line == nil {
			break
		}
		text, err := name(line, l.here())
		if err != nil {
			return nil, err
		}
		key, value, _ := strings.Cut(text, " = ")
		if key == "^SUBSET" {
			subsets = append(subsets, subset{})
		}
		if len(subsets) == 0 {
			continue
		}
		switch s := &subsets[len(subsets)-1]; key {
		case "!subset_description":
			s.what = value
		case "!subset_type":
			s.kind = value
		case "!subset_sample_id":
			s.samples = strings.Split(value, ",")
		}
	}
	t, err := l.geoTable(ctx, 2, "!dataset_table_end", tell)
	if err != nil {
		return nil, err
	}
	c := &content{samples: frame.New(t.cols)}
	if c.genes, err = withTexts(t.rows, []string{"symbol"}, t.lead); err != nil {
		return nil, err
	}
	for _, s := range subsets {
		if err := c.subset(s, path); err != nil {
			return nil, err
		}
	}
	c.x = t.samplesInColumns(every(len(t.cols)))
	return c, nil
}

// subset labels a group's samples.
func (c *content) subset(s subset, path string) error {
	at := indexOf(c.samples.IDs())
	column := make([]string, c.samples.Len())
	if c.samples.Has(s.kind) {
		had, err := c.samples.Column(s.kind)
		if err != nil {
			return err
		}
		copy(column, had)
	}
	for _, id := range s.samples {
		i, ok := at[strings.TrimSpace(id)]
		if !ok {
			return fault.New(fmt.Sprintf("subset %q names sample %s, which is not there", s.what, id), path, "fetching or copying it again: it is damaged")
		}
		if column[i] != "" {
			column[i] += "; "
		}
		column[i] += s.what
	}
	var err error
	c.samples, err = c.samples.With(s.kind, column)
	return err
}
