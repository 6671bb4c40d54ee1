#include "kafka/quota.h"

#include <arpa/inet.h>
#include <math.h>

static const char *const types[KFK_OF_COUNT] = { "client-id", "ip", "user" };
static const struct {
	const char *name;
	bool whole, of_ip; /* a whole number; else of users and client ids */
} keys[KFK_QUOTA_KEYS] = {
	{ "producer_byte_rate", true, false }, { "consumer_byte_rate", true, false }, { "request_percentage", false, false },
	{ "controller_mutation_rate", false, false }, { "connection_creation_rate", true, true },
};

static int type_of(struct slice name)
{
	for (int i = 0; i < KFK_OF_COUNT; i++)
		if (sl_eqs(name, types[i]))
			return i;
	return -1;
}

static int key_of(struct slice name)
{
	for (int i = 0; i < KFK_QUOTA_KEYS; i++)
		if (sl_eqs(name, keys[i].name))
			return i;
	return -1;
}

/* ---- those there are ---- */

/* "client-id=NAME&user": escaped, in order of types; without = it is the default. */
static void write_entity(const struct kfk_entity *e, struct buf *out)
{
	for (int i = 0; i < KFK_OF_COUNT; i++) {
		if (!e->said[i])
			continue;
		buf_addf(out, "%s%s", out->n ? "&" : "", types[i]);
		if (e->name[i].p) {
			buf_addc(out, '=');
			buf_url_escape(out, e->name[i], false);
		}
	}
}

static void read_entity(struct arena *a, struct slice text, struct kfk_entity *e)
{
	struct slice one, type, name;
	while (text.p) {
		sl_cut(text, '&', &one, &text);
		sl_cut(one, '=', &type, &name);
		int i = type_of(type);
		if (i < 0)
			continue;
		e->said[i] = true;
		e->name[i] = name.p ? arena_url_decode(a, name, false) : sl(NULL);
	}
}

static struct kfk_quota *find(const struct kfk_quotas *q, const char *text)
{
	for (size_t i = 0; i < q->n; i++)
		if (!strcmp(q->all[i].text, text))
			return &q->all[i];
	return NULL;
}

static struct kfk_quota *find_or_make(struct kfk_quotas *q, struct slice text)
{
	char *own = xstrndup(text.p, text.n);
	struct kfk_quota *one = find(q, own);
	size_t at = 0;
	if (one) {
		free(own);
		return one;
	}
	while (at < q->n && strcmp(q->all[at].text, own) < 0)
		at++;
	GROW(q->all, q->n, q->cap);
	memmove(q->all + at + 1, q->all + at, (q->n - at) * sizeof(*q->all));
	q->n++;
	q->all[at] = (struct kfk_quota){ .text = own };
	read_entity(&q->all[at].names, text, &q->all[at].entity);
	return &q->all[at];
}

static void drop_empty(struct kfk_quotas *q, struct kfk_quota *one)
{
	for (int i = 0; i < KFK_QUOTA_KEYS; i++)
		if (one->set[i])
			return;
	free(one->text);
	arena_free(&one->names);
	q->n--;
	memmove(one, one + 1, (size_t)(q->all + q->n - one) * sizeof(*one));
}

static void note(void *arg, struct slice entity, struct slice name, double value)
{
	int key = key_of(name);
	if (key < 0)
		return;
	struct kfk_quota *one = find_or_make(arg, entity);
	one->set[key] = true;
	one->value[key] = value;
}

const struct kfk_quota *kfk_quota(const struct kafka *k, const struct kfk_entity *e)
{
	struct buf text = { 0 };
	write_entity(e, &text);
	const struct kfk_quota *one = find(k->quotas, buf_cstr(&text));
	buf_free(&text);
	return one;
}

void kfk_quotas_free(struct kafka *k)
{
	for (size_t i = 0; k->quotas && i < k->quotas->n; i++) {
		free(k->quotas->all[i].text);
		arena_free(&k->quotas->all[i].names);
	}
	if (k->quotas) {
		kfk_rates_free(k->quotas);
		free(k->quotas->all);
	}
	free(k->quotas);
	k->quotas = NULL;
}

int kfk_quotas_load(struct kafka *k, struct error *err)
{
	kfk_quotas_free(k);
	k->quotas = xcalloc(1, sizeof(*k->quotas));
	return kfk_store_quotas(&k->db, note, k->quotas, err);
}

/* ---- DescribeClientQuotas ---- */

enum { EXACT, DEFAULT, SPECIFIED };

struct filter {
	bool asked[KFK_OF_COUNT];
	int8_t match[KFK_OF_COUNT];
	struct slice name[KFK_OF_COUNT];
	int n;
};

