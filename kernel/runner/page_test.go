package runner

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Markdown as notebooks use it. What looks like formatting within code, maths and
// prices stays.
func TestMarkdown(t *testing.T) {
	for src, want := range map[string]string{
		"plain <b> & text":                     "<p>plain &lt;b&gt; &amp; text</p>",
		"snake_case_name and file_name_x stay": "<p>snake_case_name and file_name_x stay</p>",
		"# One #":                              `<h1 id="h1-One">One</h1>`,
		"a\n## Two":                            "<p>a</p>\n<h2 id=\"h2-Two\">Two</h2>",
		"**bold** and *so* `a*b*c`":            "<p><b>bold</b> and <i>so</i> <code>a*b*c</code></p>",
		"``a ` b``":                            "<p><code>a ` b</code></p>",
		"$x_1 * y_2 * z$ costs $5 and $10":     "<p><i>x_1 * y_2 * z</i> costs $5 and $10</p>",
		"from $5–$10":                          "<p>from $5–$10</p>",
		`\$x\$`:                                "<p>$x$</p>",
		"$$\na < b\n$$\nafter":                 `<div class="maths">a &lt; b</div>` + "\n<p>after</p>",
		"$$x$$":                                `<div class="maths">x</div>`,
		"so $$x$$ is":                          "<p>so <i>x</i> is</p>",
		"- a\n- b\n  - c\n  - d\n- e":          "<ul>\n<li>a</li>\n<li>b\n<ul>\n<li>c</li>\n<li>d</li>\n</ul>\n</li>\n<li>e</li>\n</ul>",
		"1. a\n   goes on\n2. b":               "<ol>\n<li>a goes on</li>\n<li>b</li>\n</ol>",
		"- a\n\n- b":                           "<ul>\n<li>a</li>\n<li>b</li>\n</ul>",
		"---":                                  "<hr>",
		"> q\n> r":                             "<blockquote><p>q\nr</p>\n</blockquote>",
		"> # no id":                            "<blockquote><h1>no id</h1>\n</blockquote>",
		"[a](b.ipynb) [c](javascript:x)":       `<p><a href="b.ipynb">a</a> c</p>`,
		"[a_b_c](https://x.org/a_b_c?d&e)":     `<p><a href="https://x.org/a_b_c?d&amp;e">a_b_c</a></p>`,
		"<https://x.org>":                      `<p><a href="https://x.org">https://x.org</a></p>`,
		"![a<b](https://x.org/p.png)":          `<p><a href="https://x.org/p.png">a&lt;b</a></p>`,
		"![p](data:image/png;base64,AAAA)":     `<p><img alt="p" src="data:image/png;base64,AAAA"></p>`,
		"![p](p.png)":                          "<p><i>p</i></p>",
		"```go\n# x\n```":                      `<pre><code># x</code></pre>`,
		"#no heading":                          "<p>#no heading</p>",
		"*":                                    "<p>*</p>",
		"a | b\n--|:-:\n1 | `x|y` | 3\n\nz":    `<div class="scroll"><table>` + "\n" + `<thead><tr><th>a</th><th style="text-align:center">b</th></tr>` + "\n</thead>\n<tbody>\n" + `<tr><td>1</td><td style="text-align:center"><code>x|y</code></td></tr>` + "\n</tbody></table></div>\n<p>z</p>",
		"|a|\n|--:|\n|x \\| y|\n":              `<div class="scroll"><table>` + "\n" + `<thead><tr><th style="text-align:right">a</th></tr>` + "\n</thead>\n<tbody>\n" + `<tr><td style="text-align:right">x | y</td></tr>` + "\n</tbody></table></div>",
		"<script>alert(1)</script>":            "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
		`[x](" onclick="y)`:                    `<p>[x](&#34; onclick=&#34;y)</p>`,
		"text with \x00 0 \x00 zero `a`":       "<p>text with � 0 � zero <code>a</code></p>",
	} {
		got := strings.TrimSpace(markdown(src, func(level int, text string) string { return fmt.Sprintf("h%d-%s", level, text) }))
		if got != want {
			t.Errorf("%q\n got %s\nwant %s", src, got, want)
		}
	}
}

