/* Listing: keys in byte order, those with the delimiter after the prefix rolled up into one common prefix each. */
#include "owner.h"

struct slice s3_key_above(struct arena *a, struct slice s)
{
	char *p;
	while (s.n && (unsigned char)s.p[s.n - 1] == 0xff)
		s.n--;
	if (s.n == 0)
		return sl(NULL);
	p = arena_cstr(a, s);
	p[s.n - 1]++;
	return sl_of(p, s.n);
}

struct slice s3_key_rolled(struct slice key, const struct s3_list *in)
{
	ssize_t at;
	if (in->delimiter.n == 0 || !sl_starts(key, in->prefix))
		return sl(NULL);
	at = sl_find(sl_of(key.p + in->prefix.n, key.n - in->prefix.n), in->delimiter);
	return at < 0 ? sl(NULL) : sl_of(key.p, in->prefix.n + (size_t)at + in->delimiter.n);
}

/* Where to begin: after `after`, and after the common prefix it lies in, which the page before has shown. */
static struct slice begin(struct arena *a, const struct s3_list *in)
{
	struct slice seen = in->after.n ? s3_key_rolled(in->after, in) : sl(NULL);
	struct slice from = in->prefix.p ? in->prefix : S("");
	if (in->after.n && sl_cmp(in->after, from) >= 0)
		from = arena_printf(a, "%.*s%c", SL(in->after), 0);
	return seen.p ? s3_key_above(a, seen) : from;
}

/* Of an object's headers a page keeps whose it is, if it isn't the bucket's owner's. */
static struct slice owner_line(struct arena *a, struct slice headers)
{
	ssize_t at = sl_find(headers, S("\n" S3_OWNER_LINE ":"));
	return at < 0 ? sl(NULL) : arena_dup(a, sl_from(headers, (size_t)at + 1));
}

/* Objects, and where they are asked for noncurrent versions, in the order of keys, of a key the newest first. */
struct cursor {
	struct s3_store *store;
	const struct s3_list *in;
	struct s3_object object, version; /* the next of each: */
	bool has_object, has_version;
	const struct s3_object *had; /* the one of these that was given */
	struct slice seen;           /* the key of the last entry */
};

static int step_object(struct cursor *c, struct error *err)
{
	int rc = s3_store_scan_next(c->store, &c->object, err);
	c->has_object = rc > 0;
	return rc < 0 ? rc : 0;
}

static int step_version(struct cursor *c, struct error *err)
{
	int rc = s3_store_versions_next(c->store, &c->version, err);
	c->has_version = rc > 0;
	return rc < 0 ? rc : 0;
}

/* From a key on; seq: of that key itself only what is older. */
static int cursor_at(struct cursor *c, struct slice from, int64_t seq, struct error *err)
{
	int rc = s3_store_scan(c->store, c->in->bucket, from, err);
	c->had = NULL;
	if (rc == 0)
		rc = step_object(c, err);
	if (rc || !c->in->versions)
		return rc;
	/* The marker's own key again: what is current of it was shown, unless it has become that since. */
	if (seq && c->has_object && sl_eq(c->object.key, from) && (!c->object.version || c->object.version >= seq))
		rc = step_object(c, err);
	s3_store_versions(c->store, c->in->bucket, from, seq ? seq : INT64_MAX);
	return rc ? rc : step_version(c, err);
}

/* 1 and *out, 0 at the end, or an error. */
static int cursor_next(struct cursor *c, const struct s3_object **out, struct error *err)
{
	int rc = !c->had ? 0 : c->had == &c->object ? step_object(c, err) : step_version(c, err);
	if (rc || (!c->has_object && !c->has_version))
		return rc;
	c->had = c->has_object && (!c->has_version || sl_cmp(c->object.key, c->version.key) <= 0) ? &c->object : &c->version;
	*out = c->had;
	return 1;
}

static void add_entry(struct arena *a, struct s3_page *page, struct cursor *c, const struct s3_object *o, struct slice common)
{
	struct s3_entry *e = &page->entries[page->n++];
	*e = (struct s3_entry){ .is_prefix = common.p != NULL };
	if (common.p) {
		e->object.key = arena_dup(a, common);
		return;
	}
	e->object = *o;
	e->latest = o == &c->object || !c->seen.p || !sl_eq(c->seen, o->key);
	e->object.key = c->seen = arena_dup(a, o->key);
	e->object.etag = arena_dup(a, o->etag);
	e->object.class = arena_dup(a, o->class);
	e->object.headers = owner_line(a, o->headers);
}

int s3_list(struct s3 *s, struct arena *a, const struct s3_list *in, struct s3_page *out, struct s3_fail *f)
{
	struct cursor c = { .store = &s->store, .in = in };
	bool again = in->after_seq && in->after.n && !s3_key_rolled(in->after, in).p && sl_starts(in->after, in->prefix.p ? in->prefix : S(""));
	struct slice from = again ? in->after : begin(a, in);
	const struct s3_object *o;
	struct s3_page page = { 0 };
	struct error err;
	int rc = 0;
	page.entries = arena_alloc(a, ((size_t)in->max + 1) * sizeof(*page.entries));
	if (again)
		c.seen = from;
	if (in->max > 0 && from.p)
		rc = cursor_at(&c, from, again ? in->after_seq : 0, &err);
	while (rc == 0 && in->max > 0 && from.p && (rc = cursor_next(&c, &o, &err)) == 1) {
		struct slice common = s3_key_rolled(o->key, in);
		rc = 0;
		if (!sl_starts(o->key, in->prefix.p ? in->prefix : S("")))
			break;
		if ((page.more = page.n == (size_t)in->max))
			break;
		add_entry(a, &page, &c, o, common);
		if (!common.p)
			continue;
		from = s3_key_above(a, common);
		if (from.p)
			rc = cursor_at(&c, from, 0, &err);
	}
	s3_store_scan_end(&s->store);
	if (in->versions)
		s3_store_versions_end(&s->store);
	if (rc < 0)
		return s3_store_fail(f, &err);
	*out = page;
	return 0;
}
