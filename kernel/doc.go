// Package kernel is where a notebook's cells meet the notebook: Keep makes a
// result once and reads it afterwards, Show displays it, Glue hands a number to
// whoever runs the notebook, Progress shows how far long work has come.
//
// It is linked into every cell, so it stays small: it knows GoNB's display pipe
// and the standard library, and none of our other packages. What it is given it
// knows by its methods. Outside a notebook everything prints to the terminal.
package kernel
