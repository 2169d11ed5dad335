package runner

import (
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"strings"
)

// Page is the notebook as one HTML page that needs nothing from the network, and is
// not let at it: contents, text, figures as SVG, code folded away, widgets that
// answer. It reads on a phone, on paper, and light on dark where the reader's system
// asks for that.
func Page(n *Notebook, name string) []byte {
	var body strings.Builder
	var heads []head
	title := name
	heading := func(level int, text string) string {
		id := fmt.Sprintf("s%d", len(heads)+1)
		if level == 1 && title == name {
			title = text
		}
		heads = append(heads, head{level, id, text})
		return id
	}
	figures, codes := 0, 0
	for _, c := range n.Cells {
		switch c.Type {
		case "markdown":
			body.WriteString(`<section class="text">` + markdown(c.Source, heading) + "</section>\n")
		case "code":
			if strings.TrimSpace(c.Source) == "" {
				continue
			}
			label := ""
			if c.Count > 0 {
				label = fmt.Sprintf("[%d] ", c.Count)
			}
			codes++
			fmt.Fprintf(&body, "<details class=\"code\"><summary>%s%s</summary><pre><code>%s</code></pre></details>\n", label, html.EscapeString(title2(c)), html.EscapeString(c.Source))
			for _, o := range c.Outputs {
				body.WriteString(output(o, &figures))
			}
		}
	}
	nav := ""
	if len(heads) > 1 {
		nav = `<nav aria-label="Contents"><details open><summary>Contents</summary>` + contents(heads) + "</details></nav>\n"
	}
	button := ""
	if codes > 1 {
		button = `<button class="all" type="button" hidden>Show all code</button>` + "\n"
	}
	return []byte(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">
<title>` + html.EscapeString(title) + `</title><style>` + style + `</style></head>
<body>
` + nav + `<main>
` + button + body.String() + `</main>
<script>` + script + `</script>
</body></html>
`)
}

// head is a heading of the page.
type head struct {
	level    int
	id, text string
}

// contents are lists within lists, as deep as the headings are.
func contents(heads []head) string {
	var b strings.Builder
	var open []int // the levels of the lists that are open
	for _, h := range heads {
		for len(open) > 0 && open[len(open)-1] > h.level && (len(open) == 1 || open[len(open)-2] >= h.level) {
			b.WriteString("</li></ul>")
			open = open[:len(open)-1]
		}
		if len(open) == 0 || open[len(open)-1] < h.level {
			b.WriteString("<ul>")
			open = append(open, h.level)
		} else {
			b.WriteString("</li>")
		}
		fmt.Fprintf(&b, `<li><a href="#%s">%s</a>`, h.id, html.EscapeString(h.text))
	}
	for range open {
		b.WriteString("</li></ul>")
	}
	return b.String()
}

// title2 is what a folded cell says of itself.
func title2(c *Cell) string {
	t := title(c.Source)
	return strings.TrimSpace(strings.TrimPrefix(t, "//"))
}

const style = `
:root{color-scheme:light dark;--ink:#1b1b1b;--paper:#fff;--soft:#555;--line:#ddd;--box:#f6f6f6;--link:#0b5394;--err:#fdf0ee;--warn:#fff8e6}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e6e6e6;--paper:#161616;--soft:#aaa;--line:#444;--box:#232323;--link:#7db7ee;--err:#3a1f1c;--warn:#352c14}}
@media not screen{:root{color-scheme:light}}
*{box-sizing:border-box}html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
body{margin:0;font:16px/1.55 system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;color:var(--ink);background:var(--paper);overflow-wrap:break-word}
main,nav{max-width:52rem;margin:0 auto;padding:1rem}nav{padding-bottom:0;font-size:.9rem}
nav summary{cursor:pointer;font-weight:600}nav ul{list-style:none;margin:.2rem 0;padding:0}nav ul ul{padding-left:1.1rem;margin:0}nav li a{display:inline-block;padding:.1rem 0}
@media (min-width:78rem){body{display:grid;grid-template-columns:17rem minmax(0,52rem);justify-content:center;column-gap:2rem}nav{position:sticky;top:0;align-self:start;max-height:100vh;overflow-y:auto;padding:1.5rem .5rem}main{margin:0;width:100%}}
h1{font-size:1.7rem;line-height:1.25}h2{font-size:1.3rem;margin-top:2rem;border-bottom:1px solid var(--line)}h3{font-size:1.1rem}
a{color:var(--link);text-decoration-thickness:1px}nav a{text-decoration:none}nav a:hover,nav a:focus{text-decoration:underline}
code{font:.88em ui-monospace,Menlo,Consolas,monospace;background:var(--box);padding:.05em .25em;border-radius:3px}
pre{overflow-x:auto;background:var(--box);padding:.7rem;border-radius:4px;font:.82rem/1.45 ui-monospace,Menlo,Consolas,monospace}pre code{background:none;padding:0;font:inherit}
.maths{overflow-x:auto;white-space:pre-wrap;font-style:italic;margin:.8rem 1.5rem}
details.code{margin:.8rem 0;font-size:.85rem;color:var(--soft)}details.code summary{cursor:pointer}details.code pre{color:var(--ink)}
.all{float:right;font:inherit;font-size:.8rem;color:var(--soft);background:none;border:1px solid var(--line);border-radius:4px;cursor:pointer;padding:.15rem .6rem}
.out{margin:.6rem 0;overflow-x:auto}.fig{text-align:center}.fig svg,.fig img{max-width:100%;height:auto;border-radius:3px}.fig svg{background:#fff}
.err{background:var(--err);border-left:4px solid #c0392b}.warn{background:var(--warn)}
table{border-collapse:collapse;font-size:.88rem}td,th{border-bottom:1px solid var(--line);padding:.2rem .6rem;text-align:left;vertical-align:top}.scroll{overflow-x:auto}.scroll td,.scroll th{min-width:4rem}
img{max-width:100%}blockquote{margin:.5rem 0;padding:.1rem 1rem;border-left:4px solid var(--line);color:var(--soft)}
.glue{font:.82rem ui-monospace,Menlo,Consolas,monospace;color:var(--soft);margin:.1rem 0}
@media print{nav,details.code,.all{display:none}main{max-width:none;padding:0}body{font-size:10.5pt}h1,h2,h3{break-after:avoid}.fig,tr,.gxw{break-inside:avoid}pre{white-space:pre-wrap}.out,.scroll{overflow:visible}a{color:inherit}@page{margin:18mm 16mm}}
`

// script opens and folds all code at once, folds the contents on a phone, and does
// nothing else.
const script = `(function () {
"use strict";
const all = document.querySelector(".all"), codes = document.querySelectorAll("details.code");
if (all) {
  all.hidden = false;
  all.addEventListener("click", () => {
    const open = all.textContent.startsWith("Show");
    codes.forEach(d => { d.open = open; });
    all.textContent = (open ? "Fold" : "Show") + " all code";
  });
}
const nav = document.querySelector("nav details");
if (nav && matchMedia("(max-width: 40rem)").matches) nav.open = false;
})();`

// output is one output of a cell.
func output(o Output, figures *int) string {
	switch o.Type {
	case "stream":
		t := strings.TrimRight(carriage(ansi.ReplaceAllString(string(o.Text), "")), "\n")
		if t == "" {
			return ""
		}
		class := "out"
		if o.Name == "stderr" {
			class = "out warn"
		}
		return `<pre class="` + class + `">` + html.EscapeString(t) + "</pre>\n"
	case "error":
		t := o.EName + ": " + o.EValue + "\n\n" + strings.Join(o.Traceback, "\n")
		return `<pre class="out err">` + html.EscapeString(ansi.ReplaceAllString(t, "")) + "</pre>\n"
	}
	get := func(mime string) string {
		raw, ok := o.Data[mime]
		if !ok {
			return ""
		}
		var m multiline
		if json.Unmarshal(raw, &m) == nil {
			return string(m)
		}
		return string(raw)
	}
	switch {
	case get(glueType) != "":
		return `<div class="glue">` + html.EscapeString(get("text/plain")) + "</div>\n"
	case get("image/svg+xml") != "":
		*figures++
		return `<div class="out fig">` + unique(get("image/svg+xml"), *figures) + "</div>\n"
	case get("text/html") != "":
		*figures++
		return `<div class="out">` + unique(get("text/html"), *figures) + "</div>\n"
	case get("text/markdown") != "":
		return `<div class="out">` + markdown(get("text/markdown"), nil) + "</div>\n"
	case get("image/png") != "":
		return `<div class="out fig"><img alt="" src="data:image/png;base64,` + strings.Join(strings.Fields(get("image/png")), "") + `"></div>` + "\n"
	case get("text/plain") != "":
		return `<pre class="out">` + html.EscapeString(get("text/plain")) + "</pre>\n"
	}
	return ""
}

var (
	xmlHead = regexp.MustCompile(`(?s)^\s*<\?xml.*?\?>\s*|<!DOCTYPE[^>]*>`)
	idAttr  = regexp.MustCompile(`\bid="([^"]+)"`)
)

// unique gives the ids within a figure a prefix, so that several figures on one
// page do not take each other's clips and gradients.
func unique(s string, n int) string {
	s = xmlHead.ReplaceAllString(s, "")
	for _, m := range idAttr.FindAllStringSubmatch(s, -1) {
		id := m[1]
		if strings.HasPrefix(id, "gxlab-") {
			continue // a widget's own, unique already
		}
		to := fmt.Sprintf("f%d-%s", n, id)
		s = strings.ReplaceAll(s, `id="`+id+`"`, `id="`+to+`"`)
		s = strings.ReplaceAll(s, `url(#`+id+`)`, `url(#`+to+`)`)
		s = strings.ReplaceAll(s, `href="#`+id+`"`, `href="#`+to+`"`)
	}
	return s
}

// carriage keeps of every line what a terminal would show after its carriage
// returns.
func carriage(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, l := range lines {
		if k := strings.LastIndexByte(l, '\r'); k >= 0 {
			lines[i] = l[k+1:]
		}
	}
	return strings.Join(lines, "\n")
}
