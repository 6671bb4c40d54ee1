/* Where a journey begins: from an id to a record. Topics and streams are read as their clients do, through the ports, piece by piece. */
#include <jansson.h>

#include "core/json.h"
#include "stack/inside.h"
#include "journey/walk.h"

enum { WINDOW = 500, PIECE_BYTES = 256 << 10, RECORDS_MOST = 200000, PLACES_MAX = 1024 };

struct place {
	struct slice name, shard; /* a topic's, or a stream's */
	int partition;
};
struct find {
	enum { FIND_PLACE, FIND_TRACE, FIND_FIELD, FIND_KEY, FIND_ANY } by;
	struct slice name, value;
	struct place *places; /* partitions, then shards */
	size_t n, cap, at;
	int64_t from, to, next; /* offsets of the window, what is read next */
	size_t looked;
	bool here;              /* this place has one */
	struct slice iterator;
	size_t tries;           /* FIND_ANY */
};

static void next_place(struct walk *w);
static void begin_streams(struct walk *w);

static bool is_value(const json_t *v, struct slice text)
{
	if (json_is_string(v))
		return sl_eq(json_slice(v), text);
	char *s = v ? json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
	bool same = s && sl_eqs(text, s);
	free(s);
	return same;
}

static bool has_field(const struct find *f, struct slice data)
{
	if (sl_find(data, f->name) < 0)
		return false;
	JSON_AUTO o = json_loadb(data.p, data.n, 0, NULL);
	return is_value(json_object_getn(o, f->name.p, f->name.n), f->value);
}

static bool fits(const struct find *f, struct slice key, struct slice data, struct slice trace, int64_t offset)
{
	switch (f->by) {
	case FIND_PLACE:
	case FIND_ANY:
		return offset == f->from;
	case FIND_TRACE:
		return sl_eq(trace, f->value) && trace.n;
	case FIND_KEY:
		/* A JSON producer's keys are in quotes. */
		return key.p && (sl_eq(key, f->value) || (key.n == f->value.n + 2 && key.p[0] == '"' && sl_eq(sl_of(key.p + 1, f->value.n), f->value)));
	default:
		return has_field(f, data);
	}
}

/* The newest in emulated time, whatever place it is in. */
static bool take(struct walk *w, const struct place *p, int64_t at_ms, struct slice key, struct slice data, struct slice trace)
{
	w->find->here = true;
	if (w->found && at_ms < w->at_ms)
		return false;
	w->found = true;
	w->topic = p->name;
	w->shard = p->shard;
	w->partition = p->partition;
	w->is_stream = p->shard.p != NULL;
	w->at_ms = at_ms;
	w->key = arena_dup(&w->arena, key);
	w->value = arena_dup(&w->arena, data);
	w->trace = trace.p ? arena_dup(&w->arena, trace) : w->trace;
	return true;
}

static void found_or_not(struct walk *w)
{
	struct find *f = w->find;
	if (w->found)
		walk_next(w);
	else if (f->looked >= RECORDS_MOST)
		walk_not_found(w, "not among the newest %d records of topics and streams", RECORDS_MOST);
	else
		walk_not_found(w, f->by == FIND_TRACE ? "no record has this trace any more, or the request made none" : f->by == FIND_PLACE ? "there is no such record" : "no record of topics and streams has it");
}

/* ---- topics ---- */

static void read_on(struct walk *w);

static void on_records(void *arg, int code, const struct log_record *r, size_t n, int64_t next, int64_t high)
{
	struct walk *w = arg;
	struct find *f = w->find;
	const struct place *p = &f->places[f->at];
	for (size_t i = 0; !code && i < n && (f->by == FIND_PLACE || f->by == FIND_ANY || r[i].offset < f->to); i++) {
		f->looked++;
		if (!fits(f, r[i].key, r[i].value, r[i].trace, r[i].offset))
			continue;
		if (take(w, p, r[i].timestamp_ms, r[i].key, r[i].value, r[i].trace))
			w->offset = r[i].offset;
	}
	f->next = next;
	if (f->by == FIND_PLACE || f->by == FIND_ANY) {
		if (!w->found && f->by == FIND_ANY && f->tries++ < f->n)
			next_place(w);
		else
			found_or_not(w);
	} else if (!code && n && next < f->to && next < high) {
		read_on(w);
	} else if (f->here || code || f->from == 0 || f->looked >= RECORDS_MOST) {
		next_place(w);
	} else { /* the window before */
		f->to = f->from;
		f->from = f->next = f->to > WINDOW ? f->to - WINDOW : 0;
		read_on(w);
	}
}

