package kernel

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
)

// Show displays values one under the other, each as what it can be:
//
//   - SVG() ([]byte, error): a picture. If it also has Name() string and a
//     notebook is run by gxlab run, the picture is written to
//     figures/<name>.svg in the run's output folder, and as PNG and PDF where it
//     has PNG() or PDF() ([]byte, error);
//   - HTML() (string, error) or Markdown() string: a formatted text; where it also
//     has Still() Picture, a widget, that picture is written as figures are;
//   - a slice: each of its values;
//   - anything else: as fmt prints it.
//
// A value that cannot be drawn panics with its error, as gx.Must does, so that
// the cell fails and says why.
func Show(values ...any) {
	for _, v := range values {
		if err := show(v, nil); err != nil {
			_, file, line, _ := runtime.Caller(1)
			panic(fmt.Sprintf("\n%v\n  shown at %s:%d\n", err, file, line))
		}
	}
}

// resultMark is the metadata that makes a display the cell's result.
const resultMark = "gxlab_result"

// Result displays a value as the cell's result: as Show does where it is a
// picture or formatted text, and as fmt prints it otherwise. nil shows nothing.
// The kernel calls it for a cell that ends in an expression.
func Result(value any) {
	if value == nil {
		return
	}
	mark := map[string]any{resultMark: true}
	switch value.(type) {
	case hasSVG, hasHTML, hasMarkdown:
		if err := show(value, mark); err != nil {
			_, file, line, _ := runtime.Caller(1)
			panic(fmt.Sprintf("\n%v\n  shown at %s:%d\n", err, file, line))
		}
		return
	}
	if r := reflect.ValueOf(value); r.Kind() == reflect.Slice && r.Len() > 0 {
		switch r.Index(0).Interface().(type) {
		case hasSVG, hasHTML, hasMarkdown:
			Show(value)
			return
		}
	}
	if !inNotebook() {
		fmt.Println(value)
		return
	}
	display(map[string]any{"text/plain": fmt.Sprint(value)}, mark)
}

// Clear takes the cell's output so far away; with wait only when the next comes.
// It needs the kernel of gxlab install or gxlab run; elsewhere it does nothing.
func Clear(wait bool) {
	if inNotebook() {
		display(map[string]any{"application/vnd.gxlab.clear+json": fmt.Sprintf(`{"wait":%t}`, wait), "text/plain": ""}, nil)
	}
}

// A Picture is what Show draws.
type Picture interface{ SVG() ([]byte, error) }

type (
	hasSVG      interface{ SVG() ([]byte, error) }
	hasPNG      interface{ PNG() ([]byte, error) }
	hasPDF      interface{ PDF() ([]byte, error) }
	hasHTML     interface{ HTML() (string, error) }
	hasStill    interface{ Still() Picture }
	hasMarkdown interface{ Markdown() string }
	hasName     interface{ Name() string }
	hasCaption  interface{ Caption() string }
)

// show displays a value, with metadata for its first output.
func show(v any, meta map[string]any) error {
	switch x := v.(type) {
	case nil:
		return nil
	case hasSVG:
		svg, err := x.SVG()
		if err != nil {
			return err
		}
		name, err := saveFigure(v, svg)
		if err != nil {
			return err
		}
		return picture(v, svg, name, meta)
	case hasHTML:
		h, err := x.HTML()
		if err != nil {
			return err
		}
		if err := saveStill(v); err != nil {
			return err
		}
		text := plain(v)
		if !inNotebook() {
			fmt.Println(text)
			return nil
		}
		display(map[string]any{"text/html": h, "text/plain": text}, meta)
		return nil
	case hasMarkdown:
		if !inNotebook() {
			fmt.Println(x.Markdown())
			return nil
		}
		display(map[string]any{"text/markdown": x.Markdown(), "text/plain": x.Markdown()}, meta)
		return nil
	case error:
		return x
	case fmt.Stringer, string:
		fmt.Println(v)
		return nil
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.Slice && r.Type().Elem().Kind() != reflect.Uint8 {
		for i := range r.Len() {
			if err := show(r.Index(i).Interface(), nil); err != nil {
				return err
			}
		}
		return nil
	}
	fmt.Println(v)
	return nil
}

func plain(v any) string {
	if s, ok := v.(fmt.Stringer); ok {
		return s.String()
	}
	return fmt.Sprintf("%T", v)
}

// picture displays an SVG with its caption.
func picture(v any, svg []byte, name string, meta map[string]any) error {
	caption := ""
	if c, ok := v.(hasCaption); ok {
		caption = c.Caption()
	}
	if !inNotebook() {
		fmt.Println(strings.TrimSpace(plain(v) + " " + caption))
		return nil
	}
	text := strings.TrimSpace(name + " " + caption)
	if text == "" {
		text = "figure"
	}
	if name != "" {
		meta = maps.Clone(meta)
		if meta == nil {
			meta = map[string]any{}
		}
		meta["gxlab_figure"] = name
	}
	display(map[string]any{"image/svg+xml": string(svg), "text/plain": text}, meta)
	if caption != "" {
		display(map[string]any{"text/markdown": caption, "text/plain": caption}, nil)
	}
	return nil
}

// saveFigure writes a named figure into the run's output folder, where there is
// one, and returns its name.
func saveFigure(v any, svg []byte) (name string, err error) {
	n, ok := v.(hasName)
	if !ok || n.Name() == "" {
		return "", nil
	}
	name = fileName(n.Name())
	dir := os.Getenv("GXLAB_OUT")
	if dir == "" {
		return name, nil
	}
	dir = filepath.Join(dir, "figures")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return name, err
	}
	if err := replace(filepath.Join(dir, name+".svg"), svg); err != nil {
		return name, err
	}
	for ext, draw := range map[string]func() ([]byte, error){".png": png(v), ".pdf": pdf(v)} {
		if draw == nil {
			continue
		}
		b, err := draw()
		if err == nil {
			err = replace(filepath.Join(dir, name+ext), b)
		}
		if err != nil {
			return name, err
		}
	}
	return name, nil
}

// saveStill writes a widget's still picture as a figure, where a run has a folder.
func saveStill(v any) error {
	w, ok := v.(hasStill)
	if !ok || os.Getenv("GXLAB_OUT") == "" {
		return nil
	}
	p := w.Still()
	svg, err := p.SVG()
	if err != nil {
		return err
	}
	_, err = saveFigure(p, svg)
	return err
}

// SaveFile writes a file that people take away, such as a table of results, into the
// run's output folder, beside the figures, or into the working folder where there is no
// run, and returns its path. The file appears whole or not at all.
func SaveFile(name string, b []byte) (path string, err error) {
	dir := os.Getenv("GXLAB_OUT")
	if dir == "" {
		dir = "."
	}
	path = filepath.Join(dir, fileName(name))
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	return path, replace(path, b)
}

func png(v any) func() ([]byte, error) {
	if p, ok := v.(hasPNG); ok {
		return p.PNG
	}
	return nil
}

func pdf(v any) func() ([]byte, error) {
	if p, ok := v.(hasPDF); ok {
		return p.PDF
	}
	return nil
}

// fileName is a name as a file may have it.
func fileName(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		}
		return '_'
	}, s)
}

// replace writes a file so that it appears whole or not at all.
func replace(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(b); err != nil {
		f.Close()
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Markdown is text that Show displays formatted.
type Markdown string

// Markdown is the text itself.
func (m Markdown) Markdown() string { return string(m) }
