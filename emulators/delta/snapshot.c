/* What a replay of the log leaves. */
#include "delta/delta.h"

struct delta_snapshot *delta_snapshot_new(void)
{
	struct delta_snapshot *s = xcalloc(1, sizeof(*s));
	s->version = -1;
	s->refs = 1;
	return s;
}

struct delta_snapshot *delta_snapshot_ref(const struct delta_snapshot *s)
{
	struct delta_snapshot *held = (struct delta_snapshot *)(uintptr_t)s;
	held->refs++;
	return held;
}

void delta_snapshot_free(struct delta_snapshot *s)
{
	if (!s || --s->refs)
		return;
	delta_snapshot_free(s->parent);
	free(s->files);
	hset_free(&s->paths);
	free(s->txns);
	arena_free(&s->arena);
	free(s);
}

/* ---- files by path ---- */

static struct delta_file *find(const struct delta_snapshot *s, struct slice path)
{
	uint32_t i;
	for (struct hset_walk w = hset_walk(&s->paths, hset_hash(path)); hset_next(&w, &i);)
		if (sl_eq(s->files[i].path, path))
			return &s->files[i];
	return NULL;
}

const struct delta_file *delta_snapshot_file(const struct delta_snapshot *s, struct slice path)
{
	return find(s, path);
}

/* Newest mention wins. The action's slices are in the snapshot's arena. */
static void put_file(struct delta_snapshot *s, const struct delta_file *f)
{
	struct delta_file *old = find(s, f->path);
	if (old) {
		s->live_n -= old->live;
		if (!f->live && !f->size) {
			int64_t size = old->size;
			*old = *f;
			old->size = size;
		} else {
			*old = *f;
		}
	} else {
		GROW(s->files, s->file_n, s->file_cap);
		hset_add(&s->paths, hset_hash(f->path), (uint32_t)s->file_n);
		s->files[s->file_n++] = *f;
	}
	s->live_n += f->live;
}

static void put_txn(struct delta_snapshot *s, const struct delta_txn *t)
{
	for (size_t i = 0; i < s->txn_n; i++)
		if (sl_eq(s->txns[i].app, t->app)) {
			s->txns[i] = *t;
			return;
		}
	GROW(s->txns, s->txn_n, s->txn_cap);
	s->txns[s->txn_n++] = *t;
}

int64_t delta_snapshot_txn(const struct delta_snapshot *s, struct slice app)
{
	for (size_t i = 0; i < s->txn_n; i++)
		if (sl_eq(s->txns[i].app, app))
			return s->txns[i].version;
	return -1;
}

void delta_apply(struct delta_snapshot *s, const struct delta_action *a)
{
	switch (a->kind) {
	case DELTA_A_PROTOCOL:
		s->protocol = a->protocol;
		s->has_protocol = true;
		break;
	case DELTA_A_META:
		s->meta = a->meta;
		s->has_meta = true;
		break;
	case DELTA_A_TXN:
		put_txn(s, &a->txn);
		break;
	case DELTA_A_ADD:
	case DELTA_A_REMOVE:
		put_file(s, &a->file);
		break;
	case DELTA_A_INFO:
	case DELTA_A_OTHER:
		break;
	}
}

static int apply_action(void *arg, const struct delta_action *a, struct error *err)
{
	delta_apply(arg, a);
	return 0;
}

int delta_replay(struct delta_snapshot *s, int64_t version, struct slice text, struct error *err)
{
	int rc = delta_parse(&s->arena, text, apply_action, s, err);
	if (rc == 0)
		s->version = version;
	return rc;
}

int delta_snapshot_ready(struct delta_snapshot *s, struct error *err)
{
	if (!s->has_protocol || !s->has_meta)
		return delta_fail(err, DELTA_E_STATE,
				  "The %s of your Delta table could not be recovered while Reconstructing\nversion: %lld. Did you manually delete "
				  "files in the _delta_log directory?", s->has_protocol ? "metadata" : "protocol", (long long)s->version);
	if (s->protocol.unknown_reader)
		return delta_fail(err, DELTA_E_PROTOCOL,
				  "Unsupported Delta protocol version: table requires reader version %d and writer version %d, but this version of "
				  "tarn supports reader versions 1 and writer versions 1, 2.", s->protocol.reader, s->protocol.writer);
	for (size_t i = 0; i < s->file_n; i++)
		if (s->files[i].live && s->files[i].vector)
			return delta_fail(err, DELTA_E_PROTOCOL, "The table uses deletion vectors (file %.*s), which aren't served", SL(s->files[i].path));
	return delta_schema_parse(&s->arena, s->meta.schema_text, &s->schema, err);
}

/* ---- properties ---- */

struct slice delta_property(const struct delta_snapshot *s, const char *key)
{
	for (size_t i = 0; i < s->meta.config_n; i++)
		if (sl_eqs(s->meta.config[i].key, key))
			return s->meta.config[i].value;
	return sl(NULL);
}

bool delta_interval(struct slice text, int64_t *ms)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = { { "week", 604800000 }, { "day", 86400000 }, { "hour", 3600000 }, { "minute", 60000 }, { "second", 1000 }, { "millisecond", 1 } };
	struct slice rest = sl_trim(text), number, unit;
	int64_t n, total = 0;
	(void)sl_after_nocase(rest, S("interval "), &rest);
	rest = sl_trim(rest);
	while (rest.n) {
		bool known = false;
		sl_cut(rest, ' ', &number, &rest);
		sl_cut(sl_trim(rest), ' ', &unit, &rest);
		rest = sl_trim(rest);
		if (unit.n && unit.p[unit.n - 1] == 's')
			unit.n--;
		if (!sl_int(number, 0, 100000000, &n))
			return false;
		for (size_t i = 0; i < ARRAY_LEN(units); i++)
			if (sl_eq_nocase(unit, sl(units[i].name))) {
				total += n * units[i].ms;
				known = true;
			}
		if (!known)
			return false;
	}
	if (!text.n)
		return false;
	*ms = total;
	return true;
}
