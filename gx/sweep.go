package gx

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
)

// A Recipe is anything that Keep makes once and reads afterwards: Cohort,
// Training, Reduction, Sweep.
type Recipe[T any] interface {
	Key() (string, error)
	Keep(ctx context.Context, tell Tell) (T, error)
}

// A Sweep is a list of recipes that are made side by side over the cores: the
// folds of a cross-validation, architectures, seeds. Each is kept by itself, so
// that a sweep that is interrupted goes on where it stopped.
type Sweep[T any] struct {
	recipes []Recipe[T]
	workers int
}

// NewSweep is the sweep of those recipes, in that order.
//
//	var folds []gx.Recipe[*gx.Fitted]
//	for _, c := range whole().KFold("tissue", 10, 1) {
//		folds = append(folds, recipe(c))
//	}
//	fits := gx.Must(kernel.Keep(gx.NewSweep(folds...)))
func NewSweep[T any](recipes ...Recipe[T]) Sweep[T] { return Sweep[T]{recipes: recipes} }

// Workers sets how many recipes are made at once. The default is the number of
// cores, as far as the memory reaches: side by side took 0.68 to 0.90 of the time of
// one after the other with all threads, for networks from 1000-100-30 to
// 20184-2000-30 at batches of 1 to 780 (2 cores). It changes no number.
func (s Sweep[T]) Workers(n int) Sweep[T] {
	s.workers = n
	return s
}

// threaded is a recipe that can be told how many threads to use.
type threaded[T any] interface {
	keep(ctx context.Context, tell Tell, threads int) (T, error)
}

// Keep makes every recipe and gives the results in the recipes' order. The
// first error stops the others at their next checkpoint.
func (s Sweep[T]) Keep(ctx context.Context, tell Tell) ([]T, error) {
	workers := s.workers
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = min(workers, len(s.recipes))
	threads := 1
	if workers > 0 {
		threads = max(1, runtime.GOMAXPROCS(0)/workers)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out, errs := make([]T, len(s.recipes)), make([]error, len(s.recipes))
	p := &together{tell: tell, parts: make([]float64, len(s.recipes))}
	var wg sync.WaitGroup
	next := make(chan int)
	for range workers {
		wg.Go(func() {
			for i := range next {
				one := p.part(i)
				if t, ok := s.recipes[i].(threaded[T]); ok {
					out[i], errs[i] = t.keep(ctx, one, threads)
				} else {
					out[i], errs[i] = s.recipes[i].Keep(ctx, one)
				}
				if errs[i] != nil {
					cancel()
				}
				p.finish(i)
			}
		})
	}
feed:
	for i := range s.recipes {
		select {
		case next <- i:
		case <-ctx.Done():
			errs[i] = ctx.Err()
			break feed
		}
	}
	close(next)
	wg.Wait()
	var first error
	for i, err := range errs {
		if err != nil && (first == nil || errors.Is(first, context.Canceled)) {
			first = fmt.Errorf("recipe %d of %d: %w", i+1, len(errs), err)
		}
	}
	if first != nil {
		return nil, first
	}
	return out, nil
}

// Key is a hash of the recipes' keys.
func (s Sweep[T]) Key() (string, error) {
	keys := make([]string, len(s.recipes))
	for i, r := range s.recipes {
		k, err := r.Key()
		if err != nil {
			return "", err
		}
		keys[i] = k
	}
	return keyOf("sweep", 1, keys), nil
}

// Len is the number of recipes.
func (s Sweep[T]) Len() int { return len(s.recipes) }

// together is the progress of many parts as one line.
type together struct {
	mu    sync.Mutex
	tell  Tell
	parts []float64
	said  map[string]bool
}

func (p *together) part(i int) Tell {
	if p.tell == nil {
		return nil
	}
	return func(what string, done, total int) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if total <= 0 {
			if p.said == nil {
				p.said = map[string]bool{}
			}
			if !p.said[what] { // the folds of one cohort all say the same
				p.said[what] = true
				p.tell(what, 0, 0)
			}
			return
		}
		p.parts[i] = float64(done) / float64(total)
		p.say()
	}
}

func (p *together) finish(i int) {
	if p.tell == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.parts[i] = 1
	p.say()
}

func (p *together) say() {
	sum, whole := 0.0, 0
	for _, v := range p.parts {
		sum += v
		if v == 1 {
			whole++
		}
	}
	p.tell(fmt.Sprintf("%d of %d made", whole, len(p.parts)), int(1000*sum), 1000*len(p.parts))
}
