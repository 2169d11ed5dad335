package plotting_test

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/gxlab/gxlab/plotting"
)

var regen = flag.Bool("regen", false, "rewrite the pictures in testdata; look at every one before committing")

// shown is what an example drew last.
var shown plotting.Figure

// show stands for kernel.Show in the examples.
func show(f plotting.Figure) { shown = f }

// check runs an example and compares its figure with the picture in testdata.
func check(t *testing.T, example func(), file string) {
	t.Helper()
	shown = plotting.Figure{}
	example()
	got, err := shown.SVG()
	if err != nil {
		t.Fatal(err)
	}
	if len(got) > 400_000 {
		t.Errorf("%s has %d bytes: too heavy for a page", file, len(got))
	}
	path := filepath.Join("testdata", file)
	if *regen {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test ./plotting -regen writes it)", err)
	}
	if err := sameSVG(got, want); err != nil {
		path := filepath.Join(t.ArtifactDir(), file)
		os.WriteFile(path, got, 0o644)
		t.Errorf("%s: %v; what was drawn: %s (-artifacts keeps it)", file, err, path)
	}
}

var (
	inSVG   = regexp.MustCompile(`data:image/png;base64,([A-Za-z0-9+/=]+)`)
	numbers = regexp.MustCompile(`-?\d+\.?\d*`)
)

// sameSVG compares two SVGs: the same text, numbers that differ by less than 0.06
// points (another processor rounds otherwise), the same pictures up to 1 in 200
// pixels.
func sameSVG(got, want []byte) error {
	gi, wi := inSVG.FindAllSubmatch(got, -1), inSVG.FindAllSubmatch(want, -1)
	if len(gi) != len(wi) {
		return fmt.Errorf("%d pictures, want %d", len(gi), len(wi))
	}
	for i := range gi {
		if err := samePNG(gi[i][1], wi[i][1]); err != nil {
			return fmt.Errorf("picture %d: %v", i+1, err)
		}
	}
	got, want = inSVG.ReplaceAll(got, nil), inSVG.ReplaceAll(want, nil)
	gn, wn := numbers.FindAll(got, -1), numbers.FindAll(want, -1)
	if !bytes.Equal(numbers.ReplaceAll(got, []byte("#")), numbers.ReplaceAll(want, []byte("#"))) || len(gn) != len(wn) {
		return fmt.Errorf("other shapes or text")
	}
	for i := range gn {
		a, _ := strconv.ParseFloat(string(gn[i]), 64)
		b, _ := strconv.ParseFloat(string(wn[i]), 64)
		if math.Abs(a-b) > 0.06 {
			return fmt.Errorf("number %d is %s, want %s", i+1, gn[i], wn[i])
		}
	}
	return nil
}

func samePNG(got, want []byte) error {
	decode := func(b []byte) ([]byte, error) { return base64.StdEncoding.DecodeString(string(b)) }
	gb, err := decode(got)
	if err != nil {
		return err
	}
	wb, err := decode(want)
	if err != nil {
		return err
	}
	g, err := png.Decode(bytes.NewReader(gb))
	if err != nil {
		return err
	}
	w, err := png.Decode(bytes.NewReader(wb))
	if err != nil {
		return err
	}
	if g.Bounds() != w.Bounds() {
		return fmt.Errorf("%v pixels, want %v", g.Bounds(), w.Bounds())
	}
	other, b := 0, g.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if g.At(x, y) != w.At(x, y) {
				other++
			}
		}
	}
	if other*200 > b.Dx()*b.Dy() {
		return fmt.Errorf("%d of %d pixels differ", other, b.Dx()*b.Dy())
	}
	return nil
}
