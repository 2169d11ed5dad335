// Command gxlab runs, checks and keeps gene-expression notebooks.
package main

func main() {}
