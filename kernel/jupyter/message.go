// Package jupyter speaks the Jupyter messaging protocol, version 5.4: connection
// files, signed messages, and a client that runs code in a kernel.
package jupyter

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Version is the protocol's version that our messages carry.
const Version = "5.4"

// Connection is what a connection file holds.
type Connection struct {
	Transport string `json:"transport"`
	IP        string `json:"ip"`
	Shell     int    `json:"shell_port"`
	IOPub     int    `json:"iopub_port"`
	Stdin     int    `json:"stdin_port"`
	Control   int    `json:"control_port"`
	Heartbeat int    `json:"hb_port"`
	Scheme    string `json:"signature_scheme"`
	Key       string `json:"key"`
	Kernel    string `json:"kernel_name,omitempty"`
	ID        string `json:"-"` // of the kernel, which names the file; "": made from the key
}

// NewConnection is a connection on free local ports with a fresh key.
func NewConnection() (Connection, error) {
	c := Connection{Transport: "tcp", IP: "127.0.0.1", Scheme: "hmac-sha256", Key: newID()}
	var held []net.Listener
	defer func() {
		for _, l := range held {
			l.Close()
		}
	}()
	for _, port := range []*int{&c.Shell, &c.IOPub, &c.Stdin, &c.Control, &c.Heartbeat} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return c, fmt.Errorf("no free port: %w", err)
		}
		held = append(held, l)
		*port = l.Addr().(*net.TCPAddr).Port
	}
	return c, nil
}

// Write writes the connection file into dir, readable by its owner alone, and
// returns its path.
func (c Connection) Write(dir string) (string, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	id := c.ID
	if id == "" {
		id = c.Key[:8]
	}
	path := filepath.Join(dir, "kernel-"+id+".json")
	return path, os.WriteFile(path, b, 0o600)
}

// ReadConnection reads a connection file.
func ReadConnection(path string) (Connection, error) {
	var c Connection
	b, err := os.ReadFile(path)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(b, &c); err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	if id, ok := strings.CutPrefix(filepath.Base(path), "kernel-"); ok {
		c.ID = strings.TrimSuffix(id, ".json")
	}
	if c.Scheme != "" && c.Scheme != "hmac-sha256" {
		return c, fmt.Errorf("%s: signature scheme %q, only hmac-sha256 is known", path, c.Scheme)
	}
	return c, nil
}

func (c Connection) address(port int) string {
	if c.Transport == "ipc" {
		return fmt.Sprintf("ipc://%s-%d", c.IP, port)
	}
	return fmt.Sprintf("%s://%s:%d", c.Transport, c.IP, port)
}

// Header says what a message is and whose.
type Header struct {
	ID       string `json:"msg_id"`
	Type     string `json:"msg_type"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Date     string `json:"date"`
	Version  string `json:"version"`
}

// Message is one message of the protocol.
type Message struct {
	Identities [][]byte
	Header     Header
	Parent     Header
	Metadata   json.RawMessage
	Content    json.RawMessage
	Buffers    [][]byte
}

// NewMessage is a message of a session with content as JSON.
func NewMessage(session, typ string, content any) (Message, error) {
	b, err := json.Marshal(content)
	if err != nil {
		return Message{}, err
	}
	return Message{
		Header: Header{
			ID: newID(), Type: typ, Session: session, Username: "gxlab", Version: Version,
			Date: time.Now().UTC().Format(time.RFC3339Nano),
		},
		Content: b,
	}, nil
}

var delimiter = []byte("<IDS|MSG>")

// Errors of messages that cannot be trusted or read.
var (
	ErrSignature = errors.New("a message whose signature is wrong")
	ErrMessage   = errors.New("no message of the protocol")
)

// Encode is the message as frames, signed with key.
func (m Message) Encode(key string) ([][]byte, error) {
	head, err := json.Marshal(m.Header)
	if err != nil {
		return nil, err
	}
	parent := []byte("{}")
	if m.Parent.ID != "" {
		if parent, err = json.Marshal(m.Parent); err != nil {
			return nil, err
		}
	}
	meta, content := orEmpty(m.Metadata), orEmpty(m.Content)
	frames := append([][]byte{}, m.Identities...)
	frames = append(frames, delimiter, sign(key, head, parent, meta, content), head, parent, meta, content)
	return append(frames, m.Buffers...), nil
}

// Decode reads a message from frames and checks its signature.
func Decode(frames [][]byte, key string) (Message, error) {
	var m Message
	at := -1
	for i, f := range frames {
		if bytes.Equal(f, delimiter) {
			at = i
			break
		}
	}
	if at < 0 || len(frames) < at+6 {
		return m, ErrMessage
	}
	m.Identities = frames[:at]
	parts := frames[at+2 : at+6]
	if key != "" && !hmac.Equal(sign(key, parts...), frames[at+1]) {
		return m, ErrSignature
	}
	if err := json.Unmarshal(parts[0], &m.Header); err != nil {
		return m, fmt.Errorf("%w: header: %v", ErrMessage, err)
	}
	if err := json.Unmarshal(parts[1], &m.Parent); err != nil {
		return m, fmt.Errorf("%w: parent: %v", ErrMessage, err)
	}
	m.Metadata, m.Content, m.Buffers = parts[2], parts[3], frames[at+6:]
	return m, nil
}

func orEmpty(b json.RawMessage) []byte {
	if len(b) == 0 {
		return []byte("{}")
	}
	return b
}

func sign(key string, parts ...[]byte) []byte {
	if key == "" {
		return nil
	}
	h := hmac.New(sha256.New, []byte(key))
	for _, p := range parts {
		h.Write(p)
	}
	return []byte(hex.EncodeToString(h.Sum(nil)))
}

func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}
