/* What the operations on tables share: places, steps, listings of the log, data files, the log's first line. */
#include "core/sigv4.h"
#include "delta/op.h"

/* ---- places ---- */

void delta_place_init(struct delta_place *p, const struct delta_table *t)
{
	*p = (struct delta_place){ .loop = t->loop, .store = t->store };
	p->bucket = arena_dup(&p->arena, t->bucket);
	p->path = arena_dup(&p->arena, t->path);
	p->table = (struct delta_table){ t->loop, t->store, p->bucket, p->path };
}

struct slice delta_key(struct delta_place *p, const char *fmt, ...)
{
	struct buf b = { 0 };
	struct slice key;
	va_list ap;

	buf_addsl(&b, p->path);
	if (p->path.n)
		buf_addc(&b, '/');
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	key = arena_dup(&p->arena, buf_slice(&b));
	buf_free(&b);
	return key;
}

void delta_store_error(struct error *out, const struct delta_place *p, struct slice key, const struct error *err)
{
	struct error e = *err;
	*out = e;
	snprintf(out->text, sizeof(out->text), "s3://%.*s/%.*s: %.*s", SL(p->bucket), SL(key), (int)sizeof(e.text) / 2, e.text);
}

/* ---- steps ---- */

static void op_unref(struct delta_op *o)
{
	if (--o->refs)
		return;
	if (o->release)
		o->release(o);
	arena_free(&o->p.arena);
	free(o);
}

static void op_drop(struct owed *owed)
{
	struct delta_op *o = (struct delta_op *)owed;
	owed_cancel_all(&o->steps);
	op_unref(o);
}

void *delta_op_new(size_t size, const struct delta_table *t, void (*release)(void *op))
{
	struct delta_op *o = xcalloc(1, size);
	owed_init(&o->owed, NULL, op_drop);
	o->refs = 1;
	o->release = release;
	delta_place_init(&o->p, t);
	return o;
}

void delta_op_free(struct delta_op *o)
{
	op_drop(&o->owed);
}

void delta_step(struct delta_op *o, struct owed *step)
{
	owed_keep(&o->steps, step);
}

void delta_get(struct delta_op *o, struct slice key, get_cb cb)
{
	delta_step(o, o->p.store->get(o->p.store->self, o->p.bucket, key, cb, o));
}

void delta_put(struct delta_op *o, struct slice key, const char *type, struct slice body, put_cb cb)
{
	delta_step(o, o->p.store->put(o->p.store->self, o->p.bucket, key, sl(type), body, sl(NULL), cb, o));
}

void delta_put_new(struct delta_op *o, struct slice key, const char *type, struct slice body, put_cb cb)
{
	delta_step(o, o->p.store->put_new(o->p.store->self, o->p.bucket, key, sl(type), body, sl(NULL), cb, o));
}

struct op_job {
	struct delta_op *op;
	void (*work)(void *arg);
	void (*done)(void *arg);
};

static void op_work(void *arg)
{
	struct op_job *j = arg;
	j->work(j->op);
}

static void op_done(void *arg)
{
	struct op_job j = *(struct op_job *)arg;
	free(arg);
	j.op->refs--;
	j.done(j.op);
}

static void op_dropped(void *arg)
{
	struct op_job *j = arg;
	op_unref(j->op);
	free(j);
}

void delta_job(struct delta_op *o, void (*work)(void *arg), void (*done)(void *arg))
{
	static const struct job_kind kind = { .work = op_work, .done = op_done, .drop = op_dropped, .name = "work on a Delta table" };
	struct op_job *j = xcalloc(1, sizeof(*j));
	*j = (struct op_job){ o, work, done };
	o->refs++;
	delta_step(o, loop_long_job(o->p.loop, &kind, j));
}

/* ---- listing ---- */

