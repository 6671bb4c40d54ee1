/* Columns -> data files in the store, a file for each combination of partition values. */
#include "core/json.h"
#include "core/sigv4.h"
#include "delta/op.h"

struct group { /* rows of the same partition values */
	uint32_t **rows; /* one list a chunk */
	size_t *row_n, *row_cap;
	struct slice folder, partition; /* "a=1/b=2/" or empty; JSON */
	struct buf file, stats;
	int64_t count;
	struct slice id; /* hash of the bytes */
};

struct put {
	struct delta_op o;
	const struct delta_target *to;
	struct sp_table *rows;
	enum pq_codec codec;
	int64_t now_ms;
	struct slice seed;
	bool *is_partition;
	struct slice *names; /* of the partition columns in files */
	struct group *groups;
	size_t group_n, group_cap, next;
	struct hset keys; /* groups by their folder */
	struct delta_file *files;
	int tries;
	int rc;
	struct error err;
	delta_files_cb cb;
	void *arg;
};

static void free_group(struct group *g, size_t chunk_n)
{
	for (size_t i = 0; i < chunk_n; i++)
		free(g->rows[i]);
	free(g->rows);
	free(g->row_n);
	free(g->row_cap);
	buf_free(&g->file);
	buf_free(&g->stats);
}

static void release(void *arg)
{
	struct put *op = arg;
	for (size_t i = 0; i < op->group_n; i++)
		free_group(&op->groups[i], op->rows->chunk_n);
	free(op->groups);
	free(op->is_partition);
	hset_free(&op->keys);
	sp_table_free(op->rows);
}

static void end(struct put *op, const struct error *err)
{
	owed_end(&op->o.owed);
	op->cb(op->arg, op->files, err ? 0 : op->group_n, op->rows->row_n, err);
	delta_op_free(&op->o);
}

/* ---- NULLs where none may be ---- */

static bool null_inside(const struct sp_type *t, const struct sp_value *v, struct slice *name)
{
	if (v->null)
		return false;
	for (size_t i = 0; t->kind == SP_STRUCT && i < t->field_n; i++) {
		const struct sp_field *f = &t->fields[i];
		if (v->list->items[i].null ? !f->nullable : null_inside(f->type, &v->list->items[i], name)) {
			if (!name->p)
				*name = f->name;
			return true;
		}
	}
	return false;
}

static int check_nulls(const struct put *op, const struct sp_field *f, const struct sp_vec *v, struct error *err)
{
	struct slice name = sl(NULL);
	bool bad = false;
	if (f->nullable && f->type->kind != SP_STRUCT)
		return 0;
	for (size_t r = 0; r < v->n && !bad; r++) {
		struct sp_value value;
		if (f->type->kind != SP_STRUCT) {
			bad = sp_null_at(v, r);
			continue;
		}
		value = sp_get(v, r);
		bad = value.null ? !f->nullable : null_inside(f->type, &value, &name);
	}
	if (!bad)
		return 0;
	if (name.p)
		return delta_fail(err, DELTA_E_NOT_NULL, "NOT NULL constraint violated for column: %.*s.%.*s.", SL(f->name), SL(name));
	return delta_fail(err, DELTA_E_NOT_NULL, "NOT NULL constraint violated for column: %.*s.", SL(f->name));
}

/* ---- groups ---- */

static ssize_t field_of(const struct delta_target *to, struct slice name)
{
	for (size_t i = 0; i < to->field_n; i++)
		if (sl_eq_nocase(to->fields[i].name, name))
			return (ssize_t)i;
	return -1;
}

/* The folder of a row, and its values as JSON. */
static void place_row(struct put *op, const struct sp_batch *b, size_t r, struct buf *folder, struct buf *json)
{
	struct buf text = { 0 };
	buf_reset(folder);
	buf_reset(json);
	jw_obj(json, NULL);
	for (size_t i = 0; i < op->to->partition_n; i++) {
		size_t at = (size_t)field_of(op->to, op->to->partition[i]);
		const struct sp_field *f = &op->to->fields[at];
		struct slice name = op->names[i];
		struct sp_value v = sp_get(&b->columns[at], r);
		bool has;
		buf_reset(&text);
		has = delta_partition_text(&text, f->type, &v);
		delta_folder_escape(folder, name);
		buf_addc(folder, '=');
		if (has)
			delta_folder_escape(folder, buf_slice(&text));
		else
			buf_adds(folder, "__HIVE_DEFAULT_PARTITION__");
		buf_addc(folder, '/');
		jw_key(json, name);
		if (has)
			buf_json_string(json, buf_slice(&text));
		else
			buf_adds(json, "null");
	}
	jw_obj_end(json);
	buf_free(&text);
}

