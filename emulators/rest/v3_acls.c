/* API v3: ACLs. The broker keeps and enforces them; one without says so. */
#include "rest/v3.h"

#define ACL "io.confluent.kafkarest.entities.Acl$"

/* The place of each word is Kafka's byte for it. */
static const char *const resource_types[] = { "UNKNOWN", "ANY", "TOPIC", "GROUP", "CLUSTER", "TRANSACTIONAL_ID", "DELEGATION_TOKEN", NULL };
static const char *const pattern_types[] = { "UNKNOWN", "ANY", "MATCH", "LITERAL", "PREFIXED", NULL };
static const char *const operations[] = { "UNKNOWN", "ANY", "ALL", "READ", "WRITE", "CREATE", "DELETE", "ALTER", "DESCRIBE", "CLUSTER_ACTION",
					  "DESCRIBE_CONFIGS", "ALTER_CONFIGS", "IDEMPOTENT_WRITE", NULL };
static const char *const permissions[] = { "UNKNOWN", "ANY", "DENY", "ALLOW", NULL };
enum { UNKNOWN, ANY, MATCH };

struct acl {
	int resource_type, pattern_type, operation, permission;
	struct slice name, principal, host;
};

static const struct bean_field create_fields[] = {
	{ "resource_type", BEAN_ENUM, offsetof(struct acl, resource_type), "Null resourceType", NULL, ACL "ResourceType", resource_types },
	{ "resource_name", BEAN_TEXT, offsetof(struct acl, name), .needed = "Null resourceName" },
	{ "pattern_type", BEAN_ENUM, offsetof(struct acl, pattern_type), "Null patternType", NULL, ACL "PatternType", pattern_types },
	{ "principal", BEAN_TEXT, offsetof(struct acl, principal), .needed = "Null principal" },
	{ "host", BEAN_TEXT, offsetof(struct acl, host), .needed = "Null host" },
	{ "operation", BEAN_ENUM, offsetof(struct acl, operation), "Null operation", NULL, ACL "Operation", operations },
	{ "permission", BEAN_ENUM, offsetof(struct acl, permission), "Null permission", NULL, ACL "Permission", permissions },
};
static const struct bean_type create_type = { "io.confluent.kafkarest.entities.v3.CreateAclRequest", create_fields, ARRAY_LEN(create_fields),
					      sizeof(struct acl), NULL };

/* ---- said ---- */

/* java.net.URLEncoder. */
static void url_encode(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char ch = (unsigned char)s.p[i];
		if ((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || (ch && strchr(".-*_", ch)))
			buf_addc(b, (char)ch);
		else if (ch == ' ')
			buf_addc(b, '+');
		else
			buf_addf(b, "%%%02X", ch);
	}
}

static void add_parameter(struct buf *b, const char *name, struct slice value)
{
	buf_addc(b, sl_chr(buf_slice(b), '?') < 0 ? '?' : '&');
	buf_addf(b, "%s=", name);
	url_encode(b, value);
}

static struct slice acl_url(struct rest_call *c, const struct acl *a)
{
	struct buf b = { 0 };
	struct slice out;
	buf_addsl(&b, v3_url(c, "/acls"));
	add_parameter(&b, "resource_type", sl(resource_types[a->resource_type]));
	add_parameter(&b, "resource_name", a->name);
	add_parameter(&b, "pattern_type", sl(pattern_types[a->pattern_type]));
	add_parameter(&b, "principal", a->principal);
	add_parameter(&b, "host", a->host);
	add_parameter(&b, "operation", sl(operations[a->operation]));
	add_parameter(&b, "permission", sl(permissions[a->permission]));
	out = arena_dup(c->req->arena, buf_slice(&b));
	buf_free(&b);
	return out;
}

static void put_acl(struct rest_call *c, const struct acl *a)
{
	struct buf *b = &c->body;
	v3_head(c, "KafkaAcl", acl_url(c, a), sl(NULL));
	jw_text(b, "resource_type", resource_types[a->resource_type]);
	jk_str(b, "resource_name", a->name);
	jw_text(b, "pattern_type", pattern_types[a->pattern_type]);
	jk_str(b, "principal", a->principal);
	jk_str(b, "host", a->host);
	jw_text(b, "operation", operations[a->operation]);
	jw_text(b, "permission", permissions[a->permission]);
	jw_obj_end(b);
}

