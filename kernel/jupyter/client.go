package jupyter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
)

// A Client runs code in a kernel, one request at a time.
type Client struct {
	conn    Connection
	session string
	cancel  context.CancelFunc
	shell   zmq4.Socket
	control zmq4.Socket
	stdin   zmq4.Socket
	sub     zmq4.Socket
	send    sync.Mutex
	replies chan Message
	pub     chan Message
	inputs  chan Message
	wg      sync.WaitGroup
}

// Dial connects to a kernel and waits until it answers, or until ctx ends.
func Dial(ctx context.Context, conn Connection) (*Client, error) {
	inner, cancel := context.WithCancel(context.Background())
	c := &Client{conn: conn, session: newID(), cancel: cancel, replies: make(chan Message, 64), pub: make(chan Message, 4096), inputs: make(chan Message, 16)}
	id := zmq4.WithID(zmq4.SocketIdentity(c.session))
	once := zmq4.WithDialerMaxRetries(0) // trying again is the loop's part, which knows ctx
	c.shell, c.control, c.stdin, c.sub = zmq4.NewDealer(inner, id, once), zmq4.NewDealer(inner, id, once), zmq4.NewDealer(inner, id, once), zmq4.NewSub(inner, once)
	for _, s := range []struct {
		s    zmq4.Socket
		port int
	}{{c.shell, conn.Shell}, {c.control, conn.Control}, {c.stdin, conn.Stdin}, {c.sub, conn.IOPub}} {
		for {
			err := s.s.Dial(conn.address(s.port))
			if err == nil {
				break
			}
			select {
			case <-ctx.Done():
				c.Close()
				return nil, fmt.Errorf("the kernel does not answer: %w (%v)", ctx.Err(), err)
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	if err := c.sub.SetOption(zmq4.OptionSubscribe, ""); err != nil {
		c.Close()
		return nil, err
	}
	c.listen(c.shell, c.replies)
	c.listen(c.control, c.replies)
	c.listen(c.stdin, c.inputs)
	c.listen(c.sub, c.pub)
	// A subscription takes a moment to reach the kernel: ask until a status comes
	// through on it too.
	for {
		m, err := c.request(c.shell, "kernel_info_request", struct{}{})
		if err != nil {
			c.Close()
			return nil, err
		}
		wait := time.After(300 * time.Millisecond)
		answered, heard := false, false
	asking:
		for !(answered && heard) {
			select {
			case r := <-c.replies:
				answered = answered || r.Parent.ID == m.Header.ID
			case p := <-c.pub:
				heard = heard || p.Header.Type == "status"
			case <-wait:
				break asking
			case <-ctx.Done():
				c.Close()
				return nil, fmt.Errorf("the kernel does not answer: %w", ctx.Err())
			}
		}
		if answered && heard {
			return c, nil
		}
	}
}

func (c *Client) listen(s zmq4.Socket, to chan<- Message) {
	c.wg.Go(func() {
		for {
			raw, err := s.Recv()
			if err != nil {
				return
			}
			if m, err := Decode(raw.Frames, c.conn.Key); err == nil {
				to <- m
			}
		}
	})
}

func (c *Client) request(s zmq4.Socket, typ string, content any) (Message, error) {
	m, err := NewMessage(c.session, typ, content)
	if err != nil {
		return m, err
	}
	return m, c.sendOn(s, m)
}

func (c *Client) sendOn(s zmq4.Socket, m Message) error {
	frames, err := m.Encode(c.conn.Key)
	if err != nil {
		return err
	}
	c.send.Lock()
	defer c.send.Unlock()
	return s.SendMulti(zmq4.NewMsgFrom(frames...))
}

// Send sends a message as it is on Shell, Control or Stdin. Who uses it takes
// what comes back from Replies, Published and Inputs, and leaves Execute alone.
func (c *Client) Send(to Channel, m Message) error {
	return c.sendOn([...]zmq4.Socket{c.shell, c.control, c.stdin}[to], m)
}

// Replies are the answers on Shell and Control. It is closed with the client.
func (c *Client) Replies() <-chan Message { return c.replies }

// Published is what the kernel publishes.
func (c *Client) Published() <-chan Message { return c.pub }

// Inputs are the kernel's questions to the user.
func (c *Client) Inputs() <-chan Message { return c.inputs }

// Session is the client's session, which its messages carry.
func (c *Client) Session() string { return c.session }

// Reply is how an execution ended.
type Reply struct {
	Status    string   `json:"status"` // "ok", "error", "abort"
	Count     int      `json:"execution_count"`
	Name      string   `json:"ename"`
	Value     string   `json:"evalue"`
	Traceback []string `json:"traceback"`
}

// Execute runs code and hands every message it publishes to on, until the kernel
// is idle again. When ctx ends it returns at once; the code may still run.
func (c *Client) Execute(ctx context.Context, code string, on func(Message)) (Reply, error) {
	var r Reply
	m, err := c.request(c.shell, "execute_request", map[string]any{
		"code": code, "silent": false, "store_history": true, "user_expressions": map[string]any{},
		"allow_stdin": false, "stop_on_error": true,
	})
	if err != nil {
		return r, err
	}
	replied, idle := false, false
	for !(replied && idle) {
		select {
		case <-ctx.Done():
			return r, ctx.Err()
		case p := <-c.replies:
			if p.Parent.ID != m.Header.ID {
				continue
			}
			if err := json.Unmarshal(p.Content, &r); err != nil {
				return r, err
			}
			replied = true
		case p := <-c.pub:
			if p.Parent.ID != m.Header.ID {
				continue
			}
			if p.Header.Type == "status" {
				var s struct {
					State string `json:"execution_state"`
				}
				if err := json.Unmarshal(p.Content, &s); err == nil && s.State == "idle" {
					idle = true
				}
				continue
			}
			if on != nil {
				on(p)
			}
		}
	}
	return r, nil
}

// Shutdown asks the kernel to end. It does not wait.
func (c *Client) Shutdown() error {
	_, err := c.request(c.control, "shutdown_request", map[string]any{"restart": false})
	return err
}

// Interrupt asks the kernel to interrupt the running code.
func (c *Client) Interrupt() error {
	_, err := c.request(c.control, "interrupt_request", struct{}{})
	return err
}

// Close ends the connection; the kernel lives on.
func (c *Client) Close() error {
	c.cancel()
	var errs []error
	for _, s := range []zmq4.Socket{c.shell, c.control, c.stdin, c.sub} {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	go func() { // listeners may be waiting to hand something over
		for range c.replies {
		}
	}()
	go func() {
		for range c.pub {
		}
	}()
	go func() {
		for range c.inputs {
		}
	}()
	c.wg.Wait()
	close(c.replies)
	close(c.pub)
	close(c.inputs)
	return errors.Join(errs...)
}
