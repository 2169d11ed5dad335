// The kernels of a step of training. Numbers follow gx/nn/cpu's formulas; masks
// and noise take the same random bits.
//
// The comment before a kernel names its grid:
//
//	one             a single thread
//	each COUNT      blocks of 256 threads, 4 values a thread
//	tiles ROWS N    blocks of 32 × 8 threads over 32 columns × 64 rows
//	lines ROWS N    a block of 256 threads for 1024 values of a row
//	rows ROWS       a block of 256 threads a row
//	columns N       a block of 32 × 8 threads for 32 columns
//
// The comment beside a pointer says how many values it points to, or none where it
// may be 0. up(a, b) is a/b rounded up. Kernels of one stream may share partial,
// sums and ticket; ticket is 0 at the beginning and again after every kernel.
// Every sum has a fixed order. half is a copy of the result as bfloat16.

typedef unsigned long long u64;
typedef unsigned short bf16;

#define KERNEL(threads) extern "C" __global__ void __launch_bounds__(threads)

// Schedule is what the steps of a training depend on.
struct Schedule {
	double rate, decay;  // learning rate; within an epoch it is rate/(1 + decay·step)
	double beta1, beta2; // of Adam
	u64 samples;         // in an epoch's order
	u64 batches;         // steps in an epoch
	u64 warmup;          // steps over which the rate rises; 0: none
	u64 total;           // steps over which it falls to 0 as a cosine; 0: it does not
	double weight;       // of a classifier's cross-entropy beside the loss
	double kl;           // how much the divergence of drawn codes counts beside the loss
	u64 klsteps;         // steps over which that rises from 0; 0: none
};

// State is how far a training is, and what its present step depends on.
struct State {
	u64 next;          // the number of the next step, from 0
	u64 step;          // that of the present one
	u64 start;         // where its samples begin in the epoch's order
	double loss;       // its loss, summed over samples and outputs
	double sum;        // the losses of all steps since this was 0, in data units
	float rate;        // its learning rate
	float scale, root; // of Adam: rate/(1 − β1ᵗ) and 1/√(1 − β2ᵗ)
	unsigned lost;     // 1 once a loss is no number: from then on nothing changes
	float minus, one;  // −rate and 1: the factors of a product that is a step of gradient descent
	double entropy;    // the cross-entropies of a classifier since this was 0
	u64 known, wrong;  // its samples with a class, and those it puts into another
	double kl;         // the divergences of drawn codes since this was 0, also in sum
};

enum { LINEAR, RELU, LEAKYRELU, SWISH, SIGMOID, LOGSIGMOID, TANH, SOFTPLUS, SOFTSHRINK, SOFTMAX };
enum { MSE, MAE };

#define LEAK 0.2f   // slope of LeakyReLU below 0
#define LAMBDA 0.5f // of SoftShrink

// Activations.

__device__ static float sigmoid(float x) { return 1 / (1 + expf(-x)); }

__device__ static float softplus(float x) { return fmaxf(x, 0) + log1pf(expf(-fabsf(x))); }

__device__ static float hyptan(float x) {
	float a = fabsf(x);
	if (a < 0.1f) { // where 1 − e⁻²ᵃ would cancel
		float s = x * x;
		return x * (1 + s * (-1.0f / 3 + s * (2.0f / 15 + s * (-17.0f / 315))));
	}
	float t = expf(-2 * a);
	return copysignf((1 - t) / (1 + t), x);
}

// The activation of a weighted sum.
__device__ static float activate(int act, float v) {
	switch (act) {
	case RELU: return v < 0 ? 0 : v;
	case LEAKYRELU: return v < 0 ? LEAK * v : v;
	case SWISH: return v * sigmoid(v);
	case SIGMOID: return sigmoid(v);
	case LOGSIGMOID: return -softplus(-v);
	case TANH: return hyptan(v);
	case SOFTPLUS: return softplus(v);
	case SOFTSHRINK: return v > LAMBDA ? v - LAMBDA : v < -LAMBDA ? v + LAMBDA : v == v ? 0 : v;
	}
	return v;
}

// The gradient d by the sum, given that by its activation y. Swish alone needs the
// sum z.
__device__ static float derive(int act, float z, float y, float d) {
	switch (act) {
	case RELU: return y > 0 ? d : 0;
	case LEAKYRELU: return y < 0 ? LEAK * d : d;
	case SWISH: {
		float s = sigmoid(z);
		return d * (s + y * (1 - s));
	}
	case SIGMOID: return d * (y * (1 - y));
	case LOGSIGMOID: return d * (1 - expf(y));
	case TANH: return d * (1 - y * y);
	case SOFTPLUS: return d * (1 - expf(-y));
	case SOFTSHRINK: return y == 0 ? 0 : d;
	}
	return d;
}

// x rounded to bfloat16, half to even.
__device__ static bf16 rounded(float x) {
	unsigned b = __float_as_uint(x);
	if (x != x) return (bf16)(b >> 16 | 0x40);
	return (bf16)((b + 0x7fff + (b >> 16 & 1)) >> 16);
}

// Functions in float64 that are compiled once, not wherever they are called: that
// would take the driver too long.
__device__ __noinline__ static double exp64(double x) { return exp(x); }

__device__ __noinline__ static double log64(double x) { return log(x); }

__device__ __noinline__ static double lgamma64(double x) { return lgamma(x); }

// ψ(x) for x > 0: by its recurrence up to 6, then its asymptotic series.
__device__ __noinline__ static double digamma(double x) {
	double v = 0;
	for (; x < 6; x++) v -= 1 / x;
	double q = 1 / (x * x);
	return v + log64(x) - 0.5 / x - q * (1.0 / 12 - q * (1.0 / 120 - q * (1.0 / 252 - q * (1.0 / 240 - q * (1.0 / 132 - q * (691.0 / 32760 - q / 12))))));
}

// Random numbers.

// 64 random bits for (seed, counter): the finaliser of SplitMix64 applied twice.
__device__ static u64 mix(u64 seed, u64 counter) {
	u64 x = seed * 0x9e3779b97f4a7c15ull + counter;
	for (int k = 0; k < 2; k++) {
		x += 0x9e3779b97f4a7c15ull;
		x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
		x = (x ^ x >> 27) * 0x94d049bb133111ebull;
		x ^= x >> 31;
	}
	return x;
}

