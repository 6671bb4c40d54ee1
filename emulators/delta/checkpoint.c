/* A snapshot as a Parquet file and back: one row an action, one nullable group a kind of action. */
#include "delta/op.h"

#include <jansson.h>

#include "core/json.h"

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

/* ---- in: as columns, of which others may have more ---- */

#define FIELD(name, type) "{\"name\":\"" name "\",\"type\":" type ",\"nullable\":true,\"metadata\":{}}"
#define STRUCT(fields) "{\"type\":\"struct\",\"fields\":[" fields "]}"
#define TEXT_T "\"string\""
#define INT_T "\"long\""
#define PAIRS_T "{\"type\":\"map\",\"keyType\":\"string\",\"valueType\":\"string\",\"valueContainsNull\":true}"
#define TEXTS_T "{\"type\":\"array\",\"elementType\":\"string\",\"containsNull\":true}"
#define VECTOR_T \
	STRUCT(FIELD("storageType", TEXT_T) "," FIELD("pathOrInlineDv", TEXT_T) "," FIELD("offset", INT_T) "," FIELD("sizeInBytes", INT_T) "," \
	       FIELD("cardinality", INT_T))

static const char action_schema[] = STRUCT(
	FIELD("add", STRUCT(FIELD("path", TEXT_T) "," FIELD("partitionValues", PAIRS_T) "," FIELD("size", INT_T) "," FIELD("modificationTime", INT_T) ","
			    FIELD("stats", TEXT_T) "," FIELD("deletionVector", VECTOR_T))) ","
	FIELD("remove", STRUCT(FIELD("path", TEXT_T) "," FIELD("partitionValues", PAIRS_T) "," FIELD("size", INT_T) ","
			       FIELD("deletionTimestamp", INT_T) "," FIELD("deletionVector", VECTOR_T))) ","
	FIELD("metaData", STRUCT(FIELD("id", TEXT_T) "," FIELD("name", TEXT_T) "," FIELD("description", TEXT_T) "," FIELD("schemaString", TEXT_T) ","
				 FIELD("partitionColumns", TEXTS_T) "," FIELD("configuration", PAIRS_T) "," FIELD("createdTime", INT_T))) ","
	FIELD("protocol", STRUCT(FIELD("minReaderVersion", INT_T) "," FIELD("minWriterVersion", INT_T) "," FIELD("readerFeatures", TEXTS_T) ","
				 FIELD("writerFeatures", TEXTS_T))) ","
	FIELD("txn", STRUCT(FIELD("appId", TEXT_T) "," FIELD("version", INT_T) "," FIELD("lastUpdated", INT_T))) ","
	FIELD("sidecar", STRUCT(FIELD("path", TEXT_T))));
enum { IN_ADD, IN_REMOVE, IN_META, IN_PROTOCOL, IN_TXN, IN_SIDECAR, IN_N };

static struct slice text_in(const struct sp_list *l, size_t i)
{
	return l->items[i].null ? sl(NULL) : l->items[i].s;
}

static int64_t int_in(const struct sp_list *l, size_t i)
{
	return l->items[i].null ? 0 : l->items[i].i;
}

static size_t texts_in(struct arena *a, const struct sp_value *v, struct slice **out)
{
	size_t n = v->null ? 0 : v->list->n;
	*out = arena_alloc(a, (n + 1) * sizeof(**out));
	for (size_t i = 0; i < n; i++)
		(*out)[i] = arena_dup(a, text_in(v->list, i));
	return n;
}

static struct slice pairs_json(struct arena *a, const struct sp_value *v)
{
	struct buf b = { 0 };
	struct slice out;
	jw_obj(&b, NULL);
	for (size_t i = 0; !v->null && i + 1 < v->list->n; i += 2) {
		jw_key(&b, text_in(v->list, i));
		if (v->list->items[i + 1].null)
			buf_adds(&b, "null");
		else
			buf_json_string(&b, text_in(v->list, i + 1));
	}
	jw_obj_end(&b);
	out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}

static void vector_in(struct arena *a, const struct sp_value *v, struct delta_vector *out)
{
	struct slice storage;
	if (v->null)
		return;
	storage = text_in(v->list, 0);
	*out = (struct delta_vector){ .storage = storage.n == 1 ? storage.p[0] : '?', .where = arena_dup(a, text_in(v->list, 1)),
				      .offset = int_in(v->list, 2), .size = int_in(v->list, 3), .rows = int_in(v->list, 4) };
}

static void file_in(struct arena *a, const struct sp_list *l, bool live, struct delta_file *f)
{
	*f = (struct delta_file){ .path = arena_dup(a, text_in(l, 0)), .partition = pairs_json(a, &l->items[1]), .size = int_in(l, 2), .live = live };
	if (live) {
		f->modified_ms = int_in(l, 3);
		f->stats = arena_dup(a, text_in(l, 4));
	} else {
		f->deleted_ms = int_in(l, 3);
	}
	vector_in(a, &l->items[live ? 5 : 4], &f->vector);
}

