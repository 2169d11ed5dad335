// Package fault holds the one form of error that users of gxlab read: what went
// wrong, where, and what to try.
package fault

import (
	"errors"
	"strings"
)

// Error says what went wrong, where (a file and row, a cell line, a step of a
// recipe) and what to try. Where and Try may be empty; Err is the cause, if any.
type Error struct {
	What, Where, Try string
	Err              error
}

// New makes an error from its three parts.
func New(what, where, try string) error { return &Error{What: what, Where: where, Try: try} }

// Wrap makes an error from its three parts and keeps the cause, which
// errors.Is and errors.As still find. The cause's text is part of the message.
func Wrap(err error, what, where, try string) error {
	return &Error{What: what, Where: where, Try: try, Err: err}
}

// Error is the message on one to three lines: what, "  at " where, "  try " try.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.What)
	if e.Err != nil {
		if e.What != "" {
			b.WriteString(": ")
		}
		b.WriteString(e.Err.Error())
	}
	if e.Where != "" {
		b.WriteString("\n  at ")
		b.WriteString(e.Where)
	}
	if e.Try != "" {
		b.WriteString("\n  try ")
		b.WriteString(e.Try)
	}
	return b.String()
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// At gives err a place if it has none yet. An error of another kind is wrapped.
func At(err error, where string) error {
	if err == nil || where == "" {
		return err
	}
	var f *Error
	if errors.As(err, &f) {
		if f.Where != "" {
			return err
		}
		g := *f
		g.Where = where
		return &g
	}
	return &Error{Where: where, Err: err}
}

// In puts a step's name before what went wrong in it, and gives the error a place
// if it has none yet.
func In(err error, step, where string) error {
	if err == nil {
		return nil
	}
	g := Error{Err: err}
	var f *Error
	if errors.As(err, &f) {
		g = *f
	}
	if g.What == "" {
		g.What = step
	} else {
		g.What = step + ": " + g.What
	}
	if g.Where == "" {
		g.Where = where
	}
	return &g
}

// Summary is what went wrong in one line, without place and advice.
func Summary(err error) string {
	var f *Error
	if errors.As(err, &f) && f.What != "" {
		return f.What
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
