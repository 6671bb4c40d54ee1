/* Many small files -> few: a commit that changes no data. */
#include "delta/op.h"

enum { PIECE_BYTES = 4 << 20 }; /* of files whose rows are in memory at a time; one at least */

/* Files that become one: a slice of the order they stand in. */
struct bin {
	size_t from, n;
};

struct optimize {
	struct delta_op o;
	int64_t target, now_ms;
	enum pq_codec codec;
	struct delta_snapshot *s, *part; /* part: what the scan is shown, some of a bin */
	size_t *small;                   /* indices of files, by bin */
	size_t small_n;
	struct bin *bins;
	size_t bin_n, next;
	size_t taken;                    /* of this bin */
	struct delta_rows *rows;
	struct delta_encoder encoder;
	struct buf file, stats, adds;
	int64_t file_size;
	struct delta_optimized out;
	int rc;
	struct error err;
	delta_optimize_cb cb;
	void *arg;
};

static void release(void *arg)
{
	struct optimize *op = arg;
	delta_rows_free(op->rows);
	delta_encoder_free(&op->encoder);
	delta_snapshot_free(op->s);
	delta_snapshot_free(op->part);
	free(op->small);
	free(op->bins);
	buf_free(&op->file);
	buf_free(&op->stats);
	buf_free(&op->adds);
}

static void end(struct optimize *op, const struct error *err)
{
	owed_end(&op->o.owed);
	op->cb(op->arg, &op->out, err);
	delta_op_free(&op->o);
}

static void next_bin(struct optimize *op);

static void on_committed(void *arg, int64_t version, bool skipped, const struct error *err)
{
	struct optimize *op = arg;
	op->out.version = err ? -1 : version;
	end(op, err);
}

static void commit(struct optimize *op)
{
	struct delta_info info = { .now_ms = op->now_ms, .read_version = op->s->version, .operation = "OPTIMIZE",
				   .parameters = S("{\"predicate\":\"[]\",\"zOrderBy\":\"[]\",\"auto\":\"false\"}") };
	struct delta_commit c = { .base = op->s };
	struct slice *reads = arena_alloc(&op->o.p.arena, (op->small_n + 1) * sizeof(*reads));
	struct buf text = { 0 };
	info.metrics = arena_printf(&op->o.p.arena,
				    "{\"numRemovedFiles\":\"%lld\",\"numRemovedBytes\":\"%lld\",\"numAddedFiles\":\"%lld\",\"numAddedBytes\":\"%lld\"}",
				    (long long)op->out.removed_n, (long long)op->out.removed_bytes, (long long)op->out.added_n,
				    (long long)op->out.added_bytes);
	delta_put_info(&text, &info, &op->o.p, buf_slice(&op->adds));
	for (size_t i = 0; i < op->small_n; i++) {
		struct delta_file gone = op->s->files[op->small[i]];
		gone.deleted_ms = op->now_ms;
		gone.data_change = false;
		reads[i] = gone.path;
		delta_put_remove(&text, &gone);
	}
	buf_addsl(&text, buf_slice(&op->adds));
	c.text = buf_slice(&text);
	c.reads = reads;
	c.read_n = op->small_n;
	delta_step(&op->o, delta_commit(&op->o.p.table, &c, on_committed, op));
	buf_free(&text);
}

static void on_file_put(void *arg, struct slice name, const struct error *err)
{
	struct optimize *op = arg;
	struct delta_file file = { .path = name, .size = op->file_size, .modified_ms = op->now_ms, .stats = buf_slice(&op->stats) };
	if (err) {
		end(op, err);
		return;
	}
	delta_put_add(&op->adds, &file);
	op->out.added_n++;
	op->out.added_bytes += file.size;
	op->next++;
	next_bin(op);
}

/* Rows of a piece go into the file that is being made; after the last one it is whole. */
static void encode(void *arg)
{
	struct optimize *op = arg;
	delta_rows_compact(op->rows);
	delta_encoder_add(&op->encoder, op->rows);
	delta_rows_free(op->rows);
	op->rows = NULL;
	if (op->taken < op->bins[op->next].n)
		return;
	buf_reset(&op->stats);
	op->rc = delta_encoder_end(&op->encoder, &op->file, &op->stats, &op->err);
}

static void next_piece(struct optimize *op);

