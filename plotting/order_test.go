package plotting

import (
	"slices"
	"testing"
)

func TestInOrder(t *testing.T) {
	got := inOrder([]string{"type 10", "lung", "type 2", "B-cell", "type 10", "", "aorta", "type 1", "Lung"})
	if want := []string{"", "aorta", "B-cell", "Lung", "lung", "type 1", "type 2", "type 10"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
