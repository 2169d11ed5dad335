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
