package datasets

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
)

// limit is what a setting of a simulation may be: least to most, both included.
type limit struct {
	name        string
	value       float64
	least, most float64
}

func count(name string, n, least int) limit {
	return limit{name, float64(n), float64(least), 1e9}
}

func share(name string, v float64) limit { return limit{name, v, 0, 1} }

// amount is a setting that may be 0 or any size above.
func amount(name string, v float64) limit { return limit{name, v, 0, 1e9} }

// within is the error of the first setting that is outside its limits.
func within(of string, limits ...limit) error {
	for _, l := range limits {
		if l.value >= l.least && l.value <= l.most {
			continue
		}
		try := fmt.Sprintf("a number of at least %g", l.least)
		if l.most < 1e9 {
			try = fmt.Sprintf("a number from %g to %g", l.least, l.most)
		}
		return fault.New(fmt.Sprintf("%s of a %s is %g", l.name, of, l.value), gx.Caller(), try)
	}
	return nil
}

// limits are those of a cohort that others are built on.
func (c Simulation) limits() []limit {
	return []limit{count("Samples", c.Samples, 1), count("Genes", c.Genes, 1), count("Studies", c.Studies, 1), amount("NoiseTimes", c.NoiseTimes)}
}

// stream is a row of random numbers that depends on the seed, what it is for and an
// index alone.
func (c Simulation) stream(use uint64, index int) *rand.Rand {
	return rand.New(rand.NewPCG(c.Seed, use<<32+uint64(index)))
}

// choose is n different numbers below of, sorted; all of them where n is larger.
func choose(rng *rand.Rand, n, of int) []int {
	picked := rng.Perm(of)[:min(n, of)]
	slices.Sort(picked)
	return picked
}

func namesOf(names []string, index []int) []string {
	out := make([]string, len(index))
	for i, j := range index {
		out[i] = names[j]
	}
	return out
}

// falseAmong is how many others join n right ones so that they are this share of all.
func falseAmong(n int, share float64) int { return int(math.Round(float64(n) * share / (1 - share))) }

// others are n names that are not among these, in their order; all where there are fewer.
func others(rng *rand.Rand, names, not []string, n int) (out []string) {
	in := make(map[string]bool, len(not))
	for _, g := range not {
		in[g] = true
	}
	for _, j := range rng.Perm(len(names)) {
		if len(out) < n && !in[names[j]] {
			out = append(out, names[j])
		}
	}
	slices.Sort(out)
	return out
}

// logNormal is a number around median whose logarithm has the standard deviation
// spread.
func logNormal(rng *rand.Rand, median, spread float64) float64 {
	return median * math.Exp(float64(spread*rng.NormFloat64()))
}

// negativeBinomial is a count with that mean and the variance mean + dispersion·mean².
func negativeBinomial(rng *rand.Rand, mean, dispersion float64) float64 {
	if dispersion > 0 && mean > 0 {
		mean = distuv.Gamma{Alpha: 1 / dispersion, Beta: 1 / (dispersion * mean), Src: rng}.Rand()
	}
	if !(mean > 0) {
		return 0
	}
	return distuv.Poisson{Lambda: mean, Src: rng}.Rand()
}
