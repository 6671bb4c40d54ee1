/* Records of a stream -> rows of its Delta table, by the rules of the dataset; what can't be a row -> rows of the
 * quarantine. A pure function of its input. */
#include <stdlib.h>
#include <string.h>

#include "core/sigv4.h"
#include "streaming/streaming.h"
#include "lake/tables.h"

static struct delta_field bad_fields[] = {
	{ .name = { "shardId", 7 }, .type = DELTA_STRING },        { .name = { "sequenceNumber", 14 }, .type = DELTA_STRING },
	{ .name = { "partitionKey", 12 }, .type = DELTA_STRING },  { .name = { "approximateArrivalTimestamp", 27 }, .type = DELTA_TIMESTAMP },
	{ .name = { "reason", 6 }, .type = DELTA_STRING },         { .name = { "at", 2 }, .type = DELTA_INTEGER },
	{ .name = { "bytes", 5 }, .type = DELTA_INTEGER },         { .name = { "record", 6 }, .type = DELTA_STRING },
	{ .name = { "data", 4 }, .type = DELTA_BINARY }, /* the bytes themselves, where they are no text */
};
static const struct delta_schema bad_schema = { bad_fields, ARRAY_LEN(bad_fields) };

/* ---- rows that are in already ---- */

enum { KEY_BYTES = 16 };
struct sq_seen {
	int column; /* field; -1: the whole row */
	uint8_t (*keys)[KEY_BYTES];
	size_t n, slot_n;
	uint32_t *slots; /* key + 1 */
};

static const struct clean_rule *distinct_rule(const struct clean_rules *rules)
{
	for (size_t i = 0; i < rules->rule_n; i++)
		if ((rules->rules[i].action == CLEAN_DISTINCT || rules->rules[i].action == CLEAN_DISTINCT_BY) &&
		    clean_rule_on(rules, &rules->rules[i]))
			return &rules->rules[i];
	return NULL;
}

bool sq_rules_distinct(const struct clean_rules *rules)
{
	return distinct_rule(rules) != NULL;
}

struct sq_seen *sq_seen_new(const struct clean_rules *rules)
{
	const struct clean_rule *r = distinct_rule(rules);
	struct sq_seen *s = xcalloc(1, sizeof(*s));
	struct clean_shape shape;
	struct arena a = { 0 };
	s->column = -1;
	clean_shape_make(&a, rules, &shape);
	if (r && r->action == CLEAN_DISTINCT_BY)
		s->column = (int)delta_schema_find(&shape.schema, sl(clean_tables[rules->set].columns[r->a].name));
	arena_free(&a);
	return s;
}

void sq_seen_free(struct sq_seen *s)
{
	if (!s)
		return;
	free(s->keys);
	free(s->slots);
	free(s);
}

static size_t slot_of(const struct sq_seen *s, const uint8_t *key)
{
	uint64_t h;
	memcpy(&h, key, sizeof(h));
	size_t at = (size_t)h & (s->slot_n - 1);
	while (s->slots[at] && memcmp(s->keys[s->slots[at] - 1], key, KEY_BYTES) != 0)
		at = (at + 1) & (s->slot_n - 1);
	return at;
}

static void grow(struct sq_seen *s)
{
	if (s->slot_n && s->n * 4 < s->slot_n * 3)
		return;
	s->slot_n = s->slot_n ? s->slot_n * 2 : 1024;
	free(s->slots);
	s->slots = xcalloc(s->slot_n, sizeof(*s->slots));
	s->keys = xrealloc(s->keys, s->slot_n * sizeof(*s->keys));
	for (size_t i = 0; i < s->n; i++)
		s->slots[slot_of(s, s->keys[i])] = (uint32_t)i + 1;
}

/* Whether it is the first. */
static bool seen_put(struct sq_seen *s, struct slice text)
{
	uint8_t sum[32];
	hash_sha256(text.p, text.n, sum);
	grow(s);
	size_t at = slot_of(s, sum);
	if (s->slots[at])
		return false;
	memcpy(s->keys[s->n], sum, KEY_BYTES);
	s->slots[at] = (uint32_t)++s->n;
	return true;
}

/* The compared part of a row, as text. */
static void key_text(const struct sq_seen *s, const struct delta_rows *rows, const struct delta_cell *cells, struct buf *b)
{
	buf_reset(b);
	if (s->column < 0) {
		delta_row_json(b, rows, cells);
		return;
	}
	struct delta_cell *one = xcalloc(rows->schema.n, sizeof(*one));
	for (size_t i = 0; i < rows->schema.n; i++) {
		one[i] = cells[i];
		one[i].null |= (int)i != s->column;
	}
	delta_row_json(b, rows, one);
	free(one);
}

