package jupyter

import (
	"context"
	"encoding/binary"
	"net"
	"sync"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/transport"
)

// A kernel welcomes each subscriber of IOPub by a message, from which on the
// subscriber misses nothing (JEP 65). ZeroMQ's XPUB socket tells of
// subscriptions; the library's does not, so they are read off the wire on their
// way to it: a transport of our own under the publisher's socket.

const heardTCP = "tcp-heard"

// listeners are who hears of the subscriptions at an address.
var listeners sync.Map // address → func(topic string)

var registerHeard = sync.OnceValue(func() error {
	return zmq4.RegisterTransport(heardTCP, hearing{transport.New("tcp")})
})

type hearing struct{ transport.Transport }

func (h hearing) Listen(ctx context.Context, addr string) (net.Listener, error) {
	l, err := h.Transport.Listen(ctx, addr)
	if err != nil {
		return nil, err
	}
	if tell, ok := listeners.LoadAndDelete(addr); ok {
		return hearingListener{l, tell.(func(string))}, nil
	}
	return l, nil
}

type hearingListener struct {
	net.Listener
	tell func(topic string)
}

func (l hearingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &hearingConn{Conn: c, tell: l.tell, skip: greeting}, nil
}

// greeting is the length of what ZMTP 3 begins a connection with.
const greeting = 64

// hearingConn follows ZMTP's frames: a byte of flags, a length of one byte or
// eight, and a body. The connection has taken a frame in when it reads on.
type hearingConn struct {
	net.Conn
	tell  func(topic string)
	skip  int    // bytes to go of what is of no interest
	head  []byte // of a frame, as far as it is read
	size  int    // of the frame's body
	body  []byte
	inner bool     // head is complete
	heard []string // subscriptions that the connection is about to take in
}

func (c *hearingConn) Read(p []byte) (int, error) {
	for _, t := range c.heard {
		c.tell(t)
	}
	c.heard = nil
	n, err := c.Conn.Read(p)
	for _, b := range p[:n] {
		c.next(b)
	}
	return n, err
}

// next takes one byte in.
func (c *hearingConn) next(b byte) {
	if c.skip > 0 {
		c.skip--
		return
	}
	if !c.inner {
		c.head = append(c.head, b)
		long := c.head[0]&2 != 0
		switch {
		case !long && len(c.head) == 2:
			c.size = int(c.head[1])
		case long && len(c.head) == 9:
			c.size = int(min(binary.BigEndian.Uint64(c.head[1:]), 1<<31))
		default:
			return
		}
		c.inner = true
	} else {
		c.body = append(c.body, b)
	}
	if len(c.body) < c.size {
		return
	}
	if command := c.head[0]&4 != 0; !command && len(c.body) > 0 && c.body[0] == 1 {
		c.heard = append(c.heard, string(c.body[1:]))
	}
	c.head, c.body, c.inner = c.head[:0], c.body[:0], false
}

// welcome greets a subscriber of a topic.
func (s *Server) welcome(topic string) {
	m, err := NewMessage(s.session, "iopub_welcome", map[string]string{"subscription": topic})
	if err != nil {
		return
	}
	m.Identities = [][]byte{[]byte(topic)}
	if topic == "" {
		m.Identities = [][]byte{[]byte("kernel.iopub_welcome")}
	}
	_ = s.sendAs(IOPub, m) // who has just come may be gone
}