void delta_job_for(struct delta_op *o, size_t bytes, void (*work)(void *arg), void (*done)(void *arg))
{
	enum { FEW = 64 << 10 };
	if (bytes > FEW) {
		delta_job(o, work, done);
		return;
	}
	work(o);
	done(o);
}

struct slice delta_log_key(struct delta_place *p, int64_t version)
{
	return delta_key(p, "_delta_log/%020lld.json", (long long)version);
}

/* A key's name below _delta_log/: 'c' commit, 'p' an object of a checkpoint, 0 something else. */
static char delta_log_name(struct slice name, struct delta_part *p)
{
	struct slice rest, part, parts;
	p->name = name;
	p->part = p->parts = 1;
	if (name.n < 21 || name.p[20] != '.' || !sl_int(sl_of(name.p, 20), 0, INT64_MAX, &p->version))
		return 0;
	name = sl_from(name, 20);
	if (sl_eqs(name, ".json"))
		return 'c';
	if (!sl_after(name, S(".checkpoint."), &rest))
		return 0;
	if (sl_eqs(rest, "parquet"))
		return 'p';
	if (!sl_cut(rest, '.', &part, &rest)) /* what follows is an extension, a part or a UUID */
		return 0;
	if (part.n == 36)
		return sl_eqs(rest, "parquet") || sl_eqs(rest, "json") ? 'p' : 0;
	if (part.n != 10 || !sl_cut(rest, '.', &parts, &rest) || parts.n != 10 || !sl_eqs(rest, "parquet"))
		return 0;
	return sl_int(parts, 1, 100000, &p->parts) && sl_int(part, 1, p->parts, &p->part) ? 'p' : 0;
}

struct listing {
	struct owed owed;
	struct owed *walk;
	struct delta_op *op;
	struct slice prefix;
	struct delta_listing l;
	delta_listing_cb cb;
};

void delta_listing_free(struct delta_listing *l)
{
	free(l->commits);
	free(l->commit_ms);
	free(l->checkpoints);
	free(l->parts);
	*l = (struct delta_listing){ 0 };
}

static void listing_drop(struct owed *o)
{
	struct listing *w = (struct listing *)o;
	owed_cancel_all(&w->walk);
	delta_listing_free(&w->l);
	free(w);
}

static bool on_entry(void *arg, const struct object_entry *e)
{
	struct listing *w = arg;
	struct delta_listing *l = &w->l;
	struct delta_part p;
	struct slice name;
	char what = sl_after(e->key, w->prefix, &name) ? delta_log_name(name, &p) : 0;
	if (what == 'c') {
		GROW(l->commit_ms, l->commit_n, l->ms_cap);
		GROW(l->commits, l->commit_n, l->commit_cap);
		l->commit_ms[l->commit_n] = e->modified_ms;
		l->commits[l->commit_n++] = p.version;
	} else if (what && e->size) { /* an empty one was never finished */
		GROW(l->parts, l->part_n, l->part_cap);
		p.name = arena_dup(&w->op->p.arena, p.name);
		l->parts[l->part_n++] = p;
	}
	return true;
}

/* The parts of a version are neighbours, those of one checkpoint in order: "...0000000001.0000000003.parquet". */
static bool whole_from(const struct delta_listing *l, size_t i)
{
	if (l->parts[i].part != 1)
		return false;
	for (int64_t k = 0; k < l->parts[i].parts; k++) {
		size_t at = i, left = l->part_n;
		while (at < left && (l->parts[at].version != l->parts[i].version || l->parts[at].parts != l->parts[i].parts || l->parts[at].part != k + 1))
			at++;
		if (at == left)
			return false;
	}
	return true;
}

static size_t whole_of(const struct delta_listing *l, int64_t version)
{
	for (size_t i = 0; i < l->part_n; i++)
		if (l->parts[i].version == version && whole_from(l, i))
			return i;
	return l->part_n;
}

