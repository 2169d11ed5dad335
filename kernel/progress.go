package kernel

import (
	"fmt"
	"html"
	"os"
	"strings"
	"sync"
	"time"
)

// Progress is a line that says how far long work has come, updated in place at
// most twice a second, and a line for every notice. Work that ends within a
// second shows no progress line.
type Progress struct {
	mu      sync.Mutex
	id      string
	began   time.Time
	last    time.Time
	shown   bool
	line    string
	done    int
	total   int
	notices []string
	now     func() time.Time
}

// NewProgress is a progress line that begins now.
func NewProgress() *Progress {
	return &Progress{id: newID("progress"), began: time.Now(), now: time.Now}
}

// Tell says that done of total parts of what are made; with total 0, what is a
// notice, which is shown once.
func (p *Progress) Tell(what string, done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if total <= 0 {
		for _, n := range p.notices {
			if n == what {
				return
			}
		}
		p.notices = append(p.notices, what)
		notice(what)
		return
	}
	p.line, p.done, p.total = what, done, total
	if now := p.now(); now.Sub(p.began) > time.Second && now.Sub(p.last) >= 500*time.Millisecond {
		p.last = now
		p.draw(now)
	}
}

// End shows where the work ended, if it was long enough to be shown at all.
func (p *Progress) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		p.draw(p.now())
		if !inNotebook() {
			fmt.Fprintln(os.Stderr)
		}
	}
}

func (p *Progress) draw(now time.Time) {
	p.shown = true
	share := float64(p.done) / float64(max(1, p.total))
	took := now.Sub(p.began)
	text := fmt.Sprintf("%3.0f %%  %s  %s", 100*share, p.line, clock(took))
	if share > 0.02 && share < 1 {
		text += ", about " + clock(time.Duration(float64(took)*(1-share)/share)) + " to go"
	}
	if !inNotebook() {
		fmt.Fprint(os.Stderr, "\r\x1b[K", text)
		return
	}
	bar := strings.Repeat("█", int(20*share)) + strings.Repeat("░", 20-int(20*share))
	update(p.id, map[string]any{"text/html": "<pre>" + bar + " " + html.EscapeString(text) + "</pre>", "text/plain": text})
}

func clock(d time.Duration) string {
	d = d.Round(time.Second)
	if d < time.Minute {
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return fmt.Sprintf("%d:%02d min", int(d.Minutes()), int(d.Seconds())%60)
}

// notice shows a line that the reader should see.
func notice(text string) {
	if !inNotebook() {
		fmt.Fprintln(os.Stderr, text)
		return
	}
	display(map[string]any{"text/html": `<p style="border-left:3px solid #e69f00;padding-left:8px">` + html.EscapeString(text) + "</p>", "text/plain": text}, map[string]any{noteMark: true})
}

// noteMark is the metadata of a line that gxlab run prints too.
const noteMark = "gxlab_note"
