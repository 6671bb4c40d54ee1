/* Documents of resources: an array in order of kind, account, region and key; each also a row. */
#include "aws/resource.h"

#include "core/docs.h"
#include "core/text.h"

struct aws_resource {
	char *kind, *account, *region, *key;
	json_t *doc;
};

static int compare(const struct aws_resource *r, const char *kind, struct aws_place at, const char *key)
{
	int c = strcmp(r->kind, kind);
	if (!c && at.account)
		c = strcmp(r->account, at.account);
	if (!c && at.account)
		c = strcmp(r->region, at.region);
	return c ? c : key ? strcmp(r->key, key) : 0;
}

/* The first that isn't before it. at.account NULL, key NULL: before all of them. */
static size_t place_of(const struct aws *a, const char *kind, struct aws_place at, const char *key)
{
	size_t lo = 0, hi = a->kept_n;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (compare(a->kept[mid], kind, at, key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct aws_place place(struct aws_place at, const struct aws_kind *kind)
{
	if (kind->global)
		at.region = "";
	return at;
}

static struct aws_resource *find(const struct aws *a, const char *kind, struct aws_place at, const char *key, size_t *i)
{
	*i = place_of(a, kind, at, key);
	return *i < a->kept_n && !compare(a->kept[*i], kind, at, key) ? a->kept[*i] : NULL;
}

json_t *aws_find(const struct aws *a, struct aws_place at, const struct aws_kind *kind, const char *key)
{
	size_t i;
	struct aws_resource *r = key ? find(a, kind->name, place(at, kind), key, &i) : NULL;
	return r ? r->doc : NULL;
}

static void put(struct aws *a, const char *kind, struct aws_place at, const char *key, json_t *doc)
{
	size_t i;
	struct aws_resource *r = find(a, kind, at, key, &i);
	if (r) {
		json_decref(r->doc);
		r->doc = doc;
		return;
	}
	if (a->kept_n == a->kept_max) {
		a->kept_max = a->kept_max ? a->kept_max * 2 : 64;
		a->kept = xrealloc(a->kept, a->kept_max * sizeof(*a->kept));
	}
	r = xcalloc(1, sizeof(*r));
	*r = (struct aws_resource){ xstrdup(kind), xstrdup(at.account), xstrdup(at.region), xstrdup(key), doc };
	memmove(&a->kept[i + 1], &a->kept[i], (a->kept_n - i) * sizeof(*a->kept));
	a->kept[i] = r;
	a->kept_n++;
}

void aws_index(struct aws *a, const char *kind, struct slice account, struct slice region, const char *key, json_t *doc)
{
	char *in = xasprintf("%.*s", SL(account)), *where = xasprintf("%.*s", SL(region));
	put(a, kind, (struct aws_place){ in, where }, key, doc);
	free(in);
	free(where);
}

static void resource_free(struct aws_resource *r)
{
	free(r->kind);
	free(r->account);
	free(r->region);
	free(r->key);
	json_decref(r->doc);
	free(r);
}

void aws_index_free(struct aws *a)
{
	for (size_t i = 0; i < a->kept_n; i++)
		resource_free(a->kept[i]);
	free(a->kept);
	a->kept = NULL;
	a->kept_n = a->kept_max = 0;
}

int aws_keep(struct aws *a, struct aws_place at, const struct aws_kind *kind, const char *key, json_t *doc, struct error *err)
{
	at = place(at, kind);
	char *parent = xasprintf("%s %s", at.account, at.region);
	int rc = docs_put(&a->db, kind->name, parent, key, doc, err);
	free(parent);
	if (rc) {
		if (doc != aws_find(a, at, kind, key))
			json_decref(doc);
		return rc;
	}
	if (doc != aws_find(a, at, kind, key))
		put(a, kind->name, at, key, doc);
	return 0;
}

int aws_drop(struct aws *a, struct aws_place at, const struct aws_kind *kind, const char *key, struct error *err)
{
	at = place(at, kind);
	size_t i;
	struct aws_resource *r = find(a, kind->name, at, key, &i);
	if (!r)
		return 0;
	char *parent = xasprintf("%s %s", at.account, at.region);
	int rc = docs_drop(&a->db, kind->name, parent, key, err);
	free(parent);
	if (rc)
		return rc;
	memmove(&a->kept[i], &a->kept[i + 1], (--a->kept_n - i) * sizeof(*a->kept));
	resource_free(r);
	return 0;
}

struct aws_walk aws_walk(const struct aws *a, struct aws_place at, const struct aws_kind *kind)
{
	at = place(at, kind);
	return (struct aws_walk){ .a = a, .kind = kind, .at = at, .i = place_of(a, kind->name, at, NULL) };
}

struct aws_walk aws_walk_all(const struct aws *a, const struct aws_kind *kind)
{
	return (struct aws_walk){ .a = a, .kind = kind, .i = place_of(a, kind->name, (struct aws_place){ NULL, NULL }, NULL), .all = true };
}

json_t *aws_next(struct aws_walk *w)
{
	struct aws_resource *r = w->i < w->a->kept_n ? w->a->kept[w->i] : NULL;
	if (!r || compare(r, w->kind->name, w->all ? (struct aws_place){ NULL, NULL } : w->at, NULL))
		return NULL;
	w->i++;
	w->key = r->key;
	if (w->all)
		w->at = (struct aws_place){ r->account, r->region };
	return r->doc;
}

size_t aws_count(const struct aws *a, struct aws_place at, const struct aws_kind *kind)
{
	size_t n = 0;
	for (struct aws_walk w = aws_walk(a, at, kind); aws_next(&w);)
		n++;
	return n;
}

/* ---- pages ---- */

/* Tokens are "tarn-N" in base64: clients send back what they were given. */
static bool token_read(struct arena *a, const char *token, size_t *from)
{
	struct slice text, rest;
	int64_t n;
	*from = 0;
	if (!token)
		return true;
	if (!arena_base64(a, sl(token), &text) || !sl_after(text, S("tarn-"), &rest) || !sl_int(rest, 0, INT32_MAX, &n))
		return false;
	*from = (size_t)n;
	return true;
}

int aws_page(struct aws_call *c, json_t *items, const char *list, const char *limit, size_t most, const char *token_in, const char *token_out)
{
	size_t from, n = json_array_size(items), to;
	json_t *page = json_array();
	if (!token_read(c->arena, jstr(c->in, token_in), &from)) {
		json_decref(items);
		json_decref(page);
		return -1;
	}
	if (limit && jint(c->in, limit) > 0)
		most = (size_t)jint(c->in, limit);
	to = n - from < most || from > n ? n : from + most;
	for (size_t i = from; i < to; i++)
		json_array_append(page, json_array_get(items, i));
	json_object_set_new(c->out, list, page);
	if (to < n) {
		struct buf b = { 0 };
		char text[32];
		snprintf(text, sizeof(text), "tarn-%zu", to);
		buf_base64(&b, text, strlen(text));
		json_object_set_new(c->out, token_out, json_stringn(b.p, b.n));
		buf_free(&b);
	}
	json_decref(items);
	return 0;
}

/* ---- identifiers ---- */

uint64_t aws_chance(struct aws *a)
{
	struct error err;
	char text[32];
	snprintf(text, sizeof(text), "%llu", (unsigned long long)++a->drawn);
	if (docs_put_text(&a->db, "aws.drawn", "", "", sl(text), &err))
		log_error(a->env, "store-failed", "error=\"%s\"", err.text);
	return faults_hash((uint64_t)conf_int(a->env->conf, "stack", "seed", 0), S("aws"), a->drawn);
}

void aws_uuid(struct aws *a, char out[37])
{
	uint64_t high = aws_chance(a);
	uuid_text(high, aws_chance(a), 4, out);
}

static void draw(struct aws *a, int n, char *out, const char *letters, unsigned bits)
{
	uint64_t chance = 0;
	unsigned left = 0;
	for (int i = 0; i < n; i++) {
		if (left < bits) {
			chance = aws_chance(a);
			left = 64;
		}
		out[i] = letters[chance & ((1u << bits) - 1)];
		chance >>= bits;
		left -= bits;
	}
	out[n] = '\0';
}

void aws_hex(struct aws *a, int digits, char *out)
{
	draw(a, digits, out, "0123456789abcdef", 4);
}

void aws_letters(struct aws *a, int n, char *out)
{
	draw(a, n, out, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5);
}

/* ---- tags ---- */

static ssize_t tag_at(const json_t *tags, const char *key, const char *name)
{
	size_t i;
	json_t *one;
	json_array_foreach(tags, i, one)
		if (jstr(one, key) && !strcmp(jstr(one, key), name))
			return (ssize_t)i;
	return -1;
}

void aws_tags_set(json_t *tags, const json_t *more, const char *key, const char *value)
{
	size_t i;
	json_t *one;
	json_array_foreach(more, i, one) {
		const char *name = jstr(one, key);
		ssize_t at = name ? tag_at(tags, key, name) : -1;
		json_t *tag = at < 0 ? json_object() : json_array_get(tags, (size_t)at);
		jput(tag, key, name);
		jput(tag, value, jstr(one, value) ? jstr(one, value) : "");
		if (at < 0)
			json_array_append_new(tags, tag);
	}
}

void aws_tags_drop(json_t *tags, const json_t *keys, const char *key)
{
	size_t i;
	json_t *one;
	json_array_foreach(keys, i, one) {
		ssize_t at = tag_at(tags, key, json_is_string(one) ? json_string_value(one) : "");
		if (at >= 0)
			json_array_remove(tags, (size_t)at);
	}
}
