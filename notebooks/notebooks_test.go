// Package notebooks holds no code: its tests look after the notebooks.
package notebooks

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gxlab/gxlab/kernel/front"
	"github.com/gxlab/gxlab/kernel/runner"
)

func all(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("*.ipynb")
	if err != nil || len(paths) == 0 {
		t.Fatal("no notebooks:", err)
	}
	return paths
}

// Notebooks are stored without outputs, ask a question in their title, take the
// common parameters and answer in their last cell.
func TestNotebooksAreStoredAsTheyShould(t *testing.T) {
	for _, path := range all(t) {
		n, err := runner.Read(path)
		if err != nil {
			t.Error(err)
			continue
		}
		for i, c := range n.Cells {
			if len(c.Outputs) > 0 || c.Count > 0 {
				t.Errorf("%s: cell %d has outputs", path, i+1)
			}
			if c.ID == "" {
				t.Errorf("%s: cell %d has no id", path, i+1)
			}
		}
		title, _, _ := strings.Cut(n.Cells[0].Source, "\n")
		if !strings.HasPrefix(title, "# ") || !strings.HasSuffix(title, "?") {
			t.Errorf("%s: the title asks no question: %q", path, title)
		}
		if k := len(n.Cells); k < 2 || !strings.Contains(n.Cells[k-2].Source, "## Answer") {
			t.Errorf("%s: it does not end with its answer", path)
		}
		ps, err := n.Parameters()
		if err != nil {
			t.Error(err)
		}
		have := map[string]bool{}
		for _, p := range ps {
			have[p.Name] = true
		}
		for _, name := range []string{"scale", "seed", "device", "cohort", "labels", "label"} {
			if !have[name] {
				t.Errorf("%s: no parameter %s", path, name)
			}
		}
	}
}

