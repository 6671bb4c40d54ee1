/* A snapshot as a Parquet file and back: one row an action, one nullable struct a kind of action. Others may have more columns. */
#include "delta/op.h"

#include <jansson.h>

#include "core/json.h"

#define FIELD(name, type) "{\"name\":\"" name "\",\"type\":" type ",\"nullable\":true,\"metadata\":{}}"
#define STRUCT(fields) "{\"type\":\"struct\",\"fields\":[" fields "]}"
#define TEXT "\"string\""
#define LONG "\"long\""
#define INT "\"integer\""
#define FLAG "\"boolean\""
#define PAIRS "{\"type\":\"map\",\"keyType\":\"string\",\"valueType\":\"string\",\"valueContainsNull\":true}"
#define TEXTS "{\"type\":\"array\",\"elementType\":\"string\",\"containsNull\":true}"
#define VECTOR \
	STRUCT(FIELD("storageType", TEXT) "," FIELD("pathOrInlineDv", TEXT) "," FIELD("offset", INT) "," FIELD("sizeInBytes", INT) "," \
	       FIELD("cardinality", LONG))

static const char schema_text[] = STRUCT(
	FIELD("txn", STRUCT(FIELD("appId", TEXT) "," FIELD("version", LONG) "," FIELD("lastUpdated", LONG))) ","
	FIELD("add", STRUCT(FIELD("path", TEXT) "," FIELD("partitionValues", PAIRS) "," FIELD("size", LONG) "," FIELD("modificationTime", LONG) ","
			    FIELD("dataChange", FLAG) "," FIELD("stats", TEXT) "," FIELD("deletionVector", VECTOR))) ","
	FIELD("remove", STRUCT(FIELD("path", TEXT) "," FIELD("deletionTimestamp", LONG) "," FIELD("dataChange", FLAG) ","
			       FIELD("extendedFileMetadata", FLAG) "," FIELD("partitionValues", PAIRS) "," FIELD("size", LONG) ","
			       FIELD("deletionVector", VECTOR))) ","
	FIELD("metaData", STRUCT(FIELD("id", TEXT) "," FIELD("name", TEXT) "," FIELD("description", TEXT) ","
				 FIELD("format", STRUCT(FIELD("provider", TEXT) "," FIELD("options", PAIRS))) "," FIELD("schemaString", TEXT) ","
				 FIELD("partitionColumns", TEXTS) "," FIELD("configuration", PAIRS) "," FIELD("createdTime", LONG))) ","
	FIELD("protocol", STRUCT(FIELD("minReaderVersion", INT) "," FIELD("minWriterVersion", INT) "," FIELD("readerFeatures", TEXTS) ","
				 FIELD("writerFeatures", TEXTS))) ","
	FIELD("sidecar", STRUCT(FIELD("path", TEXT))));
enum { TXN, ADD, REMOVE, META, PROTOCOL, SIDECAR, KINDS }; /* the last is read only */
enum { TXN_APP, TXN_VERSION, TXN_UPDATED, TXN_N };
enum { ADD_PATH, ADD_PARTITION, ADD_SIZE, ADD_MODIFIED, ADD_CHANGE, ADD_STATS, ADD_VECTOR, ADD_N };
enum { DEL_PATH, DEL_AT, DEL_CHANGE, DEL_EXTENDED, DEL_PARTITION, DEL_SIZE, DEL_VECTOR, DEL_N };
enum { META_ID, META_NAME, META_DESCRIPTION, META_FORMAT, META_SCHEMA, META_PARTITION, META_CONFIG, META_CREATED, META_N };
enum { PROTOCOL_READER, PROTOCOL_WRITER, PROTOCOL_READS, PROTOCOL_WRITES, PROTOCOL_N };

/* ---- out ---- */

struct making {
	struct arena a;
	struct sp_field *fields;
	size_t field_n;
	struct sp_out out[SIDECAR];
	size_t n;
};

static struct sp_value text(struct slice s)
{
	return (struct sp_value){ .null = !s.p, .s = s };
}

static struct sp_value number(int64_t i)
{
	return (struct sp_value){ .i = i };
}

