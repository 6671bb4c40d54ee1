/* Log -> snapshot of a version: list, the last checkpoint at or before it, the commits after that. */
#include <jansson.h>

#include "core/clock.h"
#include "delta/op.h"

struct load {
	struct delta_op o;
	int64_t wanted, at_ms; /* -1: not asked */
	int64_t hint, base, target;
	struct delta_snapshot *s;
	struct slice *parts; /* of the checkpoint, then its sidecars: keys */
	size_t part_n, part_cap, next_part, sidecars_taken;
	struct buf body; /* being read */
	int rc;
	struct error err;
	delta_load_cb cb;
	void *arg;
};

static void release(void *arg)
{
	struct load *op = arg;
	delta_snapshot_free(op->s);
	free(op->parts);
	buf_free(&op->body);
}

static void end(struct load *op, const struct error *err)
{
	struct delta_snapshot *s = err ? NULL : op->s;
	if (!err)
		op->s = NULL;
	owed_end(&op->o.owed);
	op->cb(op->arg, s, err);
	delta_op_free(&op->o);
}

/* An error within an object of the log: its name goes first. */
static void fail_in(struct load *op, struct slice key, const struct error *err)
{
	struct error bad;
	delta_store_error(&bad, &op->o.p, key, err);
	end(op, &bad);
}

static void on_commit(void *arg, struct slice body, const struct error *err);

static void next_commit(struct load *op)
{
	struct error err;
	if (op->s->version >= op->target) {
		int rc = delta_snapshot_ready(op->s, &err);
		end(op, rc ? &err : NULL);
		return;
	}
	delta_get(&op->o, delta_log_key(&op->o.p, op->s->version + 1), on_commit);
}

static void replay(void *arg)
{
	struct load *op = arg;
	op->rc = delta_replay(op->s, op->s->version + 1, buf_slice(&op->body), &op->err);
}

static void on_replayed(void *arg)
{
	struct load *op = arg;
	buf_free(&op->body);
	if (op->rc)
		fail_in(op, delta_log_key(&op->o.p, op->s->version + 1), &op->err);
	else
		next_commit(op);
}

static void on_commit(void *arg, struct slice body, const struct error *err)
{
	struct load *op = arg;
	struct error bad;
	if (!err && body.n > DELTA_LINE_MAX) {
		(void)err_set(&bad, ERR_LIMIT, "a log entry of %zu bytes", body.n);
		err = &bad;
	}
	if (err) {
		fail_in(op, delta_log_key(&op->o.p, op->s->version + 1), err);
		return;
	}
	buf_addsl(&op->body, body);
	delta_job_for(&op->o, body.n, replay, on_replayed);
}

/* ---- the checkpoint: its objects, and then those that they name ---- */

static void next_part(struct load *op);

static void read_part(void *arg)
{
	struct load *op = arg;
	if (sl_ends(op->parts[op->next_part], S(".json")))
		op->rc = delta_replay(op->s, op->base, buf_slice(&op->body), &op->err);
	else
		op->rc = delta_checkpoint_read(op->s, op->base, buf_slice(&op->body), &op->err);
}

static void on_read(void *arg)
{
	struct load *op = arg;
	buf_free(&op->body);
	if (op->rc) {
		fail_in(op, op->parts[op->next_part], &op->err);
		return;
	}
	op->next_part++;
	next_part(op);
}

static void on_part(void *arg, struct slice body, const struct error *err)
{
	struct load *op = arg;
	if (err) {
		fail_in(op, op->parts[op->next_part], err);
		return;
	}
	buf_init(&op->body, SIZE_MAX / 2);
	buf_addsl(&op->body, body);
	delta_job(&op->o, read_part, on_read);
}

static void add_part(struct load *op, struct slice key)
{
	GROW(op->parts, op->part_n, op->part_cap);
	op->parts[op->part_n++] = key;
}

static void next_part(struct load *op)
{
	for (; op->sidecars_taken < op->s->sidecar_n; op->sidecars_taken++) {
		struct slice path = arena_url_decode(&op->o.p.arena, op->s->sidecars[op->sidecars_taken], false), bucket, key;
		struct error bad;
		if (sl_chr(path, '/') < 0) {
			add_part(op, delta_key(&op->o.p, "_delta_log/_sidecars/%.*s", SL(path)));
		} else if (delta_place_of(&op->o.p, path, &bucket, &key, &bad) != 0) {
			end(op, &bad);
			return;
		} else {
			add_part(op, key);
		}
	}
	if (op->next_part < op->part_n)
		delta_get(&op->o, op->parts[op->next_part], on_part);
	else
		next_commit(op);
}

static void take_parts(struct load *op, const struct delta_listing *l)
{
	struct slice name;
	for (size_t at = 0; delta_listing_part(l, op->base, &at, &name);)
		add_part(op, delta_key(&op->o.p, "_delta_log/%.*s", SL(name)));
}

static int64_t last_of(const int64_t *v, size_t n)
{
	return n ? v[n - 1] : -1;
}

static bool has_version(const int64_t *v, size_t n, int64_t version)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (v[mid] < version)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && v[low] == version;
}

