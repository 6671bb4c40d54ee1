/* A browser's form as a put: read, judged, and answered as the form asks. */
#include "form.h"

#include "body.h"

/* ---- the form ---- */

int s3_form_begin(struct s3_req *r, struct s3_form *f)
{
	struct slice type = http_get(r->http, "content-type"), rest, one;
	memset(f, 0, sizeof(*f));
	f->posted = r->http;
	f->size.max = -1;
	if (sl_after_nocase(sl_trim(type), S("multipart/form-data"), &rest))
		while (rest.p) {
			sl_cut(rest, ';', &one, &rest);
			if (!sl_after_nocase(sl_trim(one), S("boundary="), &one))
				continue;
			if (one.n > 1 && one.p[0] == '"' && one.p[one.n - 1] == '"')
				one = sl_of(one.p + 1, one.n - 2);
			if (one.n && one.n <= 200)
				f->boundary = arena_printf(r->a, "--%.*s", SL(one));
		}
	if (f->boundary.p)
		return 0;
	s3_extra(&r->fail, "Condition", S("Bucket POST must be of the enclosure-type multipart/form-data"));
	return s3_fail(&r->fail, S3_E_PRECONDITION);
}

static int malformed(struct s3_req *r)
{
	return s3_failf(&r->fail, S3_E_MALFORMED_POST, "The body of your POST request is not well-formed multipart/form-data.");
}

/* The value of a parameter of Content-Disposition: name="a \"b\".txt" */
static struct slice parameter(struct s3_req *r, struct slice line, const char *name)
{
	struct buf b = { 0 };
	struct slice rest = line, out = sl(NULL), key;
	size_t i;
	while (rest.n) {
		ssize_t at = sl_chr(rest, ';');
		if (at < 0)
			return out;
		rest = sl_from(rest, (size_t)at + 1);
		if (!sl_cut(rest, '=', &key, &rest))
			return out;
		buf_reset(&b);
		if (rest.n && rest.p[0] == '"') {
			for (i = 1; i < rest.n && rest.p[i] != '"'; i++) {
				/* Browsers escape quotes alone: a backslash before anything else is part of a path. */
				if (rest.p[i] == '\\' && i + 1 < rest.n && rest.p[i + 1] == '"')
					i++;
				buf_addc(&b, rest.p[i]);
			}
			rest = sl_from(rest, i < rest.n ? i + 1 : i);
		} else {
			for (i = 0; i < rest.n && rest.p[i] != ';'; i++)
				buf_addc(&b, rest.p[i]);
			rest = sl_from(rest, i);
		}
		if (sl_eq_nocase(sl_trim(key), sl(name))) {
			out = arena_dup(r->a, buf_slice(&b));
			break;
		}
	}
	buf_free(&b);
	return out;
}

/* Adds the part whose headers these are; its value is to be filled. */
static int add_part(struct s3_req *r, struct slice headers, struct s3_form *f)
{
	struct slice line, name = sl(NULL), value, file = sl(NULL);
	for (ssize_t slash; headers.n;) {
		sl_cut(headers, '\n', &line, &headers);
		if (!sl_after_nocase(sl_trim(line), S("content-disposition:"), &value))
			continue;
		name = parameter(r, value, "name");
		file = parameter(r, value, "filename");
		while ((slash = sl_chr(file, '/')) >= 0 || (slash = sl_chr(file, '\\')) >= 0)
			file = sl_from(file, (size_t)slash + 1);
	}
	if (!name.p || f->field_n == S3_FORM_FIELDS_MAX)
		return malformed(r);
	if (sl_eq_nocase(name, S("file"))) {
		f->has_file = true;
		f->filename = file;
	} else {
		f->fields[f->field_n++].name = name;
	}
	return 0;
}