bool delta_listing_part(const struct delta_listing *l, int64_t version, size_t *at, struct slice *name)
{
	size_t first = whole_of(l, version), seen = 0;
	for (size_t i = first; i < l->part_n; i++) {
		if (l->parts[i].version != version || l->parts[i].parts != l->parts[first].parts)
			continue;
		if (seen++ == *at) {
			*name = l->parts[i].name;
			++*at;
			return (int64_t)seen <= l->parts[first].parts;
		}
	}
	return false;
}

static void find_whole(struct delta_listing *l)
{
	for (size_t i = 0; i < l->part_n; i++) {
		if ((l->checkpoint_n && l->checkpoints[l->checkpoint_n - 1] == l->parts[i].version) || whole_of(l, l->parts[i].version) == l->part_n)
			continue;
		GROW(l->checkpoints, l->checkpoint_n, l->checkpoint_cap);
		l->checkpoints[l->checkpoint_n++] = l->parts[i].version;
	}
}

static void on_listed(void *arg, const struct error *err)
{
	struct listing *w = arg;
	struct error bad;
	if (err)
		delta_store_error(&bad, &w->op->p, w->prefix, err);
	else
		find_whole(&w->l);
	owed_end(&w->owed);
	w->cb(w->op, &w->l, err ? &bad : NULL);
	listing_drop(&w->owed);
}

void delta_list(struct delta_op *o, int64_t from, delta_listing_cb cb)
{
	struct listing *w = xcalloc(1, sizeof(*w));
	struct slice after = from > 0 ? delta_key(&o->p, "_delta_log/%020lld", (long long)from) : sl(NULL);
	owed_init(&w->owed, NULL, listing_drop);
	w->op = o;
	w->cb = cb;
	w->prefix = delta_key(&o->p, "_delta_log/");
	owed_keep(&w->walk, objects_each(o->p.store, o->p.bucket, w->prefix, after, on_entry, on_listed, w));
	delta_step(o, &w->owed);
}

/* ---- data files ---- */

struct put_file {
	struct owed owed;
	struct owed *step;
	struct delta_place *p; /* not for the job */
	struct buf file;
	struct buf seed; /* of its name; the hash of its bytes is added by a job */
	char name[80];
	enum pq_codec codec;
	int tries;
	delta_put_file_cb cb;
	void *arg;
	bool hashing;
};

static void put_file_free(struct put_file *op)
{
	buf_free(&op->file);
	buf_free(&op->seed);
	free(op);
}

/* What a job works on goes when it has ended: then hash_drop frees it. */
static void put_file_drop(struct owed *o)
{
	struct put_file *op = (struct put_file *)o;
	bool hashing = op->hashing;
	owed_cancel_all(&op->step);
	if (!hashing)
		put_file_free(op);
}

static void try_file(struct put_file *op);

static void on_file(void *arg, const struct error *err)
{
	struct put_file *op = arg;
	struct slice name = arena_dup(&op->p->arena, sl(op->name));
	struct error bad;
	/* Another writer of the same bytes at the same time: files are never shared nor overwritten. */
	if (err && err->kind == ERR_CONFLICT && ++op->tries < DELTA_TRIES) {
		try_file(op);
		return;
	}
	if (err)
		delta_store_error(&bad, op->p, delta_key(op->p, "%.*s", SL(name)), err);
	owed_end(&op->owed);
	op->cb(op->arg, name, err ? &bad : NULL);
	put_file_drop(&op->owed);
}

static void try_file(struct put_file *op)
{
	struct buf s = { 0 };
	char id[37];
	buf_addf(&s, "file|%.*s|%d", SL(buf_slice(&op->seed)), op->tries);
	delta_uuid(buf_slice(&s), id);
	buf_free(&s);
	if (op->codec == PQ_NONE)
		snprintf(op->name, sizeof(op->name), "part-00000-%s-c000.parquet", id);
	else
		snprintf(op->name, sizeof(op->name), "part-00000-%s-c000.%s.parquet", id, pq_codec_name(op->codec));
	owed_keep(&op->step, op->p->store->put_new(op->p->store->self, op->p->bucket, delta_key(op->p, "%s", op->name),
						   S("application/octet-stream"), buf_slice(&op->file), sl(NULL), on_file, op));
}

