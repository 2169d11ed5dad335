package datasets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
)

// A Public is a published set: what it is and where it comes from. Fetch brings its
// files, once, into CacheDir.
type Public struct {
	Name     string // as -p cohort= and gxlab data call it
	What     string
	Citation string
	Licence  string
	Page     string // where its publishers describe it
	Samples  int    // of expression sets
	Genes    int
	Files    []Remote
	Notes    string // on addresses that have not answered yet, or files that must be had by hand

	// read reads an expression set from its files; nil for networks, gene sets and
	// lists.
	read func(ctx context.Context, paths []string, tell gx.Tell) (*gx.Raw, error)
}

// publicRevision is raised when the same files would give another cohort.
const publicRevision = 1

// Publics are the published sets that are known, by name.
func Publics() []Public { return slices.Clone(publics()) }

var publics = sync.OnceValue(func() []Public {
	all := slices.Concat([]Public{setCellNet, setEMTAB3732, setARCHS4, setDGEXGEO, setDGEXGTEx, setGSE4573, setGSE10072, setPBMC3k, setLandmarks, setSTRING, setGWAS, setDisGeNET}, enrichrSets())
	slices.SortFunc(all, func(a, b Public) int { return strings.Compare(a.Name, b.Name) })
	return all
})

// publicNamed is the set of that name; ok is false where there is none.
func publicNamed(name string) (p Public, ok bool) {
	all := publics()
	i := slices.IndexFunc(all, func(p Public) bool { return strings.EqualFold(p.Name, name) })
	if i < 0 {
		return Public{}, false
	}
	return all[i], true
}

func noPublic(name string) error {
	var names []string
	for _, p := range publics() {
		names = append(names, p.Name)
	}
	return fault.New(fmt.Sprintf("there is no public set %q", name), "", "one of "+strings.Join(names, ", "))
}

// Expression says whether the set is a cohort.
func (p Public) Expression() bool { return p.read != nil }

// Bytes is the size of its files, 0 where it is not published.
func (p Public) Bytes() (n int64) {
	for _, f := range p.Files {
		if f.Bytes == 0 {
			return 0
		}
		n += f.Bytes
	}
	return n
}

// Paths are where the set's files lie in the cache, or would lie.
func (p Public) Paths() ([]string, error) {
	dir, err := CacheDir()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, f := range p.Files {
		out = append(out, filepath.Join(dir, f.Name))
	}
	return out, nil
}

// Here says whether all files are in the cache.
func (p Public) Here() bool {
	paths, err := p.Paths()
	if err != nil {
		return false
	}
	return !slices.ContainsFunc(paths, func(path string) bool { _, err := os.Stat(path); return err != nil })
}

// Fetch brings the files of a set into the cache, where they are not there yet, and
// returns their paths. A download that is interrupted goes on the next time. Where a
// file cannot be fetched the error says which one to put where by hand.
func Fetch(ctx context.Context, name string, tell gx.Tell) ([]string, error) {
	p, ok := publicNamed(name)
	if !ok {
		return nil, noPublic(name)
	}
	f, err := newFetcher()
	if err != nil {
		return nil, err
	}
	return f.public(ctx, p, tell)
}

// public fetches a set's files.
func (f *fetcher) public(ctx context.Context, p Public, tell gx.Tell) (paths []string, err error) {
	for _, r := range p.Files {
		path := filepath.Join(f.dir, r.Name)
		if _, serr := os.Stat(path); serr != nil && len(r.URLs) == 0 {
			return nil, fault.New(fmt.Sprintf("%s must be had by hand: %s", filepath.Base(r.Name), p.Notes), path, "getting it from "+p.Page+" and putting it under that path")
		}
		if path, err = f.get(ctx, r, tell); err != nil {
			return nil, err
		}
		if err := unchanged(path, tell); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// unchanged writes a file's sum beside it the first time, and says where it is
// another afterwards: a set that changes under its name would change results. The sum
// is computed anew where size or date of the file have changed.
func unchanged(path string, tell gx.Tell) error {
	fi, err := os.Stat(path)
	if err != nil {
		return err
	}
	note := path + ".sum"
	had, _ := os.ReadFile(note)
	fields := strings.Fields(string(had))
	stamp := fmt.Sprintf("%d-%d", fi.Size(), fi.ModTime().UnixNano())
	if len(fields) == 2 && fields[1] == stamp {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return err
	}
	sum := hex.EncodeToString(h.Sum(nil))
	if len(fields) == 2 && fields[0] != sum && tell != nil {
		tell(fmt.Sprintf("%s is not the file that was there before (its sum was %.12s…, now %.12s…)", filepath.Base(path), fields[0], sum), 0, 0)
	}
	if err := os.WriteFile(note, []byte(sum+" "+stamp+"\n"), 0o666); err != nil && tell != nil {
		tell(fmt.Sprintf("the sum of %s could not be kept: %v", filepath.Base(path), err), 0, 0)
	}
	return nil
}

// published is a public set as a source.
type published struct{ p Public }

func (s published) Name() string { return s.p.Name }

// Key is the set's name and addresses: files are fetched when it is read.
func (s published) Key() (string, error) {
	key := fmt.Sprintf("public %s revision %d", s.p.Name, publicRevision)
	for _, f := range s.p.Files {
		key += " " + f.Name + " " + strings.Join(f.URLs, " ") + " " + f.SHA256 + f.MD5
	}
	return key, nil
}

func (s published) Read(ctx context.Context, tell gx.Tell) (*gx.Raw, error) {
	paths, err := Fetch(ctx, s.p.Name, tell)
	if err != nil {
		return nil, err
	}
	raw, err := s.p.read(ctx, paths, tell)
	if err != nil {
		return nil, err
	}
	raw.Notes = append([]string{s.p.Name + ": " + s.p.Citation}, raw.Notes...)
	return raw, nil
}

// cohortOf is the cohort of a public set.
func cohortOf(name string) gx.Cohort {
	p, ok := publicNamed(name)
	if !ok {
		return gx.Failed(noPublic(name))
	}
	if !p.Expression() {
		return gx.Failed(fault.New(name+" is no set of expression profiles", gx.Caller(), "datasets.Fetch for its files"))
	}
	return gx.From(published{p})
}

// readOpened reads the first file as Open does, with the second as its labels.
func readOpened(ctx context.Context, paths []string, tell gx.Tell) (*gx.Raw, error) {
	o := opened{path: paths[0]}
	if len(paths) > 1 {
		o.labels = paths[1]
	}
	return o.Read(ctx, tell)
}

// relabelled puts a cleaned column beside a source's own: of column, by f.
func relabelled(raw *gx.Raw, to, column string, f func(string) string) error {
	v, err := raw.Samples.Column(column)
	if err != nil {
		return err
	}
	clean := make([]string, len(v))
	for i, s := range v {
		clean[i] = f(s)
	}
	raw.Samples, err = raw.Samples.With(to, clean)
	return err
}
