package prep

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// noise is a matrix of values with or without ties.
func noise(seed uint64, rows, cols int, tied bool) Matrix {
	r := rand.New(rand.NewPCG(seed, 1))
	m := NewMatrix(rows, cols)
	for i := range m.Data {
		if m.Data[i] = float32(8 + 2*r.NormFloat64()); tied {
			m.Data[i] = float32(math.Round(float64(m.Data[i])))
		}
	}
	return m
}

// Samples without ties share one sorted vector; with ties too, order and equality
// within a sample stay.
func TestQuantileNormalisedSamplesShareOneDistribution(t *testing.T) {
	for _, tied := range []bool{false, true} {
		m := noise(1, 20, 301, tied)
		before := Matrix{m.Rows, m.Cols, slices.Clone(m.Data)}
		target := QuantileTarget(m, upTo(15))
		for i := range m.Rows {
			QuantileNormalise(m.Row(i), target)
			was, is := before.Row(i), m.Row(i)
			for a := range 300 {
				if (was[a] < was[a+1] && is[a] > is[a+1]) || (was[a] == was[a+1] && is[a] != is[a+1]) {
					t.Fatalf("the order of sample %d changed at gene %d", i, a)
				}
			}
			if s := slices.Sorted(slices.Values(is)); !tied && !slices.Equal(s, target) {
				t.Fatalf("sample %d has another distribution than the target", i)
			}
		}
	}
}

func TestQuantileNormaliseOfOtherLengths(t *testing.T) {
	for _, c := range []struct{ row, target, want []float32 }{
		{nil, []float32{1, 2}, nil},
		{[]float32{5}, []float32{3}, []float32{3}},
		{[]float32{9, 5}, []float32{1, 2, 3}, []float32{3, 1}},
		{[]float32{9, 7, 5}, []float32{1, 2}, []float32{2, 1.5, 1}},
	} {
		QuantileNormalise(c.row, c.target)
		if !slices.Equal(c.row, c.want) {
			t.Errorf("%v for target %v, want %v", c.row, c.target, c.want)
		}
	}
}

// Whatever stands in the other samples, what is learned stays.
func TestOtherSamplesTeachNothing(t *testing.T) {
	m := noise(2, 30, 40, false)
	train := []int{0, 2, 3, 5, 8, 13, 21}
	learn := func() string {
		mean, sd := Moments(m, train)
		lo, hi := Range(m, train)
		return fmt.Sprint(mean, sd, lo, hi, QuantileTarget(m, train), MAD(m, train),
			TopMAD(m, train, 7), TopVariance(m, train, 7), Constant(m, train))
	}
	want := learn()
	r := rand.New(rand.NewPCG(3, 3))
	for i := range m.Rows {
		if !slices.Contains(train, i) {
			for j := range m.Cols {
				m.Row(i)[j] = float32(1000 * r.NormFloat64())
			}
		}
	}
	if learn() != want {
		t.Error("samples outside the training part changed what was learned")
	}
	m.Row(train[0])[0]++
	if learn() == want {
		t.Error("a training sample changed and nothing learned did")
	}
}

func TestTopOfTiesAndMissing(t *testing.T) {
	nan := float32(math.NaN())
	m := Matrix{3, 5, []float32{
		0, 1, nan, 5, 0,
		1, 1, 2, 6, 9,
		2, 1, 4, 7, 18,
	}}
	for n, want := range map[int][]int{1: {4}, 2: {0, 4}, 3: {0, 3, 4}, 4: {0, 1, 3, 4}, 5: {0, 1, 2, 3, 4}, 9: {0, 1, 2, 3, 4}} {
		if got := TopVariance(m, upTo(3), n); !slices.Equal(got, want) {
			t.Errorf("TopVariance %d: %v, want %v", n, got, want)
		}
		if got := TopMAD(m, upTo(3), n); !slices.Equal(got, want) {
			t.Errorf("TopMAD %d: %v, want %v", n, got, want)
		}
	}
}

func TestLog2RefusesByPlaceAndChangesNothing(t *testing.T) {
	for _, c := range []struct {
		bad  float32
		plus float64
	}{{0, 0}, {-3, 0}, {-1, 1}, {float32(math.NaN()), 0}, {float32(math.Inf(1)), 1}} {
		m := noise(4, 3, 4, false)
		m.Row(1)[2], m.Row(2)[0] = c.bad, c.bad
		was := fmt.Sprint(m.Data)
		var b *BadValue
		if err := Log2(m, c.plus); !errors.As(err, &b) || b.Row != 1 || b.Col != 2 || b.Count != 2 {
			t.Errorf("%g: %v", c.bad, err)
		}
		if fmt.Sprint(m.Data) != was {
			t.Errorf("%g: the matrix changed", c.bad)
		}
	}
}