// glued are the numbers that each notebook promises.
var glued = map[string][]string{
	"01_reconstruction.ipynb": {
		"mse_test", "mse_test_se", "mse_test_first_epoch", "mse_test_paper", "mse_test_se_paper", "mse_test_first_epoch_paper",
		"mse_pca", "mse_nmf", "mse_kpca_poly", "mse_kpca_cosine", "mse_kpca_rbf",
		"rank_first_spearman", "rank_first_mse", "reverse_rank_first_spearman", "reverse_rank_first_mse",
		"rank_first_spearman_paper", "rank_first_mse_paper", "reverse_rank_first_spearman_paper", "reverse_rank_first_mse_paper",
		"wilcoxon_p_spearman", "wilcoxon_p_mse", "wilcoxon_p_spearman_paper", "wilcoxon_p_mse_paper",
		"n_train", "n_test", "n_genes",
	},
	"02_heldout_tissues.ipynb": {
		"heldout_median_spearman", "heldout_median_mse", "heldout_median_mse_pca", "heldout_own_first", "heldout_own_first_mse",
		"n_tissues", "own_module_rank", "tissue_over_study_mse", "up_genes_confirmed",
	},
	"03_classification.ipynb": {
		"errors_rf_pca", "errors_svm_pca", "errors_rf_cic", "errors_svm_cic", "errors_rf_caec", "errors_svm_caec", "errors_own_caec",
		"n_test", "noise_accuracy", "noise_accuracy_se", "noise_accuracy_svm", "clean_accuracy",
	},
	"04_code_biology.ipynb": {
		"planted_modules_found", "planted_modules_found_trained", "planted_modules_seen", "components_with_term", "best_adjusted_p",
	},
	"05_architectures.ipynb": {
		"best_architecture", "mse_best", "mse_by_size_10", "mse_by_size_20", "mse_by_size_30", "mse_by_size_40", "mse_by_size_50",
		"mse_by_size_60", "mse_by_size_70", "mse_by_size_80", "mse_by_size_90", "mse_by_size_100", "mse_search_test",
	},
	"06_deep_autoencoder.ipynb": {
		"r2_deep_64", "r2_deep_512", "r2_shallow_512", "r2_shallow_1024", "median_gene_r2_deep_512", "params_deep_512", "params_shallow_1024",
		"r2_means_alone", "law_factor", "law_exponent", "deep_less_shallow_r2",
	},
	"07_light_up.ipynb": {
		"si_gain_layer1", "si_gain_layer2", "si_gain_layer3", "si_binomial_p_layer1", "si_binomial_p_layer2", "si_binomial_p_layer3",
		"ppi_distance_z_layer1", "ppi_distance_z_layer2", "ppi_distance_z_layer3", "betweenness_z_layer1", "betweenness_z_layer2", "betweenness_z_layer3",
		"ppi_distance_z_change_layer1", "ppi_distance_z_change_layer2", "ppi_distance_z_change_layer3", "distance_trend", "distance_trend_change",
	},
	"08_disease_modules.ipynb": {
		"gwas_p_layer3_disease_01", "gwas_p_layer3_disease_02", "gwas_p_layer3_disease_03",
		"gwas_best_layer_count_1", "gwas_best_layer_count_2", "gwas_best_layer_count_3", "gwas_combined_p_layer3", "gwas_combined_p_supervised",
		"planted_upstream_auc", "planted_upstream_auc_supervised", "planted_upstream_auc_expression", "planted_upstream_auc_direct", "planted_upstream_auc_pca", "controls_binomial_p",
		"unseen_p_controls", "unseen_p_neighbour", "transfer_p", "rnaseq_combined_p_layer3", "n_diseases", "n_without_set", "n_sets_not_found",
	},
	"09_landmark_genes.ipynb": {
		"ae_gene_mae", "ae_gene_pcc", "ae_permutation_pass", "deeplift_max_completeness_error", "landmarks",
		"mae_ours", "mae_random", "mae_variance", "mae_kmeans", "pcc_ours", "pcc_random", "pcc_variance", "pcc_kmeans",
		"mae_ours_vs_variance", "mae_ours_vs_kmeans", "mae_ours_ridge", "mae_random_ridge", "mae_sd_ours", "mae_sd_random",
		"share_genes_better_than_random", "paired_t_p", "permutation_pass_ours", "dgex_gain_over_linear", "dgex_gain_over_ridge",
		"rand_code", "rand_genes", "rand_code_study", "platform2_mae_ours", "platform2_pcc_ours", "platform2_pass_ours", "terms_enriched",
		"planted_regulators_found", "planted_regulators_chance", "planted_upstream_auc",
	},
	"10_interpretable_vae.ipynb": {
		"elbo_vae", "elbo_vae_best_epoch", "elbo_sivae", "elbo_linear", "knn_accuracy_vae", "knn_accuracy_sivae", "knn_accuracy_linear", "knn_accuracy_pca",
		"time_ratio_sivae_vae", "processor_ratio_sivae_vae", "flop_ratio_sivae_vae", "neighbourhood_module_share", "neighbourhood_module_share_gamma0", "neighbourhood_module_share_pca",
		"neighbourhood_score", "neighbourhood_score_gamma0", "neighbourhood_score_pca", "knn_difference_sivae_vae", "knn_difference_se", "knn_accuracy_sivae_gamma0", "elbo_sivae_gamma0",
		"code_variance", "code_variance_gamma0", "gene_code_variance", "planted_edges_found_sivae", "planted_edges_found_genie3",
		"hub_auc", "hub_auc_modules", "network_spearman", "n_train", "n_test", "n_genes",
		"trust_tsne_sivae", "trust_umap_sivae", "trust_pca_sivae", "trust_tsne_pcs", "trust_umap_pcs", "trust_pca_pcs",
	},
	"11_networks_by_line.ipynb": {
		"lines_gene_found", "lines_module_found", "line_gene_rank", "line_gene_r", "line_module_auc", "line_module_p", "least_q", "n_union", "n_lines", "n_genes",
		"lines_gene_found_degree", "line_gene_rank_degree", "line_gene_r_degree", "lines_module_enriched", "centrality_degree_spearman",
		"n_genes_with_phenotype", "n_central_in_all", "wl_distance_mean", "wl_distance_phenotype_spearman", "shared_edges_mean",
	},
}

// outside finds what a page would fetch from the network.
var outside = regexp.MustCompile(`(?i)(src|href)\s*=\s*["']?(https?:)?//[^"' >]+\.(js|css|png|svg|woff2?)|@import|<link[^>]+stylesheet|url\(["']?https?:`)

