// A cublasLt of plain loops: column-major, float32 sums. And the little of cuBLAS
// that gorgonia/cu needs.
#include "headers.h"

#include <cmath>
#include <cstring>
#include <functional>

void put(CUstream s, std::function<void()> w);
void putnow(std::function<void()> w);
bool known(CUstream s);
bool reaches(CUdeviceptr p, size_t n);
bool fails();

namespace {
struct Desc { int compute, scale, transA, transB, onDevice; };
struct Layout { int type; uint64_t rows, cols; int64_t ld; size_t bytes() const { return (size_t)ld * cols * (type == CUDA_R_16BF ? 2 : 4); } };
struct Preference { uint64_t workspace; uint32_t align[4]; };

float value(const Layout &l, CUdeviceptr p, uint64_t r, uint64_t c, bool tf32) {
	uint64_t i = c * l.ld + r;
	uint32_t b;
	if (l.type == CUDA_R_16BF) b = (uint32_t)((uint16_t *)p)[i] << 16;
	else b = ((uint32_t *)p)[i];
	if (tf32) b = (b + 0xfff + (b >> 13 & 1)) & ~0x1fffu; // 10 bits of fraction
	float v;
	memcpy(&v, &b, 4);
	return v;
}

void multiply(Desc d, float alpha, CUdeviceptr pa, Layout a, CUdeviceptr pb, Layout b, float beta, CUdeviceptr pc, Layout c) {
	bool tf32 = d.compute == CUBLAS_COMPUTE_32F_FAST_TF32;
	uint64_t k = d.transA ? a.rows : a.cols;
	for (uint64_t j = 0; j < c.cols; j++)
		for (uint64_t i = 0; i < c.rows; i++) {
			float s = 0;
			for (uint64_t p = 0; p < k; p++)
				s += (d.transA ? value(a, pa, p, i, tf32) : value(a, pa, i, p, tf32)) * (d.transB ? value(b, pb, j, p, tf32) : value(b, pb, p, j, tf32));
			float *to = (float *)pc + j * c.ld + i;
			*to = alpha * s + (beta != 0 ? beta * *to : 0);
		}
}

bool fits(const Desc &d, const Layout &a, const Layout &b, const Layout &c) {
	uint64_t m = d.transA ? a.cols : a.rows, ka = d.transA ? a.rows : a.cols;
	uint64_t n = d.transB ? b.rows : b.cols, kb = d.transB ? b.cols : b.rows;
	return m == c.rows && n == c.cols && ka == kb && a.type == b.type && c.type == CUDA_R_32F && d.scale == CUDA_R_32F &&
		a.ld >= (int64_t)a.rows && b.ld >= (int64_t)b.rows && c.ld >= (int64_t)c.rows;
}
}

