package datasets

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

const wide = "id\tNA\tMARCH1\tSEPT2\tTP53\ns1\t1\t2\t3\t4\ns2\t4\t5\t6\t7\n"

// A column of gene names among the labels does not pass for the samples.
func TestOpenTellsSamplesFromMarkers(t *testing.T) {
	for name, labels := range map[string]string{
		"one gene for all":    "marker\tsample\nNA\ts1\nNA\ts2\n",
		"a gene each":         "marker\tsample\nNA\ts1\nMARCH1\ts2\n",
		"markers at the end":  "sample\tmarker\ns1\tNA\ns2\tMARCH1\n",
		"only one is labels'": "marker\tsample\nNA\ts1\nnone\ts2\n",
	} {
		raw, err := opened{write(t, "x.tsv", wide), write(t, "l.tsv", labels)}.Read(context.Background(), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := fmt.Sprint(raw.Samples.IDs(), raw.Samples.Names(), raw.Genes); got != "[s1 s2] [marker] [NA MARCH1 SEPT2 TP53]" {
			t.Errorf("%s: %s", name, got)
		}
	}
	square := "id\tNA\tMARCH1\ns1\t1\t2\ns2\t4\t5\n"
	l := write(t, "l.tsv", "marker\tsample\nNA\ts1\nMARCH1\ts2\n")
	_, err := opened{write(t, "x.tsv", square), l}.Read(context.Background(), nil)
	for _, w := range []string{"two columns", `"marker"`, `"sample"`, "  at " + l, "  try "} {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("the error does not say %q: %v", w, err)
		}
	}
}

func TestOpenNamesPDFAndRDS(t *testing.T) {
	for head, want := range map[string]string{"%PDF-1.4\nabc": "a PDF file", "X\n\x00\x00\x00\x03": "the R file is cut off"} {
		path := write(t, "x.tsv", head)
		_, err := opened{path: path}.Read(context.Background(), nil)
		for _, w := range []string{want, "  at " + path, "  try "} {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("the error does not say %q: %v", w, err)
			}
		}
	}
}
