// Package large holds arrays that need not fit in memory: they lie in a file that is
// mapped, and the system keeps of it what there is room for.
package large
