/* Digests of bytes, and the file they are written to meanwhile. */
#include "body.h"
#include "encrypt.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/text.h"

void s3_content_of(struct slice body, enum s3_alg a, enum s3_alg b, struct s3_content *out)
{
	*out = (struct s3_content){ .body = body.p ? body : S(""), .size = (int64_t)body.n };
	hash_md5(body.p, body.n, out->md5);
	if (a)
		s3_sum_of(a, body, &out->sums[0]);
	if (b && b != a)
		s3_sum_of(b, body, &out->sums[1]);
}

const struct s3_sum *s3_content_sum(const struct s3_content *c, enum s3_alg alg)
{
	for (size_t i = 0; i < ARRAY_LEN(c->sums); i++)
		if (c->sums[i].alg == alg)
			return &c->sums[i];
	return NULL;
}

void s3_content_free(struct s3_content *c)
{
	if (c->path)
		(void)unlink(c->path);
	free(c->path);
	c->path = NULL;
}

/* ---- work ---- */

void s3_work_begin(struct s3_work *w, enum s3_alg a, enum s3_alg b)
{
	w->fd = -1;
	w->md5 = hash_new(HASH_MD5);
	s3_hasher_begin(&w->hashers[0], a);
	s3_hasher_begin(&w->hashers[1], b == a ? S3_SUM_NONE : b);
}

void s3_work_seal(struct s3_work *w, const struct s3_seal *seal)
{
	if (!seal->on || !w->path)
		return;
	w->sealer = xcalloc(1, sizeof(*w->sealer));
	s3_sealer_begin(w->sealer, seal);
	w->out.seal = *seal;
}

static void trouble(struct s3_work *w)
{
	(void)err_set(&w->err, ERR_STORE, "%s: %s", w->path, strerror(errno));
}

static void write_out(struct s3_work *w, struct slice bytes)
{
	if (w->fd < 0)
		w->fd = open(w->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	while (bytes.n && w->fd >= 0) {
		ssize_t n = write(w->fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		bytes = sl_from(bytes, (size_t)n);
	}
	if (bytes.n || w->fd < 0)
		trouble(w);
}

static void take_bytes(struct s3_work *w, struct slice bytes)
{
	w->size += (int64_t)bytes.n;
	if (w->size_max && w->size > w->size_max) {
		(void)err_set(&w->err, ERR_LIMIT, "too large");
		return;
	}
	hash_add(w->md5, bytes.p, bytes.n);
	if (w->sha256)
		hash_add(w->sha256, bytes.p, bytes.n);
	for (size_t i = 0; i < ARRAY_LEN(w->hashers); i++)
		s3_hasher_add(&w->hashers[i], bytes.p, bytes.n);
	if (w->path)
		write_out(w, w->sealer ? s3_sealer_add(w->sealer, bytes, false) : bytes);
}

static bool failed(const struct s3_work *w)
{
	return w->err.kind || w->chunk_rc != S3_CHUNK_OK;
}

void s3_work_add(struct s3_work *w, struct slice bytes)
{
	struct slice data;
	if (!w->chunked && bytes.n && !failed(w))
		take_bytes(w, bytes);
	while (w->chunked && bytes.n && !failed(w)) {
		w->chunk_rc = s3_dechunk(w->chunked, &bytes, &data);
		if (data.n)
			take_bytes(w, data);
	}
}

void s3_work_end(struct s3_work *w)
{
	if (w->chunked && !failed(w))
		w->chunk_rc = s3_dechunk_end(w->chunked);
	if (w->path && !failed(w))
		write_out(w, w->sealer ? s3_sealer_add(w->sealer, S(""), true) : S(""));
	hash_end(w->md5, w->out.md5);
	w->md5 = NULL;
	if (w->sha256)
		hash_end(w->sha256, w->body_sha256);
	w->sha256 = NULL;
	for (size_t i = 0; i < ARRAY_LEN(w->hashers); i++)
		s3_hasher_end(&w->hashers[i], &w->out.sums[i]);
	w->out.size = w->size;
	if (w->fd >= 0) {
		if (w->sync && fsync(w->fd) && !failed(w))
			trouble(w);
		if (close(w->fd) && !failed(w))
			trouble(w);
		w->fd = -1;
	}
	w->out.path = w->path;
	w->path = NULL;
}

void s3_work_free(struct s3_work *w)
{
	hash_end(w->md5, NULL);
	hash_end(w->sha256, NULL);
	for (size_t i = 0; i < ARRAY_LEN(w->hashers); i++)
		s3_hasher_end(&w->hashers[i], NULL);
	if (w->chunked)
		s3_dechunk_free(w->chunked);
	free(w->chunked);
	if (w->sealer)
		s3_sealer_free(w->sealer);
	free(w->sealer);
	if (w->fd >= 0)
		close(w->fd);
	if (w->path) {
		(void)unlink(w->path);
		free(w->path);
	}
	s3_content_free(&w->out);
}