static struct sp_value pairs(struct arena *a, const struct delta_pair *v, size_t n)
{
	struct sp_list *l = sp_list_new(a, 2 * n);
	for (size_t i = 0; i < n; i++) {
		l->items[2 * i] = text(v[i].key);
		l->items[2 * i + 1] = text(v[i].value);
	}
	return (struct sp_value){ .list = l };
}

static struct sp_value texts(struct arena *a, const struct slice *v, size_t n)
{
	struct sp_list *l = sp_list_new(a, n);
	for (size_t i = 0; i < n; i++)
		l->items[i] = text(v[i]);
	return (struct sp_value){ .list = l };
}

static struct sp_value partition(struct arena *a, struct slice json)
{
	json_t *j = json_loadb(json.p ? json.p : "", json.n, JSON_ALLOW_NUL, NULL), *v;
	struct delta_pair *to = arena_alloc(a, (json_object_size(j) + 1) * sizeof(*to));
	const char *name;
	size_t n = 0;
	json_object_foreach(j, name, v)
		to[n++] = (struct delta_pair){ arena_dup(a, sl(name)),
					       json_is_string(v) ? arena_dup(a, sl_of(json_string_value(v), json_string_length(v))) : sl(NULL) };
	json_decref(j);
	return pairs(a, to, n);
}

static struct sp_value vector(struct arena *a, const struct delta_vector *v)
{
	struct sp_list *l;
	if (!v->storage)
		return SP_NULL_VALUE;
	l = sp_list_new(a, 5);
	l->items[0] = text(sl_of(&v->storage, 1));
	l->items[1] = text(v->where);
	l->items[2] = v->storage == 'i' ? SP_NULL_VALUE : number(v->offset);
	l->items[3] = number(v->size);
	l->items[4] = number(v->rows);
	return (struct sp_value){ .list = l };
}

/* The next row is of this kind, with n members to be set. */
static struct sp_value *add_row(struct making *m, int kind, size_t n)
{
	struct sp_list *l = sp_list_new(&m->a, n);
	for (int i = 0; i < SIDECAR; i++)
		if (i == kind)
			m->out[i].list[m->n] = l;
		else
			sp_out_null(&m->out[i], m->n);
	m->n++;
	return l->items;
}

static void add_meta(struct making *m, const struct delta_meta *meta)
{
	struct sp_value *v = add_row(m, META, META_N);
	struct sp_list *format = sp_list_new(&m->a, 2);
	format->items[0] = text(S("parquet"));
	format->items[1] = pairs(&m->a, NULL, 0);
	v[META_ID] = text(meta->id);
	v[META_NAME] = text(meta->name);
	v[META_DESCRIPTION] = text(meta->description);
	v[META_FORMAT] = (struct sp_value){ .list = format };
	v[META_SCHEMA] = text(meta->schema_text);
	v[META_PARTITION] = texts(&m->a, meta->partition, meta->partition_n);
	v[META_CONFIG] = pairs(&m->a, meta->config, meta->config_n);
	v[META_CREATED] = number(meta->created_ms);
}

static void add_protocol(struct making *m, const struct delta_protocol *p)
{
	struct sp_value *v = add_row(m, PROTOCOL, PROTOCOL_N);
	v[PROTOCOL_READER] = number(p->reader);
	v[PROTOCOL_WRITER] = number(p->writer);
	if (p->reader >= 3)
		v[PROTOCOL_READS] = texts(&m->a, p->reader_features, p->reader_feature_n);
	if (p->writer >= 7)
		v[PROTOCOL_WRITES] = texts(&m->a, p->writer_features, p->writer_feature_n);
}

static void add_file(struct making *m, const struct delta_file *f)
{
	struct sp_value *v = f->live ? add_row(m, ADD, ADD_N) : add_row(m, REMOVE, DEL_N);
	if (f->live) {
		v[ADD_PATH] = text(f->path);
		v[ADD_PARTITION] = partition(&m->a, f->partition);
		v[ADD_SIZE] = number(f->size);
		v[ADD_MODIFIED] = number(f->modified_ms);
		v[ADD_CHANGE] = number(0); /* a checkpoint changes nothing */
		v[ADD_STATS] = text(f->stats);
		v[ADD_VECTOR] = vector(&m->a, &f->vector);
	} else {
		v[DEL_PATH] = text(f->path);
		v[DEL_AT] = number(f->deleted_ms);
		v[DEL_CHANGE] = number(0);
		v[DEL_EXTENDED] = number(1);
		v[DEL_PARTITION] = partition(&m->a, f->partition);
		v[DEL_SIZE] = number(f->size);
		v[DEL_VECTOR] = vector(&m->a, &f->vector);
	}
}

