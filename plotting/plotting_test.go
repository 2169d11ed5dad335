package plotting_test

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/plotting"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var nan = math.NaN()

// Whatever a figure was given, drawing returns an error that says what, where and
// what to try, and never panics.
func TestMistakes(t *testing.T) {
	ok := plotting.Series{Name: "test", Y: []float64{3, 2, 1}}
	for name, c := range map[string]struct {
		f    plotting.Figure
		says string
	}{
		"no figure":       {plotting.Figure{}, "empty Figure"},
		"no series":       {plotting.Curves(), "no series"},
		"empty series":    {plotting.Curves(plotting.Series{Name: "test"}), `"test" is empty`},
		"NaN":             {plotting.Curves(plotting.Series{Name: "test", Y: []float64{1, nan}}), "value 2 of Y is NaN"},
		"other length":    {plotting.Curves(plotting.Series{X: []float64{1}, Y: []float64{1, 2}}), "1 values of X and 2 of Y"},
		"other SE":        {plotting.Curves(plotting.Series{SE: []float64{1}, Y: []float64{1, 2}}), "1 standard errors and 2 values"},
		"log of zero":     {plotting.Curves(plotting.Series{Y: []float64{0, 1}}).LogY(), "cannot show 0"},
		"width":           {plotting.Curves(ok).Width(3), "Width(3)"},
		"height":          {plotting.Curves(ok).Height(nan), "Height(NaN)"},
		"range":           {plotting.Curves(ok).YRange(2, 1), "YRange(2, 1)"},
		"log range":       {plotting.Curves(ok).YRange(-1, 1).LogY(), "cannot show -1"},
		"no training":     {plotting.TrainTest(plotting.Learning{Name: "a"}), `"a" is empty`},
		"NaN in training": {plotting.LeastTest(plotting.Learning{Test: []float64{1, nan}}), "value 2"},
		"no ranks":        {plotting.RankCounts(), "no ranks"},
		"rank 0":          {plotting.RankCounts(plotting.Ranks{Ranks: []int{1, 0}}), "sample 2 has rank 0"},
		"no groups":       {plotting.Boxes("MSE", nil), "no groups"},
		"empty group":     {plotting.Boxes("MSE", []plotting.Group{{Name: "PCA"}}), `"PCA" is empty`},
		"negative on log": {plotting.Boxes("MSE", []plotting.Group{{Values: []float64{-1, 1}}}).LogY(), "cannot show -1"},
		"no such group":   {plotting.Boxes("MSE", []plotting.Group{{Values: []float64{1}}}, plotting.Comparison{A: 0, B: 1}), "of 1 groups"},
		"no examples":     {plotting.Examples("log₂"), "no examples"},
		"example lengths": {plotting.Examples("", plotting.Example{GEP: make([]float32, 4), Reproduced: []plotting.Profile{{Values: make([]float32, 3)}}}), "3 genes against 4"},
		"no samples":      {plotting.Embedding(nil, nil, nil), "no samples"},
		"labels":          {plotting.Embedding([]float64{1}, []float64{1}, []string{"a", "b"}), "2 labels"},
		"ragged heat":     {plotting.Heat([][]float64{{1, 2}, {1}}, nil, ""), "row 2 has 1 values"},
		"no values":       {plotting.Histogram[float64]("x", nil), "no values"},
		"infinite value":  {plotting.Histogram("x", []float32{1, float32(math.Inf(1))}), "value 2"},
		"no panels":       {plotting.Panels(2), "0 figures"},
		"a panel's own":   {plotting.Panels(2, plotting.Curves(ok), plotting.Curves()), "no series"},
		"columns":         {plotting.Panels(0, plotting.Curves(ok)), "0 columns"},
		"nil plot":        {plotting.Of(nil), "no plot"},
	} {
		for verb, draw := range map[string]func() ([]byte, error){"SVG": c.f.SVG, "PNG": c.f.PNG, "PDF": c.f.PDF} {
			_, err := draw()
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s, %s: %v, want %q", name, verb, err, c.says)
				continue
			}
			if f, ok := err.(*fault.Error); !ok || f.Where == "" || f.Try == "" {
				t.Errorf("%s, %s: %q names no place or no remedy", name, verb, err)
			}
		}
	}
}

