package prep

import (
	"math"
	"math/rand/v2"
	"sort"
)

// Split divides samples at random into parts of the given weights and returns
// each sample's part. Within every class (samples of equal label; labels may be
// nil) every part has its share, rounded down or up: what is left over by
// rounding down goes, one sample each, to the parts that are then furthest below
// their share of all samples. The same seed gives the same parts.
func Split(n int, labels []string, weights []float64, seed uint64) []int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	out := make([]int, n)
	have := make([]float64, len(weights))
	placed := 0.0
	rng := rand.New(rand.NewPCG(seed, 0x5b11))
	for _, class := range classes(n, labels) {
		shuffle(rng, class)
		placed += float64(len(class))
		count := make([]int, len(weights))
		up := make([]bool, len(weights)) // has a part of a sample due
		left := len(class)
		for p, w := range weights {
			share := float64(len(class)) * w / total
			count[p] = int(math.Floor(share + 1e-9))
			up[p] = share-float64(count[p]) > 1e-9
			left -= count[p]
			have[p] += float64(count[p])
		}
		for ; left > 0; left-- {
			best, gap := 0, math.Inf(-1)
			for p, w := range weights {
				if g := placed*w/total - have[p]; up[p] && g > gap+1e-9 {
					best, gap = p, g
				}
			}
			up[best] = false
			count[best]++
			have[best]++
		}
		i := 0
		for p, c := range count {
			for range c {
				out[class[i]] = p
				i++
			}
		}
	}
	return out
}

// Folds deals samples into k folds and returns each sample's fold. Within every
// class the folds differ by at most one sample, and so do they over all.
func Folds(n int, labels []string, k int, seed uint64) []int {
	out := make([]int, n)
	rng := rand.New(rand.NewPCG(seed, 0xf01d))
	next := 0
	for _, class := range classes(n, labels) {
		shuffle(rng, class)
		for _, i := range class {
			out[i] = next % k
			next++
		}
	}
	return out
}

// classes are the samples of each label, labels sorted.
func classes(n int, labels []string) [][]int {
	if labels == nil {
		labels = make([]string, n)
	}
	of := map[string][]int{}
	for i, l := range labels {
		of[l] = append(of[l], i)
	}
	var names []string
	for l := range of {
		names = append(names, l)
	}
	sort.Strings(names)
	var out [][]int
	for _, l := range names {
		out = append(out, of[l])
	}
	return out
}

func shuffle(rng *rand.Rand, x []int) {
	rng.Shuffle(len(x), func(i, j int) { x[i], x[j] = x[j], x[i] })
}
