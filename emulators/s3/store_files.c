/* The files of pieces: s3/<id>, complete before its row counts, removed after the commit that drops the row and when nobody reads it
 * any more. What has no row yet is s3/<number>.part. */
#include "body.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REMOVE_BYTES = 16 << 20, REMOVE_FILES = 16 }; /* of a tick; more are a job */

char *s3_file_path(const struct s3_store *s, int64_t id)
{
	return xasprintf("%s/%016llx", s->dir, (unsigned long long)id);
}

char *s3_file_temp(struct s3_store *s)
{
	return xasprintf("%s/%016llx.part", s->dir, (unsigned long long)++s->temp_n);
}

static int fail_at(const char *path, struct error *err)
{
	return err_set(err, ERR_STORE, "%s: %s", path, strerror(errno));
}

static int sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;
	if (fd < 0)
		return -1;
	rc = fsync(fd);
	close(fd);
	return rc;
}

int s3_file_write(struct s3_store *s, struct slice body, char **out, struct error *err)
{
	char *path = s3_file_temp(s);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666), rc = fd < 0 ? -1 : 0;
	while (body.n && rc == 0) {
		ssize_t n = write(fd, body.p, body.n);
		if (n > 0)
			body = sl_from(body, (size_t)n);
		else if (n == 0 || errno != EINTR)
			rc = -1;
	}
	if (rc == 0 && s->sync)
		rc = fsync(fd);
	if (rc)
		rc = fail_at(path, err);
	if (fd >= 0 && close(fd) && rc == 0)
		rc = fail_at(path, err);
	if (rc == 0) {
		*out = path;
		return 0;
	}
	(void)unlink(path);
	free(path);
	return rc;
}

static void add_fresh(struct s3_store *s, int64_t id)
{
	if (s->fresh_n == s->fresh_cap) {
		s->fresh_cap = s->fresh_cap ? 2 * s->fresh_cap : 16;
		s->fresh = xrealloc(s->fresh, s->fresh_cap * sizeof(*s->fresh));
	}
	s->fresh[s->fresh_n++] = id;
}

static int arrived(struct s3_store *s, int64_t id, int rc, struct error *err)
{
	if (rc == 0)
		add_fresh(s, id);
	if (rc == 0 && s->sync)
		rc = sync_dir(s->dir);
	return rc ? fail_at(s->dir, err) : 0;
}

int s3_file_take(struct s3_store *s, int64_t id, char **path, struct error *err)
{
	char *to = s3_file_path(s, id);
	int rc = rename(*path, to);
	if (rc == 0) {
		free(*path);
		*path = NULL;
	}
	rc = arrived(s, id, rc, err);
	free(to);
	return rc;
}

int s3_file_link(struct s3_store *s, int64_t id, int64_t from, struct error *err)
{
	char *old = s3_file_path(s, from), *new = s3_file_path(s, id);
	int rc = arrived(s, id, link(old, new), err);
	free(old);
	free(new);
	return rc;
}

int s3_file_read(struct s3_store *s, int64_t id, int64_t at, int64_t n, struct buf *out, struct error *err)
{
	char *path = s3_file_path(s, id);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *to = fd >= 0 ? buf_room(out, (size_t)n) : NULL;
	int64_t got = 0;
	while (to && got < n) {
		ssize_t k = pread(fd, to + got, (size_t)(n - got), at + got);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			break;
		got += k;
	}
	if (to && got == n)
		out->n += (size_t)n;
	else
		(void)err_set(err, ERR_STORE, "%s: %s", path, fd < 0 ? strerror(errno) : "cut short");
	if (fd >= 0)
		close(fd);
	free(path);
	return to && got == n ? 0 : ERR_STORE;
}

/* ---- removal ---- */

struct removal { /* a job's: large files take long to give their blocks back */
	char **paths;
	size_t n;
};

static void removal_work(void *arg)
{
	struct removal *r = arg;
	for (size_t i = 0; i < r->n; i++)
		(void)unlink(r->paths[i]);
}

static void removal_free(void *arg)
{
	struct removal *r = arg;
	for (size_t i = 0; i < r->n; i++)
		free(r->paths[i]);
	free(r->paths);
	free(r);
}

static const struct job_kind removal_kind = { removal_work, removal_free, NULL, removal_free };

static void push_gone(struct s3_gone **list, size_t *n, size_t *cap, struct s3_gone g)
{
	if (*n == *cap) {
		*cap = *cap ? 2 * *cap : 64;
		*list = xrealloc(*list, *cap * sizeof(**list));
	}
	(*list)[(*n)++] = g;
}

void s3_file_goes(struct s3_store *s, int64_t id, int64_t owner, int64_t size)
{
	if (s->dir)
		push_gone(&s->gone, &s->gone_n, &s->gone_cap, (struct s3_gone){ id, owner, size });
}

static bool is_held(const struct s3_store *s, int64_t owner)
{
	for (const struct s3_hold *p = s->holds; p; p = p->next)
		if (p->owner == owner)
			return true;
	return false;
}

static void remove_all(struct s3_store *s, const struct s3_gone *list, size_t n)
{
	struct removal *r;
	int64_t bytes = 0;
	if (n == 0)
		return;
	r = xcalloc(1, sizeof(*r));
	r->paths = xcalloc(n, sizeof(*r->paths));
	for (size_t i = 0; i < n; i++) {
		if (s->frozen || is_held(s, list[i].owner)) {
			push_gone(&s->later, &s->later_n, &s->later_cap, list[i]);
			continue;
		}
		r->paths[r->n++] = s3_file_path(s, list[i].id);
		bytes += list[i].size;
	}
	if (s->loop && (bytes > REMOVE_BYTES || r->n > REMOVE_FILES)) {
		owed_keep(&s->removals, loop_long_job(s->loop, &removal_kind, r));
		return;
	}
	removal_work(r);
	removal_free(r);
}

void s3_files_committed(struct s3_store *s, bool ok)
{
	if (ok)
		remove_all(s, s->gone, s->gone_n);
	for (size_t i = 0; i < s->fresh_n && !ok; i++) {
		char *path = s3_file_path(s, s->fresh[i]);
		(void)unlink(path);
		free(path);
	}
	s->gone_n = s->fresh_n = 0;
}

void s3_hold(struct s3_store *s, struct s3_hold *p, int64_t owner)
{
	p->owner = owner;
	p->next = s->holds;
	s->holds = p;
}

static void look_again(struct s3_store *s)
{
	struct s3_gone *list = s->later;
	size_t n = s->later_n;
	s->later = NULL;
	s->later_n = s->later_cap = 0;
	remove_all(s, list, n);
	free(list);
}

void s3_unhold(struct s3_store *s, struct s3_hold *p)
{
	struct s3_hold **at = &s->holds;
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	look_again(s);
}

void s3_files_freeze(struct s3_store *s, bool on)
{
	s->frozen = on;
	if (!on)
		look_again(s);
}

void s3_files_close(struct s3_store *s)
{
	/* What a removal doesn't get to goes at the next start. */
	owed_cancel_all(&s->removals);
	s->frozen = false;
	remove_all(s, s->later, s->later_n);
	owed_cancel_all(&s->removals);
	free(s->gone);
	free(s->later);
	free(s->fresh);
	s->gone = s->later = NULL;
	s->fresh = NULL;
	s->gone_n = s->gone_cap = s->later_n = s->later_cap = s->fresh_n = s->fresh_cap = 0;
}
