#include "console/console.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/gzip.h"
#include "core/sigv4.h"
#include "core/stack.h"

const struct setting console_settings[] = {
	{ "console", "www", NULL, "a folder to serve the console's files from, instead of those in the binary: for who writes them" },
	{ NULL },
};

/* build/console/www: index.html as it is, the others packed. */
extern const struct embedded console_files_embedded[];

/* No page runs anything but our files, is shown inside another, or asks another host. Styles are set by scripts, which the policy
 * lets through; images may be a notebook's. */
static const char policy[] = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

static const char *type_of(const char *path)
{
	static const struct {
		const char *ends, *type;
	} rows[] = {
		{ ".html", "text/html; charset=utf-8" },     { ".mjs", "text/javascript; charset=utf-8" }, { ".css", "text/css; charset=utf-8" },
		{ ".svg", "image/svg+xml" },                 { ".txt", "text/plain; charset=utf-8" },      { ".json", "application/json" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (sl_ends(sl(path), sl(rows[i].ends)))
			return rows[i].type;
	return "application/octet-stream";
}

/* ---- a file, of the binary or of a folder ---- */

struct file {
	const char *path;
	struct slice bytes;
	bool packed;
	char *read; /* from a folder: freed with the file */
};

/* Names of our files have nothing else in them; so no path leads out of the folder. */
static bool is_plain(struct slice path)
{
	for (size_t i = 0; i < path.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-_./ABCDEFGHIJKLMNOPQRSTUVWXYZ", path.p[i]))
			return false;
	return path.n && path.n < 100 && sl_find(path, S("..")) < 0;
}

static bool read_from(const char *folder, const char *path, struct file *out)
{
	enum { FILE_MAX = 1 << 20 };
	char *whole = xasprintf("%s/%s", folder, path);
	struct stat st;
	int fd = open(whole, O_RDONLY | O_CLOEXEC);
	free(whole);
	if (fd < 0)
		return false;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size > FILE_MAX) {
		close(fd);
		return false;
	}
	out->read = xcalloc(1, (size_t)st.st_size + 1);
	ssize_t n = read(fd, out->read, (size_t)st.st_size);
	close(fd);
	out->bytes = sl_of(out->read, n > 0 ? (size_t)n : 0);
	return true;
}

static bool find(const struct conf *conf, struct arena *a, struct slice path, struct file *out)
{
	const char *folder = conf_get(conf, "console", "www");
	*out = (struct file){ 0 };
	if (!is_plain(path))
		return false;
	out->path = arena_cstr(a, path);
	if (folder && *folder)
		return read_from(folder, out->path, out);
	for (const struct embedded *f = console_files_embedded; f->path; f++)
		if (!strcmp(f->path, out->path)) {
			out->bytes = sl_of(f->data, f->n);
			out->packed = f->n > 2 && f->data[0] == 0x1f && f->data[1] == 0x8b;
			return true;
		}
	return false;
}

/* ---- answers ---- */

static void guard(struct http_call *call)
{
	http_set(call, "Content-Security-Policy", "%s", policy);
	http_set(call, "X-Content-Type-Options", "nosniff");
	http_set(call, "Referrer-Policy", "no-referrer");
	http_set(call, "Cross-Origin-Opener-Policy", "same-origin");
	http_set(call, "Cross-Origin-Resource-Policy", "same-origin");
}

static void add_filled(struct buf *b, struct slice text, const struct console_page *page)
{
	struct slice rest = text;
	while (rest.n) {
		if (sl_after(rest, S("%BASE%"), &rest))
			buf_adds(b, page->base);
		else if (sl_after(rest, S("%TOKEN%"), &rest))
			buf_adds(b, page->token);
		else {
			buf_addc(b, rest.p[0]);
			rest = sl_from(rest, 1);
		}
	}
}

/* The token is for who opens the page, not for a script that fetches it. */
static void answer_index(struct http_call *call, const struct file *f, const struct console_page *page)
{
	struct slice dest = http_get(&call->req, "Sec-Fetch-Dest");
	struct console_page as = *page;
	struct buf b = { 0 };
	if (dest.p && !sl_eqs(dest, "document"))
		as.token = "";
	add_filled(&b, f->bytes, &as);
	guard(call);
	http_set(call, "Cache-Control", "no-store");
	http_reply_buf(call, 200, type_of(f->path), &b);
}

static bool takes_gzip(const struct http_req *req)
{
	struct slice takes = http_get(req, "Accept-Encoding");
	return sl_find(takes, S("gzip")) >= 0 && sl_find(takes, S("gzip;q=0")) < 0;
}

static void answer_file(struct http_call *call, struct file *f)
{
	uint8_t sum[32];
	struct buf b = { .max = 1 << 20 };
	struct error err;
	hash_sha256(f->bytes.p, f->bytes.n, sum);
	buf_addc(&b, '"');
	buf_hex(&b, sum, 8);
	buf_addc(&b, '"');
	struct slice etag = arena_dup(call->req.arena, buf_slice(&b));
	buf_reset(&b);
	guard(call);
	http_setsl(call, "ETag", etag);
	http_set(call, "Cache-Control", "no-cache");
	http_set(call, "Vary", "Accept-Encoding");
	if (sl_find(http_get(&call->req, "If-None-Match"), etag) >= 0) {
		http_reply(call, 304, NULL, S(""));
	} else if (!f->packed || takes_gzip(&call->req)) {
		if (f->packed)
			http_set(call, "Content-Encoding", "gzip");
		http_reply(call, 200, type_of(f->path), f->bytes);
	} else if (gzip_unpack(f->bytes, &b, &err)) {
		http_reply(call, 500, "text/plain", sl(err.text));
	} else {
		http_reply_buf(call, 200, type_of(f->path), &b);
	}
	buf_free(&b);
}

/* "/requests" and "/journey/ID" are pages because there is a pages/requests.mjs and a pages/journey.mjs. */
static bool is_page(const struct conf *conf, struct arena *a, struct slice path)
{
	struct slice first, rest;
	struct file f;
	sl_cut(path, '/', &first, &rest);
	bool is = !path.n || find(conf, a, arena_printf(a, "pages/%.*s.mjs", SL(first)), &f);
	if (path.n && is)
		free(f.read);
	return is;
}

bool console_answer(const struct conf *conf, struct http_call *call, const struct console_page *page)
{
	const struct http_req *req = &call->req;
	struct slice path = sl_from(req->path, req->path.n ? 1 : 0);
	struct file f;
	if (!sl_eqs(req->method, "GET") && !sl_eqs(req->method, "HEAD"))
		return false;
	bool index = is_page(conf, req->arena, path);
	if (!find(conf, req->arena, index ? S("index.html") : path, &f))
		return false;
	call->op = "Console";
	call->unseen = true;
	if (!strcmp(f.path, "index.html"))
		answer_index(call, &f, page);
	else
		answer_file(call, &f);
	free(f.read);
	return true;
}

void console_make_token(struct conf *conf)
{
	uint8_t chance[16];
	struct buf b = { 0 };
	hash_chance(chance, sizeof(chance));
	buf_hex(&b, chance, sizeof(chance));
	conf_set(conf, "control", "listen_page_token", buf_cstr(&b));
	buf_free(&b);
}
