/* What is kept of a stream, and of the account: JSON documents, read and written here only. */
#include "core/docs.h"
#include "core/json.h"
#include "kinesis/kinesis.h"

static json_t *tags_doc(const struct kin_tags *t)
{
	json_t *o = json_object();
	for (size_t i = 0; i < t->n; i++)
		json_object_set_new(o, t->at[i].key.p, json_stringn(t->at[i].value.p, t->at[i].value.n));
	return o;
}

static json_t *metrics_doc(unsigned metrics)
{
	json_t *list = json_array();
	for (size_t i = 0; i < KIN_METRICS; i++)
		if (metrics & 1u << i)
			json_array_append_new(list, json_string(kin_metric_names[i]));
	return list;
}

static json_t *shard_doc(const struct kin_shard *sh)
{
	char lo[KIN_HASH_TEXT], hi[KIN_HASH_TEXT];
	kin_hash_text(sh->lo, lo);
	kin_hash_text(sh->hi, hi);
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I}", "lo", lo, "hi", hi, "create", (json_int_t)sh->create_s, "created",
			 (json_int_t)sh->created_ms, "closed", (json_int_t)sh->closed_ms, "parent",
			 (json_int_t)sh->parent, "adjacent", (json_int_t)sh->adjacent);
}

static json_t *stream_doc(const struct kin_stream *s)
{
	json_t *shards = json_array(), *consumers = json_array();
	for (size_t i = 0; i < s->shard_n; i++)
		json_array_append_new(shards, shard_doc(&s->shards[i]));
	for (size_t i = 0; i < s->consumer_n; i++)
		json_array_append_new(consumers, json_pack("{s:s, s:I, s:s?, s:o}", "name", s->consumers[i].name, "created",
							   (json_int_t)s->consumers[i].created_ms, "policy", s->consumers[i].policy,
							   "tags", tags_doc(&s->consumers[i].tags)));
	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:i, s:b, s:I, s:I, s:I, s:s?, s:s?, s:o, s:o, s:o, s:o}", "name", s->name, "account",
			 s->account, "region", s->region, "created",
			 (json_int_t)s->created_ms, "ready", (json_int_t)s->ready_ms, "status", (int)s->status, "demand", s->on_demand,
			 "retention", (json_int_t)s->retention_h, "record_kib", (json_int_t)s->record_kib, "warm",
			 (json_int_t)s->warm_mibps, "key", s->key_id, "policy",
			 s->policy, "tags", tags_doc(&s->tags), "metrics", metrics_doc(s->metrics), "shards", shards, "consumers", consumers);
}

static void read_shards(struct kin_stream *s, const json_t *list)
{
	size_t i;
	json_t *one;
	json_array_foreach(list, i, one) {
		kin_hash lo = 0, hi = 0;
		(void)kin_hash_parse(sl(jstr(one, "lo")), &lo);
		(void)kin_hash_parse(sl(jstr(one, "hi")), &hi);
		struct kin_shard *sh = kin_add_shard(s, lo, hi, jint(one, "create"), jint(one, "created"));
		sh->closed_ms = jint(one, "closed");
		sh->parent = jint(one, "parent");
		sh->adjacent = jint(one, "adjacent");
	}
}

static void read_tags(struct kin_tags *t, json_t *o)
{
	const char *key;
	json_t *v;
	json_object_foreach(o, key, v)
		kin_tag_set(t, sl(key), json_slice(v));
}

static unsigned read_metrics(const json_t *list)
{
	unsigned bits = 0;
	size_t i;
	json_t *one;
	json_array_foreach(list, i, one)
		for (size_t m = 0; m < KIN_METRICS; m++)
			bits |= sl_eqs(json_slice(one), kin_metric_names[m]) ? 1u << m : 0;
	return bits;
}

static struct kin_stream *stream_of(int64_t id, const json_t *doc)
{
	struct kin_stream *s;
	size_t i;
	json_t *one;
	s = xcalloc(1, sizeof(*s));
	s->id = id;
	s->name = jdup(doc, "name");
	s->account = jdup(doc, "account");
	s->region = jdup(doc, "region");
	s->created_ms = jint(doc, "created");
	s->ready_ms = jint(doc, "ready");
	s->status = (enum kin_status)jint(doc, "status");
	s->on_demand = jtrue(doc, "demand");
	s->retention_h = jint(doc, "retention");
	s->record_kib = jint(doc, "record_kib");
	s->warm_mibps = s->warm_before = jint(doc, "warm");
	s->key_id = jdup(doc, "key");
	s->policy = jdup(doc, "policy");
	read_tags(&s->tags, json_object_get(doc, "tags"));
	s->metrics = read_metrics(json_object_get(doc, "metrics"));
	read_shards(s, json_object_get(doc, "shards"));
	json_array_foreach(json_object_get(doc, "consumers"), i, one) {
		s->consumers = xrealloc(s->consumers, (s->consumer_n + 1) * sizeof(*s->consumers));
		struct kin_consumer *c = &s->consumers[s->consumer_n++];
		*c = (struct kin_consumer){ .name = jdup(one, "name"), .created_ms = jint(one, "created"), .policy = jdup(one, "policy") };
		read_tags(&c->tags, json_object_get(one, "tags"));
	}
	return s;
}

/* ---- kept ---- */

int kin_keep_stream(struct db *db, const struct kin_stream *s, struct error *err)
{
	JSON_AUTO doc = stream_doc(s);
	char id[24];
	snprintf(id, sizeof(id), "%lld", (long long)s->id);
	return docs_put(db, "stream", "", id, doc, err);
}

int kin_keep_settings(struct db *db, const struct kin_commitment *m, struct error *err)
{
	JSON_AUTO doc = json_pack("{s:b, s:I, s:I}", "committed", m->on, "started", (json_int_t)m->started_ms, "ended", (json_int_t)m->ended_ms);
	return docs_put(db, "settings", "", "", doc, err);
}

struct reading {
	struct kin_commitment *m;
	kin_stream_fn fn;
	void *arg;
};

static int read_doc(void *arg, const char *kind, const char *parent, const char *key, json_t *doc, struct error *err)
{
	const struct reading *r = arg;
	int64_t id;
	if (!strcmp(kind, "settings")) {
		*r->m = (struct kin_commitment){ jtrue(doc, "committed"), jint(doc, "started"), jint(doc, "ended") };
		return 0;
	}
	if (!sl_int(sl(key), 1, INT64_MAX, &id) || !json_is_object(doc))
		return err_set(err, ERR_STORE, "kinesis.db: stream %s can't be read", key);
	return r->fn(r->arg, stream_of(id, doc), err);
}

int kin_kept(struct db *db, struct kin_commitment *m, kin_stream_fn fn, void *arg, struct error *err)
{
	return docs_each(db, read_doc, &(struct reading){ m, fn, arg }, err);
}
