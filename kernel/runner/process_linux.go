package runner

import (
	"os/exec"
	"syscall"
)

// dieWithParent puts the process into a group of its own and has it killed when
// we die.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
