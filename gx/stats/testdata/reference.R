# Reference values of gx/stats from R. Prints the tables that r_test.go holds.
#
#     Rscript reference.R
cat(R.version.string, "\n")
options(digits = 17)
d <- c(1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30)
e <- c(0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29)
show <- function(name, r) cat(sprintf("%-28s %s  p %.17g\n", name, format(unname(r$statistic)), r$p.value))
for (side in c("two.sided", "greater", "less"))
  show(paste("signed", side), wilcox.test(d, e, paired = TRUE, alternative = side))
ties <- round((d - e) * 2)                       # ties and zeros
for (cc in c(TRUE, FALSE))
  show(paste("signed ties, correct", cc), suppressWarnings(wilcox.test(ties, exact = FALSE, correct = cc)))
n <- 260
x <- sin(1:n) + (1:n) / 150                      # no ties
show("signed 260 exact", wilcox.test(x, exact = TRUE))
show("signed 260 normal", wilcox.test(x, exact = FALSE, correct = TRUE))
show("signed 260 normal plain", wilcox.test(x, exact = FALSE, correct = FALSE))
show("signed 1..40 exact", wilcox.test((1:40) + 0.25, exact = TRUE))
for (side in c("two.sided", "greater", "less"))
  show(paste("sum", side), wilcox.test(d, e + (1:9) / 1000, alternative = side))
show("sum normal", suppressWarnings(wilcox.test(round(d, 1), round(e, 1), exact = FALSE)))
p <- c(0.01, 0.02, NA, 0.03, 0.04, 0.05, 1e-9, 0.9, 0.02)
for (m in c("BH", "bonferroni", "holm")) cat(m, p.adjust(p, m), "\n")
cat("quantile", quantile(d, c(0, .1, .25, .5, .75, .9, 1)), "\n")
cat("spearman with ties", cor(round(d), round(e), method = "spearman"), "\n")
