package nn

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"unsafe"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/gx/nn/gpu"
)

// onGPU is the executor of a GPU: parameters, the optimiser's state and, where they
// have room, the samples stay there; an epoch's steps are put into its queue and
// waited for once.
type onGPU struct {
	t         *trainer
	d         gpu.Driver
	precision gpu.Precision
	main      gpu.Stream
	side      gpu.Stream

	tensors  []stretch    // where the parameters lie
	count    int64        // of values of them with what lies between
	weights  int64        // of those of dense layers, which come first
	common   int64        // of those that every step changes, which come next
	direct   bool         // products change the weights themselves: they have no gradient
	w, g     gpu.Ptr      // parameters and their gradients
	half     gpu.Ptr      // parameters as bfloat16, or 0
	moment   [2]gpu.Ptr   // of the optimiser
	norms    gpu.Ptr      // running moments of BatchNorm
	best     gpu.Ptr      // parameters kept aside
	bestNo   gpu.Ptr      // moments kept aside
	kept     bool         // something lies there
	ranges   gpu.Ptr      // of penalised parameters
	plan     gpu.Ptr      // a gpu.Schedule
	schedule gpu.Schedule // that lies there
	state    gpu.Ptr      // a gpu.State
	watched  gpu.Ptr      // one for the watched samples
	pairOnGPU
	units   gpu.Ptr    // data units of an output, or 0
	order   gpu.Ptr    // samples of an epoch, 32 bits each
	classes [2]gpu.Ptr // their classes, likewise, and those of the watched samples; or 0
	x       gpu.Ptr    // samples
	target  gpu.Ptr    // and targets; x where they are the same
	stored  int        // how many lie there
	watch   gpu.Ptr    // the watched samples, or 0 where they are streamed
	watchTo gpu.Ptr    // and their targets
	sums    [3]gpu.Ptr // room for the kernels' sums: partial, sums, ticket
	rows    int        // of the largest batch
	samples int        // of an epoch

	temps map[string]gpu.Ptr
	taken []gpu.Ptr
	lists map[[2]int]*machine // by rows and half of the streamed samples
	tried map[[3]int]bool     // products of watching whose algorithm was sought

	orderHost []byte // pinned, as are the following
	classHost []byte
	stateHost []byte
	pump      *gpu.Pump
	stream    *streaming
	today     []int // the epoch's order
}

// stretch is a tensor of parameters: n values from host in Net.params, from device
// on the GPU.
type stretch struct{ host, device, n int64 }

// align is what tensors begin at a multiple of, in values: 256 bytes also as
// bfloat16.
const align = 128

// newOnGPU takes what a training needs of a GPU and brings it there.
func newOnGPU(t *trainer, d gpu.Driver, precision gpu.Precision) (o *onGPU, err error) {
	made := &onGPU{t: t, d: d, precision: precision, temps: map[string]gpu.Ptr{}, lists: map[[2]int]*machine{}, tried: map[[3]int]bool{}}
	o = made
	defer func() {
		if err != nil {
			made.close()
		}
	}()
	o.layout()
	s := t.net.spec
	o.direct = t.plan.Optimiser == "sgd" && s.L1 == 0 && s.L2 == 0 && len(s.Head) == 0 && !s.Loss.likely() && d.Info().DeviceScale
	if err := o.fits(); err != nil {
		return nil, err
	}
	for _, s := range []*gpu.Stream{&o.main, &o.side} {
		if *s, err = d.NewStream(); err != nil {
			return nil, err
		}
	}
	if o.pump, err = gpu.NewPump(d, o.main, o.pumpBytes()); err != nil {
		return nil, err
	}
	for _, f := range []func() error{o.takeParameters, o.takeRoom, o.takePair, o.takeSamples} {
		if err := f(); err != nil {
			return nil, err
		}
	}
	return o, d.Sync(o.main)
}

