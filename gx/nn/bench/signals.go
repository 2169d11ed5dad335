package bench

import (
	"os/exec"
	"syscall"
)

func ownGroup(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// A process that has ended is told in vain.
func pause(c *exec.Cmd)  { _ = syscall.Kill(-c.Process.Pid, syscall.SIGSTOP) }
func resume(c *exec.Cmd) { _ = syscall.Kill(-c.Process.Pid, syscall.SIGCONT) }
func kill(c *exec.Cmd)   { _ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }

// processor is the time this process has been at work on all cores, in seconds.
func processor() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
