package plotting

import (
	"math"
	"slices"
	"sync"
	"time"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/kernel"
)

// Monitor draws the learning curve while networks train. Trainings of one name,
// such as the folds of a cross-validation, are drawn as their mean ± SE. The zero
// Monitor is not ready: Live and LiveTo make one.
type Monitor struct {
	mu    sync.Mutex
	show  func(Figure)
	end   func(Widget) // shows the curve to read off in the place of the last picture
	now   func() time.Time
	last  time.Time
	stale bool
	names []string
	seen  map[string]*seen
	until int
}

// seen holds the errors after each epoch, of all trainings of a name.
type seen struct{ train, test map[int][]float64 }

// liveEvery is the time between two drawings: twice a second is smooth, and leaves
// the processor to the training.
const liveEvery = 500 * time.Millisecond

// Live draws the learning curve in the notebook while a network trains, in one
// place that stays when training ends, then as a widget whose values can be read off
// (Monitor.Widget):
//
//	fit := gx.Must(kernel.Keep(recipe().Watch(plotting.Live())))
//
// Outside a notebook it shows nothing.
func Live() *Monitor {
	place := kernel.NewLive()
	m := LiveTo(func(f Figure) {
		if svg, err := f.SVG(); err == nil {
			place.Show(svg)
		}
	})
	m.end = func(w Widget) {
		if h, err := w.HTML(); err == nil {
			place.Show([]byte(h))
		}
	}
	return m
}

// LiveTo is a Monitor that hands its figure to show: at the first epoch, then at
// most twice a second, and at the last.
func LiveTo(show func(Figure)) *Monitor {
	return &Monitor{show: show, now: time.Now, seen: map[string]*seen{}}
}

// Watch notes an epoch of a training, for gx.Training's verb Watch.
func (m *Monitor) Watch(name string, p gx.Point, epochs int) {
	m.add(name, p.Epoch, p.Train, p.Valid, epochs)
}

// add notes an epoch and draws if it is time. NaN says that no sample was watched.
func (m *Monitor) add(name string, epoch int, train, test float64, epochs int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.seen[name]
	if s == nil {
		s = &seen{map[int][]float64{}, map[int][]float64{}}
		m.seen[name], m.names = s, append(m.names, name)
	}
	for _, v := range [...]struct {
		to map[int][]float64
		v  float64
	}{{s.train, train}, {s.test, test}} {
		if !math.IsNaN(v.v) && !math.IsInf(v.v, 0) {
			v.to[epoch] = append(v.to[epoch], v.v)
		}
	}
	m.until, m.stale = max(m.until, epochs), true
	if t := m.now(); epoch >= epochs || t.Sub(m.last) >= liveEvery {
		m.draw(t, epoch >= epochs)
	}
}

// Done draws what has not been drawn yet, as after a training that stopped early.
func (m *Monitor) Done() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stale {
		m.draw(m.now(), true)
	}
}

func (m *Monitor) draw(at time.Time, last bool) {
	if last && m.end != nil {
		if w := m.widget(); w.err == nil {
			m.end(w)
		}
	} else if f := m.figure(); f.err == nil && m.show != nil {
		m.show(f)
	}
	m.last, m.stale = at, false
}

// Figure is the curve as it stands.
func (m *Monitor) Figure() Figure {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.figure()
}

func (m *Monitor) figure() Figure {
	f := Figure{name: "training"}
	c := chart{ax: axis{label: "Epoch", whole: true}, ay: axis{label: "MSE"}}
	for i, name := range m.names {
		s := m.seen[name]
		if name != "" {
			name += ", "
		}
		for _, part := range [...]struct {
			name string
			of   map[int][]float64
			dash []float64
		}{{"test", s.test, nil}, {"training", s.train, dash(1)}} {
			if len(part.of) > 0 {
				c.addLive(name+part.name, part.of, i, part.dash)
			}
		}
	}
	if len(c.marks) == 0 {
		f.err = bad("no epoch has been seen yet", "gx.Training's Watch(plotting.Live())")
		return f
	}
	f.body = c
	return f.XRange(0, float64(max(m.until, 1)))
}

func (c *chart) addLive(name string, of map[int][]float64, i int, d []float64) {
	var epochs []int
	for e := range of {
		epochs = append(epochs, e)
	}
	slices.Sort(epochs)
	col := colour(i)
	k := curve{line: line{col: col, width: 1, dash: d}, marker: i}
	var lo, hi []float64
	for _, e := range epochs {
		s := MeanSE("", columns(of[e]))
		k.xs, k.ys = append(k.xs, float64(e)), append(k.ys, s.Y[0])
		lo, hi = append(lo, s.Y[0]-s.SE[0]), append(hi, s.Y[0]+s.SE[0])
	}
	if !slices.Equal(lo, hi) {
		c.marks = append(c.marks, ribbon{k.xs, lo, hi, tint(col, 0.3)})
	}
	c.marks = append(c.marks, k)
	c.legend = append(c.legend, entry{name: name, line: k.line})
}

func columns(vs []float64) [][]float64 {
	out := make([][]float64, len(vs))
	for i, v := range vs {
		out[i] = []float64{v}
	}
	return out
}
