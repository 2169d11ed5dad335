package gpu

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unsafe"
)

//go:embed kernels.cu
var source string

// Schedule is what the steps of a training depend on: kernels.cu's structure of
// that name, as it lies in the device's memory.
type Schedule struct {
	Rate, Decay  float64 // learning rate; within an epoch it is Rate/(1 + Decay·step)
	Beta1, Beta2 float64 // of Adam
	Samples      uint64  // in an epoch's order
	Batches      uint64  // steps in an epoch
	Warmup       uint64  // steps over which the rate rises; 0: none
	Total        uint64  // steps over which it falls to 0 as a cosine; 0: it does not
	Weight       float64 // of a classifier's cross-entropy beside the loss
	KL           float64 // how much the divergence of drawn codes counts beside the loss
	KLSteps      uint64  // steps over which that rises from 0; 0: none
}

// State is how far a training is, and what its present step depends on: kernels.cu's
// structure of that name.
type State struct {
	Next         uint64  // the number of the next step, from 0
	Step         uint64  // that of the present one
	Start        uint64  // where its samples begin in the epoch's order
	Loss         float64 // its loss, summed over samples and outputs
	Sum          float64 // the losses of all steps since this was 0, in data units
	Rate         float32 // its learning rate
	Scale        float32 // of Adam: rate/(1 − β1ᵗ)
	Root         float32 // of Adam: 1/√(1 − β2ᵗ)
	Lost         uint32  // 1 once a loss is no number: from then on nothing changes
	Minus        float32 // −Rate: with One, the factors of a product that is a step of gradient descent
	One          float32 // 1
	Entropy      float64 // the cross-entropies of a classifier since this was 0
	Known, Wrong uint64  // its samples with a class, and those it puts into another
	KL           float64 // the divergences of drawn codes since this was 0, also in Sum
}

// Descent is where in a State the factors Minus and One lie, for MatMul.Scale.
const Descent = Ptr(unsafe.Offsetof(State{}.Minus))

// sizes are the bytes of what a kernel's pointer points to.
var sizes = map[string]int64{
	"float": 4, "int": 4, "u64": 8, "double": 8, "bf16": 2,
	"Schedule": int64(unsafe.Sizeof(Schedule{})), "State": int64(unsafe.Sizeof(State{})),
}

// Param is a kernel's parameter.
type Param struct {
	Name     string
	Kind     Kind
	Type     string // C's, without const and star
	ReadOnly bool   // a pointer to const
	Optional bool   // a pointer that may be 0
	text     string // how many values a pointer points to, as kernels.cu says it
	count    size
}

// size computes a number of values from a call's arguments.
type size func(args []Arg) int64

// Signature is how a kernel is called: what kernels.cu declares.
type Signature struct {
	Name    string
	Params  []Param
	grid    string // the name of its shape
	sizes   []size // and its sizes
	threads int
}

// Kernels are the signatures of all kernels, in the order of kernels.cu.
var Kernels = sync.OnceValue(func() []Signature {
	all, err := parse(source)
	if err != nil {
		panic(err) // a test parses the same source
	}
	return all
})

// KernelNamed is a kernel's signature.
func KernelNamed(name string) (*Signature, bool) {
	all := Kernels()
	i := slices.IndexFunc(all, func(s Signature) bool { return s.Name == name })
	if i < 0 {
		return nil, false
	}
	return &all[i], true
}

// Index is the place of the parameter of that name, or −1.
func (s *Signature) Index(param string) int {
	return slices.IndexFunc(s.Params, func(p Param) bool { return p.Name == param })
}

// Bytes is how much of memory argument i of a call reaches; 0 if it is no pointer.
func (s *Signature) Bytes(i int, args []Arg) int64 {
	p := s.Params[i]
	if p.Kind != Pointer {
		return 0
	}
	return sizes[p.Type] * p.count(args)
}

// Check says whether the arguments are of the right number and kinds, pointers that
// must not be 0 are not, and sizes are positive.
func (s *Signature) Check(args []Arg) error {
	if len(args) != len(s.Params) {
		return fmt.Errorf("kernel %s takes %d arguments, not %d", s.Name, len(s.Params), len(args))
	}
	for i, p := range s.Params {
		switch {
		case args[i].Kind != p.Kind:
			return fmt.Errorf("kernel %s: %s takes %s, not %s", s.Name, p.Name, p.Kind, args[i].Kind)
		case p.Kind == Pointer && !p.Optional && args[i].Bits == 0:
			return fmt.Errorf("kernel %s: %s is 0", s.Name, p.Name)
		}
	}
	for _, n := range s.sizes {
		if v := n(args); v < 1 || v > 1<<40 {
			return fmt.Errorf("kernel %s over %d values", s.Name, v)
		}
	}
	return nil
}

