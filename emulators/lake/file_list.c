/* Which files a reading is of: paths with globs, and the filters of spark.read. */
#include <fnmatch.h>
#include <jansson.h>

#include "core/hash.h"
#include "core/path.h"
#include "lake/files.h"
#include "spark/time.h"

struct slice lake_files_option(const struct lake_relation *r, const char *key)
{
	struct slice v = sl(NULL);
	for (size_t i = 0; i < r->option_n; i++)
		if (sl_eq_nocase(r->options[i].key, sl(key)))
			v = r->options[i].value;
	return v;
}

/* ---- globs ---- */

static ssize_t glob_at(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr("*?[{", s.p[i]))
			return (ssize_t)i;
	return -1;
}

static bool matches(struct slice pattern, struct slice key)
{
	char p[1200], k[1200]; /* a key has 1024 bytes at most */
	if (pattern.n >= sizeof(p) || key.n >= sizeof(k))
		return false;
	memcpy(p, pattern.p, pattern.n);
	memcpy(k, key.p, key.n);
	p[pattern.n] = k[key.n] = '\0';
	return !fnmatch(p, k, FNM_PATHNAME);
}

/* {a,b} by trying each; a * doesn't pass a slash. */
static bool glob_match(struct arena *a, struct slice pattern, struct slice key)
{
	ssize_t open = sl_chr(pattern, '{'), close = open < 0 ? -1 : sl_chr(sl_from(pattern, (size_t)open), '}');
	struct slice head, rest;
	if (close < 0)
		return matches(pattern, key);
	rest = sl_of(pattern.p + open + 1, (size_t)close - 1);
	while (rest.p) {
		sl_cut(rest, ',', &head, &rest);
		if (glob_match(a, arena_printf(a, "%.*s%.*s%.*s", (int)open, pattern.p, SL(head), SL(sl_from(pattern, (size_t)(open + close) + 1))), key))
			return true;
	}
	return false;
}

static size_t slashes(struct slice s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '/';
	return n;
}

/* How far a key is what the pattern matches: as many names as the pattern has. 0: it doesn't match. */
static size_t pattern_end(struct arena *a, struct slice pattern, struct slice key)
{
	size_t left = slashes(pattern), n;
	for (n = 0; n < key.n; n++)
		if (key.p[n] == '/' && !left--)
			break;
	return glob_match(a, pattern, sl_of(key.p, n)) ? n : 0;
}

/* ---- paths ---- */

/* What is the same at the ends of the path as shown and as a key goes: the rest is how the bucket's beginning is shown. */
static void set_shown(struct lake_root *p, struct slice key)
{
	struct slice shown = p->shown;
	while (shown.n && shown.p[shown.n - 1] == '/')
		shown.n--;
	while (key.n && shown.n && key.p[key.n - 1] == shown.p[shown.n - 1]) {
		key.n--;
		shown.n--;
	}
	p->key0 = key;
	p->shown0 = shown;
}

static void add_root_at(struct lake_relation *r, struct slice shown, struct slice bucket, struct slice key)
{
	struct lake_files *f = lake_files_of(r);
	struct lake_root *p = &f->roots[f->root_n++];
	ssize_t glob = glob_at(key);
	*p = (struct lake_root){ .shown = shown, .bucket = bucket, .path = key, .pattern = sl(NULL) };
	set_shown(p, key);
	if (glob < 0)
		return;
	p->pattern = key;
	p->path = sl_of(key.p, (size_t)glob);
}

static int add_root(struct lake_relation *r, struct slice path)
{
	struct object_path at = { 0 };
	if (lake_path_resolve(r->task, r->arena, path, &at, &r->err))
		return 1;
	add_root_at(r, path, arena_dup(r->arena, at.bucket), arena_dup(r->arena, at.key));
	return 0;
}

/* What the relation itself names: a topic, a path, where a table by name is placed. */
static void add_own(struct lake_relation *r)
{
	struct slice key = r->ref.path, shown = r->ref.name;
	if (lake_files_of(r)->topic)
		key = arena_printf(r->arena, "topics/%.*s", SL(r->topic));
	if (lake_files_of(r)->topic || r->placed.p)
		shown = arena_printf(r->arena, "s3://%.*s/%.*s", SL(r->ref.bucket), SL(key));
	add_root_at(r, shown, r->ref.bucket, key);
}

static int add_roots(struct lake_relation *r, struct slice list)
{
	struct lake_files *f = lake_files_of(r);
	json_t *doc = list.p ? json_loadb(list.p, list.n, 0, NULL) : NULL, *item;
	size_t i, n = json_array_size(doc);
	if (list.p && (!json_is_array(doc) || n > LAKE_PATHS_MAX))
		sp_fail(&r->err, SP_E_ANALYSIS, "", "", "paths is a JSON array of at most %d texts", LAKE_PATHS_MAX);
	f->roots = arena_alloc(r->arena, (n + 1) * sizeof(*f->roots));
	if (!doc && !r->err.set && r->ref.bucket.n)
		add_own(r);
	json_array_foreach(doc, i, item)
		if (!r->err.set && json_is_string(item))
			(void)add_root(r, arena_dup(r->arena, sl(json_string_value(item))));
	json_decref(doc);
	return r->err.set;
}

