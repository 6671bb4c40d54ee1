/* tarn s3 cp, sync, cat: between files and objects, and from object to object. What is over PART_AT is written in parts. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/hash.h"
#include "core/media.h"
#include "core/xml.h"
#include "tarn/cmd_s3.h"

static const int64_t part_at = 1LL << 30, stdin_part = 16 << 20;
enum { PARTS_MOST = 10000, READ_BYTES = 1 << 16 };

/* What is written: from a file, from stdin, or from an object. */
struct upload {
	struct cmd_s3_options *o;
	const struct cmd_s3_place *to;
	FILE *from;
	struct slice copy; /* of an object: the value of x-amz-copy-source */
	int64_t size;      /* -1: until it ends */
	const char *type;  /* Content-Type; NULL: S3's own */
};

/* ---- writing an object ---- */

/* A header that --header gave goes before ours. */
static void add_headers(const struct upload *u, struct s3_call *call)
{
	bool typed = false;
	for (size_t i = 0; i < u->o->header_n; i++) {
		typed = typed || sl_eq_nocase(u->o->headers[i].name, S("Content-Type"));
		call->headers[call->header_n++] = u->o->headers[i];
	}
	if (u->type && !typed)
		s3_call_header(call, "Content-Type", sl(u->type));
	if (u->copy.p && u->o->header_n)
		s3_call_header(call, "x-amz-metadata-directive", S("REPLACE"));
}

static int put_whole(struct upload *u, struct slice body)
{
	struct s3_call call = { .method = "PUT", .bucket = u->to->bucket, .key = u->to->key };
	struct error err;
	int rc = EXIT_OK;
	add_headers(u, &call);
	if (u->copy.p) {
		s3_call_header(&call, "x-amz-copy-source", u->copy);
	} else if (u->from && !body.p) {
		call.from = u->from;
		call.from_n = u->size;
	} else {
		call.body = body;
	}
	if (s3_client_call(u->o->c, &call, &err))
		rc = cmd_s3_failed(&call, u->to->word, &err);
	s3_call_free(&call);
	return rc;
}

/* One part: `n` bytes from `at` on; body.p: those. Adds its line to parts. */
static int put_part(struct upload *u, struct slice id, int number, int64_t at, int64_t n, struct slice body, struct buf *parts)
{
	struct s3_call call = { .method = "PUT", .bucket = u->to->bucket, .key = u->to->key };
	struct xml_node *x = NULL;
	struct buf q = { 0 };
	struct error err;
	int rc = EXIT_OK;
	buf_addf(&q, "partNumber=%d&uploadId=", number);
	buf_url_escape(&q, id, false);
	call.query = buf_slice(&q);
	if (u->copy.p) {
		s3_call_header(&call, "x-amz-copy-source", u->copy);
		s3_call_header(&call, "x-amz-copy-source-range", arena_printf(&call.a, "bytes=%lld-%lld", (long long)at, (long long)(at + n - 1)));
	} else if (body.p) {
		call.body = body;
	} else {
		call.from = u->from;
		call.from_n = n;
	}
	if (s3_client_call(u->o->c, &call, &err)) {
		rc = cmd_s3_failed(&call, u->to->word, &err);
	} else {
		if (u->copy.p && !xml_parse(&call.a, buf_slice(&call.answer), &x, &err))
			call.etag = xml_text(x, "ETag");
		buf_addf(parts, "<Part><PartNumber>%d</PartNumber><ETag>", number);
		buf_xml_escape(parts, call.etag);
		buf_adds(parts, "</ETag></Part>");
	}
	buf_free(&q);
	s3_call_free(&call);
	return rc;
}

/* Reads up to n bytes of what has no known size. False: it can't be read. */
static bool fill(FILE *f, struct buf *b, size_t n)
{
	buf_reset(b);
	char *to = buf_room(b, n);
	b->n = fread(to, 1, n, f);
	return !ferror(f);
}

