package runner

import (
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"strings"
)

// Page is the notebook as one HTML page that needs nothing from the network:
// contents, text, figures as SVG, code folded away.
func Page(n *Notebook, name string) []byte {
	var body strings.Builder
	var toc []string
	title := name
	heading := func(level int, text string) string {
		id := fmt.Sprintf("s%d", len(toc)+1)
		if level == 1 && title == name {
			title = text
		}
		toc = append(toc, fmt.Sprintf(`<li class="l%d"><a href="#%s">%s</a></li>`, level, id, html.EscapeString(text)))
		return id
	}
	figures := 0
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
			fmt.Fprintf(&body, "<details class=\"code\"><summary>%s%s</summary><pre><code>%s</code></pre></details>\n", label, html.EscapeString(title2(c)), html.EscapeString(c.Source))
			for _, o := range c.Outputs {
				body.WriteString(output(o, &figures))
			}
		}
	}
	return []byte(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'unsafe-inline'">
<title>` + html.EscapeString(title) + `</title><style>` + style + `</style></head>
<body><nav><details open><summary>Contents</summary><ul>` + strings.Join(toc, "") + `</ul></details></nav>
<main>` + body.String() + `</main></body></html>
`)
}

// title2 is what a folded cell says of itself.
func title2(c *Cell) string {
	t := title(c.Source)
	return strings.TrimSpace(strings.TrimPrefix(t, "//"))
}

const style = `
:root{color-scheme:light}*{box-sizing:border-box}
body{margin:0;font:16px/1.55 system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;color:#1b1b1b;background:#fff}
main{max-width:52rem;margin:0 auto;padding:1rem}
nav{max-width:52rem;margin:0 auto;padding:1rem 1rem 0;font-size:.9rem}nav ul{list-style:none;margin:.3rem 0;padding:0}
nav .l3,nav .l4{padding-left:1.2rem}nav a{color:#0b5394;text-decoration:none}
h1{font-size:1.7rem;line-height:1.25}h2{font-size:1.3rem;margin-top:2rem;border-bottom:1px solid #ddd}h3{font-size:1.1rem}
a{color:#0b5394}code{font:.88em ui-monospace,Menlo,Consolas,monospace;background:#f4f4f4;padding:.05em .25em;border-radius:3px}
pre{overflow-x:auto;background:#f7f7f7;padding:.7rem;border-radius:4px;font:.82rem/1.45 ui-monospace,Menlo,Consolas,monospace}pre code{background:none;padding:0;font:inherit}
details.code{margin:.8rem 0;font-size:.85rem;color:#555}details.code summary{cursor:pointer}
.out{margin:.6rem 0;overflow-x:auto}.out svg{max-width:100%;height:auto}.fig{text-align:center}
.err{background:#fdf0ee;border-left:4px solid #c0392b}.warn{background:#fff8e6}
table{border-collapse:collapse;font-size:.88rem}td,th{border-bottom:1px solid #ddd;padding:.2rem .6rem;text-align:left}.scroll{overflow-x:auto}
blockquote{margin:.5rem 0;padding:.1rem 1rem;border-left:4px solid #ccc;color:#444}
.glue{font:.82rem ui-monospace,Menlo,Consolas,monospace;color:#444;margin:.1rem 0}
@media print{nav,details.code{display:none}}
`

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
