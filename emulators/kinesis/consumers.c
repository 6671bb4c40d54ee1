/* Stream consumers and resource policies. */
#include "kinesis/kinesis.h"

#include <stdlib.h>
#include <string.h>

static void consumer_arn(const struct kin_call *c, const struct kin_stream *s, const struct kin_consumer *k, struct buf *out)
{
	kin_stream_arn(c, s, out);
	buf_addf(out, "/consumer/%s:%lld", k->name, (long long)(k->created_ms / 1000));
}

static void put_consumer(const struct kin_call *c, const struct kin_stream *s, const struct kin_consumer *k, bool stream_arn)
{
	struct buf *out = c->out;
	buf_addf(out, "{\"ConsumerName\":\"%s\",\"ConsumerARN\":\"", k->name);
	consumer_arn(c, s, k, out);
	buf_addf(out, "\",\"ConsumerStatus\":\"%s\",\"ConsumerCreationTimestamp\":%lld.%03lld", c->now_ms < k->created_ms + c->k->delay_ms ? "CREATING" : "ACTIVE",
		 (long long)(k->created_ms / 1000), (long long)(k->created_ms % 1000));
	if (stream_arn) {
		buf_adds(out, ",\"StreamARN\":\"");
		kin_stream_arn(c, s, out);
		buf_addc(out, '"');
	}
	buf_addc(out, '}');
}

/* By ConsumerARN, or by StreamARN and ConsumerName. */
static int consumer_of(struct kin_call *c, struct kin_stream **s, struct kin_consumer **k)
{
	struct slice arn = kin_str(c, "ConsumerARN"), name = kin_str(c, "ConsumerName"), rest;
	ssize_t at = sl_find(arn, S("/consumer/")), stream = sl_find(arn, S(":stream/"));
	if (at > 0 && stream > 0) {
		sl_cut(sl_of(arn.p + at + 10, arn.n - (size_t)at - 10), ':', &name, &rest);
		*s = kin_find(c->k, sl_of(arn.p + stream + 8, (size_t)(at - stream - 8)));
	} else {
		int rc = kin_stream_of(c, s);
		if (rc)
			return rc;
	}
	*k = *s ? kin_consumer_find(*s, name) : NULL;
	if (!*k)
		return kin_fail(c, KIN_E_NOT_FOUND, "Consumer %.*s not found.", SL(name));
	return 0;
}

int kin_op_register_consumer(struct kin_call *c)
{
	struct slice name = kin_str(c, "ConsumerName");
	struct kin_stream *s;
	const char *key;
	json_t *v;
	int rc = kin_stream_of(c, &s);
	if (rc)
		return rc;
	if (kin_consumer_find(s, name))
		return kin_fail(c, KIN_E_IN_USE, "Consumer %.*s already exists on stream %s under account %.*s.", SL(name), s->name, SL(c->account));
	if (s->consumer_n >= KIN_CONSUMERS_MAX)
		return kin_fail(c, KIN_E_LIMIT, "Stream %s under account %.*s has the most consumers it may have: %d.", s->name, SL(c->account), KIN_CONSUMERS_MAX);
	s->consumers = xrealloc(s->consumers, (s->consumer_n + 1) * sizeof(*s->consumers));
	struct kin_consumer *k = &s->consumers[s->consumer_n++];
	*k = (struct kin_consumer){ .name = xstrndup(name.p, name.n), .created_ms = c->now_ms, .tags = json_object() };
	json_object_foreach(json_object_get(c->in, "Tags"), key, v)
		json_object_set(k->tags, key, v);
	buf_adds(c->out, "{\"Consumer\":");
	put_consumer(c, s, k, false);
	buf_addc(c->out, '}');
	return kin_save(c->k, s, c->err);
}

int kin_op_deregister_consumer(struct kin_call *c)
{
	struct kin_stream *s;
	struct kin_consumer *k;
	int rc = consumer_of(c, &s, &k);
	if (rc)
		return rc;
	size_t at = (size_t)(k - s->consumers);
	free(k->name);
	free(k->policy);
	json_decref(k->tags);
	memmove(k, k + 1, (--s->consumer_n - at) * sizeof(*k));
	return kin_save(c->k, s, c->err);
}

