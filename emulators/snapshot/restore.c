#include "snapshot/inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/adopt.h"
#include "core/json.h"
#include "stack/keep.h"
#include "stack/reset.h"

#define NEW "restore-new"
#define BEFORE "restore-before"
#define GOING "restore-going"
#define DROPPED "restore-dropped"

/* ---- the change of places ---- */

/* What a snapshot has of the folder. only: the name of one; NULL: any. */
static bool is_state(const char *name, const char *only)
{
	const char *db = strstr(name, ".db");
	if (only)
		return !strcmp(name, only);
	return !strcmp(name, "s3") || !strcmp(name, "adopted") || !strcmp(name, "clock") || !strcmp(name, "faults") || (db && (!db[3] || db[3] == '-'));
}

static int at_path(const char *path, struct error *err)
{
	return err_set(err, ERR_STORE, "%s: %s", path, strerror(errno));
}

static int move_state(const char *from, const char *to, const char *only, struct error *err)
{
	DIR *d = opendir(from);
	int rc = d ? 0 : at_path(from, err);
	for (struct dirent *e; !rc && (e = readdir(d));) {
		if (!is_state(e->d_name, only))
			continue;
		char *a = xasprintf("%s/%s", from, e->d_name), *b = xasprintf("%s/%s", to, e->d_name);
		if (rename(a, b))
			rc = at_path(a, err);
		free(a);
		free(b);
	}
	if (d)
		closedir(d);
	return rc;
}

static bool exists(const char *path)
{
	struct stat st;
	return !lstat(path, &st);
}

static void sync_folder(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
}

/* As long as BEFORE is there, what is in it is the state: what lies in the folder is of it too, unless GOING is there; then it is of what is restored. */
int snapshot_recover(const char *dir, struct error *err)
{
	int rc = 0;
	if (!dir)
		return 0;
	char *before = xasprintf("%s/" BEFORE, dir), *going = xasprintf("%s/" GOING, dir), *dropped = xasprintf("%s/" DROPPED, dir),
	     *fresh = xasprintf("%s/" NEW, dir);
	if (exists(before) && exists(going)) {
		snapshot_drop_tree(dropped);
		rc = move_state(dir, going, NULL, err);
		if (!rc && rename(going, dropped))
			rc = at_path(going, err);
	}
	if (!rc && exists(before)) {
		rc = move_state(before, dir, NULL, err);
		if (!rc && rmdir(before))
			rc = at_path(before, err);
	}
	if (!rc) {
		snapshot_drop_tree(going);
		snapshot_drop_tree(dropped);
		snapshot_drop_tree(fresh);
	}
	free(before);
	free(going);
	free(dropped);
	free(fresh);
	return rc;
}

static int change_places(const char *dir, const char *only, struct error *err)
{
	char *before = xasprintf("%s/" BEFORE, dir), *going = xasprintf("%s/" GOING, dir), *fresh = xasprintf("%s/" NEW, dir);
	int rc = mkdir(before, 0777) ? at_path(before, err) : move_state(dir, before, only, err);
	if (!rc && rename(fresh, going))
		rc = at_path(fresh, err);
	if (!rc)
		rc = move_state(going, dir, only, err);
	free(before);
	free(going);
	free(fresh);
	if (rc && snapshot_recover(dir, NULL))
		return err_set(err, ERR_STORE, "neither what is restored nor what was could be put in its place: the next start tries again");
	return rc;
}

/* Services have opened on it: from here on what was is gone. */
static void settle_places(struct server *s)
{
	struct error err;
	if (!s->dir)
		return;
	char *before = xasprintf("%s/" BEFORE, s->dir), *going = xasprintf("%s/" GOING, s->dir);
	if (s->env.durability == DURABILITY_FULL)
		sync_folder(s->dir);
	if (exists(before)) {
		if (reset_let_go(s->dir, before, &err))
			log_warn(&s->env, "restore-left", "error=\"%s\"", err.text);
		(void)rmdir(going);
		reset_sweep(s->env.loop, s->dir);
	}
	free(before);
	free(going);
}

/* ---- unpacking ---- */

static const char *only_of(const struct snapshots *all)
{
	return snapshot_on_disk(all) ? NULL : "s3";
}

static char *fresh_path(const struct snapshots *all, const char *name)
{
	return xasprintf("%s/" NEW "/%s", all->s->dir, name);
}

