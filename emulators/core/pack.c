#include "pack.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "json.h"

enum { HEAD = 16, FOOT = 40, MANIFEST_MAX = 256 << 20, PIECE = 256 << 10, LEVEL_MANIFEST = 3 };
#define PACK_MEMORY_MAX ((size_t)4 << 30)
static const char magic[8] = { 'T', 'A', 'R', 'N', 'S', 'N', 'A', 'P' }, ending[8] = { 'T', 'A', 'R', 'N', 'E', 'N', 'D', '1' };

/* ---- out ---- */

static int failed(size_t code, struct error *err)
{
	return err_set(err, ERR_INTERNAL, "zstd: %s", ZSTD_getErrorName(code));
}

static ZSTD_CCtx *packer(int level)
{
	ZSTD_CCtx *c = ZSTD_createCCtx();
	if (c && (ZSTD_isError(ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, level)) || ZSTD_isError(ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1)))) {
		ZSTD_freeCCtx(c);
		return NULL;
	}
	return c;
}

int pack_squeeze(struct slice raw, int level, struct buf *out, struct error *err)
{
	size_t room = ZSTD_compressBound(raw.n);
	char *to = buf_room(out, room);
	ZSTD_CCtx *c = packer(level);
	size_t n = c && to ? ZSTD_compress2(c, to, room, raw.n ? raw.p : "", raw.n) : 0;
	ZSTD_freeCCtx(c);
	if (!c || !to)
		return err_set(err, ERR_LIMIT, "no memory to compress %zu bytes", raw.n);
	if (ZSTD_isError(n))
		return failed(n, err);
	out->n += n;
	return 0;
}