int kin_op_describe_consumer(struct kin_call *c)
{
	struct kin_stream *s;
	struct kin_consumer *k;
	int rc = consumer_of(c, &s, &k);
	if (rc)
		return rc;
	buf_adds(c->out, "{\"ConsumerDescription\":");
	put_consumer(c, s, k, true);
	buf_addc(c->out, '}');
	return 0;
}

int kin_op_list_consumers(struct kin_call *c)
{
	struct slice token = kin_str(c, "NextToken"), raw;
	int64_t limit = kin_int(c, "MaxResults", 100), from = 0;
	struct kin_stream *s;
	int rc = kin_stream_of(c, &s);
	if (rc)
		return rc;
	if (token.p && (!arena_base64(c->arena, token, &raw) || !sl_int(raw, 0, INT32_MAX, &from)))
		return kin_fail(c, KIN_E_ARGUMENT, "NextToken is invalid.");
	buf_adds(c->out, "{\"Consumers\":[");
	size_t i = (size_t)from, n = 0;
	for (; i < s->consumer_n && (int64_t)n < limit; i++) {
		if (n++)
			buf_addc(c->out, ',');
		put_consumer(c, s, &s->consumers[i], false);
	}
	buf_addc(c->out, ']');
	if (i < s->consumer_n) {
		struct slice next = arena_printf(c->arena, "%zu", i);
		buf_adds(c->out, ",\"NextToken\":\"");
		buf_base64(c->out, next.p, next.n);
		buf_addc(c->out, '"');
	}
	buf_addc(c->out, '}');
	return 0;
}

/* ---- resource policies: of a stream or a consumer ---- */

static int policy_of(struct kin_call *c, struct kin_stream **s, char ***out)
{
	struct slice arn = kin_str(c, "ResourceARN"), name, rest;
	ssize_t at = sl_find(arn, S("/consumer/"));
	int rc = kin_stream_of(c, s);
	if (rc)
		return rc;
	*out = &(*s)->policy;
	if (at < 0)
		return 0;
	sl_cut(sl_of(arn.p + at + 10, arn.n - (size_t)at - 10), ':', &name, &rest);
	struct kin_consumer *k = kin_consumer_find(*s, name);
	if (!k)
		return kin_fail(c, KIN_E_NOT_FOUND, "Consumer %.*s not found.", SL(name));
	*out = &k->policy;
	return 0;
}

int kin_op_get_policy(struct kin_call *c)
{
	struct kin_stream *s;
	char **policy;
	int rc = policy_of(c, &s, &policy);
	if (rc)
		return rc;
	buf_adds(c->out, "{\"Policy\":");
	buf_json_string(c->out, *policy ? sl(*policy) : S("{}"));
	buf_addc(c->out, '}');
	return 0;
}

int kin_op_put_policy(struct kin_call *c)
{
	struct slice text = kin_str(c, "Policy");
	struct kin_stream *s;
	char **policy;
	int rc = policy_of(c, &s, &policy);
	if (rc)
		return rc;
	json_t *doc = json_loadb(text.p, text.n, 0, NULL);
	bool ok = json_is_object(doc);
	json_decref(doc);
	if (!ok)
		return kin_fail(c, KIN_E_ARGUMENT, "The policy is not a JSON object.");
	free(*policy);
	*policy = xstrndup(text.p, text.n);
	return kin_save(c->k, s, c->err);
}

int kin_op_delete_policy(struct kin_call *c)
{
	struct kin_stream *s;
	char **policy;
	int rc = policy_of(c, &s, &policy);
	if (rc)
		return rc;
	if (!*policy)
		return kin_fail(c, KIN_E_NOT_FOUND, "No resource policy found for resource ARN %.*s", SL(kin_str(c, "ResourceARN")));
	free(*policy);
	*policy = NULL;
	return kin_save(c->k, s, c->err);
}
