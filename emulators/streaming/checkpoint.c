/* The files of a checkpoint folder, in Spark's form: a version line, then JSON. An offset of the Kinesis source is
 * Databricks': one object a shard, with its stream's name. Ours says more where there is no sequence number yet. */
#include <ctype.h>

#include "core/json.h"
#include "streaming/checkpoint.h"

/* ---- offsets in memory ---- */

void sq_offsets_free(struct sq_offsets *o)
{
	free(o->shards);
	free(o->variants);
	*o = (struct sq_offsets){ 0 };
}

void sq_offsets_copy(struct sq_offsets *to, const struct sq_offsets *from)
{
	struct sq_offsets copy = *from;
	copy.shards = xmalloc((from->n + 1) * sizeof(*copy.shards));
	if (from->n)
		memcpy(copy.shards, from->shards, from->n * sizeof(*copy.shards));
	copy.variants = from->variants ? xstrdup(from->variants) : NULL;
	sq_offsets_free(to);
	*to = copy;
}

struct sq_shard *sq_offsets_find(const struct sq_offsets *o, const char *id)
{
	for (size_t i = 0; i < o->n; i++)
		if (!strcmp(o->shards[i].id, id))
			return &o->shards[i];
	return NULL;
}

struct sq_shard *sq_offsets_add(struct sq_offsets *o, const char *id)
{
	struct sq_shard *found = sq_offsets_find(o, id);
	size_t at = o->n;
	if (found)
		return found;
	o->shards = xrealloc(o->shards, (o->n + 1) * sizeof(*o->shards));
	for (; at > 0 && strcmp(o->shards[at - 1].id, id) > 0; at--)
		o->shards[at] = o->shards[at - 1];
	o->n++;
	o->shards[at] = (struct sq_shard){ .from = SQ_TRIM_HORIZON };
	memcpy(o->shards[at].id, id, strnlen(id, SQ_ID_MAX));
	return &o->shards[at];
}

int sq_sequence_cmp(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	return n != m ? (n < m ? -1 : 1) : strcmp(a, b);
}

/* ---- reading ---- */

static int malformed(struct error *err, const char *name, const char *what)
{
	return err_set(err, ERR_INVALID, "%s: Log file was malformed: %s", name, what);
}

/* Takes the version line off. */
static int take_version(const char *name, struct slice *text, struct error *err)
{
	struct slice line, rest;
	int64_t version;
	if (!sl_trim(*text).n)
		return err_set(err, ERR_INVALID, "%s: Incomplete log file", name);
	if (text->n > SQ_FILE_MAX)
		return malformed(err, name, "too large");
	sl_cut(*text, '\n', &line, &rest);
	line = sl_trim(line);
	if (line.n < 2 || line.p[0] != 'v' || !sl_int(sl_from(line, 1), 1, INT32_MAX, &version))
		return err_set(err, ERR_INVALID, "%s: Log file was malformed: failed to read correct log version from %.*s.", name,
			       (int)(line.n > 40 ? 40 : line.n), line.p);
	if (version > 1)
		return err_set(err, ERR_INVALID,
			       "%s: UnsupportedLogVersion: maximum supported log version is v1, but encountered v%lld. The log file was "
			       "produced by a newer version and cannot be read by this version.", name, (long long)version);
	*text = rest.p ? rest : S("");
	return 0;
}

static json_t *load(struct slice text)
{
	return json_loadb(text.p, text.n, 0, NULL);
}

static bool put_text(char *to, size_t cap, const json_t *v, bool digits)
{
	const char *s = json_string_value(v);
	size_t n = s ? strlen(s) : 0;
	to[0] = '\0';
	if (!v || json_is_null(v))
		return digits;
	if (!s || !n || n >= cap || n != json_string_length(v))
		return false;
	for (size_t i = 0; i < n; i++)
		if (digits ? !isdigit((unsigned char)s[i]) : !(isalnum((unsigned char)s[i]) || strchr("_.-", s[i])))
			return false;
	memcpy(to, s, n + 1);
	return true;
}

