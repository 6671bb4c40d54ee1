/* Lines of the log, in and out. */
#include "delta/delta.h"

#include "core/json.h"
#include "core/sigv4.h"
#include "core/text.h"

/* ---- in ---- */

struct parse {
	struct arena *a;
	struct error *err;
	const char *bad; /* what is wrong with the line */
};

static struct slice text_of(struct parse *p, json_t *obj, const char *key, bool needed)
{
	json_t *v = json_object_get(obj, key);
	if (json_is_string(v))
		return arena_dup(p->a, sl_of(json_string_value(v), json_string_length(v)));
	if (needed || (v && !json_is_null(v)))
		p->bad = key;
	return sl(NULL);
}

static int64_t int_of(struct parse *p, json_t *obj, const char *key, bool needed)
{
	json_t *v = json_object_get(obj, key);
	if (json_is_integer(v))
		return json_integer_value(v);
	if (needed || (v && !json_is_null(v)))
		p->bad = key;
	return 0;
}

static struct slice json_of(struct parse *p, json_t *v)
{
	char *text = v ? json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
	struct slice s = text ? arena_dup(p->a, sl(text)) : sl(NULL);
	free(text);
	return s;
}

static struct slice *texts_of(struct parse *p, json_t *list, const char *key, size_t *n)
{
	struct slice *out = arena_alloc(p->a, (json_array_size(list) + 1) * sizeof(*out));
	json_t *v;
	size_t i;
	*n = 0;
	json_array_foreach(list, i, v) {
		if (json_is_string(v))
			out[(*n)++] = arena_dup(p->a, sl(json_string_value(v)));
		else
			p->bad = key;
	}
	return out;
}

static void parse_protocol(struct parse *p, json_t *j, struct delta_protocol *out)
{
	int64_t reader = int_of(p, j, "minReaderVersion", true), writer = int_of(p, j, "minWriterVersion", true);
	if (reader < 0 || reader > 1000 || writer < 0 || writer > 1000)
		p->bad = "minReaderVersion";
	out->reader = (int)reader;
	out->writer = (int)writer;
	out->reader_features = texts_of(p, json_object_get(j, "readerFeatures"), "readerFeatures", &out->reader_feature_n);
	out->writer_features = texts_of(p, json_object_get(j, "writerFeatures"), "writerFeatures", &out->writer_feature_n);
	delta_protocol_judge(out);
}

static void parse_meta(struct parse *p, json_t *j, struct delta_meta *m)
{
	json_t *partition = json_object_get(j, "partitionColumns"), *config = json_object_get(j, "configuration"), *v;
	const char *key;
	m->id = text_of(p, j, "id", true);
	m->name = text_of(p, j, "name", false);
	m->description = text_of(p, j, "description", false);
	m->schema_text = text_of(p, j, "schemaString", false); /* a table without columns has none */
	m->created_ms = int_of(p, j, "createdTime", false);
	m->partition = texts_of(p, partition, "partitionColumns", &m->partition_n);
	m->config = arena_alloc(p->a, (json_object_size(config) + 1) * sizeof(*m->config));
	json_object_foreach(config, key, v) {
		if (!json_is_string(v))
			p->bad = "configuration";
		else
			m->config[m->config_n++] = (struct delta_pair){ arena_dup(p->a, sl(key)), arena_dup(p->a, sl(json_string_value(v))) };
	}
}

static void parse_vector(struct parse *p, json_t *j, struct delta_vector *v)
{
	struct slice storage = text_of(p, j, "storageType", true);
	v->storage = storage.n == 1 ? storage.p[0] : '?';
	v->where = text_of(p, j, "pathOrInlineDv", true);
	v->offset = int_of(p, j, "offset", false);
	v->size = int_of(p, j, "sizeInBytes", true);
	v->rows = int_of(p, j, "cardinality", true);
}

static void parse_file(struct parse *p, json_t *j, bool add, struct delta_file *f)
{
	json_t *partition = json_object_get(j, "partitionValues");
	f->path = text_of(p, j, "path", true);
	f->partition = json_is_object(partition) ? json_of(p, partition) : S("{}");
	f->size = int_of(p, j, "size", add);
	f->data_change = !json_is_false(json_object_get(j, "dataChange"));
	f->live = add;
	if (add) {
		f->modified_ms = int_of(p, j, "modificationTime", true);
		f->stats = text_of(p, j, "stats", false);
	} else {
		f->deleted_ms = int_of(p, j, "deletionTimestamp", false);
	}
	if (json_is_object(json_object_get(j, "deletionVector")))
		parse_vector(p, json_object_get(j, "deletionVector"), &f->vector);
}

static void parse_line(struct parse *p, json_t *line, struct delta_action *out)
{
	json_t *j;
	if ((j = json_object_get(line, "add"))) {
		out->kind = DELTA_A_ADD;
		parse_file(p, j, true, &out->file);
	} else if ((j = json_object_get(line, "remove"))) {
		out->kind = DELTA_A_REMOVE;
		parse_file(p, j, false, &out->file);
	} else if ((j = json_object_get(line, "metaData"))) {
		out->kind = DELTA_A_META;
		parse_meta(p, j, &out->meta);
	} else if ((j = json_object_get(line, "protocol"))) {
		out->kind = DELTA_A_PROTOCOL;
		parse_protocol(p, j, &out->protocol);
	} else if ((j = json_object_get(line, "txn"))) {
		out->kind = DELTA_A_TXN;
		out->txn.app = text_of(p, j, "appId", true);
		out->txn.version = int_of(p, j, "version", true);
		out->txn.updated_ms = int_of(p, j, "lastUpdated", false);
	} else if ((j = json_object_get(line, "sidecar"))) {
		out->kind = DELTA_A_SIDECAR;
		out->file.path = text_of(p, j, "path", true);
	} else if ((j = json_object_get(line, "commitInfo"))) {
		out->kind = DELTA_A_INFO;
		out->info = json_of(p, j);
	}
	/* {"add":null} isn't an action. */
	if (out->kind != DELTA_A_OTHER && !json_is_object(j))
		p->bad = "an action that isn't an object";
}

