#include "rds/rds.h"

struct slice rds_temporary_name(struct arena *a, const struct rds_session *s, struct slice name)
{
	return arena_printf(a, RDS_TEMPORARY "%u$%.*s", s->id, SL(name));
}

const struct rds_table *rds_scope_table(const struct rds_scope *s, struct slice name)
{
	char text[sizeof(RDS_TEMPORARY) + 80];
	int n = snprintf(text, sizeof(text), RDS_TEMPORARY "%u$%.*s", s->id, SL(name));
	const struct rds_table *t = s->has_temporary && n < (int)sizeof(text) ? rds_catalogue_find(s->cat, sl(text)) : NULL;
	return t ? t : rds_catalogue_find(s->cat, name);
}

struct rds_scope rds_scope_of(const struct rds_session *s)
{
	return (struct rds_scope){ .cat = s->r->cat, .database = s->r->database, .id = s->id, .has_temporary = s->has_temporary, .s = s };
}

const struct rds_table *rds_session_table(const struct rds_session *s, struct slice name)
{
	struct rds_scope scope = rds_scope_of(s);
	return rds_scope_table(&scope, name);
}

struct slice rds_plain_name(struct slice name)
{
	struct slice id, plain;
	return sl_after(name, S(RDS_TEMPORARY), &id) && sl_cut(id, '$', &id, &plain) ? plain : name;
}

static bool is_here(const struct rds *r, struct slice id)
{
	for (const struct rds_session *s = r->sessions; s; s = s->next) {
		char text[16];
		snprintf(text, sizeof(text), "%u", s->id);
		if (sl_eqs(id, text) && s->has_temporary)
			return true;
	}
	return false;
}

void rds_temporary_drops(struct buf *out, const struct rds *r)
{
	for (const struct rds_table *t = r->cat->tables; t; t = t->next) {
		struct slice id, plain;
		if (!sl_after(sl(t->name), S(RDS_TEMPORARY), &id) || !sl_cut(id, '$', &id, &plain) || is_here(r, id))
			continue;
		rds_store_drop(out, t->name);
		buf_adds(out, "; ");
	}
}
