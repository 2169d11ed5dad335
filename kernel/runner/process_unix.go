//go:build unix

package runner

import (
	"errors"
	"io"
	"os/exec"
	"strconv"
	"syscall"
)

// killGroup kills what is left of the process's group.
func killGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}

// guard starts a process that outlives us: when we end without a word, also by
// kill -9, it gives what is left of the group three seconds to save its work,
// kills it and removes dir. The function it returns says that word.
func guard(group int, dir string) (release func() error, err error) {
	cmd := exec.Command("/bin/sh", "-c", `read -r word && exit 0; sleep 3; kill -s KILL -- "-$1" 2>/dev/null; rm -rf -- "$2"`, "sh", strconv.Itoa(group), dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	word, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() error {
		_, err := io.WriteString(word, "done\n")
		return errors.Join(err, word.Close(), cmd.Wait())
	}, nil
}