/* Kafka's byte as a place among words; what the proxy has no word for is unknown. */
static int word_of(const char *const *words, int8_t v)
{
	for (int i = 0; words[i]; i++)
		if (i == v)
			return i;
	return UNKNOWN;
}

static int by_all(const void *a, const void *b)
{
	const struct acl *x = a, *y = b;
	int d = x->resource_type - y->resource_type;
	d = d ? d : sl_cmp(x->name, y->name);
	d = d ? d : x->pattern_type - y->pattern_type;
	d = d ? d : sl_cmp(x->principal, y->principal);
	d = d ? d : sl_cmp(x->host, y->host);
	d = d ? d : x->operation - y->operation;
	return d ? d : x->permission - y->permission;
}

/* ---- asked ---- */

/* The filter of the query; what isn't given is what `otherwise` says. False: it is answered. */
static bool read_filter(struct rest_call *c, int otherwise, struct acl *out)
{
	const struct {
		const char *name;
		const char *const *words;
		int *to;
	} rows[] = {
		{ "resource_type", resource_types, &out->resource_type },
		{ "pattern_type", pattern_types, &out->pattern_type },
		{ "operation", operations, &out->operation },
		{ "permission", permissions, &out->permission },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice v = http_query(c->req, rows[i].name);
		int at = v.p ? -1 : otherwise;
		for (int k = 0; v.p && rows[i].words[k]; k++)
			if (sl_eq_nocase(v, sl(rows[i].words[k])))
				at = k;
		if (at < 0) { /* no constant of the enum: Jersey's refusal of a parameter */
			v3_not_found(c, NULL);
			return false;
		}
		*rows[i].to = at;
	}
	out->name = http_query(c->req, "resource_name");
	out->principal = http_query(c->req, "principal");
	out->host = http_query(c->req, "host");
	return true;
}

static struct slice filled(struct slice s)
{
	return s.n ? s : sl(NULL);
}

static void refuse(struct rest_call *c, const char *name, const char *word)
{
	v3_fail(c, 400, 400, arena_printf(c->req->arena, "Bad Request: %s cannot be %s", name, word));
}

static void answer_acls(struct rest_call *c, const void *resp)
{
	const struct kp_describe_acls_resp *r = v3_keep(c, KP_DESCRIBE_ACLS, resp);
	struct acl *filter = c->state, *list;
	size_t n = 0, most = 0;
	if (r->error_code) {
		v3_fail_code(c, r->error_code, r->error_message);
		return;
	}
	for (int i = 0; i < r->resource_n; i++)
		most += (size_t)r->resources[i].acl_n;
	list = v3_new(c, (most + 1) * sizeof(*list));
	for (int i = 0; i < r->resource_n; i++) {
		const struct kp_describe_acls_resp_resource *at = &r->resources[i];
		for (int k = 0; k < at->acl_n; k++)
			list[n++] = (struct acl){ word_of(resource_types, at->resource_type), word_of(pattern_types, at->pattern_type),
						  word_of(operations, at->acls[k].operation), word_of(permissions, at->acls[k].permission_type),
						  at->resource_name, at->acls[k].principal, at->acls[k].host };
	}
	qsort(list, n, sizeof(*list), by_all);
	v3_list(c, "KafkaAclList", acl_url(c, filter));
	for (size_t i = 0; i < n; i++)
		put_acl(c, &list[i]);
	v3_list_end(c);
}

static void ask_acls(struct rest_call *c, const void *resp)
{
	const struct acl *f = c->state;
	struct kp_describe_acls_req *q = V3_NEW(c, kp_describe_acls_req);
	*q = (struct kp_describe_acls_req){ (int8_t)f->resource_type, filled(f->name), (int8_t)f->pattern_type, filled(f->principal), filled(f->host),
					    (int8_t)f->operation, (int8_t)f->permission };
	v3_ask(c, KP_DESCRIBE_ACLS, q, answer_acls);
}

void v3_acls(struct rest_call *c)
{
	struct acl *f = V3_NEW(c, acl);
	c->state = f;
	if (!read_filter(c, ANY, f))
		return;
	if (f->resource_type == UNKNOWN)
		refuse(c, "resource_type", "ANY");
	else if (f->pattern_type == UNKNOWN)
		refuse(c, "pattern_type", "UNKNOWN");
	else if (f->operation == UNKNOWN)
		refuse(c, "operation", "ANY");
	else if (f->permission == UNKNOWN)
		refuse(c, "permission", "ANY");
	else
		v3_begin(c, V3_CLUSTER, ask_acls);
}

