package datasets

import (
	"context"
	"io"
	"os"

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
	// rowsTaken says that rows are taken for samples for want of anything that tells.
	rowsTaken bool
}

// A format is a kind of file, told by its content.
type format struct {
	name string
	// is tells a file by its first bytes (up to 4096, decompressed where the file
	// is gzip or zstd; none where path is a folder).
	is   func(path string, head []byte) bool
	read func(ctx context.Context, path string, tell gx.Tell) (*content, error)
	// also are the files beside path that read reads too, such as those of the
	// names; nil where there are none.
	also func(path string) []string
	// table reads a file as a table of labels; nil where such files hold none.
	table func(ctx context.Context, path string) (*textTable, error)
}

// formats are tried in this order; what none of them knows is a delimited table.
var formats = []format{
	// Text: GCT, GEO series matrix, GEO SOFT, Matrix Market.
	formatGCT, formatSeries, formatSOFT, format10x, formatMarket,

	// HDF5: GCTX, 10x, h5ad.
	formatHDF5,

	// R, NumPy, Parquet, Arrow.
	formatR, formatNPY, formatNPZ, formatParquet, formatArrow,
}

// formatOf is the format of the file or folder at path; nil for a delimited table.
func formatOf(path string) (*format, error) {
	head, err := headOf(path)
	if err != nil {
		return nil, err
	}
	for i := range formats {
		if formats[i].is(path, head) {
			return &formats[i], nil
		}
	}
	return nil, nil
}

// headSize is how much of a file its format is told by.
const headSize = 4096

// headOf is a file's first bytes, unpacked; of a damaged file as many as can be
// read, for its reader says what is wrong.
func headOf(path string) ([]byte, error) {
	if fi, err := os.Stat(path); err == nil && fi.IsDir() {
		return nil, nil
	}
	u, err := openUnpacked(path)
	if err != nil {
		return nil, err
	}
	defer u.close()
	head := make([]byte, headSize)
	n, _ := io.ReadFull(u, head)
	return head[:n], nil
}

// packing is how a file that begins with head is packed: "gzip", "zstd" or "".
func packing(head []byte) string {
	switch {
	case len(head) > 1 && head[0] == 0x1f && head[1] == 0x8b:
		return "gzip"
	case len(head) > 3 && string(head[:4]) == "\x28\xb5\x2f\xfd":
		return "zstd"
	}
	return ""
}
