package front

import (
	"context"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/gxlab/gxlab/kernel/runner"
)

// reading is what is known of a session, by which cells that leave something out
// are completed.
type reading struct {
	ctx      context.Context // ends with the session
	patience time.Duration   // with types that are still being loaded
	names    *names

	mu      *sync.Mutex
	session *session
}

func newReading(ctx context.Context, n *names, patience time.Duration) reading {
	return reading{ctx: ctx, patience: patience, names: n, mu: new(sync.Mutex), session: newSession()}
}

// Complete lets the notebooks that e runs have their cells completed as a kernel
// completes them: packages of ours that a cell uses need no import, and the value of
// a cell's last expression is its result. magic answers %gxlab; nil: nobody does.
func Complete(e *runner.Engine, magic Magic) {
	var once sync.Once
	n := newNames(e)
	e.Complete = func(ctx context.Context) runner.Completer {
		once.Do(func() { go n.load(context.WithoutCancel(ctx), os.TempDir()) })
		return &completer{reading: newReading(ctx, n, 2*time.Minute), magic: magic}
	}
}

// completer completes the cells of one notebook.
type completer struct {
	reading
	magic Magic
	count int
	last  *cell
	p     prepared
}

// Complete is the cell as the engine takes it, once our commands in it are answered.
func (c *completer) Complete(ctx context.Context, code string, out io.Writer) (sent string, before int, err error) {
	code, fail := c.magic.answer(ctx, code, out)
	if fail != nil {
		return "", 0, fail
	}
	c.last = splitCell(code)
	c.p = c.prepare(c.last)
	return c.p.code, c.p.offset, nil
}

// Ran notes what the last cell has declared.
func (c *completer) Ran() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
	c.session.add(c.count, c.last)
	c.session.use(c.p.imports)
}

// Typed is a text that speaks of the program in terms of the cell as it was typed.
func (c *completer) Typed(text string) string {
	if c.p.wrapLine == 0 {
		return text
	}
	lines := strings.Split(c.p.code, "\n")
	return strings.ReplaceAll(text, strings.TrimSpace(lines[c.p.wrapLine-1+c.p.offset]), strings.TrimSpace(c.last.lines[c.p.wrapLine-1]))
}
