# Reference values of quantile normalisation and of the median absolute deviation:
#   Rscript reference.R > reference_r.json
# Needs limma and preprocessCore (Bioconductor). R's functions take genes × samples.
suppressPackageStartupMessages({library(limma); library(preprocessCore)})
set.seed(4)
x <- matrix(round(2 + 8 * runif(7 * 5), 2), 7, 5)       # 7 genes, 5 samples
ties <- matrix(sample(1:4, 7 * 5, TRUE) + 0, 7, 5)      # many ties
num <- function(m) paste0("[", paste(format(as.vector(m), digits = 15), collapse = ", "), "]")
cat("{\n")
cat(sprintf(' "versions": "R %s, limma %s, preprocessCore %s",\n', getRversion(), packageVersion("limma"), packageVersion("preprocessCore")))
cat(' "genes": 7, "samples": 5,\n')
cat(' "x":', num(x), ',\n "limma":', num(normalizeQuantiles(x)), ',\n "preprocessCore":', num(normalize.quantiles(x)), ',\n')
cat(' "ties":', num(ties), ',\n "limma_ties":', num(normalizeQuantiles(ties, ties = TRUE)), ',\n')
cat(' "mad":', num(apply(x, 1, mad, constant = 1)), '\n}\n')
