package plotting

import (
	"fmt"

	"github.com/gxlab/gxlab/gx/fault"
)

// Panels lays figures out on one page, row by row, with the letters a, b, c …  All
// columns are equally wide; a figure takes as many as its Span says. A row is as
// high as its highest figure. The page is 180 millimetres wide, and text keeps its
// size, so figures need not be drawn for the page. Titles stay; captions are joined.
func Panels(columns int, figures ...Figure) Figure {
	f := Figure{name: "panels"}
	if columns < 1 || columns > 6 || len(figures) == 0 || len(figures) > 26 {
		f.err = bad(fmt.Sprintf("Panels of %d columns and %d figures", columns, len(figures)), "1 to 6 columns, 1 to 26 figures")
		return f
	}
	s := sheet{columns: columns}
	for i, g := range figures {
		s.figures = append(s.figures, g)
		if g.caption != "" {
			if f.caption != "" {
				f.caption += " "
			}
			f.caption += fmt.Sprintf("(%s) %s.", letter(i), trimDot(g.caption))
		}
	}
	f.body = s
	return f
}

func letter(i int) string { return string(rune('a' + i)) }

func trimDot(s string) string {
	if len(s) > 0 && s[len(s)-1] == '.' {
		return s[:len(s)-1]
	}
	return s
}

// sheet is a body of figures in rows.
type sheet struct {
	columns int
	figures []Figure
	bodies  []body
}

// Gaps between panels, in points.
const (
	columnGap = 14.0
	rowGap    = 14.0
)

// place is where a figure stands: its row, first column and number of columns.
type place struct{ row, col, span int }

func (s sheet) places() []place {
	var out []place
	row, col := 0, 0
	for _, f := range s.figures {
		span := min(max(f.span, 1), s.columns)
		if col+span > s.columns {
			row, col = row+1, 0
		}
		out = append(out, place{row, col, span})
		col += span
	}
	return out
}

// heights of the rows in points, letters included.
func (s sheet) heights() []float64 {
	var hs []float64
	for i, at := range s.places() {
		if at.row == len(hs) {
			hs = append(hs, 0)
		}
		_, h := s.figures[i].millimetres()
		hs[at.row] = max(hs[at.row], h*mm+letterSize)
	}
	return hs
}

func (s sheet) size() (w, h float64) {
	for _, r := range s.heights() {
		h += r + rowGap
	}
	return twoColumns, (h - rowGap + 2*edge) / mm
}

func (s sheet) ready(look) (body, error) {
	for i, f := range s.figures {
		b, err := f.ready()
		if err != nil {
			return nil, fault.At(err, "panel "+letter(i))
		}
		s.bodies = append(s.bodies, b)
	}
	return s, nil
}

func (s sheet) margins(box) margins { return margins{} }

// draw lines up the plots of a column at their left, and of a row at their foot,
// where no margin grows by more than half for it.
func (s sheet) draw(p pen, area box, _ margins) {
	places, hs := s.places(), s.heights()
	total := rowGap * float64(len(hs)-1)
	for _, h := range hs {
		total += h
	}
	grow := area.h() / total // a page with a height of its own
	cw := (area.w() - columnGap*float64(s.columns-1)) / float64(s.columns)
	areas := make([]box, len(places))
	own := make([]margins, len(places))
	for i, at := range places {
		top := area.y1
		for r := range at.row {
			top -= (hs[r] + rowGap) * grow
		}
		x := area.x0 + float64(at.col)*(cw+columnGap)
		areas[i] = box{x, top - hs[at.row]*grow, x + cw*float64(at.span) + columnGap*float64(at.span-1), top}
		areas[i].y1 -= letterSize
		inner := areas[i]
		inner.y1 -= s.figures[i].titleHeight(inner.w())
		own[i] = s.bodies[i].margins(inner)
	}
	for i := range places {
		m := own[i]
		for j := range places {
			if places[j].col == places[i].col && own[j].left <= 1.5*own[i].left {
				m.left = max(m.left, own[j].left)
			}
			if places[j].row == places[i].row && own[j].bottom <= 1.5*own[i].bottom {
				m.bottom = max(m.bottom, own[j].bottom)
			}
		}
		p.text(areas[i].x0, areas[i].y1+letterSize, letter(i), words{size: letterSize, bold: true, across: after, up: before})
		s.figures[i].paint(p, s.bodies[i], areas[i], m)
	}
}