// layout places the parameters' tensors, dense layers' weights first, and counts an
// epoch.
func (o *onGPU) layout() {
	t := o.t
	at := int64(0)
	add := func(host, n int) {
		o.tensors = append(o.tensors, stretch{int64(host), at, int64(n)})
		at += (int64(n) + align - 1) / align * align
	}
	layers := slices.Concat(t.net.spec.Layers, t.net.spec.Head)
	if pair := t.net.spec.Pair; pair != nil {
		layers = append(layers, pair.Layers...)
	}
	for i, sp := range t.net.spans {
		if layers[i].Kind == Dense {
			add(sp.w, sp.in*sp.out)
		}
	}
	o.weights = at
	for i, sp := range t.net.spans {
		switch layers[i].Kind {
		case Dense:
			add(sp.b, sp.out)
		case BatchNorm:
			add(sp.w, sp.in)
			add(sp.b, sp.in)
		}
	}
	o.common = at
	if t.net.spec.Pair != nil {
		b, c, first := t.net.pairBiases()
		add(first, len(b))
		add(first+len(b), len(c))
	}
	if n := len(t.net.Spread()); n > 0 {
		add(len(t.net.params)-n, n)
	}
	if o.count = at; t.net.spec.Pair == nil {
		o.common = at
	}
	slices.SortFunc(o.tensors, func(a, b stretch) int { return int(a.host - b.host) })
	o.samples = t.data.N
	if t.plan.Iterations > 0 {
		o.samples = t.plan.Iterations * t.plan.Batch
	}
	o.rows = (o.samples + t.batches() - 1) / t.batches()
}

// param is where the parameters that begin at host in Net.params lie: themselves, as
// bfloat16 and their gradient, 0 where they have none.
func (o *onGPU) param(host int) (w place, g gpu.Ptr) {
	i, _ := slices.BinarySearchFunc(o.tensors, int64(host), func(t stretch, h int64) int { return int(t.host - h) })
	at := gpu.Ptr(o.tensors[i].device)
	w.f = o.w + 4*at
	if o.half != 0 {
		w.half = o.half + 2*at
	}
	if o.direct {
		if int64(at) < o.weights {
			return w, 0
		}
		at -= gpu.Ptr(o.weights)
	}
	return w, o.g + 4*at
}

// gradients is how many values of the parameters have a gradient.
func (o *onGPU) gradients() int64 {
	if o.direct {
		return o.count - o.weights
	}
	return o.count
}

// copies is how many times the parameters' size is needed: themselves, gradients,
// the optimiser's state and what is kept aside.
func (o *onGPU) copies() int64 {
	n := int64(2)
	switch o.t.plan.Optimiser {
	case "sgd":
		if o.direct {
			n = 1
		}
	case "momentum":
		n = 3
	case "adam":
		n = 4
	}
	if o.t.plan.Patience > 0 || o.t.plan.Keep != 0 {
		n++
	}
	return n
}

// watchRows is how many watched samples are run at once.
const watchRows = 512

// fits says whether the network has room, and decides whether the samples have.
func (o *onGPU) fits() error {
	t, s := o.t, o.t.net.spec
	row, widest := int64(s.In), s.In
	if s.Loss.likely() {
		row += 2 * int64(s.Targets())
	}
	for i, l := range s.Layers {
		row += 3 * int64(s.width(i+1))
		if l.Kind == Sample {
			row += 2 * int64(s.width(i+1))
		}
		widest = max(widest, s.width(i+1))
	}
	judged := int64(0)
	for _, l := range s.Head {
		row += 3 * int64(l.Width)
		judged += 2 * int64(l.Width)
	}
	perValue := int64(4)
	if o.precision == gpu.BFloat16 {
		perValue = 6
	}
	need := 4*o.count*o.copies() + 2*o.count + perValue*(row*int64(o.rows)+(2*int64(widest)+judged)*int64(min(watchRows, max(1, t.data.WatchN)))) + 8*int64(o.samples) + 96<<20
	need += o.pairBytes()
	samples := 4 * int64(s.In) * int64(t.data.N+t.data.WatchN)
	if t.data.Target != nil {
		samples += 4 * int64(s.Targets()) * int64(t.data.N+t.data.WatchN)
	}
	free := o.d.Info().Free
	free -= free / 16
	halves := 2 * int64(o.pumpBytes())
	switch {
	case need+samples <= free:
	case need+halves+perValue*int64(widest) <= free:
		o.stream = &streaming{o: o}
	default:
		return fault.Wrap(gpu.ErrNoMemory, fmt.Sprintf("the network and a batch of %d need %.2f GB of the GPU's memory, %.2f GB are free", o.rows, float64(need+halves)/1e9, float64(o.d.Info().Free)/1e9),
			o.d.Info().Name, "a smaller batch or network, ending other programs that use the GPU, or device=cpu")
	}
	return nil
}

