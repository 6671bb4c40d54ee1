/* SCRAM, and the users that admins make: DescribeUserScramCredentials, AlterUserScramCredentials (KIP-554). */
#include "core/sigv4.h"
#include "kafka/sasl.h"

enum { SCRAM_256 = 1, SCRAM_512 = 2, NONCE_BYTES = 18, SALT_BYTES = 16, NONCE_MAX = 1024 };

/* Of a user: what is kept in place of the password. */
struct scram_keys {
	int iterations;
	size_t n; /* bytes of a hash */
	struct slice salt;
	uint8_t stored[HASH_BYTES_MAX], server[HASH_BYTES_MAX], salt_of[SALT_BYTES];
};

struct kfk_scram {
	struct scram_keys keys;
	char *user, *first, *nonce, *gs2; /* first: both first messages, as they are signed; owned */
};

void kfk_scram_free(struct kfk_scram *x)
{
	if (!x)
		return;
	free(x->user);
	free(x->first);
	free(x->nonce);
	free(x->gs2);
	free(x);
}

static enum hash_kind kind_of(int mechanism)
{
	return mechanism == SCRAM_512 ? HASH_SHA512 : HASH_SHA256;
}

static void keys_of(enum hash_kind kind, const uint8_t *salted, uint8_t *stored, uint8_t *server)
{
	uint8_t client[HASH_BYTES_MAX];
	size_t n = hash_bytes(kind);
	hash_hmac(kind, sl_of(salted, n), S("Client Key"), client);
	hash_whole(kind, sl_of(client, n), stored);
	hash_hmac(kind, sl_of(salted, n), S("Server Key"), server);
}

/* Of a password in the settings: its salt is made of the name, so that it is the same in every run. */
static void keys_of_password(int mechanism, struct slice user, struct slice password, struct scram_keys *out)
{
	uint8_t sum[32], salted[HASH_BYTES_MAX];
	hash_hmac(HASH_SHA256, S("tarn kafka.users"), user, sum);
	memcpy(out->salt_of, sum, SALT_BYTES);
	out->salt = sl_of(out->salt_of, SALT_BYTES);
	out->iterations = KFK_SCRAM_MIN;
	hash_pbkdf2(kind_of(mechanism), password, out->salt, KFK_SCRAM_MIN, salted);
	keys_of(kind_of(mechanism), salted, out->stored, out->server);
}

/* False: nobody has that name. */
static bool find_keys(struct kafka *k, int mechanism, struct slice user, struct arena *a, struct scram_keys *out)
{
	struct kfk_scram_user u;
	struct error err;
	out->n = hash_bytes(kind_of(mechanism));
	int rc = kfk_store_scram(&k->db, user, mechanism, a, &u, &err);
	if (!rc && u.stored_key.n == out->n && u.server_key.n == out->n) {
		memcpy(out->stored, u.stored_key.p, out->n);
		memcpy(out->server, u.server_key.p, out->n);
		out->salt = u.salt;
		out->iterations = u.iterations;
		return true;
	}
	if (rc && rc != ERR_NOT_FOUND)
		log_error(k->env, "store", "what=scram error=\"%s\"", err.text);
	struct slice password = kfk_password(k, user);
	if (password.p)
		keys_of_password(mechanism, user, password, out);
	return password.p != NULL;
}

/* ---- the exchange ---- */

/* n,[a=AUTHZID],n=USER,r=NONCE[,…] */
struct first {
	struct slice gs2, authzid, user, nonce, bare;
};

static bool read_first(struct arena *a, struct slice in, struct first *f)
{
	struct slice rest, head;
	*f = (struct first){ .authzid = S("") };
	if (!sl_is_utf8(in) || sl_chr(in, '\0') >= 0 || !sl_after(in, S("n,"), &rest) || !sl_cut(rest, ',', &head, &rest))
		return false;
	if (head.n && (!sl_after(head, S("a="), &head) || !kfk_saslname(a, head, &f->authzid)))
		return false;
	f->gs2 = sl_of(in.p, (size_t)(rest.p - in.p));
	f->bare = rest;
	if (!sl_cut(rest, ',', &head, &rest) || !sl_after(head, S("n="), &head) || !kfk_saslname(a, head, &f->user))
		return false;
	(void)sl_cut(rest, ',', &head, &rest);
	return sl_after(head, S("r="), &f->nonce) && f->nonce.n > 0 && f->nonce.n <= NONCE_MAX;
}

