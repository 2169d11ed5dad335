# Writes enrichment_r.json: fisher.test, p.adjust, binom.test, t.test, cor.test and fgsea (R 4.2.2, fgsea 1.31.6) on the
# numbers below and on gsea_ranks.tsv and gsea_sets.gmt, which enrichment.py writes.
#
#     Rscript enrichment.R
suppressMessages(library(fgsea))
number <- function(v) ifelse(is.nan(v) | is.na(v), "\"NaN\"", ifelse(is.infinite(v), ifelse(v > 0, "\"Inf\"", "\"-Inf\""), format(v, digits = 17, trim = TRUE)))
list1 <- function(v) paste0("[", paste(vapply(v, number, ""), collapse = ", "), "]")
sides <- c("two.sided", "greater", "less")
tables <- list(c(3, 1, 1, 3), c(0, 5, 7, 20), c(5, 0, 7, 20), c(30, 70, 170, 19730), c(2, 298, 400, 19300), c(150, 150, 350, 19350), c(22, 978, 140, 12860), c(6, 2, 1, 4))
fisher <- c()
for (t in tables) for (s in sides) {
  f <- fisher.test(matrix(t, 2, byrow = TRUE), alternative = s)
  fisher <- c(fisher, paste0("{\"table\": ", list1(t), ", \"side\": \"", sub(".", "-", s, fixed = TRUE), "\", \"p\": ", number(f$p.value), ", \"estimate\": ", number(unname(f$estimate)),
    ", \"low\": ", number(f$conf.int[1]), ", \"high\": ", number(f$conf.int[2]), "}"))
}
# phyper(overlap − 1, set, universe − set, list) far out, as logarithm
hyper <- c()
for (h in list(c(150, 500, 20000, 300), c(290, 400, 20000, 300), c(500, 1500, 60000, 1000), c(4, 100, 20000, 300), c(0, 100, 20000, 300), c(400, 400, 15000, 500)))
  hyper <- c(hyper, paste0("{\"h\": ", list1(h), ", \"log\": ", number(phyper(h[1] - 1, h[2], h[3] - h[2], h[4], lower.tail = FALSE, log.p = TRUE)), "}"))
p <- c(0.01, 0.02, NA, 0.03, 0.04, 0.05, 1e-9, 0.9, 0.02)
adjust <- paste0("\"", c("BH", "BY", "bonferroni", "holm"), "\": ", vapply(c("BH", "BY", "bonferroni", "holm"), function(m) list1(p.adjust(p, m)), ""))
binomial <- c()
for (b in list(c(38, 56, 0.5), c(86, 128, 0.5), c(7, 20, 0.3), c(1, 1000, 0.0078125))) for (s in sides) {
  f <- binom.test(b[1], b[2], b[3], alternative = s)
  binomial <- c(binomial, paste0("{\"b\": ", list1(b), ", \"side\": \"", sub(".", "-", s, fixed = TRUE), "\", \"p\": ", number(f$p.value), ", \"low\": ", number(f$conf.int[1]), ", \"high\": ", number(f$conf.int[2]), "}"))
}
a <- c(2.1, 3.4, 1.9, 5.5, 4.2, 6.1, 3.3, 0.7); b <- c(1.2, 4.1, 2.2, 4.9, 2.8, 7.7, 5.1, 1.9)
spearman <- vapply(sides, function(s) cor.test(a, b, method = "spearman", alternative = s)$p.value, 0)
ranks <- read.table("gsea_ranks.tsv", sep = "\t")
ranks <- ranks[order(ranks[, 1]), ]
ranks <- ranks[order(-ranks[, 2]), ]                      # ties stay by name
stat <- setNames(ranks[, 2], ranks[, 1])
sets <- gmtPathways("gsea_sets.gmt")
gsea <- c()
run <- function(name, multilevel = FALSE, ...) {
  set.seed(5)
  r <- suppressWarnings(if (multilevel) fgseaMultilevel(sets, stat, minSize = 1, eps = 0, sampleSize = 501, nproc = 1, ...) else fgseaSimple(sets, stat, nperm = 100000, minSize = 1, nproc = 1, ...))
  rows <- vapply(seq_len(nrow(r)), function(i) paste0("\"", r$pathway[i], "\": {\"es\": ", number(r$ES[i]), ", \"nes\": ", number(r$NES[i]), ", \"p\": ", number(r$pval[i]),
    ", \"size\": ", r$size[i], ", \"leading\": [", paste0("\"", r$leadingEdge[[i]], "\"", collapse = ", "), "]}"), "")
  gsea <<- c(gsea, paste0("\"", name, "\": {", paste(rows, collapse = ",\n "), "}"))
}
run("std"); run("pos", scoreType = "pos"); run("neg", scoreType = "neg"); run("unweighted", gseaParam = 0); run("multilevel", multilevel = TRUE)
join <- function(v) paste(v, collapse = ",\n ")
writeLines(paste0("{\"versions\": \"", R.version.string, ", fgsea ", packageVersion("fgsea"), "\",\n\"fisher\": [", join(fisher), "],\n\"hyper\": [", join(hyper), "],\n\"adjust\": {", join(adjust), "},\n\"binomial\": [", join(binomial),
  "],\n\"spearman\": ", list1(spearman), ",\n\"gsea\": {", join(gsea), "}}"), "enrichment_r.json")