// pumpBytes is what is copied to the GPU at once.
func (o *onGPU) pumpBytes() int {
	s := o.t.net.spec
	row := 4 * s.In
	if o.t.data.Target != nil {
		row += 4 * s.Targets()
	}
	all := row * max(o.t.data.N, o.t.data.WatchN)
	return max(row*o.rows, min(all/8, 32<<20), 4096)
}

// room takes memory until the end.
func (o *onGPU) room(bytes int64) (gpu.Ptr, error) {
	p, err := o.d.Alloc(max(4, bytes))
	if err == nil {
		o.taken = append(o.taken, p)
	}
	return p, err
}

// zeros is room that is set to 0.
func (o *onGPU) zeros(bytes int64) (gpu.Ptr, error) {
	p, err := o.room(bytes)
	if err != nil {
		return 0, err
	}
	return p, o.d.Zero(p, bytes, o.main)
}

// temp is memory of that name, shared by the lists.
func (o *onGPU) temp(name string, bytes int64) (gpu.Ptr, error) {
	if p, ok := o.temps[name]; ok {
		return p, nil
	}
	p, err := o.room(bytes)
	if err == nil {
		o.temps[name] = p
	}
	return p, err
}

// takeParameters brings the network and the optimiser's state.
func (o *onGPU) takeParameters() (err error) {
	t := o.t
	take := func(p *gpu.Ptr, values []float32) error {
		if *p, err = o.zeros(4 * o.count); err != nil {
			return err
		}
		return o.up(*p, values)
	}
	if err := take(&o.w, t.net.params); err != nil {
		return err
	}
	if o.g, err = o.zeros(4 * o.gradients()); err != nil {
		return err
	}
	for i, m := range [][]float32{t.m, t.v} {
		if m != nil {
			if err := take(&o.moment[i], m); err != nil {
				return err
			}
		}
	}
	if o.precision == gpu.BFloat16 {
		if o.half, err = o.room(2 * o.count); err != nil {
			return err
		}
		if err := o.d.Kernel("bfloat16", o.main, gpu.U64(uint64(o.count)), gpu.P(o.w), gpu.P(o.half)); err != nil {
			return err
		}
	}
	moments := func(p *gpu.Ptr, values []float32) error {
		if len(t.net.moments) == 0 {
			return nil
		}
		if *p, err = o.room(4 * int64(len(t.net.moments))); err != nil {
			return err
		}
		return o.pump.Floats(*p, values)
	}
	if err := moments(&o.norms, t.net.moments); err != nil {
		return err
	}
	if t.plan.Patience > 0 || t.plan.Keep != 0 {
		from, fromNo := t.best, t.bestMoments
		if o.kept = from != nil; !o.kept {
			fromNo = t.net.moments
		}
		if err := take(&o.best, from); err != nil {
			return err
		}
		return moments(&o.bestNo, fromNo)
	}
	return nil
}

