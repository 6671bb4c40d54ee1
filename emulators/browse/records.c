/* Records of topics and streams, as the console looks at them: backwards from the end, or onwards from somewhere. */
#include <jansson.h>

#include "core/json.h"
#include "kproto/batch.h"
#include "browse/browse.h"

enum { LIMIT = 50, LIMIT_MOST = 500, LOOKED_MOST = 100000, PLACES_MAX = 1024, WINDOW = 500, PIECE_BYTES = 256 << 10, VALUE_MOST = 64 << 10, VALUE_LEAST = 1 << 10, WHOLE_MOST = 16 << 20 };

struct place {
	struct slice name, shard; /* shard absent: a topic's */
	int partition;
	int64_t start, end;       /* of a topic's */
	bool open;                /* shard */
};

enum from { FROM_NEWEST, FROM_OLDEST, FROM_OFFSET, FROM_TIME };
enum compare { NONE, CONTAINS, EQUAL, UNEQUAL, LESS, MORE, LESS_EQUAL, MORE_EQUAL };

struct kept {
	int64_t at_ms, offset;
	size_t place;
	struct slice json, sequence;
};

struct look {
	struct browse v;
	struct place *places;
	size_t n, cap, at, topic_n;
	struct slice *streams;
	size_t stream_n, stream_at;
	/* records */
	bool of_stream, wants_records;
	struct slice name, shard, sequence, iterator;
	int64_t partition, offset, from_ms, limit;
	enum from from;
	enum compare compare;
	struct slice path, value;
	struct kept *kept;      /* ring of the newest, or the first ones, of the place; all places' before it */
	size_t kept_n, kept_cap, kept_from;
	int64_t from_at, to_at, next_at, low, high;
	size_t looked, bytes;
	bool more;
};

static void next_place(struct look *l);

/* ---- the filter ---- */

static bool contains(struct slice text, struct slice what)
{
	return text.p && text.n >= what.n && memmem(text.p, text.n, what.p, what.n);
}

static bool compares(enum compare how, int order)
{
	return how == EQUAL ? order == 0 : how == UNEQUAL ? order != 0 : how == LESS ? order < 0 : how == MORE ? order > 0 : how == LESS_EQUAL ? order <= 0 : order >= 0;
}

static bool member_fits(const struct look *l, struct slice value)
{
	JSON_AUTO o = json_loadb(value.p, value.n, JSON_DECODE_ANY, NULL);
	const json_t *v = o;
	struct slice rest = l->path, name;
	while (v && rest.p && rest.n) {
		sl_cut(rest, '.', &name, &rest);
		v = json_object_getn(v, name.p, name.n);
	}
	if (!v)
		return l->compare == UNEQUAL;
	char text[32], *end;
	snprintf(text, sizeof(text), "%.*s", SL(l->value));
	double number = strtod(text, &end);
	if (json_is_number(v) && end != text && !*end) {
		double d = json_number_value(v);
		return compares(l->compare, d < number ? -1 : d > number);
	}
	char *dump = json_is_string(v) ? NULL : json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
	struct slice have = dump ? sl(dump) : json_slice(v);
	size_t n = have.n < l->value.n ? have.n : l->value.n;
	int order = n ? memcmp(have.p, l->value.p, n) : 0;
	bool fits = compares(l->compare, order ? order : have.n < l->value.n ? -1 : have.n > l->value.n);
	free(dump);
	return fits;
}

static bool fits(const struct look *l, struct slice key, struct slice value)
{
	if (l->compare == NONE)
		return true;
	if (l->compare == CONTAINS)
		return contains(key, l->value) || contains(value, l->value);
	return member_fits(l, value);
}