// No text makes the page's HTML anything but nested elements, or hangs.
func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{"- a\n  - b\n\n    c", "$$", "|a|b|\n|-|-|\n|`|", "> > a\n- b", "```", "[a](b", "*a **b* c**", "- \n -", "1. a\n- b", "    x\n\t- y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h := markdown(s, nil)
		if strings.Contains(h, "<script") {
			t.Errorf("%q became %s", s, h)
		}
		// Every block tag is closed; bold and italic may cross in odd text.
		for _, tag := range []string{"p", "ul", "ol", "li", "table", "tr", "td", "blockquote", "pre", "code", "div"} {
			open, closed := len(regexp.MustCompile("<"+tag+`(>| [^>]*>)`).FindAllString(h, -1)), strings.Count(h, "</"+tag+">")
			if open != closed {
				t.Errorf("%q: %d <%s> and %d </%s>\n%s", s, open, tag, closed, tag, h)
			}
		}
	})
}

func display(mime, text string) Output {
	b, _ := json.Marshal(text)
	return Output{Type: "display_data", Data: map[string]json.RawMessage{mime: b}}
}

// The page is well formed, asks nothing of the network, and has contents that lead to
// its headings.
func TestPage(t *testing.T) {
	n := &Notebook{Cells: []*Cell{
		{Type: "markdown", Source: "# A title & more\n\n## First\n\ntext\n\n### Deep\n\n## Second\n\n| a |\n|---|\n| b |\n\n# Another"},
		{Type: "code", Source: "%%\nfmt.Println(\"<x>\")", Count: 1, Outputs: []Output{
			{Type: "stream", Name: "stdout", Text: "<x> \x1b[31mred\x1b[0m\n"},
			display("image/svg+xml", `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><clipPath id="c"/><g clip-path="url(#c)"/></svg>`),
			display("image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><clipPath id="c"/><g clip-path="url(#c)"/></svg>`),
			display("text/markdown", "a *caption*"),
			{Type: "error", EName: "panic", EValue: "<b>", Traceback: []string{"at"}},
		}},
		{Type: "code", Source: "  "},
		{Type: "code", Source: "// Two lines\n%%\nx()"},
	}}
	p := string(Page(n, "book"))
	for _, want := range []string{
		"<title>A title &amp; more</title>", `<ul><li><a href="#s1">A title &amp; more</a><ul><li><a href="#s2">First</a><ul><li><a href="#s3">Deep</a></li></ul></li><li><a href="#s4">Second</a></li></ul></li><li><a href="#s5">Another</a></li></ul>`,
		`<h2 id="s2">First</h2>`, `<details class="code"><summary>[1] `, "&lt;x&gt; red", `id="f1-c"`, `url(#f2-c)`, "a <i>caption</i>", "panic: &lt;b&gt;",
		`name="viewport"`, "prefers-color-scheme:dark", "@media print", `default-src 'none'`, "<summary>Two lines",
	} {
		if !strings.Contains(p, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, not := range []string{"\x1b", "<?xml", `src="http`, "@import", "url(http", `<link`, `id=""`} {
		if strings.Contains(p, not) {
			t.Errorf("the page has %q", not)
		}
	}
	if m := regexp.MustCompile(`id="([^"]+)"`).FindAllStringSubmatch(p, -1); true {
		seen := map[string]bool{}
		for _, x := range m {
			if seen[x[1]] {
				t.Errorf("the id %s stands there twice", x[1])
			}
			seen[x[1]] = true
		}
	}
	if err := wellFormed(p); err != nil {
		t.Error(err)
	}
	// A notebook without headings has no contents, and its name for a title.
	if p := string(Page(&Notebook{}, "empty & <so>")); strings.Contains(p, "<nav") || !strings.Contains(p, "<title>empty &amp; &lt;so&gt;</title>") || wellFormed(p) != nil {
		t.Errorf("%v in %s", wellFormed(p), p)
	}
}

// wellFormed says where elements of a page are not closed in order. It reads HTML as
// XML that knows the elements HTML does not close.
func wellFormed(p string) error {
	p = regexp.MustCompile(`(?s)<script>.*?</script>|<style>.*?</style>|<!DOCTYPE html>`).ReplaceAllString(p, "")
	p = regexp.MustCompile(`<(meta|img|br|hr|input)\b([^>]*)>`).ReplaceAllString(p, "<$1$2/>")
	p = strings.ReplaceAll(p, " hidden>", ` hidden="">`)
	p = strings.ReplaceAll(p, "<details open>", `<details open="">`)
	d := xml.NewDecoder(strings.NewReader(p))
	d.Entity = xml.HTMLEntity
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// The notebooks of this module make pages that are well formed.
func TestPagesOfNotebooks(t *testing.T) {
	paths, err := filepath.Glob("../../notebooks/*.ipynb")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		n, err := Parse(b)
		if err != nil {
			t.Fatal(path, err)
		}
		if err := wellFormed(string(Page(n, filepath.Base(path)))); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}
