package datasets

import (
	"context"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/frame"
	"github.com/gxlab/gxlab/gx/prep"
)

// content is what a file of a format that knows its own axes holds.
type content struct {
	x     prep.Matrix  // samples × genes
	genes *frame.Table // one row a gene, its id the name in the file
	// samples are the samples with what the file tells of them.
	samples *frame.Table
	scale   string // "log2", "signal", "counts"; "" where the file does not tell
	notes   []string
}

// A format is a kind of file, told by its content.
type format struct {
	name string
	// is tells a file by its first bytes (up to 4096, decompressed where the file
	// is gzip or zstd; none where path is a folder).
	is   func(path string, head []byte) bool
	read func(ctx context.Context, path string, tell gx.Tell) (*content, error)
}
