/* Parquet files as others write them: small ones, whole, in base64. */
#include "check_main.h"
#include "parquet/parquet.h"

/* The first column of the file as text: numbers, texts, "null", with blanks between; or the error. */
static const char *first_column(const char *base64)
{
	static char out[512];
	struct arena a = { 0 };
	struct slice bytes = { 0 };
	struct error err = { 0 };
	struct pq_file f;
	struct buf b = { 0 };
	ck_assert(arena_base64(&a, sl(base64), &bytes));
	if (pq_open(&f, bytes, &err) != 0)
		buf_adds(&b, err.text);
	for (size_t g = 0; g < f.group_n && !err.text[0]; g++) {
		struct pq_column c;
		struct pq_cursor at = { .c = &c };
		struct pq_entry e;
		pq_column_init(&c, &f.schema.leaves[0], 0);
		if (pq_read_chunk(&f, g, 0, &c, &err) != 0)
			buf_adds(&b, err.text);
		else
			while (pq_next(&at, &e)) {
				buf_adds(&b, b.n ? " " : "");
				if (!e.has)
					buf_adds(&b, "null");
				else if (c.type == PQ_INT32)
					buf_addf(&b, "%d", c.i32[e.value]);
				else
					buf_addsl(&b, pq_bytes(&c, e.value));
			}
		pq_column_free(&c);
	}
	snprintf(out, sizeof(out), "%s", buf_cstr(&b));
	buf_free(&b);
	pq_close(&f);
	arena_free(&a);
	return out;
}

static const struct file_row {
	const char *label, *base64, *want;
} file_rows[] = {
	{ "a dictionary that says whether it is sorted, of integers",
	  "UEFSMRUEFRAVEEwVBBUAEgAACgAAABQAAAAVABUaFRosFQYVEBUGFQYAAAIAAAAGAQECAAIBAgAVAhksSAZzY2hlbWEVAgAVAiUCGAFhABYGGRwZHCYIHBUC"
	  "GTUABhAZGAFhFQAWBhZoFmgmNCYIAAAWaBYGAAA/AAAAUEFSMQ==", "10 20 10" },
	{ "the same of texts, in PLAIN_DICTIONARY",
	  "UEFSMRUEFSIVIkwVBBUEEgAAAwAAAGFydAYAAAB0cmF2ZWwVABUaFRosFQYVBBUGFQYAAAIAAAAGAQECAQIAAgAVAhksSAZzY2hlbWEVAgAVDCUCGAFhJQAA"
	  "FgYZHBkcJggcFQwZJQQGGRgBYRUAFgYWehZ6JkYmCAAAFnoWBgAAQAAAAFBBUjE=", "travel art art" },
	{ "a gzip page of two members",
	  "UEFSMRUAFSQVcCwVBhUAFQYVBgAAH4sIAAAAAAACA2NiYGBgY2RkYAAA2sTB/gkAAAAfiwgAAAAAAAIDY2BiYGBgBmIAPbyZtgkAAAAVAhksSAZzY2hlbWEVAgAV"
	  "AiUCGAFhABYGGRwZHCYIHBUCGSUABhkYAWEVBBYGFpIBFpIBJggAABaSARYGAAA/AAAAUEFSMQ==", "1 2 3" },
	{ "a page of nulls only: nothing is packed",
	  "UEFSMRUGFQQVBFwVBBUEFQQVABUEFQARAAAEABUCGSxIBnNjaGVtYRUCABUCJQIYAWEAFgQZHBkcJggcFQIZJQAGGRgBYRUCFgQWMBYwJggAABYwFgQAADwAAABQ"
	  "QVIx", "null null" },
	{ "a row group of no rows, whose columns are nowhere",
	  "UEFSMRUCGSxIBnNjaGVtYRUCABUCJQIYAWEAFgAZHBkcJgAcFQIZFQAZGAFhFQAWABYAFgAmAAAAFgAWAAAAOwAAAFBBUjE=", "" },
};

START_TEST(files)
{
	ck_assert_str_eq(first_column(file_rows[_i].base64), file_rows[_i].want);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("foreign");
	TCase *t = tcase_create("foreign");
	tcase_add_loop_test(t, files, 0, ARRAY_LEN(file_rows));
	suite_add_tcase(s, t);
	return run_suite(s);
}
