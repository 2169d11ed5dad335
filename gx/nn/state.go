package nn

import (
	"bytes"
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
	Curve  []statePoint   `json:"curve"`
	Arrays map[string]int `json:"arrays"`
}

// statePoint keeps a Point's bits, NaN included.
type statePoint struct {
	Epoch              int
	Train, Valid, Rate uint64
}

var arrayNames = []string{"params", "moments", "m", "v", "best", "best_moments"}

func (t *trainer) arrays() map[string]*[]float32 {
	return map[string]*[]float32{
		"params": &t.net.params, "moments": &t.net.moments, "m": &t.m, "v": &t.v,
		"best": &t.best, "best_moments": &t.bestMoments,
	}
}

func writeState(to *bytes.Buffer, t *trainer) {
	h := stateHead{Epoch: t.epoch, Steps: t.steps, BestAt: t.bestAt, At: t.at, Seen: t.seen, Sum: math.Float64bits(t.sum), Arrays: map[string]int{}}
	for _, p := range t.curve {
		h.Curve = append(h.Curve, statePoint{p.Epoch, math.Float64bits(p.Train), math.Float64bits(p.Valid), math.Float64bits(p.Rate)})
	}
	arrays := t.arrays()
	for _, n := range arrayNames {
		h.Arrays[n] = len(*arrays[n])
	}
	head, err := json.Marshal(h)
	if err != nil {
		panic(err) // whole numbers and names: cannot fail
	}
	to.WriteString(stateMagic)
	b := binary.LittleEndian.AppendUint32(nil, stateVersion)
	to.Write(binary.LittleEndian.AppendUint32(b, uint32(len(head))))
	to.Write(head)
	for _, n := range arrayNames {
		x := *arrays[n]
		buf := make([]byte, 4*len(x))
		for i, v := range x {
			binary.LittleEndian.PutUint32(buf[4*i:], math.Float32bits(v))
		}
		to.Write(buf)
	}
	to.Write(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(to.Bytes())))
}

func readState(r io.Reader, t *trainer) error {
	all, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if len(all) < 16 || string(all[:4]) != stateMagic {
		return errors.New("it is no state of a training")
	}
	if v := binary.LittleEndian.Uint32(all[4:]); v != stateVersion {
		return fmt.Errorf("it is of version %d, not %d", v, stateVersion)
	}
	body := all[:len(all)-4]
	if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(all[len(all)-4:]) {
		return errors.New("it is damaged")
	}
	n := int(binary.LittleEndian.Uint32(all[8:]))
	if n > len(body)-12 {
		return errors.New("it is cut off")
	}
	var h stateHead
	if err := json.Unmarshal(body[12:12+n], &h); err != nil {
		return err
	}
	rest := body[12+n:]
	arrays := t.arrays()
	for _, name := range arrayNames {
		to, want := arrays[name], h.Arrays[name]
		if len(rest) < 4*want {
			return errors.New("it is cut off")
		}
		if name == "best" || name == "best_moments" {
			*to = make([]float32, want)
		} else if len(*to) != want {
			return fmt.Errorf("it is of another network: %d values of %s, not %d", want, name, len(*to))
		}
		for i := range want {
			(*to)[i] = math.Float32frombits(binary.LittleEndian.Uint32(rest[4*i:]))
		}
		rest = rest[4*want:]
	}
	if h.Arrays["best"] == 0 {
		t.best, t.bestMoments = nil, nil
	}
	t.epoch, t.steps, t.bestAt = h.Epoch, h.Steps, h.BestAt
	t.at, t.seen, t.sum = h.At, h.Seen, math.Float64frombits(h.Sum)
	t.curve = nil
	for _, p := range h.Curve {
		t.curve = append(t.curve, Point{p.Epoch, math.Float64frombits(p.Train), math.Float64frombits(p.Valid), math.Float64frombits(p.Rate)})
	}
	return nil
}