static struct group *group_at(struct put *op, const struct buf *folder, const struct buf *json)
{
	uint32_t hash = hset_hash(buf_slice(folder)), i;
	struct group *g;
	for (struct hset_walk w = hset_walk(&op->keys, hash); hset_next(&w, &i);)
		if (sl_eq(op->groups[i].folder, buf_slice(folder)))
			return &op->groups[i];
	GROW(op->groups, op->group_n, op->group_cap);
	hset_add(&op->keys, hash, (uint32_t)op->group_n);
	g = &op->groups[op->group_n++];
	*g = (struct group){ .folder = arena_dup(&op->o.p.arena, buf_slice(folder)), .partition = arena_dup(&op->o.p.arena, buf_slice(json)) };
	g->rows = xcalloc(op->rows->chunk_n + 1, sizeof(*g->rows));
	g->row_n = xcalloc(op->rows->chunk_n + 1, sizeof(*g->row_n));
	g->row_cap = xcalloc(op->rows->chunk_n + 1, sizeof(*g->row_cap));
	return g;
}

static void split(struct put *op)
{
	struct buf folder = { 0 }, json = { 0 };
	for (size_t c = 0; c < op->rows->chunk_n; c++)
		for (size_t r = 0; r < op->rows->chunks[c].n; r++) {
			struct group *g;
			place_row(op, &op->rows->chunks[c], r, &folder, &json);
			g = group_at(op, &folder, &json);
			GROW(g->rows[c], g->row_n[c], g->row_cap[c]);
			g->rows[c][g->row_n[c]++] = (uint32_t)r;
		}
	buf_free(&folder);
	buf_free(&json);
}

/* ---- files ---- */

static int encode_group(struct put *op, struct group *g, const struct col_write *write)
{
	struct arena a = { 0 };
	struct sp_batch *chunks = arena_alloc(&a, (op->rows->chunk_n + 1) * sizeof(*chunks));
	uint8_t sum[32];
	struct buf hex = { 0 };
	size_t n = 0;
	int rc;
	for (size_t c = 0; c < op->rows->chunk_n; c++) {
		const struct sp_batch *from = &op->rows->chunks[c];
		struct sp_batch *to = &chunks[n];
		size_t k = 0, rows = op->to->partition_n ? g->row_n[c] : from->n;
		if (!rows)
			continue;
		*to = (struct sp_batch){ .n = rows, .column_n = write->field_n, .columns = arena_alloc(&a, (write->field_n + 1) * sizeof(*to->columns)) };
		for (size_t i = 0; i < op->to->field_n; i++)
			if (!op->is_partition[i])
				to->columns[k++] = op->to->partition_n ? sp_vec_pick(&a, &from->columns[i], g->rows[c], rows) : from->columns[i];
		n++;
	}
	rc = col_write(write, chunks, n, &g->file, &g->stats, &g->count, &op->err);
	if (rc == 0) {
		hash_sha256(g->file.p, g->file.n, sum);
		buf_hex(&hex, sum, sizeof(sum));
		g->id = arena_dup(&op->o.p.arena, buf_slice(&hex));
		buf_free(&hex);
	}
	arena_free(&a);
	return rc;
}

static void encode(void *arg)
{
	struct put *op = arg;
	struct buf none = { 0 }, json = { 0 };
	struct sp_field *fields = arena_alloc(&op->o.p.arena, (op->to->field_n + 1) * sizeof(*fields));
	struct col_write write = { .fields = fields, .match = op->to->match, .codec = op->codec };
	for (size_t i = 0; i < op->to->field_n && op->rc == 0; i++) {
		if (!op->is_partition[i])
			fields[write.field_n++] = op->to->fields[i];
		for (size_t c = 0; c < op->rows->chunk_n && op->rc == 0; c++)
			op->rc = check_nulls(op, &op->to->fields[i], &op->rows->chunks[c].columns[i], &op->err);
	}
	if (op->rc == 0 && op->to->partition_n) {
		split(op);
	} else if (op->rc == 0 && op->rows->row_n) {
		buf_adds(&json, "{}");
		(void)group_at(op, &none, &json);
		buf_free(&json);
	}
	for (size_t i = 0; i < op->group_n && op->rc == 0; i++)
		op->rc = encode_group(op, &op->groups[i], &write);
}

