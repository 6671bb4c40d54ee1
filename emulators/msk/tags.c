/* Tags of MSK's and MSK Connect's resources, which both keep as a map. */
#include "msk/mskconnect.h"

static const struct aws_kind *const of_msk[] = { &msk_clusters, &msk_configurations, NULL };
static const struct aws_kind *const of_connect[] = { &mskc_connectors, &mskc_plugins, &mskc_workers, NULL };

static json_t *tagged(struct aws_call *c, const struct aws_kind **kind)
{
	bool msk = !strcmp(c->api->name, "kafka");
	for (const struct aws_kind *const *k = msk ? of_msk : of_connect; *k; k++) {
		json_t *doc = aws_find(c->aws, c->at, *k, jstr(c->in, "resourceArn"));
		*kind = *k;
		if (doc)
			return doc;
	}
	if (msk)
		msk_not_found(c, "resourceArn");
	else
		mskc_not_found(c);
	return NULL;
}

int msk_tags(struct aws_call *c)
{
	const struct aws_kind *kind;
	json_t *doc = tagged(c, &kind);
	if (!doc)
		return -1;
	json_object_set_new(c->out, "tags", json_deep_copy(jobj(doc, "tags")));
	return 0;
}

int msk_tag(struct aws_call *c)
{
	const struct aws_kind *kind;
	json_t *doc = tagged(c, &kind);
	if (!doc)
		return -1;
	json_object_update(jobj(doc, "tags"), json_object_get(c->in, "tags"));
	return msk_keep(c, kind, jstr(c->in, "resourceArn"), doc);
}

int msk_untag(struct aws_call *c)
{
	const struct aws_kind *kind;
	json_t *doc = tagged(c, &kind), *one;
	size_t i;
	if (!doc)
		return -1;
	json_array_foreach(json_object_get(c->in, "tagKeys"), i, one)
		json_object_del(jobj(doc, "tags"), json_string_value(one));
	return msk_keep(c, kind, jstr(c->in, "resourceArn"), doc);
}
