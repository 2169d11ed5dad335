package gpu

import "unsafe"

// What the headers of CUDA 12 and 13 say: constants, layouts, and the functions'
// symbols with their arguments in order. testdata/abi.py reads the same out of
// NVIDIA's headers, and TestABI compares.

// result is a CUresult.
type result int32

// The results that are told apart.
const (
	success          result = 0   // CUDA_SUCCESS
	invalidValue     result = 1   // CUDA_ERROR_INVALID_VALUE
	outOfMemory      result = 2   // CUDA_ERROR_OUT_OF_MEMORY
	notInitialised   result = 3   // CUDA_ERROR_NOT_INITIALIZED
	deinitialised    result = 4   // CUDA_ERROR_DEINITIALIZED
	stubLibrary      result = 34  // CUDA_ERROR_STUB_LIBRARY
	unavailable      result = 46  // CUDA_ERROR_DEVICE_UNAVAILABLE
	noDevice         result = 100 // CUDA_ERROR_NO_DEVICE
	invalidContext   result = 201 // CUDA_ERROR_INVALID_CONTEXT
	uncorrectable    result = 214 // CUDA_ERROR_ECC_UNCORRECTABLE
	invalidPTX       result = 218 // CUDA_ERROR_INVALID_PTX
	linkLost         result = 220 // CUDA_ERROR_NVLINK_UNCORRECTABLE
	noCompiler       result = 221 // CUDA_ERROR_JIT_COMPILER_NOT_FOUND
	unsupportedPTX   result = 222 // CUDA_ERROR_UNSUPPORTED_PTX_VERSION
	illegalAddress   result = 700 // CUDA_ERROR_ILLEGAL_ADDRESS
	launchTimeout    result = 702 // CUDA_ERROR_LAUNCH_TIMEOUT
	contextDestroyed result = 709 // CUDA_ERROR_CONTEXT_IS_DESTROYED
	assertFailed     result = 710 // CUDA_ERROR_ASSERT
	stackError       result = 714 // CUDA_ERROR_HARDWARE_STACK_ERROR
	illegalCode      result = 715 // CUDA_ERROR_ILLEGAL_INSTRUCTION
	misaligned       result = 716 // CUDA_ERROR_MISALIGNED_ADDRESS
	addressSpace     result = 717 // CUDA_ERROR_INVALID_ADDRESS_SPACE
	invalidPC        result = 718 // CUDA_ERROR_INVALID_PC
	launchFailed     result = 719 // CUDA_ERROR_LAUNCH_FAILED
	notReady         result = 802 // CUDA_ERROR_SYSTEM_NOT_READY
	driverMismatch   result = 803 // CUDA_ERROR_SYSTEM_DRIVER_MISMATCH
	unknownError     result = 999 // CUDA_ERROR_UNKNOWN
)

// Arguments of the driver's functions.
const (
	attrProcessors     = 16 // CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT
	attrMajor          = 75 // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
	attrMinor          = 76 // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR
	streamNonBlocking  = 1  // CU_STREAM_NON_BLOCKING
	eventDefault       = 0  // CU_EVENT_DEFAULT
	eventDisableTiming = 2  // CU_EVENT_DISABLE_TIMING
	captureRelaxed     = 2  // CU_STREAM_CAPTURE_MODE_RELAXED
	hostPortable       = 1  // CU_MEMHOSTALLOC_PORTABLE
	jitErrorLog        = 5  // CU_JIT_ERROR_LOG_BUFFER
	jitErrorLogSize    = 6  // CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES
)

