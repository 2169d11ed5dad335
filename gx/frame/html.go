package frame

import (
	"fmt"
	"html"
	"strings"
)

// head is how many rows HTML shows.
const head = 5

// HTML is the table's first rows and its size, for a notebook.
func (t *Table) HTML() (string, error) {
	var b strings.Builder
	cell := func(tag, s string) {
		fmt.Fprintf(&b, "<%s style=\"text-align:left;padding:1px 8px\">%s</%s>", tag, html.EscapeString(s), tag)
	}
	b.WriteString("<table style=\"border-collapse:collapse;font-size:smaller\"><tr>")
	cell("th", "sample")
	for _, n := range t.names {
		cell("th", n)
	}
	b.WriteString("</tr>")
	for i := range min(head, t.Len()) {
		b.WriteString("<tr>")
		cell("td", t.ids[i])
		for _, n := range t.names {
			cell("td", t.cols[n][i])
		}
		b.WriteString("</tr>")
	}
	fmt.Fprintf(&b, "</table><p style=\"font-size:smaller\">%d rows, %d labels", t.Len(), len(t.names))
	if t.Len() > head {
		fmt.Fprintf(&b, "; the first %d shown", head)
	}
	b.WriteString("</p>")
	return b.String(), nil
}
