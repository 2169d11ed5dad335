package plotting

import (
	"fmt"
	"math"
)

// ConfusionMatrix draws how many samples of each class (rows) were put into each
// (columns): the colour is the share of the true class, the number the samples.
func ConfusionMatrix(classes []string, counts [][]int) Figure {
	f := Figure{name: "confusion"}
	values, cells := make([][]float64, len(counts)), make([][]string, len(counts))
	for i, row := range counts {
		n := 0
		for _, v := range row {
			n += v
		}
		values[i], cells[i] = make([]float64, len(row)), make([]string, len(row))
		for j, v := range row {
			values[i][j] = float64(v) / float64(max(1, n))
			if v > 0 {
				cells[i][j] = fmt.Sprint(v)
			}
		}
	}
	if len(classes) != len(counts) {
		f.err = bad(fmt.Sprintf("ConfusionMatrix of %d classes has %d rows", len(classes), len(counts)), "a row and a column for every class")
		return f
	}
	g := Heat(values, nil, "Share of the true class")
	if g.err != nil {
		f.err = g.err
		return f
	}
	h := g.body.(heat)
	h.names, h.cells, h.lo, h.hi = classes, cells, 0, 1
	f.body = h
	return f.Height(max(68, 4.2*float64(len(classes))+20)).Width(max(85, 4.2*float64(len(classes))+40)).
		Captioned("Rows: true class; columns: predicted class; numbers: samples")
}

// Estimated is one of several things that were estimated in every group: values with
// the ends of their intervals.
type Estimated struct {
	Name             string
	Value, Low, High []float64
}

// Estimates draws values with their intervals in groups, side by side: the errors of
// two classifiers on three kinds of codes. label names the values and their unit.
func Estimates(label string, groups []string, of ...Estimated) Figure {
	f := Figure{name: "estimates"}
	if len(groups) == 0 || len(of) == 0 {
		f.err = bad("Estimates has nothing to draw", `plotting.Estimates("Errors (%)", []string{"PCA", "CIC"}, plotting.Estimated{Name: "SVM", Value: v, Low: lo, High: hi})`)
		return f
	}
	c := chart{ax: axis{names: groups}, ay: axis{label: label, zero: true}, h: 65}
	room := 0.7 / float64(len(of))
	for i, o := range of {
		if len(o.Value) != len(groups) || len(o.Low) != len(groups) || len(o.High) != len(groups) {
			f.err = bad(fmt.Sprintf("%q has %d values and %d and %d ends of %d groups", o.Name, len(o.Value), len(o.Low), len(o.High), len(groups)), "a value and both ends for every group")
			return f
		}
		col := colour(i)
		dots := points{marker: i, r: 2.2, col: col, rim: shade(col, 0.45)}
		for g, v := range o.Value {
			if f.err = finite(fmt.Sprintf("%q, group %q", o.Name, groups[g]), "its values", []float64{v, o.Low[g], o.High[g]}); f.err != nil {
				return f
			}
			x := float64(g) + room*(float64(i)-float64(len(of)-1)/2)
			c.marks = append(c.marks, whisker{x, o.Low[g], o.High[g], line{col: col, width: 0.9}})
			dots.xs, dots.ys = append(dots.xs, x), append(dots.ys, v)
		}
		c.marks = append(c.marks, dots)
		c.legend = append(c.legend, entry{name: o.Name, marker: i, fill: col, rim: line{col: dots.rim}})
	}
	f.body = c
	return f
}

// whisker is an interval: a line with ends.
type whisker struct {
	x, lo, hi float64
	line      line
}

func (w whisker) extent(_, logY bool) (x0, x1, y0, y1 float64) {
	y0 = w.lo
	if logY && y0 <= 0 {
		y0 = math.Inf(1)
	}
	return w.x, w.x, y0, w.hi
}

func (w whisker) draw(p pen, f frame) {
	x, y0, y1 := f.X(w.x), max(f.Y(w.lo), f.y0), min(f.Y(w.hi), f.y1)
	p.segment(x, y0, x, y1, w.line)
	for _, y := range []float64{y0, y1} {
		p.segment(x-2, y, x+2, y, w.line)
	}
}