static int read_shard(struct sq_offsets *o, const json_t *v, const char *name, struct error *err)
{
	const json_t *shard = json_object_get(v, "shard"), *at = json_object_get(v, "initialTimestamp");
	struct sq_shard s = { .from = SQ_TRIM_HORIZON, .closed = jtrue(v, "closed") };
	char stream[SQ_NAME_MAX + 1];
	if (!put_text(s.id, sizeof(s.id), json_object_get(shard, "shardId"), false) ||
	    !put_text(stream, sizeof(stream), json_object_get(shard, "stream"), false))
		return malformed(err, name, "an offset of the Kinesis source is {\"shard\":{\"stream\":...,\"shardId\":...},...}");
	if (!put_text(s.first, SQ_ID_MAX + 1, json_object_get(v, "firstSeqNum"), true) ||
	    !put_text(s.last, SQ_ID_MAX + 1, json_object_get(v, "lastSeqNum"), true) || (s.first[0] && !s.last[0]))
		return malformed(err, name, "a sequence number is digits");
	if (s.first[0] && sq_sequence_cmp(s.first, s.last) > 0)
		return malformed(err, name, "firstSeqNum comes after lastSeqNum");
	if (at && !json_is_null(at)) {
		if (!json_is_integer(at) || json_integer_value(at) < 0)
			return malformed(err, name, "initialTimestamp is a number of milliseconds");
		s.from = SQ_AT_TIMESTAMP;
		s.at_ms = json_integer_value(at);
	}
	if (o->stream[0] && strcmp(o->stream, stream))
		return malformed(err, name, "shards of two streams");
	if (sq_offsets_find(o, s.id))
		return malformed(err, name, "a shard stands twice");
	memcpy(o->stream, stream, sizeof(stream));
	*sq_offsets_add(o, s.id) = s;
	return 0;
}

static int read_shards(struct sq_offsets *o, struct slice line, const char *name, struct error *err)
{
	json_t *all = load(line), *v;
	size_t i;
	int rc = 0;
	if (!json_is_array(all))
		rc = malformed(err, name, "the source's offset is no list of shards: it was written by another kind of source");
	else if (json_array_size(all) > SQ_SHARDS_MAX)
		rc = malformed(err, name, "too many shards");
	else if (!json_array_size(all))
		rc = malformed(err, name, "no shards");
	else
		json_array_foreach(all, i, v)
			if ((rc = read_shard(o, v, name, err)))
				break;
	json_decref(all);
	return rc;
}

int sq_metadata_parse(const char *name, struct slice text, char id[37], struct error *err)
{
	json_t *v = text.n <= SQ_FILE_MAX ? load(text) : NULL;
	const char *s = jstr(v, "id");
	bool good = s && strlen(s) == 36;
	for (size_t i = 0; good && i < 36; i++)
		good = i == 8 || i == 13 || i == 18 || i == 23 ? s[i] == '-' : isxdigit((unsigned char)s[i]) != 0;
	if (good)
		memcpy(id, s, 37);
	json_decref(v);
	return good ? 0 : malformed(err, name, "a checkpoint's metadata is {\"id\":\"a UUID\"}");
}

static int read_batch(struct sq_offsets *o, struct slice line, const char *name, struct error *err)
{
	json_t *v = load(line);
	const json_t *at = json_object_get(v, "batchTimestampMs");
	const char *variants = jstr(json_object_get(v, "conf"), "tarn.lake.variants");
	bool good = json_is_object(v) && json_is_integer(at);
	if (good) {
		o->batch_ms = json_integer_value(at);
		o->watermark_ms = jint(v, "batchWatermarkMs");
		o->variants = variants ? xstrdup(variants) : NULL;
	}
	json_decref(v);
	return good ? 0 : malformed(err, name, "the second line is no batch metadata");
}

static int check_rest(struct slice rest, const char *name, struct error *err)
{
	return sl_trim(rest.p ? rest : S("")).n ? malformed(err, name, "this query has one source, the file says more") : 0;
}

