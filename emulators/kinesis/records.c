/* Rules of records: put, where to read from, read. */
#include "kinesis/kinesis.h"

/* ---- put ---- */

static int hash_of(const struct kin_entry *e, kin_hash *out, struct error *err)
{
	if (!e->explicit.p)
		*out = kin_hash_key(e->key);
	else if (!kin_hash_parse(e->explicit, out))
		return kin_fail(err, KIN_E_ARGUMENT,
				"Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was %.*s", SL(e->explicit));
	return 0;
}

/* limits = aws: 1,000 records and 1 MiB a second into a shard. */
static bool throttled(struct kinesis *k, struct kin_shard *sh, const struct kin_entry *e, int64_t now_ms)
{
	int64_t second = now_ms / 1000, bytes = (int64_t)(e->data.n + e->key.n);
	if (!k->limits)
		return false;
	if (sh->second != second) {
		sh->second = second;
		sh->records = sh->bytes = 0;
	}
	if (sh->records + 1 > 1000 || sh->bytes + bytes > 1 << 20) {
		k->metrics[KIN_M_THROTTLED].value++;
		return true;
	}
	sh->records++;
	sh->bytes += bytes;
	return false;
}

static int put_one(struct kinesis *k, struct kin_stream *s, struct kin_shard *sh, const struct kin_entry *e, int64_t now_ms, struct kin_placed *out,
		   struct error *err)
{
	struct kin_record r = { .index = sh->next_index++, .time_ms = now_ms, .key = e->key, .data = e->data };
	int64_t time_s = now_ms / 1000 > sh->create_s ? now_ms / 1000 : sh->create_s;
	kin_seq_text(&(struct kin_seq){ sh->create_s, r.index, time_s, sh->ix }, out->seq);
	k->metrics[KIN_M_RECORDS].value++;
	k->metrics[KIN_M_BYTES].value += (int64_t)e->data.n;
	return kin_store_put(&k->db, s->id, sh->ix, &r, err);
}

static int may_put(struct kinesis *k, struct kin_in *in, struct error *err)
{
	if (in->s->status != KIN_CREATING && in->s->status != KIN_DELETING)
		return kin_may_use_key(k, in, in->s, sl(in->s->key_id), err);
	return kin_fail(err, KIN_E_NOT_FOUND, "Stream %s under account %.*s not found.", in->s->name, SL(in->account));
}

int kin_put(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	const struct kin_entry *e = &in->one;
	struct kin_stream *s = in->s;
	struct kin_seq after;
	kin_hash h;
	int rc = may_put(k, in, err);
	if (rc || (rc = hash_of(e, &h, err)))
		return rc;
	/* Numbers of the older kinds have no time to look at. */
	if (in->sequence.p && (!kin_seq_parse(in->sequence, &after) || after.time_s > in->now_ms / 1000 + 1))
		return kin_fail(err, KIN_E_ARGUMENT,
				"ExclusiveMinimumSequenceNumber %.*s used in PutRecord on stream %s under account %.*s is invalid.", SL(in->sequence), s->name,
				SL(in->account));
	struct kin_shard *sh = kin_route(s, h);
	if ((int64_t)(e->data.n + e->key.n) > s->record_kib * 1024)
		return kin_fail(err, KIN_E_VALIDATION,
				"1 validation error detected: Value at 'data' failed to satisfy constraint: Member must have length less than or equal to %lld",
				(long long)s->record_kib * 1024);
	if (throttled(k, sh, e, in->now_ms))
		return kin_fail(err, KIN_E_THROUGHPUT, "Rate exceeded for shard shardId-%012u in stream %s under account %.*s.", sh->ix, s->name, SL(in->account));
	out->placed = arena_alloc(in->arena, sizeof(*out->placed));
	*out->placed = (struct kin_placed){ .shard = sh->ix };
	kin_trim(k, s, in->now_ms);
	return put_one(k, s, sh, e, in->now_ms, out->placed, err);
}

static int check_all(const struct kin_in *in, kin_hash *hashes, struct error *err)
{
	size_t bytes = 0;
	for (size_t i = 0; i < in->entries.n; i++) {
		const struct kin_entry *e = &in->entries.at[i];
		int rc = hash_of(e, &hashes[i], err);
		if (rc)
			return rc;
		bytes += e->data.n + e->key.n;
		if ((int64_t)(e->data.n + e->key.n) > in->s->record_kib * 1024)
			return kin_fail(err, KIN_E_VALIDATION, "Record %zu is larger than the stream's %lld KiB", i, (long long)in->s->record_kib);
	}
	return bytes > KIN_PUT_BYTES ? kin_fail(err, KIN_E_ARGUMENT, "Records size exceeds %d MB limit", KIN_PUT_BYTES >> 20) : 0;
}

