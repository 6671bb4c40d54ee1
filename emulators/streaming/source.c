/* The Kinesis source: shards with their parents first, each read from its position; one call at a time, in order of shard
 * ids, so that the same stream gives the same batches. */
#include <ctype.h>

#include "core/json.h"
#include "streaming/query.h"

/* ---- live shards ---- */

struct sq_live *sq_live_find(struct sq *q, const char *id)
{
	for (size_t i = 0; i < q->n; i++)
		if (!strcmp(q->shards[i].pos.id, id))
			return &q->shards[i];
	return NULL;
}

static struct sq_live *sq_live_add(struct sq *q, const char *id)
{
	struct sq_live *found = sq_live_find(q, id);
	size_t at = q->n;
	if (found)
		return found;
	q->shards = xrealloc(q->shards, (q->n + 1) * sizeof(*q->shards));
	for (; at > 0 && strcmp(q->shards[at - 1].pos.id, id) > 0; at--)
		q->shards[at] = q->shards[at - 1];
	q->n++;
	q->shards[at] = (struct sq_live){ .pos.from = SQ_TRIM_HORIZON };
	memcpy(q->shards[at].pos.id, id, strnlen(id, SQ_ID_MAX));
	return &q->shards[at];
}

void sq_live_clear(struct sq *q)
{
	for (size_t i = 0; i < q->n; i++)
		free(q->shards[i].iterator);
	free(q->shards);
	q->shards = NULL;
	q->n = 0;
}

void sq_live_offsets(struct sq *q, struct sq_offsets *out)
{
	sq_offsets_free(out);
	memcpy(out->stream, q->o.stream, sizeof(out->stream));
	for (size_t i = 0; i < q->n; i++)
		*sq_offsets_add(out, q->shards[i].pos.id) = q->shards[i].pos;
}

void sq_live_set(struct sq *q, const struct sq_offsets *o)
{
	for (size_t i = 0; i < o->n; i++)
		sq_live_add(q, o->shards[i].id)->pos = o->shards[i];
}

void sq_records_clear(struct sq *q)
{
	free(q->records);
	q->records = NULL;
	q->record_n = q->record_cap = 0;
	arena_free(&q->records_arena);
}

/* ---- calls ---- */

static void call(struct sq *q, struct slice action, const struct buf *json, stream_cb cb)
{
	const struct stream *s = &q->m->env->ports->stream;
	uint64_t before = journal_last(q->m->env->journal);
	sq_owe(q, s->call(s->self, sl(NULL), action, buf_slice(json), sl(NULL), cb, q));
	q->m->own_calls += journal_last(q->m->env->journal) - before;
}

static void stream_name(struct buf *b, const struct sq *q)
{
	buf_adds(b, "\"StreamName\":");
	buf_json_string(b, sl(q->o.stream));
}

/* What an answer that is no success means. */
enum trouble { EXPIRED, TRANSIENT, FATAL };

static enum trouble judge(int status, struct slice body, const struct error *err, char *type, size_t type_n, char *words, size_t words_n)
{
	static const char *const again[] = { "ProvisionedThroughputExceededException", "LimitExceededException", "KMSThrottlingException",
					     "InternalFailure", "ServiceUnavailable", "ThrottlingException" };
	snprintf(type, type_n, "no answer");
	snprintf(words, words_n, "%.500s", err ? err->text : "");
	if (err)
		return TRANSIENT;
	json_t *j = json_loadb(body.p, body.n, 0, NULL), *message = json_object_get(j, "message");
	const char *t = jstr(j, "__type"), *m;
	m = json_string_value(message ? message : json_object_get(j, "Message"));
	snprintf(type, type_n, "%s", t ? t : "status");
	snprintf(words, words_n, "%s%.*d", m ? m : "", m ? 0 : 3, m ? 0 : status);
	json_decref(j);
	if (!strcmp(type, "ExpiredIteratorException"))
		return EXPIRED;
	for (size_t i = 0; i < ARRAY_LEN(again); i++)
		if (!strcmp(type, again[i]))
			return TRANSIENT;
	/* "latest" is a moment of our clock; that of a stream elsewhere may be a little behind. */
	if (strstr(words, "cannot be greater than the currentTimestampInMillis"))
		return TRANSIENT;
	return status >= 500 ? TRANSIENT : FATAL;
}

