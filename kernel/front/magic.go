package front

import (
	"context"
	"strings"
)

// magic answers the cell's lines that are commands of ours and returns the cell
// without them.
func (f *Front) magic(ctx context.Context, code string, out *outputs) (string, *failure) {
	if !strings.Contains(code, "%gxlab") {
		return code, nil
	}
	c := splitCell(code)
	if c.script {
		return code, nil
	}
	rest := append([]string{}, c.lines...)
	for i, l := range c.lines {
		words := strings.Fields(trimComment(l))
		if !c.command[i] || len(words) == 0 || words[0] != "%gxlab" {
			continue
		}
		rest[i] = ""
		if f.o.Magic == nil {
			return "", &failure{name: "CommandError", value: "%gxlab is not known here"}
		}
		if err := f.o.Magic(ctx, words[1:], stream{out}); err != nil {
			return "", &failure{name: "CommandError", value: err.Error()}
		}
	}
	return strings.Join(rest, "\n"), nil
}

// stream prints to the cell's output.
type stream struct{ out *outputs }

func (s stream) Write(p []byte) (int, error) {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	s.out.print("stdout", string(p))
	return len(p), nil
}
