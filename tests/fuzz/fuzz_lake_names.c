/* Spark's names in a statement. Whatever it is: an error, or a statement; and one that SQLite reads as it is, is read
 * afterwards too. */
#include <stdlib.h>

#include "lake/names.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void need(bool what)
{
	if (!what)
		abort();
}

static bool reads(sqlite3 *h, struct slice sql)
{
	sqlite3_stmt *st = NULL;
	const char *tail = NULL;
	int rc = sqlite3_prepare_v2(h, sql.p, (int)sql.n, &st, &tail);
	sqlite3_finalize(st);
	return !rc && tail == sql.p + sql.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct slice sql = sl_of(p, n), name;
	struct buf out = { 0 };
	struct arena a = { 0 };
	struct error err = { 0 };
	sqlite3 *h = NULL;
	need(!sqlite3_open(":memory:", &h) && !sqlite3_exec(h, "CREATE TABLE pin(ind, category, timestamp); CREATE TABLE geo(ind)", NULL, NULL, NULL));
	int rc = lake_names_plain(sql, &out, &err);
	need(!rc || (err.kind == ERR_INVALID && err.text[0]));
	/* delta.`a/b` is a path, even where an alias delta has a column a/b. */
	if (sl_chr(sql, '/') < 0 && reads(h, sql))
		need(!rc && reads(h, buf_slice(&out)));
	if (!lake_take_table(&a, &sql, &name, &err))
		need(name.p && sql.p <= (const char *)p + n && sql.n <= n);
	sqlite3_close(h);
	arena_free(&a);
	buf_free(&out);
	return 0;
}
