package datasets

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/fault"
)

// A Remote is a file that a public set is made of.
type Remote struct {
	Name string   // what it is called in the cache
	URLs []string // where it is; the later ones are mirrors
	// Bytes, MD5 and SHA256 are its size and sums, where they are published.
	Bytes  int64
	MD5    string
	SHA256 string
}

// CacheDir is the folder that public sets are kept in: GXLAB_CACHE, or gxlab in
// the user's cache folder (XDG_CACHE_HOME on Linux).
func CacheDir() (string, error) {
	if dir := os.Getenv("GXLAB_CACHE"); dir != "" {
		return dir, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fault.Wrap(err, "there is no folder for downloads", "", "GXLAB_CACHE=/a/folder")
	}
	return filepath.Join(dir, "gxlab"), nil
}

// fetcher downloads into a folder. What it needs of the world is a field, for the
// tests.
type fetcher struct {
	dir    string
	client *http.Client
	stall  time.Duration           // without a byte, after which a connection is given up
	tries  int                     // in a row that bring nothing
	wait   func(int) time.Duration // before the n-th try in a row
}

func newFetcher() (*fetcher, error) {
	dir, err := CacheDir()
	if err != nil {
		return nil, err
	}
	return &fetcher{dir: dir, client: &http.Client{}, stall: 30 * time.Second, tries: 6, wait: func(n int) time.Duration {
		d := time.Second << min(n, 5)
		return d/2 + rand.N(d/2)
	}}, nil
}

