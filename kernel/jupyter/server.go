package jupyter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"strings"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/transport"
)

// Channel is one of a kernel's sockets that carry messages.
type Channel int

// The channels of a kernel. Requests come on Shell and Control, answers to a
// kernel's question on Stdin; IOPub only publishes.
const (
	Shell Channel = iota
	Control
	Stdin
	IOPub
)

func (c Channel) String() string { return [...]string{"shell", "control", "stdin", "iopub"}[c] }

// A Server is the kernel's side of the protocol: the five sockets of a connection
// file. The heartbeat answers by itself.
type Server struct {
	conn    Connection
	session string
	cancel  context.CancelFunc
	sockets [4]zmq4.Socket
	beat    zmq4.Socket
	locks   [4]sync.Mutex
	wg      sync.WaitGroup
	closed  sync.Once
	quiet   bool // set under the lock of IOPub once the sockets are closed
}

// Listen binds the sockets of a connection file and hands every request to
// handle, one after the other on each channel. What is not signed with the
// connection's key is dropped.
func Listen(conn Connection, handle func(Channel, Message)) (*Server, error) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{conn: conn, session: newID(), cancel: cancel}
	quiet := zmq4.WithLogger(log.New(io.Discard, "", 0)) // who only looks whether a port is open is no news
	s.sockets = [4]zmq4.Socket{zmq4.NewRouter(ctx, quiet), zmq4.NewRouter(ctx, quiet), zmq4.NewRouter(ctx, quiet), zmq4.NewPub(ctx, quiet)}
	s.beat = zmq4.NewRouter(ctx, quiet) // it echoes the whole envelope, so several clients may ask at once
	for c, port := range []int{conn.Shell, conn.Control, conn.Stdin, conn.IOPub} {
		address := conn.address(port)
		if Channel(c) == IOPub && conn.Transport == "tcp" && registerHeard() == nil {
			plain, err := transport.New("tcp").Addr(strings.TrimPrefix(address, "tcp://"))
			if err == nil {
				listeners.Store(plain, s.welcome)
				address = heardTCP + "://" + plain
			}
		}
		if err := s.sockets[c].Listen(address); err != nil {
			s.Close()
			return nil, fmt.Errorf("the %s socket: %w", Channel(c), err)
		}
	}
	if err := s.beat.Listen(conn.address(conn.Heartbeat)); err != nil {
		s.Close()
		return nil, fmt.Errorf("the heartbeat socket: %w", err)
	}
	s.wg.Go(func() {
		for {
			m, err := s.beat.Recv()
			if err != nil {
				if ctx.Err() != nil {
					return
				}
				continue
			}
			_ = s.beat.SendMulti(m) // who asked may be gone
		}
	})
	for _, c := range []Channel{Shell, Control, Stdin} {
		s.wg.Go(func() {
			for {
				raw, err := s.sockets[c].Recv()
				if err != nil {
					if ctx.Err() != nil {
						return
					}
					continue
				}
				if m, err := Decode(raw.Frames, conn.Key); err == nil {
					handle(c, m)
				}
			}
		})
	}
	return s, nil
}

// Reply answers a request on the channel that it came from.
func (s *Server) Reply(c Channel, to Message, typ string, content any) error {
	m, err := NewMessage(s.session, typ, content)
	if err != nil {
		return err
	}
	m.Parent, m.Identities = to.Header, to.Identities
	return s.Send(c, m)
}

// Publish tells every client something that belongs to parent.
func (s *Server) Publish(parent Header, typ string, content any) error {
	m, err := NewMessage(s.session, typ, content)
	if err != nil {
		return err
	}
	m.Parent = parent
	return s.Send(IOPub, m)
}

// Send sends a message as it is; on IOPub its type becomes its topic.
func (s *Server) Send(c Channel, m Message) error {
	if c == IOPub {
		m.Identities = [][]byte{[]byte("kernel." + m.Header.Type)}
	}
	return s.sendAs(c, m)
}

func (s *Server) sendAs(c Channel, m Message) error {
	frames, err := m.Encode(s.conn.Key)
	if err != nil {
		return err
	}
	s.locks[c].Lock()
	defer s.locks[c].Unlock()
	if c == IOPub && s.quiet {
		return errClosed
	}
	return s.sockets[c].SendMulti(zmq4.NewMsgFrom(frames...))
}

var errClosed = errors.New("the kernel's sockets are closed")

// Session is the session that the server's messages carry.
func (s *Server) Session() string { return s.session }

// Close gives what was published a moment to leave and closes the sockets.
func (s *Server) Close() {
	s.closed.Do(func() {
		time.Sleep(50 * time.Millisecond)
		s.locks[IOPub].Lock()
		s.quiet = true // the publisher's writer hangs once it is closed
		s.locks[IOPub].Unlock()
		s.cancel()
		for _, k := range append(s.sockets[:], s.beat) {
			if k != nil {
				_ = k.Close() // it is going away
			}
		}
	})
}

// ReplyType is the type of the answer to a type of request.
func ReplyType(request string) string { return strings.TrimSuffix(request, "_request") + "_reply" }

// Field reads one field of a message's content, and false where it is not there
// or of another type.
func Field[T any](m Message, name string) (T, bool) {
	var v T
	var all map[string]json.RawMessage
	if json.Unmarshal(m.Content, &all) != nil || all[name] == nil {
		return v, false
	}
	return v, json.Unmarshal(all[name], &v) == nil
}