// up brings parameters, in Net.params' order, to a place.
func (o *onGPU) up(to gpu.Ptr, values []float32) error {
	for _, t := range o.tensors {
		if values == nil {
			break
		}
		if err := o.pump.Floats(to+gpu.Ptr(4*t.device), values[t.host:t.host+t.n]); err != nil {
			return err
		}
	}
	return nil
}

// down brings them back.
func (o *onGPU) down(values []float32, from gpu.Ptr) error {
	for _, t := range o.tensors {
		if err := o.d.Download(bytesOf(values[t.host:t.host+t.n]), from+gpu.Ptr(4*t.device), o.main); err != nil {
			return err
		}
	}
	return nil
}

// norm brings BatchNorm's moments back, if there are any.
func (o *onGPU) norm(values []float32, from gpu.Ptr) error {
	if len(values) == 0 {
		return nil
	}
	return o.d.Download(bytesOf(values), from, o.main)
}

// takeRoom takes what the steps need beside parameters and samples.
func (o *onGPU) takeRoom() (err error) {
	t, s := o.t, o.t.net.spec
	strips, parts := 1, int64(1)
	most := max(o.rows, min(watchRows, t.data.WatchN))
	widths := []int{s.Targets()}
	for _, sp := range t.net.spans {
		widths = append(widths, sp.out)
	}
	if s.Pair != nil {
		most = max(most, s.Pair.batch(s.In))
	}
	for _, n := range widths {
		strips = max(strips, (n+31)/32)
		tall := (most + 63) / 64
		parts = max(parts, 2*int64(tall)*int64((n+31)/32*32))
	}
	o.schedule = gpu.Schedule{Rate: t.plan.Rate, Decay: t.plan.Decay, Beta1: 0.9, Beta2: 0.999, Samples: uint64(o.samples), Batches: uint64(t.batches()), Weight: s.Weight, KL: s.KL, KLSteps: uint64(s.KLSteps)}
	o.schedule.Warmup = uint64(t.plan.Warmup * t.batches())
	if t.plan.Schedule == "cosine" {
		o.schedule.Total = uint64(t.plan.Epochs * t.batches())
	}
	penalised := []uint64{0, uint64(o.weights)}
	var units []float32
	var watched []int32
	classes := int64(0)
	if s.Classes() > 0 {
		classes = 4 * int64(o.samples)
		for _, c := range t.data.WatchClass {
			watched = append(watched, int32(c))
		}
	}
	if t.data.Scale != nil && t.uniform != 1 {
		units = t.data.Scale
	}
	for _, v := range []struct {
		to     *gpu.Ptr
		values []byte
		bytes  int64
	}{
		{&o.plan, bytesOf([]gpu.Schedule{o.schedule}), 0},
		{&o.state, bytesOf([]gpu.State{{}}), 0},
		{&o.watched, bytesOf([]gpu.State{{}}), 0},
		{&o.ranges, bytesOf(penalised), 0},
		{&o.units, bytesOf(units), 0},
		{&o.order, nil, 4 * int64(o.samples)},
		{&o.classes[0], nil, classes},
		{&o.classes[1], bytesOf(watched), 0},
		{&o.sums[0], nil, 4 * parts},
		{&o.sums[1], nil, 16 * parts},
		{&o.sums[2], nil, 4 * int64(2*strips+1)},
	} {
		n := max(v.bytes, int64(len(v.values)))
		if n == 0 {
			continue
		}
		if *v.to, err = o.room(n); err != nil {
			return err
		}
		if v.values != nil {
			err = o.d.Upload(*v.to, v.values, o.main)
		} else {
			err = o.d.Zero(*v.to, n, o.main)
		}
		if err != nil {
			return err
		}
	}
	if o.orderHost, err = o.d.AllocHost(4 * int64(o.samples)); err != nil {
		return err
	}
	if classes > 0 {
		if o.classHost, err = o.d.AllocHost(classes); err != nil {
			return err
		}
	}
	o.stateHost, err = o.d.AllocHost(3 * stateBytes)
	return err
}

