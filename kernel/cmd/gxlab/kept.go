package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/store"
)

// kept lists, names or removes what is kept.
func kept(_ context.Context, args []string) error {
	rest, _, err := flags{}.parse("kept", args)
	if err != nil {
		return err
	}
	s, err := store.Open()
	if err != nil {
		return err
	}
	what := "list"
	if len(rest) > 0 {
		what, rest = rest[0], rest[1:]
	}
	switch what {
	case "path":
		fmt.Println(s.Dir())
		return nil
	case "list":
		return listKept(os.Stdout, s)
	case "rm":
		if len(rest) == 0 {
			return fault.New("nothing to remove", "gxlab kept rm", "keys as gxlab kept lists them, or all")
		}
		if len(rest) == 1 && rest[0] == "all" {
			all, err := s.List()
			if err != nil {
				return err
			}
			rest = nil
			for _, k := range all {
				rest = append(rest, k.Key)
			}
		}
		for _, k := range rest {
			if err := s.Remove(k); err != nil {
				return err
			}
			fmt.Println("removed", k)
		}
		return nil
	}
	return fault.New("gxlab kept has no "+what, "", "one of list, path, rm")
}

func listKept(out io.Writer, s *store.Store) error {
	all, err := s.List()
	if err != nil {
		return err
	}
	sum := int64(0)
	for _, k := range all {
		sum += k.Bytes
		title := k.Title
		if k.Partial {
			title = "begun, not finished: the next run goes on from here"
		}
		if r := []rune(title); len(r) > 100 {
			title = string(r[:99]) + "…"
		}
		fmt.Fprintf(out, "%-26s %8s  %s  %s\n", k.Key, bytes(k.Bytes), k.Made.Format("2006-01-02 15:04"), strings.ReplaceAll(title, "\n", " "))
	}
	fmt.Fprintf(out, "%d kept, %s, in %s\n", len(all), bytes(sum), s.Dir())
	return nil
}

func bytes(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f kB", float64(n)/(1<<10))
}