int kin_put_all(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	kin_hash *hashes = arena_alloc(in->arena, (in->entries.n + 1) * sizeof(*hashes));
	int rc = may_put(k, in, err);
	if (rc || (rc = check_all(in, hashes, err)))
		return rc;
	out->n = in->entries.n;
	out->placed = arena_alloc(in->arena, (out->n + 1) * sizeof(*out->placed));
	/* A shard that can't take a record refuses it alone. */
	for (size_t i = 0; !rc && i < out->n; i++) {
		const struct kin_entry *e = &in->entries.at[i];
		struct kin_shard *sh = kin_route(in->s, hashes[i]);
		out->placed[i].shard = sh->ix;
		out->placed[i].refused = throttled(k, sh, e, in->now_ms);
		out->failed += out->placed[i].refused;
		if (!out->placed[i].refused)
			rc = put_one(k, in->s, sh, e, in->now_ms, &out->placed[i], err);
	}
	kin_trim(k, in->s, in->now_ms);
	return rc;
}

/* ---- where to read from ---- */

static int no_shard(const struct kin_in *in, struct slice shard, struct slice stream, struct error *err)
{
	return kin_fail(err, KIN_E_NOT_FOUND, "Shard %.*s in stream %.*s under account %.*s does not exist", SL(shard), SL(stream), SL(in->account));
}

/* Where a sequence number points to in a shard. */
static int from_sequence(const struct kin_in *in, const struct kin_shard *sh, uint64_t *from, struct error *err)
{
	struct slice text = in->sequence;
	struct kin_seq q;
	if (!kin_seq_parse(text, &q))
		return kin_fail(err, KIN_E_ARGUMENT,
				"StartingSequenceNumber %.*s used in GetShardIterator on shard shardId-%012u in stream %s under account %.*s is invalid.",
				SL(text), sh->ix, in->s->name, SL(in->account));
	if (q.shard != sh->ix)
		return kin_fail(err, KIN_E_ARGUMENT,
				"Invalid StartingSequenceNumber. It encodes shardId-%012u, while it was used in a call to a shard with shardId-%012u", q.shard,
				sh->ix);
	if (sl_eqs(text, "0")) {
		*from = 0;
		return sl_eqs(in->position, "AT_SEQUENCE_NUMBER") ? kin_fail(err, KIN_E_INTERNAL, "%s", "") : 0;
	}
	if (q.create_s != sh->create_s)
		return kin_fail(err, KIN_E_ARGUMENT,
				"StartingSequenceNumber %.*s used in GetShardIterator on shard shardId-%012u in stream %s under account %.*s is invalid because "
				"it did not come from this stream.",
				SL(text), sh->ix, in->s->name, SL(in->account));
	*from = q.index + (sl_eqs(in->position, "AFTER_SEQUENCE_NUMBER") && q.index < INT64_MAX);
	return 0;
}

static int from_time(struct kinesis *k, const struct kin_in *in, const struct kin_shard *sh, uint64_t *from, struct error *err)
{
	if (in->time_ms < 0)
		return kin_fail(err, KIN_E_ARGUMENT,
				"Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.");
	if (in->time_ms > in->now_ms)
		return kin_fail(err, KIN_E_ARGUMENT,
				"The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: %lld, "
				"currentTimestampInMillis: %lld",
				(long long)in->time_ms, (long long)in->now_ms);
	return kin_store_at(&k->db, in->s->id, sh->ix, in->time_ms, sh->next_index, from, err);
}

int kin_position(struct kinesis *k, const struct kin_in *in, const struct kin_shard *sh, uint64_t *from, struct error *err)
{
	bool by_sequence = sl_ends(in->position, S("SEQUENCE_NUMBER"));
	*from = 0;
	if (by_sequence != (in->sequence.p != NULL))
		return kin_fail(err, KIN_E_ARGUMENT,
				"Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST "
				"and no StartingSequenceNumber. Request specified %.*s and %s StartingSequenceNumber.",
				SL(in->position), in->sequence.p ? "also a" : "no");
	if (by_sequence)
		return from_sequence(in, sh, from, err);
	if (sl_eqs(in->position, "AT_TIMESTAMP"))
		return from_time(k, in, sh, from, err);
	if (sl_eqs(in->position, "LATEST"))
		*from = sh->next_index;
	return 0;
}

