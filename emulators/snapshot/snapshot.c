#include "snapshot/inside.h"

#include <dirent.h>
#include <errno.h>

#include "core/adopt.h"
#include "core/identities.h"
#include "core/json.h"
#include "core/version.h"

enum { AGAIN_MS = 5, TRIES_MAX = 1000, LARGE_BYTES = 64 << 20 };

struct snapshots *snapshots_of(const struct server *s)
{
	return s->snapshots;
}

struct snapshots *snapshots_new(struct server *s)
{
	struct snapshots *all = xcalloc(1, sizeof(*all));
	all->s = s;
	snapshot_sweep(all);
	return all;
}

/* ---- what is asked for, one at a time ---- */

static void db_free(struct snapshot_db *d)
{
	dbimage_free(d->image);
	buf_free(&d->packed);
	buf_free(&d->bytes);
	*d = (struct snapshot_db){ 0 };
}

void snapshot_op_free(struct snapshot_op *op)
{
	for (size_t i = 0; i < op->db_n; i++)
		db_free(&op->dbs[i]);
	snapshot_close(op);
	json_decref(op->about);
	buf_free(&op->clock);
	buf_free(&op->faults);
	buf_free(&op->adopted);
	buf_free(&op->mem);
	buf_free(&op->faults_before);
	free(op->pieces);
	free(op->path);
	free(op->note);
	free(op);
}

static void freeze(struct snapshot_op *op, bool on)
{
	struct server *s = op->all->s;
	if (op->freezes == on)
		return;
	op->freezes = on;
	for (size_t i = 0; i < s->slot_n; i++)
		if (s->slots[i].self && s->slots[i].svc->hold)
			s->slots[i].svc->hold(s->slots[i].self, on);
}

void snapshots_free(struct snapshots *all)
{
	if (!all)
		return;
	while (all->first) {
		struct snapshot_op *op = all->first;
		all->first = op->next;
		owed_cancel(op->job);
		for (size_t i = 0; i < op->db_n; i++)
			owed_cancel(op->dbs[i].job);
		freeze(op, false);
		snapshot_op_free(op);
	}
	dbimage_seeds_end();
	if (all->loading)
		snapshot_op_free(all->loading);
	while (all->kept) {
		struct snapshot_kept *k = all->kept;
		all->kept = k->next;
		buf_free(&k->bytes);
		free(k);
	}
	free(all);
}

bool snapshots_has(const struct snapshots *all, const void *arg)
{
	for (const struct snapshot_op *op = all ? all->first : NULL; op; op = op->next)
		if (op->arg == arg)
			return true;
	return false;
}

bool snapshots_loading(const struct snapshots *all)
{
	return all && all->loading;
}

bool snapshots_freeze(const struct snapshots *all)
{
	return all && all->first && all->first->freezes;
}

struct snapshot_op *snapshot_op_new(struct server *s, enum snapshot_kind kind, struct slice name, snapshot_done done, void *arg, struct error *err)
{
	struct snapshot_op *op = xcalloc(1, sizeof(*op));
	*op = (struct snapshot_op){ .all = s->snapshots, .kind = kind, .done = done, .arg = arg, .fd = -1, .fd_with = -1, .began_us = clock_real_us() };
	if (!snapshot_name(name, op->name, err))
		return op;
	snapshot_op_free(op);
	return NULL;
}

/* What the next tick's end begins. */
static void nothing(void *arg)
{
}

static void wake(struct snapshots *all)
{
	loop_later(all->s->env.loop, &all->turn, nothing, all);
}

void snapshot_op_queue(struct snapshot_op *op)
{
	struct snapshot_op **at = &op->all->first;
	while (*at)
		at = &(*at)->next;
	*at = op;
	wake(op->all);
}

void snapshot_op_end(struct snapshot_op *op, int rc)
{
	struct snapshots *all = op->all;
	freeze(op, false);
	all->first = op->next;
	if (rc)
		log_warn(&all->s->env, "snapshot-failed", "name=%s error=\"%s\"", op->name, op->err.text);
	else
		log_info(&all->s->env, "snapshot", "name=%s us=%lld", op->name, (long long)(clock_real_us() - op->began_us));
	op->done(op->arg, rc ? &op->err : NULL, op->about);
	snapshot_op_free(op);
	if (all->first)
		wake(all);
}

void snapshot_op_job(struct snapshot_op *op, const struct job_kind *kind)
{
	op->job = loop_long_job(op->all->s->env.loop, kind, op);
}

/* ---- the moment ---- */

static void give_up_moment(struct snapshot_op *op)
{
	for (size_t i = 0; i < op->db_n; i++)
		db_free(&op->dbs[i]);
	op->db_n = 0;
}

