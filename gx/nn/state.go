package nn

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
)

// A state is "gxnn", a version, the length of a JSON head, the head, the float32
// arrays it lists, little-endian, and the CRC-32 of all before.
const (
	stateMagic   = "gxnn"
	stateVersion = 1
)

type stateHead struct {
	Epoch  int            `json:"epoch"`
	Steps  uint64         `json:"steps"`
	BestAt int            `json:"best_at"`
	At     int            `json:"at"`
	Seen   int            `json:"seen"`
	Sum    uint64         `json:"sum"`
	Head   uint64         `json:"head,omitempty"`  // of the classifier: its cross-entropy
	Known  int            `json:"known,omitempty"` // and samples with a class
	KL     uint64         `json:"kl,omitempty"`    // of drawn codes
	Curve  []statePoint   `json:"curve"`
	Arrays map[string]int `json:"arrays"`
}

// statePoint keeps a Point's bits, NaN included.
type statePoint struct {
	Epoch              int
	Train, Valid, Rate uint64
	Head               [3]uint64 // of the classifier
	KL                 [2]uint64 // of drawn codes
}

var arrayNames = []string{"params", "moments", "m", "v", "best", "best_moments"}

func (t *trainer) arrays() map[string]*[]float32 {
	return map[string]*[]float32{
		"params": &t.net.params, "moments": &t.net.moments, "m": &t.m, "v": &t.v,
		"best": &t.best, "best_moments": &t.bestMoments,
	}
}

// writeState writes everything that going on needs, between two steps.
func writeState(w io.Writer, t *trainer) error {
	h := stateHead{Epoch: t.epoch, Steps: t.steps, BestAt: t.bestAt, At: t.at, Seen: t.seen, Sum: math.Float64bits(t.sum), Head: math.Float64bits(t.entropy), Known: t.known, KL: math.Float64bits(t.kl), Arrays: map[string]int{}}
	for _, p := range t.curve {
		h.Curve = append(h.Curve, statePoint{p.Epoch, math.Float64bits(p.Train), math.Float64bits(p.Valid), math.Float64bits(p.Rate),
			[3]uint64{math.Float64bits(p.Entropy), math.Float64bits(p.ValidEntropy), math.Float64bits(p.ValidWrong)},
			[2]uint64{math.Float64bits(p.KL), math.Float64bits(p.ValidKL)}})
	}
	arrays := t.arrays()
	for _, n := range arrayNames {
		h.Arrays[n] = len(*arrays[n])
	}
	head, err := json.Marshal(h)
	if err != nil {
		return err
	}
	sum := crc32.NewIEEE()
	to := io.MultiWriter(w, sum)
	b := binary.LittleEndian.AppendUint32([]byte(stateMagic), stateVersion)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(head)))
	if _, err := to.Write(append(b, head...)); err != nil {
		return err
	}
	buf := make([]byte, 0, 4*stateBlock)
	for _, n := range arrayNames {
		for x := *arrays[n]; len(x) > 0; x = x[min(stateBlock, len(x)):] {
			buf = buf[:0]
			for _, v := range x[:min(stateBlock, len(x))] {
				buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
			}
			if _, err := to.Write(buf); err != nil {
				return err
			}
		}
	}
	_, err = w.Write(binary.LittleEndian.AppendUint32(nil, sum.Sum32()))
	return err
}

// stateBlock is how many values are written or read at once.
const stateBlock = 1 << 16

// readState reads what writeState wrote. After an error t may hold a part of it.
func readState(r io.Reader, t *trainer) error {
	sum := crc32.NewIEEE()
	from := io.TeeReader(r, sum)
	read := func(b []byte) error {
		_, err := io.ReadFull(from, b)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return errors.New("it is cut off")
		}
		return err
	}
	var fixed [12]byte
	if err := read(fixed[:]); err != nil {
		return err
	}
	if string(fixed[:4]) != stateMagic {
		return errors.New("it is no state of a training")
	}
	if v := binary.LittleEndian.Uint32(fixed[4:]); v != stateVersion {
		return fmt.Errorf("it is of version %d, not %d", v, stateVersion)
	}
	size := binary.LittleEndian.Uint32(fixed[8:])
	if size > 1<<28 {
		return errors.New("it is damaged")
	}
	head := make([]byte, size)
	if err := read(head); err != nil {
		return err
	}
	var h stateHead
	if err := json.Unmarshal(head, &h); err != nil {
		return fmt.Errorf("it is damaged: %w", err)
	}
	arrays := t.arrays()
	buf := make([]byte, 4*stateBlock)
	for _, name := range arrayNames {
		to, want := arrays[name], h.Arrays[name]
		best := map[string]int{"best": len(t.net.params), "best_moments": len(t.net.moments)}
		if whole, ok := best[name]; ok && (want == 0 || want == whole) {
			*to = make([]float32, want)
		} else if len(*to) != want {
			return fmt.Errorf("it is of another network: %d values of %s, not %d", want, name, len(*to))
		}
		for x := *to; len(x) > 0; {
			n := min(stateBlock, len(x))
			if err := read(buf[:4*n]); err != nil {
				return err
			}
			for i := range n {
				x[i] = math.Float32frombits(binary.LittleEndian.Uint32(buf[4*i:]))
			}
			x = x[n:]
		}
	}
	want := sum.Sum32()
	if err := read(fixed[:4]); err != nil {
		return err
	}
	if binary.LittleEndian.Uint32(fixed[:]) != want {
		return errors.New("it is damaged")
	}
	if h.Arrays["best"] == 0 {
		t.best, t.bestMoments = nil, nil
	}
	t.epoch, t.steps, t.bestAt = h.Epoch, h.Steps, h.BestAt
	t.at, t.seen, t.sum = h.At, h.Seen, math.Float64frombits(h.Sum)
	t.entropy, t.known, t.kl = math.Float64frombits(h.Head), h.Known, math.Float64frombits(h.KL)
	t.curve = nil
	for _, p := range h.Curve {
		t.curve = append(t.curve, Point{
			p.Epoch, math.Float64frombits(p.Train), math.Float64frombits(p.Valid), math.Float64frombits(p.Rate),
			math.Float64frombits(p.Head[0]), math.Float64frombits(p.Head[1]), math.Float64frombits(p.Head[2]),
			math.Float64frombits(p.KL[0]), math.Float64frombits(p.KL[1]),
		})
	}
	return nil
}
