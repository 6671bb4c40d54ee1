/* Any bytes as a Parquet file: footer, schema, every chunk. What is read is whole: as many entries as were said, each
 * value where its column says. */
#include <stdlib.h>

#include "parquet/parquet.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

enum { ENTRIES = 1 << 16, BYTES = 1 << 20 }; /* of one file; above, the fuzzer only waits */

static void need(bool what)
{
	if (!what)
		abort();
}

static void look(const struct pq_column *c)
{
	struct pq_cursor at = { .c = c };
	struct pq_entry e;
	size_t values = 0, last = 0;
	while (pq_next(&at, &e)) {
		need(e.def <= c->max_def && e.rep <= c->max_rep);
		if (!e.has)
			continue;
		need(e.value == values++);
		if (c->type == PQ_BYTES || c->type == PQ_FIXED) {
			need(c->end[e.value] >= last && c->end[e.value] <= c->bytes.n);
			last = c->end[e.value];
		}
	}
	need(values == c->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct error err;
	struct pq_file f;
	int64_t left = ENTRIES;
	if (pq_open(&f, sl_of(p, n), &err) == 0)
		for (size_t g = 0; g < f.group_n; g++)
			for (size_t i = 0; i < f.schema.leaf_n; i++) {
				struct pq_column c;
				left -= f.groups[g].chunks[i].value_n + 1;
				if (left < 0)
					break;
				pq_column_init(&c, &f.schema.leaves[i], BYTES);
				if (pq_read_chunk(&f, g, i, &c, &err) == 0) {
					need((int64_t)c.level_n == f.groups[g].chunks[i].value_n);
					look(&c);
				}
				pq_column_free(&c);
			}
	pq_close(&f);
	return 0;
}
