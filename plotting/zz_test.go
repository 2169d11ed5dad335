package plotting_test

import "testing"

func TestZZ(t *testing.T) {
	for n, e := range map[string]func(){"panels": ExamplePanels, "boxes": ExampleBoxes, "examples": ExampleExamples, "heat": ExampleHeat, "emb": ExampleEmbedding} {
		e()
		for _, x := range []string{".png", ".pdf"} {
			if err := shown.Save("/tmp/plots/o_" + n + x); err != nil {
				t.Error(err)
			}
		}
	}
}
