/* A snapshot as a Parquet file and back: one row an action, one nullable group a kind of action. */
#include "delta/op.h"

#include <jansson.h>

#define GROUP(nm, n) { .name = { nm, sizeof(nm) - 1 }, .type = PQ_GROUP, .repetition = PQ_OPTIONAL, .child_n = n }
#define LEAF(nm, t) { .name = { nm, sizeof(nm) - 1 }, .type = t, .repetition = PQ_OPTIONAL }
#define TEXT(nm) { .name = { nm, sizeof(nm) - 1 }, .type = PQ_BYTES, .repetition = PQ_OPTIONAL, .kind = PQ_STRING }
#define MAP(nm) \
	{ .name = { nm, sizeof(nm) - 1 }, .type = PQ_GROUP, .repetition = PQ_OPTIONAL, .kind = PQ_MAP, .child_n = 1 }, \
	{ .name = { "key_value", 9 }, .type = PQ_GROUP, .repetition = PQ_REPEATED, .child_n = 2 }, \
	{ .name = { "key", 3 }, .type = PQ_BYTES, .repetition = PQ_REQUIRED, .kind = PQ_STRING }, \
	TEXT("value")
#define TEXTS(nm) \
	{ .name = { nm, sizeof(nm) - 1 }, .type = PQ_GROUP, .repetition = PQ_OPTIONAL, .kind = PQ_LIST, .child_n = 1 }, \
	{ .name = { "list", 4 }, .type = PQ_GROUP, .repetition = PQ_REPEATED, .child_n = 1 }, \
	TEXT("element")

static const struct pq_node nodes[] = {
	{ .name = { "spark_schema", 12 }, .type = PQ_GROUP, .child_n = 5 },
	GROUP("txn", 3), TEXT("appId"), LEAF("version", PQ_INT64), LEAF("lastUpdated", PQ_INT64),
	GROUP("add", 6), TEXT("path"), MAP("partitionValues"), LEAF("size", PQ_INT64), LEAF("modificationTime", PQ_INT64),
		LEAF("dataChange", PQ_BOOLEAN), TEXT("stats"),
	GROUP("remove", 6), TEXT("path"), LEAF("deletionTimestamp", PQ_INT64), LEAF("dataChange", PQ_BOOLEAN),
		LEAF("extendedFileMetadata", PQ_BOOLEAN), MAP("partitionValues"), LEAF("size", PQ_INT64),
	GROUP("metaData", 8), TEXT("id"), TEXT("name"), TEXT("description"), GROUP("format", 2), TEXT("provider"), MAP("options"),
		TEXT("schemaString"), TEXTS("partitionColumns"), MAP("configuration"), LEAF("createdTime", PQ_INT64),
	GROUP("protocol", 2), LEAF("minReaderVersion", PQ_INT32), LEAF("minWriterVersion", PQ_INT32),
};
/* The leaves, in the order above. */
enum leaf {
	TXN_APP, TXN_VERSION, TXN_UPDATED,
	ADD_PATH, ADD_KEY, ADD_VALUE, ADD_SIZE, ADD_MODIFIED, ADD_CHANGE, ADD_STATS,
	DEL_PATH, DEL_AT, DEL_CHANGE, DEL_EXTENDED, DEL_KEY, DEL_VALUE, DEL_SIZE,
	META_ID, META_NAME, META_DESCRIPTION, META_PROVIDER, META_OPTION_KEY, META_OPTION_VALUE, META_SCHEMA, META_PARTITION, META_KEY,
	META_VALUE, META_CREATED,
	PROTOCOL_READER, PROTOCOL_WRITER,
	LEAF_N,
};

/* ---- out ---- */

struct making {
	struct pq_column c[LEAF_N];
	bool set[LEAF_N]; /* has its entries of this row */
	size_t row_n;
};

