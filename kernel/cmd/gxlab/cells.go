package main

// The command links what cells import, so that go get -tool of the command alone
// writes all that cells need into a user's go.mod and go.sum.
import (
	_ "github.com/gxlab/gxlab/datasets"
	_ "github.com/gxlab/gxlab/gx"
	_ "github.com/gxlab/gxlab/kernel"
	_ "github.com/gxlab/gxlab/plotting"
)
