/* Users of SCRAM that admins make: DescribeUserScramCredentials, AlterUserScramCredentials (KIP-554). */
#include "kafka/sasl.h"

/* ---- AlterUserScramCredentials ---- */

struct change {
	struct slice user, salt, salted;
	int mechanism, iterations;
	bool deletes;
	const char *why;
	int code;
};

static void judge(struct kafka *k, struct change *x)
{
	struct kfk_scram_user u;
	struct error err;
	if (!x->user.n) {
		x->code = KE_UNACCEPTABLE_CREDENTIAL, x->why = "Username must not be empty";
	} else if (x->mechanism != KFK_SCRAM_256 && x->mechanism != KFK_SCRAM_512) {
		x->code = KE_UNSUPPORTED_SASL_MECHANISM, x->why = "Unknown SCRAM mechanism";
	} else if (x->deletes) {
		if (kfk_store_scram(&k->db, x->user, x->mechanism, &k->arena, &u, &err))
			x->code = KE_RESOURCE_NOT_FOUND, x->why = "Attempt to delete a user credential that does not exist";
	} else if (x->iterations < KFK_SCRAM_MIN) {
		x->code = KE_UNACCEPTABLE_CREDENTIAL, x->why = "Too few iterations";
	} else if (x->iterations > KFK_SCRAM_MAX) {
		x->code = KE_UNACCEPTABLE_CREDENTIAL, x->why = "Too many iterations";
	} else if (!x->salt.n || x->salted.n != hash_bytes(kfk_scram_kind(x->mechanism))) {
		x->code = KE_UNACCEPTABLE_CREDENTIAL, x->why = "Salt or salted password is not of the length that the mechanism has";
	}
}

static void apply(struct kafka *k, struct change *x)
{
	uint8_t stored[HASH_BYTES_MAX], server[HASH_BYTES_MAX];
	enum hash_kind kind = kfk_scram_kind(x->mechanism);
	struct error err = { 0 };
	int rc;
	if (x->deletes) {
		rc = kfk_store_scram_del(&k->db, x->user, x->mechanism, &err);
	} else {
		kfk_scram_keys(kind, (const uint8_t *)x->salted.p, stored, server);
		struct kfk_scram_user u = { .mechanism = x->mechanism, .iterations = x->iterations, .salt = x->salt,
					    .stored_key = sl_of(stored, hash_bytes(kind)), .server_key = sl_of(server, hash_bytes(kind)) };
		rc = kfk_store_scram_set(&k->db, x->user, &u, &err);
	}
	if (rc) {
		log_error(k->env, "store", "what=scram error=\"%s\"", err.text);
		x->code = KE_KAFKA_STORAGE_ERROR;
	}
}

/* One result a user: the first of its changes that can't be, or that all were made. */
static void alter_user(struct kafka *k, struct change *all, int32_t n, int32_t from, struct kp_alter_user_scram_credentials_resp_result *out)
{
	struct change *bad = NULL;
	for (int32_t i = from; i < n && !bad; i++)
		if (sl_eq(all[i].user, all[from].user) && all[i].code)
			bad = &all[i];
	for (int32_t i = from; i < n && !bad; i++) {
		if (!sl_eq(all[i].user, all[from].user))
			continue;
		apply(k, &all[i]);
		bad = all[i].code ? &all[i] : NULL;
	}
	out->user = all[from].user;
	out->error_code = (int16_t)(bad ? bad->code : KE_NONE);
	out->error_message = sl(bad ? bad->why : NULL);
}

static bool seen_before(const struct change *all, int32_t i)
{
	for (int32_t j = 0; j < i; j++)
		if (sl_eq(all[j].user, all[i].user))
			return true;
	return false;
}

/* A user's mechanism changed twice in one request is refused. */
static void find_doubles(struct change *all, int32_t n)
{
	for (int32_t i = 0; i < n; i++)
		for (int32_t j = 0; j < i; j++)
			if (sl_eq(all[i].user, all[j].user) && all[i].mechanism == all[j].mechanism)
				all[i].code = KE_DUPLICATE_RESOURCE, all[i].why = "A user credential cannot be altered twice in the same request";
}

enum { CHANGES_MAX = 1000 };

enum kfk_done kfk_serve_alter_scram(struct kafka *k, struct kfk_call *c)
{
	const struct kp_alter_user_scram_credentials_req *req = c->req;
	struct kp_alter_user_scram_credentials_resp *resp = c->resp;
	int32_t n = req->deletion_n + req->upsertion_n, at = 0;
	bool may = kfk_may(k, c->conn, "AlterCluster", sl(NULL));
	struct change *all = arena_alloc(c->arena, ((size_t)n + 1) * sizeof(*all));
	if (n > CHANGES_MAX)
		return KFK_MALFORMED;
	for (int32_t i = 0; i < req->deletion_n; i++)
		all[at++] = (struct change){ .deletes = true, .user = req->deletions[i].name, .mechanism = req->deletions[i].mechanism };
	for (int32_t i = 0; i < req->upsertion_n; i++) {
		const struct kp_alter_user_scram_credentials_req_upsertion *u = &req->upsertions[i];
		all[at++] = (struct change){ .user = u->name, .mechanism = u->mechanism, .iterations = u->iterations, .salt = u->salt, .salted = u->salted_password };
	}
	resp->results = kp_elements(&kp_alter_user_scram_credentials_resp_result_table, c->arena, (size_t)n);
	for (int32_t i = 0; i < n; i++) {
		judge(k, &all[i]);
		if (!may)
			all[i].code = KE_CLUSTER_AUTHORIZATION_FAILED, all[i].why = "Cluster authorization failed.";
	}
	find_doubles(all, n);
	for (int32_t i = 0; i < n; i++)
		if (!seen_before(all, i))
			alter_user(k, all, n, i, &resp->results[resp->result_n++]);
	return KFK_ANSWERED;
}