// The counter of a step's first value.
__device__ static u64 counter(const State *step) { return step ? step->step << 32 : 0; }

// Whether a value stays: with probability keep.
__device__ static bool stays(float keep, u64 seed, u64 at) {
	return mix(seed, at) >> 11 < (u64)((double)keep * 9007199254740992.0);
}

// What dropout multiplies a value by.
__device__ static float factor(float keep, u64 seed, u64 at) { return stays(keep, seed, at) ? 1 / keep : 0; }

// Sums.

// The sum of v over the block's 256 threads; all get it.
__device__ __noinline__ static double blocksum(double v) {
	__shared__ double room[256];
	int t = threadIdx.y * blockDim.x + threadIdx.x;
	room[t] = v;
	__syncthreads();
	for (int k = 128; k > 0; k /= 2) {
		if (t < k) room[t] += room[t + k];
		__syncthreads();
	}
	v = room[0];
	__syncthreads();
	return v;
}

// The largest v of the block's 256 threads; all get it.
__device__ __noinline__ static float blockmax(float v) {
	__shared__ float room[256];
	int t = threadIdx.y * blockDim.x + threadIdx.x;
	room[t] = v;
	__syncthreads();
	for (int k = 128; k > 0; k /= 2) {
		if (t < k) room[t] = fmaxf(room[t], room[t + k]);
		__syncthreads();
	}
	v = room[0];
	__syncthreads();
	return v;
}

// The sum of v over the 8 threads of a column; all get it.
__device__ static double columnsum(double v) {
	__shared__ double room[256];
	room[threadIdx.y * 32 + threadIdx.x] = v;
	__syncthreads();
	v = 0;
	for (int k = 0; k < 8; k++) v += room[k * 32 + threadIdx.x];
	__syncthreads();
	return v;
}

// Whether this block is the last of so many to come here: it sees what the others
// wrote before.
__device__ static bool last(int *ticket, int blocks) {
	__shared__ bool is;
	__threadfence();
	__syncthreads();
	if (threadIdx.x == 0 && threadIdx.y == 0) {
		is = atomicAdd(ticket, 1) == blocks - 1;
		if (is) *ticket = 0;
		__threadfence();
	}
	__syncthreads();
	return is;
}

// The sums of the columns of a matrix, from each thread's part: first of the tile,
// then, by the last tile of the columns, of all.
__device__ static void columns(float v, int n, float *g, float *partial, int *ticket) {
	__shared__ float room[256];
	int j = blockIdx.x * 32 + threadIdx.x;
	bool mine = threadIdx.y == 0 && j < n;
	room[threadIdx.y * 32 + threadIdx.x] = v;
	__syncthreads();
	if (mine) {
		float s = 0;
		for (int k = 0; k < 8; k++) s += room[k * 32 + threadIdx.x];
		partial[(size_t)blockIdx.y * n + j] = s;
	}
	if (last(ticket + blockIdx.x, gridDim.y) && mine) {
		float s = 0;
		for (unsigned k = 0; k < gridDim.y; k++) s += ((volatile float *)partial)[(size_t)k * n + j];
		g[j] = s;
	}
}

// A loss from each thread's part of it, in float64: step->loss takes it and step->sum
// adds it.
__device__ static void total(double own, State *step, double *sums, int *ticket) {
	unsigned blocks = gridDim.x * gridDim.y;
	int t = threadIdx.y * blockDim.x + threadIdx.x;
	own = blocksum(own);
	if (t == 0) sums[blockIdx.y * gridDim.x + blockIdx.x] = own;
	if (!last(ticket, blocks)) return;
	own = 0;
	for (unsigned b = t; b < blocks; b += 256) own += ((volatile double *)sums)[b];
	own = blocksum(own);
	if (t != 0 || step->lost) return;
	step->loss = own;
	if (own - own == 0) step->sum += own;
	else step->lost = 1;
}

// Values are loaded four at a time, before any is used: that keeps enough of the
// memory's traffic under way.

// Row k, of 8, of this thread in its tile.
__device__ static int tilerow(int k) { return blockIdx.y * 64 + k * 8 + threadIdx.y; }

// Loads rows k to k+3 of column j.
__device__ static void load(const float *p, int k, int rows, int n, int j, float v[4]) {
	#pragma unroll
	for (int q = 0; q < 4; q++) {
		int r = tilerow(k + q);
		v[q] = r < rows ? p[(size_t)r * n + j] : 0;
	}
}

// The same value, unknown to the compiler: a loop that branches on it is then not
// compiled once for each of its values, which would take the driver too long.
__device__ static int unknown(int v) {
	asm volatile("" : "+r"(v));
	return v;
}

// Value k, of 4, of this thread in a run of 1024.
__device__ static u64 each(int k) { return (u64)blockIdx.x * 1024 + k * 256 + threadIdx.x; }

// Loads all four.
__device__ static void loadeach(const float *p, u64 count, float v[4]) {
	#pragma unroll
	for (int k = 0; k < 4; k++) v[k] = each(k) < count ? p[each(k)] : 0;
}

// The steps.

// begin begins a step: it says which it is, where its samples begin and what its
// learning rate is. After a loss that was no number the step stays the same.
// grid: one
KERNEL(1) begin(
	const Schedule *plan, // 1
	State *step           // 1
) {
	if (step->lost) return;
	u64 now = step->next++, at = now % plan->batches;
	step->step = now;
	step->start = at * plan->samples / plan->batches;
	double rate = plan->rate;
	if (plan->warmup) rate *= fmin(1.0, (double)(now + 1) / (double)plan->warmup);
	if (plan->total) rate *= 0.5 * (1 + cospi((double)now / (double)plan->total));
	step->rate = (float)(rate / (1 + plan->decay * (double)at));
	step->minus = -step->rate;
	step->one = 1;
	float c1 = (float)(1 - pow(plan->beta1, (double)(now + 1)));
	float c2 = (float)(1 - pow(plan->beta2, (double)(now + 1)));
	step->scale = step->rate / c1;
	step->root = (float)(1 / sqrt((double)c2));
}