/* True: the caller may try again later. Else the query has failed. */
static bool may_try(struct sq *q, const char *action, enum trouble t, const char *type, const char *words)
{
	if (t == TRANSIENT && ++q->tries < SQ_TRIES)
		return true;
	sq_fail(q, "Kinesis %s on stream %s: %s: %s%s", action, q->o.stream, type, words, t == TRANSIENT ? " (tried several times)" : "");
	return false;
}

/* Whether it is a success. Else it has been dealt with: ask runs again later, or the query has failed. */
static bool succeeded(struct sq *q, const char *action, int status, struct slice body, const struct error *err, void (*ask)(struct sq *q))
{
	char type[80], words[600];
	if (!err && status == 200)
		return true;
	enum trouble t = judge(status, body, err, type, sizeof(type), words, sizeof(words));
	if (may_try(q, action, t, type, words))
		sq_again(q, ask);
	return false;
}

/* ---- shards ---- */

static void ask_shards(struct sq *q);

static void copy_text(char *to, size_t cap, const json_t *v)
{
	const char *s = json_string_value(v);
	snprintf(to, cap, "%s", s ? s : "");
}

/* Ids and numbers stand in files and messages as they are. */
static bool plain(const char *s, bool digits)
{
	size_t i = 0;
	while (isdigit((unsigned char)s[i]) || (!digits && s[i] && (isalnum((unsigned char)s[i]) || strchr("_.-", s[i]))))
		i++;
	return i && !s[i];
}

static bool read_shard_row(struct sq *q, const json_t *v)
{
	char id[SQ_ID_MAX + 1];
	copy_text(id, sizeof(id), json_object_get(v, "ShardId"));
	if (!plain(id, false) || (q->n >= SQ_SHARDS_MAX && !sq_live_find(q, id)))
		return false;
	struct sq_live *s = sq_live_add(q, id);
	s->listed = true;
	copy_text(s->parents[0], sizeof(s->parents[0]), json_object_get(v, "ParentShardId"));
	copy_text(s->parents[1], sizeof(s->parents[1]), json_object_get(v, "AdjacentParentShardId"));
	copy_text(s->began, sizeof(s->began), json_object_get(json_object_get(v, "SequenceNumberRange"), "StartingSequenceNumber"));
	return true;
}

/* Positions that don't fit the stream there is. */
static bool check_shards(struct sq *q)
{
	for (size_t i = 0; i < q->n; i++) {
		struct sq_live *s = &q->shards[i];
		if (s->pos.last[0] && s->began[0] && sq_sequence_cmp(s->began, s->pos.last) > 0) {
			sq_fail(q, "Stream %s: shard %s begins at sequence number %s, after %s, where the checkpoint s3://%.*s/%.*s ends: the "
				   "stream was deleted and made again under its name. Start the query with a new checkpointLocation.",
				q->o.stream, s->pos.id, s->began, s->pos.last, SL(q->cp_bucket), SL(q->cp_key));
			return false;
		}
		s->lost = !s->listed && !s->pos.closed;
	}
	return true;
}

static void on_shards(void *arg, int status, struct slice body, const struct error *err)
{
	struct sq *q = arg;
	if (!sq_back(q) || !succeeded(q, "ListShards", status, body, err, ask_shards))
		return;
	json_t *j = json_loadb(body.p, body.n, 0, NULL), *v;
	size_t i;
	bool good = json_is_array(json_object_get(j, "Shards"));
	json_array_foreach(json_object_get(j, "Shards"), i, v)
		good = good && read_shard_row(q, v);
	copy_text(q->token, sizeof(q->token), json_object_get(j, "NextToken"));
	json_decref(j);
	q->tries = 0;
	if (!good)
		sq_fail(q, "Kinesis ListShards on stream %s: the answer can't be read, or has more than %d shards", q->o.stream, SQ_SHARDS_MAX);
	else if (q->token[0])
		ask_shards(q);
	else if (check_shards(q))
		q->after(q);
}