static void put_next(struct put *op);

static void on_put(void *arg, const struct error *err)
{
	struct put *op = arg;
	struct error bad;
	if (err && err->kind == ERR_CONFLICT && ++op->tries < DELTA_TRIES) { /* files are never shared nor overwritten */
		put_next(op);
		return;
	}
	if (err) {
		delta_store_error(&bad, &op->o.p, op->groups[op->next].folder, err);
		end(op, &bad);
		return;
	}
	buf_free(&op->groups[op->next].file);
	op->next++;
	op->tries = 0;
	put_next(op);
}

/* As a URI: what a folder's name has escaped is escaped again. */
static void put_uri(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '=' || s.p[i] == '/')
			buf_addc(b, s.p[i]);
		else
			buf_url_escape(b, sl_of(s.p + i, 1), true);
}

static void put_next(struct put *op)
{
	struct group *g = &op->groups[op->next];
	struct delta_file *f = &op->files[op->next];
	struct buf seed = { 0 }, uri = { 0 };
	struct slice name;
	char id[37];
	if (op->next == op->group_n) {
		end(op, NULL);
		return;
	}
	buf_addf(&seed, "rows|%.*s|%.*s|%.*s|%.*s|%d", SL(op->o.p.bucket), SL(op->o.p.path), SL(op->seed), SL(g->id), op->tries);
	buf_addsl(&seed, g->folder);
	delta_uuid(buf_slice(&seed), id);
	buf_free(&seed);
	name = arena_printf(&op->o.p.arena, "%.*spart-%05zu-%s.c000%s%s.parquet", SL(g->folder), op->next, id, op->codec == PQ_NONE ? "" : ".",
			    op->codec == PQ_NONE ? "" : pq_codec_name(op->codec));
	put_uri(&uri, name);
	*f = (struct delta_file){ .path = arena_dup(&op->o.p.arena, buf_slice(&uri)), .partition = g->partition, .stats = buf_slice(&g->stats),
				  .size = (int64_t)g->file.n, .modified_ms = op->now_ms, .live = true, .data_change = true };
	buf_free(&uri);
	delta_put_new(&op->o, delta_key(&op->o.p, "%.*s", SL(name)), "application/octet-stream", buf_slice(&g->file), on_put);
}

static void on_encoded(void *arg)
{
	struct put *op = arg;
	if (op->rc) {
		end(op, &op->err);
		return;
	}
	op->files = arena_alloc(&op->o.p.arena, (op->group_n + 1) * sizeof(*op->files));
	put_next(op);
}

struct owed *delta_put_rows(const struct delta_table *t, const struct delta_target *to, struct sp_table *rows, enum pq_codec codec,
			    int64_t now_ms, struct slice seed, delta_files_cb cb, void *arg)
{
	struct put *op = delta_op_new(sizeof(*op), t, release);
	op->to = to;
	op->rows = rows;
	op->codec = codec;
	op->now_ms = now_ms;
	op->seed = arena_dup(&op->o.p.arena, seed.p ? seed : S(""));
	op->is_partition = xcalloc(to->field_n + 1, sizeof(*op->is_partition));
	op->names = arena_alloc(&op->o.p.arena, (to->partition_n + 1) * sizeof(*op->names));
	for (size_t i = 0; i < to->partition_n && op->rc == 0; i++) {
		ssize_t at = field_of(to, to->partition[i]);
		if (at < 0 || sp_is_nested(to->fields[at].type)) {
			op->rc = err_set(&op->err, ERR_INVALID, "[DELTA_INVALID_PARTITION_COLUMN] Partition column %.*s isn't a column of a type that can partition",
					 SL(to->partition[i]));
		} else {
			op->is_partition[at] = true;
			op->names[i] = col_physical(&op->o.p.arena, &to->fields[at], to->match);
		}
	}
	op->cb = cb;
	op->arg = arg;
	delta_job(&op->o, encode, on_encoded);
	return &op->o.owed;
}

struct delta_target delta_target_of(const struct delta_snapshot *s)
{
	return (struct delta_target){ s->fields, s->field_n, s->meta.partition, s->meta.partition_n, s->match };
}