// driverAPI are libcuda's functions.
type driverAPI struct {
	GetErrorName     func(r result, name *unsafe.Pointer) result                                                            `symbol:"cuGetErrorName"`
	GetErrorString   func(r result, text *unsafe.Pointer) result                                                            `symbol:"cuGetErrorString"`
	Init             func(flags uint32) result                                                                              `symbol:"cuInit"`
	DriverGetVersion func(version *int32) result                                                                            `symbol:"cuDriverGetVersion"`
	DeviceGetCount   func(count *int32) result                                                                              `symbol:"cuDeviceGetCount"`
	DeviceGet        func(device *int32, ordinal int32) result                                                              `symbol:"cuDeviceGet"`
	DeviceGetName    func(name *byte, length int32, device int32) result                                                    `symbol:"cuDeviceGetName"`
	DeviceAttribute  func(value *int32, attribute int32, device int32) result                                               `symbol:"cuDeviceGetAttribute"`
	DeviceTotalMem   func(bytes *uint64, device int32) result                                                               `symbol:"cuDeviceTotalMem_v2"`
	PrimaryRetain    func(context *uintptr, device int32) result                                                            `symbol:"cuDevicePrimaryCtxRetain"`
	PrimaryRelease   func(device int32) result                                                                              `symbol:"cuDevicePrimaryCtxRelease_v2"`
	CtxSetCurrent    func(context uintptr) result                                                                           `symbol:"cuCtxSetCurrent"`
	MemGetInfo       func(free, total *uint64) result                                                                       `symbol:"cuMemGetInfo_v2"`
	MemAlloc         func(p *Ptr, bytes uint64) result                                                                      `symbol:"cuMemAlloc_v2"`
	MemFree          func(p Ptr) result                                                                                     `symbol:"cuMemFree_v2"`
	MemHostAlloc     func(p *unsafe.Pointer, bytes uint64, flags uint32) result                                             `symbol:"cuMemHostAlloc"`
	MemFreeHost      func(p unsafe.Pointer) result                                                                          `symbol:"cuMemFreeHost"`
	CopyToDevice     func(dst Ptr, src unsafe.Pointer, bytes uint64, s Stream) result                                       `symbol:"cuMemcpyHtoDAsync_v2"`
	CopyToHost       func(dst unsafe.Pointer, src Ptr, bytes uint64, s Stream) result                                       `symbol:"cuMemcpyDtoHAsync_v2"`
	CopyOnDevice     func(dst, src Ptr, bytes uint64, s Stream) result                                                      `symbol:"cuMemcpyDtoDAsync_v2"`
	SetBytes         func(dst Ptr, value uint8, count uint64, s Stream) result                                              `symbol:"cuMemsetD8Async"`
	StreamCreate     func(s *Stream, flags uint32) result                                                                   `symbol:"cuStreamCreate"`
	StreamDestroy    func(s Stream) result                                                                                  `symbol:"cuStreamDestroy_v2"`
	StreamSync       func(s Stream) result                                                                                  `symbol:"cuStreamSynchronize"`
	StreamWaitEvent  func(s Stream, e Event, flags uint32) result                                                           `symbol:"cuStreamWaitEvent"`
	BeginCapture     func(s Stream, mode int32) result                                                                      `symbol:"cuStreamBeginCapture_v2"`
	EndCapture       func(s Stream, graph *uintptr) result                                                                  `symbol:"cuStreamEndCapture"`
	EventCreate      func(e *Event, flags uint32) result                                                                    `symbol:"cuEventCreate"`
	EventDestroy     func(e Event) result                                                                                   `symbol:"cuEventDestroy_v2"`
	EventRecord      func(e Event, s Stream) result                                                                         `symbol:"cuEventRecord"`
	EventSync        func(e Event) result                                                                                   `symbol:"cuEventSynchronize"`
	EventElapsed     func(milliseconds *float32, from, to Event) result                                                     `symbol:"cuEventElapsedTime"`
	GraphInstantiate func(exec *Graph, graph uintptr, flags uint64) result                                                  `symbol:"cuGraphInstantiateWithFlags"`
	GraphDestroy     func(graph uintptr) result                                                                             `symbol:"cuGraphDestroy"`
	GraphLaunch      func(exec Graph, s Stream) result                                                                      `symbol:"cuGraphLaunch"`
	GraphExecDestroy func(exec Graph) result                                                                                `symbol:"cuGraphExecDestroy"`
	ModuleLoad       func(module *uintptr, image *byte, n uint32, options *int32, values *uintptr) result                   `symbol:"cuModuleLoadDataEx"`
	ModuleUnload     func(module uintptr) result                                                                            `symbol:"cuModuleUnload"`
	ModuleFunction   func(f *uintptr, module uintptr, name *byte) result                                                    `symbol:"cuModuleGetFunction"`
	LaunchKernel     func(f uintptr, gx, gy, gz, bx, by, bz, shared uint32, s Stream, params, extra *unsafe.Pointer) result `symbol:"cuLaunchKernel"`
}

// status is a cublasStatus_t.
type status int32

