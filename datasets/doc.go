// Package datasets holds where cohorts come from: the simulator, our default, and
// readers of the user's own files.
package datasets
