//go:build unix && !linux

package front

import (
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Adopt does nothing here: what a cell leaves behind is found by its group.
func Adopt() {}

// processes lists what runs.
func processes() []process {
	out, err := exec.Command("ps", "-axo", "pid=,ppid=,pgid=,stat=,etime=").Output()
	if err != nil {
		return nil
	}
	var all []process
	for l := range strings.Lines(string(out)) {
		f := strings.Fields(l)
		if len(f) < 5 || strings.HasPrefix(f[3], "Z") {
			continue
		}
		var p process
		p.pid, _ = strconv.Atoi(f[0])
		p.parent, _ = strconv.Atoi(f[1])
		p.group, _ = strconv.Atoi(f[2])
		p.age = elapsed(f[4])
		all = append(all, p)
	}
	return all
}

// elapsed reads ps's [[days-]hours:]minutes:seconds.
func elapsed(s string) time.Duration {
	days, clock, ok := strings.Cut(s, "-")
	if !ok {
		days, clock = "0", s
	}
	d, _ := strconv.Atoi(days)
	total := 0
	for _, part := range strings.Split(clock, ":") {
		n, _ := strconv.Atoi(part)
		total = total*60 + n
	}
	return time.Duration(d)*24*time.Hour + time.Duration(total)*time.Second
}

func reap(map[int]bool) {}
