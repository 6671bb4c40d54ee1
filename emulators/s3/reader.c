/* An object's bytes, piece after piece: for answers as they leave, and for jobs that copy. */
#include "body.h"
#include "encrypt.h"

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
	struct s3_seal seal;  /* how the pieces lie */
	uint8_t key[CRYPT_KEY];  /* of the current one, once it is open */
	int64_t segment;         /* where in it begins what plain has; -1: nothing yet */
	struct buf sealed, plain;
};

static int load_rows(struct s3_reader *r, struct s3_store *store, struct error *err)
{
	int rc = 0;
	r->rows = arena_alloc(&r->a, (r->n + 1) * sizeof(*r->rows));
	for (size_t i = 0; i < r->n && rc == 0; i++) {
		struct buf b = { 0 };
		if (r->pieces[i].file)
			continue;
		if (r->seal.on)
			rc = s3_sealed_read(store, &r->seal, &r->pieces[i], 0, r->pieces[i].size, &b, err);
		else
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
	r->segment = -1;
	if (s3_seal_of(s, o->headers, o->customer, &r->seal, f)) {
		s3_reader_free(r);
		return NULL;
	}
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
	buf_free(&r->sealed);
	buf_free(&r->plain);
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
		r->segment = -1;
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

static ssize_t read_file(int fd, char *to, size_t n, int64_t at)
{
	ssize_t got;
	do
		got = pread(fd, to, n, at);
	while (got < 0 && errno == EINTR);
	return got;
}

static ssize_t cut_short(struct error *err, ssize_t n)
{
	(void)err_set(err, ERR_STORE, "an object's file %s", n < 0 ? strerror(errno) : "is cut short");
	return -1;
}

/* All of a sealed part of the current file. */
static bool read_all(struct s3_reader *r, int64_t at, size_t n, struct error *err)
{
	char *to;
	buf_reset(&r->sealed);
	to = buf_room(&r->sealed, n);
	while (to && r->sealed.n < n) {
		ssize_t got = read_file(r->fd, to + r->sealed.n, n - r->sealed.n, at + (int64_t)r->sealed.n);
		if (got <= 0)
			return cut_short(err, got) == 0;
		r->sealed.n += (size_t)got;
	}
	return to != NULL;
}

/* Of the current piece, from the segment that has the at-th byte. */
static ssize_t read_sealed(struct s3_reader *r, int64_t at, char *to, size_t max, struct error *err)
{
	int64_t segment = at - at % S3_SEGMENT, from;
	size_t n, skip = (size_t)(at - segment);
	if (r->segment < 0) {
		if (!read_all(r, 0, S3_SALT, err))
			return -1;
		s3_piece_key(&r->seal, buf_slice(&r->sealed), r->key);
	}
	if (r->segment != segment) {
		from = s3_segment_at(at, r->pieces[r->cur].size, &n);
		buf_reset(&r->plain);
		if (!read_all(r, from, n, err))
			return -1;
		if (!s3_segment_open(r->key, at, buf_slice(&r->sealed), &r->plain))
			return err_set(err, ERR_STORE, "an object's file isn't what was encrypted"), -1;
		r->segment = segment;
	}
	n = r->plain.n - skip < max ? r->plain.n - skip : max;
	memcpy(to, r->plain.p + skip, n);
	return (ssize_t)n;
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
	if (r->seal.on)
		return read_sealed(r, at - r->cur_at, to, max, err);
	n = read_file(r->fd, to, max, at - r->cur_at);
	return n > 0 ? n : cut_short(err, n);
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
	if (!reader->seal.on && reader->fd >= 0 && at - reader->cur_at + n <= reader->pieces[reader->cur].size) {
		http_send_file(r->call, reader->fd, at - reader->cur_at, n);
		reader->fd = -1;
		s3_reader_free(reader);
		return 0;
	}
	http_send(r->call, n, &source, reader);
	return 0;
}