// gather copies the samples of a step from the stored ones. Without a step they are
// the order's first.
// grid: lines rows n
KERNEL(256) gather(
	const State *step, // 1 or none
	const int *order,  // samples
	u64 samples,
	const float *x,    // stored*n
	u64 stored,
	int rows, int n,
	float *out,        // rows*n
	bf16 *half         // rows*n or none
) {
	const float *from = x + (size_t)order[(step ? step->start : 0) + blockIdx.x] * n;
	size_t to = (size_t)blockIdx.x * n;
	int j = blockIdx.y * 1024 + threadIdx.x;
	float v[4];
	#pragma unroll
	for (int k = 0; k < 4; k++) v[k] = j + k * 256 < n ? from[j + k * 256] : 0;
	#pragma unroll
	for (int k = 0; k < 4; k++, j += 256) {
		if (j >= n) return;
		out[to + j] = v[k];
		if (half) half[to + j] = rounded(v[k]);
	}
}

// mask sets values to 0 with probability 1 − keep.
// grid: each count
KERNEL(256) mask(
	const State *step, // 1 or none
	u64 count,
	float keep, u64 seed,
	float *x,          // count
	bf16 *half         // count or none
) {
	#pragma unroll 4
	for (int k = 0; k < 4; k++) {
		u64 i = each(k);
		if (i >= count) return;
		float v = stays(keep, seed, counter(step) + i) ? x[i] : 0;
		x[i] = v;
		if (half) half[i] = rounded(v);
	}
}

// noise sets y = x + N(0, sd), by Box and Muller's method for each pair of values.
// y may be x.
// grid: each count
KERNEL(256) noise(
	const State *step, // 1 or none
	u64 count,
	float sd, u64 seed,
	const float *x,    // count
	float *y,          // count
	bf16 *half         // count or none
) {
	#pragma unroll 1
	for (int k = 0; k < 2; k++) {
		u64 i = (u64)blockIdx.x * 1024 + k * 512 + 2 * threadIdx.x;
		if (i >= count) return;
		u64 at = counter(step) + i;
		double a = ((double)(mix(seed, at) >> 11) + 0.5) / 9007199254740992.0;
		double b = (double)(mix(seed, at + 1) >> 11) / 9007199254740992.0;
		double r = sqrt(-2 * log(a)), s, c;
		sincospi(2 * b, &s, &c);
		y[i] = x[i] + sd * (float)(r * c);
		if (i + 1 < count) y[i + 1] = x[i + 1] + sd * (float)(r * s);
		if (half) half[i] = rounded(y[i]);
		if (half && i + 1 < count) half[i + 1] = rounded(y[i + 1]);
	}
}

// clip cuts values off at low and high.
// grid: each count
KERNEL(256) clip(
	u64 count,
	float low, float high,
	float *x,          // count
	bf16 *half         // count or none
) {
	#pragma unroll 4
	for (int k = 0; k < 4; k++) {
		u64 i = each(k);
		if (i >= count) return;
		float v = x[i];
		v = v < low ? low : v > high ? high : v;
		x[i] = v;
		if (half) half[i] = rounded(v);
	}
}

// dropout sets y = x·mask, where mask is 1/keep with probability keep and 0
// otherwise. y may be x: that takes a gradient back.
// grid: each count
KERNEL(256) dropout(
	const State *step, // 1 or none
	u64 count,
	float keep, u64 seed,
	const float *x,    // count
	float *y,          // count
	bf16 *half         // count or none
) {
	float v[4];
	loadeach(x, count, v);
	#pragma unroll
	for (int k = 0; k < 4; k++) {
		u64 i = each(k);
		if (i >= count) return;
		v[k] *= factor(keep, seed, counter(step) + i);
		y[i] = v[k];
		if (half) half[i] = rounded(v[k]);
	}
}

// Layers.

// bias_act computes y = act(z + bias) and, where keep is below 1, out = y with
// dropout. For Swish z then holds the sums with their bias; otherwise z stays as it
// is and y may be z. half is of out where keep is below 1, else of y. Not for
// SoftMax.
// grid: tiles rows n
KERNEL(256) bias_act(
	const State *step, // 1 or none
	int act, int rows, int n,
	float *z,          // rows*n
	const float *bias, // n or none
	float *y,          // rows*n or none
	float keep, u64 seed,
	float *out,        // rows*n or none
	bf16 *half         // rows*n or none
) {
	int j = blockIdx.x * 32 + threadIdx.x;
	if (j >= n) return;
	float b = bias ? bias[j] : 0;
	u64 at = counter(step);
	#pragma unroll 1
	for (int k = 0; k < 8; k += 4) {
		float in[4];
		int f = unknown(act), dropped = unknown(keep < 1);
		load(z, k, rows, n, j, in);
		#pragma unroll
		for (int q = 0; q < 4; q++) {
			int r = tilerow(k + q);
			if (r >= rows) return;
			size_t i = (size_t)r * n + j;
			float v = in[q] + b;
			if (f == SWISH) z[i] = v;
			v = activate(f, v);
			if (y) y[i] = v;
			if (dropped) {
				v *= factor(keep, seed, at + i);
				if (out) out[i] = v;
			}
			if (half) half[i] = rounded(v);
		}
	}
}

// bias_softmax computes y = softmax(z + bias) of every row. y may be z.
// grid: rows rows
KERNEL(256) bias_softmax(
	int rows, int n,
	const float *z,    // rows*n
	const float *bias, // n or none
	float *y,          // rows*n
	bf16 *half         // rows*n or none
) {
	size_t row = (size_t)blockIdx.x * n;
	int t = threadIdx.x;
	float top = __uint_as_float(0xff800000); // −∞
	for (int j = t; j < n; j += 256) {
		float v = z[row + j] + (bias ? bias[j] : 0);
		top = v > top ? v : top;
	}
	top = blockmax(top);
	double s = 0;
	for (int j = t; j < n; j += 256) {
		float e = expf(z[row + j] + (bias ? bias[j] : 0) - top);
		y[row + j] = e;
		s += e;
	}
	float inv = (float)(1 / blocksum(s));
	for (int j = t; j < n; j += 256) {
		float v = y[row + j] * inv;
		y[row + j] = v;
		if (half) half[row + j] = rounded(v);
	}
}