static int put_parts_of(struct upload *u, struct slice id, struct buf *first, struct buf *parts)
{
	int64_t each = part_at, at = 0;
	int number = 1, rc = EXIT_OK;
	while (u->size / each >= PARTS_MOST)
		each *= 2;
	if (u->size >= 0) {
		for (; at < u->size && !rc; at += each, number++)
			rc = put_part(u, id, number, at, u->size - at < each ? u->size - at : each, sl(NULL), parts);
		return rc;
	}
	for (; first->n && !rc; number++) {
		if (number > PARTS_MOST)
			return cmd_fail(EXIT_FAILED, NULL, "stdin has more than %d parts of %lld MiB", PARTS_MOST, (long long)stdin_part >> 20);
		rc = put_part(u, id, number, 0, 0, buf_slice(first), parts);
		if (!rc && !fill(u->from, first, (size_t)stdin_part))
			rc = cmd_fail(EXIT_FAILED, NULL, "stdin can't be read: %s", strerror(errno));
	}
	return rc;
}

/* An upload of several parts; what fails is given up, so that nothing is left over. */
static int put_in_parts(struct upload *u, struct buf *first)
{
	struct s3_call begin = { .method = "POST", .bucket = u->to->bucket, .key = u->to->key, .query = S("uploads=") };
	struct s3_call end = { .method = "POST", .bucket = u->to->bucket, .key = u->to->key };
	struct buf parts = { 0 }, q = { 0 };
	struct xml_node *x = NULL;
	struct error err;
	int rc = EXIT_OK;
	add_headers(u, &begin);
	if (s3_client_call(u->o->c, &begin, &err) || xml_parse(&begin.a, buf_slice(&begin.answer), &x, &err)) {
		rc = cmd_s3_failed(&begin, u->to->word, &err);
		s3_call_free(&begin);
		return rc;
	}
	struct slice id = xml_text(x, "UploadId");
	buf_adds(&q, "uploadId=");
	buf_url_escape(&q, id, false);
	end.query = buf_slice(&q);
	buf_adds(&parts, "<CompleteMultipartUpload>");
	rc = put_parts_of(u, id, first, &parts);
	buf_adds(&parts, "</CompleteMultipartUpload>");
	end.body = buf_slice(&parts);
	if (!rc && s3_client_call(u->o->c, &end, &err))
		rc = cmd_s3_failed(&end, u->to->word, &err);
	if (rc) {
		struct s3_call drop = { .method = "DELETE", .bucket = u->to->bucket, .key = u->to->key, .query = end.query };
		if (s3_client_call(u->o->c, &drop, &err))
			cmd_warn("the upload %.*s of %s is left over: %s", SL(id), u->to->word, err.text);
		s3_call_free(&drop);
	}
	s3_call_free(&begin);
	s3_call_free(&end);
	buf_free(&parts);
	buf_free(&q);
	return rc;
}

/* ---- the ways ---- */

static int upload(struct cmd_s3_options *o, const char *path, const struct cmd_s3_place *to)
{
	struct upload u = { .o = o, .to = to, .type = media_type(sl(path)), .size = -1 };
	struct buf first = { 0 };
	struct stat st;
	int rc;
	if (!strcmp(path, "-")) {
		u.from = stdin;
		u.type = NULL;
		if (!fill(stdin, &first, (size_t)stdin_part))
			rc = cmd_fail(EXIT_FAILED, NULL, "stdin can't be read: %s", strerror(errno));
		else
			rc = first.n < (size_t)stdin_part ? put_whole(&u, buf_slice(&first)) : put_in_parts(&u, &first);
		buf_free(&first);
		return rc;
	}
	u.from = fopen(path, "rb");
	if (!u.from || fstat(fileno(u.from), &st) || !S_ISREG(st.st_mode)) {
		rc = cmd_fail(EXIT_FAILED, NULL, "%s: %s", path, !u.from ? strerror(errno) : "no file");
	} else {
		u.size = st.st_size;
		rc = u.size > part_at ? put_in_parts(&u, NULL) : put_whole(&u, sl(NULL));
	}
	if (u.from)
		fclose(u.from);
	return rc;
}