/* Delta's times of commits never run backwards: each is at least a millisecond after the one before. */
static int version_at(const struct delta_listing *l, int64_t at_ms, int64_t *version, struct error *err)
{
	int64_t ms = 0, first = 0, last = 0;
	char asked[32], known[32];
	*version = -1;
	for (size_t i = 0; i < l->commit_n; i++) {
		ms = i && l->commit_ms[i] <= ms ? ms + 1 : l->commit_ms[i];
		if (i == 0)
			first = ms;
		if (ms <= at_ms)
			*version = l->commits[i];
		last = ms;
	}
	clock_iso(at_ms, asked);
	clock_iso(*version < 0 ? first : last, known);
	if (*version < 0)
		return delta_fail(err, DELTA_E_TIME_EARLY,
				  "The provided timestamp (%s) is before the earliest version available to this\ntable (%s). Please use a timestamp "
				  "after %s.", asked, known, known);
	if (at_ms > last)
		return delta_fail(err, DELTA_E_TIME_LATE,
				  "The provided timestamp (%s) is after the latest version available to this\ntable (%s). Please use a timestamp "
				  "before or at %s.", asked, known, known);
	return 0;
}

/* First version that the log can still build. */
static int64_t earliest(const struct delta_listing *l)
{
	if (l->commit_n && l->commits[0] == 0)
		return 0;
	return l->checkpoint_n ? l->checkpoints[0] : l->commit_n ? l->commits[0] : -1;
}

static int choose(struct load *op, const struct delta_listing *l, struct error *err)
{
	int64_t latest = last_of(l->commits, l->commit_n), wanted = op->wanted;
	int rc;
	if (last_of(l->checkpoints, l->checkpoint_n) > latest)
		latest = last_of(l->checkpoints, l->checkpoint_n);
	if (latest < 0)
		return delta_fail(err, DELTA_E_NO_TABLE, "Delta table `s3://%.*s/%.*s` doesn't exist.", SL(op->o.p.bucket), SL(op->o.p.path));
	if (op->at_ms >= 0 && (rc = version_at(l, op->at_ms, &wanted, err)) != 0)
		return rc;
	op->target = wanted < 0 ? latest : wanted;
	if (op->target > latest || (wanted >= 0 && wanted < earliest(l)))
		return delta_fail(err, DELTA_E_NO_VERSION, "Cannot time travel Delta table to version %lld. Available versions: [%lld, %lld].",
				  (long long)wanted, (long long)earliest(l), (long long)latest);
	op->base = -1;
	for (size_t i = 0; i < l->checkpoint_n; i++)
		if (l->checkpoints[i] <= op->target)
			op->base = l->checkpoints[i];
	for (int64_t v = op->base + 1; v <= op->target; v++) {
		if (has_version(l->commits, l->commit_n, v))
			continue;
		if (v == 0)
			return delta_fail(err, DELTA_E_TRUNCATED,
					  "s3://%.*s/%.*s: Unable to reconstruct state at version %lld as the transaction log has been "
					  "truncated due to manual deletion or the log retention policy (delta.logRetentionDuration=30 days) and "
					  "checkpoint retention policy (delta.checkpointRetentionDuration=2 days)", SL(op->o.p.bucket),
					  SL(delta_log_key(&op->o.p, 0)), (long long)op->target);
		return delta_fail(err, DELTA_E_NOT_CONTIGUOUS,
				  "Versions are not contiguous. \nA gap in the delta log between versions %lld and %lld was detected while trying to "
				  "load version %lld: s3://%.*s/%.*s is missing.", (long long)v - 1, (long long)v + 1, (long long)op->target,
				  SL(op->o.p.bucket), SL(delta_log_key(&op->o.p, v)));
	}
	return 0;
}

static void on_listing(void *arg, struct delta_listing *l, const struct error *err)
{
	struct load *op = arg;
	struct error bad;
	int rc;
	/* The hint may name a checkpoint that is gone. */
	if (!err && op->hint > 0 && !l->checkpoint_n) {
		delta_listing_free(l);
		op->hint = -1;
		delta_list(&op->o, 0, on_listing);
		return;
	}
	if (err) {
		end(op, err);
		return;
	}
	rc = choose(op, l, &bad);
	if (rc == 0 && op->base >= 0)
		take_parts(op, l);
	delta_listing_free(l);
	if (rc) {
		end(op, &bad);
		return;
	}
	op->s = delta_snapshot_new();
	if (op->base < 0)
		next_commit(op);
	else
		next_part(op);
}

/* Whatever is wrong with the hint, the listing tells. */
static void on_hint(void *arg, struct slice body, const struct error *err)
{
	struct load *op = arg;
	json_t *j = err ? NULL : json_loadb(body.p, body.n, 0, NULL), *version = json_object_get(j, "version");
	op->hint = json_is_integer(version) ? json_integer_value(version) : -1;
	json_decref(j);
	delta_list(&op->o, op->hint, on_listing);
}

static struct owed *load(const struct delta_table *t, int64_t version, int64_t at_ms, delta_load_cb cb, void *arg)
{
	struct load *op = delta_op_new(sizeof(*op), t, release);
	op->wanted = version;
	op->at_ms = at_ms;
	op->hint = -1;
	op->cb = cb;
	op->arg = arg;
	if (version < 0 && at_ms < 0)
		delta_get(&op->o, delta_key(&op->o.p, "_delta_log/_last_checkpoint"), on_hint);
	else
		delta_list(&op->o, 0, on_listing);
	return &op->o.owed;
}

struct owed *delta_load(const struct delta_table *t, int64_t version, delta_load_cb cb, void *arg)
{
	return load(t, version < 0 ? -1 : version, -1, cb, arg);
}

struct owed *delta_load_at(const struct delta_table *t, int64_t at_ms, delta_load_cb cb, void *arg)
{
	return load(t, -1, at_ms < 0 ? 0 : at_ms, cb, arg);
}
