package large

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"github.com/gxlab/gxlab/gx/fault"
)

// Folder is where files of arrays lie; the store names its own.
var Folder = func() (string, error) { return os.TempDir(), nil }

// region is a mapped file.
type region struct {
	b    []byte
	file *os.File // of an array that Make made, else nil
}

var (
	mu      sync.Mutex
	regions []region
	watch   sync.Once
)

// Fits says whether n values of 4 bytes should lie in memory: they take no more than a
// quarter of Memory.
func Fits(n int) bool {
	if n < 1<<24 && os.Getenv("GXLAB_MEMORY") == "" {
		return true // not worth asking
	}
	m, err := Memory()
	return err != nil || int64(n) <= m/16
}

// Make is n zeros: nil where they fit in memory and the caller should make them there,
// else mapped from a file of Folder without a name, which goes with the process. A disk
// without room for them is an error.
func Make(n int) ([]float32, error) {
	if _, err := Memory(); err != nil {
		return nil, err
	}
	if n == 0 || Fits(n) {
		return nil, nil
	}
	dir, err := Folder()
	if err == nil {
		err = os.MkdirAll(dir, 0o777)
	}
	if err != nil {
		return nil, fault.Wrap(err, "there is no place for a large array", dir, "setting GXLAB_STORE to a folder that can be written")
	}
	fail := func(err error) ([]float32, error) {
		return nil, fault.Wrap(err, fmt.Sprintf("%.1f GB do not fit in memory, and the disk cannot take them", 4*float64(n)/1e9), dir,
			"fewer samples or genes, or setting GXLAB_STORE to a folder on a larger disk")
	}
	f, err := nameless(dir)
	if err != nil {
		return fail(err)
	}
	if err := reserve(f, 4*int64(n)); err != nil {
		f.Close()
		return fail(err)
	}
	b, err := syscall.Mmap(int(f.Fd()), 0, 4*n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		f.Close()
		return fail(err)
	}
	keep(region{b, f})
	return unsafe.Slice((*float32)(unsafe.Pointer(&b[0])), n), nil
}

// Lay gives a file that Make made the name path, where x is the whole of it, and says
// whether it has: the values lie there then without being copied. x must not be written
// to any more.
func Lay(x []float32, path string) (bool, error) {
	if len(x) == 0 {
		return false, nil
	}
	mu.Lock()
	defer mu.Unlock()
	for _, r := range regions {
		if r.file == nil || unsafe.Pointer(&r.b[0]) != unsafe.Pointer(&x[0]) || len(r.b) != 4*len(x) {
			continue
		}
		if link(r.file, path) != nil { // another disk, or a system that cannot
			return false, nil
		}
		return true, r.file.Sync()
	}
	return false, nil
}

// Given says that b is a mapped file that is only read: what of it lies in memory may
// be given back at any time.
func Given(b []byte) {
	if len(b) >= 16<<20 {
		keep(region{b: b})
	}
}

// keep notes a region, and begins to look after them.
func keep(r region) {
	mu.Lock()
	regions = append(regions, r)
	mu.Unlock()
	watch.Do(func() {
		watched.Store(true)
		go func() {
			for range time.Tick(10 * time.Millisecond) {
				Breathe()
			}
		}()
	})
}

var (
	watched atomic.Bool  // there are regions
	looked  atomic.Int64 // when they were last looked after, in nanoseconds
	most    atomic.Int64 // how much of them may lie in memory
	asked   atomic.Int64 // when that was decided
)

// Breathe gives mapped memory back where too much of it is in use. Who goes through a
// matrix calls it now and then, for pages come faster than a clock ticks.
func Breathe() {
	if !watched.Load() {
		return
	}
	now, last := time.Now().UnixNano(), looked.Load()
	if now-last < int64(time.Millisecond) || !looked.CompareAndSwap(last, now) {
		return
	}
	if now-asked.Load() > int64(time.Second) {
		if m, err := Memory(); err == nil {
			most.Store(m / 4)
			asked.Store(now)
		}
	}
	if mapped() > most.Load() {
		giveBack()
	}
}

// giveBack leaves it to the system which of the mapped pages stay in memory.
func giveBack() {
	mu.Lock()
	defer mu.Unlock()
	for _, r := range regions {
		if r.file != nil {
			writeSoon(r.file)
		}
		_ = forget(r.b) // they only take more room where this fails
	}
}

// Ahead tells the system that these values will be read soon.
func Ahead(x []float32) {
	if len(x) == 0 {
		return
	}
	page := uintptr(os.Getpagesize())
	p := uintptr(unsafe.Pointer(&x[0]))
	off := p % page
	willNeed(unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(&x[0]), -int(off))), 4*len(x)+int(off)))
}
