package kernel

import (
	"fmt"
	"os"
	"sync"
)

// A Live is a place in the notebook whose picture can be replaced.
type Live struct {
	mu sync.Mutex
	id string
}

// NewLive is a place that shows nothing yet.
func NewLive() *Live { return &Live{id: newID("live")} }

// Show puts a picture in the place of the one before. A picture that cannot be
// drawn leaves the old one. Outside a notebook it does nothing.
func (l *Live) Show(svg []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !inNotebook() {
		return
	}
	update(l.id, map[string]any{"text/html": string(svg), "text/plain": "live figure"})
}

// Say prints a line to the reader: to the notebook, or to the terminal's error
// output.
func Say(format string, args ...any) {
	if inNotebook() {
		notice(fmt.Sprintf(format, args...))
		return
	}
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}
