/* What is set of brokers, loggers, groups and client metrics: all of it in memory, by resource and key, and in kafka.db. */
#include <assert.h>

#include "kafka/config.h"

enum { K_PUT, K_DEL, K_ALL, K_COUNT };
static const char *const queries[K_COUNT] = {
	[K_PUT] = "INSERT INTO kept (of, name, key, value) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (of, name, key) DO UPDATE SET value = excluded.value",
	[K_DEL] = "DELETE FROM kept WHERE of = ?1 AND name = ?2 AND key = ?3",
	[K_ALL] = "SELECT of, name, key, value FROM kept ORDER BY of, name, key", /* the primary key */
};

struct item {
	enum kfk_thing of;
	char *name, *key, *value; /* owned */
};
struct kfk_kept {
	struct item *v; /* by resource, name, key */
	size_t n, cap;
	sqlite3_stmt *q[K_COUNT];
	struct kfk_known known[KFK_KNOWN_MAX];
};

static void unknow(struct kfk_kept *all)
{
	for (size_t i = 0; i < KFK_KNOWN_MAX; i++) {
		free(all->known[i].value);
		all->known[i].value = NULL;
	}
}

struct kfk_known *kfk_known(const struct kafka *k, size_t setting)
{
	assert(setting < KFK_KNOWN_MAX);
	return &k->kept->known[setting];
}

int kfk_kept_open(struct kafka *k, struct error *err)
{
	int rc = 0;
	k->kept = xcalloc(1, sizeof(*k->kept));
	for (size_t i = 0; !rc && i < K_COUNT; i++)
		rc = db_prepare(&k->db, queries[i], &k->kept->q[i], err);
	return rc;
}

static void item_free(struct item *it)
{
	free(it->name);
	free(it->key);
	free(it->value);
}

static void forget(struct kfk_kept *all)
{
	for (size_t i = 0; i < all->n; i++)
		item_free(&all->v[i]);
	all->n = 0;
	unknow(all);
}

void kfk_kept_close(struct kafka *k)
{
	if (!k->kept)
		return;
	forget(k->kept);
	for (size_t i = 0; i < K_COUNT; i++)
		sqlite3_finalize(k->kept->q[i]);
	free(k->kept->v);
	free(k->kept);
	k->kept = NULL;
}

static int compare(const struct item *it, enum kfk_thing of, struct slice name, struct slice key)
{
	int d = it->of < of ? -1 : it->of > of;
	if (!d)
		d = sl_cmp(sl(it->name), name);
	return d ? d : sl_cmp(sl(it->key), key);
}

/* Its place, or where it would go. */
static size_t place(const struct kfk_kept *all, enum kfk_thing of, struct slice name, struct slice key, bool *found)
{
	size_t lo = 0, hi = all->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (compare(&all->v[mid], of, name, key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	*found = lo < all->n && !compare(&all->v[lo], of, name, key);
	return lo;
}

static void put(struct kfk_kept *all, enum kfk_thing of, struct slice name, struct slice key, struct slice value)
{
	bool found;
	size_t at = place(all, of, name, key, &found);
	if (found) {
		free(all->v[at].value);
	} else {
		GROW(all->v, all->n, all->cap);
		memmove(all->v + at + 1, all->v + at, (all->n - at) * sizeof(*all->v));
		all->v[at] = (struct item){ .of = of, .name = xstrndup(name.p, name.n), .key = xstrndup(key.p, key.n) };
		all->n++;
	}
	all->v[at].value = xstrndup(value.p, value.n);
}

static void drop(struct kfk_kept *all, enum kfk_thing of, struct slice name, struct slice key)
{
	bool found;
	size_t at = place(all, of, name, key, &found);
	if (!found)
		return;
	item_free(&all->v[at]);
	memmove(all->v + at, all->v + at + 1, (all->n - at - 1) * sizeof(*all->v));
	all->n--;
}

int kfk_kept_load(struct kafka *k, struct error *err)
{
	sqlite3_stmt *st = k->kept->q[K_ALL];
	int rc;
	forget(k->kept);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		put(k->kept, (enum kfk_thing)sqlite3_column_int(st, 0), db_text(st, 1), db_text(st, 2), db_text(st, 3));
	sqlite3_reset(st);
	return rc == SQLITE_DONE ? 0 : db_error(&k->db, err);
}

struct slice kfk_kept(const struct kafka *k, enum kfk_thing of, struct slice name, struct slice key)
{
	bool found;
	size_t at = place(k->kept, of, name, key, &found);
	return sl(found ? k->kept->v[at].value : NULL);
}

int kfk_keep(struct kafka *k, enum kfk_thing of, struct slice name, struct slice key, struct slice value)
{
	sqlite3_stmt *st = k->kept->q[value.p ? K_PUT : K_DEL];
	struct error err;
	sqlite3_bind_int(st, 1, (int)of);
	db_bind(st, 2, name);
	db_bind(st, 3, key);
	if (value.p)
		db_bind(st, 4, value);
	if (db_begin(&k->db, &err) || db_run(&k->db, st, &err))
		return kfk_store_failed(k, "keep", &err);
	unknow(k->kept);
	if (value.p)
		put(k->kept, of, name, key, value);
	else
		drop(k->kept, of, name, key);
	return KE_NONE;
}

size_t kfk_kept_of(const struct kafka *k, enum kfk_thing of, struct slice name, struct arena *a, struct kfk_config **out)
{
	bool found;
	size_t n = 0, from = place(k->kept, of, name, S(""), &found), to = from;
	while (to < k->kept->n && k->kept->v[to].of == of && sl_eqs(name, k->kept->v[to].name))
		to++;
	*out = arena_alloc(a, (to - from + 1) * sizeof(**out));
	for (size_t i = from; i < to; i++)
		(*out)[n++] = (struct kfk_config){ arena_dup(a, sl(k->kept->v[i].key)), arena_dup(a, sl(k->kept->v[i].value)) };
	return n;
}

size_t kfk_kept_names(const struct kafka *k, enum kfk_thing of, struct arena *a, struct slice **out)
{
	size_t n = 0;
	*out = arena_alloc(a, (k->kept->n + 1) * sizeof(**out));
	for (size_t i = 0; i < k->kept->n; i++)
		if (k->kept->v[i].of == of && (!n || !sl_eqs((*out)[n - 1], k->kept->v[i].name)))
			(*out)[n++] = arena_dup(a, sl(k->kept->v[i].name));
	return n;
}
