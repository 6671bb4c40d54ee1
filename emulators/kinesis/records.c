/* Records: put, shard iterators, get. */
#include "kinesis/kinesis.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- put ---- */

static int explicit_hash(struct kin_call *c, struct slice text, kin_hash *out)
{
	if (kin_hash_parse(text, out))
		return 0;
	return kin_fail(c, KIN_E_ARGUMENT, "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was %.*s",
			SL(text));
}

/* limits = aws: 1,000 records and 1 MiB a second into a shard. */
static bool throttled(const struct kin_call *c, struct kin_shard *sh, int64_t bytes)
{
	int64_t second = c->now_ms / 1000;
	if (!c->k->limits)
		return false;
	if (sh->second != second) {
		sh->second = second;
		sh->records = sh->bytes = 0;
	}
	if (sh->records + 1 > 1000 || sh->bytes + bytes > 1 << 20) {
		c->k->metrics[KIN_M_THROTTLED].value++;
		return true;
	}
	sh->records++;
	sh->bytes += bytes;
	return false;
}

/* Now and then, what is past the retention period goes. */
static int trim(struct kin_call *c, struct kin_stream *s)
{
	if (c->now_ms - s->trimmed_ms < 60000)
		return 0;
	s->trimmed_ms = c->now_ms;
	int rc = 0;
	for (uint32_t i = 0; !rc && i < s->shard_n; i++)
		rc = kin_store_trim(&c->k->store, s->id, i, kin_horizon(s, c->now_ms), s->next_index - 1, c->err);
	return rc;
}

static int put_one(struct kin_call *c, struct kin_stream *s, struct kin_shard *sh, struct slice key, struct slice data, char seq[KIN_SEQ_TEXT])
{
	struct kin_record r = { .index = s->next_index++, .time_ms = c->now_ms, .key = key, .data = data };
	int64_t time_s = c->now_ms / 1000 > sh->create_s ? c->now_ms / 1000 : sh->create_s;
	kin_seq_text(&(struct kin_seq){ sh->create_s, r.index, time_s, sh->ix }, seq);
	c->k->metrics[KIN_M_RECORDS].value++;
	c->k->metrics[KIN_M_BYTES].value += (int64_t)data.n;
	return kin_store_put(&c->k->store, s->id, sh->ix, &r, c->err);
}

/* head SHARD middle SEQUENCE ": printf is too slow for five hundred of them. */
static void put_place(struct buf *out, const char *head, uint32_t shard, const char *middle, const char *seq)
{
	char id[21] = "shardId-000000000000";
	for (size_t i = 19; shard; shard /= 10)
		id[i--] = (char)('0' + shard % 10);
	buf_adds(out, head);
	buf_add(out, id, 20);
	buf_adds(out, middle);
	buf_adds(out, seq);
	buf_addc(out, '"');
}

static void put_encryption(struct buf *out, const struct kin_stream *s)
{
	if (s->key_id)
		buf_adds(out, ",\"EncryptionType\":\"KMS\"");
}

static struct slice member(const json_t *o, const char *name)
{
	const json_t *v = json_object_get(o, name);
	return v ? sl_of(json_string_value(v), json_string_length(v)) : sl(NULL);
}

/* The records of a request, in the arena; *n of them. */
static struct kin_entry *entries_of(struct kin_call *c, size_t *n)
{
	const json_t *list = json_object_get(c->in, "Records");
	*n = list ? json_array_size(list) : 1;
	if (c->plain) {
		*n = c->plain->n;
		return c->plain->entries;
	}
	struct kin_entry *all = arena_alloc(c->arena, *n * sizeof(*all));
	for (size_t i = 0; i < *n; i++) {
		const json_t *one = list ? json_array_get(list, i) : c->in;
		all[i] = (struct kin_entry){ member(one, "PartitionKey"), member(one, "ExplicitHashKey"), S("") };
		if (!arena_base64(c->arena, member(one, "Data"), &all[i].data))
			all[i].data = S(""); /* can't be: it passed the checks */
	}
	return all;
}

