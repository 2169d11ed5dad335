package cpu

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// Path is the instruction set that a Pool made now would use ("avx512", "avx2" or
// "generic", with "+openblas" where OpenBLAS makes the products) and a note where
// that is not what GXLAB_CPU and GXLAB_BLAS ask for; the note is empty where all is
// as asked.
func Path() (name, note string) {
	name = choose().name
	var notes []string
	legal := []string{"avx512", "avx2", "generic"}
	switch want := os.Getenv("GXLAB_CPU"); {
	case want == "" || want == name:
	case slices.Contains(legal, want):
		notes = append(notes, fmt.Sprintf("GXLAB_CPU=%s: this processor lacks %s; %s is used", want, want, name))
	default:
		notes = append(notes, fmt.Sprintf("GXLAB_CPU=%s is none of %s; %s is used", want, strings.Join(legal, ", "), name))
	}
	lib, why := openBLAS(os.Getenv("GXLAB_BLAS"))
	if lib != nil {
		name += "+openblas"
	}
	if why != "" {
		notes = append(notes, why)
	}
	return name, strings.Join(notes, ". ")
}