static int bad(struct slice *why, struct slice text)
{
	*why = text;
	return KE_INVALID_REQUEST;
}

static int read_component(struct arena *a, const struct kp_describe_client_quotas_req_component *in, struct filter *f, struct slice *why)
{
	int type = type_of(in->entity_type);
	if (!in->entity_type.n)
		return bad(why, S("Invalid empty entity type."));
	if (type >= 0 && f->asked[type])
		return bad(why, arena_printf(a, "Entity type %s cannot appear more than once in the filter.", types[type]));
	if (type < 0) {
		*why = arena_printf(a, "Unsupported entity type %.*s", SL(in->entity_type));
		return KE_UNSUPPORTED_VERSION;
	}
	if (in->match_type == EXACT && !in->match.p)
		return bad(why, S("Request specified MATCH_TYPE_EXACT, but set match string to null."));
	if ((in->match_type == DEFAULT || in->match_type == SPECIFIED) && in->match.p)
		return bad(why, arena_printf(a, "Request specified MATCH_TYPE_%s, but also specified a match string.", in->match_type == DEFAULT ? "DEFAULT" : "SPECIFIED"));
	if (in->match_type < EXACT || in->match_type > SPECIFIED)
		return bad(why, arena_printf(a, "Unknown match type %d", in->match_type));
	f->asked[type] = true;
	f->match[type] = in->match_type;
	f->name[type] = in->match;
	f->n++;
	return KE_NONE;
}

static bool fits(const struct filter *f, bool strict, const struct kfk_entity *e)
{
	int n = 0;
	for (int i = 0; i < KFK_OF_COUNT; i++) {
		n += e->said[i];
		if (!f->asked[i])
			continue;
		bool same = f->match[i] == SPECIFIED || (f->match[i] == DEFAULT ? !e->name[i].p : e->name[i].p && sl_eq(e->name[i], f->name[i]));
		if (!e->said[i] || !same)
			return false;
	}
	return !strict || n == f->n;
}

static void put_quota(struct arena *a, const struct kfk_quota *q, struct kp_describe_client_quotas_resp_entry *out)
{
	out->entity = kp_elements(&kp_describe_client_quotas_resp_entity_table, a, KFK_OF_COUNT);
	out->values = kp_elements(&kp_describe_client_quotas_resp_value_table, a, KFK_QUOTA_KEYS);
	for (int i = 0; i < KFK_OF_COUNT; i++)
		if (q->entity.said[i])
			out->entity[out->entity_n++] = (struct kp_describe_client_quotas_resp_entity){ sl(types[i]), q->entity.name[i] };
	for (int i = 0; i < KFK_QUOTA_KEYS; i++)
		if (q->set[i])
			out->values[out->value_n++] = (struct kp_describe_client_quotas_resp_value){ sl(keys[i].name), q->value[i] };
}

enum kfk_done kfk_serve_describe_quotas(struct kafka *k, struct kfk_call *c)
{
	const struct kp_describe_client_quotas_req *req = c->req;
	struct kp_describe_client_quotas_resp *resp = c->resp;
	struct filter f = { 0 };
	int code = kfk_may(k, c->conn, "DescribeClusterDynamicConfiguration", sl(NULL)) ? KE_NONE : KE_CLUSTER_AUTHORIZATION_FAILED;
	for (int32_t i = 0; i < req->component_n && !code; i++)
		code = read_component(c->arena, &req->components[i], &f, &resp->error_message);
	if (!code && f.asked[KFK_OF_IP] && f.n > 1)
		code = bad(&resp->error_message, S("Invalid entity filter component combination. IP filter component should not be used with user or clientId filter component."));
	resp->error_code = (int16_t)code;
	resp->entry_n = code ? -1 : 0;
	if (code)
		return KFK_ANSWERED;
	resp->entries = kp_elements(&kp_describe_client_quotas_resp_entry_table, c->arena, k->quotas->n);
	for (size_t i = 0; i < k->quotas->n; i++)
		if (fits(&f, req->strict, &k->quotas->all[i].entity))
			put_quota(c->arena, &k->quotas->all[i], &resp->entries[resp->entry_n++]);
	return KFK_ANSWERED;
}

/* ---- AlterClientQuotas ---- */

