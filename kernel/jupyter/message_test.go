package jupyter

import (
	"errors"
	"path/filepath"
	"testing"
)

func TestMessagesRoundTrip(t *testing.T) {
	m, err := NewMessage("s", "execute_request", map[string]string{"code": "1"})
	if err != nil {
		t.Fatal(err)
	}
	m.Identities = [][]byte{[]byte("a"), []byte("b")}
	m.Parent = Header{ID: "p", Type: "x"}
	frames, err := m.Encode("key")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(frames, "key")
	if err != nil || got.Header != m.Header || got.Parent != m.Parent || string(got.Content) != string(m.Content) || len(got.Identities) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := Decode(frames, "another key"); !errors.Is(err, ErrSignature) {
		t.Errorf("a wrong key: %v", err)
	}
	frames[len(frames)-1] = []byte(`{"code":"2"}`)
	if _, err := Decode(frames, "key"); !errors.Is(err, ErrSignature) {
		t.Errorf("a changed message: %v", err)
	}
	for n := range 6 {
		if _, err := Decode(frames[:n], "key"); !errors.Is(err, ErrMessage) {
			t.Errorf("%d frames: %v", n, err)
		}
	}
}

func TestConnectionFile(t *testing.T) {
	c, err := NewConnection()
	if err != nil {
		t.Fatal(err)
	}
	c.ID = "0a1b"
	path, err := c.Write(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadConnection(path)
	if err != nil || got != c || filepath.Base(path) != "kernel-0a1b.json" {
		t.Fatalf("%+v, %v", got, err)
	}
	seen := map[int]bool{}
	for _, p := range []int{c.Shell, c.IOPub, c.Stdin, c.Control, c.Heartbeat} {
		if seen[p] || p == 0 {
			t.Errorf("port %d twice", p)
		}
		seen[p] = true
	}
}