static void read_on(struct walk *w)
{
	const struct find *f = w->find;
	const struct record_log *log = &w->env->ports->log;
	owed_keep(&w->waits, log->read(log->self, f->places[f->at].name, f->places[f->at].partition, f->next, PIECE_BYTES, on_records, w));
}

static void on_end(void *arg, int code, const struct log_record *r, size_t n, int64_t next, int64_t high)
{
	struct walk *w = arg;
	struct find *f = w->find;
	(void)r;
	(void)n;
	(void)next;
	if (code || high <= 0) {
		if (f->by == FIND_ANY && f->tries++ >= f->n)
			found_or_not(w);
		else
			next_place(w);
		return;
	}
	f->to = high;
	f->from = high > WINDOW ? high - WINDOW : 0;
	if (f->by == FIND_ANY)
		f->from = (int64_t)(faults_hash((uint64_t)conf_int(w->env->conf, "stack", "seed", 0), S("journey offset"), w->s->walk_n) % (uint64_t)high);
	f->next = f->from;
	read_on(w);
}

static void next_shard(struct walk *w);

static void next_place(struct walk *w)
{
	struct find *f = w->find;
	const struct record_log *log = &w->env->ports->log;
	f->at = f->by == FIND_ANY && f->n ? (f->at + 1) % f->n : f->at + 1;
	f->here = false;
	if (f->at < f->n && f->looked < RECORDS_MOST && !(w->found && f->by == FIND_TRACE)) {
		if (f->places[f->at].shard.p)
			next_shard(w);
		else
			owed_keep(&w->waits, log->read(log->self, f->places[f->at].name, f->places[f->at].partition, -1, 1, on_end, w));
	} else if (w->found || f->by == FIND_ANY || !w->env->ports->stream.self || (f->n && f->places[f->n - 1].shard.p)) {
		found_or_not(w);
	} else {
		begin_streams(w);
	}
}

static void add_place(struct walk *w, struct slice name, struct slice shard, int partition)
{
	struct find *f = w->find;
	if (f->n == PLACES_MAX)
		return;
	ARENA_GROW(&w->arena, f->places, f->n, f->cap);
	f->places[f->n++] = (struct place){ arena_dup(&w->arena, name), shard.p ? arena_dup(&w->arena, shard) : shard, partition };
}

static void on_topics(void *arg, const struct topic_info *t, size_t n, const struct error *err)
{
	struct walk *w = arg;
	struct find *f = w->find;
	for (size_t i = 0; !err && i < n; i++)
		for (int p = 0; !sl_starts(t[i].name, S("_")) && p < t[i].partition_n; p++)
			add_place(w, t[i].name, sl(NULL), p);
	f->at = (size_t)-1;
	if (f->by == FIND_ANY && f->n)
		f->at = faults_hash((uint64_t)conf_int(w->env->conf, "stack", "seed", 0), S("journey"), ++w->s->walk_n) % f->n;
	next_place(w);
}

static void begin_topics(struct walk *w)
{
	const struct record_log *log = &w->env->ports->log;
	if (log->self)
		owed_keep(&w->waits, log->topics(log->self, on_topics, w));
	else
		on_topics(w, NULL, 0, NULL);
}

static void fetch(struct walk *w, struct slice topic, int partition, int64_t offset)
{
	struct find *f = w->find;
	if (!w->env->ports->log.self) {
		walk_not_found(w, "there is no broker");
		return;
	}
	f->by = FIND_PLACE;
	add_place(w, topic, sl(NULL), partition);
	f->from = f->next = offset;
	f->to = offset + 1;
	read_on(w);
}

/* ---- streams ---- */

static void ask_stream(struct walk *w, const char *action, json_t *in, stream_cb cb)
{
	const struct stream *s = &w->env->ports->stream;
	char *text = json_dumps(in, JSON_COMPACT);
	json_decref(in);
	owed_keep(&w->waits, s->call(s->self, sl(NULL), sl(action), sl(text), STREAM_LOOKS, cb, w));
	free(text);
}

static void on_data(void *arg, int status, struct slice body, const struct error *err);

