// Package prep is the arithmetic that prepares expression profiles: logarithms,
// normalising, scaling, choosing genes and dividing samples. It is pure maths on
// a matrix of samples × genes; what a step learns is returned as plain numbers,
// so that the caller can keep it, apply it to new samples and take it back.
package prep