static void ask_shards(struct sq *q)
{
	struct buf b = { 0 };
	buf_addc(&b, '{');
	if (q->token[0]) {
		buf_adds(&b, "\"NextToken\":");
		buf_json_string(&b, sl(q->token));
	} else {
		stream_name(&b, q);
	}
	buf_addc(&b, '}');
	call(q, S("ListShards"), &b, on_shards);
	buf_free(&b);
}

void sq_list_shards(struct sq *q, void (*after)(struct sq *q))
{
	q->after = after;
	q->token[0] = '\0';
	for (size_t i = 0; i < q->n; i++)
		q->shards[i].listed = false;
	ask_shards(q);
}

/* ---- retention ---- */

static void ask_summary(struct sq *q);

static void on_summary(void *arg, int status, struct slice body, const struct error *err)
{
	struct sq *q = arg;
	if (!sq_back(q) || !succeeded(q, "DescribeStreamSummary", status, body, err, ask_summary))
		return;
	json_t *j = json_loadb(body.p, body.n, 0, NULL);
	int64_t hours = jint(json_object_get(j, "StreamDescriptionSummary"), "RetentionPeriodHours");
	json_decref(j);
	q->retention_ms = (hours > 0 ? hours : 24) * 3600 * 1000;
	q->tries = 0;
	q->after(q);
}

static void ask_summary(struct sq *q)
{
	struct buf b = { 0 };
	buf_addc(&b, '{');
	stream_name(&b, q);
	buf_addc(&b, '}');
	call(q, S("DescribeStreamSummary"), &b, on_summary);
	buf_free(&b);
}

void sq_ask_retention(struct sq *q, void (*after)(struct sq *q))
{
	q->after = after;
	ask_summary(q);
}

/* ---- records ---- */

static void add_record(struct sq *q, const json_t *v)
{
	struct arena *a = &q->records_arena;
	const json_t *data = json_object_get(v, "Data"), *number = json_object_get(v, "SequenceNumber");
	struct sq_record *r;
	struct slice text = json_slice(data), key = jslice(v, "PartitionKey");
	size_t n = json_string_length(number);
	if (!text.p || !key.p || !n || n > SQ_ID_MAX) {
		q->answer.bad = true;
		return;
	}
	GROW(q->records, q->record_n, q->record_cap);
	r = &q->records[q->record_n];
	*r = (struct sq_record){ .sequence = arena_dup(a, sl_of(json_string_value(number), n)), .key = arena_dup(a, key) };
	if (!arena_base64(a, text, &r->data)) {
		q->answer.bad = true;
		return;
	}
	r->shard = q->shards ? arena_cstr(a, sl(q->shards[q->at].pos.id)) : "";
	double at = jnum(v, "ApproximateArrivalTimestamp"); /* seconds, with a fraction */
	r->arrived_ms = at > 0 && at < 1e11 ? (int64_t)(at * 1000.0 + 0.5) : 0;
	if (!plain(arena_cstr(a, r->sequence), true)) {
		q->answer.bad = true;
		return;
	}
	q->record_n++;
	q->answer.got++;
	q->answer.bytes += r->data.n;
	if (!q->answer.first[0])
		memcpy(q->answer.first, r->sequence.p, n);
	memset(q->answer.last, 0, sizeof(q->answer.last));
	memcpy(q->answer.last, r->sequence.p, n);
}

void sq_parse_records(struct sq *q)
{
	json_t *j = json_loadb(q->body.p ? q->body.p : "", q->body.n, JSON_ALLOW_NUL, NULL), *all = json_object_get(j, "Records"), *v;
	const char *next = jstr(j, "NextShardIterator");
	size_t i;
	memset(&q->answer, 0, sizeof(q->answer));
	q->answer.bad = !json_is_array(all);
	json_array_foreach(all, i, v)
		add_record(q, v);
	q->answer.next = next ? xstrdup(next) : NULL;
	q->answer.ended = !next;
	q->answer.behind_ms = jint(j, "MillisBehindLatest");
	json_decref(j);
}

/* ---- reading ---- */

static void read_on(struct sq *q);
static void ask_records(struct sq *q);

static bool parent_open(struct sq *q, const char *parent)
{
	struct sq_live *p = parent[0] ? sq_live_find(q, parent) : NULL;
	return p && !p->pos.closed && !p->lost;
}

