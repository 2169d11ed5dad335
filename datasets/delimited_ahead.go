package datasets

import "io"

// ahead unpacks on a goroutine of its own, some blocks in front of its reader.
type ahead struct {
	full chan block
	free chan []byte
	quit chan struct{}
	done chan struct{}
	rest []byte
	last block
}

type block struct {
	b   []byte
	err error
}

func readAhead(r io.Reader) *ahead {
	const depth, size = 4, 1 << 18
	a := &ahead{full: make(chan block, depth), free: make(chan []byte, depth), quit: make(chan struct{}), done: make(chan struct{})}
	for range depth {
		a.free <- make([]byte, size)
	}
	go func() {
		defer close(a.done)
		for {
			var b []byte
			select {
			case b = <-a.free:
			case <-a.quit:
				return
			}
			n := 0
			var err error
			for b = b[:cap(b)]; n < len(b) && err == nil; {
				var k int
				k, err = r.Read(b[n:])
				n += k
			}
			a.full <- block{b[:n], err} // never more blocks than its room
			if err != nil {
				return
			}
		}
	}()
	return a
}

func (a *ahead) Read(b []byte) (int, error) {
	for len(a.rest) == 0 {
		if a.last.err != nil {
			return 0, a.last.err
		}
		if a.last.b != nil {
			a.free <- a.last.b
		}
		a.last = <-a.full
		a.rest = a.last.b
	}
	n := copy(b, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

// stop ends the goroutine and waits for it.
func (a *ahead) stop() {
	close(a.quit)
	<-a.done
}
