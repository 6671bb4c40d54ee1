/* tarn s3: buckets and objects from the command line, for those who have no client of S3: list, remove, make, presign. What it copies
 * is in cmd_s3_copy.c. */
#include "tarn/cmd_s3.h"

#include "core/hash.h"
#include "core/json.h"
#include "core/sigv4.h"
#include "core/xml.h"

enum { REMOVE_AT_ONCE = 1000, EXPIRES_MOST = 604800 };

/* ---- whom to ask, as whom ---- */

static const char *set_in_environment(const char *name)
{
	const char *v = getenv(name);
	return v && *v ? v : NULL;
}

/* The address and the identity: of the environment, as AWS's clients take it; else those of the stack. */
int cmd_s3_open(struct cmd_s3_options *o)
{
	const char *key = set_in_environment("AWS_ACCESS_KEY_ID"), *secret = set_in_environment("AWS_SECRET_ACCESS_KEY");
	const char *session = key ? set_in_environment("AWS_SESSION_TOKEN") : NULL, *region = o->region;
	const json_t *who;
	char *of_stack = NULL;
	struct buf health = { 0 };
	struct error err;
	json_t *h = NULL;
	int rc = EXIT_OK;
	if (o->c)
		return EXIT_OK;
	if (!o->endpoint && !(of_stack = cmd_endpoint(o->data, "aws")))
		return cmd_fail(EXIT_START, "tarn up -d", "no stack with an AWS port runs on %s", cmd_data(o->data));
	if (!o->endpoint && (!key || !secret)) {
		rc = cmd_health(o->data, &health);
		h = json_loadb(buf_slice(&health).p, health.n, 0, NULL);
		who = json_object_get(h, "credentials");
		key = who ? jstr(who, "key") : "test";
		secret = who ? jstr(who, "secret") : "test";
		session = jstr(who, "session");
		region = region ? region : jstr(json_object_get(h, "stack"), "region");
	}
	region = region ? region : set_in_environment("AWS_REGION");
	region = region ? region : set_in_environment("AWS_DEFAULT_REGION");
	if (!rc && (!key || !secret))
		rc = cmd_fail(EXIT_USAGE, "export AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=…",
			      "--endpoint-url wants credentials in the environment");
	if (!rc && s3_client_new(o->endpoint ? o->endpoint : of_stack, key, secret, session, region ? region : "us-east-1", &o->c, &err))
		rc = cmd_fail(EXIT_START, NULL, "%s", err.text);
	json_decref(h);
	buf_free(&health);
	free(of_stack);
	return rc;
}

int cmd_s3_place(struct cmd_s3_options *o, const char *word, struct cmd_s3_place *out)
{
	struct slice rest;
	*out = (struct cmd_s3_place){ .word = word, .path = word, .key = S("") };
	if (!sl_after(sl(word), S("s3://"), &rest))
		return EXIT_OK;
	out->remote = true;
	if (!sl_cut(rest, '/', &out->bucket, &out->key))
		out->key = S("");
	return out->bucket.n ? EXIT_OK : cmd_fail(EXIT_USAGE, "tarn s3 ls s3://BUCKET/PREFIX", "%s names no bucket", word);
}

int cmd_s3_remote(struct cmd_s3_options *o, const char *word, struct cmd_s3_place *out)
{
	int rc = cmd_s3_place(o, word, out);
	return rc ? rc : out->remote ? EXIT_OK : cmd_fail(EXIT_USAGE, "tarn s3 ls s3://BUCKET/PREFIX", "%s does not begin with s3://", word);
}

int cmd_s3_failed(const struct s3_call *call, const char *what, const struct error *err)
{
	char *code;
	if (!call->status || !call->code.p)
		return cmd_fail(EXIT_START, "tarn up -d", "%s", err->text);
	code = xstrndup(call->code.p, call->code.n);
	int rc = cmd_error(EXIT_FAILED, code, NULL, "%s: %s", what, err->text);
	free(code);
	return rc;
}

void cmd_s3_did(struct cmd_s3_options *o, const char *what, const char *from, const char *to)
{
	if (!cmd_is_json())
		printf("%s%s: %s%s%s\n", o->dry ? "(dry run) " : "", what, from, to ? " to " : "", to ? to : "");
	else
		json_array_append_new(o->done, json_pack("{s:s, s:s, s:s?}", "did", what, "from", from, "to", to));
}