func TestLooksUnlogged(t *testing.T) {
	logged := noise(5, 20, 200, false)
	signal := NewMatrix(20, 200)
	for i, v := range logged.Data {
		signal.Data[i] = float32(math.Exp2(float64(v)))
	}
	below := NewMatrix(20, 200) // background taken away too far
	for i, v := range signal.Data {
		below.Data[i] = v - 100
	}
	wide := noise(5, 20, 200, false) // a few values of 60 and a positive lower quartile
	wide.Data[7] = 60
	missing := noise(5, 20, 200, false)
	missing.Data[7], missing.Data[8] = 60, float32(math.NaN())
	ratios := NewMatrix(20, 200)
	for i, v := range logged.Data {
		ratios.Data[i] = v - 8
	}
	counts := NewMatrix(20, 200)
	for i, v := range logged.Data {
		counts.Data[i] = float32(math.Floor(math.Exp2(math.Max(0, float64(v))-8) / 2))
	}
	grades := NewMatrix(20, 200) // logged and rounded
	for i, v := range logged.Data {
		grades.Data[i] = float32(math.Round(float64(v)))
	}
	for name, c := range map[string]struct {
		m    Matrix
		want string
	}{
		"log2": {logged, ""}, "log ratios": {ratios, ""}, "signal": {signal, "99th percentile"},
		"signal below 0": {below, "99th percentile"}, "wide": {wide, "range"}, "wide with a missing value": {missing, "range"}, "counts": {counts, "whole numbers"}, "rounded log2": {grades, ""}, "empty": {Matrix{}, ""},
	} {
		if got := LooksUnlogged(c.m); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Every class is divided in the parts' proportions to within one sample, and so
// are all samples; nothing is in two parts; a seed gives one division.
func TestSplitKeepsProportions(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for trial := range 200 {
		n := 20 + r.IntN(300)
		k := 1 + r.IntN(12)
		labels := make([]string, n)
		size := map[string]int{}
		for i := range labels {
			labels[i] = fmt.Sprint("class ", r.IntN(k))
			size[labels[i]]++
		}
		weights := [][]float64{{75, 25}, {70, 15, 15}, {50, 30, 20}, {33.4, 33.3, 33.3}}[trial%4]
		part := Split(n, labels, weights, uint64(trial))
		if !reflect.DeepEqual(part, Split(n, labels, weights, uint64(trial))) {
			t.Fatal("the same seed gave two divisions")
		}
		count := map[string][]int{}
		all := make([]int, len(weights))
		for i, p := range part {
			if count[labels[i]] == nil {
				count[labels[i]] = make([]int, len(weights))
			}
			count[labels[i]][p]++
			all[p]++
		}
		for p, w := range weights {
			for l, c := range count {
				if d := float64(c[p]) - float64(size[l])*w/100; math.Abs(d) >= 1 {
					t.Fatalf("%d samples, %v: %s of %d has %d in part %d", n, weights, l, size[l], c[p], p)
				}
			}
			if d := float64(all[p]) - float64(n)*w/100; math.Abs(d) > 1.5 {
				t.Fatalf("%d samples in %d classes, %v: part %d has %d", n, k, weights, p, all[p])
			}
		}
	}
	a, b := Split(100, nil, []float64{75, 25}, 1), Split(100, nil, []float64{75, 25}, 2)
	if reflect.DeepEqual(a, b) {
		t.Error("two seeds gave one division")
	}
}

func TestFoldsAreBalanced(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for trial := range 100 {
		n, k := 20+r.IntN(200), 2+r.IntN(9)
		labels := make([]string, n)
		for i := range labels {
			labels[i] = fmt.Sprint(r.IntN(6))
		}
		fold := Folds(n, labels, k, uint64(trial))
		in := map[string][]int{"": make([]int, k)}
		for i, f := range fold {
			if in[labels[i]] == nil {
				in[labels[i]] = make([]int, k)
			}
			in[labels[i]][f]++
			in[""][f]++
		}
		for l, c := range in {
			if slices.Max(c)-slices.Min(c) > 1 {
				t.Fatalf("class %q of %d samples in %d folds: %v", l, n, k, c)
			}
		}
	}
}

func TestColumnsAndPickCopy(t *testing.T) {
	m := noise(8, 4, 3, false)
	c, p := m.Columns([]int{2, 0}), m.Pick([]int{3, 3, 1})
	if c.Rows != 4 || c.Cols != 2 || c.Row(3)[0] != m.Row(3)[2] || p.Rows != 3 || p.Row(1)[2] != m.Row(3)[2] {
		t.Error(c, p)
	}
	was := m.Data[0]
	c.Data[1], p.Data[0] = 99, 99
	if m.Data[0] != was || m.Row(3)[0] == 99 {
		t.Error("a picked matrix shares its values")
	}
}

func TestFloorAndConstantRow(t *testing.T) {
	m := Matrix{1, 4, []float32{-2, 1, 5, 1}}
	if n := Floor(m, 2); n != 3 || !slices.Equal(m.Data, []float32{2, 2, 5, 2}) {
		t.Error(n, m.Data)
	}
	row := []float32{3, 3}
	if MinMaxRow(row); !slices.Equal(row, []float32{0, 0}) {
		t.Error("a constant row:", row)
	}
}

func TestSortIsStableAndExact(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	negative := float32(math.Copysign(0, -1))
	row := []float32{0, negative, 1, -1, math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, float32(math.Inf(1)), float32(math.Inf(-1))}
	for range 5000 {
		row = append(row, float32(math.Round(20*r.NormFloat64())), float32(math.Exp2(20*r.NormFloat64())))
	}
	want := upTo(len(row))
	slices.SortStableFunc(want, func(a, b int) int {
		switch {
		case row[a] < row[b]:
			return -1
		case row[a] > row[b]:
			return 1
		}
		return 0
	})
	var k keyed
	k.sort(row)
	for i, w := range want {
		if k.place(i) != w || k.at(i) != row[w] || (i > 0 && k.same(i-1, i) != (row[want[i-1]] == row[w])) {
			t.Fatalf("the %d-th value is %v at %d, want %v at %d", i, k.at(i), k.place(i), row[w], w)
		}
	}
}
