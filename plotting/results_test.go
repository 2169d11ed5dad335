package plotting_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/gxtest"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/plotting"
)

// tissues is a source of 4 tissues × 12 samples × 40 genes.
type tissues struct{}

func (tissues) Name() string         { return "four tissues" }
func (tissues) Key() (string, error) { return "plotting-test-1", nil }

func (tissues) Read(context.Context, gx.Tell) (*gx.Raw, error) {
	r := random()
	raw := &gx.Raw{X: prep.NewMatrix(48, 40), Scale: "log2"}
	var ids, labels []string
	for i := range 48 {
		k := i / 12
		ids, labels = append(ids, fmt.Sprintf("s%d", i)), append(labels, []string{"colon", "heart", "liver", "neuron"}[k])
		for j := range 40 {
			raw.X.Row(i)[j] = float32(8 + 2*math.Sin(float64(j*(k+1))) + 0.3*r.NormFloat64())
		}
	}
	for j := range 40 {
		raw.Genes = append(raw.Genes, fmt.Sprintf("g%d", j))
	}
	var err error
	raw.Samples, err = frame.New(ids).With("tissue", labels)
	return raw, err
}

// Every short form takes what gx gives it, and names models, units and n.
func TestResults(t *testing.T) {
	gxtest.Store(t)
	ctx := context.Background()
	cohort := gx.From(tissues{}).Split("tissue", 75, 25).Seed(7).Standardise()
	set, err := cohort.Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	drawn := 0
	live := plotting.LiveTo(func(plotting.Figure) { drawn++ })
	recipe := gx.Autoencoder().Hidden(16, gx.LogSigmoid).Code(4).On(cohort).Epochs(12).Seed(1)
	ours, err := recipe.Named("recommended").Watch(live).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	paper, err := recipe.Named("paper's recipe").SGD(0.01).Watch(plotting.Live()).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	pca, err := gx.PCA(4).On(cohort).Keep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if drawn == 0 {
		t.Error("the live curve drew nothing")
	}
	rank := func(f *gx.Fitted, by gx.Measure) *gx.Ranking {
		r, err := f.Ranks(set.Test(), by)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	codes, err := ours.Encode(set.Test())
	if err != nil {
		t.Fatal(err)
	}
	models := []plotting.Reproducer{ours, paper}
	for name, c := range map[string]struct {
		f    plotting.Figure
		want []string
	}{
		"learning curve":   {plotting.LearningCurve(ours, paper), []string{"recommended, test", "paper's recipe, training", "Epoch"}},
		"overfitting":      {plotting.Overfitting(ours), []string{"least test error"}},
		"cross-validation": {plotting.CrossValidation([]*gx.Fitted{ours, ours}, []*gx.Fitted{paper, paper}), []string{"recommended", "Test MSE"}},
		"rank bars":        {plotting.RankBars(rank(ours, gx.Spearman), rank(paper, gx.Spearman)), []string{"n = 12", "Rank of the REP by Spearman correlation"}},
		"closest":          {plotting.Closest(set.Units(), rank(ours, gx.ByMSE), rank(paper, gx.ByMSE)), []string{"n = 12 each", "p = "}},
		"closest Spearman": {plotting.Closest(set.Units(), rank(ours, gx.Spearman)), []string{"Spearman correlation"}},
		"reductions":       {plotting.Reductions(set.Test(), ours, paper, pca), []string{"PCA", "n = 12 each"}},
		"siblings":         {plotting.Siblings(set.Test(), "tissue", models), []string{"colon", "heart", "liver", "COR "}},
		"chosen siblings":  {plotting.Siblings(set.Test(), "tissue", models[:1], "neuron"), []string{"neuron", "Sibling GEP"}},
		"code map":         {plotting.CodeMap(codes, "tissue"), []string{"neuron", "PC1 of the codes"}},
		"map":              {plotting.EmbeddedMap(kept(t, gx.TSNE().Of(codes)), "tissue"), []string{"neuron", "t-SNE 1", "t-SNE 2"}},
		"correlations":     {plotting.Correlations(set.Test(), "tissue"), []string{"Spearman correlation", "colon"}},
		"live":             {live.Figure(), []string{"recommended, test"}},
	} {
		svg, err := c.f.SVG()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(string(svg), w) {
				t.Errorf("%s: no %q in the figure", name, w)
			}
		}
	}
	for name, f := range map[string]plotting.Figure{
		"no fits":    plotting.LearningCurve(),
		"no folds":   plotting.CrossValidation(),
		"no ranks":   plotting.RankBars(),
		"no ranking": plotting.Closest("log2"),
		"no models":  plotting.Reductions(set.Test()),
		"no label":   plotting.Correlations(set.Test(), "colour"),
		"no code":    plotting.CodeMap(codes, "colour"),
		"no map":     plotting.EmbeddedMap(nil, "tissue"),
		"map of":     plotting.EmbeddedMap(kept(t, gx.PCAMap().Of(codes)), "colour"),
		"no tissue":  plotting.Siblings(set.Test(), "tissue", models, "brain"),
		"no classes": plotting.Siblings(set.Test(), "colour", models),
	} {
		if _, err := f.SVG(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
