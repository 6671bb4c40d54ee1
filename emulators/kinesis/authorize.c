/* What [stack] auth = enforce asks of policies: each operation by its name, on the stream or the consumer that it is about. */
#include "core/authority.h"
#include "kinesis/kinesis.h"
#include "kinesis/wire.h"

/* The ARN that the request means; empty: it means none. */
static void resource_of(const struct kin_in *in, struct buf *arn)
{
	struct slice given = in->consumer_arn.p ? in->consumer_arn : in->stream_arn.p ? in->stream_arn : in->resource_arn;
	struct kin_iterator it;
	if (given.p)
		buf_addsl(arn, given);
	else if (in->stream.p)
		buf_addf(arn, "arn:aws:kinesis:%.*s:%.*s:stream/%.*s", SL(in->region), SL(in->account), SL(in->stream));
	else if (in->iterator.p && kin_iterator_read(in->arena, in->iterator, &it))
		buf_addf(arn, "arn:aws:kinesis:%.*s:%.*s:stream/%.*s", SL(in->region), SL(in->account), SL(it.name));
}

/* Tags that the request sets, and those of the stream. */
static size_t facts_of(const struct kin_in *in, const struct kin_stream *s, struct policy_fact **out)
{
	size_t most = 2 * in->tags.n + (s ? s->tags.n : 0), n = 0;
	struct policy_fact *facts = arena_alloc(in->arena, (most + 1) * sizeof(*facts));
	for (size_t i = 0; i < in->tags.n; i++) {
		facts[n++] = (struct policy_fact){ S("aws:TagKeys"), in->tags.at[i].key };
		facts[n++] = (struct policy_fact){ arena_printf(in->arena, "aws:RequestTag/%.*s", SL(in->tags.at[i].key)), in->tags.at[i].value };
	}
	for (size_t i = 0; s && i < s->tags.n; i++)
		facts[n++] = (struct policy_fact){ arena_printf(in->arena, "aws:ResourceTag/%.*s", SL(s->tags.at[i].key)), s->tags.at[i].value };
	*out = facts;
	return n;
}

/* The policy of that stream or consumer; absent: it has none. */
static struct slice policy_of(const struct kin_stream *s, struct slice consumer)
{
	for (size_t i = 0; s && consumer.p && i < s->consumer_n; i++)
		if (sl_eqs(consumer, s->consumers[i].name))
			return sl(s->consumers[i].policy);
	return s && !consumer.p ? sl(s->policy) : sl(NULL);
}

int kin_authorize(struct kinesis *k, struct http_call *call, const struct identity *who, const char *op, const struct kin_in *in, struct error *err)
{
	struct authority_ask ask = { .env = k->env, .call = call, .who = who, .region = in->region, .use = POLICY_OF_RESOURCE };
	struct buf arn = { 0 }, why = { 0 };
	struct slice account = in->account, rest, part, name, consumer;
	const struct kin_stream *s = NULL;
	struct policy_fact *facts;
	int rc = 0;
	if (!identities_enforced(k->env->conf) || call->own)
		return 0;
	resource_of(in, &arn);
	rest = buf_slice(&arn);
	for (int i = 0; i < 5 && rest.n; i++)
		if (sl_cut(rest, ':', &part, &rest) && i == 4)
			account = part;
	ask.action = arena_printf(in->arena, "kinesis:%s", op);
	ask.resource = arn.n ? buf_slice(&arn) : S("*");
	ask.owner = account;
	if (arn.n) {
		kin_arn_names(buf_slice(&arn), &name, &consumer);
		s = kin_find(k, in->account, in->region, name);
		ask.policy = policy_of(s, consumer);
	}
	ask.fact_n = facts_of(in, s, &facts);
	ask.facts = facts;
	if (!authority_allows(&ask, NULL, &why))
		rc = kin_fail(err, KIN_E_ACCESS_DENIED, "%s", buf_cstr(&why));
	buf_free(&arn);
	buf_free(&why);
	return rc;
}
