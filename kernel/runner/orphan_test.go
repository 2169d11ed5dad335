package runner

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test program stand in for a run that somebody else kills.
func TestMain(m *testing.M) {
	path := os.Getenv("GXLAB_TEST_RUN")
	if path == "" {
		os.Exit(m.Run())
	}
	e, err := found()
	if err == nil {
		_, err = e.Run(context.Background(), path, Options{Out: filepath.Dir(path)})
	}
	if err != nil {
		os.Stderr.WriteString(err.Error())
		os.Exit(1)
	}
	os.Exit(0)
}

// A run that is killed with kill -9 takes the engine and the cell with it, even
// a cell that never looks up.
func TestKilledRunLeavesNoProcess(t *testing.T) {
	engine(t)
	mark := filepath.Join(t.TempDir(), "mark")
	path := book(t, "import (\n\t\"os\"\n\t\"strconv\"\n\t\"time\"\n)", "%%\nos.WriteFile("+quote(mark+".new")+", []byte(strconv.Itoa(os.Getpid())+\" \"+strconv.Itoa(os.Getppid())), 0o666)\nos.Rename("+quote(mark+".new")+", "+quote(mark)+")\nfor {\n\ttime.Sleep(time.Hour)\n}")
	cmd := exec.Command(os.Args[0])
	tmp := t.TempDir()
	cmd.Env = append(os.Environ(), "GXLAB_TEST_RUN="+path, "TMPDIR="+tmp)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b, err := []byte(nil), error(nil)
	for range 400 {
		if b, err = os.ReadFile(mark); err == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed
	if err != nil {
		t.Fatal("the cell never ran:", err)
	}
	for _, word := range strings.Fields(string(b)) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		alive := true
		for range 200 {
			if alive = syscall.Kill(pid, 0) == nil && !zombie(pid); !alive {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if alive {
			t.Errorf("process %d of %s is left running", pid, b)
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	left := []os.DirEntry{}
	for range 100 {
		if left, err = os.ReadDir(tmp); err == nil && len(left) == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("temporary files are left: %v, %v", left, err)
}

// zombie says whether a process has ended and waits for a parent to notice, as
// in a container whose first process does not.
func zombie(pid int) bool {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(b), ") ")
	return strings.HasPrefix(after, "Z")
}