static int download_to(struct cmd_s3_options *o, const struct cmd_s3_place *from, FILE *to)
{
	struct s3_call call = { .method = "GET", .bucket = from->bucket, .key = from->key, .to = to };
	struct error err;
	int rc = EXIT_OK;
	if (s3_client_call(o->c, &call, &err))
		rc = cmd_s3_failed(&call, from->word, &err);
	s3_call_free(&call);
	return rc;
}

/* Makes the folders above a path. */
static int make_folders(const char *path)
{
	char *p = xstrdup(path);
	int rc = EXIT_OK;
	for (char *c = strchr(p + 1, '/'); c && !rc; c = strchr(c + 1, '/')) {
		*c = '\0';
		if (mkdir(p, 0777) && errno != EEXIST)
			rc = cmd_fail(EXIT_FAILED, NULL, "%s: %s", p, strerror(errno));
		*c = '/';
	}
	free(p);
	return rc;
}

/* Into a file beside it that then takes the name: whoever reads the old one meanwhile reads it whole. */
static int download(struct cmd_s3_options *o, const struct cmd_s3_place *from, const char *path)
{
	if (!strcmp(path, "-"))
		return download_to(o, from, stdout);
	char *temp = xasprintf("%s.XXXXXX", path);
	int rc = make_folders(path), fd = rc ? -1 : mkstemp(temp);
	mode_t mask = umask(0);
	umask(mask);
	FILE *f = fd >= 0 ? fdopen(fd, "wb") : NULL;
	if (!rc && !f)
		rc = cmd_fail(EXIT_FAILED, NULL, "%s: %s", path, strerror(errno));
	if (f) {
		rc = download_to(o, from, f);
		if ((fchmod(fd, 0666 & ~mask) | fclose(f)) && !rc)
			rc = cmd_fail(EXIT_FAILED, NULL, "%s: %s", path, strerror(errno));
		if (!rc && rename(temp, path))
			rc = cmd_fail(EXIT_FAILED, NULL, "%s: %s", path, strerror(errno));
		if (rc)
			(void)unlink(temp);
	}
	free(temp);
	return rc;
}

/* size -1: it isn't known. */
static int copy(struct cmd_s3_options *o, const struct cmd_s3_place *from, const struct cmd_s3_place *to, int64_t size)
{
	struct upload u = { .o = o, .to = to, .size = size };
	struct s3_call head = { .method = "HEAD", .bucket = from->bucket, .key = from->key };
	struct buf b = { 0 };
	struct error err;
	int rc = EXIT_OK;
	buf_url_escape(&b, from->bucket, false);
	buf_addc(&b, '/');
	buf_url_escape(&b, from->key, true);
	u.copy = buf_slice(&b);
	if (size < 0 || size > part_at) {
		if (s3_client_call(o->c, &head, &err))
			rc = cmd_s3_failed(&head, from->word, &err);
		u.size = head.size;
		u.type = u.size > part_at && head.type.p ? arena_cstr(&o->a, head.type) : NULL;
	}
	if (!rc)
		rc = u.size > part_at ? put_in_parts(&u, NULL) : put_whole(&u, sl(NULL));
	s3_call_free(&head);
	buf_free(&b);
	return rc;
}

static int transfer(struct cmd_s3_options *o, const struct cmd_s3_place *from, const struct cmd_s3_place *to, int64_t size)
{
	bool quiet = !strcmp(to->path, "-") && !to->remote;
	int rc = EXIT_OK;
	if (!o->dry)
		rc = !from->remote ? upload(o, from->path, to) : !to->remote ? download(o, from, to->path) : copy(o, from, to, size);
	if (!rc && !quiet)
		cmd_s3_did(o, from->remote && to->remote ? "copy" : from->remote ? "download" : "upload", from->word, to->word);
	return rc;
}

/* ---- one by one ---- */