/* "$.a.b == c"; anything else is a text that is looked for. */
static void read_filter(struct look *l, struct slice text)
{
	static const struct {
		const char *sign;
		enum compare how;
	} signs[] = { { "==", EQUAL }, { "!=", UNEQUAL }, { "<=", LESS_EQUAL }, { ">=", MORE_EQUAL }, { "<", LESS }, { ">", MORE } };
	text = sl_trim(text);
	l->value = text;
	l->compare = text.n ? CONTAINS : NONE;
	for (size_t i = 0; sl_starts(text, S("$.")) && l->compare == CONTAINS && i < ARRAY_LEN(signs); i++) {
		ssize_t at = sl_find(text, sl(signs[i].sign));
		if (at < 0)
			continue;
		l->compare = signs[i].how;
		l->path = sl_trim(sl_of(text.p + 2, (size_t)at - 2));
		l->value = sl_trim(sl_from(text, (size_t)at + strlen(signs[i].sign)));
		if (l->value.n > 1 && (l->value.p[0] == '"' || l->value.p[0] == '\'') && l->value.p[l->value.n - 1] == l->value.p[0])
			l->value = sl_of(l->value.p + 1, l->value.n - 2);
	}
}

/* ---- what is kept ---- */

/* Once 16 MiB are kept, no more than the beginning of each value is. */
static void add_bytes(const struct look *l, struct buf *b, const char *name, struct slice v)
{
	bool text = v.p && sl_is_utf8(v);
	size_t most = l->bytes < WHOLE_MOST ? VALUE_MOST : VALUE_LEAST, n = v.n < most ? v.n : most;
	while (text && n < v.n && n && ((unsigned char)v.p[n] & 0xc0) == 0x80)
		n--;
	if (!v.p || text) {
		jw_str(b, name, v.p ? sl_of(v.p, n) : v);
	} else {
		jw_name(b, name);
		buf_addc(b, '"');
		buf_base64(b, v.p, n);
		buf_addc(b, '"');
		jw_bool(b, name[0] == 'k' ? "key_base64" : "base64", true);
	}
	if (n < v.n)
		jw_bool(b, "cut", true);
}

static void add_headers(struct buf *b, struct slice headers, int32_t n)
{
	struct slice name, value;
	jw_obj(b, "headers");
	for (int32_t i = 0; i < n && headers.n && kp_header_next(&headers, &name, &value); i++) {
		jw_key(b, name);
		jw_str(b, NULL, !value.p || sl_is_utf8(value) ? value : S("(bytes that are no text)"));
	}
	jw_obj_end(b);
}

/* The newest take the place of the oldest of the same place. */
static void keep(struct look *l, int64_t at_ms, int64_t offset, struct slice sequence, struct slice key, struct slice value, const struct log_record *r)
{
	const struct place *p = &l->places[l->at];
	struct buf *b = &l->v.out;
	char when[32];
	clock_iso(at_ms, when);
	buf_reset(b);
	jw_obj(b, NULL);
	if (p->shard.p) {
		jw_str(b, "shard", p->shard);
		jw_str(b, "sequence", sequence);
		jw_str(b, "id", arena_printf(&l->v.arena, "%.*s/%.*s/%.*s", SL(p->name), SL(p->shard), SL(sequence)));
	} else {
		jw_int(b, "partition", p->partition);
		jw_int(b, "offset", offset);
		jw_str(b, "id", arena_printf(&l->v.arena, "%.*s/%d/%lld", SL(p->name), p->partition, (long long)offset));
	}
	jw_text(b, "time", when);
	add_bytes(l, b, "key", key);
	add_bytes(l, b, "value", value);
	jw_int(b, "bytes", (int64_t)value.n);
	if (r && r->trace.n)
		jw_str(b, "trace", r->trace);
	if (r)
		add_headers(b, r->headers, r->header_n);
	jw_obj_end(b);
	l->bytes += b->n;
	ARENA_GROW(&l->v.arena, l->kept, l->kept_n, l->kept_cap);
	l->kept[l->kept_n++] = (struct kept){ at_ms, offset, l->at, arena_dup(&l->v.arena, buf_slice(b)), sequence.p ? arena_dup(&l->v.arena, sequence) : sequence };
}

