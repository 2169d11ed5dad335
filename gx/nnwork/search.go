package nnwork

import (
	"context"
	"math/bits"
)

// wide is a set of up to 512 sources, as bits.
const (
	words  = 8
	lanes  = 64 * words
	sparse = 12 // a step goes from its front's genes where they have less than 1/sparse of all neighbours
)

type wide [words]uint64

// search is one core's room for breadth-first searches from many sources at once: a
// bit a source, so that one pass over a gene's neighbours serves all of them. Then
// et al., VLDB Endowment 8:449 (2014).
type search struct {
	g           *Graph
	of          []int32 // component of each gene
	seen, front []wide
	next        []wide
	reach       []wide // sources in each component
	touched     []int32
}

func newSearch(g *Graph, of []int32, components int) *search {
	n := g.N()
	return &search{g: g, of: of, seen: make([]wide, n), front: make([]wide, n), next: make([]wide, n), reach: make([]wide, components), touched: make([]int32, 0, n)}
}

// run searches from up to 512 sources, all different. At every distance from 1 it
// calls at with the genes reached there, and new[v], the sources that reached v.
func (s *search) run(from []int32, at func(distance int, reached []int32, new []wide)) {
	clear(s.seen)
	clear(s.front)
	clear(s.next)
	clear(s.reach)
	active := append(s.touched[:0], from...)
	for k, v := range from {
		bit := uint64(1) << (k % 64)
		s.seen[v][k/64] |= bit
		s.front[v][k/64] |= bit
		s.reach[s.of[v]][k/64] |= bit
	}
	for d := 1; len(active) > 0; d++ {
		joined := 0
		for _, v := range active {
			joined += s.g.start[v+1] - s.g.start[v]
		}
		if joined*sparse < len(s.g.near) {
			active = s.push(active)
		} else {
			active = s.pull(active)
		}
		s.front, s.next = s.next, s.front
		if len(active) > 0 {
			at(d, active, s.front)
		}
	}
	s.touched = active
}

// push takes the front one step from its own genes.
func (s *search) push(active []int32) []int32 {
	var out []int32
	for _, v := range active {
		f := &s.front[v]
		for _, w := range s.g.near[s.g.start[v]:s.g.start[v+1]] {
			t := &s.next[w]
			if *t == (wide{}) {
				out = append(out, w)
			}
			for i := range t {
				t[i] |= f[i]
			}
		}
	}
	kept := active[:0]
	for _, v := range active {
		s.front[v] = wide{}
	}
	for _, w := range out {
		t, seen := &s.next[w], &s.seen[w]
		any := uint64(0)
		for i := range t {
			t[i] &^= seen[i]
			seen[i] |= t[i]
			any |= t[i]
		}
		if any != 0 {
			kept = append(kept, w)
		}
	}
	return kept
}

// pull takes the front one step to every gene that has sources left to see.
func (s *search) pull(active []int32) []int32 {
	kept := make([]int32, 0, len(s.seen))
	near, start, front := s.g.near, s.g.start, s.front
	for w := range s.seen {
		seen, reach := &s.seen[w], &s.reach[s.of[w]]
		if *seen == *reach {
			continue
		}
		a0, a1, a2, a3, a4, a5, a6, a7 := seen[0], seen[1], seen[2], seen[3], seen[4], seen[5], seen[6], seen[7]
		for _, v := range near[start[w]:start[w+1]] {
			f := &front[v]
			a0 |= f[0]
			a1 |= f[1]
			a2 |= f[2]
			a3 |= f[3]
			a4 |= f[4]
			a5 |= f[5]
			a6 |= f[6]
			a7 |= f[7]
			if a0 == reach[0] && a1 == reach[1] && a2 == reach[2] && a3 == reach[3] && a4 == reach[4] && a5 == reach[5] && a6 == reach[6] && a7 == reach[7] {
				break // no source is left
			}
		}
		all := wide{a0, a1, a2, a3, a4, a5, a6, a7}
		if all == *seen {
			continue
		}
		t := &s.next[w]
		for i := range t {
			t[i] = all[i] &^ seen[i]
		}
		*seen = all
		kept = append(kept, int32(w))
	}
	for _, v := range active {
		front[v] = wide{}
	}
	return kept
}

func (w *wide) count() int {
	c := 0
	for _, x := range w {
		c += bits.OnesCount64(x)
	}
	return c
}

// searches runs the searches from all sources, 512 at a time and on all cores. at is
// called as by search.run, with the number of the batch; it may write what belongs to
// its batch alone.
func (g *Graph) searches(ctx context.Context, from []int32, at func(batch, distance int, reached []int32, new []wide)) error {
	of, sizes := g.components()
	batches := (len(from) + lanes - 1) / lanes
	return each(ctx, batches, func() *search { return newSearch(g, of, len(sizes)) }, func(b int, s *search) {
		s.run(from[b*lanes:min((b+1)*lanes, len(from))], func(d int, reached []int32, new []wide) { at(b, d, reached, new) })
	})
}