static bool is_folder(const char *path)
{
	struct stat st;
	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* What lies in a folder or below a prefix under that name. */
static struct cmd_s3_place inside(struct cmd_s3_options *o, const struct cmd_s3_place *p, struct slice name)
{
	struct cmd_s3_place in = *p;
	if (p->remote) {
		in.key = arena_printf(&o->a, "%.*s%s%.*s", SL(p->key), p->key.n && !sl_ends(p->key, S("/")) ? "/" : "", SL(name));
		in.word = arena_cstr(&o->a, arena_printf(&o->a, "s3://%.*s/%.*s", SL(p->bucket), SL(in.key)));
	} else {
		in.path = arena_cstr(&o->a, arena_printf(&o->a, "%s%s%.*s", p->path, sl_ends(sl(p->path), S("/")) ? "" : "/", SL(name)));
		in.word = in.path;
	}
	return in;
}

static struct slice last_part(struct slice path)
{
	for (size_t i = path.n; i; i--)
		if (path.p[i - 1] == '/')
			return sl_from(path, i);
	return path;
}

/* Whether a key can be a file below a folder, and not elsewhere. */
static bool is_safe(struct slice name)
{
	struct slice part, rest = name;
	if (!name.n || sl_ends(name, S("/")) || memchr(name.p, '\0', name.n))
		return false;
	while (rest.p) {
		sl_cut(rest, '/', &part, &rest);
		if (!part.n || sl_eqs(part, ".") || sl_eqs(part, ".."))
			return false;
	}
	return true;
}

static int listing(struct cmd_s3_options *o, const struct cmd_s3_place *p, struct cmd_s3_entries *out)
{
	struct slice prefix = p->key;
	if (p->remote && prefix.n && !sl_ends(prefix, S("/")))
		prefix = arena_printf(&o->a, "%.*s/", SL(prefix));
	return p->remote ? cmd_s3_list(o, p->bucket, prefix, NULL, out) : cmd_s3_files(o, p->path, out);
}

/* What of a listing is to be copied, without what can't be. */
static bool takes_part(const struct cmd_s3_options *o, const struct cmd_s3_entry *e, bool to_files)
{
	if (!cmd_s3_wanted(o, e->name) || !e->name.n)
		return false;
	if (!to_files || is_safe(e->name))
		return true;
	if (!sl_ends(e->name, S("/")) || e->size)
		cmd_warn("%.*s is no name for a file and is left out", SL(e->name));
	return false;
}

/* Whether what is copied there keeps its name. */
static bool is_inside(const struct cmd_s3_place *to)
{
	if (to->remote)
		return !to->key.n || sl_ends(to->key, S("/"));
	return strcmp(to->path, "-") && (sl_ends(sl(to->path), S("/")) || is_folder(to->path));
}

int cmd_s3_cp(void *self, char **words, int n)
{
	struct cmd_s3_options *o = self;
	struct cmd_s3_place from, to;
	struct cmd_s3_entries all = { 0 };
	int rc = cmd_s3_place(o, words[1], &from);
	rc = rc ? rc : cmd_s3_place(o, words[2], &to);
	if (rc)
		return rc;
	if (!from.remote && !to.remote)
		return cmd_fail(EXIT_USAGE, "tarn s3 cp FILE s3://BUCKET/KEY", "one of the two must begin with s3://");
	if (!o->recursive) {
		if (from.remote && (!from.key.n || sl_ends(from.key, S("/"))) && !to.remote)
			return cmd_fail(EXIT_USAGE, "tarn s3 cp -r FROM TO", "%s is no object: -r copies what is below it", from.word);
		if (!from.remote && is_folder(from.path))
			return cmd_fail(EXIT_USAGE, "tarn s3 cp -r FROM TO", "%s is a folder: -r copies what is in it", from.word);
		bool into = is_inside(&to);
		if (into && !from.remote && !strcmp(from.path, "-"))
			return cmd_fail(EXIT_USAGE, "tarn s3 cp - s3://BUCKET/KEY", "what comes from stdin has no name: %s must be one", to.word);
		if (into)
			to = inside(o, &to, last_part(from.remote ? from.key : sl(from.path)));
		return transfer(o, &from, &to, -1);
	}
	rc = listing(o, &from, &all);
	for (size_t i = 0; i < all.n && !rc; i++) {
		if (!takes_part(o, &all.at[i], !to.remote))
			continue;
		struct cmd_s3_place f = inside(o, &from, all.at[i].name), t = inside(o, &to, all.at[i].name);
		rc = transfer(o, &f, &t, all.at[i].size);
	}
	return rc;
}

int cmd_s3_cat(void *self, char **words, int n)
{
	struct cmd_s3_options *o = self;
	struct cmd_s3_place p;
	int rc = cmd_s3_remote(o, words[1], &p);
	return rc ? rc : download_to(o, &p, stdout);
}

/* ---- sync ---- */

/* The MD5 of a file in hexadecimal; false: it can't be read. */
static bool file_md5(const char *path, char out[33])
{
	static char bytes[READ_BYTES];
	FILE *f = fopen(path, "rb");
	uint8_t sum[16];
	size_t n;
	if (!f)
		return false;
	struct hash *h = hash_new(HASH_MD5);
	while ((n = fread(bytes, 1, sizeof(bytes), f)))
		hash_add(h, bytes, n);
	bool good = !ferror(f);
	hash_end(h, sum);
	fclose(f);
	for (size_t i = 0; i < sizeof(sum); i++)
		snprintf(out + 2 * i, 3, "%02x", sum[i]);
	return good;
}

/* Whether both have the same bytes as far as can be told without reading an object. What was written in parts has no MD5: it counts as
 * different beside a file. */
static bool is_same(const struct cmd_s3_place *from, const struct cmd_s3_entry *f, const struct cmd_s3_place *to, const struct cmd_s3_entry *t)
{
	char md5[33];
	if (f->size != t->size)
		return false;
	if (from->remote && to->remote)
		return sl_eq(f->etag, t->etag);
	struct slice etag = from->remote ? f->etag : t->etag;
	return file_md5(from->remote ? to->path : from->path, md5) && etag.n == 34 && sl_eqs(sl_of(etag.p + 1, 32), md5);
}

static int drop(struct cmd_s3_options *o, const struct cmd_s3_place *p, const struct cmd_s3_entry *e)
{
	struct cmd_s3_entry one = { .name = p->key };
	if (!cmd_s3_wanted(o, e->name))
		return EXIT_OK;
	if (p->remote)
		return cmd_s3_remove(o, p->bucket, S(""), &(struct cmd_s3_entries){ &one, 1, 1 });
	if (!o->dry && unlink(p->path) && errno != ENOENT)
		return cmd_fail(EXIT_FAILED, NULL, "%s: %s", p->path, strerror(errno));
	cmd_s3_did(o, "delete", p->path, NULL);
	return EXIT_OK;
}

int cmd_s3_sync(void *self, char **words, int n)
{
	struct cmd_s3_options *o = self;
	struct cmd_s3_entries there = { 0 }, here = { 0 };
	struct cmd_s3_place from, to;
	size_t i = 0, k = 0;
	int rc = cmd_s3_place(o, words[1], &from);
	rc = rc ? rc : cmd_s3_place(o, words[2], &to);
	if (!rc && !from.remote && !to.remote)
		rc = cmd_fail(EXIT_USAGE, "tarn s3 sync DIR s3://BUCKET/PREFIX", "one of the two must begin with s3://");
	rc = rc ? rc : listing(o, &from, &here);
	if (!rc && (to.remote || is_folder(to.path)))
		rc = listing(o, &to, &there);
	while (!rc && (i < here.n || k < there.n)) {
		int order = i == here.n ? 1 : k == there.n ? -1 : sl_cmp(here.at[i].name, there.at[k].name);
		struct slice name = order > 0 ? there.at[k].name : here.at[i].name;
		struct cmd_s3_place f = inside(o, &from, name), t = inside(o, &to, name);
		if (order > 0)
			rc = o->drop ? drop(o, &t, &there.at[k]) : EXIT_OK;
		else if (takes_part(o, &here.at[i], !to.remote) && (order || !is_same(&f, &here.at[i], &t, &there.at[k])))
			rc = transfer(o, &f, &t, here.at[i].size);
		i += order <= 0;
		k += order >= 0;
	}
	return rc;
}