int s3_form_head(struct s3_req *r, struct slice bytes, bool whole, struct s3_form *f)
{
	struct slice mark = arena_printf(r->a, "\r\n%.*s", SL(f->boundary));
	ssize_t at = sl_find(bytes, f->boundary), n;
	int rc;
	f->field_n = 0;
	for (size_t pos = 0;;) {
		if (at < 0)
			return whole ? malformed(r) : 0;
		pos += (size_t)at + f->boundary.n + (pos ? 2 : 0);
		if (pos + 2 <= bytes.n && !memcmp(bytes.p + pos, "--", 2))
			return whole ? 0 : malformed(r); /* the end, and no file */
		n = sl_find(sl_from(bytes, pos), S("\r\n\r\n"));
		if (n < 0)
			return whole ? malformed(r) : 0;
		if ((rc = add_part(r, sl_of(bytes.p + pos, (size_t)n), f)) != 0)
			return rc;
		pos += (size_t)n + 4;
		if (f->has_file) {
			f->file_at = pos;
			return 1;
		}
		at = sl_find(sl_from(bytes, pos), mark);
		if (at >= 0)
			f->fields[f->field_n - 1].value = sl_of(bytes.p + pos, (size_t)at);
	}
}

ssize_t s3_form_end(const struct s3_form *f, struct slice bytes)
{
	for (size_t pos = 0;;) {
		ssize_t at = sl_find(sl_from(bytes, pos), f->boundary);
		if (at < 0)
			return -1;
		pos += (size_t)at;
		if (pos >= 2 && !memcmp(bytes.p + pos - 2, "\r\n", 2))
			return (ssize_t)pos - 2;
		pos++;
	}
}

struct slice s3_form_field(const struct s3_form *f, const char *name)
{
	for (size_t i = 0; i < f->field_n; i++)
		if (sl_eq_nocase(f->fields[i].name, sl(name)))
			return f->fields[i].value;
	return sl(NULL);
}

/* ---- whose it is ---- */

static int lacks(struct s3_req *r, const char *name)
{
	s3_extra(&r->fail, "ArgumentName", sl(name));
	s3_extra(&r->fail, "ArgumentValue", S(""));
	return s3_failf(&r->fail, S3_E_INVALID_ARGUMENT,
			"Bucket POST must contain a field named '%s'.  If it is specified, please check the order of the fields.", name);
}