static int take_entity(struct arena *a, const struct kp_alter_client_quotas_req_entry *in, struct kfk_entity *e, struct slice *why)
{
	struct in6_addr address;
	for (int32_t i = 0; i < in->entity_n; i++) {
		struct slice type = in->entity[i].entity_type, name = in->entity[i].entity_name;
		int at = type_of(type);
		if (at < 0)
			return bad(why, arena_printf(a, "Unhandled client quota entity type: %.*s", SL(type)));
		if (e->said[at])
			return bad(why, arena_printf(a, "Invalid client quota entity, duplicate entity entry %.*s", SL(type)));
		if (name.p && !name.n)
			return bad(why, arena_printf(a, "Empty %.*s not supported", SL(type)));
		e->said[at] = true;
		e->name[at] = name;
	}
	if (!in->entity_n)
		return bad(why, S("Invalid empty client quota entity"));
	if (e->said[KFK_OF_IP] && in->entity_n > 1)
		return bad(why, S("Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId"));
	struct slice ip = e->name[KFK_OF_IP];
	if (ip.p && inet_pton(AF_INET, arena_cstr(a, ip), &address) != 1 && inet_pton(AF_INET6, arena_cstr(a, ip), &address) != 1)
		return bad(why, arena_printf(a, "%.*s is not a valid IP or resolvable host.", SL(ip)));
	return KE_NONE;
}

static int check_op(struct arena *a, const struct kp_alter_client_quotas_req_op *op, bool of_ip, struct slice *why)
{
	int key = key_of(op->key);
	if (key < 0 || keys[key].of_ip != of_ip)
		return bad(why, arena_printf(a, "Invalid configuration key %.*s", SL(op->key)));
	if (op->remove)
		return KE_NONE;
	if (!(op->value > 0))
		return bad(why, arena_printf(a, "Quota %.*s must be greater than 0", SL(op->key)));
	if (keys[key].whole && op->value > (of_ip ? 2147483647.0 : 9.2233720368547758e18))
		return bad(why, arena_printf(a, "Proposed value for %.*s is too large for %s.", SL(op->key), of_ip ? "an INT" : "a LONG"));
	if (keys[key].whole && fabs(op->value - floor(op->value)) > 1e-6)
		return bad(why, arena_printf(a, "%.*s cannot be a fractional value.", SL(op->key)));
	return KE_NONE;
}

static int apply(struct kafka *k, const struct kfk_entity *e, const struct kp_alter_client_quotas_req_entry *in)
{
	struct buf text = { 0 };
	struct error err = { 0 };
	int rc = 0;
	write_entity(e, &text);
	struct kfk_quota *one = find_or_make(k->quotas, buf_slice(&text));
	for (int32_t i = 0; i < in->op_n && !rc; i++) {
		const struct kp_alter_client_quotas_req_op *op = &in->ops[i];
		int key = key_of(op->key);
		one->set[key] = !op->remove;
		one->value[key] = op->value;
		rc = kfk_store_quota(&k->db, one->text, keys[key].name, op->remove ? NULL : &op->value, &err);
	}
	drop_empty(k->quotas, one);
	buf_free(&text);
	if (rc)
		log_error(k->env, "store", "what=quota error=\"%s\"", err.text);
	return rc ? KE_KAFKA_STORAGE_ERROR : KE_NONE;
}

static int alter_one(struct kafka *k, struct kfk_call *c, const struct kp_alter_client_quotas_req_entry *in, struct slice *why)
{
	struct kfk_entity e = { 0 };
	int code = take_entity(c->arena, in, &e, why);
	for (int32_t i = 0; i < in->op_n && !code; i++)
		code = check_op(c->arena, &in->ops[i], e.said[KFK_OF_IP], why);
	return code || ((const struct kp_alter_client_quotas_req *)c->req)->validate_only ? code : apply(k, &e, in);
}

enum kfk_done kfk_serve_alter_quotas(struct kafka *k, struct kfk_call *c)
{
	const struct kp_alter_client_quotas_req *req = c->req;
	struct kp_alter_client_quotas_resp *resp = c->resp;
	bool may = kfk_may(k, c->conn, "AlterClusterDynamicConfiguration", sl(NULL));
	resp->entries = kp_elements(&kp_alter_client_quotas_resp_entry_table, c->arena, (size_t)req->entry_n);
	resp->entry_n = req->entry_n;
	for (int32_t i = 0; i < req->entry_n; i++) {
		const struct kp_alter_client_quotas_req_entry *in = &req->entries[i];
		struct kp_alter_client_quotas_resp_entry *out = &resp->entries[i];
		out->error_code = (int16_t)(may ? alter_one(k, c, in, &out->error_message) : KE_CLUSTER_AUTHORIZATION_FAILED);
		if (!may)
			out->error_message = sl(kp_code_text(KE_CLUSTER_AUTHORIZATION_FAILED));
		out->entity = kp_elements(&kp_alter_client_quotas_resp_entity_table, c->arena, (size_t)in->entity_n);
		out->entity_n = in->entity_n;
		for (int32_t j = 0; j < in->entity_n; j++)
			out->entity[j] = (struct kp_alter_client_quotas_resp_entity){ in->entity[j].entity_type, in->entity[j].entity_name };
	}
	return KFK_ANSWERED;
}