int kin_get_iterator(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	struct slice id = in->shard;
	uint64_t from;
	int rc = in->stream.p ? kin_shard_id(in, id, in->stream, &id, err) : 0;
	if (rc)
		return rc;
	if ((rc = kin_need(k, KIN_A_STREAM, in, err)))
		return in->stream.p ? no_shard(in, id, in->stream, err) : rc;
	if (!in->stream.p && (rc = kin_shard_id(in, id, sl(in->s->name), &id, err)))
		return rc;
	struct kin_shard *sh = kin_shard_of(in->s, id);
	if (!sh || in->s->status == KIN_CREATING || in->s->status == KIN_DELETING || kin_shard_gone(in->s, sh, in->now_ms))
		return no_shard(in, id, sl(in->s->name), err);
	if ((rc = kin_position(k, in, sh, &from, err)))
		return rc;
	out->iterator = (struct kin_iterator){ in->s->id, in->now_ms, sh->ix, from, sl(in->s->name) };
	return 0;
}

/* ---- read ---- */

static int add_record(void *arg, const struct kin_record *rec)
{
	struct kin_read *r = arg;
	char seq[KIN_SEQ_TEXT];
	if (r->n == r->max || (r->n && r->bytes + rec->data.n > r->max_bytes)) {
		r->more = true;
		r->behind_ms = rec->time_ms; /* for now: when it came */
		return 1;
	}
	int64_t time_s = rec->time_ms / 1000 > r->sh->create_s ? rec->time_ms / 1000 : r->sh->create_s;
	kin_seq_text(&(struct kin_seq){ r->sh->create_s, rec->index, time_s, r->sh->ix }, seq);
	r->put(r, rec, seq);
	r->n++;
	r->bytes += rec->data.n;
	r->next = rec->index + 1;
	return 0;
}

int kin_read(struct kinesis *k, struct kin_read *r, int64_t now_ms, struct error *err)
{
	int rc = kin_store_get(&k->db, r->s->id, r->sh->ix, r->next, kin_horizon(r->s, now_ms), add_record, r, err);
	if (r->more)
		r->behind_ms = now_ms - r->behind_ms;
	r->ended = r->sh->closed_ms && !r->more;
	return rc;
}

static const char *date_of(int64_t at_ms, char out[64])
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	static const char *const days[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	int64_t at = at_ms / 1000;
	int year, month, day, second = (int)(at % 86400);
	clock_civil(at / 86400, &year, &month, &day);
	snprintf(out, 64, "%s %s %02d %02d:%02d:%02d UTC %d", days[at / 86400 % 7], months[month - 1], day, second / 3600, second / 60 % 60, second % 60, year);
	return out;
}

/* limits = aws: five reads a second of a shard; 2 MiB a second, so that after one of 10 MiB nothing is read for five. */
static bool reads_throttled(const struct kinesis *k, struct kin_shard *sh, int64_t now_ms)
{
	int64_t second = now_ms / 1000;
	if (!k->limits)
		return false;
	if (sh->read_second != second) {
		sh->read_second = second;
		sh->reads = 0;
	}
	return ++sh->reads > 5 || now_ms < sh->read_free_ms - 1000;
}

int kin_get_from(struct kinesis *k, const struct kin_in *in, const struct kin_iterator *it, struct kin_stream **s, struct kin_shard **sh,
		 struct error *err)
{
	char made[64], now[64];
	if (in->now_ms - it->made_ms > KIN_ITERATOR_MS)
		return kin_fail(err, KIN_E_EXPIRED_ITERATOR,
				"Iterator expired. The iterator was created at time %s while right now it is %s which is further in the future than the "
				"tolerated delay of %d milliseconds.",
				date_of(it->made_ms, made), date_of(in->now_ms, now), KIN_ITERATOR_MS);
	*s = kin_find(k, in->account, in->region, it->name);
	if (!*s || (*s)->id != it->stream)
		return kin_fail(err, KIN_E_NOT_FOUND, "Shard shardId-%012u in stream %.*s under account %.*s does not exist", it->shard, SL(it->name),
				SL(in->account));
	if (it->shard >= (*s)->shard_n)
		return kin_fail(err, KIN_E_ARGUMENT, "Invalid ShardIterator.");
	*sh = &(*s)->shards[it->shard];
	if (reads_throttled(k, *sh, in->now_ms))
		return kin_fail(err, KIN_E_THROUGHPUT, "Rate exceeded for shard shardId-%012u in stream %s under account %.*s.", (*sh)->ix, (*s)->name,
				SL(in->account));
	return 0;
}

void kin_was_read(struct kinesis *k, struct kin_shard *sh, const struct kin_read *r, int64_t now_ms)
{
	k->metrics[KIN_M_READ].value += (int64_t)r->n;
	sh->read_free_ms = (sh->read_free_ms > now_ms ? sh->read_free_ms : now_ms) + (int64_t)r->bytes * 1000 / KIN_READ_BYTES;
}