static int by_place(const struct kept *a, const struct kept *b)
{
	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static int oldest_first(const void *x, const void *y)
{
	const struct kept *a = x, *b = y;
	return a->at_ms != b->at_ms ? (a->at_ms < b->at_ms ? -1 : 1) : by_place(a, b);
}

static int newest_first(const void *x, const void *y)
{
	return oldest_first(y, x);
}

static void end_records(struct look *l)
{
	struct buf b = { 0 };
	if (l->kept_n)
		qsort(l->kept, l->kept_n, sizeof(*l->kept), l->from == FROM_NEWEST ? newest_first : oldest_first);
	jw_obj(&b, NULL);
	jw_list(&b, "records");
	for (size_t i = 0; i < l->kept_n && i < (size_t)l->limit; i++)
		jw_raw(&b, NULL, l->kept[i].json);
	jw_list_end(&b);
	jw_int(&b, "looked", (int64_t)l->looked);
	jw_bool(&b, "more", l->more || l->kept_n > (size_t)l->limit);
	jw_obj_end(&b);
	browse_end(&l->v, 200, &b);
}

/* ---- topics ---- */

static void read_on(struct look *l);

static size_t kept_here(const struct look *l)
{
	return l->kept_n - l->kept_from;
}

static void on_records(void *arg, int code, const struct log_record *r, size_t n, int64_t next, int64_t high)
{
	struct look *l = arg;
	bool back = l->from == FROM_NEWEST;
	for (size_t i = 0; !code && i < n && r[i].offset < l->to_at && (back || kept_here(l) < (size_t)l->limit); i++) {
		if (r[i].offset < l->next_at)
			continue;
		l->looked++;
		if ((l->from != FROM_TIME || r[i].timestamp_ms >= l->from_ms) && fits(l, r[i].key, r[i].value))
			keep(l, r[i].timestamp_ms, r[i].offset, sl(NULL), r[i].key, r[i].value, &r[i]);
	}
	bool some = !code && n && next > l->next_at;
	l->next_at = next;
	if (some && next < l->to_at && next < high && (back || kept_here(l) < (size_t)l->limit) && l->looked < LOOKED_MOST) {
		read_on(l);
	} else if (back && !code && l->from_at > l->low && kept_here(l) < (size_t)l->limit && l->looked < LOOKED_MOST) { /* the window before */
		l->to_at = l->from_at;
		l->from_at = l->next_at = l->to_at - l->low > WINDOW ? l->to_at - WINDOW : l->low;
		read_on(l);
	} else {
		l->more = l->more || (back ? l->from_at > l->low : next < l->high);
		next_place(l);
	}
}

static void read_on(struct look *l)
{
	const struct record_log *log = &l->v.env->ports->log;
	const struct place *p = &l->places[l->at];
	owed_keep(&l->v.waits, log->read(log->self, p->name, p->partition, l->next_at, PIECE_BYTES, on_records, l));
}

static void begin_place(struct look *l)
{
	const struct place *p = &l->places[l->at];
	int64_t window = l->limit > WINDOW || l->compare != NONE ? WINDOW : l->limit;
	l->low = p->start;
	l->high = l->to_at = p->end;
	l->from_at = l->next_at = l->from == FROM_NEWEST ? (p->end - p->start > window ? p->end - window : p->start)
				: l->from == FROM_OFFSET ? (l->offset > p->start ? l->offset : p->start) : p->start;
	if (l->next_at >= p->end)
		next_place(l);
	else
		read_on(l);
}

/* The first record from a time on, between .low and .high. */
static void search(struct look *l);

static void on_probe(void *arg, int code, const struct log_record *r, size_t n, int64_t next, int64_t high)
{
	struct look *l = arg;
	int64_t middle = l->low + (l->high - l->low) / 2;
	(void)next;
	(void)high;
	if (!code && n && r[0].timestamp_ms < l->from_ms)
		l->low = middle + 1;
	else
		l->high = middle;
	search(l);
}

static void search(struct look *l)
{
	const struct record_log *log = &l->v.env->ports->log;
	struct place *p = &l->places[l->at];
	if (l->low < l->high) {
		owed_keep(&l->v.waits, log->read(log->self, p->name, p->partition, l->low + (l->high - l->low) / 2, 1, on_probe, l));
		return;
	}
	p->start = l->low;
	begin_place(l);
}

static void look_at(struct look *l)
{
	const struct place *p = &l->places[l->at];
	l->kept_from = l->kept_n;
	if (l->from != FROM_TIME) {
		begin_place(l);
		return;
	}
	l->low = p->start;
	l->high = p->end;
	search(l);
}

/* ---- streams ---- */

static void ask_stream(struct look *l, const char *action, json_t *in, stream_cb cb)
{
	const struct stream *s = &l->v.env->ports->stream;
	char *text = json_dumps(in, JSON_COMPACT);
	json_decref(in);
	owed_keep(&l->v.waits, s->call(s->self, sl(NULL), sl(action), sl(text), STREAM_LOOKS, cb, l));
	free(text);
}

static json_t *text_of(struct slice s)
{
	return json_stringn(s.p, s.n);
}

/* Of the newest, no more than are shown stay. */
static void drop_old(struct look *l)
{
	size_t n = kept_here(l), most = (size_t)l->limit;
	if (l->from != FROM_NEWEST || n <= 2 * most)
		return;
	memmove(l->kept + l->kept_from, l->kept + l->kept_n - most, most * sizeof(*l->kept));
	l->kept_n = l->kept_from + most;
	l->more = true;
}

static void on_data(void *arg, int status, struct slice body, const struct error *err)
{
	struct look *l = arg;
	JSON_AUTO o = !err && status == 200 ? json_loadb(body.p, body.n, 0, NULL) : NULL;
	const json_t *r;
	size_t i;
	json_array_foreach(json_object_get(o, "Records"), i, r) {
		struct slice data;
		l->looked++;
		if (!arena_base64(&l->v.arena, jslice(r, "Data"), &data) || !fits(l, jslice(r, "PartitionKey"), data))
			continue;
		if (l->from != FROM_NEWEST && kept_here(l) >= (size_t)l->limit) {
			l->more = true;
			break;
		}
		keep(l, (int64_t)(jnum(r, "ApproximateArrivalTimestamp") * 1000), (int64_t)l->looked, jslice(r, "SequenceNumber"), jslice(r, "PartitionKey"), data, NULL);
	}
	drop_old(l);
	struct slice next = jslice(o, "NextShardIterator");
	bool on = next.n && (i > 0 || jint(o, "MillisBehindLatest") > 0) && (l->from == FROM_NEWEST || kept_here(l) < (size_t)l->limit);
	if (!o)
		browse_fail(&l->v, 502, "%.*s", err ? (int)strlen(err->text) : (int)body.n, err ? err->text : body.p);
	else if (on && l->looked < LOOKED_MOST)
		ask_stream(l, "GetRecords", json_pack("{s:o,s:i}", "ShardIterator", text_of(next), "Limit", WINDOW), on_data);
	else
		next_place(l);
}

static void on_iterator(void *arg, int status, struct slice body, const struct error *err)
{
	struct look *l = arg;
	JSON_AUTO o = !err && status == 200 ? json_loadb(body.p, body.n, 0, NULL) : NULL;
	struct slice iterator = jslice(o, "ShardIterator");
	if (iterator.n)
		ask_stream(l, "GetRecords", json_pack("{s:o,s:i}", "ShardIterator", text_of(iterator), "Limit", WINDOW), on_data);
	else
		browse_fail(&l->v, status == 400 ? 400 : 502, "%.*s", err ? (int)strlen(err->text) : (int)body.n, err ? err->text : body.p);
}

static void look_at_shard(struct look *l)
{
	const struct place *p = &l->places[l->at];
	json_t *in = json_pack("{s:o,s:o}", "StreamName", text_of(p->name), "ShardId", text_of(p->shard));
	const char *type = l->from == FROM_OFFSET ? "AT_SEQUENCE_NUMBER" : l->from == FROM_TIME ? "AT_TIMESTAMP" : "TRIM_HORIZON";
	json_object_set_new(in, "ShardIteratorType", json_string(type));
	if (l->from == FROM_OFFSET)
		json_object_set_new(in, "StartingSequenceNumber", text_of(l->sequence));
	if (l->from == FROM_TIME)
		json_object_set_new(in, "Timestamp", json_real((double)l->from_ms / 1000));
	l->kept_from = l->kept_n;
	ask_stream(l, "GetShardIterator", in, on_iterator);
}

/* ---- what there is ---- */

static void end_list(struct look *l)
{
	struct buf b = { 0 };
	jw_obj(&b, NULL);
	jw_list(&b, "topics");
	for (size_t i = 0; i < l->topic_n; i++) {
		const struct place *p = &l->places[i];
		if (!p->partition) {
			jw_obj(&b, NULL);
			jw_str(&b, "name", p->name);
			jw_list(&b, "partitions");
		}
		jw_obj(&b, NULL);
		jw_int(&b, "partition", p->partition);
		jw_int(&b, "start", p->start);
		jw_int(&b, "end", p->end);
		jw_obj_end(&b);
		if (i + 1 == l->topic_n || !p[1].partition) {
			jw_list_end(&b);
			jw_obj_end(&b);
		}
	}
	jw_list_end(&b);
	jw_list(&b, "streams");
	for (size_t i = 0, at = l->topic_n; i < l->stream_n; i++) {
		jw_obj(&b, NULL);
		jw_str(&b, "name", l->streams[i]);
		jw_list(&b, "shards");
		for (; at < l->n && sl_eq(l->places[at].name, l->streams[i]); at++) {
			jw_obj(&b, NULL);
			jw_str(&b, "shard", l->places[at].shard);
			jw_bool(&b, "open", l->places[at].open);
			jw_obj_end(&b);
		}
		jw_list_end(&b);
		jw_obj_end(&b);
	}
	jw_list_end(&b);
	jw_obj_end(&b);
	browse_end(&l->v, 200, &b);
}

static void begin_reading(struct look *l)
{
	if (l->wants_records && !l->n) {
		browse_fail(&l->v, 404, "there is no %s %.*s%s", l->of_stream ? "stream" : "topic", SL(l->name), l->partition >= 0 || l->shard.p ? " with that partition or shard" : "");
	} else if (l->wants_records) {
		l->at = (size_t)-1;
		next_place(l);
	} else {
		end_list(l);
	}
}

static void next_place(struct look *l)
{
	if (++l->at >= l->n || l->looked >= LOOKED_MOST)
		end_records(l);
	else if (l->of_stream)
		look_at_shard(l);
	else
		look_at(l);
}

static void add_place(struct look *l, struct place p)
{
	if (l->n == PLACES_MAX)
		return;
	ARENA_GROW(&l->v.arena, l->places, l->n, l->cap);
	p.name = arena_dup(&l->v.arena, p.name);
	p.shard = p.shard.p ? arena_dup(&l->v.arena, p.shard) : p.shard;
	l->places[l->n++] = p;
}

static void next_stream(struct look *l);

static void on_shards(void *arg, int status, struct slice body, const struct error *err)
{
	struct look *l = arg;
	JSON_AUTO o = !err && status == 200 ? json_loadb(body.p, body.n, 0, NULL) : NULL;
	const json_t *shard;
	size_t i;
	json_array_foreach(json_object_get(o, "Shards"), i, shard) {
		struct place p = { .name = l->streams[l->stream_at], .shard = jslice(shard, "ShardId") };
		p.open = !json_object_get(json_object_get(shard, "SequenceNumberRange"), "EndingSequenceNumber");
		if (!l->shard.p || sl_eq(l->shard, p.shard))
			add_place(l, p);
	}
	l->stream_at++;
	next_stream(l);
}

static void next_stream(struct look *l)
{
	if (l->stream_at < l->stream_n)
		ask_stream(l, "ListShards", json_pack("{s:o}", "StreamName", text_of(l->streams[l->stream_at])), on_shards);
	else
		begin_reading(l);
}

static void on_streams(void *arg, int status, struct slice body, const struct error *err)
{
	struct look *l = arg;
	JSON_AUTO o = !err && status == 200 ? json_loadb(body.p, body.n, 0, NULL) : NULL;
	const json_t *names = json_object_get(o, "StreamNames"), *name;
	size_t i;
	l->streams = arena_alloc(&l->v.arena, (json_array_size(names) + 1) * sizeof(*l->streams));
	json_array_foreach(names, i, name)
		l->streams[l->stream_n++] = arena_dup(&l->v.arena, json_slice(name));
	next_stream(l);
}

static void list_streams(struct look *l)
{
	l->topic_n = l->n;
	if (l->v.env->ports->stream.self && !l->wants_records)
		ask_stream(l, "ListStreams", json_pack("{s:i}", "Limit", 1000), on_streams);
	else
		begin_reading(l);
}

static void next_bounds(struct look *l);

static void on_bounds(void *arg, int code, const struct log_record *r, size_t n, int64_t next, int64_t high)
{
	struct look *l = arg;
	struct place *p = &l->places[l->at++];
	p->start = code ? 0 : n ? r[0].offset : next;
	p->end = code ? 0 : high;
	next_bounds(l);
}

static void next_bounds(struct look *l)
{
	const struct record_log *log = &l->v.env->ports->log;
	if (l->at < l->n)
		owed_keep(&l->v.waits, log->read(log->self, l->places[l->at].name, l->places[l->at].partition, -2, 1, on_bounds, l));
	else
		list_streams(l);
}

static void on_topics(void *arg, const struct topic_info *t, size_t n, const struct error *err)
{
	struct look *l = arg;
	if (err) {
		browse_fail(&l->v, 502, "%s", err->text);
		return;
	}
	for (size_t i = 0; i < n; i++)
		for (int p = 0; (!l->wants_records || sl_eq(t[i].name, l->name)) && p < t[i].partition_n; p++)
			if (l->partition < 0 || l->partition == p)
				add_place(l, (struct place){ .name = t[i].name, .partition = p });
	next_bounds(l);
}

static struct look *begin(void *self, struct http_call *call)
{
	struct look *l = browse_begin(self, call, sizeof(*l));
	l->partition = -1;
	l->limit = LIMIT;
	return l;
}

static void begin_topics(struct look *l)
{
	const struct record_log *log = &l->v.env->ports->log;
	if (log->self)
		owed_keep(&l->v.waits, log->topics(log->self, on_topics, l));
	else
		on_topics(l, NULL, 0, NULL);
}

void browse_streams(void *self, struct http_call *call)
{
	begin_topics(begin(self, call));
}

/* newest, oldest, a number, a time. */
static bool read_from(struct look *l, struct slice from)
{
	if (!from.n || sl_eqs(from, "newest"))
		l->from = FROM_NEWEST;
	else if (sl_eqs(from, "oldest"))
		l->from = FROM_OLDEST;
	else if (sl_int(from, 0, INT64_MAX, &l->offset) || (l->of_stream && strspn(arena_cstr(&l->v.arena, from), "0123456789") == from.n))
		l->from = FROM_OFFSET;
	else if (clock_parse_iso(from, &l->from_ms))
		l->from = FROM_TIME;
	else
		return false;
	l->sequence = from;
	return true;
}

void browse_records(void *self, struct http_call *call)
{
	struct look *l = begin(self, call);
	const struct http_req *q = &call->req;
	struct slice topic = http_query(q, "topic"), stream = http_query(q, "stream"), partition = http_query(q, "partition"), limit = http_query(q, "limit");
	struct error err;
	l->wants_records = true;
	l->of_stream = stream.n > 0;
	l->name = l->of_stream ? stream : topic;
	l->shard = http_query(q, "shard");
	read_filter(l, http_query(q, "filter"));
	if (!l->name.n || (topic.n && stream.n))
		browse_fail(&l->v, 400, "?topic=NAME or ?stream=NAME says whose");
	else if (!read_from(l, http_query(q, "from")))
		browse_fail(&l->v, 400, "from is newest, oldest, an offset, or a time as 2026-01-05T09:00:00Z");
	else if ((limit.p && !sl_int(limit, 1, LIMIT_MOST, &l->limit)) || (partition.n && !sl_int(partition, 0, INT32_MAX, &l->partition)))
		browse_fail(&l->v, 400, "limit is a number up to %d, partition a number", LIMIT_MOST);
	else if (port_needed(l->v.env, l->of_stream ? PORT_STREAM : PORT_LOG, &err))
		browse_fail(&l->v, 404, "%s", err.text);
	else if (l->of_stream) {
		l->streams = &l->name;
		l->stream_n = 1;
		next_stream(l);
	} else {
		begin_topics(l);
	}
}
