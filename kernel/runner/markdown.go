package runner

import (
	"fmt"
	"html"
	"regexp"
	"strings"
)

// markdown turns the Markdown that notebooks use into HTML: headings, lists within
// lists, tables, code, quotes, rules, emphasis, links, pictures that are inside the
// text. Maths stays as it is written, in italics. Anything else, HTML too, stands as
// text. A heading gets the id that heading gives.
func markdown(src string, heading func(level int, text string) (id string)) string {
	var b strings.Builder
	lines := strings.Split(strings.ReplaceAll(src, "\r\n", "\n"), "\n")
	for i := 0; i < len(lines); {
		t := strings.TrimSpace(lines[i])
		switch {
		case t == "":
			i++
		case fence(t) != "":
			mark := fence(t)
			i++
			var code []string
			for ; i < len(lines) && !strings.HasPrefix(strings.TrimSpace(lines[i]), mark); i++ {
				code = append(code, lines[i])
			}
			i++
			b.WriteString("<pre><code>" + html.EscapeString(strings.Join(code, "\n")) + "</code></pre>\n")
		case strings.HasPrefix(t, "$$"):
			text := t[2:]
			i++
			for ; !strings.Contains(text, "$$") && i < len(lines); i++ {
				text += "\n" + lines[i]
			}
			formula, rest, _ := strings.Cut(text, "$$")
			b.WriteString(`<div class="maths">` + html.EscapeString(strings.TrimSpace(formula)) + "</div>\n")
			if rest = strings.TrimSpace(rest); rest != "" {
				b.WriteString("<p>" + inline(rest) + "</p>\n")
			}
		case headLevel(t) > 0:
			n := headLevel(t)
			text := strings.TrimSpace(strings.TrimRight(t[n:], "#"))
			id := ""
			if heading != nil {
				id = fmt.Sprintf(` id="%s"`, heading(n, plainText(text)))
			}
			fmt.Fprintf(&b, "<h%d%s>%s</h%d>\n", n, id, inline(text), n)
			i++
		case ruler.MatchString(t):
			b.WriteString("<hr>\n")
			i++
		case strings.HasPrefix(t, ">"):
			var q []string
			for ; i < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[i]), ">"); i++ {
				q = append(q, strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(lines[i]), ">"), " "))
			}
			b.WriteString("<blockquote>" + markdown(strings.Join(q, "\n"), nil) + "</blockquote>\n")
		case item(t) != "":
			var list string
			list, i = listAt(lines, i)
			b.WriteString(list)
		case table(lines, i):
			var rows string
			rows, i = tableAt(lines, i)
			b.WriteString(rows)
		default:
			var p []string
			for ; i < len(lines); i++ {
				u := strings.TrimSpace(lines[i])
				if u == "" || len(p) > 0 && (headLevel(u) > 0 || fence(u) != "" || item(u) != "" || strings.HasPrefix(u, "$$") || strings.HasPrefix(u, ">") || table(lines, i)) {
					break
				}
				p = append(p, u)
			}
			b.WriteString("<p>" + inline(strings.Join(p, "\n")) + "</p>\n")
		}
	}
	return b.String()
}

var (
	marker = regexp.MustCompile(`^([-*+]|\d+[.)]) +`)
	ruler  = regexp.MustCompile(`^(\*\s*){3,}$|^(-\s*){3,}$|^(_\s*){3,}$`)
	rule   = regexp.MustCompile(`^\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?$`)
	ticks  = regexp.MustCompile("`+")
	bold   = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	italic = regexp.MustCompile(`(^|[\s(])[*_]([^*_\s][^*_]*)[*_]`)
	image  = regexp.MustCompile(`!\[([^\]]*)\]\(([^)\s]+)[^)]*\)`)
	link   = regexp.MustCompile(`\[([^\]]+)\]\(([^)\s]+)\)`)
	auto   = regexp.MustCompile(`&lt;(https?://[^\s&]+)&gt;`)
	maths  = regexp.MustCompile(`\$\$?([^\s$](?:[^$\n]*[^\s$])?)\$\$?`)
)

// fence is what begins, and then ends, a block of code.
func fence(t string) string {
	for _, m := range [...]string{"```", "~~~"} {
		if strings.HasPrefix(t, m) {
			return m
		}
	}
	return ""
}

