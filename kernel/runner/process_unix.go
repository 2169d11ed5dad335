//go:build unix

package runner

import (
	"os/exec"
	"syscall"
)

// killGroup kills what is left of the process's group.
func killGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}
