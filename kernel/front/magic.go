package front

import (
	"context"
	"io"
	"strings"
)

// Magic answers the words that follow %gxlab in a cell.
type Magic func(ctx context.Context, args []string, out io.Writer) error

// magic answers the cell's lines that are commands of ours and returns the cell
// without them.
func (f *Front) magic(ctx context.Context, code string, out *outputs) (string, *failure) {
	return f.o.Magic.answer(ctx, code, stream{out})
}

func (m Magic) answer(ctx context.Context, code string, out io.Writer) (string, *failure) {
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
		if m == nil {
			return "", &failure{name: "CommandError", value: "%gxlab is not known here"}
		}
		if err := m(ctx, words[1:], out); err != nil {
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