static void put_text(struct making *m, enum leaf i, struct slice v, int absent_def)
{
	m->set[i] = true;
	if (v.p)
		pq_add_bytes(&m->c[i], 0, v);
	else
		pq_add_null(&m->c[i], 0, absent_def);
}

static void put_int(struct making *m, enum leaf i, int64_t v)
{
	m->set[i] = true;
	if (m->c[i].type == PQ_INT32)
		pq_add_i32(&m->c[i], 0, (int32_t)v);
	else if (m->c[i].type == PQ_BOOLEAN)
		pq_add_bool(&m->c[i], 0, v != 0);
	else
		pq_add_i64(&m->c[i], 0, v);
}

/* A map's two leaves. def_empty: the level of a map that is there without entries. */
static void put_map(struct making *m, enum leaf key, const struct delta_pair *pairs, size_t n, int def_empty)
{
	m->set[key] = m->set[key + 1] = true;
	if (n == 0) {
		pq_add_null(&m->c[key], 0, def_empty);
		pq_add_null(&m->c[key + 1], 0, def_empty);
	}
	for (size_t i = 0; i < n; i++) {
		pq_add_bytes(&m->c[key], i > 0, pairs[i].key);
		if (pairs[i].value.p)
			pq_add_bytes(&m->c[key + 1], i > 0, pairs[i].value);
		else
			pq_add_null(&m->c[key + 1], i > 0, def_empty + 1);
	}
}

static void put_partition(struct making *m, enum leaf key, struct slice json, struct arena *a)
{
	json_t *j = json_loadb(json.p ? json.p : "", json.n, 0, NULL), *v;
	struct delta_pair *pairs = arena_alloc(a, (json_object_size(j) + 1) * sizeof(*pairs));
	const char *name;
	size_t n = 0;
	json_object_foreach(j, name, v)
		pairs[n++] = (struct delta_pair){ arena_dup(a, sl(name)), json_is_string(v) ? arena_dup(a, sl(json_string_value(v))) : sl(NULL) };
	put_map(m, key, pairs, n, 2);
	json_decref(j);
}

/* Ends a row: whatever isn't set belongs to a kind of action that this row isn't. */
static void end_row(struct making *m)
{
	for (size_t i = 0; i < LEAF_N; i++) {
		if (!m->set[i])
			pq_add_null(&m->c[i], 0, 0);
		m->set[i] = false;
	}
	m->row_n++;
}

static void put_meta(struct making *m, const struct delta_meta *meta)
{
	put_text(m, META_ID, meta->id, 1);
	put_text(m, META_NAME, meta->name, 1);
	put_text(m, META_DESCRIPTION, meta->description, 1);
	put_text(m, META_PROVIDER, S("parquet"), 2);
	put_map(m, META_OPTION_KEY, NULL, 0, 3);
	put_text(m, META_SCHEMA, meta->schema_text, 1);
	m->set[META_PARTITION] = true;
	if (!meta->partition_n)
		pq_add_null(&m->c[META_PARTITION], 0, 2);
	for (size_t i = 0; i < meta->partition_n; i++)
		pq_add_bytes(&m->c[META_PARTITION], i > 0, meta->partition[i]);
	put_map(m, META_KEY, meta->config, meta->config_n, 2);
	put_int(m, META_CREATED, meta->created_ms);
	end_row(m);
}

static void put_file(struct making *m, const struct delta_file *f, struct arena *a)
{
	if (f->live) {
		put_text(m, ADD_PATH, f->path, 1);
		put_partition(m, ADD_KEY, f->partition, a);
		put_int(m, ADD_SIZE, f->size);
		put_int(m, ADD_MODIFIED, f->modified_ms);
		put_int(m, ADD_CHANGE, 0); /* a checkpoint changes nothing */
		put_text(m, ADD_STATS, f->stats, 1);
	} else {
		put_text(m, DEL_PATH, f->path, 1);
		put_int(m, DEL_AT, f->deleted_ms);
		put_int(m, DEL_CHANGE, 0);
		put_int(m, DEL_EXTENDED, 1);
		put_partition(m, DEL_KEY, f->partition, a);
		put_int(m, DEL_SIZE, f->size);
	}
	end_row(m);
}

