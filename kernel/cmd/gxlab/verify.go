package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gxlab/gxlab/gx/fault"
	"github.com/gxlab/gxlab/kernel/runner"
)

// claim is a sentence that a notebook's numbers must bear out, on simulated data
// for every seed, or on any data.
type claim struct {
	text      string
	simulated bool // asked of simulated data alone
	holds     func(m *runner.Metrics) bool
	found     []string // the numbers that the table shows
}

// study is a notebook with the real sets it is run on and its claims.
type study struct {
	notebook string
	real     []realSet
	claims   []claim
	report   []string // numbers that are reported as found
}

// realSet is a set of the folder of real tables, with the notebook's other parameters;
// those that begin with @ are files of that folder, with commas between them.
type realSet struct {
	name, label string
	more        map[string]string
}

func (r realSet) parameters(data, scale string) map[string]string {
	p := map[string]string{
		"scale": scale, "label": r.label,
		"cohort": filepath.Join(data, r.name+".expression.tsv.gz"), "labels": filepath.Join(data, r.name+".samples.tsv"),
	}
	for k, v := range r.more {
		if files, ok := strings.CutPrefix(v, "@"); ok {
			list := strings.Split(files, ",")
			for i, f := range list {
				list[i] = filepath.Join(data, f)
			}
			v = strings.Join(list, ",")
		}
		p[k] = v
	}
	return p
}

