package large

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"

	"github.com/gxlab/gxlab/gx/fault"
)

// unknown is what Memory says where the system does not.
const unknown = 1 << 60

// Memory is about how many bytes this process may use: what GXLAB_MEMORY says (such as
// 2GiB or 500MB), else what the system, or the container the process is in, can still
// give. A GXLAB_MEMORY that is no size is an error.
func Memory() (int64, error) {
	if s := os.Getenv("GXLAB_MEMORY"); s != "" {
		n, err := parseSize(s)
		if err == nil {
			hold(n)
		}
		return n, err
	}
	free := int64(unknown)
	if kb, ok := field("/proc/meminfo", "MemAvailable:"); ok {
		free = kb << 10
	}
	return min(free, contained()), nil
}

// hold keeps the garbage collector from letting the heap grow over its part of the
// memory that was asked for.
var hold = func() func(int64) {
	var once sync.Once
	return func(n int64) {
		once.Do(func() {
			if os.Getenv("GOMEMLIMIT") == "" {
				debug.SetMemoryLimit(n / 2)
			}
		})
	}
}()

// parseSize reads a number of bytes with or without a unit.
func parseSize(s string) (int64, error) {
	text := strings.ToLower(strings.TrimSpace(s))
	unit := 1.0
	for _, u := range []struct {
		end  string
		size float64
	}{{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"tib", 1 << 40}, {"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"tb", 1e12},
		{"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30}, {"t", 1 << 40}, {"b", 1}} {
		if rest, ok := strings.CutSuffix(text, u.end); ok {
			text, unit = strings.TrimSpace(rest), u.size
			break
		}
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v > 0 && v*unit < unknown) {
		return 0, fault.New(fmt.Sprintf("GXLAB_MEMORY=%q is no amount of memory", s), "GXLAB_MEMORY", "a number of bytes with a unit, such as 2GiB or 500MB")
	}
	return int64(v * unit), nil
}

// contained is what the control group of this process can still give.
func contained() int64 {
	free := int64(unknown)
	b, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return free
	}
	for _, line := range strings.Split(string(b), "\n") {
		p := strings.SplitN(line, ":", 3)
		if len(p) != 3 {
			continue
		}
		root, most, used := "/sys/fs/cgroup", "memory.max", "memory.current"
		if p[1] == "memory" {
			root, most, used = "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"
		} else if p[1] != "" {
			continue
		}
		for dir := filepath.Join(root, p[2]); ; dir = filepath.Dir(dir) {
			limit, ok := number(filepath.Join(dir, most))
			if now, known := number(filepath.Join(dir, used)); ok && known && limit < unknown {
				cache, _ := field(filepath.Join(dir, "memory.stat"), "inactive_file") // which it would give up
				free = min(free, max(0, limit-now+cache))
			}
			if dir == root || dir == "/" || !strings.HasPrefix(dir, root) {
				break
			}
		}
	}
	return free
}

func number(path string) (int64, bool) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	return n, err == nil
}

// field is the number after a name at the beginning of a line.
func field(path, name string) (int64, bool) {
	f, err := os.Open(path)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if words := strings.Fields(s.Text()); len(words) > 1 && words[0] == name {
			n, err := strconv.ParseInt(words[1], 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
