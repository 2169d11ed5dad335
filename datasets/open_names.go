package datasets

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
)

// every is 0 to n−1.
func every(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func indexOf(names []string) map[string]int {
	m := make(map[string]int, len(names))
	for i, n := range names {
		m[n] = i
	}
	return m
}

// unique refuses names that stand twice, are missing or hold line ends.
func unique(names []string, what, path string) error {
	seen := make(map[string]int, len(names))
	first := make(map[string]int, len(names))
	var twice []string
	where := ""
	for i, n := range names {
		if n == "" {
			return fault.New(fmt.Sprintf("%s %d has no name", what, i+1), path, "a name for every "+what)
		}
		if strings.ContainsAny(n, "\n\r") {
			return fault.New(fmt.Sprintf("%s %d has a name with line ends: %q", what, i+1, n), path, "names of one line; is a quotation mark not closed?")
		}
		switch seen[n]++; seen[n] {
		case 1:
			first[n] = i
		case 2:
			if twice = append(twice, n); where == "" {
				where = fmt.Sprintf("%s, %ss %d and %d of %d", path, what, first[n]+1, i+1, len(names))
			}
		}
	}
	if len(twice) > 0 {
		return fault.New(fmt.Sprintf("%s there more than once: %s", howMany(len(twice), what+" stands", what+"s stand"), some(twice)), where, "one line or column for each "+what+", such as the one of highest variance")
	}
	return nil
}

// distinct are names without repeats: the second of a name gets -1, the next -2 and
// so on, as scanpy does, past names that are there already; and a note of them,
// empty where none stood twice.
func distinct(names []string, what string) (out []string, note string) {
	taken := indexOf(names)
	seen := make(map[string]int, len(names))
	var twice []string
	out = make([]string, len(names))
	for i, n := range names {
		out[i] = n
		if _, again := seen[n]; !again {
			seen[n] = 0
			continue
		}
		for {
			seen[n]++
			out[i] = fmt.Sprintf("%s-%d", n, seen[n])
			if _, is := taken[out[i]]; !is {
				break
			}
		}
		taken[out[i]] = i
		twice = append(twice, n)
	}
	if len(twice) > 0 {
		note = fmt.Sprintf("%d %ss have a name that stands there before; they are called %s-1 and so on: %s", len(twice), what, twice[0], some(twice))
	}
	return out, note
}

// howMany is a number of things with what is said of one or of several.
func howMany(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}

// some are the first few names.
func some(names []string) string {
	if len(names) <= 5 {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:5], ", ") + fmt.Sprintf(" and %d more", len(names)-5)
}

// dates are the names that a spreadsheet program has made dates of: 1-Mar, 2-Sep.
func dates(names []string) []string {
	date := regexp.MustCompile(`^(\d{1,2}[-.](Mar|Sep|Dec|Oct|Apr|Feb)|(Mar|Sep|Dec|Oct|Apr|Feb)[-.]\d{1,2})$`)
	var out []string
	for _, n := range names {
		if len(n) <= 6 && date.MatchString(n) {
			out = append(out, n)
		}
	}
	return out
}