static int stream_to_put(struct kin_call *c, struct kin_stream **out)
{
	int rc = kin_stream_of(c, out);
	if (!rc && ((*out)->status == KIN_CREATING || (*out)->status == KIN_DELETING))
		rc = kin_fail(c, KIN_E_NOT_FOUND, "Stream %s under account %.*s not found.", (*out)->name, SL(c->account));
	return rc;
}

int kin_op_put_record(struct kin_call *c)
{
	struct kin_stream *s;
	struct slice order = kin_str(c, "SequenceNumberForOrdering");
	struct kin_seq after;
	kin_hash h;
	size_t one;
	char seq[KIN_SEQ_TEXT];
	int rc = stream_to_put(c, &s);
	if (rc)
		return rc;
	const struct kin_entry *e = entries_of(c, &one);
	if (e->explicit.p && (rc = explicit_hash(c, e->explicit, &h)))
		return rc;
	if (!e->explicit.p)
		h = kin_hash_key(e->key);
	/* Numbers of the older kinds have no time to look at. */
	if (order.p && (order.n > 57 || (kin_seq_parse(order, &after) && after.time_s > c->now_ms / 1000 + 1)))
		return kin_fail(c, KIN_E_ARGUMENT, "ExclusiveMinimumSequenceNumber %.*s used in PutRecord on stream %s under account %.*s is invalid.",
				SL(order), s->name, SL(c->account));
	struct kin_shard *sh = kin_route(s, h);
	if ((int64_t)(e->data.n + e->key.n) > s->record_kib * 1024)
		return kin_fail(c, KIN_E_VALIDATION, "1 validation error detected: Value at 'data' failed to satisfy constraint: Member must have length less than or equal to %lld",
				(long long)s->record_kib * 1024);
	if (throttled(c, sh, (int64_t)(e->data.n + e->key.n)))
		return kin_fail(c, KIN_E_THROUGHPUT, "Rate exceeded for shard shardId-%012u in stream %s under account %.*s.", sh->ix, s->name, SL(c->account));
	if ((rc = put_one(c, s, sh, e->key, e->data, seq)) || (rc = trim(c, s)))
		return rc;
	put_place(c->out, "{\"ShardId\":\"", sh->ix, "\",\"SequenceNumber\":\"", seq);
	put_encryption(c->out, s);
	buf_addc(c->out, '}');
	kin_notify(c->k, s, c->now_ms);
	return 0;
}

static int check_records(struct kin_call *c, const struct kin_stream *s, const struct kin_entry *e, size_t n)
{
	size_t bytes = 0;
	for (size_t i = 0; i < n; i++) {
		kin_hash h;
		size_t size = e[i].data.n + e[i].key.n;
		int rc = e[i].explicit.p ? explicit_hash(c, e[i].explicit, &h) : 0;
		if (rc)
			return rc;
		bytes += size;
		if ((int64_t)size > s->record_kib * 1024)
			return kin_fail(c, KIN_E_VALIDATION, "Record %zu is larger than the stream's %lld KiB", i, (long long)s->record_kib);
	}
	size_t max = s->record_kib > 1024 ? 10u << 20 : (size_t)KIN_PUT_BYTES;
	return bytes > max ? kin_fail(c, KIN_E_ARGUMENT, "Records size exceeds %zu MB limit", max >> 20) : 0;
}

/* One of several: a shard that can't take it refuses it alone. */
static int put_among(struct kin_call *c, struct kin_stream *s, const struct kin_entry *e, struct buf *rows, size_t *bad)
{
	char seq[KIN_SEQ_TEXT];
	kin_hash h;
	if (!e->explicit.p || !kin_hash_parse(e->explicit, &h))
		h = kin_hash_key(e->key);
	struct kin_shard *sh = kin_route(s, h);
	if (rows->n)
		buf_addc(rows, ',');
	if (throttled(c, sh, (int64_t)(e->data.n + e->key.n))) {
		++*bad;
		buf_addf(rows, "{\"ErrorCode\":\"ProvisionedThroughputExceededException\",\"ErrorMessage\":\"Rate exceeded for shard shardId-%012u in stream %s under account %.*s.\"}",
			 sh->ix, s->name, SL(c->account));
		return 0;
	}
	int rc = put_one(c, s, sh, e->key, e->data, seq);
	put_place(rows, "{\"ShardId\":\"", sh->ix, "\",\"SequenceNumber\":\"", seq);
	buf_addc(rows, '}');
	return rc;
}

