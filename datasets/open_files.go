package datasets

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
)

func sumOf(path string) (string, error) {
	f, err := openFile(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fault.Wrap(err, "the file cannot be read", path, "")
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// openFile opens a file, or says what lies near its name.
func openFile(path string) (*os.File, error) {
	fi, err := os.Stat(path)
	if err != nil {
		if path == "" {
			return nil, fault.New("no file is named", "Open", "the path of a table")
		}
		abs, aerr := filepath.Abs(path)
		if aerr != nil {
			abs = path
		}
		return nil, fault.New("there is no such file", abs, near(path))
	}
	if fi.IsDir() {
		return nil, fault.New("this is a folder, not a table", path, "one of the files in it: "+inside(path))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(err, "the file cannot be opened", path, "a file that you may read")
	}
	return f, nil
}

// near are files in the same folder whose names are like path's.
func near(path string) string {
	dir := filepath.Dir(path)
	des, err := os.ReadDir(dir)
	if err != nil {
		return "the right path: the folder " + dir + " is not there either"
	}
	want := strings.ToLower(filepath.Base(path))
	type like struct {
		name string
		n    int
	}
	var ls []like
	for _, d := range des {
		n, name := 0, strings.ToLower(d.Name())
		for n < len(want) && n < len(name) && want[n] == name[n] {
			n++
		}
		if n >= 3 && !d.IsDir() {
			ls = append(ls, like{d.Name(), n})
		}
	}
	sort.SliceStable(ls, func(i, j int) bool { return ls[i].n > ls[j].n })
	if len(ls) == 0 {
		return "the right path; " + dir + " holds " + inside(dir)
	}
	var names []string
	for _, l := range ls[:min(3, len(ls))] {
		names = append(names, l.name)
	}
	return "one of " + strings.Join(names, ", ")
}

func inside(dir string) string {
	des, err := os.ReadDir(dir)
	if err != nil || len(des) == 0 {
		return "nothing"
	}
	var names []string
	for _, d := range des[:min(5, len(des))] {
		names = append(names, d.Name())
	}
	if len(des) > 5 {
		names = append(names, fmt.Sprintf("and %d more", len(des)-5))
	}
	return strings.Join(names, ", ")
}