static void add_all(struct making *m, const struct delta_snapshot *s, int64_t cut_ms)
{
	size_t most = 2 + s->txn_n + s->file_n;
	for (int i = 0; i < SIDECAR; i++)
		sp_out_make(&m->out[i], &m->a, m->fields[i].type, most);
	add_protocol(m, &s->protocol);
	add_meta(m, &s->meta);
	for (size_t i = 0; i < s->txn_n; i++) {
		struct sp_value *v = add_row(m, TXN, TXN_N);
		v[TXN_APP] = text(s->txns[i].app);
		v[TXN_VERSION] = number(s->txns[i].version);
		v[TXN_UPDATED] = number(s->txns[i].updated_ms);
	}
	for (size_t i = 0; i < s->file_n; i++)
		if (s->files[i].live || s->files[i].deleted_ms > cut_ms)
			add_file(m, &s->files[i]);
}

int delta_checkpoint_make(const struct delta_snapshot *s, int64_t cut_ms, struct buf *out, int64_t *rows, struct error *err)
{
	struct making m = { 0 };
	struct sp_vec columns[SIDECAR];
	struct sp_batch all = { .column_n = SIDECAR, .columns = columns };
	struct col_write write = { .field_n = SIDECAR, .codec = PQ_SNAPPY };
	int rc = delta_fields_parse(&m.a, sl(schema_text), &m.fields, &m.field_n, err);
	if (rc == 0) {
		add_all(&m, s, cut_ms);
		all.n = m.n;
		for (int i = 0; i < SIDECAR; i++)
			columns[i] = m.out[i].v;
		write.fields = m.fields;
		rc = col_write(&write, &all, 1, out, NULL, rows, err);
	}
	arena_free(&m.a);
	return rc;
}

/* ---- in ---- */

static struct slice text_in(struct arena *a, const struct sp_value *v)
{
	return v->null ? sl(NULL) : arena_dup(a, v->s);
}

static int64_t int_in(const struct sp_value *v)
{
	return v->null ? 0 : v->i;
}

static size_t texts_in(struct arena *a, const struct sp_value *v, struct slice **out)
{
	size_t n = v->null ? 0 : v->list->n;
	*out = arena_alloc(a, (n + 1) * sizeof(**out));
	for (size_t i = 0; i < n; i++)
		(*out)[i] = text_in(a, &v->list->items[i]);
	return n;
}

static struct slice partition_in(struct arena *a, const struct sp_value *v)
{
	struct buf b = { 0 };
	struct slice out;
	jw_obj(&b, NULL);
	for (size_t i = 0; !v->null && i + 1 < v->list->n; i += 2) {
		const struct sp_value *value = &v->list->items[i + 1];
		jw_key(&b, v->list->items[i].null ? S("") : v->list->items[i].s);
		if (value->null)
			buf_adds(&b, "null");
		else
			buf_json_string(&b, value->s);
	}
	jw_obj_end(&b);
	out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}

static void vector_in(struct arena *a, const struct sp_value *v, struct delta_vector *out)
{
	const struct sp_value *m = v->null ? NULL : v->list->items;
	if (!m)
		return;
	*out = (struct delta_vector){ .storage = !m[0].null && m[0].s.n == 1 ? m[0].s.p[0] : '?', .where = text_in(a, &m[1]), .offset = int_in(&m[2]),
				      .size = int_in(&m[3]), .rows = int_in(&m[4]) };
}

