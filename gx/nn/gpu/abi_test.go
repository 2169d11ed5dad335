package gpu

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unsafe"
)

// abi is what testdata/abi.py read out of NVIDIA's headers.
type abi struct {
	Headers  []string
	Constant map[string]int64
	Layout   map[string]uintptr
	Function map[string]string
}

// abi.go says what the headers of CUDA 12 and 13 say (testdata/abi.py made the
// files): the value of every constant, the size and offsets of the structure, and
// of every function the number and sizes of arguments, and what they point to.
func TestABI(t *testing.T) {
	for _, file := range []string{"testdata/abi_12.json", "testdata/abi_13.json"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var said abi
		if err := json.Unmarshal(b, &said); err != nil {
			t.Fatal(err)
		}
		constants := constantsOf(t)
		if len(constants) != len(said.Constant) {
			t.Errorf("%s: %d constants, abi.go has %d", file, len(said.Constant), len(constants))
		}
		for name, v := range constants {
			if want, ok := said.Constant[name]; !ok || v != want {
				t.Errorf("%s: %s is %d, abi.go has %d", file, name, want, v)
			}
		}
		var h heuristic
		for name, v := range map[string]uintptr{
			"algo": unsafe.Sizeof(h.algo), "heuristic": unsafe.Sizeof(h),
			"workspaceSize": unsafe.Offsetof(h.workspace), "state": unsafe.Offsetof(h.state), "wavesCount": unsafe.Offsetof(h.waves),
		} {
			if said.Layout[name] != v {
				t.Errorf("%s: %s is %d, abi.go has %d", file, name, said.Layout[name], v)
			}
		}
		functions := 0
		for _, api := range []any{driverAPI{}, libraryAPI{}} {
			for i := range reflect.TypeOf(api).NumField() {
				f := reflect.TypeOf(api).Field(i)
				functions++
				checkFunction(t, file, f.Tag.Get("symbol"), f.Type, said.Function[f.Tag.Get("symbol")])
			}
		}
		if functions != len(said.Function) {
			t.Errorf("%s: %d functions, abi.go has %d", file, len(said.Function), functions)
		}
	}
}

// constantsOf are the constants of abi.go by their names in C, which their comments
// tell.
func constantsOf(t *testing.T) map[string]int64 {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "abi.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int64{}
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			lit := v.Values[0].(*ast.BasicLit)
			n, err := strconv.ParseInt(lit.Value, 0, 64)
			if err != nil || v.Comment == nil {
				t.Errorf("%s: %v", v.Names[0], err)
				return true
			}
			out[strings.TrimSpace(v.Comment.Text())] = n
		}
		return true
	})
	return out
}

func checkFunction(t *testing.T, file, symbol string, f reflect.Type, said string) {
	t.Helper()
	want := strings.Fields(said)
	if len(want) == 0 || f.NumIn() != len(want)-1 {
		t.Errorf("%s: %s takes %q, abi.go's %d arguments", file, symbol, said, f.NumIn())
		return
	}
	if !passes(f.Out(0), want[0]) {
		t.Errorf("%s: %s returns %s, abi.go's %s", file, symbol, want[0], f.Out(0))
	}
	for i := range f.NumIn() {
		if !passes(f.In(i), want[i+1]) {
			t.Errorf("%s: argument %d of %s is %s, abi.go's %s", file, i, symbol, want[i+1], f.In(i))
		}
	}
}

// passes says whether a Go value may be passed for a C type: a number of its size,
// a pointer to something of its size, a handle for a pointer to something that is
// the library's own.
func passes(f reflect.Type, c string) bool {
	to, pointer := strings.CutPrefix(c, "*")
	switch f.Kind() {
	case reflect.UnsafePointer:
		return pointer && (to == "" || to == "1")
	case reflect.Pointer:
		return pointer && (to == "" || to == strconv.Itoa(int(f.Elem().Size())))
	case reflect.Uintptr:
		return pointer && to != "4" && to != "8"
	case reflect.Uint64:
		return c == "8" || f == reflect.TypeOf(Ptr(0)) && c == "*"
	}
	return c == strconv.Itoa(int(f.Size()))
}
