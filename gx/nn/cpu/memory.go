package cpu

// Make is an array of n zeros, as make gives it, laid out for going through it
// fast where it is large.
func Make(n int) []float32 {
	x := make([]float32, n)
	hugePages(x)
	return x
}
