package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
)

const (
	partPrefix  = ".part-"
	draftPrefix = ".draft-"
)

// Make is the kept result of key, made by fill where it is not there yet.
// Only one process at a time makes a key; others wait for it and share what it
// made. If fill fails, nothing is kept but its scratch folder.
func (s *Store) Make(ctx context.Context, key string, tell Tell, fill func(ctx context.Context, d *Draft) error) (*Entry, error) {
	e, err := s.Find(key)
	if e != nil || err != nil && !errors.Is(err, ErrDamaged) {
		return e, err
	}
	release, err := s.lock(ctx, key, tell)
	if err != nil {
		return nil, err
	}
	defer release()
	e, err = s.Find(key) // another process may have made it while we waited
	if e != nil {
		return e, nil
	}
	if err != nil {
		if !errors.Is(err, ErrDamaged) {
			return nil, err
		}
		if tell != nil {
			tell(strings.ReplaceAll(err.Error(), "\n  ", " · "), 0, 0)
		}
		if err := os.RemoveAll(filepath.Join(s.dir, key)); err != nil {
			return nil, cannotWrite(err, s.dir)
		}
	}
	d, err := s.draft(key)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(d.dir)
	if err := fill(ctx, d); err != nil {
		return nil, err
	}
	if err := d.finish(filepath.Join(s.dir, key)); err != nil {
		return nil, err
	}
	os.RemoveAll(d.scratch)
	return s.Find(key)
}

// draft makes the folder a result is written to, and clears away what a killed
// process has left of the same key. The caller holds the key's lock.
func (s *Store) draft(key string) (*Draft, error) {
	old, _ := filepath.Glob(filepath.Join(s.dir, draftPrefix+key+"-*"))
	for _, o := range old {
		os.RemoveAll(o)
	}
	dir, err := os.MkdirTemp(s.dir, draftPrefix+key+"-")
	if err != nil {
		return nil, cannotWrite(err, s.dir)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, cannotWrite(err, dir)
	}
	return &Draft{
		dir:     dir,
		scratch: filepath.Join(s.dir, partPrefix+key),
		m:       manifest{Format: format, Key: key, Files: map[string]fileInfo{}},
	}, nil
}

func cannotWrite(err error, where string) error {
	try := "a folder that can be written: set GXLAB_STORE to one"
	if isFull(err) {
		try = "freeing disk space (go tool gxlab kept lists what is kept), or GXLAB_STORE on another disk"
	}
	return fault.Wrap(err, "the store cannot be written", where, try)
}