static void hash_work(void *arg)
{
	struct put_file *op = arg;
	uint8_t sum[32];
	hash_sha256(op->file.p, op->file.n, sum);
	buf_hex(&op->seed, sum, sizeof(sum));
}

static void hash_done(void *arg)
{
	struct put_file *op = arg;
	op->hashing = false;
	try_file(op);
}

static void hash_drop(void *arg)
{
	put_file_free(arg);
}

struct owed *delta_put_file(struct delta_place *p, struct buf *file, struct slice seed, enum pq_codec codec, delta_put_file_cb cb, void *arg)
{
	static const struct job_kind kind = { .work = hash_work, .done = hash_done, .drop = hash_drop };
	struct put_file *op = xcalloc(1, sizeof(*op));
	*op = (struct put_file){ .p = p, .file = *file, .codec = codec, .cb = cb, .arg = arg, .hashing = true };
	*file = (struct buf){ 0 };
	owed_init(&op->owed, NULL, put_file_drop);
	buf_addf(&op->seed, "%.*s|%.*s|%.*s|", SL(p->bucket), SL(p->path), SL(seed));
	owed_keep(&op->step, loop_long_job(p->loop, &kind, op));
	return &op->owed;
}

/* ---- the log ---- */

int delta_may_write(const struct delta_snapshot *s, bool removes, struct error *err)
{
	if (s->protocol.unknown_writer)
		return delta_fail(err, DELTA_E_PROTOCOL,
				  "Unsupported Delta protocol version: table requires reader version %d and writer version %d, but this version of "
				  "tarn supports reader versions 1 and writer versions 1, 2.", s->protocol.reader, s->protocol.writer);
	if (s->meta.partition_n)
		return err_set(err, ERR_UNSUPPORTED, "the table is partitioned by %.*s, which isn't served here", SL(s->meta.partition[0]));
	if (removes && sl_eqs(delta_property(s, "delta.appendOnly"), "true"))
		return delta_fail(err, DELTA_E_APPEND_ONLY,
				  "This table is configured to only allow appends. If you would like to permit updates or deletes, use 'ALTER TABLE "
				  "<table_name> SET TBLPROPERTIES (delta.appendOnly=false)'.");
	return 0;
}

void delta_put_info(struct buf *b, const struct delta_info *i, const struct delta_place *p, struct slice seed)
{
	struct buf s = { 0 };
	char id[37];
	buf_addf(b, "{\"commitInfo\":{\"timestamp\":%lld,\"operation\":\"%s\",\"operationParameters\":%.*s", (long long)i->now_ms, i->operation,
		 SL(i->parameters));
	if (i->read_version >= 0)
		buf_addf(b, ",\"readVersion\":%lld", (long long)i->read_version);
	buf_addf(b, ",\"isolationLevel\":\"%s\",\"isBlindAppend\":%s,\"operationMetrics\":%.*s,\"engineInfo\":\"tarn\"",
		 i->blind || strcmp(i->operation, "OPTIMIZE") != 0 ? "Serializable" : "SnapshotIsolation", i->blind ? "true" : "false", SL(i->metrics));
	if (i->user.n) {
		buf_adds(b, ",\"userMetadata\":");
		buf_json_string(b, i->user);
	}
	buf_addf(&s, "txn|%.*s|%.*s|%lld|%lld|%s|%.*s|%.*s", SL(p->bucket), SL(p->path), (long long)i->now_ms, (long long)i->read_version, i->operation,
		 SL(i->metrics), SL(seed));
	delta_uuid(buf_slice(&s), id);
	buf_addf(b, ",\"txnId\":\"%s\"}}\n", id);
	buf_free(&s);
}
