/* Who owns what, and who asks, as S3's answers name them. */
#include "access.h"

#include "core/identities.h"

static struct s3_owner owner_of(struct arena *a, const struct account_owner *o)
{
	return (struct s3_owner){ arena_dup(a, o->canonical_id), o->display_name.n ? arena_dup(a, o->display_name) : sl(NULL), false };
}

struct s3_owner s3_owner_of_account(struct s3 *s, struct arena *a, struct slice account)
{
	struct account_owner o;
	account_owner(s->env->conf, account, &o);
	return owner_of(a, &o);
}

struct s3_owner s3_owner_of_id(struct s3 *s, struct arena *a, struct slice id)
{
	struct account_owner o;
	if (account_owner_by_id(s->env->conf, id, &o))
		return owner_of(a, &o);
	return (struct s3_owner){ .id = arena_dup(a, id) };
}

struct s3_owner s3_owner_of_bucket(struct s3 *s, struct arena *a, const struct s3_bucket *b)
{
	struct s3_owner o = s3_owner_of_account(s, a, b->account);
	o.all = s3_owner_enforced(b);
	return o;
}

struct s3_owner s3_owner_of(struct s3 *s, struct arena *a, const struct s3_owner *bucket, struct slice headers)
{
	struct s3_object o = { .headers = headers };
	struct slice id = bucket->all ? sl(NULL) : s3_header_of(&o, S3_OWNER_LINE);
	return id.n && !sl_eq(id, bucket->id) ? s3_owner_of_id(s, a, id) : *bucket;
}

struct s3_owner s3_owner_of_caller(struct s3 *s, struct s3_req *r)
{
	return s3_owner_of_account(s, r->a, s3_request_account(s, r));
}

void s3_xml_owner(struct buf *b, const char *element, const struct s3_owner *owner)
{
	buf_addf(b, "<%s>", element);
	s3_xml_el(b, "ID", owner->id);
	if (owner->name.n)
		s3_xml_el(b, "DisplayName", owner->name);
	buf_addf(b, "</%s>", element);
}

void s3_xml_initiator(struct buf *b, const struct s3_owner *owner)
{
	s3_xml_owner(b, "Initiator", &(struct s3_owner){ owner->id, owner->name.n ? owner->name : S("root"), false });
}
