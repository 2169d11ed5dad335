package kernel

import (
	"crypto/rand"
	"encoding/hex"
	"os"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// inNotebook says whether GoNB runs this process as a cell.
func inNotebook() bool { return gonbui.IsNotebook && os.Getenv("GXLAB_PLAIN") == "" }

// display shows one output of several representations and waits until it is on
// its way: a display that is not waited for is lost when the cell ends. What was
// printed before it comes before it.
func display(data map[string]any, metadata map[string]any) {
	drain(os.Stdout, os.Stderr)
	gonbui.SendData(&protocol.DisplayData{Data: bundle(data), Metadata: metadata})
	gonbui.Sync()
}

// update shows an output under an id, in the place of what that id showed before.
func update(id string, data map[string]any) {
	gonbui.SendData(&protocol.DisplayData{Data: bundle(data), DisplayID: id})
	gonbui.Sync()
}

func bundle(data map[string]any) map[protocol.MIMEType]any {
	out := make(map[protocol.MIMEType]any, len(data))
	for k, v := range data {
		out[protocol.MIMEType(k)] = v
	}
	return out
}

func newID(kind string) string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	return "gxlab-" + kind + "-" + hex.EncodeToString(b[:])
}