/* What credentials say, before it is known whether they are right. */
static int read_auth(struct s3_req *r, const struct s3_form *f)
{
	static const char *const v4[] = { "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature" };
	struct slice key = s3_form_field(f, "AWSAccessKeyId"), rest, field[4];
	bool any = false, is_v2 = key.p || s3_form_field(f, "Signature").p;
	r->auth = (struct sigv4_auth){ 0 };
	for (size_t i = 0; i < ARRAY_LEN(v4); i++) {
		field[i] = s3_form_field(f, v4[i]);
		any |= field[i].p != NULL;
	}
	if (!any && !is_v2)
		return s3_fail(&r->fail, S3_E_ACCESS_DENIED);
	if (!any) {
		r->auth = (struct sigv4_auth){ .present = true, .key = key, .signature = s3_form_field(f, "Signature") };
		return !key.p ? lacks(r, "AWSAccessKeyId") : !r->auth.signature.p ? lacks(r, "Signature") : 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(v4); i++)
		if (!field[i].p)
			return lacks(r, v4[i]);
	if (!sl_eqs(field[0], "AWS4-HMAC-SHA256"))
		return s3_bad_argument(r, "X-Amz-Algorithm", field[0], "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
	r->auth = (struct sigv4_auth){ .present = true, .amz_date = field[2], .signature = field[3] };
	if (!sl_cut(field[1], '/', &r->auth.key, &rest) || !sl_cut(rest, '/', &r->auth.date, &rest) || !sl_cut(rest, '/', &r->auth.region, &rest) ||
	    !sl_cut(rest, '/', &r->auth.service, &rest) || !sl_eqs(rest, "aws4_request") || !r->auth.key.n || r->auth.date.n != 8)
		return s3_bad_argument(r, "X-Amz-Credential", field[1],
				       "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "
				       "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
	return 0;
}

static bool signed_so(struct s3_req *r, struct slice policy)
{
	struct buf want = { 0 };
	uint8_t mac[32];
	bool same;
	if (r->auth.region.p) {
		struct sigv4_chain c;
		sigv4_chain_init(&c, &r->auth, r->auth.who.secret);
		hash_hmac_sha256(c.key, sizeof(c.key), policy.p, policy.n, mac);
		buf_hex(&want, mac, 32);
	} else {
		hash_hmac_sha1(r->auth.who.secret, policy, mac);
		buf_base64(&want, mac, 20);
	}
	same = sl_eq(r->auth.signature, buf_slice(&want));
	buf_free(&want);
	return same;
}

static int check_signature(struct s3 *s, struct s3_req *r, struct slice policy)
{
	enum identity_known known = sigv4_identity(s->env, r->http, &r->auth);
	struct slice raw;
	struct buf text = { 0 };
	int rc = 0;
	if (known == IDENTITY_EXPIRED)
		return s3_fail(&r->fail, S3_E_EXPIRED_TOKEN);
	/* Where any credentials do, nobody knows the secret; but what isn't base64 isn't what anyone signed. */
	if (s->any_identity && arena_base64(r->a, sl_trim(policy), &raw))
		return 0;
	if (!s->any_identity && known == IDENTITY_UNKNOWN)
		return s3_auth_fail_key(r);
	if (s->any_identity || !signed_so(r, policy)) {
		buf_addsl(&text, policy);
		rc = s3_auth_fail_mismatch(r, &text, NULL);
		buf_free(&text);
	}
	return rc;
}

/* ---- the put it stands for ---- */

/* Metadata beyond ASCII as AWS gives it back (RFC 2047): control characters make it base64. */
static struct slice metadata(struct s3_req *r, struct slice v)
{
	struct buf b = { 0 };
	bool ascii = true, control = false;
	struct slice out = v;
	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];
		ascii &= c < 0x80;
		control |= (c < ' ' && c != '\t') || c == 0x7f;
	}
	if (ascii && !control)
		return v;
	buf_addf(&b, "=?UTF-8?%c?", control ? 'B' : 'Q');
	if (control)
		buf_base64(&b, v.p, v.n);
	for (size_t i = 0; i < v.n && !control; i++) {
		unsigned char c = (unsigned char)v.p[i];
		if (c == ' ')
			buf_addc(&b, '_');
		else if (c >= 0x80 || c == '=' || c == '?' || c == '_' || c == '\t')
			buf_addf(&b, "=%02X", c);
		else
			buf_addc(&b, (char)c);
	}
	buf_adds(&b, "?=");
	out = arena_dup(r->a, buf_slice(&b));
	buf_free(&b);
	return out;
}

/* A header's value: Latin-1, with a blank for what it hasn't. */
static struct slice latin(struct s3_req *r, struct slice v)
{
	struct buf b = { 0 };
	struct slice out;
	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i], next = i + 1 < v.n ? (unsigned char)v.p[i + 1] : 0;
		if (c < 0x80) {
			buf_addc(&b, c < ' ' && c != '\t' ? ' ' : (char)c);
		} else if ((c == 0xc2 || c == 0xc3) && (next & 0xc0) == 0x80) {
			buf_addc(&b, (char)((c << 6 & 0xc0) | (next & 0x3f)));
			i++;
		} else if (c >= 0xc0) {
			buf_addc(&b, ' ');
		}
	}
	out = arena_dup(r->a, buf_slice(&b));
	buf_free(&b);
	return out;
}