static int flag(struct lake_relation *r, const char *key, bool *out)
{
	struct slice v = lake_files_option(r, key);
	*out = v.p && sl_eq_nocase(v, S("true"));
	if (!v.p || *out || sl_eq_nocase(v, S("false")))
		return 0;
	sp_fail(&r->err, SP_E_RUN, "", "", "For input string: \"%.*s\"", SL(v));
	r->err.java = "java.lang.IllegalArgumentException";
	return 1;
}

static int moment(struct lake_relation *r, const char *key, const char *shown, int64_t none, int64_t *ms)
{
	struct slice v = lake_files_option(r, key);
	int64_t us;
	*ms = none;
	if (!v.p)
		return 0;
	if (!sp_text_timestamp(v, r->cx->zone, r->cx->now_us, &us))
		return sp_fail(&r->err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_1294", "", "The timestamp provided for the '%s' option is invalid. The expected format is "
			       "'YYYY-MM-DDTHH:mm:ss', but the provided timestamp: %.*s.", shown, SL(v));
	*ms = sp_floor_div(us, 1000);
	return 0;
}

static int base_path(struct lake_relation *r)
{
	struct slice v = lake_files_option(r, "basePath");
	struct object_path at = { 0 };
	if (!v.p)
		return 0;
	if (lake_path_resolve(r->task, r->arena, v, &at, &r->err))
		return 1;
	lake_files_of(r)->base_path = arena_dup(r->arena, at.key);
	return 0;
}

int lake_files_begin(struct lake_relation *r)
{
	struct lake_files *f = lake_files_of(r);
	f->name_filter = lake_files_option(r, "pathGlobFilter");
	f->line_sep = lake_files_option(r, "lineSep");
	f->base_path = sl(NULL);
	if (flag(r, "recursiveFileLookup", &f->recursive) || flag(r, "mergeSchema", &f->merge_schema) || flag(r, "wholetext", &f->whole_text))
		return 1;
	if (moment(r, "modifiedAfter", "modifiedafter", INT64_MIN, &f->after_ms) || moment(r, "modifiedBefore", "modifiedbefore", INT64_MAX, &f->before_ms))
		return 1;
	return base_path(r) || add_roots(r, lake_files_option(r, "paths"));
}

/* A path without a scheme is one of DBFS. */
static bool is_dbfs(struct slice shown)
{
	return sl_find(shown, S(":/")) < 0;
}

struct slice lake_files_shown(struct arena *a, const struct lake_found_file *f)
{
	const struct lake_root *p = f->root;
	struct slice rest = sl_from(f->key, p->key0.n);
	bool slash = p->shown0.n && p->shown0.p[p->shown0.n - 1] == '/';
	return arena_printf(a, "%s%.*s%s%.*s", is_dbfs(p->shown) ? "dbfs:" : "", SL(p->shown0), slash || !rest.n || rest.p[0] == '/' ? "" : "/", SL(rest));
}

/* ---- listing ---- */

/* Names that Spark reads over: those with _ or . before, and what is being copied. */
static bool is_hidden(struct slice name)
{
	if (!name.n)
		return false;
	if (name.p[0] == '.' || sl_ends(name, S("._COPYING_")))
		return true;
	return name.p[0] == '_' && sl_chr(name, '=') < 0;
}

static bool hidden_below(struct slice below)
{
	struct slice part, rest = below;
	while (rest.p) {
		sl_cut(rest, '/', &part, &rest);
		if (is_hidden(part))
			return true;
	}
	return false;
}

static struct slice last_name(struct slice key)
{
	size_t at = key.n;
	while (at && key.p[at - 1] != '/')
		at--;
	return sl_from(key, at);
}

/* Bytes of the key that are the path; SIZE_MAX: it isn't below. */
static size_t root_end(struct lake_relation *r, const struct lake_root *p, struct slice key)
{
	if (p->pattern.p) {
		size_t n = pattern_end(r->arena, p->pattern, key);
		return n ? n : SIZE_MAX;
	}
	if (!p->path.n)
		return 0;
	return key.n == p->path.n || key.p[p->path.n] == '/' ? p->path.n : SIZE_MAX;
}

static bool is_wanted(struct lake_relation *r, const struct object_entry *e, size_t end)
{
	struct lake_files *f = lake_files_of(r);
	struct slice name = last_name(e->key), root = last_name(sl_of(e->key.p, end));
	if (!name.n || hidden_below(sl_from(e->key, end)) || (end && is_hidden(root)))
		return false;
	if (f->name_filter.p && !glob_match(r->arena, f->name_filter, name))
		return false;
	return e->modified_ms > f->after_ms && e->modified_ms < f->before_ms;
}