static int say_done(struct cmd_s3_options *o, int rc)
{
	if (rc || !cmd_is_json())
		return rc;
	char *text = json_dumps(o->done, JSON_COMPACT);
	cmd_json(sl(text));
	free(text);
	return rc;
}

/* ---- ls ---- */

static void show_time(struct slice iso)
{
	printf("%.10s %.8s", iso.n >= 19 ? iso.p : "-         ", iso.n >= 19 ? iso.p + 11 : "-       ");
}

static int list_buckets(struct cmd_s3_options *o)
{
	struct s3_call call = { .method = "GET" };
	const struct xml_node *b;
	struct xml_node *x;
	struct error err;
	int rc = EXIT_OK;
	if (s3_client_call(o->c, &call, &err))
		rc = cmd_s3_failed(&call, "s3://", &err);
	else if (xml_parse(&call.a, buf_slice(&call.answer), &x, &err))
		rc = cmd_fail(EXIT_FAILED, NULL, "the listing can't be read: %s", err.text);
	else
		for (b = xml_child(x, "Buckets") ? xml_child(x, "Buckets")->first : NULL; b; b = b->next) {
			struct slice name = xml_text(b, "Name"), at = xml_text(b, "CreationDate");
			if (cmd_is_json()) {
				json_array_append_new(o->done, json_pack("{s:s%, s:s%}", "bucket", name.p, name.n, "created", at.p, at.n));
				continue;
			}
			show_time(at);
			printf(" %.*s\n", SL(name));
		}
	s3_call_free(&call);
	return rc;
}

static json_t *text_of(struct slice s)
{
	return json_stringn(s.n ? s.p : "", s.n);
}

static void show_folder(struct cmd_s3_options *o, struct slice name)
{
	if (cmd_is_json())
		json_array_append_new(o->done, json_pack("{s:o}", "prefix", text_of(name)));
	else
		printf("%30s %.*s\n", "PRE", SL(name));
}

static int ls(void *self, char **words, int n)
{
	struct cmd_s3_options *o = self;
	struct cmd_s3_place p;
	struct cmd_s3_entries all = { 0 };
	size_t cut;
	int rc = cmd_s3_open(o);
	o->done = json_array();
	if (rc)
		return rc;
	if (n < 2 || !strcmp(words[1], "s3://"))
		return say_done(o, list_buckets(o));
	rc = cmd_s3_remote(o, words[1], &p);
	if (rc)
		return rc;
	for (cut = p.key.n; cut && p.key.p[cut - 1] != '/' && !o->recursive; cut--)
		;
	cut = o->recursive ? 0 : cut;
	rc = cmd_s3_list(o, p.bucket, p.key, o->recursive ? NULL : show_folder, &all);
	for (size_t i = 0; i < all.n && !rc; i++) {
		const struct cmd_s3_entry *e = &all.at[i];
		struct slice key = arena_printf(&o->a, "%.*s%.*s", SL(sl_from(p.key, cut)), SL(e->name));
		if (cmd_is_json()) {
			json_array_append_new(o->done, json_pack("{s:o, s:I, s:o, s:o}", "key", text_of(key), "size", (json_int_t)e->size, "modified",
								 text_of(e->modified), "etag", text_of(e->etag)));
			continue;
		}
		show_time(e->modified);
		printf(" %10lld %.*s\n", (long long)e->size, SL(key));
	}
	if (!rc && !all.n && !json_array_size(o->done) && p.key.n && !cmd_is_json())
		cmd_warn("nothing begins with %s", p.word);
	return say_done(o, rc);
}

/* ---- rm ---- */

static void add_object(struct buf *b, struct slice prefix, struct slice name, struct slice version)
{
	buf_adds(b, "<Object><Key>");
	buf_xml_escape(b, prefix);
	buf_xml_escape(b, name);
	buf_adds(b, "</Key>");
	if (version.p) {
		buf_adds(b, "<VersionId>");
		buf_xml_escape(b, version);
		buf_adds(b, "</VersionId>");
	}
	buf_adds(b, "</Object>");
}

