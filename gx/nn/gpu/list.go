package gpu

import (
	"errors"
	"fmt"
	"strings"
)

// List is a launch list: the kernels and products of a step, in the order in which
// they were added, over memory that is there already. Run puts them all into the
// stream; the first time it has the device find the fastest algorithm for every
// product and captures the whole as a graph, which is then one launch.
//
// Work between Beside and the next Join may run at the same time as what is added
// between the two; it sees all that was added before Beside.
type List struct {
	d          Driver
	main, side Stream
	forks      []Event
	work       []launch
	aside      bool // what is added goes beside
	forked     bool // something does since the last Join
	graph      Graph
	ready      bool
	plain      bool // the driver has no graphs
	err        error
}

// launch is one entry: a kernel, a product, or a mark.
type launch struct {
	kernel  string
	args    []Arg
	product MatMul
	aside   bool
	mark    mark
}

type mark uint8

const (
	noMark mark = iota
	fork
	join
)

// NewList is an empty list for a stream; side is a second one for what runs beside.
func NewList(d Driver, main, side Stream) *List { return &List{d: d, main: main, side: side} }

// Kernel adds a kernel with its arguments, as kernels.cu declares them.
func (l *List) Kernel(name string, args ...Arg) {
	if k, ok := KernelNamed(name); !ok {
		l.fail(fmt.Errorf("there is no kernel %s", name))
	} else if err := k.Check(args); err != nil {
		l.fail(err)
	}
	l.work = append(l.work, launch{kernel: name, args: args, aside: l.aside})
}

// MatMul adds a product.
func (l *List) MatMul(m MatMul) {
	if err := m.check(l.d.Info()); err != nil {
		l.fail(err)
	}
	l.work = append(l.work, launch{product: m, aside: l.aside})
}

// Beside adds what add adds so that it may run beside what is added after it, until
// Join.
func (l *List) Beside(add func()) {
	l.work = append(l.work, launch{mark: fork})
	l.aside, l.forked = true, true
	add()
	l.aside = false
}

// Join lets what is added from now on see all that runs beside.
func (l *List) Join() {
	if l.forked {
		l.work = append(l.work, launch{mark: join})
	}
	l.forked = false
}

func (l *List) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

// Run puts the list's work into its stream once.
func (l *List) Run() error {
	if !l.ready {
		if err := l.prepare(); err != nil {
			return err
		}
		l.ready = true
	}
	if l.plain {
		return l.put()
	}
	return l.d.Launch(l.graph, l.main)
}

// prepare finds algorithms and captures the graph.
func (l *List) prepare() error {
	if l.err != nil {
		return l.err
	}
	if err := l.d.Sync(l.main); err != nil {
		return err
	}
	for _, w := range l.work {
		if w.kernel == "" && w.mark == noMark {
			if err := l.d.Prepare(w.product, l.stream(w)); err != nil {
				return err
			}
		}
	}
	if err := l.d.Sync(l.side); err != nil {
		return err
	}
	for _, w := range l.work {
		if w.mark != noMark {
			e, err := l.d.NewEvent()
			if err != nil {
				return err
			}
			l.forks = append(l.forks, e)
		}
	}
	err := l.d.BeginCapture(l.main)
	if errors.Is(err, errors.ErrUnsupported) {
		l.plain = true
		return nil
	}
	if err != nil {
		return err
	}
	err = l.put()
	g, end := l.d.EndCapture(l.main)
	if err = errors.Join(err, end); err != nil {
		return err
	}
	l.graph = g
	return nil
}

// stream is where an entry runs.
func (l *List) stream(w launch) Stream {
	if w.aside {
		return l.side
	}
	return l.main
}

// put puts the entries into the streams, one after the other.
func (l *List) put() error {
	events := l.forks
	for _, w := range l.work {
		s := l.stream(w)
		var err error
		switch {
		case w.mark == fork:
			err = l.order(events[0], l.main, l.side)
			events = events[1:]
		case w.mark == join:
			err = l.order(events[0], l.side, l.main)
			events = events[1:]
		case w.kernel != "":
			err = l.d.Kernel(w.kernel, s, w.args...)
		default:
			err = l.d.MatMul(w.product, s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// order lets one stream wait for what is in another by now.
func (l *List) order(e Event, from, to Stream) error {
	if err := l.d.Record(e, from); err != nil {
		return err
	}
	return l.d.Wait(to, e)
}

// String is the list, one entry a line; what runs beside is indented.
func (l *List) String() string {
	var b strings.Builder
	for _, w := range l.work {
		c := Call{Op: "Kernel", Kernel: w.kernel, Args: w.args}
		switch {
		case w.mark == fork:
			continue
		case w.mark == join:
			b.WriteString("join\n")
			continue
		case w.kernel == "":
			c = Call{Op: "MatMul", MatMul: w.product}
		}
		if w.aside {
			b.WriteString("  ")
		}
		b.WriteString(c.String() + "\n")
	}
	return b.String()
}

// Close gives the graph and events back.
func (l *List) Close() error {
	var errs []error
	if l.graph != 0 {
		errs = append(errs, l.d.FreeGraph(l.graph))
	}
	for _, e := range l.forks {
		errs = append(errs, l.d.FreeEvent(e))
	}
	l.graph, l.forks = 0, nil
	return errors.Join(errs...)
}
