/* An object's bytes, piece after piece: for answers as they leave, and for jobs that copy. */
#include "body.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct s3_reader {
	struct s3 *s; /* NULL: detached */
	struct s3_reader *next, **at_list;
	struct s3_hold hold;
	struct arena a;
	char *dir;
	struct s3_piece *pieces;
	struct slice *rows; /* of each piece that is no file */
	size_t n, cur;
	int64_t cur_at, from; /* where the current piece begins in the object; where what is read begins */
	int fd;               /* of the current piece; -1: not open */
};

static int load_rows(struct s3_reader *r, struct s3_store *store, struct error *err)
{
	int rc = 0;
	r->rows = arena_alloc(&r->a, (r->n + 1) * sizeof(*r->rows));
	for (size_t i = 0; i < r->n && rc == 0; i++) {
		struct buf b = { 0 };
		if (r->pieces[i].file)
			continue;
		rc = s3_store_piece_read(store, r->pieces[i].id, 0, r->pieces[i].size, &b, err);
		r->rows[i] = arena_dup(&r->a, buf_slice(&b));
		buf_free(&b);
	}
	return rc;
}

struct s3_reader *s3_reader_open(struct s3 *s, const struct s3_object *o, int64_t at, struct s3_fail *f)
{
	struct s3_reader *r = xcalloc(1, sizeof(*r));
	struct error err;
	r->fd = -1;
	r->s = s;
	r->dir = xstrdup(s->store.dir);
	r->next = s->readers;
	r->at_list = &s->readers;
	if (r->next)
		r->next->at_list = &r->next;
	s->readers = r;
	s3_hold(&s->store, &r->hold, o->id);
	r->from = at;
	if (s3_store_pieces(&s->store, &r->a, o->id, 0, S3_PART_MAX, &r->pieces, &r->n, &err) == 0 && load_rows(r, &s->store, &err) == 0)
		return r;
	s3_reader_free(r);
	(void)s3_store_fail(f, &err);
	return NULL;
}

void s3_reader_detach(struct s3_reader *r)
{
	if (!r->s)
		return;
	*r->at_list = r->next;
	if (r->next)
		r->next->at_list = r->at_list;
	s3_unhold(&r->s->store, &r->hold);
	r->s = NULL;
}

void s3_reader_free(struct s3_reader *r)
{
	if (!r)
		return;
	s3_reader_detach(r);
	if (r->fd >= 0)
		close(r->fd);
	arena_free(&r->a);
	free(r->dir);
	free(r);
}

void s3_readers_close(struct s3 *s)
{
	while (s->readers)
		s3_reader_detach(s->readers);
}

/* Moves to the piece that has the at-th byte of the object; false: none. */
static bool seek(struct s3_reader *r, int64_t at)
{
	while (r->cur < r->n && at >= r->cur_at + r->pieces[r->cur].size) {
		r->cur_at += r->pieces[r->cur++].size;
		if (r->fd >= 0)
			close(r->fd);
		r->fd = -1;
	}
	return r->cur < r->n && at >= r->cur_at;
}

static int open_piece(struct s3_reader *r, struct error *err)
{
	char *path = xasprintf("%s/%016llx", r->dir, (unsigned long long)r->pieces[r->cur].id);
	r->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (r->fd < 0)
		(void)err_set(err, ERR_STORE, "%s: %s", path, strerror(errno));
	free(path);
	return r->fd < 0 ? ERR_STORE : 0;
}

ssize_t s3_reader_read(struct s3_reader *r, int64_t pos, char *to, size_t max, struct error *err)
{
	int64_t at = r->from + pos, left;
	ssize_t n;
	if (!seek(r, at))
		return err_set(err, ERR_STORE, "an object lacks bytes"), -1;
	left = r->cur_at + r->pieces[r->cur].size - at;
	if (left < (int64_t)max)
		max = (size_t)left;
	if (!r->pieces[r->cur].file) {
		memcpy(to, r->rows[r->cur].p + (at - r->cur_at), max);
		return (ssize_t)max;
	}
	if (r->fd < 0 && open_piece(r, err))
		return -1;
	do
		n = pread(r->fd, to, max, at - r->cur_at);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return n;
	(void)err_set(err, ERR_STORE, "an object's file %s", n ? strerror(errno) : "is cut short");
	return -1;
}

const struct s3_piece *s3_reader_pieces(const struct s3_reader *r, size_t *n)
{
	*n = r->n;
	return r->pieces;
}

/* ---- answers ---- */

static ssize_t send_more(void *arg, int64_t at, char *to, size_t max)
{
	struct s3_reader *r = arg;
	struct error err;
	ssize_t n = s3_reader_read(r, at, to, max, &err);
	if (n < 0 && r->s)
		log_error(r->s->env, "read-failed", "error=\"%s\"", err.text);
	return n < 0 ? HTTP_FAILED : n;
}

static void sent(void *arg)
{
	s3_reader_free(arg);
}

static const struct http_source source = { send_more, sent };

int s3_send(struct s3 *s, struct s3_req *r, const struct s3_object *o, int64_t at, int64_t n)
{
	struct s3_reader *reader;
	struct error err;
	if (!s->store.dir || n <= S3_INLINE_MAX)
		return s3_read(s, o, at, n, &r->call->resp.body, &r->fail);
	if (!(reader = s3_reader_open(s, o, at, &r->fail)))
		return r->fail.err.kind;
	/* What can't be opened is an error, not an answer that breaks off. */
	if (seek(reader, at) && reader->pieces[reader->cur].file && open_piece(reader, &err)) {
		s3_reader_free(reader);
		return s3_store_fail(&r->fail, &err);
	}
	if (reader->fd >= 0 && at - reader->cur_at + n <= reader->pieces[reader->cur].size) {
		http_send_file(r->call, reader->fd, at - reader->cur_at, n);
		reader->fd = -1;
		s3_reader_free(reader);
		return 0;
	}
	http_send(r->call, n, &source, reader);
	return 0;
}