int delta_checkpoint_make(const struct delta_snapshot *s, int64_t cut_ms, struct buf *out, int64_t *rows, struct error *err)
{
	struct making *m = xcalloc(1, sizeof(*m));
	struct arena a = { 0 };
	struct pq_schema schema;
	struct pq_writer w;
	int rc = s->protocol.reader > 1 || s->protocol.writer > 2 ?
			 err_set(err, ERR_UNSUPPORTED, "a checkpoint of a table of protocol (%d, %d)", s->protocol.reader, s->protocol.writer) :
			 pq_schema_make(&a, nodes, ARRAY_LEN(nodes), &schema, err);
	if (rc == 0 && schema.leaf_n != LEAF_N)
		rc = err_set(err, ERR_INTERNAL, "the checkpoint's schema has %zu leaves", schema.leaf_n);
	if (rc) {
		free(m);
		arena_free(&a);
		return rc;
	}
	for (size_t i = 0; i < LEAF_N; i++)
		pq_column_init(&m->c[i], &schema.leaves[i], PQ_BYTES_MAX);
	put_int(m, PROTOCOL_READER, s->protocol.reader);
	put_int(m, PROTOCOL_WRITER, s->protocol.writer);
	end_row(m);
	put_meta(m, &s->meta);
	for (size_t i = 0; i < s->txn_n; i++) {
		put_text(m, TXN_APP, s->txns[i].app, 1);
		put_int(m, TXN_VERSION, s->txns[i].version);
		put_int(m, TXN_UPDATED, s->txns[i].updated_ms);
		end_row(m);
	}
	for (size_t i = 0; i < s->file_n; i++)
		if (s->files[i].live || s->files[i].deleted_ms > cut_ms)
			put_file(m, &s->files[i], &a);
	pq_writer_init(&w, &schema, PQ_SNAPPY);
	pq_write_group(&w, m->c, m->row_n);
	rc = pq_writer_finish(&w, err);
	if (rc == 0) {
		buf_free(out);
		*out = w.out;
		w.out = (struct buf){ 0 };
		*rows = (int64_t)m->row_n;
	}
	pq_writer_free(&w);
	for (size_t i = 0; i < LEAF_N; i++)
		pq_column_free(&m->c[i]);
	free(m);
	arena_free(&a);
	return rc;
}

/* ---- in ---- */

/* Where each of our leaves stands in a foreign checkpoint. */
static const struct source {
	const char *names[PQ_DEPTH];
} sources[LEAF_N] = {
	[TXN_APP] = { { "txn", "appId" } },
	[TXN_VERSION] = { { "txn", "version" } },
	[TXN_UPDATED] = { { "txn", "lastUpdated" } },
	[ADD_PATH] = { { "add", "path" } },
	[ADD_KEY] = { { "add", "partitionValues", "key_value", "key" } },
	[ADD_VALUE] = { { "add", "partitionValues", "key_value", "value" } },
	[ADD_SIZE] = { { "add", "size" } },
	[ADD_MODIFIED] = { { "add", "modificationTime" } },
	[ADD_CHANGE] = { { "add", "dataChange" } },
	[ADD_STATS] = { { "add", "stats" } },
	[DEL_PATH] = { { "remove", "path" } },
	[DEL_AT] = { { "remove", "deletionTimestamp" } },
	[DEL_CHANGE] = { { "remove", "dataChange" } },
	[DEL_EXTENDED] = { { "remove", "extendedFileMetadata" } },
	[DEL_KEY] = { { "remove", "partitionValues", "key_value", "key" } },
	[DEL_VALUE] = { { "remove", "partitionValues", "key_value", "value" } },
	[DEL_SIZE] = { { "remove", "size" } },
	[META_ID] = { { "metaData", "id" } },
	[META_NAME] = { { "metaData", "name" } },
	[META_DESCRIPTION] = { { "metaData", "description" } },
	[META_PROVIDER] = { { "metaData", "format", "provider" } },
	[META_OPTION_KEY] = { { "metaData", "format", "options", "key_value", "key" } },
	[META_OPTION_VALUE] = { { "metaData", "format", "options", "key_value", "value" } },
	[META_SCHEMA] = { { "metaData", "schemaString" } },
	[META_PARTITION] = { { "metaData", "partitionColumns", "list", "element" } },
	[META_KEY] = { { "metaData", "configuration", "key_value", "key" } },
	[META_VALUE] = { { "metaData", "configuration", "key_value", "value" } },
	[META_CREATED] = { { "metaData", "createdTime" } },
	[PROTOCOL_READER] = { { "protocol", "minReaderVersion" } },
	[PROTOCOL_WRITER] = { { "protocol", "minWriterVersion" } },
};

