package jupyter

import (
	"context"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
)

func serve(t *testing.T, handle func(*Server, Channel, Message)) (Connection, *Server) {
	t.Helper()
	conn, err := NewConnection()
	if err != nil {
		t.Fatal(err)
	}
	ready := make(chan struct{})
	var s *Server
	s, err = Listen(conn, func(c Channel, m Message) {
		<-ready
		handle(s, c, m)
	})
	if err != nil {
		t.Fatal(err)
	}
	close(ready)
	t.Cleanup(s.Close)
	return conn, s
}

// Replies go to who asked, on the channel of the request; the heartbeat echoes.
func TestServer(t *testing.T) {
	conn, s := serve(t, func(s *Server, c Channel, m Message) {
		_ = s.Publish(m.Header, "status", map[string]string{"execution_state": "busy"})
		_ = s.Reply(c, m, ReplyType(m.Header.Type), map[string]string{"status": "ok", "channel": c.String()})
		_ = s.Publish(m.Header, "status", map[string]string{"execution_state": "idle"})
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for range 2 { // two clients at once
		c, err := Dial(ctx, conn)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for _, ch := range []Channel{Shell, Control} {
			m, err := NewMessage(c.Session(), "x_request", struct{}{})
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Send(ch, m); err != nil {
				t.Fatal(err)
			}
			for r := range c.Replies() {
				if r.Parent.ID != m.Header.ID {
					continue // of Dial's
				}
				if got, _ := Field[string](r, "channel"); got != ch.String() || r.Header.Type != "x_reply" {
					t.Errorf("%s on %v", r.Content, ch)
				}
				break
			}
		}
	}
	req := zmq4.NewReq(ctx)
	defer req.Close()
	if err := req.Dial(conn.address(conn.Heartbeat)); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := req.Send(zmq4.NewMsgString(fmt.Sprint("beat ", i))); err != nil {
			t.Fatal(err)
		}
		if m, err := req.Recv(); err != nil || string(m.Bytes()) != fmt.Sprint("beat ", i) {
			t.Errorf("%q, %v", m.Bytes(), err)
		}
	}
	s.Close()
	if err := s.Publish(Header{}, "status", nil); err == nil {
		t.Error("a closed server publishes")
	}
}

// Every subscriber is welcomed, and the welcome is the first that it hears.
func TestWelcome(t *testing.T) {
	conn, s := serve(t, func(*Server, Channel, Message) {})
	for i, topic := range []string{"", "kernel.stream", ""} {
		sub := zmq4.NewSub(t.Context())
		defer sub.Close()
		if err := sub.Dial(conn.address(conn.IOPub)); err != nil {
			t.Fatal(err)
		}
		if err := sub.SetOption(zmq4.OptionSubscribe, topic); err != nil {
			t.Fatal(err)
		}
		raw, err := sub.Recv()
		if err != nil {
			t.Fatal(err)
		}
		m, err := Decode(raw.Frames, conn.Key)
		if got, _ := Field[string](m, "subscription"); err != nil || m.Header.Type != "iopub_welcome" || got != topic {
			t.Errorf("%d: %+v %s, %v", i, m.Header, m.Content, err)
		}
		if err := s.Publish(Header{}, "stream", nil); err != nil { // nothing is missed from here on
			t.Fatal(err)
		}
		if raw, err = sub.Recv(); err != nil || string(raw.Frames[0]) != "kernel.stream" {
			t.Errorf("%q, %v", raw.Frames, err)
		}
	}
}

// Subscriptions are found however the bytes arrive.
func TestSubscriptionsOnTheWire(t *testing.T) {
	long := append([]byte{2}, binary.BigEndian.AppendUint64(nil, 300)...)
	wire := make([]byte, greeting)
	wire = append(wire, 4, 3, 1, 'n', 'o') // a command
	wire = append(wire, 0, 1, 1)           // everything
	wire = append(wire, 0, 3, 0, 'n', 'o') // the end of a subscription
	wire = append(wire, 0, 0)
	wire = append(wire, long...)
	wire = append(wire, make([]byte, 300)...)
	wire = append(wire, 0, 3, 1, 'a', 'b')
	c := &hearingConn{skip: greeting}
	for _, b := range wire {
		c.next(b)
	}
	if fmt.Sprintf("%q", c.heard) != `["" "ab"]` {
		t.Errorf("%q", c.heard)
	}
}