static int take_one(struct snapshot_op *op, const char *name, size_t name_n, const char *path)
{
	struct snapshot_db *d = &op->dbs[op->db_n];
	if (op->db_n == SNAPSHOT_DBS_MAX || name_n >= sizeof(d->name))
		return err_set(&op->err, ERR_LIMIT, "too many databases");
	*d = (struct snapshot_db){ .op = op };
	memcpy(d->name, name, name_n);
	int rc = path ? dbimage_hold(path, &d->image, &op->err) : dbimage_copy(op->all->s->env.loop, d->name, &d->image, &op->err);
	if (rc)
		return rc;
	d->size = dbimage_size(d->image);
	d->steps = dbimage_version(d->image);
	op->db_n++;
	return 0;
}

static int take_folder(struct snapshot_op *op)
{
	const char *dir = op->all->s->dir;
	DIR *d = opendir(dir);
	int rc = d ? 0 : err_set(&op->err, ERR_STORE, "%s: %s", dir, strerror(errno));
	for (struct dirent *e; !rc && (e = readdir(d));) {
		size_t n = strlen(e->d_name);
		if (n < 4 || strcmp(e->d_name + n - 3, ".db") != 0)
			continue;
		char *path = xasprintf("%s/%s", dir, e->d_name);
		rc = take_one(op, e->d_name, n - 3, path);
		free(path);
	}
	if (d)
		closedir(d);
	return rc;
}

static int take_open(struct snapshot_op *op)
{
	const char *name, *path;
	size_t steps;
	int rc = 0;
	for (size_t i = 0; !rc && (name = dbimage_open_at(op->all->s->env.loop, i, &path, &steps)); i++)
		rc = take_one(op, name, strlen(name), path);
	return rc;
}

static json_t *running(const struct server *s)
{
	json_t *list = json_array();
	for (size_t i = 0; i < s->slot_n; i++)
		json_array_append_new(list, json_string(s->slots[i].svc->name));
	return list;
}

static void describe(struct snapshot_op *op)
{
	const struct env *env = &op->all->s->env;
	json_t *steps = json_object();
	char at[32], now[32];
	clock_iso(clock_real_ms(), at);
	clock_iso(clock_now_ms(env->clock), now);
	op->about = json_object();
	json_object_set_new(op->about, "name", json_string(op->name));
	json_object_set_new(op->about, "tarn", json_string(tarn_version));
	json_object_set_new(op->about, "saved", json_string(at));
	json_object_set_new(op->about, "clock", json_string(now));
	json_object_set_new(op->about, "frozen", json_boolean(clock_is_virtual(env->clock)));
	json_object_set_new(op->about, "trace", json_integer((json_int_t)journal_traces(env->journal)));
	json_object_set_new(op->about, "seed", json_integer(conf_int(env->conf, "stack", "seed", 0)));
	jput(op->about, "user", conf_get(env->conf, "stack", "user"));
	if (op->note)
		jput(op->about, "note", op->note);
	json_object_set_new(op->about, "services", running(op->all->s));
	for (size_t i = 0; i < op->db_n; i++)
		json_object_set_new(steps, op->dbs[i].name, json_integer(op->dbs[i].steps));
	json_object_set_new(op->about, "steps", steps);
	buf_addf(&op->clock, "%-24.24s\n", clock_is_virtual(env->clock) ? now : "real");
	faults_text(env->faults, &op->faults);
	adopt_lines(env->adopt, &op->adopted);
}

/* ---- packing ---- */

static void write_work(void *arg)
{
	struct snapshot_op *op = arg;
	op->rc = snapshot_write(op, &op->err);
}

void snapshot_keep(struct snapshot_op *op)
{
	struct snapshots *all = op->all;
	struct snapshot_kept **at = &all->kept, *k;
	while ((k = *at) && strcmp(k->name, op->name) != 0)
		at = &k->next;
	if (!k) {
		*at = k = xcalloc(1, sizeof(*k));
		snprintf(k->name, sizeof(k->name), "%s", op->name);
	}
	buf_free(&k->bytes);
	k->bytes = op->mem;
	op->mem = (struct buf){ 0 };
}

static void write_done(void *arg)
{
	struct snapshot_op *op = arg;
	op->job = NULL;
	if (op->passing) {
		if (op->rc)
			snapshot_op_end(op, op->rc);
		else
			snapshot_compare_begin(op);
		return;
	}
	if (!op->rc && !op->all->s->dir)
		snapshot_keep(op);
	json_object_del(op->about, "parts");
	snapshot_op_end(op, op->rc);
}

static void write_all(struct snapshot_op *op)
{
	static const struct job_kind kind = { .work = write_work, .done = write_done, .name = "the writing of a snapshot" };
	int64_t records = 0, objects = 0;
	for (size_t i = 0; i < op->db_n; i++) {
		records += op->dbs[i].records;
		objects += op->dbs[i].objects;
		if (op->dbs[i].rc && !op->rc) {
			op->rc = op->dbs[i].rc;
			op->err = op->dbs[i].err;
		}
	}
	if (op->rc) {
		snapshot_op_end(op, op->rc);
		return;
	}
	json_object_set_new(op->about, "records", json_integer(records));
	json_object_set_new(op->about, "objects", json_integer(objects));
	snapshot_op_job(op, &kind);
}

