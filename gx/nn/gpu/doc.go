// Package gpu runs training on an NVIDIA GPU. The lower half is a Driver: CUDA's,
// opened at run time, or one that records what it is asked to do. The upper half
// is the list of launches that a step of training becomes.
package gpu