/* To a file, or, where mem isn't NULL, into memory. */
static int pour_out(int fd, struct buf *mem, struct slice s, struct error *err)
{
	if (mem) {
		buf_addsl(mem, s);
		return mem->bad ? err_set(err, ERR_LIMIT, "too large") : 0;
	}
	while (s.n) {
		ssize_t n = write(fd, s.p, s.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(err, ERR_STORE, "%s", strerror(n ? errno : EIO));
		s = sl_from(s, (size_t)n);
	}
	return 0;
}

static int put(struct pack_out *o, struct slice s, struct error *err)
{
	o->at += s.n;
	return pour_out(o->fd, o->fd < 0 ? &o->mem : NULL, s, err);
}

int pack_begin(struct pack_out *o, int fd, struct error *err)
{
	struct buf b = { 0 };
	*o = (struct pack_out){ .fd = fd, .parts = json_array() };
	buf_init(&o->mem, SIZE_MAX);
	buf_add(&b, magic, sizeof(magic));
	buf_u32le(&b, PACK_FORMAT);
	buf_u32le(&b, 0);
	int rc = put(o, buf_slice(&b), err);
	buf_free(&b);
	return rc;
}

static void note(struct pack_out *o, const char *name, uint64_t at, uint64_t size)
{
	json_t *one = json_object();
	json_object_set_new(one, "name", json_string(name));
	json_object_set_new(one, "at", json_integer((json_int_t)at));
	json_object_set_new(one, "packed", json_integer((json_int_t)(o->at - at)));
	json_object_set_new(one, "size", json_integer((json_int_t)size));
	json_array_append_new(o->parts, one);
}

int pack_add(struct pack_out *o, const char *name, struct slice packed, uint64_t size, struct error *err)
{
	uint64_t at = o->at;
	int rc = put(o, packed, err);
	if (!rc)
		note(o, name, at, size);
	return rc;
}

static int pour(struct pack_out *o, ZSTD_CCtx *c, int fd, char *in, char *out, size_t out_n, uint64_t *size, struct error *err)
{
	for (;;) {
		ssize_t n = read(fd, in, PIECE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_STORE, "%s", strerror(errno));
		ZSTD_inBuffer from = { in, (size_t)n, 0 };
		size_t left;
		*size += (uint64_t)n;
		do {
			ZSTD_outBuffer to = { out, out_n, 0 };
			left = ZSTD_compressStream2(c, &to, &from, n ? ZSTD_e_continue : ZSTD_e_end);
			if (ZSTD_isError(left))
				return failed(left, err);
			int rc = put(o, sl_of(out, to.pos), err);
			if (rc)
				return rc;
		} while (n ? from.pos < from.size : left > 0);
		if (!n)
			return 0;
	}
}

int pack_add_file(struct pack_out *o, const char *name, int fd, int level, struct error *err)
{
	uint64_t at = o->at, size = 0;
	size_t out_n = ZSTD_CStreamOutSize();
	char *in = xmalloc(PIECE), *out = xmalloc(out_n);
	ZSTD_CCtx *c = packer(level);
	int rc = c ? pour(o, c, fd, in, out, out_n, &size, err) : err_set(err, ERR_LIMIT, "no memory to compress");
	ZSTD_freeCCtx(c);
	free(in);
	free(out);
	if (!rc)
		note(o, name, at, size);
	return rc;
}

int pack_end(struct pack_out *o, json_t *manifest, struct error *err)
{
	struct buf packed = { 0 }, foot = { 0 };
	uint64_t at = o->at;
	json_object_set(manifest, "parts", o->parts);
	char *text = json_dumps(manifest, JSON_COMPACT);
	size_t n = text ? strlen(text) : 0;
	buf_init(&packed, SIZE_MAX);
	int rc = text ? pack_squeeze(sl_of(text, n), LEVEL_MANIFEST, &packed, err) : err_set(err, ERR_INTERNAL, "a manifest without a text");
	free(text);
	if (!rc)
		rc = put(o, buf_slice(&packed), err);
	buf_u64le(&foot, at);
	buf_u64le(&foot, packed.n);
	buf_u64le(&foot, n);
	buf_u64le(&foot, o->at + FOOT);
	buf_add(&foot, ending, sizeof(ending));
	if (!rc)
		rc = put(o, buf_slice(&foot), err);
	buf_free(&packed);
	buf_free(&foot);
	return rc;
}

void pack_out_free(struct pack_out *o)
{
	json_decref(o->parts);
	o->parts = NULL;
	buf_free(&o->mem);
}

/* ---- in ---- */

static int bytes_at(const struct pack_in *p, uint64_t at, char *to, size_t n, struct error *err)
{
	size_t got = 0;
	if (p->fd < 0) {
		memcpy(to, p->mem.p + at, n);
		return 0;
	}
	while (got < n) {
		ssize_t k = pread(p->fd, to + got, n - got, (off_t)(at + got));
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return err_set(err, ERR_STORE, "%s", k ? strerror(errno) : "became shorter");
		got += (size_t)k;
	}
	return 0;
}

static int damaged(const char *name, struct error *err)
{
	return err_set(err, ERR_INVALID, "is damaged: %s isn't what was written", name);
}

struct sink {
	struct buf *mem; /* NULL: fd */
	int fd;
};

struct unpacking {
	ZSTD_DCtx *d;
	char *in, *out;
	size_t out_n;
	uint64_t got;
	size_t state; /* 0: a frame has ended */
};

static int feed(struct unpacking *u, size_t n, const struct pack_part *part, const struct sink *k, struct error *err)
{
	ZSTD_inBuffer from = { u->in, n, 0 };
	bool more = true;
	while (from.pos < from.size || more) {
		ZSTD_outBuffer to = { u->out, u->out_n, 0 };
		if (u->state == 0 && from.pos < from.size) /* bytes behind the frame */
			return damaged(part->name, err);
		u->state = ZSTD_decompressStream(u->d, &to, &from);
		u->got += to.pos;
		if (ZSTD_isError(u->state) || u->got > part->size)
			return damaged(part->name, err);
		int rc = pour_out(k->fd, k->mem, sl_of(u->out, to.pos), err);
		if (rc)
			return rc;
		more = to.pos == to.size && u->state != 0;
	}
	return 0;
}

static int unpack(const struct pack_in *p, const struct pack_part *part, const struct sink *k, struct error *err)
{
	struct unpacking u = { .d = ZSTD_createDCtx(), .in = xmalloc(PIECE), .out_n = ZSTD_DStreamOutSize(), .state = 1 };
	int rc = u.d ? 0 : err_set(err, ERR_LIMIT, "no memory to decompress");
	u.out = xmalloc(u.out_n);
	for (uint64_t at = 0; !rc && at < part->packed;) {
		size_t n = part->packed - at < PIECE ? (size_t)(part->packed - at) : PIECE;
		rc = bytes_at(p, part->at + at, u.in, n, err);
		if (!rc)
			rc = feed(&u, n, part, k, err);
		at += n;
	}
	if (!rc && (u.state != 0 || u.got != part->size))
		rc = damaged(part->name, err);
	ZSTD_freeDCtx(u.d);
	free(u.in);
	free(u.out);
	return rc;
}

int pack_read(const struct pack_in *p, const struct pack_part *part, struct buf *out, struct error *err)
{
	buf_init(out, PACK_MEMORY_MAX);
	return unpack(p, part, &(struct sink){ out, -1 }, err);
}

int pack_read_to(const struct pack_in *p, const struct pack_part *part, int fd, struct error *err)
{
	return unpack(p, part, &(struct sink){ NULL, fd }, err);
}

static bool is_name(const char *s)
{
	size_t n = strlen(s);
	if (n < 1 || n > PACK_NAME_MAX || *s == '/' || *s == '.' || s[n - 1] == '/' || strstr(s, "..") || strstr(s, "//"))
		return false;
	return strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_.-/") == n;
}

/* Parts lie behind each other, as they were written: none is read as two. */
static int read_parts(struct pack_in *p, uint64_t end, struct error *err)
{
	const json_t *list = json_object_get(p->manifest, "parts"), *one;
	uint64_t at = HEAD;
	size_t i;
	if (!json_is_array(list) || json_array_size(list) > PACK_PARTS_MAX)
		return damaged("the list of parts", err);
	p->parts = xcalloc(json_array_size(list) + 1, sizeof(*p->parts));
	json_array_foreach(list, i, one) {
		int64_t from = jint(one, "at"), packed = jint(one, "packed"), size = jint(one, "size");
		const char *name = jstr(one, "name");
		if (!name || !is_name(name) || size < 0 || packed < 0 || from < 0 || (uint64_t)from != at || (uint64_t)packed > end - at)
			return damaged("the list of parts", err);
		p->parts[p->part_n++] = (struct pack_part){ name, at, (uint64_t)packed, (uint64_t)size };
		at += (uint64_t)packed;
	}
	return at == end ? 0 : damaged("the list of parts", err);
}

static int read_manifest(struct pack_in *p, uint64_t length, struct error *err)
{
	char foot[FOOT];
	struct buf text = { 0 };
	int rc = bytes_at(p, length - FOOT, foot, FOOT, err);
	struct rd r = rd_of(foot, FOOT);
	uint64_t at = rd_u64le(&r), packed = rd_u64le(&r), size = rd_u64le(&r), all = rd_u64le(&r);
	if (rc)
		return rc;
	if (memcmp(foot + FOOT - sizeof(ending), ending, sizeof(ending)) != 0 || all != length)
		return err_set(err, ERR_INVALID, "is cut short: it has %llu bytes and no end", (unsigned long long)length);
	if (at < HEAD || at > length - FOOT || packed != length - FOOT - at || size > MANIFEST_MAX)
		return damaged("the end", err);
	rc = pack_read(p, &(struct pack_part){ "the manifest", at, packed, size }, &text, err);
	if (!rc && (!(p->manifest = json_loadb(text.p ? text.p : "", text.n, 0, NULL)) || !json_is_object(p->manifest)))
		rc = damaged("the manifest", err);
	buf_free(&text);
	return rc ? rc : read_parts(p, at, err);
}

int pack_open(struct pack_in *p, int fd, struct slice mem, struct error *err)
{
	char head[HEAD];
	off_t length = fd < 0 ? (off_t)mem.n : lseek(fd, 0, SEEK_END);
	*p = (struct pack_in){ .fd = fd, .mem = mem };
	if (length < 0)
		return err_set(err, ERR_STORE, "%s", strerror(errno));
	if (length < HEAD + FOOT)
		return err_set(err, ERR_INVALID, length < (off_t)sizeof(magic) ? "is no snapshot of tarn's" : "is cut short");
	int rc = bytes_at(p, 0, head, HEAD, err);
	struct rd r = rd_of(head + sizeof(magic), HEAD - sizeof(magic));
	uint32_t format = rd_u32le(&r);
	if (!rc && memcmp(head, magic, sizeof(magic)) != 0)
		rc = err_set(err, ERR_INVALID, "is no snapshot of tarn's");
	if (!rc && format > PACK_FORMAT)
		rc = err_set(err, ERR_INVALID, "was written by a newer tarn: its format is %u, this one knows %d", format, PACK_FORMAT);
	if (!rc && format < 1)
		rc = damaged("the beginning", err);
	if (!rc)
		rc = read_manifest(p, (uint64_t)length, err);
	if (rc)
		pack_close(p);
	return rc;
}

void pack_close(struct pack_in *p)
{
	json_decref(p->manifest);
	free(p->parts);
	*p = (struct pack_in){ .fd = -1 };
}

const struct pack_part *pack_find(const struct pack_in *p, const char *name)
{
	for (size_t i = 0; i < p->part_n; i++)
		if (!strcmp(p->parts[i].name, name))
			return &p->parts[i];
	return NULL;
}