// loss computes y = act(z + bias) of the outputs, their loss against the targets x
// and its gradient d by the sums. y and d may be z; not for SoftMax. The loss is
// Σ(y − x)² or Σ|y − x|, and d is that of the mean over samples and outputs; g are
// the sums of the columns of d. step->loss takes the loss, and step->sum adds it in
// data units: units are how many of them one of the network's is, per output, or
// none where that is 1.
// grid: tiles rows n
KERNEL(256) loss(
	State *step,        // 1
	int act, int kind, int rows, int n,
	const float *z,     // rows*n
	const float *bias,  // n or none
	const float *x,     // rows*n
	const float *units, // n or none
	float *y,           // rows*n or none
	float *d,           // rows*n or none
	bf16 *half,         // rows*n or none
	float *g,           // n or none
	float *partial,     // up(rows,64)*n or none
	double *sums,       // 2*up(rows,64)*up(n,32)
	int *ticket         // up(n,32)+1
) {
	int j = blockIdx.x * 32 + threadIdx.x;
	float scale = 1 / (float)((double)rows * n);
	float own = 0, told = 0, s = 0;
	if (j < n) {
		float b = bias ? bias[j] : 0, unit = units ? units[j] : 1;
		#pragma unroll 1
		for (int k = 0; k < 8; k += 4) {
			float in[4], want[4];
			int f = unknown(act), absolute = unknown(kind == MAE);
			load(z, k, rows, n, j, in);
			load(x, k, rows, n, j, want);
			#pragma unroll
			for (int q = 0; q < 4; q++) {
				int r = tilerow(k + q);
				if (r >= rows) break;
				size_t i = (size_t)r * n + j;
				float v = in[q] + b, o = activate(f, v);
				float t = o - want[q], u = t * unit, e;
				if (absolute) {
					own += fabsf(t);
					told += fabsf(u);
					e = t > 0 ? scale : t < 0 ? -scale : t * 0;
				} else {
					own += t * t;
					told += u * u;
					e = 2 * scale * t;
				}
				e = derive(f, v, o, e);
				if (y) y[i] = o;
				if (d) d[i] = e;
				if (half) half[i] = rounded(e);
				s += e;
			}
		}
	}
	if (g) columns(s, n, g, partial, ticket);
	size_t blocks = (size_t)gridDim.x * gridDim.y, block = (size_t)blockIdx.y * gridDim.x + blockIdx.x;
	double a = blocksum(own), b = blocksum(told);
	int t = threadIdx.y * 32 + threadIdx.x;
	if (t == 0) {
		sums[2 * block] = a;
		sums[2 * block + 1] = b;
	}
	if (!last(ticket + gridDim.x, (int)blocks)) return;
	a = b = 0;
	for (size_t k = t; k < blocks; k += 256) {
		a += ((volatile double *)sums)[2 * k];
		b += ((volatile double *)sums)[2 * k + 1];
	}
	a = blocksum(a);
	b = blocksum(b);
	if (t == 0 && !step->lost) {
		step->loss = a;
		if (a - a == 0) step->sum += b;
		else step->lost = 1;
	}
}

// entropy computes the cross-entropy of a classifier's scores z + bias, −log of the
// softmax at each row's class, and its gradient d by the scores: plan->weight of it, a
// mean over the rows that have a class. Rows of a class below 0 count for nothing. The
// classes are those of the step's samples, in their order. step->entropy adds it, in
// float64, step->known the rows with a class and step->wrong those of them in which
// another has a higher score, or as high a one and comes first.
// grid: rows rows
KERNEL(256) entropy(
	const Schedule *plan, // 1
	State *step,          // 1
	int rows, int n,
	const float *z,       // rows*n
	const float *bias,    // n or none
	const int *classes,   // samples
	u64 samples,
	float *d,             // rows*n or none
	double *sums,         // 2*rows
	int *ticket           // 1
) {
	int t = threadIdx.x;
	size_t row = (size_t)blockIdx.x * n;
	const int *of = classes + step->start;
	double k = 0;
	#pragma unroll 1
	for (int r = t; r < rows; r += 256) k += of[r] >= 0;
	int known = (int)blocksum(k);
	int mine = of[blockIdx.x];
	float own = mine < 0 ? 0 : z[row + mine] + (bias ? bias[mine] : 0);
	float top = __uint_as_float(0xff800000); // −∞
	int above = 0;
	#pragma unroll 1
	for (int j = t; j < n; j += 256) {
		float v = z[row + j] + (bias ? bias[j] : 0);
		top = v > top ? v : top;
		above += v > own || (v == own && j < mine);
	}
	top = blockmax(top);
	above = (int)blocksum(above);
	double s = 0;
	#pragma unroll 1
	for (int j = t; j < n; j += 256) s += exp64((double)(z[row + j] + (bias ? bias[j] : 0) - top));
	s = blocksum(s);
	if (t == 0) {
		sums[2 * blockIdx.x] = mine < 0 ? 0 : log64(s) - (double)(own - top);
		sums[2 * blockIdx.x + 1] = mine >= 0 && above > 0;
	}
	float scale = (float)(plan->weight / (known > 0 ? known : 1));
	#pragma unroll 1
	for (int j = d ? t : n; j < n; j += 256) {
		float v = scale * (float)(exp64((double)(z[row + j] + (bias ? bias[j] : 0) - top)) / s);
		d[row + j] = mine < 0 ? 0 : j == mine ? v - scale : v;
	}
	if (!last(ticket, rows)) return;
	double a = 0, b = 0;
	#pragma unroll 1
	for (int r = t; r < rows; r += 256) {
		a += ((volatile double *)sums)[2 * r];
		b += ((volatile double *)sums)[2 * r + 1];
	}
	a = blocksum(a);
	b = blocksum(b);
	if (t != 0 || step->lost) return;
	if (a - a == 0) {
		step->entropy += a;
		step->known += (u64)known;
		step->wrong += (u64)b;
	} else step->lost = 1;
}