static void meta_in(struct arena *a, const struct sp_value *v, struct delta_meta *m)
{
	const struct sp_value *config = &v[META_CONFIG];
	*m = (struct delta_meta){ .id = text_in(a, &v[META_ID]), .name = text_in(a, &v[META_NAME]), .description = text_in(a, &v[META_DESCRIPTION]),
				  .schema_text = text_in(a, &v[META_SCHEMA]), .created_ms = int_in(&v[META_CREATED]) };
	m->partition_n = texts_in(a, &v[META_PARTITION], &m->partition);
	m->config_n = config->null ? 0 : config->list->n / 2;
	m->config = arena_alloc(a, (m->config_n + 1) * sizeof(*m->config));
	for (size_t i = 0; i < m->config_n; i++)
		m->config[i] = (struct delta_pair){ text_in(a, &config->list->items[2 * i]), text_in(a, &config->list->items[2 * i + 1]) };
}

static void protocol_in(struct arena *a, const struct sp_value *v, struct delta_protocol *p)
{
	p->reader = (int)int_in(&v[PROTOCOL_READER]);
	p->writer = (int)int_in(&v[PROTOCOL_WRITER]);
	p->reader_feature_n = texts_in(a, &v[PROTOCOL_READS], &p->reader_features);
	p->writer_feature_n = texts_in(a, &v[PROTOCOL_WRITES], &p->writer_features);
	delta_protocol_judge(p);
}

static void action_in(struct arena *a, int kind, const struct sp_value *v, struct delta_action *out)
{
	struct delta_file *f = &out->file;
	*out = (struct delta_action){ .kind = DELTA_A_OTHER };
	switch (kind) {
	case ADD:
		out->kind = DELTA_A_ADD;
		*f = (struct delta_file){ .path = text_in(a, &v[ADD_PATH]), .partition = partition_in(a, &v[ADD_PARTITION]), .size = int_in(&v[ADD_SIZE]),
					  .modified_ms = int_in(&v[ADD_MODIFIED]), .stats = text_in(a, &v[ADD_STATS]), .live = true };
		vector_in(a, &v[ADD_VECTOR], &f->vector);
		break;
	case REMOVE:
		out->kind = DELTA_A_REMOVE;
		*f = (struct delta_file){ .path = text_in(a, &v[DEL_PATH]), .partition = partition_in(a, &v[DEL_PARTITION]), .size = int_in(&v[DEL_SIZE]),
					  .deleted_ms = int_in(&v[DEL_AT]) };
		vector_in(a, &v[DEL_VECTOR], &f->vector);
		break;
	case META:
		out->kind = DELTA_A_META;
		meta_in(a, v, &out->meta);
		break;
	case PROTOCOL:
		out->kind = DELTA_A_PROTOCOL;
		protocol_in(a, v, &out->protocol);
		break;
	case TXN:
		out->kind = DELTA_A_TXN;
		out->txn = (struct delta_txn){ text_in(a, &v[TXN_APP]), int_in(&v[TXN_VERSION]), int_in(&v[TXN_UPDATED]) };
		break;
	case SIDECAR:
		out->kind = DELTA_A_SIDECAR;
		f->path = text_in(a, &v[0]);
		break;
	}
}

static void rows_in(struct delta_snapshot *s, const struct sp_batch *b)
{
	struct delta_action action;
	for (size_t r = 0; r < b->n; r++)
		for (int kind = 0; kind < KINDS; kind++) {
			struct sp_value v = sp_get(&b->columns[kind], r);
			/* A row that has the group but not its first member says nothing. */
			if (v.null || v.list->items[0].null)
				continue;
			action_in(&s->arena, kind, v.list->items, &action);
			delta_apply(s, &action);
		}
}

int delta_checkpoint_read(struct delta_snapshot *s, int64_t version, struct slice bytes, struct error *err)
{
	struct arena a = { 0 };
	struct sp_field *fields;
	struct sp_batch *chunks;
	struct col_read in = { .file = bytes };
	size_t n = 0;
	int rc = delta_fields_parse(&a, sl(schema_text), &fields, &in.field_n, err);
	in.fields = fields;
	if (rc == 0)
		rc = col_read(&a, &in, &chunks, &n, err);
	for (size_t i = 0; i < n && rc == 0; i++)
		rows_in(s, &chunks[i]);
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
