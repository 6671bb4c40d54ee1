/* A dataset file: whatever its bytes, it is read or refused with the file's name, and what was read lies in bounds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cleaning/dataset.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void need(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena a = { 0 };
	struct dataset d = { 0 };
	struct error err = { 0 };
	if (dataset_parse(&a, NULL, "datasets/x.dataset", sl_of(p, n), &d, &err)) {
		need(err.kind == ERR_INVALID && !strncmp(err.text, "datasets/x.dataset:", 19) && !d.table);
	} else {
		need(d.out_n > 0 && d.out_n <= d.column_n && d.column_n <= CLEAN_COLUMNS_MAX && d.key < d.out_n);
		for (size_t i = 0; i < d.column_n; i++)
			need((size_t)dataset_column(&d, sl(d.columns[i].name)) == i);
		need(d.rules.text.n + d.source_lines.text.n <= n && *d.tail);
	}
	arena_free(&a);
	return 0;
}
