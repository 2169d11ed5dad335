//go:build unix && !linux

package runner

import (
	"os/exec"
	"syscall"
)

// dieWithParent puts the process into a group of its own.
func dieWithParent(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