static int unpack_file(struct snapshot_op *op, const struct pack_part *part, struct error *err)
{
	char *path = fresh_path(op->all, part->name);
	struct error why;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666), rc = fd < 0 ? at_path(path, err) : 0;
	if (!rc && (rc = pack_read_to(&op->in, part, fd, &why)))
		rc = err_set(err, rc, "%s: %s %s", op->name, part->name, why.text);
	if (!rc && op->all->s->env.durability == DURABILITY_FULL && fsync(fd))
		rc = at_path(path, err);
	if (fd >= 0 && close(fd) && !rc)
		rc = at_path(path, err);
	free(path);
	return rc;
}

static const struct pack_part *part_of(const struct snapshot_db *d)
{
	char name[64];
	snprintf(name, sizeof(name), "%s.db", d->name);
	return pack_find(&d->op->in, name);
}

static void unpack_db(struct snapshot_db *d)
{
	struct error why;
	const struct pack_part *part = part_of(d);
	int64_t version = 0;
	if (snapshot_on_disk(d->op->all)) {
		d->rc = unpack_file(d->op, part, &d->err);
		return;
	}
	d->rc = pack_read(&d->op->in, part, &d->bytes, &why);
	if (!d->rc)
		d->rc = dbimage_check(buf_slice(&d->bytes), false, &version, &why);
	if (d->rc)
		(void)err_set(&d->err, d->rc, "%s: %s %s", d->op->name, part->name, why.text);
}

static int small_part(struct snapshot_op *op, const char *name, struct buf *out, struct error *err)
{
	const struct pack_part *part = pack_find(&op->in, name);
	struct error why;
	int rc = part ? pack_read(&op->in, part, out, &why) : 0;
	return rc ? err_set(err, rc, "%s: %s %s", op->name, name, why.text) : 0;
}

static int link_pieces(struct snapshot_op *op, struct error *err)
{
	const char *folder = jstr(json_object_get(op->in.manifest, "pieces"), "folder");
	if (!folder || !op->all->s->dir)
		return 0;
	if (strchr(folder, '/') || *folder == '.')
		return err_set(err, ERR_INVALID, "%s is damaged: it has its pieces elsewhere", op->name);
	char *from = xasprintf("%s/snapshots/%s", op->all->s->dir, folder), *to = fresh_path(op->all, "s3");
	DIR *d = opendir(from);
	int64_t n = 0, wanted = jint(json_object_get(op->in.manifest, "pieces"), "n");
	int rc = 0;
	for (struct dirent *e; d && !rc && (e = readdir(d));) {
		if (e->d_name[0] == '.')
			continue;
		char *path = xasprintf("%s/%s", to, e->d_name);
		if (linkat(dirfd(d), e->d_name, AT_FDCWD, path, 0))
			rc = at_path(path, err);
		n++;
		free(path);
	}
	if (d)
		closedir(d);
	if (!rc && n != wanted)
		rc = err_set(err, ERR_INVALID, "%s is damaged: %lld of the %lld pieces of its objects are in %s", op->name, (long long)n, (long long)wanted, from);
	free(from);
	free(to);
	return rc;
}

static bool has_pieces(const struct snapshot_op *op)
{
	for (size_t i = 0; i < op->in.part_n; i++)
		if (!strncmp(op->in.parts[i].name, "s3/", 3))
			return true;
	return jstr(json_object_get(op->in.manifest, "pieces"), "folder") != NULL;
}

static int unpack_rest(struct snapshot_op *op, struct error *err)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < op->in.part_n; i++)
		if (op->all->s->dir && !strncmp(op->in.parts[i].name, "s3/", 3))
			rc = unpack_file(op, &op->in.parts[i], err);
	if (!rc && !(rc = link_pieces(op, err)) && !(rc = small_part(op, "clock", &op->clock, err)) && !(rc = small_part(op, "faults", &op->faults, err)))
		rc = small_part(op, "adopted", &op->adopted, err);
	static const char *const files[] = { "clock", "faults", "adopted" };
	for (size_t i = 0; !rc && snapshot_on_disk(op->all) && i < ARRAY_LEN(files); i++)
		if (pack_find(&op->in, files[i]))
			rc = unpack_file(op, pack_find(&op->in, files[i]), err);
	return rc;
}

