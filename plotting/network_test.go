package plotting_test

import (
	"fmt"
	"testing"

	"github.com/gxlab/gxlab/gx"
	"github.com/gxlab/gxlab/gx/nnwork"
	"github.com/gxlab/gxlab/plotting"
)

// Three modules of genes about their hubs, a few links between them, and some genes
// apart.
func ExampleGeneNetwork() {
	r := random()
	var edges []nnwork.Edge
	modules := [][]string{{"RPLP0", "RPS3", "RPL13A"}, {"NDUFB8", "COX4I1", "CYC1"}, {"TP53", "MDM2", "CDKN1A"}}
	of := map[string]string{}
	for k, hubs := range modules {
		name := []string{"ribosome", "respiratory chain", "p53 pathway"}[k]
		for _, h := range hubs {
			of[h] = name
		}
		edges = append(edges, nnwork.Edge{A: hubs[0], B: hubs[1]}, nnwork.Edge{A: hubs[0], B: hubs[2]})
		for i := range 28 - 6*k {
			gene := fmt.Sprintf("%s%d", []string{"RPL", "NDUF", "GADD"}[k], i+1)
			of[gene] = name
			for range 1 + r.IntN(2) {
				edges = append(edges, nnwork.Edge{A: gene, B: hubs[r.IntN(3)]})
			}
		}
		edges = append(edges, nnwork.Edge{A: hubs[2], B: modules[(k+1)%3][2]})
	}
	edges = append(edges, nnwork.Edge{A: "HBA1", B: "HBB"}, nnwork.Edge{A: "HBA1", B: "AHSP"}, nnwork.Edge{A: "INS", B: "GCG"})
	g := gx.Must(nnwork.New(edges))
	show(plotting.GeneNetwork(g, func(gene string) string {
		if of[gene] == "" {
			return "other"
		}
		return of[gene]
	}, 1))
}

func TestGeneNetwork(t *testing.T) { check(t, ExampleGeneNetwork, "gene_network.svg") }

// Components of a code and the cellular compartments of the genes that they change.
func ExampleComponentTerms() {
	r := random()
	shared := []string{"extracellular exosome", "cytosol", "membrane", "focal adhesion"}
	own := [][]string{
		{"mitochondrial matrix", "respiratory chain complex I", "mitochondrial inner membrane", "ATP synthase complex"},
		{"sarcomere", "Z disc", "contractile fibre", "T-tubule", "sarcoplasmic reticulum"},
		{"synapse", "axon", "dendrite", "postsynaptic density", "neuron projection", "growth cone"},
		{"MHC class II complex", "lysosome", "endocytic vesicle", "phagocytic cup"},
		{"chylomicron", "blood microparticle", "peroxisome"},
		{"nucleoplasm", "kinetochore", "spindle", "replication fork"},
	}
	var pairs []plotting.ComponentTerm
	for k, terms := range own {
		name := fmt.Sprint(3*k + 2)
		for _, t := range terms {
			pairs = append(pairs, plotting.ComponentTerm{Component: name, Term: t, Weight: 2 + 12*r.Float64()})
		}
		for i := range 14 {
			pairs = append(pairs, plotting.ComponentTerm{Component: name, Term: fmt.Sprintf("GO:%d.%d", k, i), Weight: 2 + r.Float64()})
		}
		for _, t := range shared {
			if r.Float64() < 0.6 {
				pairs = append(pairs, plotting.ComponentTerm{Component: name, Term: t, Weight: 2 + 8*r.Float64()})
			}
		}
	}
	show(plotting.ComponentTerms(pairs, 24, 1).Width(120).Height(100))
}

func TestComponentTerms(t *testing.T) { check(t, ExampleComponentTerms, "component_terms.svg") }
