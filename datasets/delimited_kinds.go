package datasets

import "strings"

// kinds are files that are no plain table, by their first bytes (? is any byte),
// and what to do with them.
var kinds = []struct{ magic, what, try string }{
	{"PK\x03\x04", "a zip or xlsx file", ""},
	{"\xd0\xcf\x11\xe0", "an old Excel file (.xls)", ""},
	{"\x89HDF", "an HDF5 file (h5, h5ad, gctx)", ""},
	{"%PDF-", "a PDF file", ""},
	{"RDX?\n", "an R data file", "write.table in R"},
	{"RDA?\n", "an R data file", "write.table in R"},
	{"X\n\x00\x00", "an R data file (.rds)", "write.table in R"},
	{"BZh?1AY&", "a bzip2 file", "unpacking it or packing it with gzip"},
	{"\xfd7zXZ", "an xz file", "unpacking it or packing it with gzip"},
	{"\x28\xb5\x2f\xfd", "a zstd file within a packed file", "unpacking it once"},
	{"\x1f\x8b", "a gzip file within a gzip file", "unpacking it once"},
	{"\x93NUMPY", "a NumPy file", ""},
	{"PAR1\x15", "a Parquet file", ""},
	{"\xff\xfe", "text in UTF-16", "saving it as CSV UTF-8"},
	{"\xfe\xff", "text in UTF-16", "saving it as CSV UTF-8"},
	{"<!DOCTYPE", "a web page", "downloading the table itself: the server may have answered with an error"},
	{"<!doctype", "a web page", "downloading the table itself: the server may have answered with an error"},
	{"<html", "a web page", "downloading the table itself: the server may have answered with an error"},
	{"version https://git-lfs", "a pointer to a file in git LFS", "git lfs pull"},
	{"#1.2", "a GCT file", "a table of labels with a header line"},
	{"#1.3", "a GCT file", "a table of labels with a header line"},
	{"!Series_", "a GEO series matrix", "a table of labels with a header line"},
	{"^DATABASE", "a GEO SOFT file", "a table of labels with a header line"},
	{"%%MatrixMarket", "a Matrix Market file", "a table of labels with a header line"},
}

// kind is what a file that begins with head is, where it is no table.
func kind(head []byte) (what, try string) {
	for _, k := range kinds {
		if len(head) < len(k.magic) {
			continue
		}
		match := true
		for i := range len(k.magic) {
			match = match && (k.magic[i] == '?' || k.magic[i] == head[i])
		}
		if match {
			if k.try == "" {
				return k.what, "saving it as TSV or CSV first"
			}
			return k.what, k.try
		}
	}
	if strings.HasPrefix(string(head[min(len(head), 257):]), "ustar") {
		return "a tar archive", "unpacking it and naming one of its files"
	}
	return "", ""
}
