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

/* The policy of that stream or consumer; absent: it has none. */
static struct slice policy_of(struct kinesis *k, const struct kin_in *in, struct slice arn)
{
	struct slice name, consumer;
	kin_arn_names(arn, &name, &consumer);
	const struct kin_stream *s = kin_find(k, in->account, in->region, name);
	for (size_t i = 0; s && consumer.p && i < s->consumer_n; i++)
		if (sl_eqs(consumer, s->consumers[i].name))
			return sl(s->consumers[i].policy);
	return s && !consumer.p ? sl(s->policy) : sl(NULL);
}

int kin_authorize(struct kinesis *k, struct http_call *call, const struct identity *who, const char *op, const struct kin_in *in, struct error *err)
{
	struct authority_ask ask = { .env = k->env, .call = call, .who = who, .region = in->region, .use = POLICY_OF_RESOURCE };
	struct buf arn = { 0 }, why = { 0 };
	struct slice account = in->account, rest, part;
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
	if (arn.n)
		ask.policy = policy_of(k, in, buf_slice(&arn));
	if (!authority_allows(&ask, NULL, &why))
		rc = kin_fail(err, KIN_E_ACCESS_DENIED, "%s", buf_cstr(&why));
	buf_free(&arn);
	buf_free(&why);
	return rc;
}
