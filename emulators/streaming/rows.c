/* Records of a stream -> rows of its Delta table, by the rules of the dataset; what can't be a row -> rows of the
 * quarantine. A pure function of its input. */
#include "streaming/rows.h"

static struct delta_field bad_fields[] = {
	{ .name = { "shardId", 7 }, .type = DELTA_STRING },        { .name = { "sequenceNumber", 14 }, .type = DELTA_STRING },
	{ .name = { "partitionKey", 12 }, .type = DELTA_STRING },  { .name = { "approximateArrivalTimestamp", 27 }, .type = DELTA_TIMESTAMP },
	{ .name = { "reason", 6 }, .type = DELTA_STRING },         { .name = { "at", 2 }, .type = DELTA_INTEGER },
	{ .name = { "bytes", 5 }, .type = DELTA_INTEGER },         { .name = { "record", 6 }, .type = DELTA_STRING },
	{ .name = { "data", 4 }, .type = DELTA_BINARY }, /* the bytes themselves, where they are no text */
};
static const struct delta_schema bad_schema = { bad_fields, ARRAY_LEN(bad_fields) };

/* ---- records ---- */

struct pass {
	struct sq_cleaned *out;
	struct clean_shape shape;
	const struct sq_record *record;
	struct clean_cleaner cleaner;
	struct clean_seen *seen;
	struct arena arena;
};

static int on_row(void *arg, const struct clean_value *v)
{
	struct pass *p = arg;
	ssize_t repeated = clean_seen_row(p->seen, v);
	if (repeated >= 0) {
		p->out->hits[repeated]++;
		p->out->dropped++;
		return 0;
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

/* Whether the record is another dataset's, or has another key. */
static bool is_left_out(const struct clean_rules *rules, const struct cleaning *shared, const char *partition_key, const struct sq_record *r)
{
	int whose;
	if (partition_key && !sl_eqs(r->key, partition_key))
		return true;
	whose = shared ? clean_whose(shared, r->key, r->data) : -1;
	return whose >= 0 && &shared->sets.at[whose] != rules->set;
}

void sq_clean(const struct clean_rules *rules, const struct cleaning *shared, const char *partition_key, const struct sq_record *r, size_t n,
	      struct clean_seen *seen, struct sq_cleaned *out)
{
	struct pass p = { .out = out, .seen = seen };
	*out = (struct sq_cleaned){ 0 };
	clean_shape_make(&p.arena, rules, &p.shape);
	out->rows = delta_rows_new(&p.shape.schema);
	out->bad = delta_rows_new(&bad_schema);
	p.cleaner = (struct clean_cleaner){ .rules = rules, .row = on_row, .quarantine = on_bad, .arg = &p };
	for (size_t i = 0; i < n; i++) {
		if (is_left_out(rules, shared, partition_key, &r[i]))
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
}
