/* Rules of what hangs on a stream: tags, enhanced consumers, resource policies. */
#include "kinesis/kinesis.h"

#include "core/json.h"

/* ---- tags: of a stream, or of a consumer ---- */

static struct kin_tags *tags_of(const struct kin_in *in)
{
	return in->c ? &in->c->tags : &in->s->tags;
}

static bool tag_text_ok(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if ((unsigned char)c < 128 && !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr(" _.:/=+-@%", c))))
			return false;
	}
	return true;
}

static int bad_tag(struct error *err)
{
	return kin_fail(err, KIN_E_ARGUMENT, "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - %% @.");
}

static int illegal_tag(const struct kin_in *in, const char *what, struct error *err)
{
	return kin_fail(err, KIN_E_ARGUMENT,
			"Failed to %s stream %s under account %.*s because some tags contained illegal characters. The allowed characters are Unicode "
			"letters, white-spaces, '_',',','/','=','+','-','@'.",
			what, in->s->name, SL(in->account));
}

static bool has_tag(const struct kin_tags *t, struct slice key)
{
	for (size_t i = 0; i < t->n; i++)
		if (sl_eq(t->at[i].key, key))
			return true;
	return false;
}

int kin_add_tags(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	struct kin_tags *to = tags_of(in);
	size_t n = to->n;
	for (size_t i = 0; i < in->tags.n; i++) {
		const struct kin_tag *t = &in->tags.at[i];
		if (!tag_text_ok(t->key) || !tag_text_ok(t->value))
			return bad_tag(err);
		n += !has_tag(to, t->key);
	}
	for (size_t i = 0; i < in->tags.n; i++)
		if (sl_find(in->tags.at[i].key, S("%")) >= 0 || sl_find(in->tags.at[i].value, S("%")) >= 0)
			return illegal_tag(in, "add tags to", err);
	if (n > KIN_TAGS_MAX)
		return kin_fail(err, KIN_E_ARGUMENT, "Failed to add tags to stream. Number of tags exceeds the maximum of %d.", KIN_TAGS_MAX);
	for (size_t i = 0; i < in->tags.n; i++)
		kin_tag_set(to, in->tags.at[i].key, in->tags.at[i].value);
	return 0;
}

static void remove_tag(struct kin_tags *t, struct slice key)
{
	for (size_t i = 0; i < t->n; i++) {
		if (!sl_eq(t->at[i].key, key))
			continue;
		free((char *)t->at[i].key.p);
		free((char *)t->at[i].value.p);
		memmove(t->at + i, t->at + i + 1, (--t->n - i) * sizeof(*t->at));
		return;
	}
}

int kin_remove_tags(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	for (size_t i = 0; i < in->names.n; i++)
		if (!tag_text_ok(in->names.at[i]))
			return bad_tag(err);
	for (size_t i = 0; i < in->names.n; i++)
		if (sl_find(in->names.at[i], S("%")) >= 0)
			return illegal_tag(in, "remove tags from", err);
	for (size_t i = 0; i < in->names.n; i++)
		remove_tag(tags_of(in), in->names.at[i]);
	return 0;
}

int kin_list_tags(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	const struct kin_tags *t = tags_of(in);
	size_t from = 0, limit = in->limit < 0 ? KIN_TAGS_MAX : (size_t)in->limit;
	while (in->start_after.p && from < t->n && sl_cmp(t->at[from].key, in->start_after) <= 0)
		from++;
	out->tags = t->at + from;
	out->n = t->n - from < limit ? t->n - from : limit;
	out->more = t->n - from > limit;
	return 0;
}

/* ---- consumers ---- */

int kin_register(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	struct kin_stream *s = in->s;
	for (size_t i = 0; i < s->consumer_n; i++)
		if (sl_eqs(in->consumer, s->consumers[i].name))
			return kin_fail(err, KIN_E_IN_USE, "Consumer %.*s already exists on stream %s under account %.*s.", SL(in->consumer), s->name,
					SL(in->account));
	if (s->consumer_n >= KIN_CONSUMERS_MAX)
		return kin_fail(err, KIN_E_LIMIT, "Stream %s under account %.*s has the most consumers it may have: %d.", s->name, SL(in->account),
				KIN_CONSUMERS_MAX);
	s->consumers = xrealloc(s->consumers, (s->consumer_n + 1) * sizeof(*s->consumers));
	in->c = &s->consumers[s->consumer_n++];
	*in->c = (struct kin_consumer){ .name = xstrndup(in->consumer.p, in->consumer.n), .created_ms = in->now_ms };
	for (size_t i = 0; i < in->tags.n; i++)
		kin_tag_set(&in->c->tags, in->tags.at[i].key, in->tags.at[i].value);
	return 0;
}

int kin_deregister(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	struct kin_stream *s = in->s;
	size_t at = (size_t)(in->c - s->consumers);
	kin_consumer_free(in->c);
	memmove(in->c, in->c + 1, (--s->consumer_n - at) * sizeof(*in->c));
	return 0;
}

int kin_consumers(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	size_t limit = in->limit < 0 ? 100 : (size_t)in->limit;
	struct slice raw;
	int64_t from = 0;
	if (in->token.p && (!arena_base64(in->arena, in->token, &raw) || !sl_int(raw, 0, INT32_MAX, &from)))
		return kin_fail(err, KIN_E_ARGUMENT, "NextToken is invalid.");
	out->from = (size_t)from < in->s->consumer_n ? (size_t)from : in->s->consumer_n;
	out->n = in->s->consumer_n - out->from < limit ? in->s->consumer_n - out->from : limit;
	out->more = out->from + out->n < in->s->consumer_n;
	return 0;
}

/* ---- policies ---- */

static char **policy_of(const struct kin_in *in)
{
	return in->c ? &in->c->policy : &in->s->policy;
}

int kin_put_policy(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	JSON_AUTO doc = json_loadb(in->policy.p, in->policy.n, 0, NULL);
	if (!json_is_object(doc))
		return kin_fail(err, KIN_E_ARGUMENT, "The policy is not a JSON object.");
	free(*policy_of(in));
	*policy_of(in) = xstrndup(in->policy.p, in->policy.n);
	return 0;
}

int kin_delete_policy(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	if (!*policy_of(in))
		return kin_fail(err, KIN_E_NOT_FOUND, "No resource policy found for resource ARN %.*s", SL(in->resource_arn));
	free(*policy_of(in));
	*policy_of(in) = NULL;
	return 0;
}
