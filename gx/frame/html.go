package frame

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"
)

// head is how many rows HTML and String show, widest how many letters of a value.
const head, widest = 5, 40

// types are what the columns hold and how many of their values are missing.
func (t *Table) types() (what, missing []string) {
	for _, n := range t.names {
		c := t.cols[n]
		seen, empty := map[string]bool{}, 0
		for _, v := range c {
			if v == "" {
				empty++
			} else {
				seen[v] = true
			}
		}
		text := kind(c, len(seen))
		if text == "category" {
			text = fmt.Sprintf("%d values", len(seen))
		}
		what = append(what, text)
		if text = ""; empty > 0 {
			text = fmt.Sprintf("%d missing", empty)
		}
		missing = append(missing, text)
	}
	return what, missing
}

func short(s string) string {
	if utf8.RuneCountInString(s) <= widest {
		return s
	}
	return string([]rune(s)[:widest-1]) + "…"
}

// HTML is the table's first rows for a notebook, with what its columns hold, how many
// values are missing, and its size.
func (t *Table) HTML() (string, error) {
	var b strings.Builder
	cell := func(tag, style, s string) {
		title := ""
		if short(s) != s {
			title = ` title="` + html.EscapeString(s) + `"`
		}
		fmt.Fprintf(&b, "<%s style=\"text-align:left;padding:1px 8px%s\"%s>%s</%s>", tag, style, title, html.EscapeString(short(s)), tag)
	}
	row := func(tag, style, first string, cells func(i int) string) {
		b.WriteString("<tr>")
		cell(tag, style, first)
		for i := range t.names {
			cell(tag, style, cells(i))
		}
		b.WriteString("</tr>")
	}
	what, missing := t.types()
	b.WriteString("<table style=\"border-collapse:collapse;font-size:smaller\">")
	row("th", "", "id", func(i int) string { return t.names[i] })
	row("td", ";color:#777", "", func(i int) string { return what[i] })
	if strings.Join(missing, "") != "" {
		row("td", ";color:#a33", "", func(i int) string { return missing[i] })
	}
	for r := range min(head, t.Len()) {
		row("td", "", t.ids[r], func(i int) string { return t.cols[t.names[i]][r] })
	}
	fmt.Fprintf(&b, "</table><p style=\"font-size:smaller\">%d rows × %d columns", t.Len(), len(t.names))
	if t.Len() > head {
		fmt.Fprintf(&b, "; the first %d shown", head)
	}
	b.WriteString("</p>")
	return b.String(), nil
}

// String is the same as text.
func (t *Table) String() string {
	what, missing := t.types()
	rows := [][]string{append([]string{"id"}, t.names...), append([]string{""}, what...)}
	if strings.Join(missing, "") != "" {
		rows = append(rows, append([]string{""}, missing...))
	}
	for r := range min(head, t.Len()) {
		row := []string{short(t.ids[r])}
		for _, n := range t.names {
			row = append(row, short(t.cols[n][r]))
		}
		rows = append(rows, row)
	}
	width := make([]int, len(t.names)+1)
	for _, r := range rows {
		for i, c := range r {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	var b strings.Builder
	for _, r := range rows {
		var line strings.Builder
		for i, c := range r {
			line.WriteString(c + strings.Repeat(" ", width[i]-utf8.RuneCountInString(c)+2))
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	fmt.Fprintf(&b, "%d rows × %d columns", t.Len(), len(t.names))
	return b.String()
}