// sample draws codes z = μ + σ·ε, count/k × k, where each row of x holds k means μ and
// then k values log σ²; ε is noise's of sd 1, whose counter goes on from first. Where told
// is 1 step->kl and step->sum add the codes' divergence from N(0, 1).
// grid: each count
KERNEL(256) sample(
	State *step,    // 1
	u64 count, int k, int told,
	u64 seed, u64 first,
	const float *x, // 2*count
	float *eps,     // count or none
	float *z,       // count
	bf16 *half,     // count or none
	double *sums,   // up(count,1024)
	int *ticket     // 1
) {
	int t = threadIdx.x;
	double own = 0;
	#pragma unroll 1
	for (int q = 0; q < 2; q++) {
		u64 i = (u64)blockIdx.x * 1024 + q * 512 + 2 * t;
		if (i >= count) break;
		u64 at = counter(step) + first + i;
		double a = ((double)(mix(seed, at) >> 11) + 0.5) / 9007199254740992.0;
		double b = (double)(mix(seed, at + 1) >> 11) / 9007199254740992.0;
		double r = sqrt(-2 * log64(a)), sc[2];
		sincospi(2 * b, &sc[1], &sc[0]);
		#pragma unroll 1
		for (int w = 0; w < 2 && i < count; w++, i++) {
			u64 row = i / k, j = i % k;
			float mu = x[row * 2 * k + j], lv = x[row * 2 * k + k + j], e = (float)(r * sc[w]);
			double sd = exp64(0.5 * lv);
			float v = mu + (float)sd * e;
			if (eps) eps[i] = e;
			z[i] = v;
			if (half) half[i] = rounded(v);
			own += 0.5 * ((double)mu * mu + sd * sd - 1 - lv);
		}
	}
	own = blocksum(own);
	if (t == 0) sums[blockIdx.x] = own;
	if (!last(ticket, gridDim.x)) return;
	own = 0;
	for (unsigned b = t; b < gridDim.x; b += 256) own += ((volatile double *)sums)[b];
	own = blocksum(own);
	if (t != 0 || step->lost) return;
	if (own - own != 0) step->lost = 1;
	else if (told) {
		step->kl += own;
		step->sum += own;
	}
}

// sample_back takes the gradient by drawn codes, dz and a second one, extra, to that by
// their means and log variances, d, with that of the divergence in a loss that is a mean
// over so many values.
// grid: each count
KERNEL(256) sample_back(
	const Schedule *plan, // 1
	const State *step,    // 1
	u64 count, int k,
	u64 values,
	const float *dz,      // count
	const float *extra,   // count or none
	const float *x,       // 2*count
	const float *eps,     // count
	float *d              // 2*count
) {
	double beta = plan->kl;
	if (plan->klsteps) beta *= fmin(1.0, (double)step->step / (double)plan->klsteps);
	double c = beta * (1 / (double)values);
	#pragma unroll 1
	for (int q = 0; q < 4; q++) {
		u64 i = each(q);
		if (i >= count) return;
		u64 at = i / k * 2 * k + i % k;
		double grad = dz[i], mu = x[at], sd = exp64(0.5 * x[at + k]);
		if (extra) grad += extra[i];
		d[at] = (float)(grad + c * mu);
		d[at + k] = (float)(0.5 * (grad * sd * eps[i] + c * (sd * sd - 1)));
	}
}

// gaussian computes −log p of targets x under means z + bias and log variances spread,
// one a column, in nats and float64, and its gradients, those of the mean over rows and
// columns: d by the means, g by the bias and gs by the spreads. d may be z. step->loss
// takes the sum and step->sum adds it.
// grid: tiles rows n
KERNEL(256) gaussian(
	State *step,         // 1
	int rows, int n,
	const float *z,      // rows*n
	const float *bias,   // n or none
	const float *x,      // rows*n
	const float *spread, // n
	float *d,            // rows*n or none
	bf16 *half,          // rows*n or none
	float *g,            // n or none
	float *gs,           // n or none
	float *partial,      // 2*up(rows,64)*n or none
	double *sums,        // up(rows,64)*up(n,32)
	int *ticket          // 2*up(n,32)+1
) {
	int j = blockIdx.x * 32 + threadIdx.x;
	double own = 0, scale = 1 / ((double)rows * n);
	float s = 0, ss = 0;
	if (j < n) {
		float b = bias ? bias[j] : 0;
		double log = spread[j], theta = exp64(-log);
		#pragma unroll 1
		for (int k = 0; k < 8; k += 4) {
			float in[4], want[4];
			load(z, k, rows, n, j, in);
			load(x, k, rows, n, j, want);
			#pragma unroll
			for (int q = 0; q < 4; q++) {
				int r = tilerow(k + q);
				if (r >= rows) break;
				size_t i = (size_t)r * n + j;
				double e = (double)(in[q] + b) - want[q], w = theta * e;
				own += 0.5 * (log + w * e) + 0.91893853320467274178; // ½·log 2π
				float v = (float)(scale * w);
				if (d) d[i] = v;
				if (half) half[i] = rounded(v);
				s += v;
				ss += (float)(0.5 * scale * (1 - w * e));
			}
		}
	}
	if (g) columns(s, n, g, partial, ticket);
	if (gs) columns(ss, n, gs, partial + (size_t)gridDim.y * n, ticket + gridDim.x);
	total(own, step, sums, ticket + 2 * gridDim.x);
}

// What depends on a count v above 0 and on θ alone: log Γ(v+θ)/(Γ(θ)·v!), and in dg
// ψ(v+θ) − ψ(θ).
__device__ __noinline__ static double rising(double v, double theta, double *dg) {
	if (v <= 12 && v == trunc(v) && theta < 1e10) {
		double product = 1, factorial = 1, sum = 0;
		for (int k = 0; k < (int)v; k++) {
			double t = theta + k;
			product *= t;
			factorial *= k + 1;
			sum += 1 / t;
		}
		*dg = sum;
		return log64(product) - log64(factorial);
	}
	*dg = digamma(v + theta) - digamma(theta);
	return lgamma64(v + theta) - lgamma64(theta) - lgamma64(v + 1);
}

// log(1 + eᶻ) and its derivative, the sigmoid.
__device__ __noinline__ static double softplus64(double z, double *sigmoid) {
	double e = exp(-fabs(z));
	*sigmoid = (z < 0 ? e : 1) / (1 + e);
	return fmax(z, 0.0) + log1p(e);
}

