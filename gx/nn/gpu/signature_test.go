package gpu

import (
	"slices"
	"strings"
	"testing"
)

// Signatures say what kernels.cu says.
func TestSignatures(t *testing.T) {
	all := Kernels()
	if len(all) != strings.Count(source, "\nKERNEL(") {
		t.Fatalf("%d signatures", len(all))
	}
	s, ok := KernelNamed("loss")
	if !ok || len(s.Params) != 16 {
		t.Fatalf("loss: %+v", s)
	}
	args := []Arg{P(256), I32(0), I32(0), I32(65), I32(33), P(256), P(0), P(256), P(0), P(0), P(0), P(0), P(0), P(0), P(256), P(256)}
	for name, want := range map[string]int64{"step": 96, "z": 65 * 33 * 4, "units": 33 * 4, "half": 65 * 33 * 2, "partial": 2 * 33 * 4, "sums": 2 * 2 * 2 * 8, "ticket": 3 * 4, "rows": 0} {
		if got := s.Bytes(s.Index(name), args); got != want {
			t.Errorf("loss: %s is %d bytes, not %d", name, got, want)
		}
	}
	if err := s.Check(args); err != nil {
		t.Error(err)
	}
	if grid, block := s.Shape(args); grid != [3]uint32{2, 2, 1} || block != [3]uint32{32, 8, 1} {
		t.Error(grid, block)
	}
	for _, c := range []struct {
		at   int
		arg  Arg
		want string
	}{
		{5, P(0), "z is 0"}, {3, F32(65), "rows takes a 32-bit integer, not a float32"}, {4, I32(0), "over 0 values"}, {3, I32(-1), "over -1 values"}, {15, U64(256), "ticket takes a pointer, not a 64-bit integer"},
	} {
		bad := slices.Clone(args)
		bad[c.at] = c.arg
		if err := s.Check(bad); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.want, err)
		}
	}
	if err := s.Check(args[:15]); err == nil || !strings.Contains(err.Error(), "16 arguments") {
		t.Error(err)
	}
}

// Declarations that cannot be read are refused, not skipped.
func TestSignatureErrors(t *testing.T) {
	head := "\n// grid: each count\nKERNEL(256) k(\n"
	for decl, want := range map[string]string{
		"\tu64 count,\n\tfloat *x // other\n":    `no size: "other"`,
		"\tu64 count,\n\tfloat *x\n":             `no size: ""`,
		"\tu64 count,\n\tlong *x // count\n":     `pointer to "long"`,
		"\tu64 count,\n\tshort x\n":              `no type of an argument: "short"`,
		"\tint n,\n\tfloat *x // n\n":            `no size: "count"`,
		"\tu64 count,\n\tfloat x y\n":            "no parameter",
		"\tu64 count,\n\tfloat *x // count-1\n":  "no size",
		"\tu64 count,\n\tfloat *x // 2*count\n":  "",
		"\tu64 count,\n\tfloat *x // count+1 \n": "",
	} {
		_, err := parse(head + decl + ") {\n}\n")
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v", decl, err)
		}
	}
	if _, err := parse("\n// grid: spiral\nKERNEL(256) k(\n) {\n"); err == nil {
		t.Error("an unknown grid")
	}
	if _, err := parse("\nKERNEL(256) k(\n) {\n"); err == nil {
		t.Error("a kernel without a grid")
	}
}