int sq_offsets_parse(const char *name, struct slice text, struct sq_offsets *out, struct error *err)
{
	struct sq_offsets o = { 0 };
	struct slice batch, shards, rest;
	int rc = take_version(name, &text, err);
	if (rc)
		return rc;
	if (!sl_cut(text, '\n', &batch, &shards))
		return err_set(err, ERR_INVALID, "%s: Incomplete log file", name);
	sl_cut(shards, '\n', &shards, &rest);
	rc = read_batch(&o, batch, name, err);
	if (!rc)
		rc = read_shards(&o, shards, name, err);
	if (!rc)
		rc = check_rest(rest, name, err);
	if (rc)
		sq_offsets_free(&o);
	else
		*out = o;
	return rc;
}

int sq_initial_parse(const char *name, struct slice text, struct sq_offsets *out, struct error *err)
{
	struct sq_offsets o = { 0 };
	struct slice shards, rest;
	int rc = take_version(name, &text, err);
	if (rc)
		return rc;
	sl_cut(text, '\n', &shards, &rest);
	rc = read_shards(&o, shards, name, err);
	if (!rc)
		rc = check_rest(rest, name, err);
	if (rc)
		sq_offsets_free(&o);
	else
		*out = o;
	return rc;
}

int sq_commit_parse(const char *name, struct slice text, struct error *err)
{
	int rc = take_version(name, &text, err);
	json_t *v = rc ? NULL : load(text);
	if (!rc && !json_is_object(v))
		rc = malformed(err, name, "a commit is {\"nextBatchWatermarkMs\":0}");
	json_decref(v);
	return rc;
}

/* ---- writing ---- */

void sq_metadata_text(struct buf *b, const char *id)
{
	buf_addf(b, "{\"id\":\"%s\"}", id);
}

static void put_sequence(struct buf *b, const char *member, const char *s)
{
	if (s[0])
		buf_addf(b, ",\"%s\":\"%s\"", member, s);
	else
		buf_addf(b, ",\"%s\":null", member);
}

void sq_shards_json(struct buf *b, const struct sq_offsets *o)
{
	buf_addc(b, '[');
	for (size_t i = 0; i < o->n; i++) {
		const struct sq_shard *s = &o->shards[i];
		buf_addf(b, "%s{\"shard\":{\"stream\":\"%s\",\"shardId\":\"%s\"}", i ? "," : "", o->stream, s->id);
		put_sequence(b, "firstSeqNum", s->first);
		put_sequence(b, "lastSeqNum", s->last);
		if (s->from == SQ_AT_TIMESTAMP && !s->last[0])
			buf_addf(b, ",\"initialTimestamp\":%lld", (long long)s->at_ms);
		buf_addf(b, ",\"closed\":%s}", s->closed ? "true" : "false");
	}
	buf_addc(b, ']');
}

static void put_batch(struct buf *b, const struct sq_offsets *o)
{
	buf_addf(b, "v1\n{\"batchWatermarkMs\":%lld,\"batchTimestampMs\":%lld,\"conf\":{", (long long)o->watermark_ms, (long long)o->batch_ms);
	if (o->variants) {
		buf_adds(b, "\"tarn.lake.variants\":");
		buf_json_string(b, sl(o->variants));
	}
	buf_adds(b, "}}\n");
}

void sq_offsets_text(struct buf *b, const struct sq_offsets *o)
{
	put_batch(b, o);
	sq_shards_json(b, o);
}

void sq_initial_text(struct buf *b, const struct sq_offsets *o)
{
	buf_adds(b, "v1\n");
	sq_shards_json(b, o);
}

void sq_commit_text(struct buf *b, int64_t watermark_ms)
{
	buf_addf(b, "v1\n{\"nextBatchWatermarkMs\":%lld}", (long long)watermark_ms);
}

/* ---- sources without shards ---- */

