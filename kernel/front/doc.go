// Package front is the kernel that Jupyter sees: it binds the sockets of Jupyter's
// connection file, runs GoNB behind it on a connection file of its own, and speaks
// both sides of the protocol.
//
// What GoNB answers well is passed on; the rest is answered here:
//
//   - every request gets its reply, on the channel it came from, between a busy and
//     an idle status;
//   - a cell that fails gives one error message, which names the cells and lines of
//     the notebook;
//   - an interrupt ends all that the cell has started and drops what is queued;
//   - the value of a last expression becomes the cell's result;
//   - completion and inspection know the session's types without gopls;
//   - an engine that dies is started again and the declarations are replayed.
//
// A cell stays GoNB's: a new program, built from the declarations so far and the
// cell's main part. Before it is passed on, an import line may be put before it and
// its last expression wrapped; positions in errors are mapped back.
package front