// counts computes −log p of counts x, in nats and float64, and its gradients, those of the
// mean over rows and columns: d by the outputs y = z + bias and ds by the spreads, one for
// each row. Counts are negative binomial, with mean m = library·softmax(y), where a row's
// library is its sum, and variance m + m²/θ; the spread, one a column, is log θ. Where
// outs is 2·n there is a chance of another zero, whose logits are the second half of the
// outputs. step->loss takes the sum and step->sum adds it.
// grid: rows rows
KERNEL(256) counts(
	State *step,         // 1
	int rows, int n, int outs,
	const float *z,      // rows*outs
	const float *bias,   // outs or none
	const float *x,      // rows*n
	const float *spread, // n
	float *d,            // rows*outs or none
	float *ds,           // rows*n or none
	double *sums,        // rows
	int *ticket          // 1
) {
	int t = threadIdx.x;
	bool inflated = outs > n;
	const float *y = z + (size_t)blockIdx.x * outs, *of = x + (size_t)blockIdx.x * n;
	if (d) d += (size_t)blockIdx.x * outs;
	if (ds) ds += (size_t)blockIdx.x * n;
	float top = __uint_as_float(0xff800000); // −∞
	double library = 0, norm = 0;
	#pragma unroll 1
	for (int j = t; j < n; j += 256) {
		float v = y[j] + (bias ? bias[j] : 0);
		top = v > top ? v : top;
		library += of[j];
	}
	top = blockmax(top);
	library = blocksum(library);
	if (library == 0) library = 1; // softmax's shares are of nothing: any number does
	#pragma unroll 1
	for (int j = t; j < n; j += 256) norm += exp64((double)(y[j] + (bias ? bias[j] : 0)) - top);
	norm = blocksum(norm);
	double logl = log64(library) - top - log64(norm), own = 0, back = 0;
	__shared__ double kept[2]; // what fewer registers are left for
	if (t == 0) {
		kept[0] = 1 / ((double)rows * n);
		kept[1] = library;
	}
	__syncthreads();
	#pragma unroll 1
	for (int j = t; j < n; j += 256) {
		double v = of[j], log = spread[j], theta = exp64(log);
		double logm = (double)(y[j] + (bias ? bias[j] : 0)) + logl, m = exp64(logm), tm = theta + m, logtm = log64(tm);
		double a = log - logtm, dg = 0, p = theta * a; // a: log θ/(θ+m)
		if (v > 0) p += rising(v, theta, &dg) + v * (logm - logtm);
		double by = theta * (v - m) / tm;                // m · d log p / dm
		double dr = theta * (dg + a + (m - v) / tm);     // d log p / d log θ
		if (inflated) {
			double pi = (double)(y[n + j] + (bias ? bias[n + j] : 0)), w, dpi;
			if (v == 0) {
				p = softplus64(p - pi, &w);
				p -= softplus64(-pi, &dpi);
				by *= w;
				dr *= w;
				dpi -= w;
			} else {
				p -= softplus64(pi, &dpi);
				dpi = -dpi;
			}
			if (d) d[n + j] = (float)(-kept[0] * dpi);
		}
		own -= p;
		if (d) d[j] = (float)(-kept[0] * by);
		if (ds) ds[j] = (float)(-kept[0] * dr);
		back += by;
	}
	if (d) { // through the softmax, whose shares add to 1
		back = blocksum(back);
		#pragma unroll 1
		for (int j = t; j < n; j += 256) {
			double share = exp64((double)(y[j] + (bias ? bias[j] : 0)) + logl) / kept[1];
			d[j] += (float)(kept[0] * share * back);
		}
	}
	total(own, step, sums, ticket);
}

// Pairs of halves. A step sees m of the features, of which each has three parameters; they
// lie in three stretches of pitch values.

// pick begins a step of a pair: now are its features, those of this step in turns, and cw,
// cm and cv their parameters and the optimiser's state of them.
// grid: each m
KERNEL(256) pick(
	const State *step, // 1
	int m, int pitch,
	const int *turns,  // steps*m
	u64 steps,
	int *now,          // m
	const float *w,    // 3*pitch
	const float *mo,   // 3*pitch or none
	const float *v,    // 3*pitch or none
	float *cw,         // 3*m
	float *cm,         // 3*m or none
	float *cv          // 3*m or none
) {
	turns += step->step % steps * m;
	#pragma unroll 1
	for (int q = 0; q < 4; q++) {
		u64 j = each(q);
		if (j >= m) return;
		int f = turns[j];
		now[j] = f;
		for (int a = 0; a < 3; a++) {
			cw[a * m + j] = w[a * pitch + f];
			if (cm) cm[a * m + j] = mo[a * pitch + f];
			if (cv) cv[a * m + j] = v[a * pitch + f];
		}
	}
}

// put ends it: the features' parameters and the state of them go back to their place.
// grid: each m
KERNEL(256) put(
	int m, int pitch,
	const int *now,  // m
	const float *cw, // 3*m
	const float *cm, // 3*m or none
	const float *cv, // 3*m or none
	float *w,        // 3*pitch
	float *mo,       // 3*pitch or none
	float *v         // 3*pitch or none
) {
	#pragma unroll 1
	for (int q = 0; q < 4; q++) {
		u64 j = each(q);
		if (j >= m) return;
		int f = now[j];
		for (int a = 0; a < 3; a++) {
			w[a * pitch + f] = cw[a * m + j];
			if (cm) mo[a * pitch + f] = cm[a * m + j];
			if (cv) v[a * pitch + f] = cv[a * m + j];
		}
	}
}

// choose takes columns now of x.
// grid: lines rows m
KERNEL(256) choose(
	int rows, int n, int m,
	const int *now, // m
	const float *x, // rows*n
	float *out,     // rows*m
	bf16 *half      // rows*m or none
) {
	const float *from = x + (size_t)blockIdx.x * n;
	size_t to = (size_t)blockIdx.x * m;
	int j = blockIdx.y * 1024 + threadIdx.x;
	#pragma unroll 4
	for (int k = 0; k < 4; k++, j += 256) {
		if (j >= m) return;
		float v = from[now[j]];
		out[to + j] = v;
		if (half) half[to + j] = rounded(v);
	}
}