/* Whether this pass has anything to read in the shard. */
static bool wants(struct sq *q, struct sq_live *s)
{
	const struct sq_shard *end;
	if (s->at_tip)
		return false;
	switch (q->mode) {
	case SQ_READ_TIP:
		return !s->pos.closed && !s->lost && !parent_open(q, s->parents[0]) && !parent_open(q, s->parents[1]);
	case SQ_READ_AGAIN:
		end = sq_offsets_find(&q->end, s->pos.id);
		return end && end->first[0] && !s->lost;
	case SQ_READ_CHECK:
		return !s->pos.closed && !s->lost && s->pos.last[0];
	case SQ_READ_PAST:
		return !s->pos.closed && s->pos.from == SQ_AT_TIMESTAMP && !s->pos.last[0];
	}
	abort();
}

static void put_position(struct sq *q, struct buf *b, const struct sq_live *s)
{
	const struct sq_shard *p = &s->pos, *end;
	switch (q->mode) {
	case SQ_READ_AGAIN:
		end = sq_offsets_find(&q->end, p->id);
		buf_addf(b, ",\"ShardIteratorType\":\"%s\",\"StartingSequenceNumber\":\"%s\"", p->last[0] ? "AFTER_SEQUENCE_NUMBER" : "AT_SEQUENCE_NUMBER",
			 p->last[0] ? p->last : end->first);
		return;
	case SQ_READ_CHECK:
		buf_addf(b, ",\"ShardIteratorType\":\"AT_SEQUENCE_NUMBER\",\"StartingSequenceNumber\":\"%s\"", p->last);
		return;
	case SQ_READ_TIP:
	case SQ_READ_PAST:
		break;
	}
	if (p->last[0])
		buf_addf(b, ",\"ShardIteratorType\":\"AFTER_SEQUENCE_NUMBER\",\"StartingSequenceNumber\":\"%s\"", p->last);
	else if (p->from == SQ_AT_TIMESTAMP)
		buf_addf(b, ",\"ShardIteratorType\":\"AT_TIMESTAMP\",\"Timestamp\":%lld.%03d", (long long)(p->at_ms / 1000), (int)(p->at_ms % 1000));
	else
		buf_adds(b, ",\"ShardIteratorType\":\"TRIM_HORIZON\"");
}

static void end_read(struct sq *q)
{
	for (size_t i = 0; i < q->n; i++)
		q->shards[i].at_tip = false;
	q->after_read(q);
}

/* No answer just now: what has been read is taken, or the same is asked for later. */
static void read_trouble(struct sq *q, const char *action, int status, struct slice body, const struct error *err)
{
	struct sq_live *s = &q->shards[q->at];
	char type[80], words[600];
	enum trouble t = judge(status, body, err, type, sizeof(type), words, sizeof(words));
	free(s->iterator);
	s->iterator = NULL;
	if (t == EXPIRED && ++q->tries < SQ_TRIES) {
		read_on(q);
		return;
	}
	if (!may_try(q, action, t, type, words))
		return;
	if (q->mode == SQ_READ_TIP)
		end_read(q);
	else
		sq_again(q, read_on);
}

static void on_iterator(void *arg, int status, struct slice body, const struct error *err)
{
	struct sq *q = arg;
	if (!sq_back(q))
		return;
	json_t *j = status == 200 ? json_loadb(body.p, body.n, 0, NULL) : NULL;
	const char *it = jstr(j, "ShardIterator");
	if (it)
		q->shards[q->at].iterator = xstrdup(it);
	json_decref(j);
	if (it)
		ask_records(q);
	else
		read_trouble(q, "GetShardIterator", status, body, err);
}

static void ask_iterator(struct sq *q)
{
	struct sq_live *s = &q->shards[q->at];
	struct buf b = { 0 };
	buf_addf(&b, "{\"ShardId\":\"%s\",", s->pos.id);
	stream_name(&b, q);
	put_position(q, &b, s);
	buf_addc(&b, '}');
	call(q, S("GetShardIterator"), &b, on_iterator);
	buf_free(&b);
}

