package runner

import (
	"fmt"
	"html"
	"regexp"
	"strings"
)

// markdown turns the Markdown that notebooks use into HTML: headings, lists,
// tables, code, quotes, emphasis, links. Anything else stands as it is written.
// A heading gets the id that heading gives.
func markdown(src string, heading func(level int, text string) (id string)) string {
	var b strings.Builder
	lines := strings.Split(strings.ReplaceAll(src, "\r\n", "\n"), "\n")
	for i := 0; i < len(lines); {
		l := lines[i]
		t := strings.TrimSpace(l)
		switch {
		case t == "":
			i++
		case strings.HasPrefix(t, "```"):
			i++
			var code []string
			for ; i < len(lines) && !strings.HasPrefix(strings.TrimSpace(lines[i]), "```"); i++ {
				code = append(code, lines[i])
			}
			i++
			b.WriteString("<pre><code>" + html.EscapeString(strings.Join(code, "\n")) + "</code></pre>\n")
		case headLevel(t) > 0:
			n := headLevel(t)
			text := strings.TrimSpace(t[n:])
			id := ""
			if heading != nil {
				id = heading(n, plainText(text))
			}
			fmt.Fprintf(&b, "<h%d id=\"%s\">%s</h%d>\n", n, id, inline(text), n)
			i++
		case strings.HasPrefix(t, ">"):
			var q []string
			for ; i < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[i]), ">"); i++ {
				q = append(q, strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(lines[i]), ">"), " "))
			}
			b.WriteString("<blockquote>" + markdown(strings.Join(q, "\n"), nil) + "</blockquote>\n")
		case item(t) != "":
			tag := item(t)
			b.WriteString("<" + tag + ">\n")
			for i < len(lines) && item(strings.TrimSpace(lines[i])) == tag {
				text := marker.ReplaceAllString(strings.TrimSpace(lines[i]), "")
				i++
				for i < len(lines) && strings.HasPrefix(lines[i], "  ") && item(strings.TrimSpace(lines[i])) == "" {
					text += " " + strings.TrimSpace(lines[i])
					i++
				}
				b.WriteString("<li>" + inline(text) + "</li>\n")
			}
			b.WriteString("</" + tag + ">\n")
		case strings.HasPrefix(t, "|") && i+1 < len(lines) && rule.MatchString(strings.TrimSpace(lines[i+1])):
			b.WriteString("<div class=\"scroll\"><table>\n" + row("th", t))
			for i += 2; i < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[i]), "|"); i++ {
				b.WriteString(row("td", strings.TrimSpace(lines[i])))
			}
			b.WriteString("</table></div>\n")
		default:
			var p []string
			for ; i < len(lines); i++ {
				u := strings.TrimSpace(lines[i])
				if u == "" || headLevel(u) > 0 || strings.HasPrefix(u, "```") || len(p) > 0 && item(u) != "" {
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
	rule   = regexp.MustCompile(`^\|?[ :|-]+\|?$`)
	codeRE = regexp.MustCompile("`([^`]+)`")
	bold   = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	italic = regexp.MustCompile(`(^|[\s(])[*_]([^*_\s][^*_]*)[*_]`)
	link   = regexp.MustCompile(`\[([^\]]+)\]\(([^)\s]+)\)`)
	maths  = regexp.MustCompile(`\$([^$\n]+)\$`)
)

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
	case m == "":
		return ""
	case m[0] >= '0' && m[0] <= '9':
		return "ol"
	}
	return "ul"
}

func row(tag, line string) string {
	var b strings.Builder
	b.WriteString("<tr>")
	for _, c := range strings.Split(strings.Trim(line, "|"), "|") {
		fmt.Fprintf(&b, "<%s>%s</%s>", tag, inline(strings.TrimSpace(c)), tag)
	}
	b.WriteString("</tr>\n")
	return b.String()
}

// inline formats text within a paragraph. Code is taken out first, so that
// nothing within it is read as formatting.
func inline(s string) string {
	var held []string
	hold := func(h string) string {
		held = append(held, h)
		return fmt.Sprintf("\x00%d\x00", len(held)-1)
	}
	s = codeRE.ReplaceAllStringFunc(s, func(m string) string { return hold("<code>" + html.EscapeString(m[1:len(m)-1]) + "</code>") })
	s = maths.ReplaceAllStringFunc(s, func(m string) string { return hold("<i>" + html.EscapeString(m[1:len(m)-1]) + "</i>") })
	s = html.EscapeString(s)
	s = link.ReplaceAllStringFunc(s, func(m string) string {
		p := link.FindStringSubmatch(m)
		if !strings.HasPrefix(p[2], "http") && !strings.HasPrefix(p[2], "#") && strings.Contains(p[2], ":") {
			return p[1]
		}
		return `<a href="` + p[2] + `">` + p[1] + `</a>`
	})
	s = bold.ReplaceAllString(s, "<b>$1</b>")
	s = italic.ReplaceAllString(s, "$1<i>$2</i>")
	for i, h := range held {
		s = strings.ReplaceAll(s, fmt.Sprintf("\x00%d\x00", i), h)
	}
	return s
}

func plainText(s string) string {
	s = link.ReplaceAllString(s, "$1")
	return strings.NewReplacer("`", "", "**", "", "*", "", "$", "").Replace(s)
}
