package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/large"
)

// Tell hears of progress and notices: with total > 0 that done of total parts
// of what are made, with total 0 the notice what. It may be nil.
type Tell = func(what string, done, total int)

// A Store is a folder of kept results.
type Store struct{ dir string }

// Open is the store of this process: the folder GXLAB_STORE names, else .gx at
// the root of the module or workspace around the working folder, else
// gxlab/store in the user's cache folder. The folder is made at the first write.
func Open() (*Store, error) {
	if dir := os.Getenv("GXLAB_STORE"); dir != "" {
		dir, err := filepath.Abs(dir)
		if err != nil {
			return nil, fault.Wrap(err, "the store's folder", "GXLAB_STORE="+os.Getenv("GXLAB_STORE"), "an absolute path")
		}
		return At(dir), nil
	}
	wd, err := os.Getwd()
	if err != nil {
		return nil, fault.Wrap(err, "the working folder cannot be found", "", "setting GXLAB_STORE to a folder for kept results")
	}
	for dir := wd; ; dir = filepath.Dir(dir) {
		for _, mark := range []string{"go.work", "go.mod"} {
			if _, err := os.Stat(filepath.Join(dir, mark)); err == nil {
				return At(filepath.Join(dir, ".gx")), nil
			}
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fault.Wrap(err, "no place for kept results", wd, "setting GXLAB_STORE to a folder")
	}
	return At(filepath.Join(cache, "gxlab", "store")), nil
}

func init() {
	large.Folder = func() (string, error) {
		s, err := Open()
		if err != nil {
			return "", err
		}
		return s.Dir(), nil
	}
}

// At is the store in folder dir.
func At(dir string) *Store { return &Store{dir} }

// Dir is the store's folder.
func (s *Store) Dir() string { return s.dir }

// A Kept is one line of a store's list.
type Kept struct {
	Key, Kind, Title string
	Bytes            int64
	Made             time.Time
	Partial          bool // begun and not finished: the next run of its recipe goes on from here
}

// List is what the store holds, newest first. A store that does not exist yet
// holds nothing.
func (s *Store) List() ([]Kept, error) {
	des, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Wrap(err, "the store cannot be listed", s.dir, "")
	}
	var out []Kept
	for _, d := range des {
		name := d.Name()
		k := Kept{Key: name}
		switch {
		case !d.IsDir():
			continue
		case strings.HasPrefix(name, partPrefix):
			k.Key, k.Partial = strings.TrimPrefix(name, partPrefix), true
		case strings.HasPrefix(name, "."):
			continue
		default:
			m, err := readManifest(filepath.Join(s.dir, name))
			if err != nil {
				k.Title = "damaged: " + firstLine(err)
			} else {
				k.Kind, k.Title = m.Kind, m.Title
			}
		}
		dir := filepath.Join(s.dir, name)
		if fi, err := d.Info(); err == nil {
			k.Made = fi.ModTime()
		}
		k.Bytes = size(dir)
		out = append(out, k)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Made.After(out[j].Made) })
	return out, nil
}

// Remove drops a kept result and its scratch folder. Removing what is not there
// is no error.
func (s *Store) Remove(key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	for _, p := range []string{key, partPrefix + key} {
		if err := os.RemoveAll(filepath.Join(s.dir, p)); err != nil {
			return fault.Wrap(err, "a kept result cannot be removed", filepath.Join(s.dir, p), "")
		}
	}
	return nil
}

func checkKey(key string) error {
	ok := key != "" && key[0] != '.' && len(key) <= 200
	for _, r := range key {
		ok = ok && (r == '-' || r == '_' || r == '.' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	}
	if !ok {
		return fault.New("a key that is no file name: "+key, "gx/store", "letters, digits, - and _")
	}
	return nil
}

func size(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if fi, err := d.Info(); err == nil {
				n += fi.Size()
			}
		}
		return nil
	})
	return n
}

func firstLine(err error) string {
	s, _, _ := strings.Cut(err.Error(), "\n")
	return s
}
