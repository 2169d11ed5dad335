// Package runner runs notebooks with no Jupyter: it starts the engine (GoNB) on
// the module that the notebook belongs to, executes cell after cell, and writes
// the executed notebook, an HTML page that needs nothing from the network, and
// the numbers that the notebook glued.
package runner
