// A libcuda whose device is this processor. Work is put off as long as it may be:
// until a stream is waited for, or its result is needed. So what a program forgets
// to wait for is not there. Memory begins as NaN and ends at a page that nobody may
// touch.
#include "headers.h"
#include "kernels.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <dlfcn.h>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <set>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

extern "C" void emulator_layout(long *to);

typedef std::function<void()> Work;
static std::recursive_mutex mutex;
#define ENTER std::lock_guard<std::recursive_mutex> lock(mutex); if (CUresult e = broken()) return e

struct Mark { CUstream stream; size_t place; }; // where an event was recorded
struct CUgraph_st { std::vector<Work> work; };
struct CUgraphExec_st { std::vector<Work> work; };
struct CUstream_st {
	std::deque<Work> queue;
	size_t given = 0, done = 0;
	CUgraph graph = nullptr; // that it is being captured into
	bool origin = false;
};
struct CUevent_st {
	Mark mark = {nullptr, 0};
	CUgraph graph = nullptr;
	std::shared_ptr<std::chrono::steady_clock::time_point> time = std::make_shared<std::chrono::steady_clock::time_point>();
};
struct CUfunc_st { std::string name; };

static std::map<CUdeviceptr, size_t> memory;
static std::map<void *, size_t> pinned;
static std::set<CUstream> streams;
static long taken;

// What a test asks for, and what it is told: the file control beside the library.
struct Control {
	long memory, version, devices, major;
	long lose; // launches until the device is lost; below 0: never
	long nvidia; // compiled with NVIDIA's headers
	long layout[17];
};
static Control *control = [] {
	static Control none = {1l << 32, 13000, 1, 9, -1};
	Dl_info at;
	if (!dladdr((void *)&emulator_layout, &at)) return &none;
	std::string path = at.dli_fname;
	int f = open((path.substr(0, path.rfind('/') + 1) + "control").c_str(), O_RDWR);
	if (f < 0) return &none;
	void *p = mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
	close(f);
	if (p == MAP_FAILED) return &none;
	Control *c = (Control *)p;
	c->nvidia = HEADERS;
	emulator_layout(c->layout);
	return c;
}();
static bool lost;

static CUresult broken() { return lost ? CUDA_ERROR_ILLEGAL_ADDRESS : CUDA_SUCCESS; }

static bool inside(CUdeviceptr p, size_t n) {
	auto m = memory.upper_bound(p);
	return m != memory.begin() && p + n <= (--m)->first + m->second;
}

static void runto(CUstream s, size_t place) {
	while (s->done < place && !s->queue.empty()) {
		Work w = s->queue.front();
		s->queue.pop_front();
		s->done++;
		w();
	}
}

static void finish(CUstream s) { runto(s, s->given); }
static void finishall() {
	for (CUstream s : streams) finish(s);
}

void put(CUstream s, Work w) {
	if (s->graph) {
		s->graph->work.push_back(w);
		return;
	}
	s->queue.push_back(w);
	s->given++;
}

// The default stream waits for all others, and they for it.
void putnow(Work w) {
	finishall();
	w();
}

bool known(CUstream s) { return streams.count(s); }
bool reaches(CUdeviceptr p, size_t n) { return inside(p, n); }
bool fails() {
	if (control->lose >= 0 && control->lose-- == 0) lost = true;
	return lost;
}

