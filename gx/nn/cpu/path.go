package cpu

import (
	"fmt"
	"os"
	"strings"
)

// Path is the instruction set that a Pool made now would use ("avx512", "avx2" or
// "generic") and a note where that is not the one GXLAB_CPU asks for; the note is
// empty where all is as asked.
func Path() (name, note string) {
	name = choose().name
	want := os.Getenv("GXLAB_CPU")
	if want == "" || want == name {
		return name, ""
	}
	legal := []string{"avx512", "avx2", "generic"}
	for _, l := range legal {
		if want == l {
			return name, fmt.Sprintf("GXLAB_CPU=%s: this processor lacks %s; %s is used", want, want, name)
		}
	}
	return name, fmt.Sprintf("GXLAB_CPU=%s is none of %s; %s is used", want, strings.Join(legal, ", "), name)
}