static void ask_records(struct walk *w)
{
	const struct find *f = w->find;
	ask_stream(w, "GetRecords", json_pack("{s:s#,s:i}", "ShardIterator", f->iterator.p, (int)f->iterator.n, "Limit", f->by == FIND_PLACE ? 1 : WINDOW), on_data);
}

static void on_data(void *arg, int status, struct slice body, const struct error *err)
{
	struct walk *w = arg;
	struct find *f = w->find;
	JSON_AUTO o = !err && status == 200 ? json_loadb(body.p, body.n, 0, NULL) : NULL;
	const json_t *r;
	size_t i;
	json_array_foreach(json_object_get(o, "Records"), i, r) {
		struct slice data;
		f->looked++;
		if (!arena_base64(&w->arena, jslice(r, "Data"), &data) || !fits(f, jslice(r, "PartitionKey"), data, sl(NULL), f->from))
			continue;
		int64_t at_ms = (int64_t)(jnum(r, "ApproximateArrivalTimestamp") * 1000);
		if (take(w, &f->places[f->at], at_ms, jslice(r, "PartitionKey"), data, sl(NULL)))
			w->sequence = arena_dup(&w->arena, jslice(r, "SequenceNumber"));
	}
	struct slice next = jslice(o, "NextShardIterator");
	bool more = next.n && (i > 0 || jint(o, "MillisBehindLatest") > 0);
	if (f->by == FIND_PLACE) {
		found_or_not(w);
	} else if (more && f->looked < RECORDS_MOST) {
		f->iterator = arena_dup(&w->arena, next);
		ask_records(w);
	} else {
		next_place(w);
	}
}

static void on_iterator(void *arg, int status, struct slice body, const struct error *err)
{
	struct walk *w = arg;
	struct find *f = w->find;
	JSON_AUTO o = !err && status == 200 ? json_loadb(body.p, body.n, 0, NULL) : NULL;
	f->iterator = arena_dup(&w->arena, jslice(o, "ShardIterator"));
	if (!f->iterator.n) {
		if (f->by == FIND_PLACE)
			found_or_not(w);
		else
			next_place(w);
		return;
	}
	ask_records(w);
}

static void next_shard(struct walk *w)
{
	const struct place *p = &w->find->places[w->find->at];
	ask_stream(w, "GetShardIterator", json_pack("{s:s#,s:s#,s:s}", "StreamName", p->name.p, (int)p->name.n, "ShardId", p->shard.p, (int)p->shard.n, "ShardIteratorType", "TRIM_HORIZON"), on_iterator);
}

static void list_next(struct walk *w);

static void on_shards(void *arg, int status, struct slice body, const struct error *err)
{
	struct walk *w = arg;
	JSON_AUTO o = !err && status == 200 ? json_loadb(body.p, body.n, 0, NULL) : NULL;
	const json_t *shard;
	size_t i;
	json_array_foreach(json_object_get(o, "Shards"), i, shard)
		add_place(w, w->streams[w->stream_at], jslice(shard, "ShardId"), 0);
	w->stream_at++;
	list_next(w);
}

static void list_next(struct walk *w)
{
	if (w->stream_at < w->stream_n)
		ask_stream(w, "ListShards", json_pack("{s:s#}", "StreamName", w->streams[w->stream_at].p, (int)w->streams[w->stream_at].n), on_shards);
	else if (w->find->n && w->find->places[w->find->n - 1].shard.p)
		next_place(w);
	else
		found_or_not(w);
}

static void on_streams(void *arg, int status, struct slice body, const struct error *err)
{
	struct walk *w = arg;
	JSON_AUTO o = !err && status == 200 ? json_loadb(body.p, body.n, 0, NULL) : NULL;
	const json_t *names = json_object_get(o, "StreamNames"), *name;
	size_t i;
	w->streams = arena_alloc(&w->arena, (json_array_size(names) + 1) * sizeof(*w->streams));
	json_array_foreach(names, i, name)
		w->streams[w->stream_n++] = arena_dup(&w->arena, json_slice(name));
	w->find->at = w->find->n - 1; /* next_place goes to the first shard */
	list_next(w);
}

static void begin_streams(struct walk *w)
{
	ask_stream(w, "ListStreams", json_pack("{s:i}", "Limit", 100), on_streams);
}

/* ---- ids ---- */