int delta_parse(struct arena *a, struct slice text, delta_action_fn fn, void *arg, struct error *err)
{
	struct slice rest = text, line;
	int64_t number = 0;
	int rc = 0;
	while (rc == 0 && rest.n) {
		struct parse p = { .a = a, .err = err };
		struct delta_action action = { .kind = DELTA_A_OTHER };
		json_error_t je;
		json_t *j;
		(void)sl_cut(rest, '\n', &line, &rest);
		number++;
		line = sl_trim(line);
		if (!line.n)
			continue;
		j = json_loadb(line.p, line.n, 0, &je);
		if (!json_is_object(j)) {
			rc = delta_fail(err, DELTA_E_LOG, "line %lld isn't a JSON object: %s", (long long)number, j ? "another value" : je.text);
		} else {
			parse_line(&p, j, &action);
			if (p.bad)
				rc = delta_fail(err, DELTA_E_LOG, "line %lld: wrong or missing: %s", (long long)number, p.bad);
		}
		json_decref(j);
		if (rc == 0)
			rc = fn(arg, &action, err);
	}
	return rc;
}

/* ---- out ---- */

static void put_texts(struct buf *b, const char *key, const struct slice *v, size_t n)
{
	jw_list(b, key);
	for (size_t i = 0; i < n; i++)
		jw_str(b, NULL, v[i]);
	jw_list_end(b);
}

void delta_put_protocol(struct buf *b, const struct delta_protocol *p)
{
	jw_obj(b, NULL);
	jw_obj(b, "protocol");
	jw_int(b, "minReaderVersion", p->reader);
	jw_int(b, "minWriterVersion", p->writer);
	if (p->reader >= 3)
		put_texts(b, "readerFeatures", p->reader_features, p->reader_feature_n);
	if (p->writer >= 7)
		put_texts(b, "writerFeatures", p->writer_features, p->writer_feature_n);
	buf_adds(b, "}}\n");
}

void delta_put_meta(struct buf *b, const struct delta_meta *m)
{
	jw_obj(b, NULL);
	jw_obj(b, "metaData");
	jw_str(b, "id", m->id);
	if (m->name.p)
		jw_str(b, "name", m->name);
	if (m->description.p)
		jw_str(b, "description", m->description);
	jw_raw(b, "format", S("{\"provider\":\"parquet\",\"options\":{}}"));
	jw_str(b, "schemaString", m->schema_text);
	put_texts(b, "partitionColumns", m->partition, m->partition_n);
	jw_obj(b, "configuration");
	for (size_t i = 0; i < m->config_n; i++) {
		jw_key(b, m->config[i].key);
		jw_str(b, NULL, m->config[i].value);
	}
	jw_obj_end(b);
	jw_int(b, "createdTime", m->created_ms);
	buf_adds(b, "}}\n");
}

void delta_put_txn(struct buf *b, const struct delta_txn *t)
{
	jw_obj(b, NULL);
	jw_obj(b, "txn");
	jw_str(b, "appId", t->app);
	jw_int(b, "version", t->version);
	jw_int(b, "lastUpdated", t->updated_ms);
	buf_adds(b, "}}\n");
}

static void put_vector(struct buf *b, const struct delta_vector *v)
{
	jw_obj(b, "deletionVector");
	jw_str(b, "storageType", sl_of(&v->storage, 1));
	jw_str(b, "pathOrInlineDv", v->where);
	if (v->storage != 'i')
		jw_int(b, "offset", v->offset);
	jw_int(b, "sizeInBytes", v->size);
	jw_int(b, "cardinality", v->rows);
	jw_obj_end(b);
}

void delta_put_add(struct buf *b, const struct delta_file *f)
{
	jw_obj(b, NULL);
	jw_obj(b, "add");
	jw_str(b, "path", f->path);
	jw_raw(b, "partitionValues", f->partition.n ? f->partition : S("{}"));
	jw_int(b, "size", f->size);
	jw_int(b, "modificationTime", f->modified_ms);
	jw_bool(b, "dataChange", f->data_change);
	if (f->stats.p)
		jw_str(b, "stats", f->stats);
	if (f->vector.storage)
		put_vector(b, &f->vector);
	buf_adds(b, "}}\n");
}

void delta_put_remove(struct buf *b, const struct delta_file *f)
{
	jw_obj(b, NULL);
	jw_obj(b, "remove");
	jw_str(b, "path", f->path);
	jw_int(b, "deletionTimestamp", f->deleted_ms);
	jw_bool(b, "dataChange", f->data_change);
	jw_bool(b, "extendedFileMetadata", true);
	jw_raw(b, "partitionValues", f->partition.n ? f->partition : S("{}"));
	jw_int(b, "size", f->size);
	if (f->vector.storage)
		put_vector(b, &f->vector);
	buf_adds(b, "}}\n");
}

void delta_uuid(struct slice seed, char out[37])
{
	uint8_t h[32];
	hash_sha256(seed.p, seed.n, h);
	struct rd r = rd_of(h, sizeof(h));
	uint64_t high = rd_u64be(&r);
	uuid_text(high, rd_u64be(&r), 5, out);
}