/* Whether all of its parts are known, and a place for each. */
static int plan(struct snapshot_op *op, struct error *err)
{
	for (size_t i = 0; i < op->in.part_n; i++) {
		const char *name = op->in.parts[i].name;
		size_t n = strlen(name);
		struct snapshot_db *d = &op->dbs[op->db_n];
		if (!strcmp(name, "clock") || !strcmp(name, "faults") || !strcmp(name, "adopted") ||
		    (!strncmp(name, "s3/", 3) && n == 19 && strspn(name + 3, "0123456789abcdef") == 16))
			continue;
		if (n < 4 || strcmp(name + n - 3, ".db") != 0 || strchr(name, '/') || n - 3 >= sizeof(d->name) || op->db_n == SNAPSHOT_DBS_MAX)
			return err_set(err, ERR_INVALID, "%s has a part that this tarn doesn't know: %s", op->name, name);
		*d = (struct snapshot_db){ .op = op };
		memcpy(d->name, name, n - 3);
		op->db_n++;
	}
	if (!op->db_n)
		return err_set(err, ERR_INVALID, "%s has no databases", op->name);
	if (!op->all->s->dir && has_pieces(op))
		return err_set(err, ERR_INVALID, "%s has objects of S3 as files, and a stack in memory has no folder for them: tarn up --data DIR", op->name);
	return 0;
}

static int make_folders(const struct snapshots *all, struct error *err)
{
	if (!all->s->dir)
		return 0;
	char *fresh = xasprintf("%s/" NEW, all->s->dir), *pieces = fresh_path(all, "s3");
	snapshot_drop_tree(fresh);
	int rc = mkdir(fresh, 0777) || mkdir(pieces, 0777) ? at_path(fresh, err) : 0;
	free(fresh);
	free(pieces);
	return rc;
}

/* ---- in place of a running stack's state ---- */

static void apply_clock(struct snapshot_op *op)
{
	struct env *env = &op->all->s->env;
	int64_t ms;
	if (clock_parse_iso(sl_trim(buf_slice(&op->clock)), &ms))
		clock_freeze(env->clock, ms);
	else if (clock_is_virtual(env->clock))
		clock_resume(env->clock);
}

static void apply_faults(struct snapshot_op *op)
{
	struct env *env = &op->all->s->env;
	struct slice line, rest = buf_slice(&op->faults);
	struct error err;
	faults_clear(env->faults, sl(NULL));
	while (rest.p && rest.n) {
		sl_cut(rest, '\n', &line, &rest);
		if (line.n && faults_restore(env->faults, line, &err))
			log_warn(env, "fault-dropped", "error=\"%s\"", err.text);
	}
}

static void plant(struct snapshot_op *op)
{
	for (size_t i = 0; !snapshot_on_disk(op->all) && i < op->db_n; i++)
		dbimage_seed(op->dbs[i].name, buf_slice(&op->dbs[i].bytes));
}

static int swap(void *arg, struct error *err)
{
	struct snapshot_op *op = arg;
	struct server *s = op->all->s;
	int rc = s->dir ? change_places(s->dir, only_of(op->all), err) : 0;
	if (rc)
		return rc;
	faults_text(s->env.faults, &op->faults_before);
	clock_iso(clock_now_ms(s->env.clock), op->clock_before);
	op->was_frozen = clock_is_virtual(s->env.clock);
	plant(op);
	apply_clock(op);
	apply_faults(op);
	keep_again(s->keep);
	journal_traces_from(s->env.journal, (uint64_t)jint(op->in.manifest, "trace"));
	return 0;
}

static int go_back(void *arg, struct error *err)
{
	struct snapshot_op *op = arg;
	struct server *s = op->all->s;
	int rc = snapshot_on_disk(op->all) ? snapshot_recover(s->dir, err) : err_set(err, ERR_STORE, "what was in memory is gone");
	buf_reset(&op->clock);
	buf_adds(&op->clock, op->was_frozen ? op->clock_before : "real");
	struct buf faults = op->faults;
	op->faults = op->faults_before;
	op->faults_before = faults;
	apply_clock(op);
	apply_faults(op);
	keep_again(s->keep);
	return rc;
}

static void adopted(void *arg)
{
	struct snapshot_op *op = arg;
	if (!snapshot_on_disk(op->all))
		adopt_take_lines(op->all->s->env.adopt, buf_slice(&op->adopted));
}

static void swapped(void *arg, int rc, const struct error *err, int64_t us)
{
	struct snapshot_op *op = arg;
	dbimage_seeds_end();
	if (rc) {
		op->err = *err;
	} else {
		settle_places(op->all->s);
		op->about = snapshot_about(&op->in, op->name);
		json_object_set_new(op->about, "swap_us", json_integer(us));
	}
	snapshot_op_end(op, rc);
}