/* What stands between <Delete> and its end. 0 or an exit code. */
static int delete_objects(struct cmd_s3_options *o, struct slice bucket, struct slice objects)
{
	struct s3_call call = { .method = "POST", .bucket = bucket, .query = S("delete=") };
	struct buf b = { 0 }, sum = { 0 };
	const struct xml_node *e;
	struct xml_node *x;
	struct error err;
	uint8_t md5[16];
	int rc = EXIT_OK;
	buf_addf(&b, "<Delete><Quiet>true</Quiet>%.*s</Delete>", SL(objects));
	call.body = buf_slice(&b);
	hash_md5(call.body.p, call.body.n, md5);
	buf_base64(&sum, md5, sizeof(md5));
	s3_call_header(&call, "Content-MD5", buf_slice(&sum));
	if (s3_client_call(o->c, &call, &err))
		rc = cmd_s3_failed(&call, arena_cstr(&o->a, bucket), &err);
	else if (!xml_parse(&call.a, buf_slice(&call.answer), &x, &err) && (e = xml_child(x, "Error")))
		rc = cmd_error(EXIT_FAILED, arena_cstr(&call.a, xml_text(e, "Code")), NULL, "%.*s: %.*s: %.*s", SL(xml_text(e, "Key")),
			       SL(xml_text(e, "Code")), SL(xml_text(e, "Message")));
	s3_call_free(&call);
	buf_free(&b);
	buf_free(&sum);
	return rc;
}

int cmd_s3_remove(struct cmd_s3_options *o, struct slice bucket, struct slice prefix, const struct cmd_s3_entries *all)
{
	int rc = EXIT_OK;
	for (size_t i = 0; i < all->n && !rc;) {
		struct buf b = { 0 };
		size_t begin = i, end = i + REMOVE_AT_ONCE < all->n ? i + REMOVE_AT_ONCE : all->n;
		for (; i < end; i++)
			add_object(&b, prefix, all->at[i].name, sl(NULL));
		rc = o->dry ? EXIT_OK : delete_objects(o, bucket, buf_slice(&b));
		for (i = begin; i < end && !rc; i++)
			cmd_s3_did(o, "delete", arena_cstr(&o->a, arena_printf(&o->a, "s3://%.*s/%.*s%.*s", SL(bucket), SL(prefix), SL(all->at[i].name))), NULL);
		i = end;
		buf_free(&b);
	}
	return rc;
}

static int rm(void *self, char **words, int n)
{
	struct cmd_s3_options *o = self;
	struct cmd_s3_entries all = { 0 }, wanted = { 0 };
	struct cmd_s3_place p;
	int rc = cmd_s3_open(o);
	o->done = json_array();
	rc = rc ? rc : cmd_s3_remote(o, words[1], &p);
	if (rc)
		return rc;
	if (!o->recursive && !p.key.n)
		return cmd_fail(EXIT_USAGE, "tarn s3 rm --recursive s3://BUCKET", "%s names a bucket: --recursive removes what is in it", p.word);
	if (!o->recursive) {
		struct cmd_s3_entry one = { .name = p.key };
		return say_done(o, cmd_s3_remove(o, p.bucket, S(""), &(struct cmd_s3_entries){ &one, 1, 1 }));
	}
	if (p.key.n && !sl_ends(p.key, S("/")))
		p.key = arena_printf(&o->a, "%.*s/", SL(p.key));
	rc = cmd_s3_list(o, p.bucket, p.key, NULL, &all);
	for (size_t i = 0; i < all.n; i++)
		if (cmd_s3_wanted(o, all.at[i].name)) {
			ARENA_GROW(&o->a, wanted.at, wanted.n, wanted.cap);
			wanted.at[wanted.n++] = all.at[i];
		}
	return say_done(o, rc ? rc : cmd_s3_remove(o, p.bucket, p.key, &wanted));
}

/* ---- mb, rb ---- */

