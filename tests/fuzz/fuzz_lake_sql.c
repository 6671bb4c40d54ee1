/* Statements from users. Whatever they are: an answer whose JSON holds together, or an error; and nothing is written. */
#include <jansson.h>
#include <stdlib.h>

#include "../cleaning/pinterest.h"
#include "lake/store_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void need(bool what)
{
	if (!what)
		abort();
}

static void fill(struct lake_store *s)
{
	struct clean_value v[CLEAN_COLUMNS_MAX] = { { .kind = CLEAN_INT, .i = 1 }, { .kind = CLEAN_TEXT, .text = S("Ann Lee") },
						  { .kind = CLEAN_INT, .i = 20 } };
	struct error err;
	need(!lake_store_begin(s, 1 << USERS, &err) && !lake_store_row(s, USERS, v, &err) && !lake_store_finish(s, &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct env env = { .durability = DURABILITY_OFF };
	const struct lake_limits limits = { 100, 200, 1 << 20 };
	struct lake_store *s;
	struct lake_session *x;
	struct buf out = { .max = 1 << 20 };
	struct error err = { 0 };
	static struct cleaning all;
	static struct arena text;
	if (!text.used)
		pinterest_open(&all, &text);
	need(!lake_store_open(&s, &env, &all.sets, &err));
	fill(s);
	x = lake_session_new(s);
	int changes = sqlite3_total_changes(s->db.h);
	buf_addc(&out, '{');
	if (!lake_store_sql(x, sl_of(p, n), &limits, NULL, &out, &err)) {
		buf_addc(&out, '}');
		json_t *answer = json_loadb(out.p, out.n, JSON_ALLOW_NUL, NULL);
		need(answer && json_is_array(json_object_get(answer, "rows")));
		json_decref(answer);
	} else {
		need(err.kind < 0 && err.text[0]);
	}
	need(sqlite3_total_changes(s->db.h) == changes && sqlite3_get_autocommit(s->db.h));
	buf_free(&out);
	lake_session_free(x, NULL);
	lake_store_close(s);
	return 0;
}