const stateBytes = int64(unsafe.Sizeof(gpu.State{}))

// takeSamples brings the samples, or takes room to stream them through.
func (o *onGPU) takeSamples() (err error) {
	t := o.t
	if o.stream != nil {
		return o.stream.take()
	}
	bring := func(to *gpu.Ptr, from *samples) error {
		if from.n == 0 {
			return nil
		}
		if *to, err = o.room(4 * int64(from.n) * int64(from.width)); err != nil {
			return err
		}
		w := from.width
		for lo, most := 0, max(1, o.pumpBytes()/(4*w)); lo < from.n; lo += most {
			n := min(most, from.n-lo)
			err := o.pump.Put(*to+gpu.Ptr(4*lo*w), 4*n*w, 0, func(b []byte) { from.fill(t.pool.Run, valuesOf[float32](b), lo, lo+n) })
			if err != nil {
				return err
			}
		}
		return nil
	}
	o.stored = t.data.N
	if err := bring(&o.x, &t.in); err != nil {
		return err
	}
	if o.target = o.x; t.data.Target != nil {
		if err := bring(&o.target, &t.want); err != nil {
			return err
		}
	}
	if err := bring(&o.watch, &t.watch); err != nil {
		return err
	}
	if o.watchTo = o.watch; t.data.Target != nil {
		return bring(&o.watchTo, &t.watchWant)
	}
	return nil
}

// epoch brings the order of an epoch's samples.
func (o *onGPU) epoch(order []int) error {
	t := o.t
	o.today = order
	at := valuesOf[int32](o.orderHost)
	if o.stream != nil {
		o.stream.begin(order, at)
	} else {
		for i, v := range order {
			at[i] = int32(v)
		}
	}
	if err := o.d.Upload(o.order, o.orderHost[:4*len(order)], o.main); err != nil {
		return err
	}
	if o.classHost != nil {
		for i, v := range order {
			valuesOf[int32](o.classHost)[i] = int32(t.data.Class[v])
		}
		if err := o.d.Upload(o.classes[0], o.classHost[:4*len(order)], o.main); err != nil {
			return err
		}
	}
	if rate := t.base(t.epoch); rate != o.schedule.Rate {
		o.schedule.Rate = rate
		if err := o.d.Upload(o.plan, bytesOf([]gpu.Schedule{o.schedule}), o.main); err != nil {
			return err
		}
	}
	if err := o.epochOfPair(); err != nil {
		return err
	}
	state := valuesOf[gpu.State](o.stateHost)
	state[0] = gpu.State{Next: t.steps, Sum: o.untold(t.sum, t.kl), Entropy: t.entropy, Known: uint64(t.known), KL: t.kl}
	return o.d.Upload(o.state, o.stateHost[:stateBytes], o.main)
}

// step puts one step into the queue.
func (o *onGPU) step(lo, hi int) error {
	if o.stream != nil {
		if err := o.stream.need(lo, hi); err != nil {
			return err
		}
	}
	half := 0
	if o.stream != nil {
		half = o.stream.half
	}
	m := o.lists[[2]int{hi - lo, half}]
	if m == nil {
		var err error
		if m, err = newMachine(o, hi-lo, half); err != nil {
			return err
		}
		o.lists[[2]int{hi - lo, half}] = m
	}
	if err := m.RunAll(); err != nil {
		return err
	}
	m.Reset()
	return nil
}

