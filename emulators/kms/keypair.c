#include "kms/keypair.h"

const struct aws_kind ec2_keypairs = { "ec2.keypair", false };

/* ---- forms ---- */

static void ssh_string(struct buf *b, struct slice s)
{
	buf_u32be(b, (uint32_t)s.n);
	buf_addsl(b, s);
}

/* A number of ssh's is signed: a high bit has a zero before it. */
static void ssh_number(struct buf *b, struct slice s)
{
	bool high = s.n && s.p[0] & 0x80;
	buf_u32be(b, (uint32_t)(s.n + high));
	if (high)
		buf_addc(b, 0);
	buf_addsl(b, s);
}

static void colons(struct buf *out, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%s%02x", i ? ":" : "", p[i]);
}

static void sha256_print(struct slice blob, struct buf *out)
{
	uint8_t h[CRYPT_HASH_MAX];
	size_t n = crypt_hash(256, blob, h);
	buf_base64(out, h, n);
}

static bool write_rsa(struct slice pair, struct keypair *k)
{
	struct buf n = { 0 }, e = { 0 }, blob = { 0 };
	uint8_t h[CRYPT_HASH_MAX];
	bool done = pair_pem(pair, &k->private) && pair_rsa_parts(pair, &n, &e);
	if (done) {
		ssh_string(&blob, S("ssh-rsa"));
		ssh_number(&blob, buf_slice(&e));
		ssh_number(&blob, buf_slice(&n));
		buf_adds(&k->public, "ssh-rsa ");
		buf_base64(&k->public, blob.p, blob.n);
		colons(&k->fingerprint, h, crypt_hash(1, pair, h)); /* of the private half: it is AWS's own */
	}
	buf_free(&n);
	buf_free(&e);
	buf_free(&blob);
	return done;
}

static void openssh(struct slice public, struct slice secret, struct slice blob, struct buf *out)
{
	struct buf b = { 0 }, inner = { 0 }, text = { 0 };
	buf_u32be(&inner, 0x7461726e);
	buf_u32be(&inner, 0x7461726e); /* twice the same, to see whether it was decrypted */
	ssh_string(&inner, S("ssh-ed25519"));
	ssh_string(&inner, public);
	buf_u32be(&inner, 64);
	buf_addsl(&inner, secret);
	buf_addsl(&inner, public);
	ssh_string(&inner, S(""));
	for (char pad = 1; inner.n % 8; pad++)
		buf_addc(&inner, pad);
	buf_add(&b, "openssh-key-v1", 15);
	ssh_string(&b, S("none"));
	ssh_string(&b, S("none"));
	ssh_string(&b, S(""));
	buf_u32be(&b, 1);
	ssh_string(&b, blob);
	ssh_string(&b, buf_slice(&inner));
	buf_base64(&text, b.p, b.n);
	buf_adds(out, "-----BEGIN OPENSSH PRIVATE KEY-----\n");
	for (size_t i = 0; i < text.n; i += 70)
		buf_addf(out, "%.*s\n", (int)(text.n - i < 70 ? text.n - i : 70), text.p + i);
	buf_adds(out, "-----END OPENSSH PRIVATE KEY-----\n");
	buf_free(&b);
	buf_free(&inner);
	buf_free(&text);
}

static bool write_ed25519(struct slice pair, struct keypair *k)
{
	struct buf public = { 0 }, secret = { 0 }, blob = { 0 };
	bool done = pair_ed25519_parts(pair, &public, &secret);
	if (done) {
		ssh_string(&blob, S("ssh-ed25519"));
		ssh_string(&blob, buf_slice(&public));
		openssh(buf_slice(&public), buf_slice(&secret), buf_slice(&blob), &k->private);
		buf_adds(&k->public, "ssh-ed25519 ");
		buf_base64(&k->public, blob.p, blob.n);
		sha256_print(buf_slice(&blob), &k->fingerprint);
	}
	buf_free(&public);
	buf_free(&secret);
	buf_free(&blob);
	return done;
}

