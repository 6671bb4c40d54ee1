/* What a replay of the log leaves. */
#include "delta/op.h"

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

/* Absolute paths have several spellings: file:///a, file:/a, //a, /a; and escapes. */
static struct slice spelled(struct arena *a, struct slice path)
{
	struct slice rest;
	(void)sl_after(path, S("file:"), &path);
	while (path.n > 1 && path.p[0] == '/' && path.p[1] == '/')
		path = sl_from(path, 1);
	if (path.n && path.p[0] == '/' && sl_chr(path, '%') >= 0)
		return arena_url_decode(a, path, false);
	return sl_after(path, S("./"), &rest) ? rest : path;
}

/* A file is its path and its deletion vector: the same path goes and comes in one commit with another one. */
static bool same_file(const struct delta_file *a, const struct delta_file *b)
{
	return sl_eq(a->path, b->path) && a->vector.storage == b->vector.storage &&
	       (!a->vector.storage || (sl_eq(a->vector.where, b->vector.where) && a->vector.offset == b->vector.offset));
}

static struct delta_file *find(const struct delta_snapshot *s, const struct delta_file *f)
{
	uint32_t i;
	for (struct hset_walk w = hset_walk(&s->paths, hset_hash(f->path)); hset_next(&w, &i);)
		if (same_file(&s->files[i], f))
			return &s->files[i];
	return NULL;
}

const struct delta_file *delta_snapshot_file(const struct delta_snapshot *s, struct slice path)
{
	const struct delta_file *found = NULL;
	uint32_t i;
	for (struct hset_walk w = hset_walk(&s->paths, hset_hash(path)); hset_next(&w, &i);)
		if (sl_eq(s->files[i].path, path) && (!found || s->files[i].live))
			found = &s->files[i];
	return found;
}

/* Newest mention wins. The action's slices are in the snapshot's arena. */
static void put_file(struct delta_snapshot *s, const struct delta_file *f)
{
	struct delta_file *old = find(s, f);
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
	struct delta_file file;
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
		file = a->file;
		file.path = spelled(&s->arena, file.path);
		put_file(s, &file);
		break;
	case DELTA_A_SIDECAR:
		ARENA_GROW(&s->arena, s->sidecars, s->sidecar_n, s->sidecar_cap);
		s->sidecars[s->sidecar_n++] = arena_dup(&s->arena, a->file.path);
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

/* Of no effect where the protocol doesn't know it. */
static int find_match(struct delta_snapshot *s, struct error *err)
{
	struct slice mode = delta_property(s, "delta.columnMapping.mode");
	bool mapped = s->protocol.reader == 2;
	for (size_t i = 0; s->protocol.reader == 3 && i < s->protocol.reader_feature_n; i++)
		mapped |= sl_eqs(s->protocol.reader_features[i], "columnMapping");
	s->match = COL_BY_NAME;
	if (!mapped || !mode.p || sl_eqs(mode, "none"))
		return 0;
	s->match = sl_eqs(mode, "id") ? COL_BY_ID : COL_BY_PHYSICAL;
	if (s->match == COL_BY_ID || sl_eqs(mode, "name"))
		return 0;
	return delta_fail(err, DELTA_E_PROTOCOL, "The column mapping mode `%.*s` is not supported for this Delta version", SL(mode));
}

int delta_snapshot_ready(struct delta_snapshot *s, struct error *err)
{
	int rc;
	if (!s->has_protocol || !s->has_meta)
		return delta_fail(err, DELTA_E_STATE,
				  "The %s of your Delta table could not be recovered while Reconstructing\nversion: %lld. Did you manually delete "
				  "files in the _delta_log directory?", s->has_protocol ? "metadata" : "protocol", (long long)s->version);
	rc = delta_protocol_check(&s->protocol, err);
	if (rc == 0)
		rc = find_match(s, err);
	if (rc == 0)
		rc = delta_fields_parse(&s->arena, s->meta.schema_text, &s->fields, &s->field_n, err);
	return rc ? rc : delta_schema_parse(&s->arena, s->meta.schema_text, &s->schema, err);
}

int delta_plain(const struct delta_snapshot *s, struct error *err)
{
	if (s->match != COL_BY_NAME)
		return delta_fail(err, DELTA_E_PROTOCOL, "The table's columns are mapped, which isn't served here");
	for (size_t i = 0; i < s->file_n; i++)
		if (s->files[i].live && s->files[i].vector.storage)
			return delta_fail(err, DELTA_E_PROTOCOL, "The table uses deletion vectors (file %.*s), which aren't served here", SL(s->files[i].path));
	return 0;
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