// Every notebook runs at tiny scale to its last cell, through the real kernel.
func TestNotebooksRunAtTiny(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves the notebooks out")
	}
	t.Setenv("GXLAB_STORE", filepath.Join(t.TempDir(), "store"))
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	e, err := runner.FindEngine(ctx, wd, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	front.Complete(e, nil)
	for _, path := range all(t) {
		t.Run(path, func(t *testing.T) {
			out := t.TempDir()
			r, err := e.Run(ctx, path, runner.Options{Parameters: map[string]string{"scale": "tiny"}, Out: out})
			if err != nil {
				t.Fatal(err)
			}
			if r.Failed != nil {
				t.Fatalf("%v\n%s", r.Failed, r.Failed.Traceback)
			}
			name := strings.TrimSuffix(path, ".ipynb")
			b, err := os.ReadFile(filepath.Join(out, name+".metrics.json"))
			if err != nil {
				t.Fatal(err)
			}
			var m map[string]any
			if err := json.Unmarshal(b, &m); err != nil {
				t.Fatal(err)
			}
			for _, n := range glued[path] {
				if _, ok := m[n].(float64); !ok {
					t.Errorf("%s is %v", n, m[n])
				}
			}
			page, err := os.ReadFile(filepath.Join(out, name+".html"))
			if err != nil {
				t.Fatal(err)
			}
			if found := outside.Find(page); found != nil {
				t.Errorf("the page needs the network: %s", found)
			}
			if figures, _ := filepath.Glob(filepath.Join(out, "figures", "*.svg")); len(figures) < 4 {
				t.Errorf("%d figures", len(figures))
			}
			if path == "01_reconstruction.ipynb" {
				claims(t, r.Metrics)
				for _, name := range []string{"rank_first_spearman", "rank_first_mse"} {
					if v := r.Metrics.Number(name); !(v >= 0.85) {
						t.Errorf("%s is %v", name, v)
					}
				}
			}
		})
	}
}

// claims that must hold at any scale: see gxlab verify for the whole list.
func claims(t *testing.T, m *runner.Metrics) {
	if a, b := m.Number("mse_test"), m.Number("mse_pca"); !(a <= 1.05*b) {
		t.Errorf("the recommended network's error is %v, PCA's %v", a, b)
	}
	for _, other := range []string{"mse_nmf", "mse_kpca_poly", "mse_kpca_cosine", "mse_kpca_rbf"} {
		if a, b := m.Number("mse_test"), m.Number(other); !(a < b) {
			t.Errorf("the recommended network's error is %v, %s %v", a, other, b)
		}
	}
}

// The first notebook runs on real tables too, and its numbers are reported as they
// are found. At tiny scale: gxlab verify does it at small.
func TestReconstructionOfRealData(t *testing.T) {
	data := os.Getenv("GXLAB_DATA")
	if data == "" {
		t.Skip("GXLAB_DATA names no folder of real tables")
	}
	if testing.Short() {
		t.Skip("-short leaves the notebooks out")
	}
	t.Setenv("GXLAB_STORE", filepath.Join(t.TempDir(), "store"))
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	e, err := runner.FindEngine(ctx, wd, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	front.Complete(e, nil)
	for name, label := range map[string]string{"tissue7": "class", "affy_compendium": "tissue", "lung_gordon": "class"} {
		t.Run(name, func(t *testing.T) {
			out := t.TempDir()
			r, err := e.Run(ctx, "01_reconstruction.ipynb", runner.Options{Out: out, Parameters: map[string]string{
				"scale": "tiny", "label": label,
				"cohort": filepath.Join(data, name+".expression.tsv.gz"), "labels": filepath.Join(data, name+".samples.tsv"),
			}})
			if err != nil {
				t.Fatal(err)
			}
			if r.Failed != nil {
				t.Fatalf("%v\n%s", r.Failed, r.Failed.Traceback)
			}
			claims(t, r.Metrics)
			t.Logf("as found:\n%s", r.Metrics.Table())
			if name == "lung_gordon" {
				page, err := os.ReadFile(filepath.Join(out, "01_reconstruction.html"))
				if err != nil || !strings.Contains(string(page), "the values were not logged") || !strings.Contains(string(page), "values were negative") {
					t.Error("that the values were not logged and some negative is not said:", err)
				}
			}
		})
	}
}