extern "C" {

size_t cublasLtGetVersion() { return 120999; }
const char *cublasLtGetStatusName(cublasStatus_t s) { return s == CUBLAS_STATUS_INVALID_VALUE ? "CUBLAS_STATUS_INVALID_VALUE" : s == CUBLAS_STATUS_NOT_SUPPORTED ? "CUBLAS_STATUS_NOT_SUPPORTED" : "CUBLAS_STATUS"; }
cublasStatus_t cublasLtCreate(cublasLtHandle_t *h) {
	*h = (cublasLtHandle_t)0x55;
	return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtDestroy(cublasLtHandle_t) { return CUBLAS_STATUS_SUCCESS; }

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t *d, cublasComputeType_t compute, cudaDataType_t scale) {
	*d = (cublasLtMatmulDesc_t) new Desc{compute, scale, 0, 0, 0};
	return compute == CUBLAS_COMPUTE_32F || compute == CUBLAS_COMPUTE_32F_FAST_TF32 ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t d) {
	delete (Desc *)d;
	return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t d, cublasLtMatmulDescAttributes_t a, const void *from, size_t n) {
	int v;
	if (n != 4) return CUBLAS_STATUS_INVALID_VALUE;
	memcpy(&v, from, 4);
	if (a == CUBLASLT_MATMUL_DESC_POINTER_MODE && (v == CUBLASLT_POINTER_MODE_HOST || v == CUBLASLT_POINTER_MODE_DEVICE)) {
		((Desc *)d)->onDevice = v;
		return CUBLAS_STATUS_SUCCESS;
	}
	if (v != CUBLAS_OP_N && v != CUBLAS_OP_T) return CUBLAS_STATUS_INVALID_VALUE;
	if (a == CUBLASLT_MATMUL_DESC_TRANSA) ((Desc *)d)->transA = v;
	else if (a == CUBLASLT_MATMUL_DESC_TRANSB) ((Desc *)d)->transB = v;
	else return CUBLAS_STATUS_INVALID_VALUE;
	return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t *l, cudaDataType type, uint64_t rows, uint64_t cols, int64_t ld) {
	*l = (cublasLtMatrixLayout_t) new Layout{type, rows, cols, ld};
	return type == CUDA_R_32F || type == CUDA_R_16BF ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t l) {
	delete (Layout *)l;
	return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t *p) {
	*p = (cublasLtMatmulPreference_t) new Preference{0, {256, 256, 256, 256}};
	return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t p) {
	delete (Preference *)p;
	return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t p, cublasLtMatmulPreferenceAttributes_t a, const void *from, size_t n) {
	Preference *q = (Preference *)p;
	int at = a - CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES;
	if (a == CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES && n == 8) memcpy(&q->workspace, from, 8);
	else if (at >= 0 && at < 4 && n == 4) memcpy(&q->align[at], from, 4);
	else return CUBLAS_STATUS_INVALID_VALUE;
	return CUBLAS_STATUS_SUCCESS;
}
// Algorithms are one and the same; they hold what alignment was promised.
cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t h, cublasLtMatmulDesc_t d, cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t out,
	cublasLtMatmulPreference_t p, int wanted, cublasLtMatmulHeuristicResult_t *found, int *got) {
	if (h != (cublasLtHandle_t)0x55 || c != out || !fits(*(Desc *)d, *(Layout *)a, *(Layout *)b, *(Layout *)c)) return CUBLAS_STATUS_INVALID_VALUE;
	Preference *q = (Preference *)p;
	*got = wanted < 3 ? wanted : 3;
	for (int i = 0; i < *got; i++) {
		found[i].state = i == 1 ? CUBLAS_STATUS_NOT_SUPPORTED : CUBLAS_STATUS_SUCCESS;
		found[i].workspaceSize = q->workspace;
		uint64_t data[8] = {0xa190, (uint64_t)i, q->workspace, q->align[0], q->align[1], q->align[2], q->align[3], 0};
		memcpy(found[i].algo.data, data, sizeof data);
	}
	return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmul(cublasLtHandle_t h, cublasLtMatmulDesc_t d, const void *alpha, const void *A, cublasLtMatrixLayout_t a, const void *B, cublasLtMatrixLayout_t b, const void *beta,
	const void *C, cublasLtMatrixLayout_t c, void *D, cublasLtMatrixLayout_t out, const cublasLtMatmulAlgo_t *algo, void *workspace, size_t bytes, cudaStream_t s) {
	CUdeviceptr pa = (CUdeviceptr)A, pb = (CUdeviceptr)B, pc = (CUdeviceptr)C;
	Desc desc = *(Desc *)d;
	Layout la = *(Layout *)a, lb = *(Layout *)b, lc = *(Layout *)c;
	if (fails()) return CUBLAS_STATUS_EXECUTION_FAILED;
	if (h != (cublasLtHandle_t)0x55 || C != D || c != out || !fits(desc, la, lb, lc) || !known((CUstream)s) || algo->data[0] != 0xa190) return CUBLAS_STATUS_INVALID_VALUE;
	if (!reaches(pa, la.bytes()) || !reaches(pb, lb.bytes()) || !reaches(pc, lc.bytes()) || !reaches((CUdeviceptr)workspace, bytes)) return CUBLAS_STATUS_INVALID_VALUE;
	if (algo->data[2] > bytes || pa % algo->data[3] || pb % algo->data[4] || pc % algo->data[5] || pc % algo->data[6]) return CUBLAS_STATUS_NOT_SUPPORTED;
	if (desc.onDevice) { // the factors are read when the product runs
		if (!reaches((CUdeviceptr)alpha, 4) || !reaches((CUdeviceptr)beta, 4)) return CUBLAS_STATUS_INVALID_VALUE;
		put((CUstream)s, [=] { multiply(desc, *(const float *)alpha, pa, la, pb, lb, *(const float *)beta, pc, lc); });
		return CUBLAS_STATUS_SUCCESS;
	}
	float x = *(const float *)alpha, y = *(const float *)beta;
	put((CUstream)s, [=] { multiply(desc, x, pa, la, pb, lb, y, pc, lc); });
	return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasCreate(cublasHandle_t *h) {
	*h = (cublasHandle_t)0x66;
	return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasDestroy(cublasHandle_t) { return CUBLAS_STATUS_SUCCESS; }
cublasStatus_t cublasSgemm(cublasHandle_t h, cublasOperation_t ta, cublasOperation_t tb, int m, int n, int k, const float *alpha, const float *a, int lda, const float *b, int ldb, const float *beta, float *c, int ldc) {
	Layout la = {CUDA_R_32F, (uint64_t)(ta ? k : m), (uint64_t)(ta ? m : k), lda}, lb = {CUDA_R_32F, (uint64_t)(tb ? n : k), (uint64_t)(tb ? k : n), ldb}, lc = {CUDA_R_32F, (uint64_t)m, (uint64_t)n, ldc};
	if (fails()) return CUBLAS_STATUS_EXECUTION_FAILED;
	if (h != (cublasHandle_t)0x66 || !reaches((CUdeviceptr)a, la.bytes()) || !reaches((CUdeviceptr)b, lb.bytes()) || !reaches((CUdeviceptr)c, lc.bytes())) return CUBLAS_STATUS_INVALID_VALUE;
	float x = *alpha, y = *beta;
	putnow([=] { multiply({CUBLAS_COMPUTE_32F, CUDA_R_32F, ta, tb, 0}, x, (CUdeviceptr)a, la, (CUdeviceptr)b, lb, y, (CUdeviceptr)c, lc); });
	return CUBLAS_STATUS_SUCCESS;
}
}