bool keypair_import(struct arena *arena, struct slice text, const char **type, struct buf *fingerprint)
{
	struct slice word, rest, blob, n, e;
	struct buf spki = { 0 };
	uint8_t h[16];
	sl_cut(sl_trim(text), ' ', &word, &rest);
	sl_cut(rest, ' ', &rest, &n);
	bool rsa = sl_eqs(word, "ssh-rsa");
	if ((!rsa && !sl_eqs(word, "ssh-ed25519")) || !arena_base64(arena, sl_trim(rest), &blob))
		return false;
	*type = rsa ? "rsa" : "ed25519";
	if (!rsa) {
		sha256_print(blob, fingerprint);
		return true;
	}
	struct rd r = rd_of(blob.p, blob.n);
	(void)rd_bytes(&r, rd_u32be(&r));
	e = rd_bytes(&r, rd_u32be(&r));
	n = rd_bytes(&r, rd_u32be(&r));
	if (r.bad || !pair_rsa_public(n, e, &spki)) {
		buf_free(&spki);
		return false;
	}
	hash_md5(spki.p, spki.n, h);
	colons(fingerprint, h, sizeof(h));
	buf_free(&spki);
	return true;
}

/* ---- making ---- */

struct making {
	struct aws_call *c;
	enum pair_kind kind;
	struct crypt_seed from;
	struct buf what;
	struct keypair pair;
	void (*then)(struct aws_call *c, const struct keypair *made);
};

static void making_free(void *arg)
{
	struct making *m = arg;
	buf_free(&m->what);
	buf_free(&m->pair.private);
	buf_free(&m->pair.public);
	buf_free(&m->pair.fingerprint);
	free(m);
}

static void making_work(void *arg)
{
	struct making *m = arg;
	struct buf der = { 0 };
	m->pair.made = pair_make(m->kind, &m->from, &der) &&
		       (m->kind == PAIR_ED25519 ? write_ed25519(buf_slice(&der), &m->pair) : write_rsa(buf_slice(&der), &m->pair));
	buf_free(&der);
}

static void making_done(void *arg)
{
	struct making *m = arg;
	m->then(m->c, &m->pair);
	making_free(m);
}

int keypair_make(struct aws_call *c, const char *type, const struct crypt_seed *from, void (*then)(struct aws_call *c, const struct keypair *made))
{
	static const struct job_kind job = { making_work, making_done, NULL, making_free, "a key pair of EC2" };
	struct making *m = xcalloc(1, sizeof(*m));
	m->c = c;
	m->kind = !strcmp(type, "ed25519") ? PAIR_ED25519 : PAIR_RSA_2048;
	buf_addsl(&m->what, from->what);
	m->from = (struct crypt_seed){ from->seed, buf_slice(&m->what), from->n };
	m->then = then;
	owed_keep(&c->owed, loop_long_job(c->env->loop, &job, m));
	return AWS_LATER;
}

/* ---- the stack's ---- */

const char *keypair_at(const struct aws *a, size_t i, const char **type)
{
	const char *name;
	return conf_at(a->env->conf, "keypairs", i, &name, type) ? name : NULL;
}

struct crypt_seed keypair_seed(const struct aws *a, const char *name, struct buf *what)
{
	buf_addf(what, "ec2.keypair/%s", name);
	return (struct crypt_seed){ (uint64_t)conf_int(a->env->conf, "stack", "seed", 0), buf_slice(what), 0 };
}

int keypair_learn(struct aws *a, struct aws_place at, const char *name, const struct keypair *made, struct error *err)
{
	json_t *doc = aws_find(a, at, &ec2_keypairs, name);
	if (!doc || !made->made || !jtrue(doc, "lazy"))
		return 0;
	json_object_set_new(doc, "KeyFingerprint", json_stringn(made->fingerprint.p, made->fingerprint.n));
	json_object_set_new(doc, "PublicKey", json_stringn(made->public.p, made->public.n));
	json_object_del(doc, "lazy");
	return aws_keep(a, at, &ec2_keypairs, name, doc, err);
}

int keypairs_open(struct aws *a, struct error *err)
{
	struct aws_place at = { identities_account(a->env->conf), identities_region(a->env->conf) };
	const char *name, *type;
	int rc = 0;
	for (size_t i = 0; !rc && (name = keypair_at(a, i, &type)); i++) {
		char id[18];
		json_t *doc;
		if (aws_find(a, at, &ec2_keypairs, name))
			continue;
		aws_hex(a, 17, id);
		doc = json_object();
		jput(doc, "KeyName", name);
		json_object_set_new(doc, "KeyPairId", json_sprintf("key-%s", id));
		jput(doc, "KeyType", type);
		json_object_set_new(doc, "CreateTime", json_integer(clock_now_ms(a->env->clock)));
		json_object_set_new(doc, "Tags", json_array());
		json_object_set_new(doc, "lazy", json_true());
		rc = aws_keep(a, at, &ec2_keypairs, name, doc, err);
	}
	return rc;
}