/* One row group being read: a cursor a leaf; c.values NULL where the file hasn't the leaf. */
struct taking {
	struct pq_column c[LEAF_N];
	struct pq_cursor at[LEAF_N];
	struct pq_entry now[LEAF_N]; /* first entry of the row */
	bool there[LEAF_N];
};

static ssize_t find_leaf(const struct pq_schema *s, enum leaf i)
{
	struct slice names[PQ_DEPTH];
	size_t n = 0;
	while (n < PQ_DEPTH && sources[i].names[n]) {
		names[n] = sl(sources[i].names[n]);
		n++;
	}
	return pq_leaf_find(s, names, n);
}

static int open_leaf(const struct pq_file *f, size_t g, enum leaf i, const struct pq_leaf *ours, struct taking *t, struct error *err)
{
	ssize_t at = find_leaf(&f->schema, i);
	const struct pq_leaf *leaf;
	t->there[i] = at >= 0;
	if (at < 0)
		return 0;
	leaf = &f->schema.leaves[at];
	if (leaf->type != ours->type || leaf->max_rep != ours->max_rep)
		return delta_fail(err, DELTA_E_LOG, "checkpoint: column %s.%s isn't of its type", sources[i].names[0], sources[i].names[1]);
	pq_column_init(&t->c[i], leaf, PQ_BYTES_MAX);
	t->at[i] = (struct pq_cursor){ .c = &t->c[i] };
	return pq_read_chunk(f, g, (size_t)at, &t->c[i], err);
}

static struct slice take_text(const struct taking *t, enum leaf i, struct arena *a)
{
	return t->there[i] && t->now[i].has ? arena_dup(a, pq_bytes(&t->c[i], t->now[i].value)) : sl(NULL);
}

static int64_t take_int(const struct taking *t, enum leaf i)
{
	if (!t->there[i] || !t->now[i].has)
		return 0;
	switch (t->c[i].type) {
	case PQ_BOOLEAN:
		return t->c[i].flags[t->now[i].value];
	case PQ_INT32:
		return t->c[i].i32[t->now[i].value];
	default:
		return t->c[i].i64[t->now[i].value];
	}
}

static bool has(const struct taking *t, enum leaf i)
{
	return t->there[i] && t->now[i].has;
}

/* All texts of a repeated leaf in this row; absent slices for nulls. */
static size_t take_texts(const struct taking *t, enum leaf i, struct arena *a, struct slice **out)
{
	const struct pq_column *c = &t->c[i];
	size_t n = 0, level = t->at[i].level, value = t->now[i].value;
	struct slice *v;
	*out = NULL;
	if (!t->there[i])
		return 0;
	/* The cursor stands behind the row's first entry. */
	for (size_t k = level; k < c->level_n && c->rep[k]; k++)
		n++;
	v = *out = arena_alloc(a, (n + 2) * sizeof(*v));
	if (c->max_def && t->now[i].def < c->max_def - 1)
		return 0;
	for (size_t k = 0; k <= n; k++) {
		bool here = !c->max_def || c->def[level - 1 + k] == c->max_def;
		v[k] = here ? arena_dup(a, pq_bytes(c, value)) : sl(NULL);
		value += here;
	}
	return n + 1;
}

