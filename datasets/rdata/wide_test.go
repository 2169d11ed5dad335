package rdata

import (
	"context"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// The columns of a wide list lie one after the other, whole.
func TestWideList(t *testing.T) {
	const columns, rows = 129, 1 << 13
	be := binary.BigEndian
	b := []byte("X\n")
	for _, v := range []uint32{2, 0x40000, 0x20300, listType, columns} {
		b = be.AppendUint32(b, v)
	}
	for j := range columns {
		b = be.AppendUint32(be.AppendUint32(b, doubleType), rows)
		for i := range rows {
			b = be.AppendUint64(b, math.Float64bits(float64(j*rows+i)))
		}
	}
	path := filepath.Join(t.TempDir(), "wide.rds")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	all, err := Read(context.Background(), path, nil)
	if err != nil || len(all) != 1 || len(all[0].Value.List) != columns {
		t.Fatal(all, err)
	}
	list := all[0].Value.List
	whole := list[0].Floats[:columns*rows]
	for j, c := range list {
		if c.Len() != rows || &c.Floats[0] != &whole[j*rows] {
			t.Fatalf("column %d has %d values elsewhere", j, c.Len())
		}
	}
	for i, v := range whole {
		if v != float32(i) {
			t.Fatalf("value %d is %v", i, v)
		}
	}
	if err := os.WriteFile(path, b[:len(b)/2], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(context.Background(), path, nil); err == nil {
		t.Error("a list that is cut off gives no error")
	}
}