// settle waits for the queue.
func (o *onGPU) settle(watch bool) (float64, error) {
	if o.stream != nil {
		if err := o.stream.rest(); err != nil {
			return 0, err
		}
	}
	host := valuesOf[gpu.State](o.stateHost)
	if watch {
		if err := o.measure(); err != nil {
			return 0, err
		}
		if err := o.d.Download(o.stateHost[2*stateBytes:], o.watched, o.main); err != nil {
			return 0, err
		}
	}
	if err := o.d.Download(o.stateHost[stateBytes:2*stateBytes], o.state, o.main); err != nil {
		return 0, err
	}
	if err := o.d.Sync(o.main); err != nil {
		return 0, err
	}
	t := o.t
	if now := host[1]; now.Lost != 0 {
		if err := o.pull(); err != nil {
			return 0, err
		}
		n, at := t.batches(), int(now.Step%uint64(t.batches()))
		return 0, t.lost(o.today[at*len(o.today)/n:(at+1)*len(o.today)/n], at)
	} else {
		t.sum, t.entropy, t.known, t.kl = o.told(now.Sum, now.KL), now.Entropy, int(now.Known), now.KL
	}
	if !watch {
		return math.NaN(), nil
	}
	t.judged, t.watchKL = judged{math.NaN(), math.NaN()}, math.NaN()
	if host[2].Lost != 0 {
		return math.NaN(), nil
	}
	if n := float64(host[2].Known); n > 0 {
		t.judged = judged{host[2].Entropy / n, float64(host[2].Wrong) / n}
	}
	t.watchKL = host[2].KL / float64(t.data.WatchN)
	return host[2].Sum / float64(t.data.WatchN*t.net.spec.Targets()), nil
}

// remember keeps the weights on the GPU.
func (o *onGPU) remember() error {
	o.kept = true
	if n := int64(len(o.t.net.moments)); n > 0 {
		if err := o.d.Copy(o.bestNo, o.norms, 4*n, o.main); err != nil {
			return err
		}
	}
	return o.d.Copy(o.best, o.w, 4*o.count, o.main)
}

// pull brings back what the trainer's state holds.
func (o *onGPU) pull() error {
	t := o.t
	for i, m := range [][]float32{t.m, t.v} {
		if m != nil {
			if err := o.down(m, o.moment[i]); err != nil {
				return err
			}
		}
	}
	if err := o.down(t.net.params, o.w); err != nil {
		return err
	}
	if o.kept {
		t.best, t.bestMoments = sized(t.best, len(t.net.params)), sized(t.bestMoments, len(t.net.moments))
		if err := o.down(t.best, o.best); err != nil {
			return err
		}
		if err := o.norm(t.bestMoments, o.bestNo); err != nil {
			return err
		}
	}
	if err := o.norm(t.net.moments, o.norms); err != nil {
		return err
	}
	return o.d.Sync(o.main)
}

// sized is x, or new room, of n values.
func sized(x []float32, n int) []float32 {
	if len(x) == n {
		return x
	}
	return make([]float32, n)
}

// close gives everything back; what a lost device does not take is gone with it.
func (o *onGPU) close() {
	var errs []error
	if o.main != 0 {
		errs = append(errs, o.d.Sync(o.main))
	}
	for _, m := range o.lists {
		errs = append(errs, m.Close())
	}
	if o.stream != nil {
		errs = append(errs, o.stream.close())
	}
	if o.pump != nil {
		errs = append(errs, o.pump.Close())
	}
	for _, h := range [][]byte{o.orderHost, o.classHost, o.turnsHost, o.stateHost} {
		if h != nil {
			errs = append(errs, o.d.FreeHost(h))
		}
	}
	for _, p := range o.taken {
		errs = append(errs, o.d.Free(p))
	}
	for _, s := range []gpu.Stream{o.main, o.side} {
		if s != 0 {
			errs = append(errs, o.d.FreeStream(s))
		}
	}
	_ = errors.Join(errs...)
}

// bytesOf are values as they lie in memory.
func bytesOf[T any](x []T) []byte {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), len(x)*int(unsafe.Sizeof(x[0])))
}

// valuesOf are bytes as values.
func valuesOf[T any](b []byte) []T {
	var v T
	return unsafe.Slice((*T)(unsafe.Pointer(&b[0])), len(b)/int(unsafe.Sizeof(v)))
}
