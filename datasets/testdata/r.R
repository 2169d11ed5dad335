# Writes r/*.rda and r/*.rds and r/expected.json, what R holds of them:
#   cd r && Rscript ../r.R        (R 4; the package Matrix)
library(Matrix)
set.seed(3)
genes <- c("MARCH1", "SEPT2", "NA", "TP53", "GATA1", "ACTB", "G\u00e9ne", "G8", "G9")
m <- matrix(round(rnorm(9 * 4), 4), 9, 4, dimnames = list(genes, paste0("s", 1:4)))
m[2, 3] <- NA
tissue <- factor(c("liver", "heart", NA, "liver"), levels = c("heart", "liver", "lung"))
meta <- data.frame(tissue = tissue, age = c(3.5, NA, 7, 41), n = c(1L, NA, 3L, 4L), male = c(TRUE, FALSE, NA, TRUE),
                   remark = c("a", "\u00b5", "NA", NA), row.names = paste0("s", c(2, 1, 4, 3)), stringsAsFactors = FALSE)

save(m, meta, file = "gzip2.rda", version = 2)
save(m, meta, file = "gzip3.rda", version = 3)
save(m, meta, file = "bzip2.rda", compress = "bzip2")
save(m, meta, file = "xz.rda", compress = "xz")
saveRDS(m, "matrix.rds")
saveRDS(m, "plain.rds", compress = FALSE)
saveRDS(m, "latin1.rds", version = 2)
y <- tissue
x <- t(m)                      # samples in rows, as in the package datamicroarray
save(x, y, file = "rows.RData")
counts <- Matrix(matrix(rpois(36, 0.5), 9, 4, dimnames = dimnames(m)), sparse = TRUE)
saveRDS(list(counts = counts, meta = meta), "sparse.rds")
df <- data.frame(gene = genes, m, check.names = FALSE)
big <- data.frame(m[rep(1:9, 3), ], row.names = paste0("g", 1:27))
saveRDS(big, "frame.rds")
# Other representations: runs of numbers, wrapped vectors, numbers that will be text.
runs <- matrix(1:12, 6, 2)
saveRDS(list(runs = runs, ids = as.character(1:2), what = factor(c("p", "q"))), "altrep.rds", version = 3)
# An S4 object with an environment, as ExpressionSet is.
setClass("Phenotypes", representation(data = "data.frame"))
setClass("Set", representation(assay = "environment", pheno = "Phenotypes", f = "function"))
e <- new.env()
assign("exprs", m, e)
saveRDS(new("Set", assay = e, pheno = new("Phenotypes", data = meta), f = function(x) x + 1), "s4.rds")
save(m, file = "ascii.rda", ascii = TRUE)
# Code in a list: compiled, with its source, with an environment that is referred to again.
own <- new.env()
assign("k", 3, own)
f <- compiler::cmpfun(eval(quote(function(x, ...) { for (i in seq_along(x)) if (x[i] > 3) x[i] <- lapply(x, function(y) y + k); switch(x, a = 1, b = c(1, 2)) }), own))
g <- eval(parse(text = "function(x) x + 1 # a remark", keep.source = TRUE))
saveRDS(list(f = f, g = g, own = own, model = y ~ x + log(z), call = quote(f(x)), m = m, f2 = f, own2 = own, meta = meta), "code.rds")
# Labels alone, and samples in rows of a data frame.
saveRDS(cbind(patient = rownames(meta), meta), "labels.rds")
wide <- as.data.frame(t(big))
saveRDS(wide, "wide.rds")

text <- function(v) ifelse(is.na(v), "", if (is.logical(v)) ifelse(v, "TRUE", "FALSE") else as.character(v))
quoted <- function(v) paste0("[", paste0("\"", v, "\"", collapse = ", "), "]")
rows <- function(m) paste0("[", paste(apply(m, 1, function(r) paste0("[", paste(ifelse(is.na(r), "null", format(r, digits = 9, trim = TRUE)), collapse = ", "), "]")), collapse = ",\n   "), "]")
entry <- function(file, m, samples, genes, obs) {
  labels <- paste(sapply(names(obs), function(n) paste0("\"", n, "\": ", quoted(text(obs[[n]])))), collapse = ", ")
  paste0(" \"", file, "\": {\"x\": ", rows(as.matrix(m)), ",\n  \"samples\": ", quoted(samples), ", \"genes\": ", quoted(genes), ", \"obs\": {", labels, "}}")
}
s <- paste0("s", 1:4)
obs <- meta[s, ]
all <- c(sapply(c("gzip2.rda", "gzip3.rda", "bzip2.rda", "xz.rda", "s4.rds", "code.rds"), function(f) entry(f, t(m), s, genes, obs)),
  sapply(c("matrix.rds", "plain.rds", "latin1.rds"), function(f) entry(f, t(m), s, genes, list())),
  entry("rows.RData", t(m), s, genes, list(y = tissue)),
  entry("sparse.rds", t(as.matrix(counts)), s, genes, obs),
  entry("wide.rds", wide, s, rownames(big), list()),
  entry("frame.rds", t(as.matrix(big)), s, rownames(big), list()),
  entry("altrep.rds", t(runs), paste0("sample_", 1:2), paste0("gene_", 1:6), list(ids = 1:2, what = c("p", "q"))))
con <- file("expected.json", encoding = "UTF-8")
writeLines(enc2utf8(paste0("{\n", paste(all, collapse = ",\n"), "\n}")), con, useBytes = TRUE)
close(con)
