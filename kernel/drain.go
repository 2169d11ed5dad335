package kernel

import (
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// drain waits until the notebook has taken what this process printed so far.
// Print and display go by two pipes, and a figure must not overtake the text
// printed before it. It waits at most a second, and leaves alone what is no pipe.
func drain(files ...*os.File) {
	unread := uint(0x541b) // FIONREAD
	if runtime.GOOS != "linux" {
		unread = 0x4004667f // FIONREAD of macOS and the BSDs
	}
	for end := time.Now().Add(time.Second); time.Now().Before(end); time.Sleep(200 * time.Microsecond) {
		waiting := 0
		for _, f := range files {
			if n, err := unix.IoctlGetInt(int(f.Fd()), unread); err == nil {
				waiting += n
			}
		}
		if waiting == 0 {
			break
		}
	}
	time.Sleep(time.Millisecond) // taken from the pipe is not sent on yet
}
