package stats

// AUC is the chance that a value of positive is above one of negative, half of it where
// they are equal: the area under the receiver's operating curve. Chance alone is 0.5. It
// is 0.5 where either is empty.
func AUC(positive, negative []float64) float64 {
	n, m := float64(len(positive)), float64(len(negative))
	if n == 0 || m == 0 {
		return 0.5
	}
	sum := 0.0
	for _, r := range Ranks(append(append([]float64(nil), positive...), negative...))[:len(positive)] {
		sum += r
	}
	return (sum - n*(n+1)/2) / (n * m)
}
