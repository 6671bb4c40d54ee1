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

static void add_entry(struct arena *a, struct s3_page *page, const struct s3_object *o, struct slice common)
{
	struct s3_entry *e = &page->entries[page->n++];
	*e = (struct s3_entry){ .is_prefix = common.p != NULL };
	if (common.p) {
		e->object.key = arena_dup(a, common);
		return;
	}
	e->object = *o;
	e->object.key = arena_dup(a, o->key);
	e->object.etag = arena_dup(a, o->etag);
	e->object.class = arena_dup(a, o->class);
	e->object.headers = owner_line(a, o->headers);
}

int s3_list(struct s3 *s, struct arena *a, const struct s3_list *in, struct s3_page *out, struct s3_fail *f)
{
	struct slice from = begin(a, in);
	struct s3_page page = { 0 };
	struct s3_object o;
	struct error err;
	int rc = 1;
	page.entries = arena_alloc(a, ((size_t)in->max + 1) * sizeof(*page.entries));
	if (in->max > 0 && from.p)
		rc = s3_store_scan(&s->store, in->bucket, from, &err) == 0 ? 1 : ERR_STORE;
	while (in->max > 0 && from.p && (rc = s3_store_scan_next(&s->store, &o, &err)) == 1) {
		struct slice common = s3_key_rolled(o.key, in);
		if (!sl_starts(o.key, in->prefix.p ? in->prefix : S("")))
			break;
		if ((page.more = page.n == (size_t)in->max))
			break;
		add_entry(a, &page, &o, common);
		if (!common.p)
			continue;
		from = s3_key_above(a, common);
		if (from.p && (rc = s3_store_scan(&s->store, in->bucket, from, &err)) != 0)
			break;
	}
	s3_store_scan_end(&s->store);
	if (rc < 0)
		return s3_store_fail(f, &err);
	*out = page;
	return 0;
}