// get is the path of the file, downloaded where it is not there yet. What has come
// of a download stays, and the next call goes on from it.
func (f *fetcher) get(ctx context.Context, r Remote, tell gx.Tell) (path string, err error) {
	path = filepath.Join(f.dir, r.Name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if os.Getenv("GXLAB_OFFLINE") != "" {
		return "", fault.New(r.Name+" is not here, and GXLAB_OFFLINE forbids to fetch it", path, "the file from "+r.URLs[0]+" under that path")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return "", fault.Wrap(err, "there is no folder for downloads", filepath.Dir(path), "GXLAB_CACHE=/a/folder")
	}
	part, err := lockedPart(ctx, path+".part", tell)
	if err != nil {
		return "", fault.Wrap(err, "a download cannot be written", path, "a folder that can be written: GXLAB_CACHE=/a/folder")
	}
	defer part.Close()
	if _, err := os.Stat(path); err == nil { // another process has made it meanwhile
		return path, nil
	}
	d := &download{fetcher: f, Remote: r, part: part, note: path + ".part.json", tell: tell}
	if err := d.run(ctx); err != nil {
		return "", err
	}
	if err := errors.Join(part.Sync(), os.Rename(part.Name(), path)); err != nil {
		return "", fault.Wrap(err, "a download cannot be put in its place", path, "room and rights in that folder")
	}
	_ = os.Remove(d.note)
	return path, nil
}

// lockedPart opens the file that a download grows in, for one process at a time.
func lockedPart(ctx context.Context, path string, tell gx.Tell) (*os.File, error) {
	for told := false; ; {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o666)
		if err != nil {
			return nil, err
		}
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			a, aerr := f.Stat()
			if b, berr := os.Stat(path); aerr == nil && berr == nil && os.SameFile(a, b) {
				return f, nil
			}
			f.Close() // it was renamed while we waited
			continue
		}
		f.Close()
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, err
		}
		if !told && tell != nil {
			tell("another process fetches "+filepath.Base(path)+"; waiting for it", 0, 0)
			told = true
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// download is one file under way.
type download struct {
	*fetcher
	Remote
	part  *os.File
	note  string // file that keeps seen
	tell  gx.Tell
	seen  source
	wrong int // times the sum was not the published one
}

// source is what a part came from: only from the same can it be gone on with.
type source struct {
	URL       string `json:"url"`
	Validator string `json:"validator"` // its ETag or date
	Total     int64  `json:"total"`
}

// errGone is an answer that asking again will not change.
type errGone struct{ what string }

func (e errGone) Error() string { return e.what }

func (d *download) run(ctx context.Context) error {
	if b, err := os.ReadFile(d.note); err == nil {
		_ = json.Unmarshal(b, &d.seen) // damaged: as if it were not there
	}
	var said []string
	idle, gone := 0, map[string]bool{}
	for try := 0; len(gone) < len(d.URLs) && idle < d.tries; try++ {
		url := d.URLs[try%len(d.URLs)]
		if gone[url] {
			continue
		}
		before := d.size()
		err := d.once(ctx, url)
		if err == nil {
			if err = d.check(); err == nil {
				return nil
			}
			if d.wrong++; d.wrong > len(d.URLs) {
				return fault.Wrap(err, d.Name+" does not have the published sum", url, "again later; a file put by hand under "+filepath.Join(d.dir, d.Name)+" is taken as it is")
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		said = append(said, url+": "+err.Error())
		var g errGone
		if errors.As(err, &g) {
			gone[url] = true
			continue
		}
		if d.size() > before {
			idle = 0
		}
		idle++
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(d.pause(idle, err)):
		}
	}
	have := ""
	if n := d.size(); n > 0 {
		have = fmt.Sprintf(" (%d MB of it are here and stay)", n>>20)
	}
	return fault.New(d.Name+" cannot be fetched"+have+": "+strings.Join(said[max(0, len(said)-3):], "; "), filepath.Join(d.dir, d.Name),
		"again when the network is back, or the file from "+d.URLs[0]+" put there by hand")
}

// errLater is an answer that names when to ask again.
type errLater struct {
	status string
	after  time.Duration
}

func (e errLater) Error() string { return e.status }

func (d *download) pause(n int, err error) time.Duration {
	var l errLater
	if errors.As(err, &l) && l.after > 0 {
		return min(l.after, time.Minute)
	}
	return d.wait(n)
}

func (d *download) size() int64 {
	fi, err := d.part.Stat()
	if err != nil {
		return 0
	}
	return fi.Size()
}

// restart empties the part.
func (d *download) restart() error {
	if err := d.part.Truncate(0); err != nil {
		return err
	}
	_, err := d.part.Seek(0, io.SeekStart)
	return err
}

// once asks a server for what is missing. It returns nil where the file is whole
// by all that the server and the publisher tell of its length.
func (d *download) once(ctx context.Context, url string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return errGone{err.Error()}
	}
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("User-Agent", "gxlab (gene-expression notebooks)")
	at := d.size()
	// Without a validator only a published sum would tell two versions apart.
	if at > 0 && (d.seen.Validator == "" && d.SHA256+d.MD5 == "" || d.seen.Validator != "" && d.seen.URL != url && d.SHA256+d.MD5 == "") {
		at = 0
	}
	if at > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", at))
		if d.seen.URL == url && d.seen.Validator != "" {
			req.Header.Set("If-Range", d.seen.Validator)
		}
	} else if err := d.restart(); err != nil {
		return err
	}
	watch := time.AfterFunc(d.stall, cancel)
	defer watch.Stop()
	resp, err := d.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	total, err := d.begin(resp, at)
	if err != nil || resp.StatusCode == http.StatusRequestedRangeNotSatisfiable { // all of it is here
		return err
	}
	d.seen = source{URL: url, Validator: validator(resp.Header), Total: total}
	if b, err := json.Marshal(d.seen); err == nil {
		_ = os.WriteFile(d.note, b, 0o666) // without it the next call begins anew
	}
	if _, err := d.part.Seek(0, io.SeekEnd); err != nil {
		return err
	}
	if err := d.copy(resp.Body, total, func() { watch.Reset(d.stall) }); err != nil {
		return err
	}
	if n := d.size(); total > 0 && n != total {
		return fmt.Errorf("%d of %d bytes came", n, total)
	}
	return nil
}