static enum kfk_sasl_said first_step(struct kafka *k, struct kfk_session *s, int mechanism, struct arena *a, struct slice in, struct buf *out)
{
	uint8_t chance[NONCE_BYTES];
	struct buf text = { 0 };
	struct first f;
	struct kfk_scram *x = xcalloc(1, sizeof(*x));
	s->scram = x;
	if (!read_first(a, in, &f))
		return kfk_sasl_no(s, false, "the first message is not that of SCRAM");
	if (f.authzid.n && !sl_eq(f.authzid, f.user))
		return kfk_sasl_no(s, true, "Authentication failed: Client requested an authorization id that is different from username");
	if (!find_keys(k, mechanism, f.user, a, &x->keys))
		return kfk_sasl_no(s, false, "no user %.*s: name one as [kafka.users] NAME = PASSWORD, or by kafka-configs --alter",
				   (int)(f.user.n < 60 ? f.user.n : 60), f.user.p);
	hash_chance(chance, sizeof(chance));
	buf_addsl(&text, f.nonce);
	buf_base64(&text, chance, sizeof(chance));
	x->nonce = xstrdup(buf_cstr(&text));
	buf_reset(&text);
	buf_base64(&text, f.gs2.p, f.gs2.n);
	x->gs2 = xstrdup(buf_cstr(&text));
	buf_free(&text);
	buf_addf(out, "r=%s,s=", x->nonce);
	buf_base64(out, x->keys.salt.p, x->keys.salt.n);
	buf_addf(out, ",i=%d", x->keys.iterations);
	x->first = xasprintf("%.*s,%.*s", SL(f.bare), SL(buf_slice(out)));
	x->user = xstrndup(f.user.p, f.user.n);
	return KFK_SASL_MORE;
}

/* c=BASE64(gs2),r=NONCE[,…],p=PROOF; *without: what is before the proof. */
static bool read_final(struct arena *a, const struct kfk_scram *x, struct slice in, struct slice *without, struct slice *proof)
{
	struct slice rest, head;
	size_t at = in.n;
	while (at > 3 && memcmp(in.p + at - 3, ",p=", 3) != 0)
		at--;
	if (at <= 3)
		return false;
	*without = sl_of(in.p, at - 3);
	if (!arena_base64(a, sl_from(in, at), proof) || !sl_cut(*without, ',', &head, &rest) || !sl_after(head, S("c="), &head) ||
	    !sl_eqs(head, x->gs2))
		return false;
	(void)sl_cut(rest, ',', &head, &rest);
	/* As the broker: librdkafka before 2.1 puts its own nonce before the whole once more. */
	return sl_after(head, S("r="), &head) && sl_ends(head, sl(x->nonce));
}

static enum kfk_sasl_said final_step(struct kfk_session *s, int mechanism, struct arena *a, struct slice in, struct buf *out)
{
	struct kfk_scram *x = s->scram;
	enum hash_kind kind = kind_of(mechanism);
	struct slice without, proof = { 0 };
	uint8_t sum[HASH_BYTES_MAX], client[HASH_BYTES_MAX], stored[HASH_BYTES_MAX];
	if (!read_final(a, x, in, &without, &proof) || proof.n != x->keys.n)
		return kfk_sasl_no(s, false, "the last message is not that of SCRAM, or of another exchange");
	struct slice all = arena_printf(a, "%s,%.*s", x->first, SL(without));
	hash_hmac(kind, sl_of(x->keys.stored, x->keys.n), all, sum);
	for (size_t i = 0; i < x->keys.n; i++)
		client[i] = sum[i] ^ (uint8_t)proof.p[i];
	hash_whole(kind, sl_of(client, x->keys.n), stored);
	unsigned diff = 0;
	for (size_t i = 0; i < x->keys.n; i++)
		diff |= stored[i] ^ x->keys.stored[i];
	if (diff)
		return kfk_sasl_no(s, false, "wrong password of %.100s", x->user);
	hash_hmac(kind, sl_of(x->keys.server, x->keys.n), all, sum);
	buf_adds(out, "v=");
	buf_base64(out, sum, x->keys.n);
	s->claimed = arena_dup(a, sl(x->user));
	return KFK_SASL_OVER;
}

