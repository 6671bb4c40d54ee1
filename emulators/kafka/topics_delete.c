/* DeleteTopics, by name and by id. Sentences: Kafka 4.0's ControllerApis. */
#include "kafka/topics.h"

/* One of the request, in either of its forms. */
struct gone {
	struct slice name; /* absent: by id */
	struct kp_uuid id;
	bool by_id;
};

static bool is_zero(const struct kp_uuid *id)
{
	static const struct kp_uuid none;
	return !memcmp(id, &none, sizeof(none));
}

/* Topics are looked up before the first of them goes. */
struct deletion {
	struct gone in;
	struct kfk_topic *t;
	int code;
	struct slice why;
};

static void look_up(struct kafka *k, struct kfk_call *c, struct deletion *d)
{
	bool zero = is_zero(&d->in.id);
	if (d->in.name.p && !zero) {
		d->code = KE_INVALID_REQUEST;
		d->why = S("You may not specify both topic name and topic id.");
		return;
	}
	if (!d->in.name.p && zero) {
		d->code = KE_INVALID_REQUEST;
		d->why = S("Neither topic name nor id were specified.");
		return;
	}
	d->in.by_id = !d->in.name.p;
	d->t = d->in.by_id ? kfk_topic_by_id(k, sl_of(d->in.id.b, sizeof(d->in.id.b))) : kfk_topic(k, d->in.name);
	struct slice name = d->t ? arena_dup(c->arena, sl(d->t->name)) : d->in.name;
	if (name.p && !kfk_may(k, c->conn, "DeleteTopic", name)) {
		d->code = KE_TOPIC_AUTHORIZATION_FAILED; /* who may not see it isn't told its name */
		d->in.name = d->in.by_id && !kfk_may(k, c->conn, "DescribeTopic", name) ? sl(NULL) : name;
		d->t = NULL;
		return;
	}
	d->in.name = name;
	if (!d->t) {
		d->code = d->in.by_id ? KE_UNKNOWN_TOPIC_ID : KE_UNKNOWN_TOPIC_OR_PARTITION;
		d->why = d->in.by_id ? S("This server does not host this topic ID.") : S("This server does not host this topic-partition.");
	} else {
		kfk_topic_uuid(d->t, (char *)d->in.id.b);
	}
}

static int by_name(const void *a, const void *b)
{
	return sl_cmp((*(struct deletion *const *)a)->in.name, (*(struct deletion *const *)b)->in.name);
}

static void refuse_twice(struct deletion *a, struct deletion *b)
{
	struct slice why = a->in.by_id && b->in.by_id ? S("Duplicate topic id.") :
			   a->in.by_id == b->in.by_id ? S("Duplicate topic name.") :
							S("The provided topic name maps to an ID that was already supplied.");
	a->code = b->code = KE_INVALID_REQUEST;
	a->why = b->why = why;
}

/* The same topic twice: none of its entries is done. */
static void mark_twice(const struct kfk_call *c, struct deletion *d, int32_t n)
{
	struct deletion **sorted = arena_alloc(c->arena, ((size_t)n + 1) * sizeof(*sorted));
	int32_t named = 0;
	for (int32_t i = 0; i < n; i++)
		if (d[i].in.name.p && d[i].code != KE_INVALID_REQUEST)
			sorted[named++] = &d[i];
	qsort(sorted, (size_t)named, sizeof(struct deletion *), by_name);
	for (int32_t i = 1; i < named; i++)
		if (sl_eq(sorted[i]->in.name, sorted[i - 1]->in.name))
			refuse_twice(sorted[i - 1], sorted[i]);
}

static struct deletion *asked(const struct kfk_call *c, int32_t *n)
{
	const struct kp_delete_topics_req *req = c->req;
	struct deletion *d;
	*n = c->version >= 6 ? req->topic_n : req->topic_name_n;
	*n = *n > 0 ? *n : 0;
	d = arena_alloc(c->arena, ((size_t)*n + 1) * sizeof(*d));
	for (int32_t i = 0; i < *n; i++) {
		if (c->version >= 6)
			d[i].in = (struct gone){ .name = req->topics[i].name, .id = req->topics[i].topic_id };
		else
			d[i].in.name = req->topic_names[i];
	}
	return d;
}

enum kfk_done kfk_serve_delete_topics(struct kafka *k, struct kfk_call *c)
{
	struct kp_delete_topics_resp *out = c->resp;
	int32_t n;
	struct deletion *d = asked(c, &n);
	for (int32_t i = 0; i < n; i++)
		look_up(k, c, &d[i]);
	mark_twice(c, d, n);
	out->responses = kp_elements(&kp_delete_topics_resp_response_table, c->arena, (size_t)n);
	out->response_n = n;
	for (int32_t i = 0; i < n; i++) {
		int code = d[i].code ? d[i].code : kfk_topic_delete(k, d[i].t);
		struct slice why = !code || d[i].why.p ? d[i].why : sl(kp_code_text(code));
		out->responses[i] = (struct kp_delete_topics_resp_response){ d[i].in.name, d[i].in.id, (int16_t)code, code ? why : sl(NULL) };
	}
	return KFK_ANSWERED;
}
