package plotting

import "math"

// grid is a body of charts that share their axes, column by column.
type grid struct {
	cells  []chart
	rows   int
	yNames []string // one a row
	xName  string
}

func (g grid) columns() int { return len(g.cells) / g.rows }

func (g grid) size() (w, h float64) {
	cell := (oneColumn - 12) / float64(g.columns())
	return 0, 14 + float64(g.rows)*(min(cell, 40)+1)
}

func (g grid) ready(l look) (body, error) {
	x0, x1, y0, y1 := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, c := range g.cells {
		for _, m := range c.marks {
			a, b, d, e := m.extent(false, false)
			x0, x1, y0, y1 = min(x0, a), max(x1, b), min(y0, d), max(y1, e)
		}
	}
	lo, hi := min(x0, y0), max(x1, y1)
	cells := make([]chart, len(g.cells))
	for i, c := range g.cells {
		var err error
		if c.ax, err = l.x.on(c.ax).resolve(lo, hi, "horizontal"); err != nil {
			return nil, err
		}
		if c.ay, err = l.y.on(c.ay).resolve(lo, hi, "vertical"); err != nil {
			return nil, err
		}
		c.ax.label, c.ay.label = "", ""
		cells[i] = c
	}
	g.cells = cells
	if l.x.label != nil {
		g.xName = *l.x.label
	}
	return g, nil
}

const gridGap = 5.0

func (g grid) margins(area box) margins {
	m := axisMargins(g.cells[0].ax, g.cells[0].ay, area.w()/float64(g.columns()), area.h()/float64(g.rows), 0, 0, 0.8*area.h()/float64(g.rows))
	_, label := textSize("M", labelSize, false)
	m.bottom += label + labelGap
	m.top = 0
	if g.cells[0].strip != "" {
		m.top = tickSize + 5
	}
	names := 0.0
	for _, n := range g.rowNames(area) {
		_, h := textSize(n, labelSize, false)
		names = max(names, h)
	}
	m.left += names + labelGap
	return m
}

// rowNames are the rows' names, broken where they are longer than a row is high.
func (g grid) rowNames(area box) []string {
	row := (area.h()-5*tickSize)/float64(g.rows) - gridGap
	out := make([]string, g.rows)
	for i, n := range g.yNames {
		out[i] = wrap(n, labelSize, row)
	}
	return out
}

func (g grid) draw(p pen, area box, m margins) {
	const gap = gridGap
	names := g.rowNames(area)
	in := area.in(m)
	cols := g.columns()
	w, h := (in.w()-gap*float64(cols-1))/float64(cols), (in.h()-gap*float64(g.rows-1))/float64(g.rows)
	side := min(w, h)
	for i, c := range g.cells {
		col, row := i/g.rows, i%g.rows
		x, y := in.x0+float64(col)*(w+gap), in.y1-float64(row)*(side+gap)
		f := frame{box: box{x, y - side, x + side, y}, ax: c.ax, ay: c.ay}
		for _, k := range c.marks {
			k.draw(p, f)
		}
		if col > 0 {
			f.ay.ticks = unlabelled(f.ay.marks(side, 16))
		}
		if row < g.rows-1 {
			f.ax.ticks = unlabelled(f.ax.marks(side, 28))
		}
		f.draw(p, 0, 0)
		if c.strip != "" {
			p.text(f.x0+side/2, f.y1+3, c.strip, words{size: tickSize, bold: true, across: middle, up: after})
		}
		if col == 0 {
			_, th := textSize(names[row], labelSize, false)
			p.text(area.x0+th, f.y0+side/2, names[row], words{size: labelSize, across: middle, up: after, turn: math.Pi / 2})
		}
	}
	foot := in.y1 - float64(g.rows)*side - gap*float64(g.rows-1)
	p.text((in.x0+in.x0+float64(cols)*w+gap*float64(cols-1)-(w-side))/2, foot-m.bottom, g.xName, words{size: labelSize, across: middle, up: after})
}

func unlabelled(ts []tick) []tick {
	out := make([]tick, len(ts))
	for i, t := range ts {
		out[i].at = t.at
	}
	return out
}