static enum kfk_sasl_said scram(struct kafka *k, struct kfk_session *s, int mechanism, struct arena *a, struct slice in, struct buf *out)
{
	return s->scram ? final_step(s, mechanism, a, in, out) : first_step(k, s, mechanism, a, in, out);
}

enum kfk_sasl_said kfk_scram_256(struct kafka *k, struct kfk_session *s, struct arena *a, struct slice in, struct buf *out)
{
	return scram(k, s, SCRAM_256, a, in, out);
}

enum kfk_sasl_said kfk_scram_512(struct kafka *k, struct kfk_session *s, struct arena *a, struct slice in, struct buf *out)
{
	return scram(k, s, SCRAM_512, a, in, out);
}

/* ---- AlterUserScramCredentials ---- */

struct change {
	struct slice user, salt, salted;
	int mechanism, iterations;
	bool deletes;
	const char *why;
	int code;
};

static void read_change(struct kfk_call *c, struct change *x, bool deletes)
{
	*x = (struct change){ .deletes = deletes };
	x->user = kfk_str(c);
	x->mechanism = kfk_i8(c);
	if (!deletes) {
		x->iterations = kfk_i32(c);
		x->salt = kfk_bytes(c);
		x->salted = kfk_bytes(c);
	}
	kfk_tags(c);
}

static void judge(struct kafka *k, struct change *x)
{
	struct kfk_scram_user u;
	struct error err;
	if (!x->user.n) {
		x->code = KE_UNACCEPTABLE_CREDENTIAL, x->why = "Username must not be empty";
	} else if (x->mechanism != SCRAM_256 && x->mechanism != SCRAM_512) {
		x->code = KE_UNSUPPORTED_SASL_MECHANISM, x->why = "Unknown SCRAM mechanism";
	} else if (x->deletes) {
		if (kfk_store_scram(&k->db, x->user, x->mechanism, &k->arena, &u, &err))
			x->code = KE_RESOURCE_NOT_FOUND, x->why = "Attempt to delete a user credential that does not exist";
	} else if (x->iterations < KFK_SCRAM_MIN) {
		x->code = KE_UNACCEPTABLE_CREDENTIAL, x->why = "Too few iterations";
	} else if (x->iterations > KFK_SCRAM_MAX) {
		x->code = KE_UNACCEPTABLE_CREDENTIAL, x->why = "Too many iterations";
	} else if (!x->salt.n || x->salted.n != hash_bytes(kind_of(x->mechanism))) {
		x->code = KE_UNACCEPTABLE_CREDENTIAL, x->why = "Salt or salted password is not of the length that the mechanism has";
	}
}