int kin_op_put_records(struct kin_call *c)
{
	struct kin_stream *s;
	struct buf rows = { 0 };
	size_t n, bad = 0;
	int rc = stream_to_put(c, &s);
	if (rc)
		return rc;
	const struct kin_entry *e = entries_of(c, &n);
	if ((rc = check_records(c, s, e, n)))
		return rc;
	for (size_t i = 0; !rc && i < n; i++)
		rc = put_among(c, s, &e[i], &rows, &bad);
	if (!rc)
		rc = trim(c, s);
	if (!rc) {
		buf_addf(c->out, "{\"FailedRecordCount\":%zu,\"Records\":[", bad);
		buf_addsl(c->out, buf_slice(&rows));
		buf_addc(c->out, ']');
		put_encryption(c->out, s);
		buf_addc(c->out, '}');
	}
	buf_free(&rows);
	kin_notify(c->k, s, c->now_ms);
	return rc;
}

/* ---- iterators: 8 bytes 00..01, then a text padded to 144 bytes and more, in base64 ---- */

enum { ITERATOR_HEAD = 8, ITERATOR_LEAST = 144, ITERATOR_TEXT_MAX = 256 };
struct iterator {
	int64_t stream, made_ms;
	uint32_t shard;
	uint64_t from; /* next index */
	struct slice name;
};

static void put_iterator(struct kin_call *c, const struct kin_stream *s, uint32_t shard, uint64_t from)
{
	char text[512];
	uint8_t raw[512] = { 0 };
	int n = snprintf(text, sizeof(text), "%lld %u %llu %lld %s", (long long)s->id, shard, (unsigned long long)from, (long long)c->now_ms, s->name);
	size_t length = (size_t)n < ITERATOR_LEAST ? ITERATOR_LEAST : ((size_t)n + 15) / 16 * 16;
	raw[ITERATOR_HEAD - 1] = 1;
	memcpy(raw + ITERATOR_HEAD, text, (size_t)n);
	buf_addc(c->out, '"');
	buf_base64(c->out, raw, ITERATOR_HEAD + length);
	buf_addc(c->out, '"');
}

static bool number_at(struct slice *rest, int64_t *out)
{
	struct slice one;
	return sl_cut(*rest, ' ', &one, rest) && sl_int(one, 0, INT64_MAX, out);
}

static bool read_iterator(struct arena *a, struct slice text, struct iterator *out)
{
	static const char head[ITERATOR_HEAD] = { 0, 0, 0, 0, 0, 0, 0, 1 };
	struct slice raw, rest;
	int64_t shard, from;
	if (text.n > 1 && text.p[0] == '"' && text.p[text.n - 1] == '"') /* taken with quotes around it, too */
		text = sl_of(text.p + 1, text.n - 2);
	if (!arena_base64(a, text, &raw) || raw.n < ITERATOR_HEAD + ITERATOR_LEAST || memcmp(raw.p, head, ITERATOR_HEAD))
		return false;
	rest = sl_of(raw.p + ITERATOR_HEAD, raw.n - ITERATOR_HEAD);
	rest.n = strnlen(rest.p, rest.n);
	if (!number_at(&rest, &out->stream) || !number_at(&rest, &shard) || !number_at(&rest, &from) || !number_at(&rest, &out->made_ms))
		return false;
	out->shard = (uint32_t)shard;
	out->from = (uint64_t)from;
	out->name = rest;
	for (size_t i = 0; i < rest.n; i++) /* what it names is shown in an error */
		if (!isalnum((unsigned char)rest.p[i]) && !memchr("_.-", rest.p[i], 3))
			return false;
	return rest.n > 0;
}