static void on_encoded(void *arg)
{
	struct optimize *op = arg;
	if (op->rc) {
		end(op, &op->err);
		return;
	}
	if (op->taken < op->bins[op->next].n) {
		next_piece(op);
		return;
	}
	op->file_size = (int64_t)op->file.n;
	delta_step(&op->o, delta_put_file(&op->o.p, &op->file, arena_printf(&op->o.p.arena, "optimize|%lld|%lld|%zu", (long long)op->now_ms,
								   (long long)op->s->version, op->next), op->codec, on_file_put, op));
}

/* Takes the groups of the scanned file over. */
static bool on_rows(void *arg, const struct delta_rows *rows)
{
	struct optimize *op = arg;
	struct delta_rows *from = (struct delta_rows *)(uintptr_t)rows, *to = op->rows;
	to->groups = xrealloc(to->groups, (to->group_n + from->group_n + 1) * sizeof(*to->groups));
	to->group_cap = to->group_n + from->group_n + 1;
	for (size_t g = 0; g < from->group_n; g++)
		to->groups[to->group_n++] = from->groups[g];
	to->row_n += from->row_n;
	from->group_n = 0;
	from->row_n = 0;
	return true;
}

static void on_scanned(void *arg, const struct error *err)
{
	struct optimize *op = arg;
	if (err)
		end(op, err);
	else
		delta_job(&op->o, encode, on_encoded);
}

static void next_piece(struct optimize *op)
{
	const struct bin *b = &op->bins[op->next];
	int64_t bytes = 0;
	delta_snapshot_free(op->part);
	op->rows = delta_rows_new(&op->s->schema);
	op->part = delta_snapshot_new();
	op->part->schema = op->s->schema;
	op->part->parent = delta_snapshot_ref(op->s);
	do {
		struct delta_action a = { .kind = DELTA_A_ADD, .file = op->s->files[op->small[b->from + op->taken++]] };
		delta_apply(op->part, &a);
		bytes += a.file.size;
	} while (op->taken < b->n && bytes + op->s->files[op->small[b->from + op->taken]].size <= PIECE_BYTES);
	delta_step(&op->o, delta_scan(&op->o.p.table, op->part, on_rows, on_scanned, op));
}

static void next_bin(struct optimize *op)
{
	if (op->next == op->bin_n) {
		commit(op);
		return;
	}
	op->taken = 0;
	delta_encoder_begin(&op->encoder, &op->s->schema, op->codec);
	next_piece(op);
}

/* Small files in the log's order, cut where the sum reaches the target; a bin of one file stays as it is. */
static void plan(struct optimize *op)
{
	int64_t sum = 0;
	size_t from = 0;
	op->small = xcalloc(op->s->file_n + 1, sizeof(*op->small));
	op->bins = xcalloc(op->s->file_n + 1, sizeof(*op->bins));
	for (size_t i = 0; i <= op->s->file_n; i++) {
		const struct delta_file *f = &op->s->files[i];
		bool last = i == op->s->file_n;
		if (!last && (!f->live || f->size >= op->target))
			continue;
		if (last || sum + f->size > op->target) {
			if (op->small_n - from > 1)
				op->bins[op->bin_n++] = (struct bin){ from, op->small_n - from };
			else
				op->small_n = from;
			from = op->small_n;
			sum = 0;
		}
		if (last)
			break;
		op->small[op->small_n++] = i;
		sum += f->size;
	}
	for (size_t i = 0; i < op->small_n; i++) {
		op->out.removed_n++;
		op->out.removed_bytes += op->s->files[op->small[i]].size;
	}
}

static void on_loaded(void *arg, struct delta_snapshot *s, const struct error *err)
{
	struct optimize *op = arg;
	struct error bad;
	op->s = s;
	if (!err && delta_may_write(s, false, &bad) != 0)
		err = &bad;
	if (!err)
		err = delta_schema_names(&s->schema, &bad) ? &bad : NULL;
	if (err) {
		end(op, err);
		return;
	}
	plan(op);
	if (op->bin_n)
		next_bin(op);
	else
		end(op, NULL);
}

struct owed *delta_optimize(const struct delta_table *t, int64_t target, enum pq_codec codec, int64_t now_ms, delta_optimize_cb cb, void *arg)
{
	struct optimize *op = delta_op_new(sizeof(*op), t, release);
	op->target = target > 0 ? target : DELTA_FILE_TARGET;
	op->codec = codec;
	op->now_ms = now_ms;
	op->out.version = -1;
	op->cb = cb;
	op->arg = arg;
	delta_step(&op->o, delta_load(t, -1, on_loaded, op));
	return &op->o.owed;
}