// studies are all notebooks.
func studies() []study {
	below := func(other string) claim {
		return claim{text: "mse_test < " + other, found: []string{"mse_test", other},
			holds: func(m *runner.Metrics) bool { return m.Number("mse_test") < m.Number(other) }}
	}
	least := func(name string, v float64) claim {
		return claim{text: fmt.Sprintf("%s ≥ %g", name, v), simulated: true, found: []string{name},
			holds: func(m *runner.Metrics) bool { return m.Number(name) >= v }}
	}
	compendium := func(more map[string]string) realSet { return realSet{"affy_compendium", "tissue", more} }
	diseases := func(more map[string]string) realSet {
		more["disease"], more["healthy"] = "class", "control"
		return compendium(more)
	}
	tissues := realSet{name: "tissue7", label: "class"}
	cells := func(more map[string]string) (sets []realSet) {
		for _, r := range []realSet{
			{"sc_mixology_5cl", "class", map[string]string{"cohort": "@sc_mixology_5cl_10x"}},
			{"zeisel_1464", "class", nil}, {"pbmc68k_reduced", "class", map[string]string{"values": "scaled"}},
		} {
			all := map[string]string{}
			maps.Copy(all, more)
			maps.Copy(all, r.more)
			sets = append(sets, realSet{r.name, r.label, all})
		}
		return sets
	}
	return []study{{
		notebook: "01_reconstruction",
		real:     []realSet{tissues, compendium(nil), {name: "lung_gordon", label: "class"}},
		claims: []claim{
			{text: "mse_test ≤ 1.05 × mse_pca", found: []string{"mse_test", "mse_pca"},
				holds: func(m *runner.Metrics) bool { return m.Number("mse_test") <= 1.05*m.Number("mse_pca") }},
			below("mse_nmf"), below("mse_kpca_poly"), below("mse_kpca_cosine"), below("mse_kpca_rbf"),
			least("rank_first_spearman", 0.85), least("rank_first_mse", 0.85),
			least("reverse_rank_first_spearman", 0.99), least("reverse_rank_first_mse", 0.99),
		},
		report: []string{"mse_test", "mse_pca", "mse_test_paper", "rank_first_spearman", "reverse_rank_first_spearman", "rank_first_spearman_paper"},
	}, {
		notebook: "02_heldout_tissues",
		real: []realSet{
			{"tissue7", "class", map[string]string{"study": ""}},
			compendium(map[string]string{"study": "dataset", "genesets": "@gtex_tissue_specific.gmt,hpa_tissue_specific.gmt"}),
		},
		claims: []claim{least("heldout_own_first", 0.99), {text: "heldout_median_mse ≤ 1.05 × PCA's", found: []string{"heldout_median_mse", "heldout_median_mse_pca"},
			holds: func(m *runner.Metrics) bool {
				return m.Number("heldout_median_mse") <= 1.05*m.Number("heldout_median_mse_pca")
			}}},
		report: []string{"heldout_median_spearman", "heldout_own_first", "tissue_over_study_mse", "own_module_rank", "up_genes_confirmed"},
	}, {
		notebook: "03_classification",
		real:     []realSet{tissues, compendium(nil)},
		claims: []claim{
			{text: "classifier's CIC, errors ≤ PCA's", simulated: true, found: []string{"errors_rf_caec", "errors_svm_caec", "errors_rf_pca", "errors_svm_pca"},
				holds: func(m *runner.Metrics) bool {
					ours, pca := m.Number("errors_rf_caec")+m.Number("errors_svm_caec"), m.Number("errors_rf_pca")+m.Number("errors_svm_pca")
					return ours < pca || ours == 0 && pca == 0
				}},
			least("noise_accuracy", 0.98),
		},
		report: []string{"errors_rf_pca", "errors_svm_pca", "errors_rf_cic", "errors_svm_cic", "errors_rf_caec", "errors_svm_caec", "noise_accuracy", "noise_accuracy_se"},
	}, {
		notebook: "04_code_biology",
		real:     []realSet{compendium(map[string]string{"genesets": "@go_bp_2021.gmt,gtex_tissue_specific.gmt"})},
		claims:   []claim{least("planted_modules_found", 0.8)},
		report:   []string{"planted_modules_found", "planted_modules_found_trained", "planted_modules_seen", "components_with_term", "best_adjusted_p"},
	}, {
		notebook: "05_architectures",
		claims: []claim{{text: "size 30 within 5 % of the best, below 10", simulated: true, found: []string{"size_30_over_best", "mse_by_size_30", "mse_by_size_10"},
			holds: func(m *runner.Metrics) bool {
				return m.Number("size_30_over_best") <= 1.05 && m.Number("mse_by_size_30") < m.Number("mse_by_size_10")
			}}},
		report: []string{"best_architecture", "mse_best", "mse_by_size_10", "mse_by_size_30", "mse_by_size_100"},
	}, {
		notebook: "06_deep_autoencoder",
		real:     []realSet{compendium(nil)},
		claims: []claim{{text: "R²: deep 512 ≥ shallow 1024 − 0.02", simulated: true, found: []string{"r2_deep_512", "r2_shallow_1024"},
			holds: func(m *runner.Metrics) bool { return m.Number("r2_deep_512") >= m.Number("r2_shallow_1024")-0.02 }}},
		report: []string{"r2_deep_64", "r2_deep_512", "r2_shallow_1024", "median_gene_r2_deep_512", "r2_means_alone"},
	}, {
		notebook: "07_light_up",
		real:     []realSet{diseases(map[string]string{"network": "@ppi_menche_symbol.edges.tsv.gz", "genesets": "@reactome.gmt"})},
		report: []string{"ppi_distance_z_layer1", "ppi_distance_z_layer2", "ppi_distance_z_layer3", "betweenness_z_layer1", "betweenness_z_layer2", "betweenness_z_layer3",
			"si_gain_layer1", "si_gain_layer2", "si_gain_layer3"},
	}, {
		notebook: "08_disease_modules",
		real: []realSet{diseases(map[string]string{"study": "dataset", "gwas": "@gwas_disease.gmt", "ontology": "@disease_menche.gmt",
			"cohort2": "@hpa_tissues.expression.tsv.gz", "labels2": "@hpa_tissues.samples.tsv", "genes2": "@hpa_gtex.genes.tsv"})},
		claims: []claim{least("planted_upstream_auc", 0.75), {
			text: "… above supervised and expression", simulated: true, found: []string{"planted_upstream_auc", "planted_upstream_auc_supervised", "planted_upstream_auc_expression"},
			holds: func(m *runner.Metrics) bool {
				auc := m.Number("planted_upstream_auc")
				return auc > m.Number("planted_upstream_auc_supervised") && auc > m.Number("planted_upstream_auc_expression")
			}}},
		report: []string{"planted_upstream_auc_pca", "gwas_combined_p_layer3", "gwas_combined_p_supervised"},
	}, {
		notebook: "09_landmark_genes",
		real: []realSet{{"affy_compendium", "tissue", map[string]string{
			"landmarks": "@dgex_landmarks_943_targets_9520.tsv", "genesets": "@go_bp_2021.gmt", "platform2": "@tissues36_u133a.expression.tsv.gz",
		}}},
		claims: []claim{
			{text: "deeplift_max_completeness_error < 1e-4", found: []string{"deeplift_max_completeness_error"},
				holds: func(m *runner.Metrics) bool { return m.Number("deeplift_max_completeness_error") < 1e-4 }},
			{text: "mae_ours_ridge < mae_random_ridge", found: []string{"mae_ours_ridge", "mae_random_ridge"},
				holds: func(m *runner.Metrics) bool { return m.Number("mae_ours_ridge") < m.Number("mae_random_ridge") }},
		},
		report: []string{"mae_ours", "mae_random", "mae_ours_vs_variance", "mae_variance", "mae_ours_vs_kmeans", "mae_kmeans", "dgex_gain_over_linear", "rand_code", "planted_regulators_found", "planted_regulators_chance"},
	}, {
		notebook: "10_interpretable_vae",
		real:     cells(nil),
		claims: []claim{
			{text: "siVAE's kNN ≥ VAE's − 0.02", simulated: true, found: []string{"knn_accuracy_sivae", "knn_accuracy_vae"},
				holds: func(m *runner.Metrics) bool {
					return m.Number("knn_accuracy_sivae") >= m.Number("knn_accuracy_vae")-0.02
				}},
			{text: "module share above γ = 0 and PCA", simulated: true, found: []string{"neighbourhood_module_share", "neighbourhood_module_share_gamma0", "neighbourhood_module_share_pca"},
				holds: func(m *runner.Metrics) bool {
					s := m.Number("neighbourhood_module_share")
					return s > m.Number("neighbourhood_module_share_gamma0") && s > m.Number("neighbourhood_module_share_pca")
				}},
			{text: "time ratio ≤ 1.2 × operations'", simulated: true, found: []string{"time_ratio_sivae_vae", "flop_ratio_sivae_vae"},
				holds: func(m *runner.Metrics) bool {
					return m.Number("time_ratio_sivae_vae") <= 1.2*m.Number("flop_ratio_sivae_vae")
				}},
			least("hub_auc", 0.8),
		},
		report: []string{"elbo_vae", "elbo_sivae", "knn_accuracy_pca", "processor_ratio_sivae_vae", "network_spearman"},
	}, {
		notebook: "11_networks_by_line",
		real:     cells(map[string]string{"phenotype": ""}),
		claims:   []claim{least("lines_gene_found", 1), least("lines_gene_found_degree", 1)},
		report:   []string{"line_gene_rank", "line_module_auc", "wl_distance_mean"},
	}}
}

