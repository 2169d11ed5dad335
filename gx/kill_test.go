package gx_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/gxtest"
)

// long is a training of a few seconds.
func long() gx.Training {
	return gx.Autoencoder().Hidden(64, gx.LeakyReLU).Code(3).On(gx.From(made{n: 200, p: 900}).Log2().Split("tissue", 75, 25).Centre()).
		Batch(8).Epochs(600).ChooseEpochs(0.1)
}

// A training that is killed without warning goes on from its last checkpoint when
// it is asked for again, and ends with the weights of one that was left alone, bit
// for bit. The child is this test binary again.
func TestKilledTrainingGoesOn(t *testing.T) {
	if os.Getenv("GX_TEST_CHILD") != "" {
		_, _ = long().Keep(ctx, nil)
		return
	}
	if testing.Short() {
		t.Skip("-short leaves it out")
	}
	digest := func() string {
		f, err := long().Keep(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		return gxtest.Digest32(f.Net().Params())
	}
	gxtest.Store(t)
	want := digest()
	dir := gxtest.Store(t)
	for range 2 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledTrainingGoesOn$")
		cmd.Env = append(os.Environ(), "GX_TEST_CHILD=1")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		before := checkpoints(dir)
		for i := 0; checkpoints(dir) == before; i++ {
			if i > 3000 {
				t.Fatal("no checkpoint was written")
			}
			time.Sleep(10 * time.Millisecond)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil {
			t.Skip("the training ended before it was killed: a very fast machine")
		}
	}
	var said []string
	f, err := long().Keep(ctx, func(what string, done, total int) {
		if total == 0 {
			said = append(said, what)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(said, "\n"), "going on from the last checkpoint") {
		t.Errorf("it did not say that it goes on: %q", said)
	}
	if got := gxtest.Digest32(f.Net().Params()); got != want {
		t.Errorf("killed twice and gone on with: %s, left alone: %s", got, want)
	}
}

// longSiVAE is one whose stages take about a second each.
func longSiVAE() gx.SiVAETraining {
	return gx.SiVAE().Hidden(96, gx.ReLU).Code(3).On(gx.From(made{n: 200, p: 900}).Log2().Split("tissue", 75, 25).Standardise()).
		Batch(10).FeatureBatch(300).Epochs(180).Device(gx.CPU)
}

// A siVAE that is killed without warning in each of its three stages loses no more than
// what came after the last checkpoint, which is an interval old at most, and ends with the
// embeddings and weights of one that was left alone, bit for bit.
func TestKilledSiVAEGoesOn(t *testing.T) {
	if os.Getenv("GX_TEST_CHILD") != "" {
		_, _ = longSiVAE().Keep(ctx, nil)
		return
	}
	if testing.Short() {
		t.Skip("-short leaves it out")
	}
	digest := func(f *gx.SiVAEFitted, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return gxtest.Digest32(f.Pair().Params()) + gxtest.Digest32(f.GeneEmbedding().Data)
	}
	gxtest.Store(t)
	want := digest(longSiVAE().Keep(ctx, nil))
	dir := gxtest.Store(t)
	for stage := range 3 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledSiVAEGoesOn$")
		cmd.Env = append(os.Environ(), "GX_TEST_CHILD=1")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		file := fmt.Sprintf("checkpoint-%d", stage)
		for began := time.Now(); len(kept(dir, file)) == 0; time.Sleep(5 * time.Millisecond) {
			select {
			case <-ended:
				t.Skip("the training ended before it was killed: a very fast machine")
			default:
			}
			if time.Since(began) > time.Minute {
				t.Fatalf("no checkpoint of stage %d was written", stage+1)
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err == nil {
			t.Skip("the training ended before it was killed: a very fast machine")
		}
	}
	var said []string
	f, err := longSiVAE().Keep(ctx, func(what string, done, total int) { said = append(said, what) })
	if got := digest(f, err); got != want {
		t.Errorf("killed in each stage and gone on with: %s, left alone: %s", got, want)
	}
	if all := strings.Join(said, "\n"); strings.Contains(all, "stage 1: ") || strings.Contains(all, "stage 2: ") || !strings.Contains(all, "stage 3: going on from the last checkpoint") {
		t.Errorf("it did not go on in stage 3: %.2000q", all)
	}
}

// kept are the files of that name in the folders of what is being made.
func kept(dir, name string) []string {
	found, _ := filepath.Glob(filepath.Join(dir, ".part-*", name))
	return found
}

// checkpoints tells the state of the checkpoint files.
func checkpoints(dir string) string {
	found, _ := filepath.Glob(filepath.Join(dir, ".part-*", "checkpoint*"))
	s := ""
	for _, p := range found {
		if fi, err := os.Stat(p); err == nil {
			s += p + fi.ModTime().String()
		}
	}
	return s
}