func TestMistakeNamesTheCallersLine(t *testing.T) {
	if err := plotting.Curves().Err(); err == nil || !strings.Contains(err.Error(), "plotting_test.go:") {
		t.Errorf("%v, want this file and its line", err)
	}
}

// The edges: one value, all values the same, one sample, an axis' whole width.
func TestEdges(t *testing.T) {
	one := []float64{0.5}
	same := []float64{2, 2, 2, 2}
	for name, f := range map[string]plotting.Figure{
		"one epoch":      plotting.Curves(plotting.Series{Name: "a", Y: one, SE: []float64{0.1}}),
		"one epoch, log": plotting.TrainTest(plotting.Learning{Train: one, Test: one}).LogY(),
		"flat":           plotting.Curves(plotting.Series{Y: same}),
		"zero":           plotting.Curves(plotting.Series{Y: []float64{0, 0}}),
		"SE below zero":  plotting.Curves(plotting.Series{Y: []float64{1, 2}, SE: []float64{3, 0}}).LogY(),
		"one rank":       plotting.RankCounts(plotting.Ranks{Ranks: []int{1}}),
		"late ranks":     plotting.RankCounts(plotting.Ranks{Ranks: []int{900, 7, 6}}),
		"one value":      plotting.Boxes("x", []plotting.Group{{Name: "a", Values: one}}).LogY(),
		"same values":    plotting.Boxes("x", []plotting.Group{{Name: "a", Values: same}, {Name: "b", Values: one}}, plotting.Comparison{A: 0, B: 1, P: nan}),
		"one sample":     plotting.Embedding(one, one, nil),
		"one cell":       plotting.Heat([][]float64{{1}}, []string{"a"}, "r"),
		"one number":     plotting.Histogram("x", one),
		"huge":           plotting.Histogram("x", []float64{1, 1e9, 3e9}),
		"tiny":           plotting.Curves(plotting.Series{Y: []float64{1e-9, 4e-9}}),
		"cut off":        plotting.Curves(plotting.Series{Y: []float64{1, 9, 2, 8}}).YRange(0, 5).XRange(1.5, 3.5),
		"small":          plotting.Boxes("a long label of the values", []plotting.Group{{Name: "with a long name", Values: same}}).Width(20).Height(20),
		"odd text":       plotting.Curves(plotting.Series{Name: "<a & \"b\">\x00 ρ≤σ 日本", Y: same}).Titled("T<1>"),
	} {
		svg, err := f.SVG()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if regexp.MustCompile(`NaN|Inf`).Match(svg) {
			t.Errorf("%s: not a number in the picture", name)
		}
		if err := xml.Unmarshal(svg, new(struct{})); err != nil {
			t.Errorf("%s is not XML: %v", name, err)
		}
		if _, err := f.PNG(); err != nil {
			t.Errorf("%s as PNG: %v", name, err)
		}
		if _, err := f.PDF(); err != nil {
			t.Errorf("%s as PDF: %v", name, err)
		}
	}
}

func TestVerbsDoNotChangeTheBase(t *testing.T) {
	base := plotting.Curves(plotting.Series{Name: "a", Y: []float64{3, 2, 1}})
	before, err := base.SVG()
	if err != nil {
		t.Fatal(err)
	}
	base.Width(120).Height(40).Titled("x").X("a").Y("b").LogX().LogY().XRange(1, 2).YRange(1, 2).NoLegend().Named("z").Captioned("c").Span(2)
	if after, _ := base.SVG(); !bytes.Equal(before, after) || base.Name() != "curves" || base.Caption() != "" {
		t.Error("a verb changed the figure it was called on")
	}
}