extern "C" {

CUresult cuGetErrorName(CUresult r, const char **name) {
	*name = r == CUDA_ERROR_ILLEGAL_ADDRESS ? "CUDA_ERROR_ILLEGAL_ADDRESS" : r == CUDA_ERROR_OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : "CUDA_ERROR";
	return CUDA_SUCCESS;
}
CUresult cuGetErrorString(CUresult r, const char **text) {
	*text = r == CUDA_ERROR_OUT_OF_MEMORY ? "out of memory" : "an emulated error";
	return CUDA_SUCCESS;
}

CUresult cuInit(unsigned flags) {
	if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
	return control->devices > 0 ? CUDA_SUCCESS : CUDA_ERROR_NO_DEVICE;
}
CUresult cuDriverGetVersion(int *v) {
	*v = control->version;
	return CUDA_SUCCESS;
}
CUresult cuDeviceGetCount(int *n) {
	*n = control->devices;
	return CUDA_SUCCESS;
}
CUresult cuDeviceGet(CUdevice *d, int ordinal) {
	*d = 7;
	return ordinal < control->devices ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}
CUresult cuDeviceGetName(char *name, int n, CUdevice d) {
	if (d != 7) return CUDA_ERROR_INVALID_VALUE;
	snprintf(name, n, "an emulated GPU");
	return CUDA_SUCCESS;
}
CUresult cuDeviceGetAttribute(int *v, CUdevice_attribute a, CUdevice d) {
	if (d != 7) return CUDA_ERROR_INVALID_VALUE;
	*v = a == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR ? control->major : a == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR ? 5 : a == CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT ? 3 : -1;
	return *v < 0 ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}
CUresult cuDeviceTotalMem(size_t *bytes, CUdevice d) {
	*bytes = control->memory;
	return d == 7 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

static thread_local CUcontext current;
static int retained;
CUresult cuDevicePrimaryCtxRetain(CUcontext *c, CUdevice d) {
	retained++;
	*c = (CUcontext)0x1234;
	return d == 7 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}
CUresult cuDevicePrimaryCtxRelease(CUdevice d) {
	return d == 7 && retained-- > 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT;
}
CUresult cuCtxSetCurrent(CUcontext c) {
	current = c;
	return c == (CUcontext)0x1234 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT;
}
CUresult cuCtxSynchronize() {
	ENTER;
	finishall();
	return broken();
}
#define BOUND if (!current) return CUDA_ERROR_INVALID_CONTEXT
#define STREAM(s) if (!known(s)) return CUDA_ERROR_INVALID_HANDLE

CUresult cuMemGetInfo(size_t *free, size_t *all) {
	ENTER;
	BOUND;
	*free = control->memory - taken;
	*all = control->memory;
	return CUDA_SUCCESS;
}
static const size_t page = 4096;
CUresult cuMemAlloc(CUdeviceptr *p, size_t bytes) {
	ENTER;
	BOUND;
	if (bytes == 0) return CUDA_ERROR_INVALID_VALUE;
	if ((long)bytes > control->memory - taken) return CUDA_ERROR_OUT_OF_MEMORY;
	size_t whole = (bytes + page - 1) / page * page, shown = (bytes + 255) / 256 * 256;
	char *at = (char *)mmap(nullptr, whole + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED) return CUDA_ERROR_OUT_OF_MEMORY;
	mprotect(at + whole, page, PROT_NONE);
	*p = (CUdeviceptr)(at + whole - shown);
	memset((void *)*p, 0xff, shown);
	memory[*p] = bytes;
	taken += bytes;
	return CUDA_SUCCESS;
}
CUresult cuMemFree(CUdeviceptr p) {
	ENTER;
	BOUND;
	finishall();
	auto m = memory.find(p);
	if (m == memory.end()) return CUDA_ERROR_INVALID_VALUE;
	size_t whole = (m->second + page - 1) / page * page, shown = (m->second + 255) / 256 * 256;
	munmap((char *)p + shown - whole, whole + page);
	taken -= m->second;
	memory.erase(m);
	return CUDA_SUCCESS;
}
CUresult cuMemHostAlloc(void **p, size_t bytes, unsigned flags) {
	ENTER;
	BOUND;
	if (bytes == 0 || flags != CU_MEMHOSTALLOC_PORTABLE) return CUDA_ERROR_INVALID_VALUE;
	*p = malloc(bytes);
	pinned[*p] = bytes;
	return CUDA_SUCCESS;
}
CUresult cuMemFreeHost(void *p) {
	ENTER;
	BOUND;
	finishall();
	if (!pinned.erase(p)) return CUDA_ERROR_INVALID_VALUE;
	free(p);
	return CUDA_SUCCESS;
}
static bool ispinned(const void *p, size_t n) {
	auto m = pinned.upper_bound((void *)p);
	return m != pinned.begin() && (const char *)p + n <= (char *)(--m)->first + m->second;
}
CUresult cuMemcpyHtoDAsync(CUdeviceptr to, const void *from, size_t n, CUstream s) {
	ENTER;
	BOUND;
	STREAM(s);
	if (!inside(to, n)) return CUDA_ERROR_INVALID_VALUE;
	if (ispinned(from, n)) {
		put(s, [=] { memcpy((void *)to, from, n); });
		return CUDA_SUCCESS;
	}
	if (s->graph) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
	auto staged = std::make_shared<std::vector<char>>((const char *)from, (const char *)from + n);
	put(s, [=] { memcpy((void *)to, staged->data(), n); });
	return CUDA_SUCCESS;
}
CUresult cuMemcpyDtoHAsync(void *to, CUdeviceptr from, size_t n, CUstream s) {
	ENTER;
	BOUND;
	STREAM(s);
	if (!inside(from, n)) return CUDA_ERROR_INVALID_VALUE;
	if (s->graph && !ispinned(to, n)) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
	put(s, [=] { memcpy(to, (void *)from, n); });
	if (!ispinned(to, n)) finish(s);
	return broken();
}
CUresult cuMemcpyDtoDAsync(CUdeviceptr to, CUdeviceptr from, size_t n, CUstream s) {
	ENTER;
	BOUND;
	STREAM(s);
	if (!inside(from, n) || !inside(to, n)) return CUDA_ERROR_INVALID_VALUE;
	put(s, [=] { memcpy((void *)to, (void *)from, n); });
	return CUDA_SUCCESS;
}
CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char v, size_t n, CUstream s) {
	ENTER;
	BOUND;
	STREAM(s);
	if (!inside(to, n)) return CUDA_ERROR_INVALID_VALUE;
	put(s, [=] { memset((void *)to, v, n); });
	return CUDA_SUCCESS;
}

CUresult cuStreamCreate(CUstream *s, unsigned flags) {
	ENTER;
	BOUND;
	if (flags != CU_STREAM_NON_BLOCKING && flags != CU_STREAM_DEFAULT) return CUDA_ERROR_INVALID_VALUE;
	*s = new CUstream_st;
	streams.insert(*s);
	return CUDA_SUCCESS;
}
CUresult cuStreamDestroy(CUstream s) {
	ENTER;
	BOUND;
	STREAM(s);
	finish(s);
	streams.erase(s);
	return CUDA_SUCCESS; // not deleted: an old mark may name it
}
CUresult cuStreamSynchronize(CUstream s) {
	ENTER;
	BOUND;
	STREAM(s);
	if (s->graph) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
	finish(s);
	return broken();
}
CUresult cuStreamWaitEvent(CUstream s, CUevent e, unsigned flags) {
	ENTER;
	BOUND;
	STREAM(s);
	if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
	if (e->graph) {
		if (s->graph && s->graph != e->graph) return CUDA_ERROR_STREAM_CAPTURE_MERGE;
		s->graph = e->graph;
		return CUDA_SUCCESS;
	}
	if (s->graph) return CUDA_ERROR_STREAM_CAPTURE_ISOLATION;
	if (Mark m = e->mark; m.stream) put(s, [=] { runto(m.stream, m.place); });
	return CUDA_SUCCESS;
}
CUresult cuStreamBeginCapture(CUstream s, CUstreamCaptureMode mode) {
	ENTER;
	BOUND;
	STREAM(s);
	if (mode != CU_STREAM_CAPTURE_MODE_RELAXED || s->graph) return CUDA_ERROR_ILLEGAL_STATE;
	s->graph = new CUgraph_st;
	s->origin = true;
	return CUDA_SUCCESS;
}
CUresult cuStreamEndCapture(CUstream s, CUgraph *g) {
	ENTER;
	BOUND;
	STREAM(s);
	if (!s->graph || !s->origin) return CUDA_ERROR_ILLEGAL_STATE;
	*g = s->graph;
	s->origin = false;
	for (CUstream t : streams)
		if (t->graph == *g) t->graph = nullptr;
	return CUDA_SUCCESS;
}

CUresult cuEventCreate(CUevent *e, unsigned flags) {
	ENTER;
	BOUND;
	if (flags != CU_EVENT_DEFAULT && flags != CU_EVENT_DISABLE_TIMING) return CUDA_ERROR_INVALID_VALUE;
	*e = new CUevent_st;
	return CUDA_SUCCESS;
}
CUresult cuEventDestroy(CUevent e) {
	ENTER;
	BOUND;
	delete e;
	return CUDA_SUCCESS;
}
CUresult cuEventRecord(CUevent e, CUstream s) {
	ENTER;
	BOUND;
	STREAM(s);
	e->graph = s->graph;
	if (s->graph) return CUDA_SUCCESS;
	auto time = e->time;
	put(s, [=] { *time = std::chrono::steady_clock::now(); });
	e->mark = {s, s->given};
	return CUDA_SUCCESS;
}
CUresult cuEventSynchronize(CUevent e) {
	ENTER;
	BOUND;
	if (e->mark.stream) runto(e->mark.stream, e->mark.place);
	return broken();
}
CUresult cuEventElapsedTime(float *ms, CUevent from, CUevent to) {
	ENTER;
	BOUND;
	*ms = std::chrono::duration<float, std::milli>(*to->time - *from->time).count();
	return CUDA_SUCCESS;
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec *x, CUgraph g, unsigned long long flags) {
	ENTER;
	BOUND;
	if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
	*x = new CUgraphExec_st{g->work};
	return CUDA_SUCCESS;
}
CUresult cuGraphDestroy(CUgraph g) {
	ENTER;
	BOUND;
	delete g;
	return CUDA_SUCCESS;
}
CUresult cuGraphLaunch(CUgraphExec x, CUstream s) {
	ENTER;
	BOUND;
	STREAM(s);
	if (fails()) return broken();
	for (auto &w : x->work) put(s, w);
	return CUDA_SUCCESS;
}
CUresult cuGraphExecDestroy(CUgraphExec x) {
	ENTER;
	BOUND;
	finishall();
	delete x;
	return CUDA_SUCCESS;
}

CUresult cuModuleLoadDataEx(CUmodule *m, const void *image, unsigned n, CUjit_option *options, void **values) {
	ENTER;
	BOUND;
	if (n != 2 || options[0] != CU_JIT_ERROR_LOG_BUFFER || options[1] != CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES || (size_t)values[1] != 4096) return CUDA_ERROR_INVALID_VALUE;
	if (!strstr((const char *)image, ".target sm_75")) {
		snprintf((char *)values[0], 4096, "no PTX");
		return CUDA_ERROR_INVALID_PTX;
	}
	*m = (CUmodule)0x77;
	return CUDA_SUCCESS;
}
CUresult cuModuleLoadData(CUmodule *m, const void *image) {
	if (!strstr((const char *)image, ".target sm_75")) return CUDA_ERROR_INVALID_PTX;
	*m = (CUmodule)0x77;
	return CUDA_SUCCESS;
}
CUresult cuModuleUnload(CUmodule m) { return m == (CUmodule)0x77 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE; }
CUresult cuModuleGetFunction(CUfunction *f, CUmodule m, const char *name) {
	ENTER;
	BOUND;
	if (m != (CUmodule)0x77) return CUDA_ERROR_INVALID_HANDLE;
	if (!kernels.count(name)) return CUDA_ERROR_NOT_FOUND;
	*f = (CUfunction) new CUfunc_st{name};
	return CUDA_SUCCESS;
}
CUresult cuLaunchKernel(CUfunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, CUstream s, void **params, void **extra) {
	ENTER;
	BOUND;
	STREAM(s);
	if (fails()) return broken();
	if (gz != 1 || bz != 1 || bx * by > 256 || gx * gy == 0 || gy > 65535 || shared != 0 || extra) return CUDA_ERROR_INVALID_VALUE;
	Kernel &k = kernels[((CUfunc_st *)f)->name];
	Work w = k.take(params);
	bool barriers = k.barriers;
	put(s, [=] {
		const unsigned grid[3] = {gx, gy, gz}, block[3] = {bx, by, bz};
		launch(grid, block, barriers, w);
	});
	return CUDA_SUCCESS;
}
}