static int mb(void *self, char **words, int n)
{
	struct cmd_s3_options *o = self;
	struct cmd_s3_place p;
	struct error err;
	int rc = cmd_s3_open(o);
	o->done = json_array();
	rc = rc ? rc : cmd_s3_remote(o, words[1], &p);
	if (rc)
		return rc;
	struct s3_call call = { .method = "PUT", .bucket = p.bucket };
	if (o->region && strcmp(o->region, "us-east-1"))
		call.body = arena_printf(&o->a, "<CreateBucketConfiguration><LocationConstraint>%s</LocationConstraint></CreateBucketConfiguration>",
					 o->region);
	if (s3_client_call(o->c, &call, &err))
		rc = cmd_s3_failed(&call, p.word, &err);
	else
		cmd_s3_did(o, "make_bucket", p.word, NULL);
	s3_call_free(&call);
	return say_done(o, rc);
}

/* All versions and delete markers, by pages: always the first, until there is none. */
static int empty_bucket(struct cmd_s3_options *o, struct slice bucket)
{
	struct error err;
	int rc = EXIT_OK;
	bool more = true;
	while (more && !rc) {
		struct s3_call call = { .method = "GET", .bucket = bucket, .query = S("versions=&encoding-type=url") };
		struct xml_node *x = NULL;
		struct buf b = { 0 };
		if (s3_client_call(o->c, &call, &err))
			rc = cmd_s3_failed(&call, arena_cstr(&o->a, bucket), &err);
		else if (xml_parse(&call.a, buf_slice(&call.answer), &x, &err))
			rc = cmd_fail(EXIT_FAILED, NULL, "the listing of %.*s can't be read: %s", SL(bucket), err.text);
		for (const struct xml_node *v = !rc ? x->first : NULL; v; v = v->next)
			if (sl_eqs(v->name, "Version") || sl_eqs(v->name, "DeleteMarker"))
				add_object(&b, S(""), arena_url_decode(&call.a, xml_text(v, "Key"), true), xml_text(v, "VersionId"));
		more = b.n;
		rc = rc || !more ? rc : delete_objects(o, bucket, buf_slice(&b));
		buf_free(&b);
		s3_call_free(&call);
	}
	return rc;
}

static int rb(void *self, char **words, int n)
{
	struct cmd_s3_options *o = self;
	struct cmd_s3_place p;
	struct error err;
	int rc = cmd_s3_open(o);
	o->done = json_array();
	rc = rc ? rc : cmd_s3_remote(o, words[1], &p);
	if (!rc && o->force)
		rc = empty_bucket(o, p.bucket);
	if (rc)
		return rc;
	struct s3_call call = { .method = "DELETE", .bucket = p.bucket };
	if (s3_client_call(o->c, &call, &err))
		rc = cmd_s3_failed(&call, p.word, &err);
	else
		cmd_s3_did(o, "remove_bucket", p.word, NULL);
	s3_call_free(&call);
	return say_done(o, rc);
}

/* ---- presign ---- */

static int presign(void *self, char **words, int n)
{
	struct cmd_s3_options *o = self;
	struct buf url = { 0 };
	struct cmd_s3_place p;
	int rc = cmd_s3_open(o);
	rc = rc ? rc : cmd_s3_remote(o, words[1], &p);
	if (rc)
		return rc;
	const char *method = n > 2 ? words[2] : "GET";
	s3_client_presign(o->c, method, p.bucket, p.key.n ? p.key : sl(NULL), o->expires, &url);
	if (cmd_is_json()) {
		o->done = json_pack("{s:s, s:s}", "method", method, "url", buf_cstr(&url));
		rc = say_done(o, rc);
	} else {
		printf("%s\n", buf_cstr(&url));
	}
	buf_free(&url);
	return rc;
}

static int cp(void *self, char **words, int n)
{
	struct cmd_s3_options *o = self;
	o->done = json_array();
	int rc = cmd_s3_open(o);
	return say_done(o, rc ? rc : cmd_s3_cp(self, words, n));
}

static int sync_(void *self, char **words, int n)
{
	struct cmd_s3_options *o = self;
	o->done = json_array();
	int rc = cmd_s3_open(o);
	return say_done(o, rc ? rc : cmd_s3_sync(self, words, n));
}

static int cat(void *self, char **words, int n)
{
	int rc = cmd_s3_open(self);
	return rc ? rc : cmd_s3_cat(self, words, n);
}

/* ---- the command ---- */