static size_t take_pairs(const struct taking *t, enum leaf key, struct arena *a, struct delta_pair **out)
{
	struct slice *k = NULL, *v = NULL;
	size_t n = t->there[key] && t->now[key].has ? take_texts(t, key, a, &k) : 0;
	size_t m = n ? take_texts(t, key + 1, a, &v) : 0;
	*out = arena_alloc(a, (n + 1) * sizeof(**out));
	for (size_t i = 0; i < n; i++)
		(*out)[i] = (struct delta_pair){ k[i], i < m ? v[i] : sl(NULL) };
	return n;
}

static struct slice take_partition(const struct taking *t, enum leaf key, struct arena *a)
{
	struct delta_pair *pairs;
	size_t n = take_pairs(t, key, a, &pairs);
	struct slice out;
	struct buf b = { 0 };
	buf_addc(&b, '{');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addc(&b, ',');
		buf_json_string(&b, pairs[i].key);
		buf_addc(&b, ':');
		if (pairs[i].value.p)
			buf_json_string(&b, pairs[i].value);
		else
			buf_adds(&b, "null");
	}
	buf_addc(&b, '}');
	out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}

static void take_row(const struct taking *t, struct arena *a, struct delta_action *out)
{
	*out = (struct delta_action){ .kind = DELTA_A_OTHER };
	if (has(t, ADD_PATH)) {
		out->kind = DELTA_A_ADD;
		out->file = (struct delta_file){ .path = take_text(t, ADD_PATH, a), .partition = take_partition(t, ADD_KEY, a),
						 .stats = take_text(t, ADD_STATS, a), .size = take_int(t, ADD_SIZE),
						 .modified_ms = take_int(t, ADD_MODIFIED), .live = true };
	} else if (has(t, DEL_PATH)) {
		out->kind = DELTA_A_REMOVE;
		out->file = (struct delta_file){ .path = take_text(t, DEL_PATH, a), .partition = take_partition(t, DEL_KEY, a),
						 .deleted_ms = take_int(t, DEL_AT), .size = take_int(t, DEL_SIZE) };
	} else if (has(t, META_ID)) {
		out->kind = DELTA_A_META;
		out->meta = (struct delta_meta){ .id = take_text(t, META_ID, a), .name = take_text(t, META_NAME, a),
						 .description = take_text(t, META_DESCRIPTION, a), .schema_text = take_text(t, META_SCHEMA, a),
						 .created_ms = take_int(t, META_CREATED) };
		if (has(t, META_PARTITION))
			out->meta.partition_n = take_texts(t, META_PARTITION, a, &out->meta.partition);
		out->meta.config_n = take_pairs(t, META_KEY, a, &out->meta.config);
	} else if (has(t, PROTOCOL_READER)) {
		int reader = (int)take_int(t, PROTOCOL_READER), writer = (int)take_int(t, PROTOCOL_WRITER);
		out->kind = DELTA_A_PROTOCOL;
		out->protocol = (struct delta_protocol){ .reader = reader, .writer = writer };
		delta_protocol_judge(&out->protocol);
	} else if (has(t, TXN_APP)) {
		out->kind = DELTA_A_TXN;
		out->txn = (struct delta_txn){ take_text(t, TXN_APP, a), take_int(t, TXN_VERSION), take_int(t, TXN_UPDATED) };
	}
}

/* The first entry of the next row of each leaf. */
static bool next_row(struct taking *t)
{
	for (size_t i = 0; i < LEAF_N; i++) {
		struct pq_cursor *at = &t->at[i];
		if (!t->there[i])
			continue;
		do {
			if (!pq_next(at, &t->now[i]))
				return false;
		} while (t->now[i].rep);
	}
	return true;
}

