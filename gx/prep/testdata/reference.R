# Reference values of quantile normalisation, gene ranking and medians, from R.
#   Rscript reference.R > reference_r.json
# The matrices are samples × genes here and genes × samples for R. A few lines of
# JSON are written by hand so that base R, limma and preprocessCore suffice.
suppressMessages({library(limma); library(preprocessCore)})
num <- function(x) paste0("[", paste(format(x, digits = 17, trim = TRUE), collapse = ","), "]")
rows <- function(m) paste0("[", paste(apply(m, 1, num), collapse = ",\n  "), "]")

# Values are multiples of 1/8, exact in float32, with many ties.
set.seed(20)
plain <- t(matrix(sample(1:4000, 7 * 12), 12, 7) / 8)
tied  <- t(matrix(sample(1:9, 6 * 15, replace = TRUE), 15, 6) / 8)
tied[1, ] <- 2            # one sample of equal values
target_new <- c(4.5, 1, 1, 7.25, 0.5, 0.5, 0.5, 9, 3, 3, 2, 8.125, 6, 5, 4.5)

train <- 1:4              # learned from the first four samples alone
target <- preprocessCore::normalize.quantiles.determine.target(t(tied[train, ]))
# limma's rule for one more sample: the target read at its mean ranks.
n <- length(target_new)
applied <- approx(seq_len(n), sort(target), rank(target_new), ties = "ordered")$y

cat("{\n")
cat(' "versions": "', R.version.string, ', limma ', as.character(packageVersion("limma")),
    ', preprocessCore ', as.character(packageVersion("preprocessCore")), '",\n', sep = "")
cat(' "plain": ', rows(plain), ',\n', sep = "")
cat(' "plain_limma": ', rows(t(normalizeQuantiles(t(plain)))), ',\n', sep = "")
cat(' "plain_preprocess_core": ', rows(t(normalize.quantiles(t(plain)))), ',\n', sep = "")
cat(' "tied": ', rows(tied), ',\n', sep = "")
cat(' "tied_limma": ', rows(t(normalizeQuantiles(t(tied)))), ',\n', sep = "")
cat(' "tied_preprocess_core": ', rows(t(normalize.quantiles(t(tied)))), ',\n', sep = "")
cat(' "train": 4,\n')
cat(' "target": ', num(target), ',\n', sep = "")
cat(' "new": ', num(target_new), ',\n', sep = "")
cat(' "new_limma_rule": ', num(applied), ',\n', sep = "")
cat(' "mad": ', num(apply(plain, 2, mad, constant = 1)), ',\n', sep = "")
cat(' "mad_even": ', num(apply(plain[1:6, ], 2, mad, constant = 1)), ',\n', sep = "")
cat(' "top_mad": ', num(sort(order(-apply(plain, 2, mad, constant = 1))[1:5]) - 1), ',\n', sep = "")
cat(' "top_var": ', num(sort(order(-apply(plain, 2, var))[1:5]) - 1), '\n', sep = "")
cat("}\n")