static int no_shard(struct kin_call *c, struct slice shard, struct slice stream)
{
	return kin_fail(c, KIN_E_NOT_FOUND, "Shard %.*s in stream %.*s under account %.*s does not exist", SL(shard), SL(stream), SL(c->account));
}

/* Where a sequence number points to in a shard. */
static int from_sequence(struct kin_call *c, const struct kin_stream *s, const struct kin_shard *sh, struct slice type, struct slice text, uint64_t *from)
{
	struct kin_seq q;
	if (!kin_seq_parse(text, &q))
		return kin_fail(c, KIN_E_ARGUMENT, "StartingSequenceNumber %.*s used in GetShardIterator on shard shardId-%012u in stream %s under account %.*s is invalid.",
				SL(text), sh->ix, s->name, SL(c->account));
	if (sl_eqs(text, "0")) {
		*from = 0;
		return 0;
	}
	if (q.shard != sh->ix)
		return kin_fail(c, KIN_E_ARGUMENT, "Invalid StartingSequenceNumber. It encodes shardId-%012u, while it was used in a call to a shard with shardId-%012u",
				q.shard, sh->ix);
	if (q.create_s != sh->create_s)
		return kin_fail(c, KIN_E_ARGUMENT, "StartingSequenceNumber %.*s used in GetShardIterator on shard shardId-%012u in stream %s under account %.*s is invalid because it did not come from this stream.",
				SL(text), sh->ix, s->name, SL(c->account));
	*from = q.index + (sl_eqs(type, "AFTER_SEQUENCE_NUMBER") && q.index < INT64_MAX);
	return 0;
}

static int from_time(struct kin_call *c, const struct kin_stream *s, const struct kin_shard *sh, uint64_t *from)
{
	int64_t at = kin_time(c, "Timestamp");
	if (at < 0)
		return kin_fail(c, KIN_E_ARGUMENT, "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.");
	if (at > c->now_ms)
		return kin_fail(c, KIN_E_ARGUMENT, "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: %lld, currentTimestampInMillis: %lld",
				(long long)at, (long long)c->now_ms);
	return kin_store_at(&c->k->store, s->id, sh->ix, at, s->next_index, from, c->err);
}

int kin_position(struct kin_call *c, struct kin_stream *s, struct kin_shard *sh, uint64_t *from)
{
	struct slice type = kin_str(c, "ShardIteratorType"), start = kin_str(c, "StartingSequenceNumber");
	bool by_sequence = sl_ends(type, S("SEQUENCE_NUMBER"));
	*from = 0;
	if (by_sequence != (start.p != NULL))
		return kin_fail(c, KIN_E_ARGUMENT, "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified %.*s and %s StartingSequenceNumber.",
				SL(type), start.p ? "also a" : "no");
	if (by_sequence)
		return from_sequence(c, s, sh, type, start, from);
	if (sl_eqs(type, "AT_TIMESTAMP"))
		return from_time(c, s, sh, from);
	if (sl_eqs(type, "LATEST"))
		*from = s->next_index;
	return 0;
}

int kin_op_get_iterator(struct kin_call *c)
{
	struct slice id = kin_str(c, "ShardId");
	struct kin_stream *s;
	uint64_t from = 0;
	struct slice name = kin_str(c, "StreamName");
	int rc = name.p ? kin_shard_id(c, id, name, &id) : 0;
	if (rc)
		return rc;
	if ((rc = kin_stream_of(c, &s))) {
		return name.p && c->err->def == &kin_errors[KIN_E_NOT_FOUND] ? no_shard(c, id, name) : rc;
	}
	if (!name.p && (rc = kin_shard_id(c, id, sl(s->name), &id)))
		return rc;
	struct kin_shard *sh = kin_shard_of(s, id);
	if (!sh || s->status == KIN_CREATING || s->status == KIN_DELETING || kin_shard_gone(s, sh, c->now_ms))
		return no_shard(c, id, sl(s->name));
	if ((rc = kin_position(c, s, sh, &from)))
		return rc;
	buf_adds(c->out, "{\"ShardIterator\":");
	put_iterator(c, s, sh->ix, from);
	buf_addc(c->out, '}');
	return 0;
}