// choose is the studies whose notebooks begin with one of names, such as 03; all where
// there are none.
func choose(names []string) (some []study, err error) {
	all := studies()
	if len(names) == 0 {
		return all, nil
	}
	var titles []string
	for _, s := range all {
		titles = append(titles, s.notebook)
	}
	for _, n := range names {
		n = strings.TrimSuffix(filepath.Base(n), ".ipynb")
		i := slices.IndexFunc(all, func(s study) bool { return strings.HasPrefix(s.notebook, n) })
		if i < 0 {
			return nil, fault.New("verify knows no notebook "+n, "gxlab verify", "one of "+strings.Join(titles, ", "))
		}
		some = append(some, all[i])
	}
	return some, nil
}

// verify runs every notebook over five seeds and, where GXLAB_DATA names a folder
// of tables, on real sets, and holds its numbers against its claims.
func verify(ctx context.Context, args []string) error {
	rest, given, err := flags{values: []string{"o", "scale"}, switches: []string{"quick"}}.parse("verify", args)
	if err != nil {
		return err
	}
	chosen, err := choose(rest)
	if err != nil {
		return err
	}
	out := last(given["o"], filepath.Join("out", "verify"))
	seeds, scale := []string{"1", "2", "3", "4", "5"}, last(given["scale"], "small")
	if _, quick := given["quick"]; quick {
		seeds, scale = seeds[:2], "tiny"
	}
	failed := 0
	var table strings.Builder
	keep := func() error { // what was found so far
		if err := os.WriteFile(filepath.Join(out, "verify.txt"), []byte(table.String()), 0o644); err != nil {
			return fault.Wrap(err, "the table cannot be written", out, "-o with a folder that can be written")
		}
		return nil
	}
	row := func(ok bool, where, text string, m *runner.Metrics, names []string) {
		mark := "✓"
		if !ok {
			mark = "✗"
			failed++
		}
		fmt.Fprintf(&table, "%s %-28s %-34s", mark, where, text)
		for _, n := range names {
			fmt.Fprintf(&table, " %.4g", m.Number(n))
		}
		table.WriteByte('\n')
	}
	for _, s := range chosen {
		path := filepath.Join("notebooks", s.notebook+".ipynb")
		e, err := findEngine(ctx, path)
		if err != nil {
			return err
		}
		path = filepath.Join(e.Source, "notebooks", s.notebook+".ipynb")
		hold := func(where string, simulated bool, m *runner.Metrics) {
			for _, c := range s.claims {
				if simulated || !c.simulated {
					row(c.holds(m), where, c.text, m, c.found)
				}
			}
			fmt.Fprintf(&table, "  %-28s as found:", where)
			for _, n := range s.report {
				fmt.Fprintf(&table, " %s %.4g;", n, m.Number(n))
			}
			table.WriteByte('\n')
		}
		for _, seed := range seeds {
			r, err := runOne(ctx, e, path, runner.Options{
				Parameters: map[string]string{"seed": seed, "scale": scale},
				Out:        filepath.Join(out, s.notebook, "seed-"+seed), Progress: os.Stderr,
			})
			if err != nil {
				return err
			}
			hold("simulated, seed "+seed, true, r.Metrics)
			if err := keep(); err != nil {
				return err
			}
		}
		data := os.Getenv("GXLAB_DATA")
		if data == "" {
			fmt.Fprintln(&table, "  real data: left out, GXLAB_DATA names no folder")
			continue
		}
		for _, set := range s.real {
			r, err := runOne(ctx, e, path, runner.Options{
				Parameters: set.parameters(data, scale),
				Out:        filepath.Join(out, s.notebook, set.name), Progress: os.Stderr,
			})
			if err != nil {
				return err
			}
			hold(set.name, false, r.Metrics)
		}
	}
	if err := keep(); err != nil {
		return err
	}
	fmt.Print(table.String())
	if failed > 0 {
		fmt.Printf("%d claims do not hold\n", failed)
		return errFailed
	}
	fmt.Println("all claims hold")
	return nil
}
