package jupyter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
)

// kernel answers as a kernel does: code "fail" fails, "hang" never ends, and any
// other code is printed.
func kernel(t *testing.T) Connection {
	t.Helper()
	conn, err := NewConnection()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	shell, control, stdin, pub := zmq4.NewRouter(ctx), zmq4.NewRouter(ctx), zmq4.NewRouter(ctx), zmq4.NewPub(ctx)
	for s, port := range map[zmq4.Socket]int{shell: conn.Shell, control: conn.Control, stdin: conn.Stdin, pub: conn.IOPub} {
		if err := s.Listen(conn.address(port)); err != nil {
			t.Fatal(err)
		}
	}
	answer := func(s zmq4.Socket, to Message, typ string, content any) {
		m, err := NewMessage("kernel", typ, content)
		if err != nil {
			t.Error(err)
		}
		m.Parent = to.Header
		if s != pub {
			m.Identities = to.Identities
		} else {
			m.Identities = [][]byte{[]byte(typ)}
		}
		frames, err := m.Encode(conn.Key)
		if err != nil {
			t.Error(err)
		}
		_ = s.SendMulti(zmq4.NewMsgFrom(frames...)) // the client may be gone
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			raw, err := shell.Recv()
			if err != nil {
				return
			}
			m, err := Decode(raw.Frames, conn.Key)
			if err != nil {
				t.Error(err)
				continue
			}
			var c struct{ Code string }
			_ = json.Unmarshal(m.Content, &c) // other requests have no code
			answer(pub, m, "status", map[string]string{"execution_state": "busy"})
			switch {
			case c.Code == "hang":
				continue
			case c.Code == "fail":
				answer(shell, m, "execute_reply", Reply{Status: "error", Count: 2, Name: "E", Value: "v"})
			default:
				for i := range strings.Count(c.Code, "x") {
					answer(pub, m, "stream", map[string]string{"name": "stdout", "text": fmt.Sprint(i)})
				}
				answer(shell, m, strings.Replace(m.Header.Type, "request", "reply", 1), Reply{Status: "ok", Count: 1})
			}
			answer(pub, m, "status", map[string]string{"execution_state": "idle"})
		}
	}()
	t.Cleanup(func() {
		cancel()
		for _, s := range []zmq4.Socket{shell, control, stdin, pub} {
			_ = s.Close()
		}
		<-done
	})
	return conn
}

func TestClientRunsCode(t *testing.T) {
	conn := kernel(t)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c, err := Dial(ctx, conn)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	// More messages than any buffer holds arrive, all and in order.
	n := 0
	r, err := c.Execute(ctx, strings.Repeat("x", 6000), func(m Message) {
		var s struct{ Text string }
		if json.Unmarshal(m.Content, &s) != nil || s.Text != fmt.Sprint(n) {
			t.Fatalf("message %d is %s", n, m.Content)
		}
		n++
	})
	if err != nil || r.Status != "ok" || r.Count != 1 || n != 6000 {
		t.Errorf("%+v, %v, %d messages", r, err, n)
	}
	if r, err := c.Execute(ctx, "fail", nil); err != nil || r.Status != "error" || r.Name != "E" || r.Value != "v" {
		t.Errorf("%+v, %v", r, err)
	}
	short, stop := context.WithTimeout(ctx, 50*time.Millisecond)
	defer stop()
	if _, err := c.Execute(short, "hang", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	// What the hanging request still says belongs to nobody.
	if r, err := c.Execute(ctx, "x", nil); err != nil || r.Status != "ok" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestDialWithoutKernel(t *testing.T) {
	conn, err := NewConnection()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if _, err := Dial(ctx, conn); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "does not answer") {
		t.Error(err)
	}
}