/* <Tagging> as x-amz-tagging has it. Another document is no tags. */
static int tagging(struct s3_req *r, struct slice text, struct slice *out)
{
	struct xml_node *root = NULL;
	const struct xml_node *set;
	struct buf b = { 0 };
	if (xml_parse(r->a, text, &root, NULL))
		return s3_fail(&r->fail, S3_E_MALFORMED_XML);
	set = sl_eqs(root->name, "Tagging") ? xml_child(root, "TagSet") : NULL;
	for (const struct xml_node *t = set ? set->first : NULL; t; t = t->next) {
		buf_adds(&b, b.n ? "&" : "");
		buf_url_escape(&b, xml_text(t, "Key"), false);
		buf_addc(&b, '=');
		buf_url_escape(&b, xml_text(t, "Value"), false);
	}
	*out = arena_dup(r->a, buf_slice(&b));
	buf_free(&b);
	return 0;
}

/* Fields under the names they have as headers. */
static int put_headers(struct s3_req *r, struct s3_form *f)
{
	static const char *const keep[] = { "host", "user-agent", "origin", "x-forwarded-for", "x-forwarded-proto" };
	static const char *const taken[] = { "cache-control", "content-type", "content-disposition", "content-encoding", "content-language",
					     "content-md5", "expires" };
	struct http_header *to = arena_alloc(r->a, (S3_FORM_FIELDS_MAX + ARRAY_LEN(keep)) * sizeof(*to));
	size_t n = 0;
	int rc;
	for (size_t i = 0; i < ARRAY_LEN(keep); i++)
		if (http_get(r->http, keep[i]).p)
			to[n++] = (struct http_header){ sl(keep[i]), http_get(r->http, keep[i]) };
	for (size_t i = 0; i < f->field_n; i++) {
		struct slice name = f->fields[i].name, value = f->fields[i].value;
		bool known = sl_starts_nocase(name, S("x-amz-"));
		for (size_t k = 0; k < ARRAY_LEN(taken); k++)
			known |= sl_eq_nocase(name, sl(taken[k]));
		if (sl_eq_nocase(name, S("acl")))
			to[n++] = (struct http_header){ S("x-amz-acl"), latin(r, value) };
		else if (sl_starts_nocase(name, S("x-amz-meta-")))
			to[n++] = (struct http_header){ name, metadata(r, value) };
		else if (known)
			to[n++] = (struct http_header){ name, latin(r, value) };
		else if (sl_eq_nocase(name, S("tagging"))) {
			to[n].name = S("x-amz-tagging");
			if ((rc = tagging(r, value, &to[n].value)) != 0)
				return rc;
			n += to[n].value.n > 0;
		}
	}
	f->put = *r->http;
	f->put.method = S("PUT");
	f->put.headers = to;
	f->put.header_n = n;
	r->http = &f->put;
	return 0;
}

static int form_key(struct s3_req *r, struct s3_form *f)
{
	struct slice key = s3_form_field(f, "key"), word = S("${filename}");
	struct buf b = { 0 };
	ssize_t at;
	if (!key.n)
		return lacks(r, "key");
	while (f->filename.p && (at = sl_find(key, word)) >= 0) {
		buf_add(&b, key.p, (size_t)at);
		buf_addsl(&b, f->filename);
		key = sl_from(key, (size_t)at + word.n);
	}
	buf_addsl(&b, key);
	f->key = arena_dup(r->a, buf_slice(&b));
	buf_free(&b);
	r->key = f->key;
	return s3_request_check_key(r);
}

static int no_file(struct s3_req *r)
{
	return s3_bad_argument(r, "file", S("0"), "POST requires exactly one file upload per request.");
}

int s3_form_judge(struct s3 *s, struct s3_req *r, struct s3_form *f)
{
	struct slice policy = s3_form_field(f, "policy");
	struct s3_bucket b;
	int rc = form_key(r, f);
	r->form = f;
	if (rc || (rc = s3_bucket_get(s, r->bucket, &b, &r->fail)) != 0 || (policy.p && (rc = read_auth(r, f)) != 0) || (rc = put_headers(r, f)) != 0)
		return rc;
	/* A form that says nothing of whose it is asks as anyone does who signs nothing. */
	rc = policy.p ? check_signature(s, r, policy) : s3_request_auth(s, r, false);
	if (rc == 0 && policy.p)
		rc = s3_form_policy(r, f, policy, &f->size);
	if (rc == 0)
		rc = s3_request_owner(s, r, "x-amz-expected-bucket-owner", r->bucket);
	return rc ? rc : s3_authorize(s, r, "PutObject");
}