func headLevel(t string) int {
	n := len(t) - len(strings.TrimLeft(t, "#"))
	if n >= 1 && n <= 6 && len(t) > n && t[n] == ' ' {
		return n
	}
	return 0
}

func item(t string) string {
	m := marker.FindString(t)
	switch {
	case m == "" || ruler.MatchString(t):
		return ""
	case m[0] >= '0' && m[0] <= '9':
		return "ol"
	}
	return "ul"
}

func indent(l string) int { return len(l) - len(strings.TrimLeft(l, " ")) }

// listAt is the list that begins at line i, with the lists within it, and the line
// after it.
func listAt(lines []string, i int) (string, int) {
	tag, in := item(strings.TrimSpace(lines[i])), indent(lines[i])
	var b strings.Builder
	b.WriteString("<" + tag + ">\n")
	for i < len(lines) && item(strings.TrimSpace(lines[i])) == tag && indent(lines[i]) <= in+1 {
		first := marker.ReplaceAllString(strings.TrimSpace(lines[i]), "")
		i++
		var rest []string
		for i < len(lines) {
			t := strings.TrimSpace(lines[i])
			if t == "" && (i+1 >= len(lines) || indent(lines[i+1]) < in+2) || t != "" && indent(lines[i]) < in+2 {
				break
			}
			if len(rest) == 0 && t != "" && item(t) == "" && fence(t) == "" {
				first += " " + t
			} else {
				rest = append(rest, lines[i][min(in+2, indent(lines[i])):])
			}
			i++
		}
		b.WriteString("<li>" + inline(first))
		if len(rest) > 0 {
			b.WriteString("\n" + markdown(strings.Join(rest, "\n"), nil))
		}
		b.WriteString("</li>\n")
		for i+1 < len(lines) && strings.TrimSpace(lines[i]) == "" && item(strings.TrimSpace(lines[i+1])) == tag && indent(lines[i+1]) <= in+1 {
			i++ // an empty line between items
		}
	}
	b.WriteString("</" + tag + ">\n")
	return b.String(), i
}

// table says whether a table begins at line i: a row, and below it a line of dashes.
func table(lines []string, i int) bool {
	return i+1 < len(lines) && strings.Contains(lines[i], "|") && strings.Contains(lines[i+1], "|") && strings.Contains(lines[i+1], "-") && rule.MatchString(strings.TrimSpace(lines[i+1]))
}

func tableAt(lines []string, i int) (string, int) {
	var how []string
	for _, c := range cells(lines[i+1]) {
		switch left, right := strings.HasPrefix(c, ":"), strings.HasSuffix(c, ":"); {
		case left && right:
			how = append(how, ` style="text-align:center"`)
		case right:
			how = append(how, ` style="text-align:right"`)
		default:
			how = append(how, "")
		}
	}
	row := func(tag, line string) string {
		var b strings.Builder
		cs := cells(line)
		for k := range how {
			c := ""
			if k < len(cs) {
				c = cs[k]
			}
			fmt.Fprintf(&b, "<%s%s>%s</%s>", tag, how[k], inline(c), tag)
		}
		return "<tr>" + b.String() + "</tr>\n"
	}
	var b strings.Builder
	b.WriteString("<div class=\"scroll\"><table>\n<thead>" + row("th", lines[i]) + "</thead>\n<tbody>\n")
	for i += 2; i < len(lines) && strings.Contains(lines[i], "|"); i++ {
		b.WriteString(row("td", lines[i]))
	}
	b.WriteString("</tbody></table></div>\n")
	return b.String(), i
}

// cells are a row's, split at pipes that are neither escaped nor within code.
func cells(line string) []string {
	line = strings.TrimSpace(line)
	line = strings.TrimPrefix(line, "|")
	if strings.HasSuffix(line, "|") && !strings.HasSuffix(line, `\|`) {
		line = strings.TrimSuffix(line, "|")
	}
	var out []string
	var cell strings.Builder
	code := false
	for k := 0; k < len(line); k++ {
		switch c := line[k]; {
		case c == '\\' && k+1 < len(line) && line[k+1] == '|':
			cell.WriteByte('|')
			k++
		case c == '|' && !code:
			out = append(out, strings.TrimSpace(cell.String()))
			cell.Reset()
		default:
			if c == '`' && (code || strings.Contains(line[k+1:], "`")) {
				code = !code
			}
			cell.WriteByte(c)
		}
	}
	return append(out, strings.TrimSpace(cell.String()))
}

