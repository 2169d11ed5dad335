package plotting

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gxlab/gxlab/gx"
)

// MapsWidget is an EmbeddingWidget of several maps of the same samples to choose from,
// such as t-SNE, UMAP and PCA; colours, a class shown alone and samples that were found
// stay when another map is chosen. Maps are called by their names: two of one name are an
// error.
//
//	tsne := gx.Must(kernel.Keep(gx.TSNE().Of(codes)))
//	umap := gx.Must(kernel.Keep(gx.UMAP().Of(codes)))
//	kernel.Show(plotting.MapsWidget(tsne, umap).Colour("type"))
func MapsWidget(maps ...*gx.Embedded) Widget {
	const name = "maps_widget"
	if len(maps) == 0 || slices.Contains(maps, nil) {
		return failed(name, bad("MapsWidget has no map", "what kernel.Keep(gx.TSNE().Of(codes)) gives"))
	}
	first := maps[0]
	xs, ys := first.XY()
	w := EmbeddingWidget(xs, ys, first.Samples)
	if w.err != nil {
		return failed(name, w.err)
	}
	w.data["map"] = first.Name()
	w.data["xlabel"], w.data["ylabel"] = first.Axes()
	var names []string
	var more []map[string]any
	for _, e := range maps {
		if slices.Contains(names, e.Name()) {
			return failed(name, bad(fmt.Sprintf("two maps are called %q", e.Name()), "another name for one of them, by Named"))
		}
		if names = append(names, e.Name()); e == first {
			continue
		}
		if !slices.Equal(e.Samples.IDs(), w.ids) {
			return failed(name, bad(fmt.Sprintf("%s and %s are of other samples", first.Name(), e.Name()), "maps of the same samples in the same order"))
		}
		xs, ys := e.XY()
		for i, vs := range [...][]float64{xs, ys} {
			if err := finite(e.Name(), [...]string{"x", "y"}[i], vs); err != nil {
				return failed(name, err)
			}
		}
		m := map[string]any{"map": e.Name(), "x": spread16(xs), "y": spread16(ys)}
		m["xlabel"], m["ylabel"] = e.Axes()
		more = append(more, m)
	}
	if more != nil {
		w.data["more"] = more
	}
	one := w.recolour
	w.recolour = func(label string) (Widget, error) {
		v, err := one(label)
		if err != nil {
			return v, err
		}
		v.still = stills(maps, label)
		return v, nil
	}
	label := ""
	if k, ok := w.data["first"].(int); ok {
		label = w.data["labels"].([]map[string]any)[k]["name"].(string)
	}
	w.still = stills(maps, label)
	return w.Named(name).Captioned(fmt.Sprintf("%s: %d samples. Who is near whom is shown; distances between groups, and their sizes, mean little but in PCA", strings.Join(names, ", "), first.Rows))
}

// stills are the maps side by side, with one legend.
func stills(maps []*gx.Embedded, label string) Figure {
	var groups []string
	if label != "" {
		groups, _ = maps[0].Samples.Column(label) // it was drawn by
		groups = fewer(groups)
	}
	var fs []Figure
	for i, e := range maps {
		f := embedded(e, groups).Titled(e.Name())
		if i < len(maps)-1 {
			f = f.NoLegend()
		}
		fs = append(fs, f)
	}
	if len(fs) == 1 {
		return fs[0]
	}
	return Panels(2, fs...)
}