// Shape is the grid and the block of a call.
func (s *Signature) Shape(args []Arg) (grid, block [3]uint32) {
	n := make([]int64, len(s.sizes))
	for i, f := range s.sizes {
		n[i] = f(args)
	}
	up := func(a, b int64) uint32 { return uint32((a + b - 1) / b) }
	grid, block = [3]uint32{1, 1, 1}, [3]uint32{256, 1, 1}
	switch s.grid {
	case "one":
		block[0] = 1
	case "each":
		grid[0] = up(n[0], 1024)
	case "tiles":
		grid[0], grid[1] = up(n[1], 32), up(n[0], 64)
		block = [3]uint32{32, 8, 1}
	case "lines":
		grid[0], grid[1] = uint32(n[0]), up(n[1], 1024)
	case "rows":
		grid[0] = uint32(n[0])
	case "columns":
		grid[0] = up(n[0], 32)
		block = [3]uint32{32, 8, 1}
	}
	return grid, block
}

// grids are the shapes and how many sizes each has.
var grids = map[string]int{"one": 0, "each": 1, "tiles": 2, "lines": 2, "rows": 1, "columns": 1}

var kernelHead = regexp.MustCompile(`(?ms)^// grid: (\w+)([^\n]*)\nKERNEL\((\d+)\) (\w+)\((.*?)^\) \{`)

func parse(cu string) ([]Signature, error) {
	var all []Signature
	for _, m := range kernelHead.FindAllStringSubmatch(cu, -1) {
		s := Signature{Name: m[4], grid: m[1]}
		s.threads, _ = strconv.Atoi(m[3])
		for line := range strings.Lines(m[5]) {
			if err := s.params(strings.TrimSpace(line)); err != nil {
				return nil, fmt.Errorf("kernel %s: %w", s.Name, err)
			}
		}
		for f := range strings.FieldsSeq(m[2]) {
			n, err := s.size(f)
			if err != nil {
				return nil, fmt.Errorf("kernel %s: %w", s.Name, err)
			}
			s.sizes = append(s.sizes, n)
		}
		if want, known := grids[s.grid]; !known || len(s.sizes) != want {
			return nil, fmt.Errorf("kernel %s: grid %s of %d sizes", s.Name, s.grid, len(s.sizes))
		}
		all = append(all, s)
	}
	if n := strings.Count(cu, "\nKERNEL("); n != len(all) {
		return nil, fmt.Errorf("%d kernels, of which %d are declared as they should be", n, len(all))
	}
	for i := range all { // counts may name parameters that come later
		for j := range all[i].Params {
			if p := &all[i].Params[j]; p.Kind == Pointer {
				var err error
				if p.count, err = all[i].size(p.text); err != nil {
					return nil, fmt.Errorf("kernel %s: %s: %w", all[i].Name, p.Name, err)
				}
			}
		}
	}
	return all, nil
}

var kinds = map[string]Kind{"int": Int32, "u64": Uint64, "float": Real32}

var kernelParam = regexp.MustCompile(`^(const )?(\w+) (\*?)(\w+)$`)

// params adds the parameters of one line: several scalars, or a pointer with its
// comment.
func (s *Signature) params(line string) error {
	code, comment, _ := strings.Cut(line, "//")
	for decl := range strings.SplitSeq(strings.TrimRight(strings.TrimSpace(code), ","), ",") {
		decl = strings.TrimSpace(decl)
		m := kernelParam.FindStringSubmatch(decl)
		if decl == "" {
			continue
		}
		if m == nil {
			return fmt.Errorf("no parameter: %q", decl)
		}
		p := Param{Name: m[4], Type: m[2], ReadOnly: m[1] != ""}
		if m[3] == "" {
			kind, known := kinds[m[2]]
			if !known {
				return fmt.Errorf("no type of an argument: %q", m[2])
			}
			p.Kind = kind
		} else {
			if sizes[m[2]] == 0 {
				return fmt.Errorf("pointer to %q", m[2])
			}
			p.text, p.Optional = strings.CutSuffix(strings.TrimSpace(comment), " or none")
		}
		s.Params = append(s.Params, p)
	}
	return nil
}

var sizeFactor = regexp.MustCompile(`^(?:(\d+)|(\w+)|up\((\w+),(\d+)\))([*+]|$)`)

// size reads a product of numbers, parameters and up(parameter,number), to which
// a number may be added.
func (s *Signature) size(text string) (size, error) {
	var factors []size
	plus := int64(0)
	for rest := strings.ReplaceAll(text, " ", ""); rest != ""; {
		m := sizeFactor.FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("no size: %q", text)
		}
		number, name, by := m[1], m[2]+m[3], int64(1)
		if m[4] != "" {
			by, _ = strconv.ParseInt(m[4], 10, 64)
		}
		switch at := s.Index(name); {
		case number != "":
			n, _ := strconv.ParseInt(number, 10, 64)
			if m[5] == "" && strings.HasSuffix(strings.TrimSuffix(text, number), "+") {
				plus = n
				break
			}
			factors = append(factors, func([]Arg) int64 { return n })
		case at < 0 || s.Params[at].Kind != Int32 && s.Params[at].Kind != Uint64:
			return nil, fmt.Errorf("no size: %q", name)
		default:
			factors = append(factors, func(args []Arg) int64 { return (args[at].whole() + by - 1) / by })
		}
		rest = rest[len(m[0]):]
	}
	if len(factors) == 0 {
		return nil, fmt.Errorf("no size: %q", text)
	}
	return func(args []Arg) int64 {
		v := int64(1)
		for _, f := range factors {
			v *= f(args)
		}
		return v + plus
	}, nil
}
