// Package store keeps results that are slow to make, each under a key that is
// derived from everything that decides it, so that a result is made once and
// read ever after.
//
// A store is a folder: GXLAB_STORE where that is set, else .gx beside the
// go.mod or go.work above the working folder, else a folder in the user's
// cache. Each kept result is a folder of plain files with a manifest.json that
// lists their sizes and SHA-256 sums.
//
// What may surprise:
//
//   - A result appears whole or not at all. It is written to a draft folder,
//     synced, and renamed.
//   - Files are hashed in full when they are first read after a change of their
//     size, times or inode, and trusted in between; a cell that opens a result
//     again pays for a stat, not for a scan.
//   - A damaged result is said, set aside and made again.
//   - Two processes that want the same key share one making: the second waits
//     for the first, on a file lock that the system drops when a process dies.
//   - A result in the making has a scratch folder that outlives a killed
//     process. Training keeps its checkpoints there and goes on from them.
//   - Matrices are little-endian float32 without a header, read through a
//     private memory map: writing to the slice never reaches the file.
package store
