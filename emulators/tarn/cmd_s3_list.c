/* What tarn s3 lists: objects by pages, files by folders; both in the order of their bytes. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include "core/xml.h"
#include "tarn/cmd_s3.h"

bool cmd_s3_wanted(const struct cmd_s3_options *o, struct slice name)
{
	char *text = xstrndup(name.p, name.n);
	bool in = true;
	for (size_t i = 0; i < o->filter_n; i++)
		if (!fnmatch(o->filters[i].pattern, text, 0))
			in = o->filters[i].in;
	free(text);
	return in;
}

/* ---- objects ---- */

static struct slice decoded(struct cmd_s3_options *o, struct slice s)
{
	struct slice d = arena_url_decode(&o->a, s, true);
	return d.p == s.p ? arena_dup(&o->a, d) : d;
}

static void take_page(struct cmd_s3_options *o, const struct xml_node *x, size_t prefix_n, void (*on_folder)(struct cmd_s3_options *o, struct slice name),
		      struct cmd_s3_entries *out)
{
	for (const struct xml_node *n = x->first; n; n = n->next) {
		struct cmd_s3_entry e = { 0 };
		if (on_folder && sl_eqs(n->name, "CommonPrefixes"))
			on_folder(o, sl_from(decoded(o, xml_text(n, "Prefix")), prefix_n));
		if (!sl_eqs(n->name, "Contents"))
			continue;
		e.name = sl_from(decoded(o, xml_text(n, "Key")), prefix_n);
		(void)sl_int(xml_text(n, "Size"), 0, INT64_MAX, &e.size);
		e.etag = arena_dup(&o->a, xml_text(n, "ETag"));
		e.modified = arena_dup(&o->a, xml_text(n, "LastModified"));
		ARENA_GROW(&o->a, out->at, out->n, out->cap);
		out->at[out->n++] = e;
	}
}

int cmd_s3_list(struct cmd_s3_options *o, struct slice bucket, struct slice prefix, void (*on_folder)(struct cmd_s3_options *o, struct slice name),
	    struct cmd_s3_entries *out)
{
	struct slice token = sl(NULL);
	struct error err;
	bool more = true;
	int rc = EXIT_OK;
	while (more && !rc) {
		struct s3_call call = { .method = "GET", .bucket = bucket };
		struct xml_node *x;
		struct buf q = { 0 };
		buf_adds(&q, on_folder ? "list-type=2&encoding-type=url&delimiter=%2F&prefix=" : "list-type=2&encoding-type=url&prefix=");
		buf_url_escape(&q, prefix, false);
		if (token.p) {
			buf_adds(&q, "&continuation-token=");
			buf_url_escape(&q, token, false);
		}
		call.query = buf_slice(&q);
		if (s3_client_call(o->c, &call, &err)) {
			rc = cmd_s3_failed(&call, arena_cstr(&o->a, bucket), &err);
		} else if (xml_parse(&call.a, buf_slice(&call.answer), &x, &err)) {
			rc = cmd_fail(EXIT_FAILED, NULL, "the listing of %.*s can't be read: %s", SL(bucket), err.text);
		} else {
			take_page(o, x, prefix.n, on_folder, out);
			more = sl_eqs(xml_text(x, "IsTruncated"), "true");
			token = arena_dup(&o->a, xml_text(x, "NextContinuationToken"));
		}
		s3_call_free(&call);
		buf_free(&q);
	}
	return rc;
}

/* ---- files ---- */

static int cmp_entry(const void *a, const void *b)
{
	return sl_cmp(((const struct cmd_s3_entry *)a)->name, ((const struct cmd_s3_entry *)b)->name);
}

static int walk(struct cmd_s3_options *o, const char *folder, const char *below, struct cmd_s3_entries *out)
{
	char *path = xasprintf("%s%s%s", folder, *below ? "/" : "", below);
	DIR *d = opendir(path);
	const struct dirent *f;
	struct stat st, real;
	int rc = d ? EXIT_OK : cmd_fail(EXIT_FAILED, NULL, "%s: %s", path, strerror(errno));
	free(path);
	while (!rc && (f = readdir(d))) {
		if (!strcmp(f->d_name, ".") || !strcmp(f->d_name, ".."))
			continue;
		struct slice name = arena_printf(&o->a, "%s%s%s", below, *below ? "/" : "", f->d_name);
		if (fstatat(dirfd(d), f->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue; /* it went meanwhile */
		if (S_ISDIR(st.st_mode)) {
			rc = walk(o, folder, arena_cstr(&o->a, name), out);
		} else if (!fstatat(dirfd(d), f->d_name, &real, 0) && S_ISREG(real.st_mode)) {
			ARENA_GROW(&o->a, out->at, out->n, out->cap);
			out->at[out->n++] = (struct cmd_s3_entry){ .name = name, .size = real.st_size };
		} else {
			cmd_warn("%s/%.*s is no file and is left out", folder, SL(name));
		}
	}
	if (d)
		closedir(d);
	return rc;
}

int cmd_s3_files(struct cmd_s3_options *o, const char *folder, struct cmd_s3_entries *out)
{
	int rc = walk(o, folder, "", out);
	if (out->n)
		qsort(out->at, out->n, sizeof(*out->at), cmp_entry);
	return rc;
}