func TestSaveBytesAreTheSame(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	ExamplePanels()
	for _, ext := range []string{".svg", ".png", ".pdf"} {
		var files [2][]byte
		for i := range files {
			path := filepath.Join(dir, "fig"+ext)
			if err := shown.Save(path); err != nil {
				t.Fatal(err)
			}
			files[i], _ = os.ReadFile(path)
		}
		// A PDF holds its date, and its fonts in any order.
		if len(files[0]) == 0 || ext != ".pdf" && !bytes.Equal(files[0], files[1]) {
			t.Errorf("%s differs between two drawings of the same figure", ext)
		}
	}
	if names, _ := os.ReadDir(dir); len(names) != 3 {
		t.Errorf("%d files in the folder, want the three figures alone", len(names))
	}
	for _, path := range []string{"fig.gif", "fig"} {
		if err := shown.Save(filepath.Join(dir, path)); err == nil || !strings.Contains(err.Error(), ".svg, .png or .pdf") {
			t.Errorf("Save(%s): %v", path, err)
		}
	}
}

// A PNG of 85 mm is 1004 dots wide, 11811 dots a metre.
func TestPNGHasItsSize(t *testing.T) {
	data, err := plotting.Curves(plotting.Series{Y: []float64{1, 2}}).Width(85).Height(50).PNG()
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != 1004 || b.Dy() != 591 {
		t.Errorf("%d × %d dots, want 1004 × 591", b.Dx(), b.Dy())
	}
	if !bytes.Contains(data, []byte("pHYs\x00\x00\x2e\x23\x00\x00\x2e\x23\x01")) {
		t.Error("the file does not say that it has 300 dots an inch")
	}
}

// The numbers of MeanSE are R's: x <- c(1, 2, 4); mean(x); sd(x)/sqrt(3).
func TestMeanSE(t *testing.T) {
	s := plotting.MeanSE("a", [][]float64{{1, 5}, {2}, {4}})
	if len(s.Y) != 2 || math.Abs(s.Y[0]-2.333333333) > 1e-9 || math.Abs(s.SE[0]-0.881917104) > 1e-9 || s.Y[1] != 5 || s.SE[1] != 0 {
		t.Errorf("%+v", s)
	}
}

// Twenty thousand points must not make a page heavy.
func TestManyPointsStaySmall(t *testing.T) {
	gep, sibling, rep := profiles(random(), 20184)
	e := plotting.Example{Name: "Colon", GEP: gep, Sibling: sibling, Reproduced: []plotting.Profile{{Name: "recommended", Values: rep}, {Name: "paper's recipe", Values: sibling}}}
	svg, err := plotting.Examples("log₂", e, e, e).SVG()
	if err != nil {
		t.Fatal(err)
	}
	if len(svg) > 300_000 {
		t.Errorf("%d bytes", len(svg))
	}
}

// Texts of a figure are there to be read and searched, in fonts that viewers have.
func TestTextStaysText(t *testing.T) {
	ExampleRankCounts()
	svg, err := shown.SVG()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{">recommended</text>", ">paper's recipe</text>", "Test samples (n = 260)", "'Liberation Sans',Arial,Helvetica,sans-serif"} {
		if !bytes.Contains(svg, []byte(want)) {
			t.Errorf("no %q", want)
		}
	}
	sizes := regexp.MustCompile(`<text [^>]*font-size="([0-9.]+)"`).FindAllSubmatch(svg, -1)
	if !slices.ContainsFunc(sizes, func(m [][]byte) bool { return string(m[1]) == "8" }) {
		t.Error("no text of 8 points")
	}
}

// cross is somebody's own plot.
type cross struct{}

func (cross) Draw(c draw.Canvas) {
	s := draw.LineStyle{Width: vg.Points(1)}
	c.StrokeLine2(s, c.Min.X, c.Min.Y, c.Max.X, c.Max.Y)
	c.StrokeLine2(s, c.Min.X, c.Max.Y, c.Max.X, c.Min.Y)
}

func ExampleOf() {
	show(plotting.Of(cross{}).Width(40).Height(30))
}

func TestOf(t *testing.T) { check(t, ExampleOf, "of.svg") }
