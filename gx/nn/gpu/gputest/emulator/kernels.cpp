// kernels.cu compiled for this processor: a block's threads are fibres that take
// turns at its barriers, and blocks run one after the other.
#include "kernels.h"

#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

struct Index { unsigned x, y, z; };
static Index threadIdx, blockIdx, blockDim, gridDim;

#define __device__
#define __global__
#define __shared__ static
#define __launch_bounds__(n)
#undef __noinline__
#define __noinline__

static unsigned __float_as_uint(float v) {
	unsigned u;
	memcpy(&u, &v, 4);
	return u;
}
static float __uint_as_float(unsigned u) {
	float v;
	memcpy(&v, &u, 4);
	return v;
}
static void __threadfence() {}
static int atomicAdd(int *p, int v) {
	int old = *p;
	*p += v;
	return old;
}
static double cospi(double x) { return cos(M_PI * x); }
static void sincospi(double x, double *s, double *c) { sincos(M_PI * x, s, c); }

// Fibres.
static const int most = 256, stackBytes = 64 << 10;
static jmp_buf fibres[most], scheduler;
static ucontext_t starts[most], home;
static bool begun[most], done[most];
static int now;
static std::function<void()> body;

static void run() {
	body();
	done[now] = true;
	_longjmp(scheduler, 1);
}

static void __syncthreads() {
	if (_setjmp(fibres[now]) == 0) _longjmp(scheduler, 1);
}

static void turn(int t) {
	static char *stacks = (char *)malloc((size_t)most * stackBytes);
	now = t;
	if (_setjmp(scheduler) != 0) return;
	if (begun[t]) _longjmp(fibres[t], 1);
	begun[t] = true;
	getcontext(&starts[t]);
	starts[t].uc_stack.ss_sp = stacks + (size_t)t * stackBytes;
	starts[t].uc_stack.ss_size = stackBytes;
	starts[t].uc_link = &home;
	makecontext(&starts[t], run, 0);
	setcontext(&starts[t]);
}

// Whether every thread of a block reached the same barriers is not checked; one
// that ends earlier is waited for no longer, as on a device.
static void block(bool barriers) {
	int threads = blockDim.x * blockDim.y;
	auto place = [](int t) { threadIdx = {t % blockDim.x, t / blockDim.x, 0}; };
	if (!barriers) {
		for (int t = 0; t < threads; t++) {
			place(t);
			body();
		}
		return;
	}
	memset(begun, 0, sizeof begun);
	memset(done, 0, sizeof done);
	for (int left = threads; left > 0;)
		for (int t = 0; t < threads; t++) {
			if (done[t]) continue;
			place(t);
			turn(t);
			left -= done[t];
		}
}

// Values too small for a normal float32 count as zero, as the PTX was made.
struct Flush {
#if defined(__x86_64__)
	unsigned before = __builtin_ia32_stmxcsr();
	Flush() { __builtin_ia32_ldmxcsr(before | 0x8040); }
	~Flush() { __builtin_ia32_ldmxcsr(before); }
#elif defined(__aarch64__)
	unsigned long before = __builtin_aarch64_get_fpcr64();
	Flush() { __builtin_aarch64_set_fpcr64(before | 1ul << 24); }
	~Flush() { __builtin_aarch64_set_fpcr64(before); }
#endif
};

void launch(const unsigned grid[3], const unsigned threads[3], bool barriers, std::function<void()> kernel) {
	Flush flush;
	body = kernel;
	gridDim = {grid[0], grid[1], grid[2]};
	blockDim = {threads[0], threads[1], threads[2]};
	for (unsigned y = 0; y < grid[1]; y++)
		for (unsigned x = 0; x < grid[0]; x++) {
			blockIdx = {x, y, 0};
			block(barriers);
		}
}

#include "kernels.cu"

// Arguments are taken when a kernel is launched, each from its own address.
template <class... P, size_t... I>
static std::function<void()> take(void (*f)(P...), void **args, std::index_sequence<I...>) {
	std::tuple<P...> values(*(P *)args[I]...);
	return [=] { std::apply(f, values); };
}
template <class... P>
static std::function<void()> take(void (*f)(P...), void **args) {
	return take(f, args, std::index_sequence_for<P...>());
}

#define KERNEL_OF(name, barriers) {#name, {[](void **args) { return take(name, args); }, barriers}},
std::map<std::string, Kernel> kernels = {
#include "table.inc"
};

// Where Go's structures must lie as these do.
extern "C" void emulator_layout(long *to) {
	long all[] = {sizeof(Schedule), offsetof(Schedule, beta2), offsetof(Schedule, samples), offsetof(Schedule, total), offsetof(Schedule, weight), offsetof(Schedule, klsteps),
		sizeof(State), offsetof(State, start), offsetof(State, sum), offsetof(State, rate), offsetof(State, root), offsetof(State, lost), offsetof(State, minus), offsetof(State, entropy), offsetof(State, wrong), offsetof(State, kl)};
	memcpy(to, all, sizeof all);
}