static void one_less(struct snapshot_op *op)
{
	if (--op->left == 0)
		write_all(op);
}

/* Each partition's last record by the index; nothing is counted. */
static const char records_sql[] =
	"WITH RECURSIVE p(t, i, n) AS (SELECT id, 0, partitions FROM topics UNION ALL SELECT t, i + 1, n FROM p WHERE i + 1 < n) "
	"SELECT sum((SELECT last + 1 FROM batches WHERE topic = t AND part = i ORDER BY base DESC LIMIT 1)) FROM p";

static void pack_work(void *arg)
{
	struct snapshot_db *d = arg;
	struct slice bytes;
	if (!strcmp(d->name, "kafka"))
		d->records = dbimage_number(d->image, records_sql);
	if (!strcmp(d->name, "s3"))
		d->objects = dbimage_number(d->image, "SELECT count(*) FROM object");
	if (d->size > LARGE_BYTES && d->op->all->s->dir)
		return; /* by who writes */
	d->rc = dbimage_bytes(d->image, &bytes, &d->err);
	if (d->rc)
		return;
	buf_init(&d->packed, SIZE_MAX);
	d->size = bytes.n;
	d->rc = pack_squeeze(bytes, PACK_FAST, &d->packed, &d->err);
	dbimage_free(d->image);
	d->image = NULL;
}

static void pack_done(void *arg)
{
	struct snapshot_db *d = arg;
	d->job = NULL;
	one_less(d->op);
}

static void link_work(void *arg)
{
	struct snapshot_op *op = arg;
	op->rc = snapshot_link_pieces(op, &op->err);
}

static void link_done(void *arg)
{
	struct snapshot_op *op = arg;
	op->job = NULL;
	freeze(op, false);
	one_less(op);
}

static bool is_larger(const struct snapshot_db *a, const struct snapshot_db *b)
{
	return a->size > b->size;
}

/* The largest first: the others fit beside it. */
static void pack_all(struct snapshot_op *op)
{
	static const struct job_kind packing = { .work = pack_work, .done = pack_done, .name = "the packing of a snapshot" };
	static const struct job_kind linking = { .work = link_work, .done = link_done, .name = "the pieces of a snapshot" };
	for (size_t i = 1; i < op->db_n; i++)
		for (size_t k = i; k > 0 && is_larger(&op->dbs[k], &op->dbs[k - 1]); k--) {
			struct snapshot_db moved = op->dbs[k];
			op->dbs[k] = op->dbs[k - 1];
			op->dbs[k - 1] = moved;
		}
	op->left = op->db_n + 1;
	for (size_t i = 0; i < op->db_n; i++)
		op->dbs[i].job = loop_long_job(op->all->s->env.loop, &packing, &op->dbs[i]);
	snapshot_op_job(op, &linking);
}

static void again(void *arg)
{
	((struct snapshot_op *)arg)->job = NULL;
}

static void take_moment(struct snapshot_op *op)
{
	int rc = snapshot_on_disk(op->all) ? take_folder(op) : take_open(op);
	if (rc) {
		give_up_moment(op);
		if (rc == ERR_CONFLICT && op->tries++ < TRIES_MAX) /* a job writes to what is in memory */
			op->job = owed_after(op->all->s->env.loop, AGAIN_MS, again, op);
		else
			snapshot_op_end(op, rc);
		return;
	}
	op->moment = true;
	describe(op);
	freeze(op, true);
	pack_all(op);
}

void snapshots_tick(struct snapshots *all)
{
	struct snapshot_op *op = all ? all->first : NULL;
	if (!op || op->job || op->moment)
		return;
	if (op->kind == SNAPSHOT_SAVES || op->passing) {
		take_moment(op);
	} else {
		op->moment = true;
		if (op->kind == SNAPSHOT_RESTORES)
			snapshot_restore_begin(op);
		else if (op->kind == SNAPSHOT_EXPORTS)
			snapshot_export_begin(op);
		else if (op->kind == SNAPSHOT_IMPORTS)
			snapshot_import_begin(op);
		else
			snapshot_compare_begin(op);
	}
}

int snapshot_save(struct server *s, struct slice name, struct slice note, bool over, snapshot_done done, void *arg, struct error *err)
{
	struct snapshot_op *op = snapshot_op_new(s, SNAPSHOT_SAVES, name, done, arg, err);
	if (!op)
		return err->kind;
	if (note.n > SNAPSHOT_NOTE_MAX || !sl_is_utf8(note)) {
		snapshot_op_free(op);
		return err_set(err, ERR_INVALID, "a note has at most %d bytes of UTF-8", SNAPSHOT_NOTE_MAX);
	}
	op->note = note.n ? xstrndup(note.p, note.n) : NULL;
	op->over = over;
	if (!over && snapshot_there(op->all, op->name)) {
		(void)err_set(err, ERR_CONFLICT, "there is a snapshot %s", op->name);
		snapshot_op_free(op);
		return ERR_CONFLICT;
	}
	snapshot_op_queue(op);
	return 0;
}