/* Takes the last k records off. */
static void drop_records(struct sq *q, size_t k)
{
	q->record_n -= k;
}

/* AGAIN: the records beyond the batch's end go. */
static void cut_again(struct sq *q, struct sq_live *s)
{
	const struct sq_shard *end = sq_offsets_find(&q->end, s->pos.id);
	size_t keep = 0, from = q->record_n - q->answer.got;
	char number[SQ_ID_MAX + 2];
	for (; keep < q->answer.got; keep++) {
		snprintf(number, sizeof(number), "%.*s", SL(q->records[from + keep].sequence));
		if (sq_sequence_cmp(number, end->last) > 0)
			break;
		memcpy(s->pos.last, number, sizeof(number));
		if (!s->pos.first[0])
			memcpy(s->pos.first, number, sizeof(number));
	}
	drop_records(q, q->answer.got - keep);
	s->at_tip = keep < q->answer.got || !strcmp(s->pos.last, end->last) || (!q->answer.got && !q->answer.behind_ms);
}

/* CHECK asks for one record: the last one that was read. */
static void check_there(struct sq *q, struct sq_live *s)
{
	s->lost = !q->answer.got || strcmp(q->answer.first, s->pos.last) != 0;
	s->at_tip = true;
	drop_records(q, q->answer.got);
	if (s->lost || !q->answer.next)
		return;
	s->iterator = q->answer.next; /* stands right behind it */
	q->answer.next = NULL;
}

static void take_answer(struct sq *q, struct sq_live *s)
{
	enum { EMPTIES_MAX = 100 };
	if (q->answer.got) {
		if (!s->pos.first[0])
			memcpy(s->pos.first, q->answer.first, sizeof(s->pos.first));
		memcpy(s->pos.last, q->answer.last, sizeof(s->pos.last));
		s->taken += (int64_t)q->answer.got;
		s->taken_bytes += (int64_t)q->answer.bytes;
		q->empties = 0;
	}
	s->behind_ms = q->answer.behind_ms;
	s->iterator = q->answer.next;
	q->answer.next = NULL;
	if (q->answer.ended) {
		s->pos.closed = true;
		q->relist = q->mode == SQ_READ_TIP;
	}
	/* Records of one moment are no time behind each other: only an empty answer is the tip. */
	s->at_tip = q->answer.ended || (!q->answer.got && (q->answer.behind_ms <= 0 || ++q->empties > EMPTIES_MAX));
	if (q->mode == SQ_READ_PAST) {
		s->pos.first[0] = '\0';
		sq_records_clear(q);
	} else if (!s->at_tip && (s->taken >= q->share || s->taken_bytes >= q->share_bytes)) {
		s->at_tip = s->cut = true;
		q->full = true;
	}
}

static void parsed(struct sq *q)
{
	struct sq_live *s = &q->shards[q->at];
	if (q->answer.bad) {
		free(q->answer.next);
		q->answer.next = NULL;
		sq_fail(q, "Kinesis GetRecords on stream %s, shard %s: the answer can't be read", q->o.stream, s->pos.id);
		return;
	}
	q->tries = 0;
	free(s->iterator);
	s->iterator = NULL;
	if (q->mode == SQ_READ_AGAIN)
		cut_again(q, s);
	else if (q->mode == SQ_READ_CHECK)
		check_there(q, s);
	else
		take_answer(q, s);
	if (q->mode == SQ_READ_AGAIN && !s->at_tip) {
		s->iterator = q->answer.next;
		s->at_tip = q->answer.ended;
		q->answer.next = NULL;
	}
	free(q->answer.next);
	q->answer.next = NULL;
	read_on(q);
}

static void parse_work(void *arg)
{
	sq_parse_records(arg);
}

static void parse_done(void *arg)
{
	struct sq *q = arg;
	if (sq_back(q))
		parsed(q);
}

static void on_records(void *arg, int status, struct slice body, const struct error *err)
{
	struct sq *q = arg;
	if (!sq_back(q))
		return;
	if (err || status != 200) {
		read_trouble(q, "GetRecords", status, body, err);
		return;
	}
	buf_reset(&q->body);
	buf_addsl(&q->body, body);
	if (body.n < SQ_JOB_BYTES) {
		sq_parse_records(q);
		parsed(q);
		return;
	}
	sq_owe(q, loop_job(q->m->env->loop, parse_work, parse_done, q));
}

