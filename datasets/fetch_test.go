package datasets

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// file is what the servers of these tests have.
func remoteFile() []byte {
	b := make([]byte, 1<<20+333)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func testFetcher(t *testing.T) *fetcher {
	t.Setenv("GXLAB_OFFLINE", "")
	return &fetcher{dir: t.TempDir(), client: &http.Client{}, stall: 500 * time.Millisecond, tries: 4, wait: func(int) time.Duration { return time.Millisecond }}
}

// cut sends n bytes of b as if all were to come, and drops the connection.
func cut(w http.ResponseWriter, b []byte, n int) {
	w.Header().Set("Content-Length", fmt.Sprint(len(b)))
	_, _ = w.Write(b[:min(n, len(b))])
	panic(http.ErrAbortHandler)
}

func TestFetchFromBadServers(t *testing.T) {
	file := remoteFile()
	sum, sum5 := sha256.Sum256(file), md5.Sum(file)
	good := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		http.ServeContent(w, r, "x", time.Time{}, bytes.NewReader(file))
	}
	rest := func(w http.ResponseWriter, r *http.Request) (at int) {
		if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &at); err == nil {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", at, len(file)-1, len(file)))
		}
		return at
	}
	cases := map[string]struct {
		serve  func(n int, w http.ResponseWriter, r *http.Request)
		remote Remote // its name and addresses are filled in
		asked  int    // requests at most
	}{
		"good": {func(_ int, w http.ResponseWriter, r *http.Request) { good(w, r) }, Remote{}, 1},
		"cuts every connection after 100 kB, and can go on": {func(n int, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"v1"`)
			at := rest(w, r)
			if at > 0 {
				w.Header().Set("Content-Length", fmt.Sprint(len(file)-at))
				w.WriteHeader(http.StatusPartialContent)
				_, _ = w.Write(file[at:min(len(file), at+100e3)])
				if at+100e3 < len(file) {
					panic(http.ErrAbortHandler)
				}
				return
			}
			cut(w, file, 100e3)
		}, Remote{}, 12},
		"cuts twice and knows no ranges": {func(n int, w http.ResponseWriter, r *http.Request) {
			if n < 2 {
				cut(w, file, 300e3)
			}
			_, _ = w.Write(file)
		}, Remote{SHA256: hex.EncodeToString(sum[:])}, 3},
		"lies about ranges": {func(n int, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"v1"`)
			if n == 0 {
				cut(w, file, 300e3)
			}
			if r.Header.Get("Range") != "" { // from the beginning, whatever was asked
				w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(file)-1, len(file)))
				w.WriteHeader(http.StatusPartialContent)
			}
			_, _ = w.Write(file)
		}, Remote{}, 3},
		"lies about ranges and does not show it": {func(n int, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"v1"`)
			if n == 0 {
				cut(w, file, 300e3)
			}
			if at := rest(w, r); at > 0 {
				w.WriteHeader(http.StatusPartialContent)
				_, _ = w.Write(file[:len(file)-at])
				return
			}
			_, _ = w.Write(file)
		}, Remote{SHA256: hex.EncodeToString(sum[:])}, 3},
		"the file changes in between": {func(n int, w http.ResponseWriter, r *http.Request) {
			if n == 0 {
				w.Header().Set("ETag", `"v0"`)
				cut(w, bytes.Repeat([]byte("old"), len(file)), 300e3)
			}
			good(w, r)
		}, Remote{}, 2},
		"half a file, then the whole": {func(n int, w http.ResponseWriter, r *http.Request) {
			if n == 0 {
				_, _ = w.Write(file[:len(file)/2])
				return
			}
			_, _ = w.Write(file)
		}, Remote{Bytes: int64(len(file))}, 3},
		"a wrong sum once": {func(n int, w http.ResponseWriter, r *http.Request) {
			if n == 0 {
				_, _ = w.Write(bytes.Repeat([]byte("x"), len(file)))
				return
			}
			_, _ = w.Write(file)
		}, Remote{MD5: hex.EncodeToString(sum5[:])}, 2},
		"is busy": {func(n int, w http.ResponseWriter, r *http.Request) {
			if n < 3 {
				w.WriteHeader([]int{503, 500, 429}[n])
				return
			}
			good(w, r)
		}, Remote{}, 4},
		"stalls": {func(n int, w http.ResponseWriter, r *http.Request) {
			if n == 0 {
				w.Header().Set("ETag", `"v1"`)
				w.Header().Set("Content-Length", fmt.Sprint(len(file)))
				_, _ = w.Write(file[:200e3])
				w.(http.Flusher).Flush()
				select {
				case <-r.Context().Done():
				case <-time.After(5 * time.Second):
				}
				panic(http.ErrAbortHandler)
			}
			good(w, r)
		}, Remote{}, 2},
		"has more than it says": {func(n int, w http.ResponseWriter, r *http.Request) {
			if n == 0 {
				_, _ = w.Write(file)
				_, _ = w.Write(file)
				return
			}
			good(w, r)
		}, Remote{Bytes: int64(len(file))}, 3},
		"redirects": {func(n int, w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/there" {
				http.Redirect(w, r, "/there", http.StatusFound)
				return
			}
			good(w, r)
		}, Remote{}, 2},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var n atomic.Int32
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.serve(int(n.Add(1))-1, w, r) }))
			defer s.Close()
			f := testFetcher(t)
			c.remote.Name, c.remote.URLs = "set/x.bin", []string{s.URL + "/x"}
			path, err := f.get(context.Background(), c.remote, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(got, file) {
				t.Fatalf("%d bytes, %v", len(got), err)
			}
			if int(n.Load()) > c.asked {
				t.Errorf("%d requests, more than %d", n.Load(), c.asked)
			}
			left, err := filepath.Glob(filepath.Join(f.dir, "set", "*.part*"))
			if err != nil || len(left) > 0 {
				t.Errorf("left over: %v %v", left, err)
			}
			asked := n.Load()
			if _, err := f.get(context.Background(), c.remote, nil); err != nil || n.Load() != asked {
				t.Errorf("what is there is fetched again: %v", err)
			}
		})
	}
}

// What cannot be had says what, where and what to try, and keeps what has come.
func TestFetchFails(t *testing.T) {
	file := remoteFile()
	serve := map[string]http.HandlerFunc{
		"/gone": http.NotFound,
		"/page": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, "<p>log in</p>")
		},
		"/wrong": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(file[:1000]) },
		"/part":  func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("ETag", `"1"`); cut(w, file, 500e3) },
		"/good":  func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(file) },
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve[r.URL.Path](w, r) }))
	defer s.Close()
	for _, c := range []struct {
		path, sum, want string
		left            int64
	}{
		{"/gone", "", "404", 0},
		{"/page", "", "web page", 0},
		{"/wrong", strings.Repeat("0", 64), "published sum", 0},
		{"/part", "", "put there by hand", 500e3},
	} {
		f := testFetcher(t)
		_, err := f.get(context.Background(), Remote{Name: "x", URLs: []string{s.URL + c.path}, SHA256: c.sum}, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "try") && !strings.Contains(err.Error(), "Try") {
			t.Errorf("%s: %v", c.path, err)
		}
		fi, serr := os.Stat(filepath.Join(f.dir, "x.part"))
		if serr != nil || fi.Size() != c.left {
			t.Errorf("%s leaves %v, %v", c.path, fi, serr)
		}
		if _, err := os.Stat(filepath.Join(f.dir, "x")); err == nil {
			t.Errorf("%s makes a file", c.path)
		}
	}
	f := testFetcher(t)
	if _, err := f.get(context.Background(), Remote{Name: "x", URLs: []string{s.URL + "/gone", s.URL + "/good"}}, nil); err != nil {
		t.Errorf("the mirror is not asked: %v", err)
	}
	t.Setenv("GXLAB_OFFLINE", "1")
	if _, err := f.get(context.Background(), Remote{Name: "y", URLs: []string{s.URL + "/good"}}, nil); err == nil || !strings.Contains(err.Error(), s.URL+"/good") || !strings.Contains(err.Error(), filepath.Join(f.dir, "y")) {
		t.Errorf("offline: %v", err)
	}
	t.Setenv("GXLAB_OFFLINE", "")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := f.get(ctx, Remote{Name: "z", URLs: []string{s.URL + "/good"}}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// Two that want the same file fetch it once.
func TestFetchOnce(t *testing.T) {
	file := remoteFile()
	var n atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		time.Sleep(50 * time.Millisecond)
		_, _ = w.Write(file)
	}))
	defer s.Close()
	f := testFetcher(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := f.get(context.Background(), Remote{Name: "x", URLs: []string{s.URL}}, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n.Load() != 1 {
		t.Errorf("%d requests", n.Load())
	}
}