/* ---- get ---- */

struct reading {
	struct kin_call *c;
	const struct kin_stream *s;
	const struct kin_shard *sh;
	size_t n, max, bytes;
	uint64_t next;
	int64_t last_ms;
	bool more;
};

static int add_record(void *arg, const struct kin_record *r)
{
	struct reading *g = arg;
	struct buf *out = g->c->out;
	char seq[KIN_SEQ_TEXT];
	if (g->n == g->max || (g->n && g->bytes + r->data.n > KIN_GET_BYTES)) {
		g->more = true;
		g->last_ms = r->time_ms; /* of the first that is left */
		return 1;
	}
	int64_t time_s = r->time_ms / 1000 > g->sh->create_s ? r->time_ms / 1000 : g->sh->create_s;
	kin_seq_text(&(struct kin_seq){ g->sh->create_s, r->index, time_s, g->sh->ix }, seq);
	buf_adds(out, g->n ? ",{\"SequenceNumber\":\"" : "{\"SequenceNumber\":\"");
	buf_adds(out, seq);
	buf_addf(out, "\",\"ApproximateArrivalTimestamp\":%lld.%03lld,\"Data\":\"", (long long)(r->time_ms / 1000), (long long)(r->time_ms % 1000));
	buf_base64(out, r->data.p, r->data.n);
	buf_adds(out, "\",\"PartitionKey\":");
	buf_json_string(out, r->key);
	put_encryption(out, g->s);
	buf_addc(out, '}');
	g->n++;
	g->bytes += r->data.n;
	g->next = r->index + 1;
	return 0;
}

static void put_children(struct buf *out, const struct kin_stream *s, const struct kin_shard *sh)
{
	char text[KIN_HASH_TEXT];
	bool any = false;
	buf_adds(out, ",\"ChildShards\":[");
	for (size_t i = 0; i < s->shard_n; i++) {
		const struct kin_shard *k = &s->shards[i];
		if (k->parent != (int64_t)sh->ix && k->adjacent != (int64_t)sh->ix)
			continue;
		buf_addf(out, "%s{\"ShardId\":\"shardId-%012u\",\"ParentShards\":[\"shardId-%012lld\"", any ? "," : "", k->ix, (long long)k->parent);
		if (k->adjacent >= 0)
			buf_addf(out, ",\"shardId-%012lld\"", (long long)k->adjacent);
		kin_hash_text(k->lo, text);
		buf_addf(out, "],\"HashKeyRange\":{\"StartingHashKey\":\"%s\"", text);
		kin_hash_text(k->hi, text);
		buf_addf(out, ",\"EndingHashKey\":\"%s\"}}", text);
		any = true;
	}
	buf_addc(out, ']');
}

static int expired(struct kin_call *c, const struct iterator *it)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	static const char *const days[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	char text[2][64];
	int64_t at[2] = { it->made_ms / 1000, c->now_ms / 1000 };
	for (int i = 0; i < 2; i++) {
		int year, month, day, second = (int)(at[i] % 86400);
		clock_civil(at[i] / 86400, &year, &month, &day);
		snprintf(text[i], sizeof(text[i]), "%s %s %02d %02d:%02d:%02d UTC %d", days[at[i] / 86400 % 7], months[month - 1], day,
			 second / 3600, second / 60 % 60, second % 60, year);
	}
	return kin_fail(c, KIN_E_EXPIRED_ITERATOR,
			"Iterator expired. The iterator was created at time %s while right now it is %s which is further in the future than the tolerated delay of %d milliseconds.",
			text[0], text[1], KIN_ITERATOR_MS);
}

/* limits = aws: five reads a second of a shard; 2 MiB a second, so that after one of 10 MiB nothing is read for five. */
static bool reads_throttled(struct kin_call *c, struct kin_shard *sh)
{
	int64_t second = c->now_ms / 1000;
	if (!c->k->limits)
		return false;
	if (sh->read_second != second) {
		sh->read_second = second;
		sh->reads = 0;
	}
	return ++sh->reads > 5 || c->now_ms < sh->read_free_ms - 1000;
}

