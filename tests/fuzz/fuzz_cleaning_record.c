/* One object's text through the cleaner of each table (the first byte chooses). What comes out must fit the table: each
 * value null or of its column's type, integers of 32 bits, text well-formed, every record a row or quarantined; and it is
 * the same by jansson's tree. */
#include <stdlib.h>
#include <string.h>

#include "../cleaning/pinterest.h"
#include "../cleaning/record_both.h"

static struct cleaning all;

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

struct counts {
	enum set set;
	int64_t rows, bad;
	struct slice text;
};

static void need(bool what)
{
	if (!what)
		abort();
}

static void check_year(const struct clean_value *stamp, const struct clean_value *year)
{
	int64_t y;
	need((stamp->kind == CLEAN_NULL) == (year->kind == CLEAN_NULL));
	if (stamp->kind == CLEAN_NULL)
		return;
	need(stamp->text.n >= 19 && stamp->text.p[10] == ' ');
	need(sl_int(sl_of(stamp->text.p, 4), 0, 9999, &y) && y == year->i);
}

static int on_row(void *arg, const struct clean_value *v)
{
	struct counts *c = arg;
	const struct dataset *t = &all.sets.at[c->set];
	c->rows++;
	need(v[0].kind == CLEAN_INT);
	for (size_t i = 0; i < t->out_n; i++) {
		need(v[i].kind == CLEAN_NULL || v[i].kind == t->columns[i].type);
		need(v[i].kind != CLEAN_INT || (v[i].i >= INT32_MIN && v[i].i <= INT32_MAX));
		need(v[i].kind != CLEAN_TEXT || sl_is_utf8(v[i].text));
	}
	if (c->set != PIN)
		check_year(&v[3], &v[4]);
	return 0;
}

static int on_bad(void *arg, size_t line, struct slice record, const char *reason)
{
	struct counts *c = arg;
	c->bad++;
	need(line > 0 && *reason && record.p >= c->text.p && record.p + record.n <= c->text.p + c->text.n);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	if (!n)
		return 0;
	static struct arena text;
	if (!text.used)
		pinterest_open(&all, &text);
	const struct clean_rules *rules = all.rules;
	struct counts counts = { .set = p[0] % SET_N, .text = sl_of(p + 1, n - 1) };
	struct clean_cleaner c = { .rules = &rules[counts.set], .row = on_row, .quarantine = on_bad, .arg = &counts };
	need(clean_object(&c, counts.text) == 0);
	need(c.rows == counts.rows && c.bad == counts.bad && c.records == c.rows + c.bad);
	arena_free(&c.arena);
	need(both_ways_same(&rules[counts.set], counts.text));
	return 0;
}
