# The large files of R for TestPeak (see big.py).
set.seed(1)
m <- matrix(rnorm(2500 * 20000, 7, 2), 20000, 2500, dimnames = list(paste0("G", 0:19999), paste0("s", 0:2499)))
saveRDS(m, "matrix.rds", compress = FALSE)
saveRDS(t(m), "turned.rds")
saveRDS(as.data.frame(m), "frame.rds", compress = FALSE)
saveRDS(as.data.frame(t(m)), "frame_turned.rds", compress = FALSE)
