package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gxlab/gxlab/datasets"
	"github.com/gxlab/gxlab/gx/fault"
)

// data lists public sets, fetches them, or says where they lie.
func data(ctx context.Context, args []string) error {
	rest, _, err := flags{}.parse("data", args)
	if err != nil {
		return err
	}
	what := "list"
	if len(rest) > 0 {
		what, rest = rest[0], rest[1:]
	}
	if what != "list" && len(rest) == 0 {
		return fault.New("no set is named", "gxlab data "+what, "names as gxlab data list gives them")
	}
	switch what {
	case "list":
		return listData(os.Stdout, rest)
	case "fetch":
		for _, name := range rest {
			if err := fetchData(ctx, name); err != nil {
				return err
			}
		}
		return nil
	case "path":
		for _, name := range rest {
			p, err := publicSet(name)
			if err != nil {
				return err
			}
			paths, err := p.Paths()
			if err != nil {
				return err
			}
			fmt.Println(strings.Join(paths, "\n"))
		}
		return nil
	}
	return fault.New("gxlab data has no "+what, "", "one of list, fetch NAME…, path NAME…")
}

func publicSet(name string) (datasets.Public, error) {
	var names []string
	for _, p := range datasets.Publics() {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return datasets.Public{}, fault.New(fmt.Sprintf("there is no public set %q", name), "gxlab data", "one of "+strings.Join(names, ", "))
}

// listData prints a table of all sets, or all that is known of those named.
func listData(to io.Writer, names []string) error {
	for _, name := range names {
		p, err := publicSet(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(to, "%s\n  %s\n  %s\n  licence: %s\n  %s\n", p.Name, p.What, p.Citation, p.Licence, p.Page)
		paths, err := p.Paths()
		if err != nil {
			return err
		}
		for i, f := range p.Files {
			fmt.Fprintf(to, "  %s\n", strings.Join(append(f.URLs, "→ "+paths[i]), "\n  "))
		}
		if p.Notes != "" {
			fmt.Fprintf(to, "  %s\n", p.Notes)
		}
	}
	if len(names) > 0 {
		return nil
	}
	t := tabwriter.NewWriter(to, 2, 8, 2, ' ', 0)
	fmt.Fprintln(t, "name\there\tsamples × genes\tlicence\twhat it is")
	for _, p := range datasets.Publics() {
		here, size := "", ""
		if p.Here() {
			here = "yes"
		}
		if p.Samples > 0 {
			size = fmt.Sprintf("%d × %d", p.Samples, p.Genes)
		}
		licence, _, _ := strings.Cut(p.Licence, ";")
		if r := []rune(licence); len(r) > 26 {
			licence = string(r[:25]) + "…"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", p.Name, here, size, licence, p.What)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	dir, err := datasets.CacheDir()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(to, "\nThey are kept in %s (GXLAB_CACHE sets another folder). gxlab data list NAME tells all of one.\n", dir)
	return err
}

// fetchData fetches a set, with a line of progress now and then.
func fetchData(ctx context.Context, name string) error {
	var last time.Time
	paths, err := datasets.Fetch(ctx, name, func(what string, done, total int) {
		switch {
		case total == 0:
			logLine("%s", what)
		case time.Since(last) > 2*time.Second:
			last = time.Now()
			logLine("%s: %d %%", what, int(100*float64(done)/float64(total)))
		}
	})
	if err != nil {
		return err
	}
	fmt.Println(strings.Join(paths, "\n"))
	return nil
}