static void apply(struct kafka *k, struct change *x)
{
	uint8_t stored[HASH_BYTES_MAX], server[HASH_BYTES_MAX];
	enum hash_kind kind = kind_of(x->mechanism);
	struct error err = { 0 };
	int rc;
	if (x->deletes) {
		rc = kfk_store_scram_del(&k->db, x->user, x->mechanism, &err);
	} else {
		keys_of(kind, (const uint8_t *)x->salted.p, stored, server);
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
static void alter_user(struct kafka *k, struct kfk_call *c, struct change *all, int32_t n, int32_t from)
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
	kfk_put_str(c, all[from].user.p ? all[from].user : S(""));
	kfk_put_i16(c, bad ? bad->code : KE_NONE);
	kfk_put_str(c, sl(bad ? bad->why : NULL));
	kfk_put_tags(c);
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
	struct change *all = NULL;
	size_t n = 0, cap = 0;
	int32_t users = 0;
	for (int list = 0; list < 2; list++) {
		int32_t count = kfk_array(c);
		for (int32_t i = 0; i < count && !c->r.bad; i++) {
			ARENA_GROW(c->arena, all, n, cap);
			read_change(c, &all[n++], list == 0);
		}
	}
	kfk_tags(c);
	if (c->r.bad || n > CHANGES_MAX)
		return KFK_MALFORMED;
	bool may = kfk_may(k, c->conn, "AlterCluster", sl(NULL));
	for (size_t i = 0; i < n; i++) {
		judge(k, &all[i]);
		if (!may)
			all[i].code = KE_CLUSTER_AUTHORIZATION_FAILED, all[i].why = "Cluster authorization failed.";
		users += !seen_before(all, (int32_t)i);
	}
	find_doubles(all, (int32_t)n);
	kfk_put_i32(c, 0); /* throttle */
	kfk_put_array(c, users);
	for (int32_t i = 0; i < (int32_t)n; i++)
		if (!seen_before(all, i))
			alter_user(k, c, all, (int32_t)n, i);
	kfk_put_tags(c);
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
	if (mechanism == SCRAM_256 || mechanism == SCRAM_512)
		described_user(arg, user)->iterations[mechanism] = iterations;
}

static void put_described(struct kfk_call *c, struct slice user, const struct one *found, bool twice)
{
	int code = twice ? KE_DUPLICATE_RESOURCE : found ? KE_NONE : KE_RESOURCE_NOT_FOUND;
	kfk_put_str(c, user);
	kfk_put_i16(c, code);
	if (code)
		kfk_put_str(c, arena_printf(c->arena, twice ? "Cannot describe SCRAM credentials for the same user twice in a single request: %.*s"
							    : "Attempt to describe a user credential that does not exist: %.*s", SL(user)));
	else
		kfk_put_str(c, sl(NULL));
	kfk_put_array(c, code ? 0 : (found->iterations[1] != 0) + (found->iterations[2] != 0));
	for (int m = SCRAM_256; !code && m <= SCRAM_512; m++) {
		if (!found->iterations[m])
			continue;
		kfk_put_i8(c, (int8_t)m);
		kfk_put_i32(c, found->iterations[m]);
		kfk_put_tags(c);
	}
	kfk_put_tags(c);
}

/* Those of the settings are users as those that were made are. */
static int gather(struct kafka *k, struct described *d)
{
	const char *name, *password;
	struct error err;
	for (size_t i = 0; conf_at(k->env->conf, "kafka.users", i, &name, &password); i++)
		for (int m = SCRAM_256; m <= SCRAM_512; m++)
			note(d, sl(name), m, KFK_SCRAM_MIN);
	if (!kfk_store_scrams(&k->db, note, d, &err))
		return KE_NONE;
	log_error(k->env, "store", "what=scram error=\"%s\"", err.text);
	return KE_KAFKA_STORAGE_ERROR;
}

enum kfk_done kfk_serve_describe_scram(struct kafka *k, struct kfk_call *c)
{
	struct described d = { .arena = c->arena };
	int32_t n = kfk_array(c);
	struct slice *asked = arena_alloc(c->arena, ((size_t)(n > 0 ? n : 0) + 1) * sizeof(*asked));
	for (int32_t i = 0; i < n && !c->r.bad; i++) {
		asked[i] = kfk_str(c);
		kfk_tags(c);
	}
	kfk_tags(c);
	if (c->r.bad || n > CHANGES_MAX)
		return KFK_MALFORMED;
	kfk_put_i32(c, 0); /* throttle */
	kfk_put_i16(c, kfk_may(k, c->conn, "DescribeCluster", sl(NULL)) ? gather(k, &d) : KE_CLUSTER_AUTHORIZATION_FAILED);
	kfk_put_str(c, sl(NULL));
	kfk_put_array(c, n > 0 ? n : (int32_t)d.n);
	for (size_t i = 0; n <= 0 && i < d.n; i++)
		put_described(c, d.all[i].user, &d.all[i], false);
	for (int32_t i = 0; i < n; i++) {
		struct slice user = asked[i].p ? asked[i] : S("");
		const struct one *found = NULL;
		bool twice = false;
		for (size_t j = 0; j < d.n; j++)
			if (sl_eq(d.all[j].user, user))
				found = &d.all[j];
		for (int32_t j = 0; j < n; j++)
			twice |= j != i && sl_eq(asked[j], asked[i]);
		put_described(c, user, found, twice);
	}
	kfk_put_tags(c);
	return KFK_ANSWERED;
}
