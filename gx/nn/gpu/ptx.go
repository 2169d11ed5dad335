package gpu

import _ "embed"

//go:generate python3 gen/ptx.py

// ptx are the kernels for compute capability 7.5; drivers compile them for newer
// devices.
//
//go:embed kernels_75.ptx
var ptx string