// squares computes the gradient d of scale·Σ(z + bias − x)², and its sums of columns g.
// scale rises from 0 over the first steps of that number. d may be z. The sum itself is
// nowhere told.
// grid: tiles rows n
KERNEL(256) squares(
	State *step,       // 1
	int rows, int n,
	float scale, u64 steps,
	const float *z,    // rows*n
	const float *bias, // n
	const float *x,    // rows*n
	float *d,          // rows*n
	bf16 *half,        // rows*n or none
	float *g,          // n
	float *partial,    // up(rows,64)*n
	int *ticket        // up(n,32)
) {
	int j = blockIdx.x * 32 + threadIdx.x;
	float s = 0;
	if (steps) scale *= (float)fmin(1.0, (double)step->step / (double)steps);
	if (j < n) {
		float b = bias[j];
		#pragma unroll 1
		for (int k = 0; k < 8; k += 4) {
			float in[4], want[4];
			load(z, k, rows, n, j, in);
			load(x, k, rows, n, j, want);
			#pragma unroll
			for (int q = 0; q < 4; q++) {
				int r = tilerow(k + q);
				if (r >= rows) break;
				size_t i = (size_t)r * n + j;
				float t = in[q] + b - want[q], v = 2 * scale * t;
				if (!(t * t <= 3.402823466e38f)) step->lost = 1; // beyond the largest float
				d[i] = v;
				if (half) half[i] = rounded(v);
				s += v;
			}
		}
	}
	columns(s, n, g, partial, ticket);
}

// hush sets the gradient d to 0 after a loss that was no number: for products that
// change parameters themselves.
// grid: each count
KERNEL(256) hush(
	const State *step, // 1
	u64 count,
	float *d,          // count
	bf16 *half         // count or none
) {
	if (!step->lost) return;
	#pragma unroll 1
	for (int k = 0; k < 4; k++) {
		u64 i = each(k);
		if (i >= count) return;
		d[i] = 0;
		if (half) half[i] = 0;
	}
}

// back takes the gradient d by a layer's values to that by its sums, in place:
// through dropout where keep is below 1, as bias_act did it, and through the
// activation, given its values y and, for Swish, its sums z. g are the sums of the
// columns: the gradient by the bias. Not for SoftMax; Linear leaves d as it is. After
// a loss that was no number d becomes 0.
// grid: tiles rows n
KERNEL(256) back(
	const State *step, // 1 or none
	int act, int rows, int n,
	const float *z,    // rows*n or none
	const float *y,    // rows*n or none
	float keep, u64 seed,
	float *d,          // rows*n
	bf16 *half,        // rows*n or none
	float *g,          // n or none
	float *partial,    // up(rows,64)*n or none
	int *ticket        // up(n,32) or none
) {
	int j = blockIdx.x * 32 + threadIdx.x;
	u64 at = counter(step);
	float s = 0;
	bool lost = step && step->lost;
	if (j < n) {
		#pragma unroll 1
		for (int k = 0; k < 8; k += 4) {
			float in[4], of[4] = {0, 0, 0, 0};
			int f = unknown(act), dropped = unknown(keep < 1);
			load(d, k, rows, n, j, in);
			if (f != LINEAR) load(y, k, rows, n, j, of);
			#pragma unroll
			for (int q = 0; q < 4; q++) {
				int r = tilerow(k + q);
				if (r >= rows) break;
				size_t i = (size_t)r * n + j;
				float v = in[q];
				if (dropped) v *= factor(keep, seed, at + i);
				if (f != LINEAR) v = derive(f, f == SWISH ? z[i] : 0, of[q], v);
				if (lost) v = 0;
				if (f != LINEAR || dropped || lost) d[i] = v;
				if (half) half[i] = rounded(v);
				s += v;
			}
		}
	}
	if (g) columns(s, n, g, partial, ticket);
}

// back_softmax is back for SoftMax, without the sums.
// grid: rows rows
KERNEL(256) back_softmax(
	int rows, int n,
	const float *y, // rows*n
	float *d,       // rows*n
	bf16 *half      // rows*n or none
) {
	size_t row = (size_t)blockIdx.x * n;
	double s = 0;
	for (int j = threadIdx.x; j < n; j += 256) s += (double)y[row + j] * (double)d[row + j];
	float dot = (float)blocksum(s);
	for (int j = threadIdx.x; j < n; j += 256) {
		float v = y[row + j] * (d[row + j] - dot);
		d[row + j] = v;
		if (half) half[row + j] = rounded(v);
	}
}

// norm is BatchNorm while training: y = act(γ·x̂ + β), where x̂ is x normalised over
// the batch and inv is 1/√(variance + 10⁻⁵) of each column. moments, running means
// and then variances, move a tenth of the way. Not for SoftMax.
// grid: columns n
KERNEL(256) norm(
	const State *step,  // 1
	int act, int rows, int n,
	const float *x,     // rows*n
	const float *gamma, // n
	const float *beta,  // n
	float *moments,     // 2*n
	float *hat,         // rows*n
	float *inv,         // n
	float *y,           // rows*n
	bf16 *half          // rows*n or none
) {
	int j = blockIdx.x * 32 + threadIdx.x;
	bool in = j < n;
	double s = 0;
	if (in) for (int r = threadIdx.y; r < rows; r += 8) s += x[(size_t)r * n + j];
	double mean = columnsum(s) / rows;
	s = 0;
	if (in) for (int r = threadIdx.y; r < rows; r += 8) {
		double v = x[(size_t)r * n + j] - mean;
		s += v * v;
	}
	s = columnsum(s);
	if (!in) return;
	double to = 1 / sqrt(s / rows + 1e-5);
	float a = gamma[j], b = beta[j];
	for (int r = threadIdx.y; r < rows; r += 8) {
		size_t i = (size_t)r * n + j;
		float h = (float)((x[i] - mean) * to), v = activate(act, a * h + b);
		hat[i] = h;
		y[i] = v;
		if (half) half[i] = rounded(v);
	}
	if (threadIdx.y != 0) return;
	inv[j] = (float)to;
	if (step->lost) return;
	moments[j] += 0.1f * ((float)mean - moments[j]);
	moments[n + j] += 0.1f * ((float)(s / (rows > 1 ? rows - 1 : 1)) - moments[n + j]);
}

// norm_apply is BatchNorm by its running moments. y may be x.
// grid: tiles rows n
KERNEL(256) norm_apply(
	int act, int rows, int n,
	const float *x,       // rows*n
	const float *gamma,   // n
	const float *beta,    // n
	const float *moments, // 2*n
	float *y,             // rows*n
	bf16 *half            // rows*n or none
) {
	int j = blockIdx.x * 32 + threadIdx.x;
	if (j >= n) return;
	float root = (float)sqrt((double)moments[n + j] + 1e-5);
	#pragma unroll 1
	for (int k = 0; k < 8; k++) {
		int r = tilerow(k);
		if (r >= rows) return;
		size_t i = (size_t)r * n + j;
		float v = activate(act, gamma[j] * (x[i] - moments[j]) / root + beta[j]);
		y[i] = v;
		if (half) half[i] = rounded(v);
	}
}

