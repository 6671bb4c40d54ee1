/* A checkpoint folder that two queries share. */
#include "streaming/query.h"

/* The folder is another stream's: see streaming.h. A notebook's query goes on behind the last of its own batches there, or begins anew,
 * behind the batches of the other one: most published notebooks give all their streams one folder, and their outputs show no error. With
 * [streaming] shared_checkpoint = fail it ends, as queries of the stack do. */
static bool goes_on(struct sq *q, const struct sq_offsets *o, struct slice key)
{
	if (!q->o.plan || strcmp(conf_str(q->m->env->conf, "streaming", "shared_checkpoint", "go-on"), "go-on"))
		return false;
	log_warn(q->m->env, "stream-shared-checkpoint", "query=%s stream=%s other=%s checkpoint=s3://%.*s/%.*s", q->o.name, q->o.stream, o->stream,
		 SL(q->cp_bucket), SL(q->cp_key));
	free(q->warning);
	q->warning = xasprintf("s3://%.*s/%.*s holds offsets of stream %s, and this query reads %s: two queries share a checkpointLocation. It goes on "
			       "behind its own batches, as [streaming] shared_checkpoint = go-on says; give each query a folder of its own.", SL(q->cp_bucket), SL(key), o->stream,
			       q->o.stream);
	q->anew = true;
	q->replay = false;
	q->batch = q->offsets_last + 1;
	q->watermark_ms = q->next_watermark_ms = q->before_ms = 0;
	return true;
}

static void look_back(struct sq *q);

static void on_earlier(void *arg, struct slice body, const struct error *err)
{
	struct sq *q = arg;
	struct error bad;
	struct sq_offsets o = { 0 };
	if (!sq_back(q))
		return;
	if (err || sq_offsets_parse("offsets", body, &o, &bad)) { /* older ones were deleted: a new beginning */
		sq_list_shards(q, sq_recover_first);
		return;
	}
	if (strcmp(o.stream, q->o.stream)) {
		sq_offsets_free(&o);
		look_back(q);
		return;
	}
	sq_offsets_free(&q->start);
	q->start = o;
	sq_live_set(q, &q->start);
	sq_recover_shards(q);
}

/* The last batch in the folder that read this query's stream: it goes on behind that. */
static void look_back(struct sq *q)
{
	if (--q->earlier < 0)
		sq_list_shards(q, sq_recover_first);
	else
		sq_owe(q, q->m->env->ports->objects.get(q->m->env->ports->objects.self, q->cp_bucket,
							  sq_key(q, &q->arena, "offsets/%lld", (long long)q->earlier), on_earlier, q));
}

/* False: the query has failed, or begins anew. */
bool sq_same_stream(struct sq *q, struct sq_offsets *o, struct slice key)
{
	struct arena a = { 0 };
	if (!strcmp(o->stream, q->o.stream))
		return true;
	if (goes_on(q, o, key)) {
		sq_offsets_free(o);
		q->earlier = q->offsets_last;
		look_back(q);
		return false;
	}
	sq_fail(q,
		"%s holds offsets of stream %s, and this query reads %s: the checkpointLocation belongs to another query. Its sequence "
		"numbers mean nothing here: StartingSequenceNumber %s is invalid because it did not come from this stream "
		"(InvalidArgumentException). Nothing was read and nothing was written. Give each query its own checkpointLocation; the "
		"other query goes on from this one when it is started again.",
		arena_printf(&a, "s3://%.*s/%.*s", SL(q->cp_bucket), SL(key)).p, o->stream, q->o.stream, o->n && o->shards[0].last[0] ? o->shards[0].last : "of its shards");
	arena_free(&a);
	return false;
}