static int read_mark(struct slice line, enum sq_source source, struct sq_mark *m, const char *name, struct error *err)
{
	json_t *v = json_loadb(line.p ? line.p : "", line.n, JSON_DECODE_ANY, NULL);
	static const char *const members[] = { [SQ_RATE_BATCH] = "offset", [SQ_DELTA] = "reservoirVersion", [SQ_FILES] = "logOffset" };
	const char *member = source == SQ_RATE ? NULL : members[source];
	const json_t *at = member ? json_object_get(v, member) : v, *index = json_object_get(v, "index");
	bool good = json_is_integer(at) && json_integer_value(at) >= 0;
	*m = (struct sq_mark){ .at = good ? json_integer_value(at) : 0, .index = index ? json_integer_value(index) : -1, .ms = jint(v, "timestamp"),
			       .initial = json_is_true(json_object_get(v, "isStartingVersion")) };
	json_decref(v);
	return good ? 0 : malformed(err, name, "the source's offset was written by another kind of source");
}

int sq_mark_parse(const char *name, struct slice text, enum sq_source source, struct sq_offsets *out, struct error *err)
{
	struct sq_offsets o = { 0 };
	struct slice batch, mark, rest;
	int rc = take_version(name, &text, err);
	if (rc)
		return rc;
	if (!sl_cut(text, '\n', &batch, &mark))
		return err_set(err, ERR_INVALID, "%s: Incomplete log file", name);
	sl_cut(mark, '\n', &mark, &rest);
	rc = read_batch(&o, batch, name, err);
	if (!rc)
		rc = read_mark(mark, source, &o.mark, name, err);
	if (!rc)
		rc = check_rest(rest, name, err);
	if (rc)
		sq_offsets_free(&o);
	else
		*out = o;
	return rc;
}

void sq_mark_json(struct buf *b, enum sq_source source, const struct sq_mark *m)
{
	switch (source) {
	case SQ_RATE_BATCH:
		buf_addf(b, "{\"offset\":%lld,\"timestamp\":%lld}", (long long)m->at, (long long)m->ms);
		return;
	case SQ_DELTA:
		buf_addf(b, "{\"sourceVersion\":1,\"reservoirVersion\":%lld,\"index\":%lld,\"isStartingVersion\":%s}", (long long)m->at, (long long)m->index,
			 m->initial ? "true" : "false");
		return;
	case SQ_FILES:
		buf_addf(b, "{\"logOffset\":%lld}", (long long)m->at);
		return;
	case SQ_RATE:
	case SQ_KINESIS:
		buf_addf(b, "%lld", (long long)m->at);
		return;
	}
	abort();
}

void sq_mark_text(struct buf *b, enum sq_source source, const struct sq_offsets *o)
{
	put_batch(b, o);
	sq_mark_json(b, source, &o->mark);
}

int sq_mark_initial_parse(const char *name, struct slice text, enum sq_source source, struct sq_mark *out, struct error *err)
{
	int rc = take_version(name, &text, err);
	if (rc)
		return rc;
	rc = read_mark(text, source, out, name, err);
	if (!rc && source == SQ_RATE) { /* the moment it began */
		out->ms = out->at;
		out->at = 0;
	}
	return rc;
}

void sq_mark_initial_text(struct buf *b, enum sq_source source, const struct sq_mark *m)
{
	const struct sq_mark began = { .at = m->ms };
	buf_adds(b, "v1\n");
	sq_mark_json(b, source, source == SQ_RATE ? &began : m);
}

int sq_files_parse(const char *name, struct slice text, int (*each)(void *arg, struct slice path), void *arg, struct error *err)
{
	struct slice line;
	int rc = take_version(name, &text, err);
	while (!rc && text.p && text.n) {
		sl_cut(text, '\n', &line, &text);
		if (!sl_trim(line).n)
			continue;
		json_t *v = load(line);
		struct slice path = jslice(v, "path");
		rc = path.n && path.n < SQ_OPTION_MAX ? each(arg, path) : malformed(err, name, "a line of a file source is {\"path\":...}");
		json_decref(v);
	}
	return rc;
}
