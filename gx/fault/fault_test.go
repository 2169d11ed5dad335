package fault

import (
	"errors"
	"io"
	"testing"
)

func TestMessage(t *testing.T) {
	err := Wrap(io.ErrUnexpectedEOF, "the file is cut off", "x.tsv, line 3", "fetching it again")
	want := "the file is cut off: unexpected EOF\n  at x.tsv, line 3\n  try fetching it again"
	if err.Error() != want || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%q", err)
	}
	if got := New("a", "", "").Error(); got != "a" {
		t.Errorf("%q", got)
	}
}

// At gives a place to what has none, and leaves a place that is there.
func TestAt(t *testing.T) {
	if At(nil, "here") != nil {
		t.Error("an error out of nothing")
	}
	if got := At(New("a", "", "b"), "here").Error(); got != "a\n  at here\n  try b" {
		t.Errorf("%q", got)
	}
	if got := At(New("a", "there", ""), "here").Error(); got != "a\n  at there" {
		t.Errorf("%q", got)
	}
	plain := errors.New("plain")
	if got := At(plain, "here"); got.Error() != "plain\n  at here" || !errors.Is(got, plain) {
		t.Errorf("%q", got)
	}
}

func TestIn(t *testing.T) {
	if In(nil, "Log2()", "here") != nil {
		t.Error("an error out of nothing")
	}
	if got := In(New("negative", "", "Floor"), "Log2()", "here").Error(); got != "Log2(): negative\n  at here\n  try Floor" {
		t.Errorf("%q", got)
	}
	if got := In(io.EOF, "Log2()", "here"); got.Error() != "Log2(): EOF\n  at here" || !errors.Is(got, io.EOF) {
		t.Errorf("%q", got)
	}
}
