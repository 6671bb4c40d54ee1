/* Files below a path as a source: those that no batch has had. Which ones a batch has is noted in the checkpoint, as Spark does. */
#include <fnmatch.h>

#include "core/json.h"
#include "streaming/sources.h"

static const struct object_store *store(const struct sq *q)
{
	return &q->m->env->ports->objects;
}

/* Where a key is among those that were given, or would be. */
static size_t seen_at(const struct sq_reading *r, struct slice key, bool *there)
{
	size_t lo = 0, hi = r->seen_n;
	*there = false;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = sl_cmp(r->seen[mid], key);
		if (!c) {
			*there = true;
			return mid;
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void see(struct sq_reading *r, struct slice key)
{
	bool there;
	size_t at = seen_at(r, key, &there);
	if (there)
		return;
	GROW(r->seen, r->seen_n, r->seen_cap);
	memmove(&r->seen[at + 1], &r->seen[at], (r->seen_n - at) * sizeof(*r->seen));
	r->seen[at] = arena_dup(&r->seen_arena, key);
	r->seen_n++;
}

/* Length of the path's part without a glob. */
static size_t plain_n(const char *path)
{
	return strcspn(path, "*?[{");
}

/* Data below the path: no part of the name below it begins with _ or a point. */
static bool is_data(const struct sq *q, struct slice key)
{
	const char *path = q->o.path;
	struct slice below = key, part;
	size_t n = strlen(path);
	if (!path[plain_n(path)]) {
		if (n && !(sl_starts(key, sl(path)) && (key.n == n || key.p[n] == '/')))
			return false;
		below = sl_from(key, n);
	} else {
		char *name = xstrndup(key.p, key.n);
		bool fits = !fnmatch(path, name, FNM_PATHNAME | FNM_LEADING_DIR);
		free(name);
		if (!fits)
			return false;
		while (sl_chr(below, '/') >= 0)
			below = sl_from(below, (size_t)sl_chr(below, '/') + 1);
	}
	if (key.p[key.n - 1] == '/')
		return false;
	while (below.p) {
		sl_cut(below, '/', &part, &below);
		if (part.n && (part.p[0] == '.' || (part.p[0] == '_' && sl_chr(part, '=') < 0)))
			return false;
	}
	return true;
}

static bool on_object(void *arg, const struct object_entry *e)
{
	struct sq *q = arg;
	struct sq_reading *r = sq_reading(q);
	bool there;
	(void)seen_at(r, e->key, &there);
	if (there || !e->key.n || !is_data(q, e->key))
		return true;
	GROW(r->files, r->file_n, r->file_cap);
	r->files[r->file_n++] = (struct source_file){ arena_dup(&r->arena, e->key), e->modified_ms };
	return true;
}

static int by_time(const void *x, const void *y)
{
	const struct source_file *a = x, *b = y;
	int c = (a->modified_ms > b->modified_ms) - (a->modified_ms < b->modified_ms);
	return c ? c : sl_cmp(a->key, b->key);
}

static void take_paths(struct sq *q, const struct source_file *files, size_t n)
{
	struct buf b = { 0 };
	jw_list(&b, NULL);
	for (size_t i = 0; i < n; i++)
		jw_fmt(&b, NULL, "s3://%s/%.*s", q->o.bucket, SL(files[i].key));
	jw_list_end(&b);
	free((char *)(uintptr_t)q->files.p);
	q->files = n ? sl_of(xstrndup(b.p, b.n), b.n) : sl(NULL);
	buf_free(&b);
}

static void on_listed(void *arg, const struct error *err)
{
	struct sq *q = arg;
	struct sq_reading *r = sq_reading(q);
	bool none = err && err->def && !strcmp(err->def->code, "NoSuchBucket");
	size_t n = r->file_n;
	if (!sq_back(q))
		return;
	if (err && !none) {
		sq_end(q, err);
		return;
	}
	if (n)
		qsort(r->files, n, sizeof(*r->files), by_time);
	if (q->o.latest_first)
		for (size_t i = 0; i < n / 2; i++) {
			struct source_file f = r->files[i];
			r->files[i] = r->files[n - 1 - i];
			r->files[n - 1 - i] = f;
		}
	q->full = q->o.files_max && (int64_t)n > q->o.files_max;
	n = q->full ? (size_t)q->o.files_max : n;
	r->file_n = n;
	q->any_new = n > 0;
	q->end.mark = (struct sq_mark){ .at = q->start.mark.at + (n > 0), .index = -1 };
	take_paths(q, r->files, n);
	r->after(q);
}

static void list_files(struct sq *q)
{
	struct sq_reading *r = sq_reading(q);
	r->file_n = 0;
	arena_reset(&r->arena);
	sq_owe(q, objects_each(store(q), sl(q->o.bucket), sl_of(q->o.path, plain_n(q->o.path)), sl(NULL), on_object, on_listed, q));
}

static void next_entry(struct sq *q);

static int on_path(void *arg, struct slice path)
{
	struct sq *q = arg;
	struct sq_reading *r = sq_reading(q);
	struct slice bucket, key = path;
	if (!sl_after(path, S("s3://"), &key) || !sl_cut(key, '/', &bucket, &key))
		return 0;
	see(r, key);
	if (r->again && r->entry == r->wanted) {
		GROW(r->files, r->file_n, r->file_cap);
		r->files[r->file_n++] = (struct source_file){ arena_dup(&r->arena, key), 0 };
	}
	return 0;
}

static void on_source_entry(void *arg, struct slice body, const struct error *err)
{
	struct sq *q = arg;
	struct error bad;
	if (!sq_back(q))
		return;
	if (err)
		sq_end(q, err);
	else if (sq_files_parse("sources/0", body, on_path, q, &bad))
		sq_end(q, &bad);
	else {
		sq_reading(q)->entry++;
		next_entry(q);
	}
}

/* sources/0/N, one after another, up to the one that is wanted. */
static void next_entry(struct sq *q)
{
	struct sq_reading *r = sq_reading(q);
	if (r->entry <= r->wanted) {
		sq_owe(q, store(q)->get(store(q)->self, q->cp_bucket, sq_key(q, &q->arena, "sources/0/%lld", (long long)r->entry), on_source_entry, q));
		return;
	}
	if (r->again)
		take_paths(q, r->files, r->file_n);
	r->after(q);
}

static void on_noted(void *arg, const struct error *err)
{
	struct sq *q = arg;
	struct sq_reading *r = sq_reading(q);
	if (!sq_back(q))
		return;
	if (err && err->kind != ERR_CONFLICT) {
		sq_end(q, err);
		return;
	}
	if (err) { /* noted before a crash that came before the offsets: that list counts */
		r->again = true;
		r->file_n = 0;
		r->entry = r->wanted = q->end.mark.at;
		next_entry(q);
		return;
	}
	for (size_t i = 0; i < r->file_n; i++)
		see(r, r->files[i].key);
	r->after(q);
}

void sq_files_resume(struct sq *q)
{
	struct sq_reading *r = sq_reading(q);
	r->again = false;
	r->entry = 0;
	r->wanted = q->start.mark.at;
	next_entry(q);
}

void sq_files_read(struct sq *q)
{
	struct sq_reading *r = sq_reading(q);
	r->file_n = 0;
	r->entry = r->wanted = q->end.mark.at;
	if (!r->again)
		list_files(q);
	else if (q->end.mark.at > q->start.mark.at)
		next_entry(q);
	else
		r->after(q);
}

void sq_files_note(struct sq *q)
{
	struct sq_reading *r = q->reading;
	struct buf b = { 0 };
	buf_adds(&b, "v1");
	for (size_t i = 0; i < r->file_n; i++) {
		struct buf path = { 0 };
		buf_addf(&path, "s3://%s/%.*s", q->o.bucket, SL(r->files[i].key));
		buf_adds(&b, "\n{\"path\":");
		buf_json_string(&b, buf_slice(&path));
		buf_addf(&b, ",\"timestamp\":%lld,\"batchId\":%lld}", (long long)r->files[i].modified_ms, (long long)q->end.mark.at);
		buf_free(&path);
	}
	sq_owe(q, store(q)->put_new(store(q)->self, q->cp_bucket, sq_key(q, &q->arena, "sources/0/%lld", (long long)q->end.mark.at), S("application/json"),
				    buf_slice(&b), sl(NULL), on_noted, q));
	buf_free(&b);
}