static void unpacked(struct snapshot_op *op)
{
	for (size_t i = 0; i < op->db_n && !op->rc; i++) {
		op->rc = op->dbs[i].rc;
		if (op->rc)
			op->err = op->dbs[i].err;
	}
	if (op->rc) {
		snapshot_op_end(op, op->rc);
		return;
	}
	op->place = (struct server_swap){ .swap = swap, .back = snapshot_on_disk(op->all) ? go_back : NULL, .opened = adopted, .done = swapped, .arg = op };
	server_swap(op->all->s, &op->place);
}

static void database_work(void *arg)
{
	unpack_db(arg);
}

static void database_done(void *arg)
{
	struct snapshot_db *d = arg;
	d->job = NULL;
	if (--d->op->left == 0)
		unpacked(d->op);
}

static void rest_work(void *arg)
{
	struct snapshot_op *op = arg;
	op->rc = unpack_rest(op, &op->err);
}

static void rest_done(void *arg)
{
	struct snapshot_op *op = arg;
	op->job = NULL;
	if (--op->left == 0)
		unpacked(op);
}

void snapshot_restore_begin(struct snapshot_op *op)
{
	static const struct job_kind db_kind = { .work = database_work, .done = database_done, .name = "the unpacking of a snapshot" };
	static const struct job_kind rest_kind = { .work = rest_work, .done = rest_done, .name = "the unpacking of a snapshot" };
	struct loop *l = op->all->s->env.loop;
	int rc = snapshot_open(op, op->name, &op->err);
	if (!rc && !(rc = snapshot_fits(op, false, &op->err)) && !(rc = plan(op, &op->err)))
		rc = make_folders(op->all, &op->err);
	if (rc) {
		snapshot_op_end(op, rc);
		return;
	}
	op->left = op->db_n + 1;
	for (size_t i = 0; i < op->db_n; i++)
		op->dbs[i].job = loop_long_job(l, &db_kind, &op->dbs[i]);
	snapshot_op_job(op, &rest_kind);
}

int snapshot_restore(struct server *s, struct slice name, snapshot_done done, void *arg, struct error *err)
{
	struct snapshot_op *op = snapshot_op_new(s, SNAPSHOT_RESTORES, name, done, arg, err);
	if (!op)
		return err->kind;
	snapshot_op_queue(op);
	return 0;
}

/* ---- at start ---- */

static int open_any(struct snapshot_op *op, const char *word, struct error *err)
{
	struct error why;
	if (!strchr(word, '/') && op->all->s->dir && !snapshot_name(sl(word), op->name, &why) && snapshot_there(op->all, op->name))
		return snapshot_open(op, op->name, err);
	snprintf(op->name, sizeof(op->name), "%s", strrchr(word, '/') ? strrchr(word, '/') + 1 : word);
	if (!exists(word))
		return err_set(err, ERR_NOT_FOUND, "there is no snapshot %s, nor a file of that name", word);
	return snapshot_open_file(op, word, op->name, err);
}

int snapshot_load(struct server *s, const char *word, struct error *err)
{
	struct snapshot_op *op = xcalloc(1, sizeof(*op));
	*op = (struct snapshot_op){ .all = s->snapshots, .fd = -1, .fd_with = -1 };
	s->snapshots->loading = op;
	int rc = open_any(op, word, err);
	if (!rc && !(rc = snapshot_fits(op, false, err)) && !(rc = plan(op, err)) && !(rc = make_folders(op->all, err)))
		rc = unpack_rest(op, err);
	for (size_t i = 0; !rc && i < op->db_n; i++) {
		unpack_db(&op->dbs[i]);
		if ((rc = op->dbs[i].rc))
			*err = op->dbs[i].err;
	}
	if (!rc && s->dir)
		rc = change_places(s->dir, only_of(op->all), err);
	if (!rc)
		plant(op);
	return rc;
}

void snapshot_load_core(struct server *s, bool clock)
{
	struct snapshot_op *op = s->snapshots->loading;
	if (!op)
		return;
	journal_traces_from(s->env.journal, (uint64_t)jint(op->in.manifest, "trace"));
	if (snapshot_on_disk(op->all)) /* keep_open has read them */
		return;
	if (clock)
		apply_clock(op);
	apply_faults(op);
}

void snapshot_load_adopted(struct server *s)
{
	if (s->snapshots->loading)
		adopted(s->snapshots->loading);
}

void snapshot_loaded(struct server *s)
{
	struct snapshot_op *op = s->snapshots->loading;
	if (!op)
		return;
	s->snapshots->loading = NULL;
	dbimage_seeds_end();
	settle_places(s);
	snapshot_op_free(op);
}