int s3_op_form(struct s3 *s, struct s3_req *r)
{
	struct s3_form *f = arena_alloc(r->a, sizeof(*f));
	struct slice body = r->http->body.p ? r->http->body : S(""), file;
	ssize_t end;
	int rc = s3_form_begin(r, f);
	if (rc || (rc = s3_form_head(r, body, true, f)) < 0)
		return rc;
	if (rc == 0)
		return no_file(r);
	file = sl_from(body, f->file_at);
	if ((end = s3_form_end(f, sl_of(file.p - 2, file.n + 2))) < 0)
		return malformed(r);
	file.n = (size_t)(end - 2 > 0 ? end - 2 : 0);
	if ((rc = s3_form_judge(s, r, f)) != 0 || (rc = s3_form_size(r, &f->size, (int64_t)file.n)) != 0)
		return rc;
	r->body = file;
	return s3_op_put(s, r);
}

/* ---- the answer ---- */

/* Where the object is; absolute, and a slash of the key is encoded, as AWS does. */
static struct slice location(struct s3_req *r)
{
	struct buf b = { 0 };
	struct slice out;
	buf_addf(&b, "%s://%.*s/", r->http->secure ? "https" : "http", SL(http_get(r->http, "host")));
	if (!r->virtual_host)
		buf_addf(&b, "%.*s/", SL(r->bucket));
	buf_url_escape(&b, r->key, false);
	out = arena_dup(r->a, buf_slice(&b));
	buf_free(&b);
	return out;
}

static struct slice etag_of(const struct s3_req *r)
{
	for (size_t i = 0; i < r->call->resp.header_n; i++)
		if (sl_eq_nocase(r->call->resp.headers[i].name, S("ETag")))
			return r->call->resp.headers[i].value;
	return S("");
}

/* Whether the form says where to go then: an address that can't be gone to is none. */
static bool redirect(struct s3_req *r, struct slice to)
{
	struct buf b = { 0 };
	if (!sl_starts_nocase(to, S("http://")) && !sl_starts_nocase(to, S("https://")))
		return false;
	buf_addf(&b, "%.*s%cbucket=", SL(to), sl_chr(to, '?') < 0 ? '?' : '&');
	buf_url_escape(&b, r->bucket, false);
	buf_adds(&b, "&key=");
	buf_url_escape(&b, r->key, false);
	buf_adds(&b, "&etag=");
	buf_url_escape(&b, etag_of(r), false);
	http_setsl(r->call, "Location", buf_slice(&b));
	buf_free(&b);
	r->call->resp.status = 303;
	return true;
}

static void answer_created(struct s3_req *r, struct slice where)
{
	struct buf b = { 0 };
	buf_adds(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse>");
	s3_xml_el(&b, "Location", where);
	s3_xml_el(&b, "Bucket", r->bucket);
	s3_xml_el(&b, "Key", r->key);
	s3_xml_el(&b, "ETag", etag_of(r));
	r->call->resp.status = 201;
	(void)s3_answer_xml(r, &b, "PostResponse");
}

void s3_form_answer(struct s3_req *r, int rc)
{
	struct s3_form *f = r->form;
	struct slice status, to;
	if (!f)
		return;
	r->http = f->posted;
	r->form = NULL;
	if (rc)
		return;
	to = s3_form_field(f, "success_action_redirect");
	status = s3_form_field(f, "success_action_status");
	if (redirect(r, to.p ? to : s3_form_field(f, "redirect")))
		return;
	to = location(r);
	http_setsl(r->call, "Location", to);
	r->call->resp.status = sl_eqs(status, "200") ? 200 : 204;
	if (sl_eqs(status, "201"))
		answer_created(r, to);
}