static void ask_records(struct sq *q)
{
	struct buf b = { 0 };
	int64_t limit = SQ_CALL_RECORDS, left = q->share - q->shards[q->at].taken;
	if (q->mode == SQ_READ_CHECK)
		limit = 1;
	else if (q->mode == SQ_READ_TIP && left < limit)
		limit = left;
	buf_addf(&b, "{\"Limit\":%lld,\"ShardIterator\":", (long long)limit);
	buf_json_string(&b, sl(q->shards[q->at].iterator));
	buf_addc(&b, '}');
	call(q, S("GetRecords"), &b, on_records);
	buf_free(&b);
}

/* A shard that left the stream while it was being read had records that nobody can read any more. */
static void listed_again(struct sq *q)
{
	for (size_t i = 0; i < q->n; i++) {
		struct sq_live *s = &q->shards[i];
		if (s->lost && !q->o.no_fail_on_data_loss) {
			sq_lost(q, s);
			return;
		}
		s->pos.closed |= s->lost;
		s->lost = false;
	}
	q->at = 0;
	read_on(q);
}

static int64_t records_max(const struct sq *q)
{
	return q->o.trigger == SQ_ONCE ? SQ_RECORDS_MAX : q->o.records_max;
}

/* What some shards left of a batch goes to those that have more. */
static bool share_rest(struct sq *q)
{
	int64_t rest = records_max(q), bytes = SQ_BATCH_BYTES, cut = 0;
	for (size_t i = 0; i < q->n; i++) {
		rest -= q->shards[i].taken;
		bytes -= q->shards[i].taken_bytes;
		cut += q->shards[i].cut;
	}
	if (!cut || rest < cut || bytes <= 0)
		return false;
	q->share += rest / cut;
	q->share_bytes += bytes / cut;
	for (size_t i = 0; i < q->n; i++) {
		if (q->shards[i].cut)
			q->shards[i].at_tip = q->shards[i].cut = false;
	}
	q->full = false;
	q->at = 0;
	return true;
}

static void read_on(struct sq *q)
{
	if (q->mode == SQ_READ_TIP && q->stopping) {
		end_read(q);
		return;
	}
	while (q->at < q->n && !wants(q, &q->shards[q->at]))
		q->at++;
	if (q->at < q->n) {
		if (q->shards[q->at].iterator)
			ask_records(q);
		else
			ask_iterator(q);
	} else if (q->relist) { /* a shard that ended has children: they are read in the same pass */
		q->relist = false;
		sq_list_shards(q, listed_again);
	} else if (q->full && share_rest(q)) {
		read_on(q);
	} else {
		end_read(q);
	}
}

/* Each shard gets the same part of a batch, so that a busy one doesn't keep the others waiting. */
static void share_out(struct sq *q)
{
	int64_t wanting = 0;
	for (size_t i = 0; i < q->n; i++)
		wanting += wants(q, &q->shards[i]);
	wanting = wanting ? wanting : 1;
	q->share = records_max(q) / wanting;
	q->share = q->share ? q->share : 1;
	q->share_bytes = SQ_BATCH_BYTES / wanting;
}

void sq_read(struct sq *q, enum sq_read mode, void (*after)(struct sq *q))
{
	q->mode = mode;
	q->after_read = after;
	q->at = 0;
	q->empties = 0;
	q->full = false;
	for (size_t i = 0; i < q->n; i++) {
		struct sq_live *s = &q->shards[i];
		const struct sq_shard *end = mode == SQ_READ_AGAIN ? sq_offsets_find(&q->end, s->pos.id) : NULL;
		s->at_tip = false;
		s->cut = false;
		s->taken = s->taken_bytes = 0;
		if (mode == SQ_READ_TIP)
			s->pos.first[0] = '\0';
		if (!end || !end->first[0])
			continue;
		s->pos.first[0] = s->pos.last[0] = '\0';
		free(s->iterator);
		s->iterator = NULL;
	}
	share_out(q);
	sq_records_clear(q);
	read_on(q);
}