int kin_op_get_records(struct kin_call *c)
{
	struct iterator it;
	if (!read_iterator(c->arena, kin_str(c, "ShardIterator"), &it))
		return kin_fail(c, KIN_E_ARGUMENT, "Invalid ShardIterator.");
	if (c->now_ms - it.made_ms > KIN_ITERATOR_MS)
		return expired(c, &it);
	struct kin_stream *s = kin_find(c->k, it.name);
	if (!s || s->id != it.stream)
		return kin_fail(c, KIN_E_NOT_FOUND, "Stream %.*s under account %.*s not found.", SL(it.name), SL(c->account));
	if (it.shard >= s->shard_n)
		return kin_fail(c, KIN_E_ARGUMENT, "Invalid ShardIterator.");
	struct kin_shard *sh = &s->shards[it.shard];
	if (reads_throttled(c, sh))
		return kin_fail(c, KIN_E_THROUGHPUT, "Rate exceeded for shard shardId-%012u in stream %s under account %.*s.", sh->ix, s->name, SL(c->account));
	struct reading g = { .c = c, .s = s, .sh = sh, .max = (size_t)kin_int(c, "Limit", KIN_GET_RECORDS), .next = it.from };
	buf_adds(c->out, "{\"Records\":[");
	int rc = kin_store_get(&c->k->store, s->id, sh->ix, it.from, kin_horizon(s, c->now_ms), add_record, &g, c->err);
	if (rc)
		return rc;
	c->k->metrics[KIN_M_READ].value += (int64_t)g.n;
	sh->read_free_ms = (sh->read_free_ms > c->now_ms ? sh->read_free_ms : c->now_ms) + (int64_t)g.bytes * 1000 / KIN_READ_BYTES;
	buf_adds(c->out, "]");
	bool ended = sh->closed_ms && !g.more;
	if (!ended) {
		buf_adds(c->out, ",\"NextShardIterator\":");
		put_iterator(c, s, sh->ix, g.more || g.next > s->next_index ? g.next : g.n ? g.next : it.from);
	}
	buf_addf(c->out, ",\"MillisBehindLatest\":%lld", (long long)(g.more ? c->now_ms - g.last_ms : 0));
	if (ended)
		put_children(c->out, s, sh);
	buf_addc(c->out, '}');
	return 0;
}

/* ---- events of a subscription ---- */

int kin_event(struct kinesis *k, struct kin_stream *s, uint32_t shard, uint64_t *from, int64_t now_ms, struct buf *out, bool *any, bool *ended)
{
	struct error err;
	struct kin_shard *sh = &s->shards[shard];
	struct kin_call c = { .k = k, .now_ms = now_ms, .out = out, .err = &err };
	struct reading g = { .c = &c, .s = s, .sh = sh, .max = KIN_GET_RECORDS, .next = *from };
	char seq[KIN_SEQ_TEXT];
	buf_adds(out, "{\"Records\":[");
	int rc = kin_store_get(&k->store, s->id, shard, *from, kin_horizon(s, now_ms), add_record, &g, &err);
	if (rc)
		return rc;
	*from = g.next;
	*any = g.n > 0;
	*ended = sh->closed_ms && !g.more;
	/* Goes on from the last one sent, or from before all that will come. */
	kin_seq_text(&(struct kin_seq){ sh->create_s, g.n ? g.next - 1 : s->next_index - 1, now_ms / 1000 > sh->create_s ? now_ms / 1000 : sh->create_s, sh->ix }, seq);
	if (*ended)
		buf_adds(out, "]");
	else
		buf_addf(out, "],\"ContinuationSequenceNumber\":\"%s\"", seq);
	buf_addf(out, ",\"MillisBehindLatest\":%lld", (long long)(g.more ? now_ms - g.last_ms : 0));
	if (*ended)
		put_children(out, s, sh);
	buf_addc(out, '}');
	return 0;
}
