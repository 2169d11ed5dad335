package gx

import (
	"context"
	"fmt"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/learn"
	"github.com/gxlab/gxlab/gx/nn"
	"github.com/gxlab/gxlab/gx/prep"
	"github.com/gxlab/gxlab/gx/store"
)

// regressorChain is what decides a classical method's numbers.
type regressorChain struct {
	Method    string    `json:"method,omitempty"`
	Alphas    []float64 `json:"alphas,omitempty"`
	PerTarget bool      `json:"perTarget,omitempty"`
	Alpha     float64   `json:"alpha,omitempty"`
	Tolerance float64   `json:"tolerance,omitempty"`
	Sweeps    int       `json:"sweeps,omitempty"`
	K         int       `json:"k,omitempty"`
	Weighted  bool      `json:"weighted,omitempty"`
}

func regressorOf(r learn.Regressor) (regressorChain, error) {
	switch r := r.(type) {
	case learn.LinearRegression:
		return regressorChain{Method: "linear"}, nil
	case learn.Ridge:
		return regressorChain{Method: "ridge", Alphas: r.Alphas, PerTarget: r.PerTarget}, nil
	case learn.Lasso:
		return regressorChain{Method: "lasso", Alpha: r.Alpha, Tolerance: r.Tolerance, Sweeps: r.Sweeps}, nil
	case learn.KNNRegression:
		if r.K == 0 {
			r.K = 5
		}
		return regressorChain{Method: "neighbours", K: r.K, Weighted: r.Weighted}, nil
	}
	return regressorChain{}, fmt.Errorf("%T is not among the methods", r)
}

// fitBy fits the classical method. A linear one is a network without hidden layers.
func (i Inference) fitBy(ctx context.Context, f *Inferred, x, y Matrix, threads int) error {
	need := 8*int64(x.Rows)*int64(x.Rows+2*x.Cols) + 16*int64(x.Rows+x.Cols)*int64(y.Cols)
	giveBack, _, err := room().take(ctx, need, threads)
	if err != nil {
		return err
	}
	defer giveBack()
	if f.by, err = regressorOf(i.by); err != nil {
		return err
	}
	got, err := i.by.Train(ctx, x, y)
	if err != nil {
		return err
	}
	switch got := got.(type) {
	case *learn.LinearModel:
		spec := linearSpec(x.Cols, y.Cols)
		params := make([]float32, 0, len(got.Coef)+len(got.Intercept))
		for _, v := range got.Coef {
			params = append(params, float32(v))
		}
		for _, v := range got.Intercept {
			params = append(params, float32(v))
		}
		net, err := nn.Restore(spec, params, nil)
		if err != nil {
			return err
		}
		f.nets, f.curves = []*nn.Net{net}, [][]Point{nil}
		if r, ok := i.by.(learn.Ridge); ok && !r.PerTarget && len(got.Alpha) > 0 {
			f.notes = append(f.notes, fmt.Sprintf("ridge: α = %g, by leaving every training sample out in turn", got.Alpha[0]))
		}
	case *learn.NeighbourMeans:
		f.near = &neighbours{got, x, y}
	default:
		return fault.New(fmt.Sprintf("%s cannot be kept", i.by.Name()), "", "")
	}
	return nil
}

func linearSpec(in, out int) nn.Spec {
	return nn.Spec{In: in, Layers: []nn.Layer{{Kind: nn.Dense, Width: out}}, Loss: nn.MSE, Init: string(Torch)}
}

// neighbours are the training samples that predictions by neighbours are made of.
type neighbours struct {
	model learn.Estimator
	x, y  Matrix
}

func (n *neighbours) write(d *store.Draft) error {
	if err := d.WriteFloat32s("near-landmarks.f32", n.x.Data); err != nil {
		return err
	}
	return d.WriteFloat32s("near-targets.f32", n.y.Data)
}

func loadNeighbours(e files, by regressorChain, landmarks, targets int) (*neighbours, error) {
	x, err := e.Float32s("near-landmarks.f32")
	if err != nil {
		return nil, err
	}
	y, err := e.Float32s("near-targets.f32")
	if err != nil {
		return nil, err
	}
	rows := len(x) / landmarks
	if len(x) != rows*landmarks || len(y) != rows*targets {
		return nil, fault.New(fmt.Sprintf("%d values of landmarks and %d of targets", len(x), len(y)), "kept neighbours", "")
	}
	n := &neighbours{x: prep.Matrix{Rows: rows, Cols: landmarks, Data: x}, y: prep.Matrix{Rows: rows, Cols: targets, Data: y}}
	n.model, err = learn.KNNRegression{K: by.K, Weighted: by.Weighted}.Train(context.Background(), n.x, n.y)
	return n, err
}
