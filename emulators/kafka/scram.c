/* SCRAM. The users that admins make: scram_users.c. */
#include "core/sigv4.h"
#include "kafka/sasl.h"

enum { NONCE_BYTES = 18, SALT_BYTES = 16, NONCE_MAX = 1024 };

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

enum hash_kind kfk_scram_kind(int mechanism)
{
	return mechanism == KFK_SCRAM_512 ? HASH_SHA512 : HASH_SHA256;
}

void kfk_scram_keys(enum hash_kind kind, const uint8_t *salted, uint8_t *stored, uint8_t *server)
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
	hash_pbkdf2(kfk_scram_kind(mechanism), password, out->salt, KFK_SCRAM_MIN, salted);
	kfk_scram_keys(kfk_scram_kind(mechanism), salted, out->stored, out->server);
}

/* False: nobody has that name. */
static bool find_keys(struct kafka *k, int mechanism, struct slice user, struct arena *a, struct scram_keys *out)
{
	struct kfk_scram_user u;
	struct error err;
	out->n = hash_bytes(kfk_scram_kind(mechanism));
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
	enum hash_kind kind = kfk_scram_kind(mechanism);
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
	return scram(k, s, KFK_SCRAM_256, a, in, out);
}

enum kfk_sasl_said kfk_scram_512(struct kafka *k, struct kfk_session *s, struct arena *a, struct slice in, struct buf *out)
{
	return scram(k, s, KFK_SCRAM_512, a, in, out);
}
