package front

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"syscall"
)

// A past is one cell that was executed: the session's number, the cell's count,
// its source and the text of its result.
type past struct {
	Session int    `json:"session"`
	Line    int    `json:"line"`
	Source  string `json:"source"`
	Output  string `json:"output,omitempty"`
}

// history is what was executed, in this session and, where it has a file, in
// those before.
type history struct {
	file    string
	session int
	past    []past
}

// keepPast is how many cells a history file holds; it is cut to that at a
// session's start.
const keepPast = 5000

// openHistory reads the file, where there is one, and begins a new session. A
// file that cannot be read is begun anew; one that cannot be written is left out.
func openHistory(file string) *history {
	h := &history{file: file, session: 1}
	if file == "" {
		return h
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		h.file = ""
		return h
	}
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		h.file = ""
		return h
	}
	defer f.Close()
	_ = syscall.Flock(int(f.Fd()), syscall.LOCK_EX) // two kernels that start at once count one after the other
	r := bufio.NewReader(f)
	for {
		l, err := r.ReadBytes('\n')
		if err != nil && len(l) > 0 { // cut off: what comes next begins a line of its own
			_, _ = f.WriteString("\n")
		}
		var p past
		if len(l) > 0 && json.Unmarshal(l, &p) == nil && p.Session > 0 {
			h.session = max(h.session, p.Session+1)
			if p.Line > 0 {
				h.past = append(h.past, p)
			}
		}
		if err != nil {
			break
		}
	}
	if len(h.past) > keepPast {
		h.past = h.past[len(h.past)-keepPast:]
		var b []byte
		for _, p := range h.past {
			l, _ := json.Marshal(p)
			b = append(append(b, l...), '\n')
		}
		if f.Truncate(0) == nil {
			_, _ = f.WriteAt(b, 0)
		}
	}
	h.write(past{Session: h.session}) // takes the session's number
	return h
}

func (h *history) add(line int, source, output string) {
	p := past{h.session, line, source, output}
	h.past = append(h.past, p)
	h.write(p)
}

// write appends a line to the file. A history that cannot be kept is no reason
// to fail a cell.
func (h *history) write(p past) {
	if h.file == "" {
		return
	}
	b, err := json.Marshal(p)
	if err != nil {
		return
	}
	f, err := os.OpenFile(h.file, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return
	}
	_, _ = f.Write(append(b, '\n'))
	_ = f.Close()
}

// historyRequest is what a history_request asks.
type historyRequest struct {
	Access  string `json:"hist_access_type"`
	Output  bool   `json:"output"`
	Session int    `json:"session"`
	Start   int    `json:"start"`
	Stop    *int   `json:"stop"`
	N       int    `json:"n"`
	Pattern string `json:"pattern"`
	Unique  bool   `json:"unique"`
}

// answer is the list of a history_reply: [session, line, source], or with the
// output as its pair.
func (h *history) answer(q historyRequest) [][3]any {
	var found []past
	switch q.Access {
	case "range":
		s := q.Session
		if s <= 0 {
			s += h.session // 0 is this one, -1 the one before
		}
		for _, p := range h.past {
			if p.Session == s && p.Line >= q.Start && (q.Stop == nil || p.Line < *q.Stop) {
				found = append(found, p)
			}
		}
	case "search":
		for _, p := range h.past {
			if q.Pattern == "" || glob(q.Pattern, p.Source) {
				found = append(found, p)
			}
		}
		if q.Unique { // the latest of equal ones
			seen := map[string]bool{}
			var once []past
			for i := len(found) - 1; i >= 0; i-- {
				if !seen[found[i].Source] {
					seen[found[i].Source] = true
					once = append([]past{found[i]}, once...)
				}
			}
			found = once
		}
		found = lastOf(found, q.N)
	default: // tail
		found = lastOf(h.past, q.N)
	}
	out := make([][3]any, 0, len(found))
	for _, p := range found {
		var v any = p.Source
		if q.Output {
			var o any
			if p.Output != "" {
				o = p.Output
			}
			v = [2]any{p.Source, o}
		}
		out = append(out, [3]any{p.Session, p.Line, v})
	}
	return out
}

func lastOf(p []past, n int) []past {
	if n > 0 && n < len(p) {
		return p[len(p)-n:]
	}
	return p
}

// glob matches the whole of s: * is any text, ? any one character.
func glob(pattern, s string) bool {
	p, t := []rune(pattern), []rune(s)
	i, j, star, mark := 0, 0, -1, 0
	for j < len(t) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == t[j]):
			i, j = i+1, j+1
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
