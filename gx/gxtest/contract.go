// Package gxtest holds the contract that every recipe passes, so that a new
// cohort, network or reduction proves itself with one call.
package gxtest

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/store"
)

// Store gives the test an empty store of its own and returns its folder.
func Store(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "store")
	t.Setenv("GXLAB_STORE", dir)
	return dir
}

// Case is a recipe under test.
type Case[T any] struct {
	// Make gives the recipe anew; it must be the same recipe at every call.
	Make func() gx.Recipe[T]
	// Other gives a recipe of which one step differs.
	Other func() gx.Recipe[T]
	// Digest is text that is equal when two results are.
	Digest func(T) (string, error)
}

// Check runs the contract:
//
//   - making the recipe twice gives one key, another recipe another;
//   - what is kept and read again equals what was made;
//   - making it anew in another store gives the same bytes in every file;
//   - it is made once: the second Keep makes nothing;
//   - a damaged file is said and remade to the same result;
//   - progress stays within its total and a nil tell does no harm;
//   - an ended context makes nothing and leaves no result.
func Check[T any](t *testing.T, c Case[T]) {
	t.Helper()
	ctx := context.Background()
	dir := Store(t)
	key, err := c.Make().Key()
	if err != nil {
		t.Fatalf("Key: %v", err)
	}
	if again, err := c.Make().Key(); err != nil || again != key {
		t.Errorf("the same recipe has keys %s and %s (%v)", key, again, err)
	}
	if c.Other != nil {
		if other, err := c.Other().Key(); err != nil || other == key {
			t.Errorf("another recipe has the same key %s (%v)", other, err)
		}
	}

	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := c.Make().Keep(ended, nil); err == nil {
		t.Error("an ended context still made a result")
	}
	if e, err := store.At(dir).Find(key); e != nil || err != nil {
		t.Errorf("an ended context left a result: %v, %v", e, err)
	}

	first, err := c.Make().Keep(ctx, nil)
	if err != nil {
		t.Fatalf("Keep: %v", err)
	}
	want := digest(t, c, first)
	made := bytesOf(t, dir, key)

	var said []string
	tell := func(what string, done, total int) {
		if total > 0 && (done < 0 || done > total) {
			t.Errorf("progress %d of %d", done, total)
		}
		said = append(said, what)
	}
	second, err := c.Make().Keep(ctx, tell)
	if err != nil {
		t.Fatalf("Keep again: %v", err)
	}
	if got := digest(t, c, second); got != want {
		t.Errorf("read again it is\n%s\nmade it was\n%s", got, want)
	}

	harm(t, dir, key)
	said = nil
	third, err := c.Make().Keep(ctx, tell)
	if err != nil {
		t.Fatalf("Keep after damage: %v", err)
	}
	if got := digest(t, c, third); got != want {
		t.Errorf("remade after damage it is\n%s\nit was\n%s", got, want)
	}
	if !strings.Contains(strings.Join(said, "\n"), "damaged") {
		t.Errorf("damage was not said: %q", said)
	}

	anew := Store(t)
	if _, err := c.Make().Keep(ctx, nil); err != nil {
		t.Fatalf("Keep in another store: %v", err)
	}
	if now := bytesOf(t, anew, key); now != made {
		t.Errorf("made anew, its files differ:\n%s\nwere\n%s", now, made)
	}
}

func digest[T any](t *testing.T, c Case[T], v T) string {
	t.Helper()
	d, err := c.Digest(v)
	if err != nil {
		t.Fatalf("Digest: %v", err)
	}
	return d
}

// bytesOf is the manifest of a kept result, which holds the sum of every file.
func bytesOf(t *testing.T, dir, key string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, key, "manifest.json"))
	if err != nil {
		t.Fatalf("the result is not kept under its key: %v", err)
	}
	return string(b)
}

// harm flips a bit in the longest file of a kept result.
func harm(t *testing.T, dir, key string) {
	t.Helper()
	e, err := store.At(dir).Find(key)
	if err != nil || e == nil {
		t.Fatalf("Find %s: %v", key, err)
	}
	longest, size := "", int64(-1)
	for _, name := range e.Files() {
		fi, err := os.Stat(filepath.Join(e.Dir(), name))
		if err != nil {
			t.Fatal(err)
		}
		if fi.Size() > size {
			longest, size = filepath.Join(e.Dir(), name), fi.Size()
		}
	}
	b, err := os.ReadFile(longest)
	if err != nil || len(b) == 0 {
		t.Fatalf("%s: %v", longest, err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(longest, b, 0o666); err != nil {
		t.Fatal(err)
	}
}

// Digest32 is the digest of float32 values: every bit counts.
func Digest32(x []float32) string {
	h := uint64(14695981039346656037)
	for _, v := range x {
		h = (h ^ uint64(math.Float32bits(v))) * 1099511628211
	}
	return fmt.Sprintf("%d values, %016x", len(x), h)
}