// norm_back takes the gradient d by norm's values, through the activation in place,
// to that by its input, dx, by γ and by β. dx may be d.
// grid: columns n
KERNEL(256) norm_back(
	int act, int rows, int n,
	const float *y,     // rows*n
	const float *hat,   // rows*n
	const float *inv,   // n
	const float *gamma, // n
	const float *beta,  // n
	float *d,           // rows*n
	float *dx,          // rows*n
	float *dgamma,      // n
	float *dbeta,       // n
	bf16 *half          // rows*n or none
) {
	int j = blockIdx.x * 32 + threadIdx.x;
	bool in = j < n;
	float a = in ? gamma[j] : 0, b = in ? beta[j] : 0;
	double sd = 0, sx = 0;
	if (in) for (int r = threadIdx.y; r < rows; r += 8) {
		size_t i = (size_t)r * n + j;
		float v = derive(act, a * hat[i] + b, y[i], d[i]);
		d[i] = v;
		sd += v;
		sx += (double)v * (double)hat[i];
	}
	sd = columnsum(sd);
	sx = columnsum(sx);
	if (!in) return;
	if (threadIdx.y == 0) {
		dgamma[j] = (float)sx;
		dbeta[j] = (float)sd;
	}
	double c = (double)a * (double)inv[j];
	for (int r = threadIdx.y; r < rows; r += 8) {
		size_t i = (size_t)r * n + j;
		float v = (float)(c * ((double)d[i] - sd / rows - (double)hat[i] * sx / rows));
		dx[i] = v;
		if (half) half[i] = rounded(v);
	}
}

// Optimisers. They go over all parameters at once; ranges are where penalised ones
// begin and end, in order. After a loss that was no number they change nothing.

// The gradient g with the penalties of parameter i, of value w.
__device__ static float penalised(u64 i, float w, float g, float l1, float l2, int count, const u64 *ranges) {
	if (l1 == 0 && l2 == 0) return g;
	int lo = 0, hi = count; // the first range that ends beyond i
	while (lo < hi) {
		int mid = (lo + hi) / 2;
		if (ranges[2 * mid + 1] > i) hi = mid;
		else lo = mid + 1;
	}
	if (lo == count || i < ranges[2 * lo]) return g;
	g += w > 0 ? l1 : w < 0 ? -l1 : 0;
	return g + l2 * w;
}

// sgd takes a step of gradient descent: w −= rate·g.
// grid: each count
KERNEL(256) sgd(
	const State *step, // 1
	u64 count,
	float l1, float l2, int penalties,
	const u64 *ranges, // 2*penalties or none
	float *w,          // count
	const float *g,    // count
	bf16 *half         // count or none
) {
	if (step->lost) return;
	#pragma unroll 2
	for (int k = 0; k < 4; k++) {
		u64 i = each(k);
		if (i >= count) return;
		float v = w[i];
		v -= step->rate * penalised(i, v, g[i], l1, l2, penalties, ranges);
		w[i] = v;
		if (half) half[i] = rounded(v);
	}
}

// momentum takes a step with velocity m: m = mu·m + g, w −= rate·m.
// grid: each count
KERNEL(256) momentum(
	const State *step, // 1
	u64 count,
	float mu, float l1, float l2, int penalties,
	const u64 *ranges, // 2*penalties or none
	float *w,          // count
	const float *g,    // count
	float *m,          // count
	bf16 *half         // count or none
) {
	if (step->lost) return;
	#pragma unroll 2
	for (int k = 0; k < 4; k++) {
		u64 i = each(k);
		if (i >= count) return;
		float v = w[i];
		float speed = mu * m[i] + penalised(i, v, g[i], l1, l2, penalties, ranges);
		m[i] = speed;
		v -= step->rate * speed;
		w[i] = v;
		if (half) half[i] = rounded(v);
	}
}

// adam takes a step of Adam (Kingma and Ba 2015) with moments m and v, at the step's
// rate times slower.
// grid: each count
KERNEL(256) adam(
	const Schedule *plan, // 1
	const State *step,    // 1
	u64 count,
	float slower, float eps, float l1, float l2, int penalties,
	const u64 *ranges,    // 2*penalties or none
	float *w,             // count
	const float *g,       // count
	float *m,             // count
	float *v,             // count
	bf16 *half            // count or none
) {
	if (step->lost) return;
	float b1 = (float)plan->beta1, b2 = (float)plan->beta2, scale = slower * step->scale;
	#pragma unroll 1
	for (int k = 0; k < 4; k++) {
		u64 i = each(k);
		if (i >= count) return;
		float x = w[i], e = penalised(i, x, g[i], l1, l2, penalties, ranges);
		float mm = b1 * m[i] + (1 - b1) * e;
		float vv = b2 * v[i] + (1 - b2) * e * e;
		m[i] = mm;
		v[i] = vv;
		x -= scale * mm / (sqrtf(vv) * step->root + eps);
		w[i] = x;
		if (half) half[i] = rounded(x);
	}
}

// bfloat16 rounds values to bfloat16.
// grid: each count
KERNEL(256) bfloat16(
	u64 count,
	const float *x, // count
	bf16 *half      // count
) {
	float v[4];
	loadeach(x, count, v);
	#pragma unroll
	for (int k = 0; k < 4; k++)
		if (each(k) < count) half[each(k)] = rounded(v[k]);
}

// echo writes its arguments down, for the test of how they are passed.
// grid: tiles rows n
KERNEL(256) echo(
	int rows, int n, u64 big, float real,
	u64 *to // up(rows,64)*up(n,32)*8
) {
	if (threadIdx.x != 0 || threadIdx.y != 0) return;
	to += (blockIdx.y * gridDim.x + blockIdx.x) * 8;
	to[0] = rows;
	to[1] = n;
	to[2] = big;
	to[3] = __float_as_uint(real);
	to[4] = gridDim.x;
	to[5] = gridDim.y;
	to[6] = blockDim.x;
	to[7] = blockDim.y;
}