static void each_row(const struct delta_rows *rows, void (*fn)(void *arg, const struct delta_cell *cells), void *arg)
{
	struct delta_cell *cells = xcalloc(rows->schema.n + 1, sizeof(*cells));
	struct delta_reader d;
	delta_reader_init(&d, rows);
	while (delta_reader_next(&d, cells))
		fn(arg, cells);
	delta_reader_free(&d);
	free(cells);
}

struct seen_pass {
	struct sq_seen *s;
	const struct delta_rows *rows;
	struct buf b;
};

static void seen_row(void *arg, const struct delta_cell *cells)
{
	struct seen_pass *p = arg;
	key_text(p->s, p->rows, cells, &p->b);
	(void)seen_put(p->s, buf_slice(&p->b));
}

void sq_seen_add(struct sq_seen *s, const struct delta_rows *rows)
{
	struct seen_pass p = { .s = s, .rows = rows };
	if (s->column >= (int)rows->schema.n)
		return;
	each_row(rows, seen_row, &p);
	buf_free(&p.b);
}

/* ---- records ---- */

struct pass {
	struct sq_cleaned *out;
	struct clean_shape shape;
	struct delta_rows *one; /* a row alone, to be compared */
	const struct sq_record *record;
	struct clean_cleaner cleaner;
	struct sq_seen *seen;
	const struct clean_rule *distinct;
	struct arena arena;
	struct buf b;
	bool first;
};

static void is_first(void *arg, const struct delta_cell *cells)
{
	struct pass *p = arg;
	key_text(p->seen, p->one, cells, &p->b);
	p->first = seen_put(p->seen, buf_slice(&p->b));
}

static int on_row(void *arg, const struct clean_value *v)
{
	struct pass *p = arg;
	if (p->seen) {
		p->one = delta_rows_new(&p->shape.schema);
		(void)clean_shape_row(&p->shape, p->one, v);
		each_row(p->one, is_first, p);
		delta_rows_free(p->one);
		if (!p->first) {
			p->out->hits[p->distinct - p->cleaner.rules->rules]++;
			p->out->dropped++;
			return 0;
		}
	}
	(void)clean_shape_row(&p->shape, p->out->rows, v);
	p->out->out++;
	return 0;
}

static int on_bad(void *arg, size_t line, struct slice text, const char *reason)
{
	struct pass *p = arg;
	const struct sq_record *r = p->record;
	struct delta_rows *to = p->out->bad;
	(void)line;
	delta_text(to, 0, sl(r->shard));
	delta_text(to, 1, r->sequence);
	delta_text(to, 2, r->key);
	delta_int(to, 3, r->arrived_ms * 1000);
	delta_text(to, 4, sl(reason));
	if (p->cleaner.bad_at)
		delta_int(to, 5, (int64_t)p->cleaner.bad_at);
	else
		delta_null(to, 5);
	delta_int(to, 6, (int64_t)text.n);
	delta_text(to, 7, text.p ? text : S("")); /* whole: this copy stays when the stream's retention is over */
	delta_text(to, 8, sl_is_utf8(text) ? sl(NULL) : text);
	delta_row_end(to);
	p->out->quarantined++;
	return 0;
}

static void clean_one(struct pass *p, const struct sq_record *r)
{
	p->record = r;
	if (sl_trim(r->data).n) {
		if (clean_line(&p->cleaner, 1, r->data))
			return; /* our callbacks never say no */
	} else {
		p->cleaner.records++;
		p->cleaner.bad_at = 0;
		(void)on_bad(p, 1, r->data, "empty");
	}
}

void sq_clean(const struct clean_rules *rules, const char *partition_key, const struct sq_record *r, size_t n, struct sq_seen *seen,
	      struct sq_cleaned *out)
{
	struct pass p = { .out = out, .seen = seen, .distinct = distinct_rule(rules) };
	*out = (struct sq_cleaned){ 0 };
	clean_shape_make(&p.arena, rules, &p.shape);
	out->rows = delta_rows_new(&p.shape.schema);
	out->bad = delta_rows_new(&bad_schema);
	p.cleaner = (struct clean_cleaner){ .rules = rules, .row = on_row, .quarantine = on_bad, .arg = &p };
	for (size_t i = 0; i < n; i++) {
		if (partition_key && !sl_eqs(r[i].key, partition_key))
			out->filtered++;
		else
			clean_one(&p, &r[i]);
	}
	out->records = p.cleaner.records;
	out->dropped += p.cleaner.dropped;
	for (size_t i = 0; i < rules->rule_n; i++)
		out->hits[i] += p.cleaner.hits[i];
	arena_free(&p.cleaner.arena);
	arena_free(&p.arena);
	buf_free(&p.b);
}
