package learn

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gxlab/gxlab/gx/prep"
)

// The k that are kept on the way are the first k of all in order: of whole numbers, with
// many equal distances, whatever the number of features and k.
func TestNearestAreTheFirstOfAllInOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, cols := range []int{1, 3, 4, 17, 33} {
		x := prep.NewMatrix(70, cols)
		for i := range x.Data {
			x.Data[i] = float32(rng.IntN(4))
		}
		for _, k := range []int{1, 7, 69} {
			got := must(Nearest(context.Background(), x, k))(t)
			told := 0
			said := must(KNN{K: k, Tell: func(_ string, done, total int) { told++ }}.Nearest(context.Background(), x))(t)
			if told == 0 {
				t.Error("nothing was told")
			}
			for i := range x.Rows {
				var all []Neighbour
				for j := range x.Rows {
					if j != i {
						all = append(all, Neighbour{j, math.Sqrt(apart(x.Row(i), x.Row(j)))})
					}
				}
				slices.SortStableFunc(all, func(a, b Neighbour) int {
					if a.Distance < b.Distance {
						return -1
					} else if a.Distance > b.Distance {
						return 1
					}
					return 0
				})
				if !slices.Equal(got[i], all[:k]) || !slices.Equal(said[i], all[:k]) {
					t.Fatalf("%d features, %d neighbours of sample %d: %v, want %v", cols, k, i, got[i], all[:k])
				}
			}
		}
	}
}