/* ---- DescribeUserScramCredentials ---- */

struct described {
	struct arena *arena;
	struct one {
		struct slice user;
		int iterations[3]; /* by mechanism; 0: none */
	} *all;
	size_t n, cap;
};

static struct one *described_user(struct described *d, struct slice user)
{
	for (size_t i = 0; i < d->n; i++)
		if (sl_eq(d->all[i].user, user))
			return &d->all[i];
	ARENA_GROW(d->arena, d->all, d->n, d->cap);
	d->all[d->n] = (struct one){ .user = arena_dup(d->arena, user) };
	return &d->all[d->n++];
}

static void note(void *arg, struct slice user, int mechanism, int iterations)
{
	if (mechanism == KFK_SCRAM_256 || mechanism == KFK_SCRAM_512)
		described_user(arg, user)->iterations[mechanism] = iterations;
}

static void put_described(struct kfk_call *c, struct slice user, const struct one *found, bool twice,
			  struct kp_describe_user_scram_credentials_resp_result *out)
{
	out->user = user;
	out->error_code = twice ? KE_DUPLICATE_RESOURCE : found ? KE_NONE : KE_RESOURCE_NOT_FOUND;
	if (out->error_code) {
		out->error_message = arena_printf(c->arena, twice ? "Cannot describe SCRAM credentials for the same user twice in a single request: %.*s"
								  : "Attempt to describe a user credential that does not exist: %.*s", SL(user));
		return;
	}
	out->credential_infos = kp_elements(&kp_describe_user_scram_credentials_resp_credential_info_table, c->arena, 2);
	for (int m = KFK_SCRAM_256; m <= KFK_SCRAM_512; m++)
		if (found->iterations[m])
			out->credential_infos[out->credential_info_n++] =
				(struct kp_describe_user_scram_credentials_resp_credential_info){ (int8_t)m, found->iterations[m] };
}

/* Those of the settings are users as those that were made are. */
static int gather(struct kafka *k, struct described *d)
{
	const char *name, *password;
	struct error err;
	for (size_t i = 0; conf_at(k->env->conf, "kafka.users", i, &name, &password); i++)
		for (int m = KFK_SCRAM_256; m <= KFK_SCRAM_512; m++)
			note(d, sl(name), m, KFK_SCRAM_MIN);
	if (!kfk_store_scrams(&k->db, note, d, &err))
		return KE_NONE;
	log_error(k->env, "store", "what=scram error=\"%s\"", err.text);
	return KE_KAFKA_STORAGE_ERROR;
}

static void put_asked(struct kfk_call *c, const struct described *d)
{
	const struct kp_describe_user_scram_credentials_req *req = c->req;
	struct kp_describe_user_scram_credentials_resp *resp = c->resp;
	for (int32_t i = 0; i < req->user_n; i++) {
		struct slice user = req->users[i].name;
		const struct one *found = NULL;
		bool twice = false, before = false;
		for (size_t j = 0; j < d->n; j++)
			if (sl_eq(d->all[j].user, user))
				found = &d->all[j];
		for (int32_t j = 0; j < req->user_n; j++) {
			twice |= j != i && sl_eq(req->users[j].name, user);
			before |= j < i && sl_eq(req->users[j].name, user);
		}
		if (!before)
			put_described(c, user, found, twice, &resp->results[resp->result_n++]);
	}
}

enum kfk_done kfk_serve_describe_scram(struct kafka *k, struct kfk_call *c)
{
	const struct kp_describe_user_scram_credentials_req *req = c->req;
	struct kp_describe_user_scram_credentials_resp *resp = c->resp;
	struct described d = { .arena = c->arena };
	if (req->user_n > CHANGES_MAX)
		return KFK_MALFORMED;
	resp->error_code = (int16_t)(kfk_may(k, c->conn, "DescribeCluster", sl(NULL)) ? gather(k, &d) : KE_CLUSTER_AUTHORIZATION_FAILED);
	if (resp->error_code)
		return KFK_ANSWERED;
	resp->results = kp_elements(&kp_describe_user_scram_credentials_resp_result_table, c->arena, req->user_n > 0 ? (size_t)req->user_n : d.n);
	if (req->user_n > 0)
		put_asked(c, &d);
	for (size_t i = 0; req->user_n <= 0 && i < d.n; i++)
		put_described(c, d.all[i].user, &d.all[i], false, &resp->results[resp->result_n++]);
	return KFK_ANSWERED;
}