// inline formats text within a paragraph. Code, maths and pictures are taken out
// first, so that nothing within them is read as formatting.
func inline(s string) string {
	s = strings.ReplaceAll(s, "\x00", "�")
	var held []string
	hold := func(h string) string {
		held = append(held, h)
		return fmt.Sprintf("\x00%d\x00", len(held)-1)
	}
	s = code(s, hold)
	s = strings.ReplaceAll(s, `\$`, hold("$"))
	s = formulas(s, hold)
	s = image.ReplaceAllStringFunc(s, func(m string) string {
		p := image.FindStringSubmatch(m)
		switch alt := html.EscapeString(p[1]); {
		case inside.MatchString(p[2]):
			return hold(`<img alt="` + alt + `" src="` + html.EscapeString(p[2]) + `">`)
		case strings.HasPrefix(p[2], "http://"), strings.HasPrefix(p[2], "https://"): // not fetched
			return hold(`<a href="` + html.EscapeString(p[2]) + `">` + alt + `</a>`)
		default:
			return hold("<i>" + alt + "</i>")
		}
	})
	s = html.EscapeString(s)
	s = link.ReplaceAllStringFunc(s, func(m string) string {
		p := link.FindStringSubmatch(m)
		if !strings.HasPrefix(p[2], "https://") && !strings.HasPrefix(p[2], "http://") && !strings.HasPrefix(p[2], "mailto:") && !strings.HasPrefix(p[2], "#") && strings.Contains(p[2], ":") {
			return p[1]
		}
		return hold(`<a href="`+p[2]+`">`) + p[1] + "</a>"
	})
	s = auto.ReplaceAllStringFunc(s, func(m string) string {
		u := auto.FindStringSubmatch(m)[1]
		return hold(`<a href="` + u + `">` + u + "</a>")
	})
	s = bold.ReplaceAllString(s, "<b>$1</b>")
	s = italic.ReplaceAllString(s, "$1<i>$2</i>")
	for i := len(held) - 1; i >= 0; i-- { // what is held may hold what was held before
		s = strings.ReplaceAll(s, fmt.Sprintf("\x00%d\x00", i), held[i])
	}
	return s
}

// code takes out what stands between as many backquotes as begin it.
func code(s string, hold func(string) string) string {
	var b strings.Builder
	for {
		m := ticks.FindStringIndex(s)
		if m == nil {
			b.WriteString(s)
			return b.String()
		}
		end := -1
		for _, n := range ticks.FindAllStringIndex(s[m[1]:], -1) {
			if n[1]-n[0] == m[1]-m[0] {
				end = m[1] + n[0]
				break
			}
		}
		if end < 0 {
			b.WriteString(s[:m[1]])
			s = s[m[1]:]
			continue
		}
		b.WriteString(s[:m[0]] + hold("<code>"+html.EscapeString(strings.TrimSpace(s[m[1]:end]))+"</code>"))
		s = s[end+m[1]-m[0]:]
	}
}

// inside is a picture that the text carries.
var inside = regexp.MustCompile(`^data:image/(png|jpeg|gif|webp|svg\+xml)[;,]`)

// formulas takes maths out: between dollar signs with no space inside them, the last
// one not before a digit, so that prices are no formulas.
func formulas(s string, hold func(string) string) string {
	var b strings.Builder
	for {
		m := maths.FindStringSubmatchIndex(s)
		if m == nil {
			b.WriteString(s)
			return b.String()
		}
		if m[1] < len(s) && s[m[1]] >= '0' && s[m[1]] <= '9' {
			b.WriteString(s[:m[0]+1])
			s = s[m[0]+1:]
			continue
		}
		b.WriteString(s[:m[0]] + hold("<i>"+html.EscapeString(s[m[2]:m[3]])+"</i>"))
		s = s[m[1]:]
	}
}

func plainText(s string) string {
	s = image.ReplaceAllString(s, "$1")
	s = link.ReplaceAllString(s, "$1")
	return strings.NewReplacer("`", "", "**", "", "*", "", "$", "").Replace(s)
}