// The statuses that are told apart.
const (
	statusSuccess         status = 0  // CUBLAS_STATUS_SUCCESS
	statusNotInitialised  status = 1  // CUBLAS_STATUS_NOT_INITIALIZED
	statusAllocFailed     status = 3  // CUBLAS_STATUS_ALLOC_FAILED
	statusInvalidValue    status = 7  // CUBLAS_STATUS_INVALID_VALUE
	statusArchMismatch    status = 8  // CUBLAS_STATUS_ARCH_MISMATCH
	statusExecutionFailed status = 13 // CUBLAS_STATUS_EXECUTION_FAILED
	statusInternal        status = 14 // CUBLAS_STATUS_INTERNAL_ERROR
	statusNotSupported    status = 15 // CUBLAS_STATUS_NOT_SUPPORTED
)

// Arguments of cublasLt's functions.
const (
	real32      int32 = 0  // CUDA_R_32F
	realBF16    int32 = 14 // CUDA_R_16BF
	compute32   int32 = 68 // CUBLAS_COMPUTE_32F
	computeTF32 int32 = 77 // CUBLAS_COMPUTE_32F_FAST_TF32
	opN         int32 = 0  // CUBLAS_OP_N
	opT         int32 = 1  // CUBLAS_OP_T

	descPointerMode  int32 = 2 // CUBLASLT_MATMUL_DESC_POINTER_MODE
	pointersOnDevice int32 = 1 // CUBLASLT_POINTER_MODE_DEVICE
	descTransA       int32 = 3 // CUBLASLT_MATMUL_DESC_TRANSA
	descTransB       int32 = 4 // CUBLASLT_MATMUL_DESC_TRANSB

	prefWorkspace  int32 = 1 // CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES
	prefAlignmentA int32 = 5 // CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES
	prefAlignmentB int32 = 6 // CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES
	prefAlignmentC int32 = 7 // CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES
	prefAlignmentD int32 = 8 // CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES
)

// algorithm is a cublasLtMatmulAlgo_t.
type algorithm [8]uint64

// heuristic is a cublasLtMatmulHeuristicResult_t.
type heuristic struct {
	algo      algorithm
	workspace uint64
	state     status
	waves     float32
	_         [4]int32
}

// libraryAPI are cublasLt's functions. Matrices are column-major there.
type libraryAPI struct {
	GetVersion    func() uint64                                                                                                                                                                                                                                 `symbol:"cublasLtGetVersion"`
	GetStatusName func(s status) unsafe.Pointer                                                                                                                                                                                                                 `symbol:"cublasLtGetStatusName"`
	Create        func(handle *uintptr) status                                                                                                                                                                                                                  `symbol:"cublasLtCreate"`
	Destroy       func(handle uintptr) status                                                                                                                                                                                                                   `symbol:"cublasLtDestroy"`
	DescCreate    func(desc *uintptr, compute, scale int32) status                                                                                                                                                                                              `symbol:"cublasLtMatmulDescCreate"`
	DescDestroy   func(desc uintptr) status                                                                                                                                                                                                                     `symbol:"cublasLtMatmulDescDestroy"`
	DescSet       func(desc uintptr, attribute int32, from unsafe.Pointer, bytes uint64) status                                                                                                                                                                 `symbol:"cublasLtMatmulDescSetAttribute"`
	LayoutCreate  func(layout *uintptr, kind int32, rows, cols uint64, ld int64) status                                                                                                                                                                         `symbol:"cublasLtMatrixLayoutCreate"`
	LayoutDestroy func(layout uintptr) status                                                                                                                                                                                                                   `symbol:"cublasLtMatrixLayoutDestroy"`
	PreferCreate  func(preference *uintptr) status                                                                                                                                                                                                              `symbol:"cublasLtMatmulPreferenceCreate"`
	PreferDestroy func(preference uintptr) status                                                                                                                                                                                                               `symbol:"cublasLtMatmulPreferenceDestroy"`
	PreferSet     func(preference uintptr, attribute int32, from unsafe.Pointer, bytes uint64) status                                                                                                                                                           `symbol:"cublasLtMatmulPreferenceSetAttribute"`
	AlgoHeuristic func(handle, desc, a, b, c, d, preference uintptr, wanted int32, results *heuristic, got *int32) status                                                                                                                                       `symbol:"cublasLtMatmulAlgoGetHeuristic"`
	Matmul        func(handle, desc uintptr, alpha unsafe.Pointer, a Ptr, aLayout uintptr, b Ptr, bLayout uintptr, beta unsafe.Pointer, c Ptr, cLayout uintptr, d Ptr, dLayout uintptr, algo *algorithm, workspace Ptr, workspaceBytes uint64, s Stream) status `symbol:"cublasLtMatmul"`
}
