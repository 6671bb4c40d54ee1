/* CSV and JSON lines of rows, over any bytes. */
#include <stdint.h>
#include <stdlib.h>

#include "core/stack.h"
#include "rds/seed.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static int take(void *arg, const struct seed_table *t, const struct slice *cells, struct error *err)
{
	seed_put_csv(arg, t, cells);
	seed_put_values(arg, t, cells);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf out = { .max = 1 << 20 };
	static struct seed *g;
	const struct seed_table *t;
	struct error err;
	if (!g) {
		struct stack_files *files;
		struct conf *conf = conf_new();
		if (stack_open(NULL, &files, &err) || stack_conf(files, conf, &err) || seed_open(files, conf, 1, 1, &g, &err))
			abort();
		stack_close(files);
		conf_free(conf);
	}
	struct slice text = sl_of(n ? p : (const uint8_t *)"", n);
	for (size_t i = 0; (t = seed_table_at(g, i)); i++) {
		int rc = seed_read("rows.csv", text, t, take, &out, &err);
		rc |= seed_read("rows.jsonl", text, t, take, &out, &err);
		if (rc)
			buf_reset(&out);
	}
	buf_free(&out);
	return 0;
}