static void meta_in(struct arena *a, const struct sp_list *l, struct delta_meta *m)
{
	const struct sp_value *config = &l->items[5];
	*m = (struct delta_meta){ .id = arena_dup(a, text_in(l, 0)), .name = arena_dup(a, text_in(l, 1)), .description = arena_dup(a, text_in(l, 2)),
				  .schema_text = arena_dup(a, text_in(l, 3)), .created_ms = int_in(l, 6) };
	m->partition_n = texts_in(a, &l->items[4], &m->partition);
	m->config_n = config->null ? 0 : config->list->n / 2;
	m->config = arena_alloc(a, (m->config_n + 1) * sizeof(*m->config));
	for (size_t i = 0; i < m->config_n; i++)
		m->config[i] = (struct delta_pair){ arena_dup(a, text_in(config->list, 2 * i)), arena_dup(a, text_in(config->list, 2 * i + 1)) };
}

static void action_in(struct arena *a, int kind, const struct sp_list *l, struct delta_action *out)
{
	*out = (struct delta_action){ .kind = DELTA_A_OTHER };
	switch (kind) {
	case IN_ADD:
	case IN_REMOVE:
		out->kind = kind == IN_ADD ? DELTA_A_ADD : DELTA_A_REMOVE;
		file_in(a, l, kind == IN_ADD, &out->file);
		break;
	case IN_META:
		out->kind = DELTA_A_META;
		meta_in(a, l, &out->meta);
		break;
	case IN_PROTOCOL:
		out->kind = DELTA_A_PROTOCOL;
		out->protocol.reader = (int)int_in(l, 0);
		out->protocol.writer = (int)int_in(l, 1);
		out->protocol.reader_feature_n = texts_in(a, &l->items[2], &out->protocol.reader_features);
		out->protocol.writer_feature_n = texts_in(a, &l->items[3], &out->protocol.writer_features);
		delta_protocol_judge(&out->protocol);
		break;
	case IN_TXN:
		out->kind = DELTA_A_TXN;
		out->txn = (struct delta_txn){ arena_dup(a, text_in(l, 0)), int_in(l, 1), int_in(l, 2) };
		break;
	case IN_SIDECAR:
		out->kind = DELTA_A_SIDECAR;
		out->file.path = text_in(l, 0);
		break;
	}
}

static int rows_in(struct delta_snapshot *s, const struct sp_batch *b, struct error *err)
{
	struct delta_action action;
	for (size_t r = 0; r < b->n; r++)
		for (int kind = 0; kind < IN_N; kind++) {
			struct sp_value v = sp_get(&b->columns[kind], r);
			if (v.null)
				continue;
			/* Its name: a row that has the group but nothing in it says nothing. */
			if (kind != IN_PROTOCOL && v.list->items[0].null)
				continue;
			action_in(&s->arena, kind, v.list, &action);
			if ((action.kind == DELTA_A_ADD || action.kind == DELTA_A_REMOVE) && !action.file.path.p)
				return delta_fail(err, DELTA_E_LOG, "checkpoint: a file without a path");
			delta_apply(s, &action);
		}
	return 0;
}

int delta_checkpoint_read(struct delta_snapshot *s, int64_t version, struct slice bytes, struct error *err)
{
	struct arena a = { 0 };
	struct sp_field *fields;
	struct sp_batch *chunks;
	struct col_read in = { .file = bytes };
	size_t n = 0;
	int rc = delta_fields_parse(&a, sl(action_schema), &fields, &in.field_n, err);
	in.fields = fields;
	if (rc == 0)
		rc = col_read(&a, &in, &chunks, &n, err);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = rows_in(s, &chunks[i], err);
	if (rc == 0)
		s->version = version;
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

/* ---- after a commit: an optimisation; when it fails the next one will do ---- */

bool delta_checkpoint_due(const struct delta_snapshot *base, int64_t version)
{
	int64_t every = DELTA_CHECKPOINT_EVERY;
	(void)sl_int(delta_property(base, "delta.checkpointInterval"), 1, INT32_MAX, &every);
	return version > 0 && version % every == 0;
}

struct after {
	struct delta_op o;
	int64_t now_ms;
	void (*done)(void *op);
	void *op;
};

static void after_end(struct after *a)
{
	owed_end(&a->o.owed);
	a->done(a->op);
	delta_op_free(&a->o);
}

static void on_after_made(void *arg, const struct error *err)
{
	after_end(arg);
}

static void on_after_loaded(void *arg, struct delta_snapshot *s, const struct error *err)
{
	struct after *a = arg;
	if (err) {
		after_end(a);
		return;
	}
	delta_step(&a->o, delta_checkpoint(&a->o.p.table, s, a->now_ms, on_after_made, a));
	delta_snapshot_free(s);
}

void delta_checkpoint_at(struct delta_op *o, int64_t version, int64_t now_ms, void (*done)(void *op))
{
	struct after *a = delta_op_new(sizeof(*a), &o->p.table, NULL);
	a->now_ms = now_ms;
	a->done = done;
	a->op = o;
	delta_step(o, &a->o.owed);
	delta_step(&a->o, delta_load(&a->o.p.table, version, on_after_loaded, a));
}