static void answer_created(struct rest_call *c, const void *resp)
{
	const struct kp_create_acls_resp *r = resp;
	if (r->result_n && r->results[0].error_code)
		v3_fail_code(c, r->results[0].error_code, r->results[0].error_message);
	else
		v3_created(c, acl_url(c, c->state));
}

static void ask_create(struct rest_call *c, const void *resp)
{
	const struct acl *a = c->state;
	struct kp_create_acls_req *q = V3_NEW(c, kp_create_acls_req);
	q->creations = kp_elements(&kp_create_acls_req_creation_table, c->req->arena, 1);
	q->creation_n = 1;
	q->creations[0] = (struct kp_create_acls_req_creation){ (int8_t)a->resource_type, a->name, (int8_t)a->pattern_type, a->principal, a->host,
								(int8_t)a->operation, (int8_t)a->permission };
	v3_ask(c, KP_CREATE_ACLS, q, answer_created);
}

void v3_acl_create(struct rest_call *c)
{
	struct acl *a = v3_body(c, &create_type);
	if (!a)
		return;
	c->state = a;
	if (a->resource_type <= ANY)
		refuse(c, "resource_type", "ANY");
	else if (a->pattern_type <= MATCH)
		refuse(c, "pattern_type", pattern_types[a->pattern_type]);
	else if (a->operation <= ANY)
		refuse(c, "operation", "ANY");
	else if (a->permission <= ANY)
		refuse(c, "permission", "ANY");
	else
		v3_begin(c, V3_CLUSTER, ask_create);
}

static void answer_deleted(struct rest_call *c, const void *resp)
{
	const struct kp_delete_acls_resp *all = v3_keep(c, KP_DELETE_ACLS, resp);
	const struct kp_delete_acls_resp_filter_result *r = all->filter_result_n ? &all->filter_results[0] : NULL;
	struct acl *list;
	size_t n = 0;
	if (r && r->error_code) {
		v3_fail_code(c, r->error_code, r->error_message);
		return;
	}
	list = v3_new(c, ((size_t)(r ? r->matching_acl_n : 0) + 1) * sizeof(*list));
	for (int i = 0; r && i < r->matching_acl_n; i++) {
		const struct kp_delete_acls_resp_matching_acl *m = &r->matching_acls[i];
		if (m->error_code) {
			v3_fail_code(c, m->error_code, m->error_message);
			return;
		}
		list[n++] = (struct acl){ word_of(resource_types, m->resource_type), word_of(pattern_types, m->pattern_type),
					  word_of(operations, m->operation), word_of(permissions, m->permission_type), m->resource_name, m->principal,
					  m->host };
	}
	qsort(list, n, sizeof(*list), by_all);
	jw_obj(&c->body, NULL);
	jw_list(&c->body, "data");
	for (size_t i = 0; i < n; i++)
		put_acl(c, &list[i]);
	v3_list_end(c);
}

static void ask_delete(struct rest_call *c, const void *resp)
{
	const struct acl *f = c->state;
	struct kp_delete_acls_req *q = V3_NEW(c, kp_delete_acls_req);
	q->filters = kp_elements(&kp_delete_acls_req_filter_table, c->req->arena, 1);
	q->filter_n = 1;
	q->filters[0] = (struct kp_delete_acls_req_filter){ (int8_t)f->resource_type, filled(f->name), (int8_t)f->pattern_type, filled(f->principal),
							    filled(f->host), (int8_t)f->operation, (int8_t)f->permission };
	v3_ask(c, KP_DELETE_ACLS, q, answer_deleted);
}

void v3_acls_delete(struct rest_call *c)
{
	static const char unknown[] = "unspecified or UNKNOWN";
	struct acl *f = V3_NEW(c, acl);
	c->state = f;
	if (!read_filter(c, UNKNOWN, f))
		return;
	if (f->resource_type == UNKNOWN)
		refuse(c, "resource_type", unknown);
	else if (f->pattern_type == UNKNOWN)
		refuse(c, "pattern_type", unknown);
	else if (f->operation == UNKNOWN)
		refuse(c, "operation", unknown);
	else if (f->permission == UNKNOWN)
		refuse(c, "permission", unknown);
	else
		v3_begin(c, V3_CLUSTER, ask_delete);
}