static bool add_filter(struct cmd_s3_options *o, bool in, const char *value)
{
	if (o->filter_n == S3_FILTERS)
		return false;
	o->filters[o->filter_n++] = (struct cmd_s3_filter){ in, value };
	return true;
}

static bool take_exclude(void *self, const char *value)
{
	return add_filter(self, false, value);
}

static bool take_include(void *self, const char *value)
{
	return add_filter(self, true, value);
}

static bool take_header(void *self, const char *value)
{
	struct cmd_s3_options *o = self;
	struct slice name, rest;
	if (o->header_n == ARRAY_LEN(o->headers) || !sl_cut(sl(value), ':', &name, &rest) || !name.n)
		return false;
	o->headers[o->header_n++] = (struct http_header){ name, sl_trim(rest) };
	return true;
}

static void cmd_s3_done(void *self)
{
	struct cmd_s3_options *o = self;
	s3_client_free(o->c);
	json_decref(o->done);
	arena_free(&o->a);
}

static const struct flag cmd_s3_flags[] = {
	{ "recursive", 'r', FLAG_ON, offsetof(struct cmd_s3_options, recursive), NULL, "ls, cp, rm: all below a folder or a prefix" },
	{ "delete", 0, FLAG_ON, offsetof(struct cmd_s3_options, drop), NULL, "sync: what the source lacks goes from the target" },
	{ "dry-run", 'n', FLAG_ON, offsetof(struct cmd_s3_options, dry), NULL, "cp, sync, rm: says what it would do" },
	{ "exclude", 0, FLAG_OWN, 0, "PATTERN", "names that are left alone, of what -r and sync go through; of several --exclude and --include the last counts", .take = take_exclude },
	{ "include", 0, FLAG_OWN, 0, "PATTERN", "names that are not", .take = take_include },
	{ "header", 'H', FLAG_OWN, 0, "NAME:VALUE", "cp, sync: goes with what is written, Content-Type, x-amz-meta-*, x-amz-acl and the like", .take = take_header },
	{ "force", 0, FLAG_ON, offsetof(struct cmd_s3_options, force), NULL, "rb: with all that is in it, every version" },
	{ "region", 0, FLAG_TEXT, offsetof(struct cmd_s3_options, region), "REGION", "mb: where; else what is signed for" },
	{ "expires", 0, FLAG_INT, offsetof(struct cmd_s3_options, expires), "SECONDS", "presign: how long the URL is good for", "3600", 1, EXPIRES_MOST },
	{ "endpoint-url", 0, FLAG_TEXT, offsetof(struct cmd_s3_options, endpoint), "URL", "another S3 than the stack's, with credentials of the environment" },
	{ "json", 0, FLAG_ON, offsetof(struct cmd_s3_options, json), NULL, "the same as JSON" },
	{ NULL },
};

static const struct action cmd_s3_actions[] = {
	{ "ls", "[s3://BUCKET/PREFIX]", "buckets; or objects and folders", 0, 1, ls },
	{ "cp", "FROM TO", "a file, an object, or with -r all below; - is stdin or stdout", 2, 2, cp },
	{ "sync", "FROM TO", "what differs, of a folder or a prefix: in size, or in MD5", 2, 2, sync_ },
	{ "cat", "s3://BUCKET/KEY", "an object, to stdout", 1, 1, cat },
	{ "rm", "s3://BUCKET/KEY", "removes an object, or with -r all below a folder", 1, 1, rm },
	{ "mb", "s3://BUCKET", "makes a bucket", 1, 1, mb },
	{ "rb", "s3://BUCKET", "removes a bucket", 1, 1, rb },
	{ "presign", "s3://BUCKET/KEY [METHOD]", "a URL that is good without credentials", 1, 2, presign },
	{ NULL },
};

const struct command command_s3 = {
	"s3", "ls | cp | sync | cat | rm | mb | rb | presign", "Buckets and objects of a running stack, or of another S3.",
	sizeof(struct cmd_s3_options), .done = cmd_s3_done, .flags = { data_flags, cmd_s3_flags }, .actions = cmd_s3_actions,
	.example = "tarn s3 cp -r ./rows s3://BUCKET/rows",
	.more = "It signs as AWS_ACCESS_KEY_ID of the environment, or without it as the first identity of the stack.\n",
};