struct listing {
	struct lake_relation *r;
	void (*done)(struct lake_relation *r);
	struct slice key;
	uint64_t changes;  /* when it began */
};

static bool on_entry(void *arg, const struct object_entry *e)
{
	struct lake_relation *r = ((struct listing *)arg)->r;
	struct lake_files *f = lake_files_of(r);
	struct lake_root *p = &f->roots[f->listing];
	struct lake_found_file *file;
	size_t end = root_end(r, p, e->key);
	char text[64];
	if (end == SIZE_MAX)
		return true;
	p->there = true;
	if (!is_wanted(r, e, end))
		return true;
	ARENA_GROW(r->arena, f->files, f->n, f->cap);
	file = &f->files[f->n++];
	*file = (struct lake_found_file){ .root = p, .key = arena_dup(r->arena, e->key), .size = e->size, .modified_ms = e->modified_ms };
	file->base_n = end < e->key.n ? end : e->key.n - last_name(e->key).n;
	file->direct = sl_chr(path_bare(sl_from(file->key, file->base_n)), '/') < 0;
	hash_add(f->hash, e->key.p, e->key.n);
	hash_add(f->hash, e->etag.p, e->etag.n);
	hash_add(f->hash, text, (size_t)snprintf(text, sizeof(text), "|%zu|%lld|%lld|%zu\n", e->key.n, (long long)e->size, (long long)e->modified_ms, f->listing));
	return true;
}

static void next_root(struct listing *x);

static void not_there(struct lake_relation *r, const struct lake_root *p)
{
	sp_fail(&r->err, SP_E_ANALYSIS, "PATH_NOT_FOUND", "42K03", "Path does not exist: %s%s%.*s.", is_dbfs(p->shown) ? "dbfs:" : "",
		is_dbfs(p->shown) && !sl_starts(p->shown, S("/")) ? "/" : "", SL(p->shown));
}

static void on_listed(void *arg, const struct error *err)
{
	struct listing *x = arg;
	struct lake_relation *r = x->r;
	struct lake_files *f = lake_files_of(r);
	bool none = err && err->def && !strcmp(err->def->code, "NoSuchBucket");
	if (err && !none)
		lake_relation_fail(r, err);
	else if (!f->roots[f->listing].there && !f->topic && !(r->placed.p && lake_files_option(r, "schema").p)) /* a table may have no files */
		not_there(r, &f->roots[f->listing]);
	f->listing++;
	next_root(x);
}

/* What changes with any object; 0: the store can't say. */
static uint64_t changes_of(const struct lake_relation *r)
{
	const struct object_store *s = &r->task->l->env->ports->objects;
	return s->changes ? s->changes(s->self) : 0;
}

static struct slice key_of(struct lake_relation *r)
{
	const struct lake_files *f = lake_files_of(r);
	struct buf b = { 0 };
	struct slice key;
	buf_addf(&b, "%lld %lld %d %.*s", (long long)f->after_ms, (long long)f->before_ms, f->topic, SL(f->name_filter));
	for (size_t i = 0; i < f->root_n; i++)
		buf_addf(&b, "\n%.*s %c%.*s", SL(f->roots[i].bucket), f->roots[i].pattern.p ? '*' : ' ', SL(f->roots[i].pattern.p ? f->roots[i].pattern : f->roots[i].path));
	key = arena_dup(r->arena, buf_slice(&b));
	buf_free(&b);
	return key;
}

static void next_root(struct listing *x)
{
	struct lake_relation *r = x->r;
	struct lake_files *f = lake_files_of(r);
	struct lake_root *p = &f->roots[f->listing];
	uint8_t sum[HASH_BYTES_MAX];
	struct buf b = { 0 };
	if (f->listing < f->root_n && !r->err.set) {
		lake_await(r->task, objects_each(&r->task->l->env->ports->objects, p->bucket, p->path, sl(NULL), on_entry, on_listed, x));
		return;
	}
	hash_end(f->hash, sum);
	f->hash = NULL;
	buf_hex(&b, sum, hash_bytes(HASH_SHA1));
	f->stamp = arena_dup(r->arena, buf_slice(&b));
	buf_free(&b);
	if (!r->err.set && x->changes && x->changes == changes_of(r))
		lake_listing_keep(r, x->key, x->changes);
	x->done(r);
}

void lake_files_list(struct lake_relation *r, void (*done)(struct lake_relation *r))
{
	struct lake_files *f = lake_files_of(r);
	struct listing *x = arena_alloc(r->arena, sizeof(*x));
	*x = (struct listing){ r, done, key_of(r), changes_of(r) };
	if (x->changes && lake_listing_take(r, x->key, x->changes)) {
		done(r);
		return;
	}
	f->hash = hash_new(HASH_SHA1);
	f->listing = 0;
	next_root(x);
}
