package front

import (
	"slices"
	"syscall"
	"time"
)

// A process is one of the machine's, with the time since it began where that is
// known.
type process struct {
	pid, parent, group int
	age                time.Duration
}

// below lists the processes that descend from root, and those of its group, of all.
func below(all []process, root int) []process {
	in := map[int]bool{root: true}
	for grown := true; grown; {
		grown = false
		for _, p := range all {
			if !in[p.pid] && (in[p.parent] || p.group == root) {
				in[p.pid], grown = true, true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(p process) bool { return !in[p.pid] || p.pid == root })
}

// signal sends sig to a process; one that has ended is no error.
func signal(pid int, sig syscall.Signal) { _ = syscall.Kill(pid, sig) }
