package cpu

import "testing"

// Every instruction set hides the same values, those that mix says.
func TestDropoutIsMix(t *testing.T) {
	const keep, seed, counter = 0.9, 7, 1 << 40
	x := make([]float32, 40003)
	for i := range x {
		x[i] = float32(i%13) - 6
	}
	for _, path := range []string{"avx512", "avx2", "generic"} {
		t.Setenv("GXLAB_CPU", path)
		p := NewPool(2)
		if p.Path() != path {
			t.Logf("this processor has no %s", path)
			continue
		}
		y, mask := make([]float32, len(x)), make([]float32, len(x))
		p.Dropout(keep, seed, counter, x, y, mask)
		bare := make([]float32, len(x))
		p.Dropout(keep, seed, counter, x, bare, nil)
		kept := 0
		for i := range x {
			want := float32(0)
			if float64(mix(seed, counter+uint64(i))>>11)/(1<<53) < keep {
				want = 1 / float32(keep)
				kept++
			}
			if mask[i] != want || y[i] != x[i]*want || bare[i] != y[i] {
				t.Fatalf("%s, value %d of %v: mask %v, %v, %v; want mask %v", path, i, x[i], mask[i], y[i], bare[i], want)
			}
		}
		// 40003 draws at 0.9: standard deviation 60
		if kept < 36003-300 || kept > 36003+300 {
			t.Errorf("%s keeps %d of 40003", path, kept)
		}
	}
}