// begin looks at the answer to a request for what follows byte at: it readies the
// part and returns the whole file's length, 0 where nobody tells.
func (d *download) begin(resp *http.Response, at int64) (total int64, err error) {
	switch s := resp.StatusCode; {
	case s == http.StatusPartialContent:
		from, all, ok := contentRange(resp.Header.Get("Content-Range"))
		if !ok || from != at || d.Bytes > 0 && all > 0 && all != d.Bytes {
			return 0, errors.Join(fmt.Errorf("the server answers another range (%q)", resp.Header.Get("Content-Range")), d.restart())
		}
		total = all
	case s == http.StatusOK:
		total = max(0, resp.ContentLength)
		if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind == "text/html" && !strings.HasSuffix(d.Name, ".html") {
			return 0, errGone{"the server sends a web page instead of the file"}
		}
		if d.Bytes > 0 && total > 0 && total != d.Bytes {
			return 0, errGone{fmt.Sprintf("the file there has %d bytes, not the %d published", total, d.Bytes)}
		}
		if err := d.restart(); err != nil {
			return 0, err
		}
	case s == http.StatusRequestedRangeNotSatisfiable:
		if at == d.Bytes || d.seen.Total > 0 && at == d.seen.Total {
			return at, nil
		}
		return 0, errors.Join(errors.New("the server has no more of it"), d.restart())
	case s == http.StatusTooManyRequests || s == http.StatusServiceUnavailable:
		n, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		return 0, errLater{resp.Status, time.Duration(n) * time.Second}
	case s >= 500 || s == http.StatusRequestTimeout:
		return 0, errors.New(resp.Status)
	default:
		return 0, errGone{resp.Status}
	}
	if total == 0 {
		total = d.Bytes
	}
	return total, nil
}

// copy adds what comes to the part; alive is called for every piece.
func (d *download) copy(from io.Reader, total int64, alive func()) error {
	buf := make([]byte, 1<<18)
	done, told := d.size(), time.Now()
	for {
		n, err := from.Read(buf)
		if n > 0 {
			alive()
			if total > 0 && done+int64(n) > total {
				return errors.Join(fmt.Errorf("more than %d bytes came", total), d.restart())
			}
			if _, werr := d.part.Write(buf[:n]); werr != nil {
				return errGone{"it cannot be written: " + werr.Error()}
			}
			done += int64(n)
			if d.tell != nil && time.Since(told) > 200*time.Millisecond {
				told = time.Now()
				d.tell(d.Name, int(done>>10), int(max(done, total)>>10))
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// check compares the part with the published sums.
func (d *download) check() error {
	for _, s := range []struct {
		name, want string
		h          hash.Hash
	}{{"SHA-256", d.SHA256, sha256.New()}, {"MD5", d.MD5, md5.New()}} {
		if s.want == "" {
			continue
		}
		if _, err := d.part.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if _, err := io.Copy(s.h, d.part); err != nil {
			return err
		}
		if got := hex.EncodeToString(s.h.Sum(nil)); got != strings.ToLower(s.want) {
			return errors.Join(fmt.Errorf("its %s is %s, not %s", s.name, got, s.want), d.restart())
		}
	}
	return nil
}

func validator(h http.Header) string {
	if e := h.Get("ETag"); e != "" && !strings.HasPrefix(e, "W/") {
		return e
	}
	return h.Get("Last-Modified")
}

// contentRange reads "bytes 10-99/100".
func contentRange(s string) (from, total int64, ok bool) {
	rest, found := strings.CutPrefix(s, "bytes ")
	span, all, cut := strings.Cut(rest, "/")
	a, _, dash := strings.Cut(span, "-")
	if !found || !cut || !dash {
		return 0, 0, false
	}
	from, err := strconv.ParseInt(a, 10, 64)
	if all != "*" {
		var terr error
		total, terr = strconv.ParseInt(all, 10, 64)
		err = errors.Join(err, terr)
	}
	return from, total, err == nil
}
