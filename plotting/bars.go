package plotting

import (
	"fmt"
	"math"
	"strconv"
)

// Ranks is where each sample's own profile came among all profiles, 1 for first, by
// one recipe.
type Ranks struct {
	Name  string
	Ranks []int
}

// RankCounts draws how many samples came 1st, 2nd, 3rd … , their share above every
// bar. Ranks from the sixth on share one bar.
func RankCounts(by ...Ranks) Figure {
	f := Figure{name: "ranks"}
	if len(by) == 0 {
		f.err = bad("RankCounts has no ranks", `plotting.RankCounts(plotting.Ranks{Name: "recommended", Ranks: ranks})`)
		return f
	}
	counts, last := make([][]int, len(by)), 3
	for i, r := range by {
		if len(r.Ranks) == 0 {
			f.err = bad(fmt.Sprintf("ranks %q are empty", r.Name), "one rank a test sample")
			return f
		}
		counts[i] = make([]int, 6)
		for k, v := range r.Ranks {
			if v < 1 {
				f.err = bad(fmt.Sprintf("ranks %q: sample %d has rank %d", r.Name, k+1, v), "ranks that begin at 1")
				return f
			}
			counts[i][min(v, 6)-1]++
			last = max(last, min(v, 6))
		}
	}
	names := []string{"1st", "2nd", "3rd", "4th", "5th", "later"}[:last]
	c := chart{ax: axis{label: "Rank of own profile", names: names}, ay: axis{label: countLabel(by), zero: true, whole: true, pad: 0.18}, h: 55} // room for shares that stand upright
	width := 0.8 / float64(len(by))
	widest := ""
	for i, r := range by {
		for _, n := range counts[i] {
			if t := percent(float64(n) / float64(len(r.Ranks))); n > 0 && len(t) > len(widest) {
				widest = t
			}
		}
	}
	for i, r := range by {
		col := tint(colour(i), 0.85)
		for k := range last {
			n := counts[i][k]
			x := float64(k) - 0.4 + width*float64(i)
			c.marks = append(c.marks, bar{x + 0.02, x + width - 0.02, 0, float64(n), col, thin})
			if n > 0 {
				c.marks = append(c.marks, share{x + width/2, float64(n), percent(float64(n) / float64(len(r.Ranks))), widest, width})
			}
		}
		if r.Name != "" {
			c.legend = append(c.legend, entry{name: r.Name, patch: true, fill: col, line: thin})
		}
	}
	f.body = c
	return f
}

func countLabel(by []Ranks) string {
	n := len(by[0].Ranks)
	for _, r := range by {
		if len(r.Ranks) != n {
			return "Test samples"
		}
	}
	return fmt.Sprintf("Test samples (n = %d)", n)
}

func percent(share float64) string {
	p := math.Round(1000*share) / 10
	if p == math.Trunc(p) {
		return strconv.FormatFloat(p, 'f', 0, 64) + "%"
	}
	return strconv.FormatFloat(p, 'f', 1, 64) + "%"
}

// share is the text above a bar, upright where a bar is too narrow for the widest.
type share struct {
	x, y         float64
	text, widest string
	width        float64 // of the bar, in data units
}

func (s share) extent(_, _ bool) (x0, x1, y0, y1 float64) { return anywhere() }

func (s share) draw(p pen, f frame) {
	w := words{size: 6, across: middle, up: after}
	x, y := f.X(s.x), f.Y(s.y)+1
	if textWidth(s.widest, w.size, false) > f.X(s.x+s.width)-f.X(s.x)-1 {
		w = words{size: 6, across: after, up: middle, turn: math.Pi / 2}
		y++
	}
	p.text(x, y, s.text, w)
}
