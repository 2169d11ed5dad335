# Writes limma.json: moderated t-tests by limma (Rscript limma.R; Bioconductor's limma).
library(limma)
options(digits = 15)
set.seed(11)
number <- function(v) ifelse(is.na(v), "null", ifelse(is.infinite(v), "1e308", format(v, digits = 15, trim = TRUE)))
list1 <- function(v) paste0("[", paste(number(v), collapse = ", "), "]")
one <- function(name, x, design, contrast) {
  fit <- eBayes(contrasts.fit(lmFit(x, design), contrast))
  paste0(" \"", name, "\": {\"x\": [", paste(apply(x, 2, list1), collapse = ",\n  "), "],\n  \"design\": [", paste(apply(design, 1, list1), collapse = ", "),
    "], \"contrast\": ", list1(contrast), ",\n  \"effect\": ", list1(fit$coefficients[, 1]), ",\n  \"t\": ", list1(fit$t[, 1]), ",\n  \"p\": ", list1(fit$p.value[, 1]),
    ",\n  \"fdr\": ", list1(p.adjust(fit$p.value[, 1], "BH")), ",\n  \"prior_df\": ", number(fit$df.prior), ", \"prior_var\": ", number(fit$s2.prior[1]), "}")
}
genes <- 40
sd <- sqrt(0.3 / rchisq(genes, 4) * 4)
x <- matrix(rnorm(genes * 9), genes, 9) * sd + 8
x[1:5, 1:4] <- x[1:5, 1:4] + 2
x <- round(x, 3)
two <- cbind(c(1, 1, 1, 1, 0, 0, 0, 0, 0), c(0, 0, 0, 0, 1, 1, 1, 1, 1))
holes <- x
holes[3, 2] <- NA; holes[7, c(1, 6)] <- NA; holes[9, 1:3] <- NA
flat <- round(matrix(rnorm(genes * 9, sd = 0.5), genes, 9), 3)   # every gene has the same variance
zero <- x; zero[2, ] <- 5
three <- cbind(1, c(0, 0, 0, 1, 1, 1, 0, 0, 0), c(0, 0, 0, 0, 0, 0, 1, 1, 1), c(1, 2, 3, 1, 3, 2, 2, 1, 4))
writeLines(paste0("{\n", paste(c(one("two groups", x, two, c(1, -1)), one("missing values", holes, two, c(1, -1)), one("one variance", flat, two, c(1, -1)),
  one("a constant gene", zero, two, c(1, -1)), one("three groups and a covariate", x, three, c(0, -1, 1, 0)), one("two against two", x[, c(1, 2, 5, 6)], two[c(1, 2, 5, 6), ], c(1, -1))), collapse = ",\n"), "\n}"), "limma.json")
