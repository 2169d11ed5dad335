package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"

	"github.com/gxlab/gxlab/gx/fault"
)

const (
	manifestName = "manifest.json"
	stampName    = ".verified"
	format       = 1
)

// manifest is what manifest.json holds. It has no time and no machine in it:
// the same key gives the same bytes.
type manifest struct {
	Format int                 `json:"format"`
	Key    string              `json:"key"`
	Kind   string              `json:"kind"`
	Title  string              `json:"title"`
	Record json.RawMessage     `json:"record,omitempty"`
	Files  map[string]fileInfo `json:"files"`
}

type fileInfo struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// An Entry is a kept result, whole and checked.
type Entry struct {
	dir string
	m   manifest
}

// Key is the entry's key.
func (e *Entry) Key() string { return e.m.Key }

// Dir is the entry's folder: plain files, not to be changed.
func (e *Entry) Dir() string { return e.dir }

// Made tells this making of the entry from any other, in this store and elsewhere.
func (e *Entry) Made() (string, error) {
	path := filepath.Join(e.dir, manifestName)
	st, err := stampOf(path)
	if err != nil {
		return "", fault.Wrap(err, "a kept result cannot be read", e.dir, "")
	}
	return fmt.Sprint(path, st), nil
}

// Title is the line that describes the result to people.
func (e *Entry) Title() string { return e.m.Title }

// Files are the names of the entry's files, sorted.
func (e *Entry) Files() []string {
	var names []string
	for n := range e.m.Files {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Record decodes the record that was kept with the result into v.
func (e *Entry) Record(v any) error {
	if err := json.Unmarshal(e.m.Record, v); err != nil {
		return fault.Wrap(err, "the record of a kept result cannot be read", filepath.Join(e.dir, manifestName), "")
	}
	return nil
}

// Bytes is the content of a file of the entry.
func (e *Entry) Bytes(name string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(e.dir, name))
	if err != nil {
		return nil, fault.Wrap(err, "a kept file cannot be read", filepath.Join(e.dir, name), "")
	}
	return b, nil
}

// JSON decodes a file of the entry into v.
func (e *Entry) JSON(name string, v any) error {
	b, err := e.Bytes(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fault.Wrap(err, "a kept file cannot be read", filepath.Join(e.dir, name), "")
	}
	return nil
}

// Has says whether the entry has a file of that name.
func (e *Entry) Has(name string) bool { _, ok := e.m.Files[name]; return ok }

func readManifest(dir string) (manifest, error) {
	var m manifest
	b, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("%s: %w", manifestName, err)
	}
	if m.Format != format {
		return m, fmt.Errorf("%s: format %d, this gxlab reads %d", manifestName, m.Format, format)
	}
	return m, nil
}

// Find is the kept result of that key, or nil where there is none. A damaged
// one gives an error that wraps ErrDamaged.
func (s *Store) Find(key string) (*Entry, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	dir := filepath.Join(s.dir, key)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, fault.Wrap(err, "the store cannot be read", dir, "another folder: set GXLAB_STORE to one that can be read and written")
	}
	m, err := readManifest(dir)
	if err != nil {
		return nil, damaged(dir, err)
	}
	if m.Key != key {
		return nil, damaged(dir, fmt.Errorf("%s is of key %s", manifestName, m.Key))
	}
	if err := verify(dir, m); err != nil {
		return nil, damaged(dir, err)
	}
	return &Entry{dir, m}, nil
}

// ErrDamaged marks a kept result whose files are not what was written.
var ErrDamaged = errors.New("a kept result is damaged")

func damaged(dir string, err error) error {
	return fault.Wrap(fmt.Errorf("%w: %w", ErrDamaged, err), "the kept result cannot be used", dir, "making it again")
}

// verify compares every file with its sum in the manifest. Files that have not
// been touched since the last full check are not read again.
func verify(dir string, m manifest) error {
	seen := map[string]stamp{}
	if b, err := os.ReadFile(filepath.Join(dir, stampName)); err == nil {
		_ = json.Unmarshal(b, &seen) // an unreadable stamp file only means a full check
	}
	fresh := map[string]stamp{}
	same := true
	for name, want := range m.Files {
		path := filepath.Join(dir, name)
		st, err := stampOf(path)
		if err != nil {
			return err
		}
		if st.Size != want.Size {
			return fmt.Errorf("%s has %d bytes, %d were written", name, st.Size, want.Size)
		}
		fresh[name] = st
		if seen[name] == st {
			continue
		}
		same = false
		sum, err := sumFile(path)
		if err != nil {
			return err
		}
		if sum != want.SHA256 {
			return fmt.Errorf("%s has changed since it was written", name)
		}
	}
	if !same {
		writeStamps(dir, fresh)
	}
	return nil
}

// writeStamps notes what a full check has seen. In a store that cannot be
// written every check is a full one, so a failure here is no error.
func writeStamps(dir string, stamps map[string]stamp) {
	b, err := json.Marshal(stamps)
	if err == nil {
		_ = ReplaceFile(filepath.Join(dir, stampName), b)
	}
}

func sumFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
