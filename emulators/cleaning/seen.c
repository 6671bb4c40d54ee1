/* Rows seen before, as the table's Delta table shows them: a row's key is a hash of its cells. */
#include "cleaning/shape.h"
#include "core/hset.h"
#include "core/sigv4.h"

enum { SEEN_KEY = 16, SEEN_ARRAY = 0x10 }; /* bytes of a key; beside the kinds of values */

struct seen_rule {      /* a rule about repeated rows that is on */
	size_t rule;    /* its index */
	size_t from, to; /* fields of the shape that it compares; none: a column that the table doesn't have */
	int column;     /* CLEAN_DISTINCT_BY: the one */
	uint8_t (*keys)[SEEN_KEY]; /* cut SHA-256 */
	size_t n, cap;
	struct hset set; /* of them */
};
struct clean_seen {
	struct clean_shape shape;
	struct arena arena, row; /* row: emptied after each */
	struct buf key;
	struct seen_rule rules[CLEAN_RULES_MAX];
	size_t n;
};

static void add_rule(struct clean_seen *s, const struct clean_rules *rules, size_t i)
{
	const struct clean_rule *r = &rules->rules[i];
	struct seen_rule *to = &s->rules[s->n];
	bool by = r->action == CLEAN_DISTINCT_BY;
	if ((r->action != CLEAN_DISTINCT && !by) || !clean_rule_on(rules, r))
		return;
	*to = (struct seen_rule){ .rule = i, .to = s->shape.schema.n, .column = r->a };
	s->n++;
	if (!by)
		return;
	while (to->from < s->shape.schema.n && s->shape.from[to->from] != (size_t)r->a)
		to->from++;
	to->to = to->from + (to->from < s->shape.schema.n);
}

struct clean_seen *clean_seen_new(const struct clean_rules *rules)
{
	struct clean_seen *s = xcalloc(1, sizeof(*s));
	clean_shape_make(&s->arena, rules, &s->shape);
	for (size_t i = 0; i < rules->rule_n; i++)
		add_rule(s, rules, i);
	if (s->n)
		return s;
	clean_seen_free(s);
	return NULL;
}

void clean_seen_free(struct clean_seen *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++) {
		free(s->rules[i].keys);
		hset_free(&s->rules[i].set);
	}
	buf_free(&s->key);
	arena_free(&s->arena);
	arena_free(&s->row);
	free(s);
}

/* Whether the key, which is emptied, is there for the first time. */
static bool add(struct seen_rule *r, struct buf *key)
{
	uint8_t sum[32];
	uint32_t hash, i;
	hash_sha256(buf_slice(key).p, key->n, sum);
	buf_reset(key);
	memcpy(&hash, sum, sizeof(hash));
	for (struct hset_walk w = hset_walk(&r->set, hash); hset_next(&w, &i);)
		if (!memcmp(r->keys[i], sum, SEEN_KEY))
			return false;
	GROW(r->keys, r->n, r->cap);
	hset_add(&r->set, hash, (uint32_t)r->n);
	memcpy(r->keys[r->n++], sum, SEEN_KEY);
	return true;
}

/* ---- keys ---- */

static void key_value(struct buf *b, const struct clean_value *v)
{
	buf_u8(b, (uint8_t)v->kind);
	if (v->kind == CLEAN_TEXT) {
		buf_u64be(b, v->text.n);
		buf_addsl(b, v->text);
	} else if (v->kind == CLEAN_INT || v->kind == CLEAN_BOOL) {
		buf_u64be(b, (uint64_t)v->i);
	} else if (v->kind == CLEAN_REAL) {
		buf_add(b, &v->d, sizeof(v->d));
	}
}

static void key_field(struct clean_seen *s, size_t field, const struct clean_value *v)
{
	struct clean_value cell[2];
	size_t n = clean_cell(&s->row, &s->shape.schema.fields[field], &v[s->shape.from[field]], cell);
	if (n == 2)
		buf_u8(&s->key, SEEN_ARRAY);
	for (size_t i = 0; i < n; i++)
		key_value(&s->key, &cell[i]);
}

ssize_t clean_seen_row(struct clean_seen *s, const struct clean_value *v)
{
	ssize_t found = -1;
	for (size_t i = 0; s && found < 0 && i < s->n; i++) {
		struct seen_rule *r = &s->rules[i];
		for (size_t f = r->from; f < r->to; f++)
			key_field(s, f, v);
		if (r->from == r->to)
			key_value(&s->key, &v[r->column]);
		if (!add(r, &s->key))
			found = (ssize_t)r->rule;
	}
	if (s)
		arena_reset(&s->row);
	return found;
}

/* ---- rows of the table ---- */

static struct clean_value value_at(enum delta_type type, const struct pq_column *c, size_t i)
{
	switch (type) {
	case DELTA_STRING:
	case DELTA_BINARY:
	case DELTA_OTHER:
		return (struct clean_value){ .kind = CLEAN_TEXT, .text = pq_bytes(c, i) };
	case DELTA_INTEGER:
	case DELTA_SHORT:
	case DELTA_BYTE:
	case DELTA_DATE:
		return (struct clean_value){ .kind = CLEAN_INT, .i = c->i32[i] };
	case DELTA_LONG:
	case DELTA_TIMESTAMP:
		return (struct clean_value){ .kind = CLEAN_INT, .i = c->i64[i] };
	case DELTA_FLOAT:
		return (struct clean_value){ .kind = CLEAN_REAL, .d = (double)c->f32[i] };
	case DELTA_DOUBLE:
		return (struct clean_value){ .kind = CLEAN_REAL, .d = c->f64[i] };
	case DELTA_BOOLEAN:
		return (struct clean_value){ .kind = CLEAN_BOOL, .i = c->flags[i] };
	}
	abort();
}

static void key_cell(struct buf *b, const struct delta_field *f, const struct delta_cell *cell)
{
	struct pq_cursor at = cell->at;
	struct pq_entry e;
	if (f->array && !cell->null)
		buf_u8(b, SEEN_ARRAY);
	for (size_t i = 0; i < (f->array ? cell->item_n : 1); i++) {
		bool there = !cell->null && pq_next(&at, &e) && e.has;
		struct clean_value v = there ? value_at(f->type, at.c, e.value) : (struct clean_value){ 0 };
		key_value(b, &v);
	}
	if (f->array && cell->null)
		key_value(b, &(struct clean_value){ 0 });
}

void clean_seen_table(struct clean_seen *s, const struct delta_rows *rows)
{
	static const struct delta_cell missing = { .null = true };
	struct delta_cell *cells = xcalloc(rows->schema.n + 1, sizeof(*cells));
	ssize_t at[CLEAN_COLUMNS_MAX]; /* of the shape's fields */
	struct delta_reader d;
	for (size_t f = 0; f < s->shape.schema.n; f++)
		at[f] = delta_schema_find(&rows->schema, s->shape.schema.fields[f].name);
	delta_reader_init(&d, rows);
	while (delta_reader_next(&d, cells)) {
		for (size_t i = 0; i < s->n; i++) {
			struct seen_rule *r = &s->rules[i];
			for (size_t f = r->from; f < r->to; f++)
				key_cell(&s->key, &s->shape.schema.fields[f], at[f] < 0 ? &missing : &cells[at[f]]);
			if (r->from < r->to)
				(void)add(r, &s->key);
		}
	}
	delta_reader_free(&d);
	free(cells);
}
