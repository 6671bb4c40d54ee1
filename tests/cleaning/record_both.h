/* Cleans a text twice, by the short way and by jansson's tree, and compares all that comes out. */
#ifndef TARN_RECORD_BOTH_H
#define TARN_RECORD_BOTH_H

#include <string.h>

#include "cleaning/cleaning.h"

struct both {
	struct clean_cleaner *c;
	struct buf log;
};

static int both_row(void *arg, const struct clean_value *v)
{
	struct both *b = arg;
	for (size_t i = 0; i < b->c->rules->set->out_n; i++) {
		buf_addf(&b->log, "%d ", v[i].kind);
		if (v[i].kind == CLEAN_TEXT)
			buf_addsl(&b->log, v[i].text);
		if (v[i].kind == CLEAN_INT)
			buf_addf(&b->log, "%lld", (long long)v[i].i);
		if (v[i].kind == CLEAN_REAL)
			buf_addf(&b->log, "%a", v[i].d);
		buf_addc(&b->log, '|');
	}
	buf_addc(&b->log, '\n');
	return 0;
}

static int both_bad(void *arg, size_t line, struct slice record, const char *reason)
{
	struct both *b = arg;
	buf_addf(&b->log, "bad %zu %zu %s %.*s\n", line, b->c->bad_at, reason, SL(record));
	return 0;
}

/* Rows, quarantine, counts and hits as one text; free it. */
static struct buf clean_one_way(const struct clean_rules *rules, struct slice text, bool by_tree)
{
	struct both b = { 0 };
	struct clean_cleaner c = { .rules = rules, .row = both_row, .quarantine = both_bad, .arg = &b, .by_tree = by_tree };
	b.c = &c;
	int r = clean_object(&c, text);
	buf_addf(&b.log, "%d: %lld %lld %lld %lld", r, (long long)c.records, (long long)c.rows, (long long)c.bad, (long long)c.dropped);
	for (size_t i = 0; i < rules->rule_n; i++)
		buf_addf(&b.log, " %lld", (long long)c.hits[i]);
	arena_free(&c.arena);
	return b.log;
}

static inline bool both_ways_same(const struct clean_rules *rules, struct slice text)
{
	struct buf quick = clean_one_way(rules, text, false), tree = clean_one_way(rules, text, true);
	bool same = sl_eq(buf_slice(&quick), buf_slice(&tree));
	buf_free(&quick);
	buf_free(&tree);
	return same;
}

#endif