static int read_group(struct delta_snapshot *s, const struct pq_file *f, size_t g, const struct pq_schema *ours, struct error *err)
{
	struct taking *t = xcalloc(1, sizeof(*t));
	struct delta_action action;
	int rc = 0;
	for (size_t i = 0; i < LEAF_N && rc == 0; i++)
		rc = open_leaf(f, g, (enum leaf)i, &ours->leaves[i], t, err);
	for (int64_t row = 0; rc == 0 && row < f->groups[g].row_n && next_row(t); row++) {
		take_row(t, &s->arena, &action);
		delta_apply(s, &action);
	}
	for (size_t i = 0; i < LEAF_N; i++)
		pq_column_free(&t->c[i]);
	free(t);
	return rc;
}

int delta_checkpoint_read(struct delta_snapshot *s, int64_t version, struct slice bytes, struct error *err)
{
	struct arena a = { 0 };
	struct pq_schema ours;
	struct pq_file f;
	int rc = pq_schema_make(&a, nodes, ARRAY_LEN(nodes), &ours, err);
	if (rc == 0)
		rc = pq_open(&f, bytes, err);
	else
		f = (struct pq_file){ 0 };
	for (size_t g = 0; rc == 0 && g < f.group_n; g++)
		rc = read_group(s, &f, g, &ours, err);
	if (rc == 0)
		s->version = version;
	pq_close(&f);
	arena_free(&a);
	return rc;
}

/* ---- into the store ---- */

struct checkpoint {
	struct delta_op o;
	struct delta_snapshot *s;
	int64_t cut_ms, rows, file_n;
	struct buf file;
	int rc;
	struct error err;
	delta_done_cb cb;
	void *arg;
};

static void release(void *arg)
{
	struct checkpoint *op = arg;
	buf_free(&op->file);
	delta_snapshot_free(op->s);
}

static void end(struct checkpoint *op, const struct error *err)
{
	owed_end(&op->o.owed);
	op->cb(op->arg, err);
	delta_op_free(&op->o);
}

static void on_pointer(void *arg, const struct error *err)
{
	end(arg, err);
}

static void on_put(void *arg, const struct error *err)
{
	struct checkpoint *op = arg;
	struct slice text;
	if (err) {
		end(op, err);
		return;
	}
	text = arena_printf(&op->o.p.arena, "{\"version\":%lld,\"size\":%lld,\"sizeInBytes\":%zu,\"numOfAddFiles\":%lld}", (long long)op->s->version,
			    (long long)op->rows, op->file.n, (long long)op->s->live_n);
	delta_put(&op->o, delta_key(&op->o.p, "_delta_log/_last_checkpoint"), "application/json", text, on_pointer);
}

static void make(void *arg)
{
	struct checkpoint *op = arg;
	op->rc = delta_checkpoint_make(op->s, op->cut_ms, &op->file, &op->rows, &op->err);
}

static void on_made(void *arg)
{
	struct checkpoint *op = arg;
	if (op->rc) {
		end(op, &op->err);
		return;
	}
	delta_put(&op->o, delta_key(&op->o.p, "_delta_log/%020lld.checkpoint.parquet", (long long)op->s->version), "application/octet-stream",
		  buf_slice(&op->file), on_put);
}

struct owed *delta_checkpoint(const struct delta_table *t, const struct delta_snapshot *s, int64_t now_ms, delta_done_cb cb, void *arg)
{
	struct checkpoint *op = delta_op_new(sizeof(*op), t, release);
	int64_t retention = DELTA_RETENTION_MS;
	(void)delta_interval(delta_property(s, "delta.deletedFileRetentionDuration"), &retention);
	op->s = delta_snapshot_ref(s);
	op->cut_ms = now_ms - retention;
	op->cb = cb;
	op->arg = arg;
	delta_job(&op->o, make, on_made);
	return &op->o.owed;
}
