package front

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestHistory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "deep", "history.jsonl")
	h := openHistory(file)
	h.add(1, "a := 1", "")
	h.add(2, "b", "2")
	h.add(3, "a := 1", "")
	two := 3
	for want, q := range map[string]historyRequest{
		"[[1 2 b] [1 3 a := 1]]":              {Access: "tail", N: 2},
		"[[1 2 [b 2]] [1 3 [a := 1 <nil>]]]":  {Access: "tail", N: 2, Output: true},
		"[[1 2 b]]":                           {Access: "range", Start: 2, Stop: &two},
		"[[1 1 a := 1] [1 2 b] [1 3 a := 1]]": {Access: "range", Session: 1},
		"[]":                                  {Access: "range", Session: 7},
		"[[1 1 a := 1] [1 3 a := 1]]":         {Access: "search", Pattern: "a*"},
		"[[1 3 a := 1]]":                      {Access: "search", Pattern: "*:=?1", Unique: true},
	} {
		if got := fmt.Sprint(h.answer(q)); got != want {
			t.Errorf("%+v: %s, want %s", q, got, want)
		}
	}
	// The next session counts on, finds the one before, and two at once differ.
	h2, h3 := openHistory(file), openHistory(file)
	if h2.session != 2 || h3.session != 3 || len(h2.past) != 3 {
		t.Errorf("sessions %d and %d, %d cells", h2.session, h3.session, len(h2.past))
	}
	h2.add(1, "c", "")
	if got := fmt.Sprint(h2.answer(historyRequest{Access: "range", Session: -1})); got != "[[1 1 a := 1] [1 2 b] [1 3 a := 1]]" {
		t.Error(got)
	}
	// A damaged line is left out, and so is a file that cannot be.
	if err := os.WriteFile(file, []byte("{\"session\":4,\"line\":1,\"source\":\"x\"}\n{dam"), 0o600); err != nil {
		t.Fatal(err)
	}
	if h := openHistory(file); h.session != 5 || len(h.past) != 1 {
		t.Errorf("%+v", h)
	}
	if h := openHistory(filepath.Join(file, "below a file")); h.session != 1 {
		t.Errorf("%+v", h)
	}
	fi, err := os.Stat(file)
	if err != nil || fi.Mode().Perm()&0o077 != 0 {
		t.Errorf("%v, %v", fi.Mode(), err)
	}
}

func TestHistoryIsCut(t *testing.T) {
	file := filepath.Join(t.TempDir(), "h")
	h := openHistory(file)
	for i := range keepPast + 10 {
		h.past = append(h.past, past{1, i + 1, "x", ""})
	}
	for _, p := range h.past {
		h.write(p)
	}
	before, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	h = openHistory(file)
	after, err := os.Stat(file)
	if err != nil || len(h.past) != keepPast || after.Size() >= before.Size() {
		t.Errorf("%d cells, %d bytes of %d, %v", len(h.past), after.Size(), before.Size(), err)
	}
	if h := openHistory(file); len(h.past) != keepPast || h.session != 3 {
		t.Errorf("%d cells, session %d", len(h.past), h.session)
	}
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		p, s string
		want bool
	}{{"*", "", true}, {"a*c", "abbc", true}, {"a*c", "abcd", false}, {"?", "ü", true}, {"", "x", false}, {"*b*b*", "abab", true}, {"%%*", "%%\nx", true}} {
		if got := glob(c.p, c.s); got != c.want {
			t.Errorf("%q %q", c.p, c.s)
		}
	}
}