/* STREAM/SHARD/SEQUENCE. */
static void fetch_sequence(struct walk *w, struct slice name, struct slice shard, struct slice sequence)
{
	if (!w->env->ports->stream.self) {
		walk_not_found(w, "there are no streams");
		return;
	}
	add_place(w, name, shard, 0);
	w->find->by = FIND_PLACE;
	ask_stream(w, "GetShardIterator", json_pack("{s:s%,s:s%,s:s,s:s%}", "StreamName", name.p, name.n, "ShardId", shard.p, shard.n, "ShardIteratorType", "AT_SEQUENCE_NUMBER",
						    "StartingSequenceNumber", sequence.p, sequence.n), on_iterator);
}

/* "stream=NAME shard=ID sequence=N": what the journal has of a put. */
static bool of_stream(struct walk *w, const struct journal_entry *e)
{
	char name[129], shard[64], sequence[64];
	if (sscanf(e->detail, "stream=%128s shard=%63s sequence=%63s", name, shard, sequence) != 3)
		return false;
	w->trace = arena_dup(&w->arena, w->id);
	fetch_sequence(w, sl(name), sl(shard), sl(sequence));
	return true;
}

static void find_trace(struct walk *w)
{
	const struct journal_entry *e = journal_find(w->env->journal, w->id, "kafka");
	char topic[160];
	int partition;
	long long offset;
	w->find->by = FIND_TRACE;
	w->find->value = w->id;
	if (e && sscanf(e->detail, "topic=%159s partition=%d offset=%lld", topic, &partition, &offset) == 3 && offset >= 0) {
		fetch(w, sl(topic), partition, offset);
		return;
	}
	e = journal_find(w->env->journal, w->id, "kinesis");
	if (!(e && w->env->ports->stream.self && of_stream(w, e)))
		begin_topics(w);
}

static void find_object(struct walk *w)
{
	struct slice bucket, key, line, rest = sl_from(w->id, 5);
	struct connect *k = server_state(w->s, "connect");
	int64_t n = 1;
	sl_cut(rest, '/', &bucket, &key);
	sl_cut(key, '#', &key, &line);
	if (line.p && !sl_int(line, 1, INT64_MAX, &n))
		walk_not_found(w, "s3://BUCKET/KEY#LINE: a line is a number from 1 on");
	else if (k && (w->placed = con_written_at(k, &w->arena, bucket, key, n, &w->place))) /* this one, of all the objects that have it */
		fetch(w, w->place.topic, w->place.partition, w->place.offset);
	else
		walk_not_found(w, "no sink of this stack has written a line %lld of that object", (long long)n);
}

/* TOPIC/PARTITION/OFFSET, or of a stream. */
static bool find_place(struct walk *w)
{
	struct slice topic, partition, offset;
	int64_t p, o;
	sl_cut(w->id, '/', &topic, &partition);
	sl_cut(partition, '/', &partition, &offset);
	if (topic.n && sl_starts(partition, S("shardId-")) && offset.n) {
		fetch_sequence(w, topic, partition, offset);
		return true;
	}
	if (!topic.n || !sl_int(partition, 0, INT32_MAX, &p) || !sl_int(offset, 0, INT64_MAX, &o))
		return false;
	fetch(w, topic, (int)p, o);
	return true;
}

void walk_find(struct walk *w)
{
	struct find *f = w->find = arena_alloc(&w->arena, sizeof(*f));
	ssize_t equals = sl_chr(w->id, '=');
	if (sl_starts(w->id, S("s3://"))) {
		find_object(w);
	} else if (sl_eqs(w->id, "random")) {
		f->by = FIND_ANY;
		begin_topics(w);
	} else if (sl_starts(w->id, S("key:"))) {
		f->by = FIND_KEY;
		f->value = sl_from(w->id, 4);
		begin_topics(w);
	} else if (equals > 0) {
		f->by = FIND_FIELD;
		f->name = sl_of(w->id.p, (size_t)equals);
		f->value = sl_from(w->id, (size_t)equals + 1);
		begin_topics(w);
	} else if (w->id.n && sl_chr(w->id, '/') < 0) { /* a trace that the client named */
		find_trace(w);
	} else if (!find_place(w)) {
		walk_not_found(w, "an id is a trace (t-000000000012), TOPIC/PARTITION/OFFSET, STREAM/SHARD/SEQUENCE, s3://BUCKET/KEY#LINE, FIELD=VALUE, key:KEY or random");
	}
}
