/* The stack's own certificate authority, and what it certifies. */
#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "listener.h"
#include "tls.h"

enum {
	LEAVES_MAX = 128,   /* that are kept for the next who asks */
	NAME_MAX_BYTES = 253,
	COMMON_NAME_MAX = 64,
	DAY = 86400, CA_DAYS = 3650, LEAF_DAYS = 397,
	FILE_MAX = 64 << 10,
};

struct ca_leaf {
	struct ca_leaf *next;
	char *name;
	union address local;
	gnutls_certificate_credentials_t credentials;
	int64_t until_s; /* a new one is made then */
	int uses;        /* of connections, and of the list */
};

struct ca {
	char *dir;
	gnutls_x509_privkey_t key, leaf_key; /* all leaves have one key */
	gnutls_x509_crt_t crt;
	gnutls_datum_t pem;
	bool loaded;
	struct ca_leaf *leaves; /* the latest asked for first */
};

static int64_t now_s(void)
{
	return clock_real_ms() / 1000;
}

/* ---- certificates ---- */

static int new_key(gnutls_x509_privkey_t *out)
{
	int rc = gnutls_x509_privkey_init(out);
	return rc ? rc : gnutls_x509_privkey_generate(*out, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
}

/* What both kinds have. */
static int new_crt(gnutls_x509_privkey_t key, struct slice name, int days, gnutls_x509_crt_t *out)
{
	uint8_t serial[16], id[64];
	size_t id_n = sizeof(id);
	int rc = gnutls_x509_crt_init(out);
	if (rc || (rc = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial))))
		return rc;
	serial[0] = (serial[0] & 0x3f) | 0x40; /* positive, and of one length */
	if (name.n > COMMON_NAME_MAX || !name.n)
		name = S("tarn");
	if ((rc = gnutls_x509_crt_set_version(*out, 3)) || (rc = gnutls_x509_crt_set_serial(*out, serial, sizeof(serial))) ||
	    (rc = gnutls_x509_crt_set_activation_time(*out, (time_t)(now_s() - DAY))) ||
	    (rc = gnutls_x509_crt_set_expiration_time(*out, (time_t)(now_s() + (int64_t)days * DAY))) ||
	    (rc = gnutls_x509_crt_set_dn_by_oid(*out, GNUTLS_OID_X520_ORGANIZATION_NAME, 0, "tarn", 4)) ||
	    (rc = gnutls_x509_crt_set_dn_by_oid(*out, GNUTLS_OID_X520_COMMON_NAME, 0, name.p, (unsigned)name.n)) ||
	    (rc = gnutls_x509_crt_set_key(*out, key)) || (rc = gnutls_x509_crt_get_key_id(*out, 0, id, &id_n)))
		return rc;
	return gnutls_x509_crt_set_subject_key_id(*out, id, id_n);
}

static int certify(struct ca *ca, gnutls_x509_crt_t crt)
{
	uint8_t id[64];
	size_t n = sizeof(id);
	int rc = gnutls_x509_crt_get_subject_key_id(ca->crt, id, &n, NULL);
	if (!rc)
		rc = gnutls_x509_crt_set_authority_key_id(crt, id, n);
	return rc ? rc : gnutls_x509_crt_sign2(crt, ca->crt, ca->key, GNUTLS_DIG_SHA256, 0);
}

/* One that is made anew has another name: stores that hold both tell them apart, and no issuer gives a number twice. */
static int name_apart(gnutls_x509_crt_t crt)
{
	uint8_t id[64];
	size_t n = sizeof(id);
	struct buf text = { 0 };
	int rc = gnutls_x509_crt_get_subject_key_id(crt, id, &n, NULL);
	buf_hex(&text, id, n < 4 ? n : 4);
	if (!rc)
		rc = gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_ORGANIZATIONAL_UNIT_NAME, 0, text.p, (unsigned)text.n);
	buf_free(&text);
	return rc;
}

/* No name constraints: a stack is reached by whatever its machine, its containers and its [front] names are called. */
static int make_authority(struct ca *ca)
{
	int rc = new_key(&ca->key);
	if (rc || (rc = new_crt(ca->key, S("tarn, an authority of this machine only"), CA_DAYS, &ca->crt)) ||
	    (rc = name_apart(ca->crt)) || (rc = gnutls_x509_crt_set_basic_constraints(ca->crt, 1, 0)) ||
	    (rc = gnutls_x509_crt_set_key_usage(ca->crt, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN)))
		return rc;
	return certify(ca, ca->crt);
}

static int add_names(gnutls_x509_crt_t crt, struct slice name, const union address *local)
{
	static const uint8_t v4[4] = { 127, 0, 0, 1 }, v6[16] = { [15] = 1 };
	int rc = name.n ? gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, name.p, (unsigned)name.n, GNUTLS_FSAN_APPEND) : 0;
	if (rc || (rc = gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, "localhost", 9, GNUTLS_FSAN_APPEND)) ||
	    (rc = gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, v4, 4, GNUTLS_FSAN_APPEND)) ||
	    (rc = gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, v6, 16, GNUTLS_FSAN_APPEND)))
		return rc;
	if (local->a.sa_family == AF_INET && memcmp(&local->in.sin_addr, v4, 4))
		return gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, &local->in.sin_addr, 4, GNUTLS_FSAN_APPEND);
	if (local->a.sa_family == AF_INET6 && memcmp(&local->in6.sin6_addr, v6, 16))
		return gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, &local->in6.sin6_addr, 16, GNUTLS_FSAN_APPEND);
	return 0;
}

static int make_leaf(struct ca *ca, struct slice name, const union address *local, struct ca_leaf *leaf)
{
	gnutls_x509_crt_t crt = NULL;
	int rc = ca->leaf_key ? 0 : new_key(&ca->leaf_key);
	if (!rc && !(rc = new_crt(ca->leaf_key, name, LEAF_DAYS, &crt)) && !(rc = add_names(crt, name, local)) &&
	    !(rc = gnutls_x509_crt_set_basic_constraints(crt, 0, -1)) &&
	    !(rc = gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE)) &&
	    !(rc = gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0)) && !(rc = certify(ca, crt)) &&
	    !(rc = gnutls_certificate_allocate_credentials(&leaf->credentials)))
		rc = gnutls_certificate_set_x509_key(leaf->credentials, &crt, 1, ca->leaf_key);
	if (crt)
		gnutls_x509_crt_deinit(crt);
	return rc < 0 ? rc : 0;
}

/* ---- files ---- */

static int store_error(struct error *err, const char *path)
{
	return err_set(err, ERR_STORE, "%s: %m", path);
}

/* The file appears whole, or not at all. replace: in an old one's place; otherwise who was faster is right. */
static int write_whole(const char *path, mode_t mode, bool replace, struct slice text, struct error *err)
{
	char *fresh = xasprintf("%s.%d", path, (int)getpid());
	int rc = 0, fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0 || write(fd, text.p, text.n) != (ssize_t)text.n || fsync(fd) ||
	    (replace ? rename(fresh, path) : link(fresh, path) && errno != EEXIST))
		rc = store_error(err, path);
	if (fd >= 0)
		close(fd);
	unlink(fresh);
	free(fresh);
	return rc;
}

/* Key and certificate in PEM, one after the other. */
static int take_pem(struct ca *ca, struct slice text, const char *path, struct error *err)
{
	gnutls_datum_t d = { (unsigned char *)text.p, (unsigned)text.n };
	int rc = gnutls_x509_privkey_init(&ca->key);
	if (rc || (rc = gnutls_x509_privkey_import(ca->key, &d, GNUTLS_X509_FMT_PEM)) || (rc = gnutls_x509_crt_init(&ca->crt)) ||
	    (rc = gnutls_x509_crt_import(ca->crt, &d, GNUTLS_X509_FMT_PEM)))
		return err_set(err, ERR_STORE, "%s: %s", path, gnutls_strerror(rc));
	return 0;
}

static int read_authority(struct ca *ca, const char *path, bool *there, struct error *err)
{
	char text[FILE_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	*there = fd >= 0 || errno != ENOENT;
	if (fd < 0)
		return *there ? store_error(err, path) : 0;
	ssize_t n = read(fd, text, sizeof(text));
	close(fd);
	int rc = n < 0 ? store_error(err, path) : take_pem(ca, sl_of(text, (size_t)n), path, err);
	gnutls_memset(text, 0, sizeof(text));
	return rc;
}

static void forget_authority(struct ca *ca)
{
	gnutls_free(ca->pem.data);
	ca->pem.data = NULL;
	if (ca->key)
		gnutls_x509_privkey_deinit(ca->key);
	if (ca->crt)
		gnutls_x509_crt_deinit(ca->crt);
	ca->key = NULL;
	ca->crt = NULL;
}

static int write_authority(struct ca *ca, const char *path, struct error *err)
{
	gnutls_datum_t key = { 0 }, crt = { 0 };
	struct buf b = { 0 };
	int rc = gnutls_x509_privkey_export2(ca->key, GNUTLS_X509_FMT_PEM, &key);
	if (!rc)
		rc = gnutls_x509_crt_export2(ca->crt, GNUTLS_X509_FMT_PEM, &crt);
	if (rc)
		rc = err_set(err, ERR_INTERNAL, "certificate authority: %s", gnutls_strerror(rc));
	buf_add(&b, key.data, key.size);
	buf_add(&b, crt.data, crt.size);
	if (!rc)
		rc = write_whole(path, 0600, false, buf_slice(&b), err);
	if (b.p)
		gnutls_memset(b.p, 0, b.n);
	buf_free(&b);
	gnutls_free(key.data);
	gnutls_free(crt.data);
	return rc;
}

/* Makes it, and takes what then lies in the folder: two who make it at a time agree. */
static int make_and_keep(struct ca *ca, const char *path, struct error *err)
{
	bool there;
	int rc = make_authority(ca);
	if (rc)
		return err_set(err, ERR_INTERNAL, "certificate authority: %s", gnutls_strerror(rc));
	if (!path)
		return 0;
	if ((rc = write_authority(ca, path, err)))
		return rc;
	forget_authority(ca);
	return read_authority(ca, path, &there, err);
}

/* What clients are given. */
static int publish(struct ca *ca, struct error *err)
{
	int rc = gnutls_x509_crt_export2(ca->crt, GNUTLS_X509_FMT_PEM, &ca->pem);
	if (rc)
		return err_set(err, ERR_INTERNAL, "certificate authority: %s", gnutls_strerror(rc));
	if (!ca->dir)
		return 0;
	char *path = xasprintf("%s/ca.pem", ca->dir);
	rc = write_whole(path, 0644, true, sl_of(ca->pem.data, ca->pem.size), err);
	free(path);
	return rc;
}

static int load(struct ca *ca, struct error *err)
{
	bool there = false;
	int rc = 0;
	if (ca->loaded)
		return 0;
	char *path = ca->dir ? xasprintf("%s/ca.key", ca->dir) : NULL;
	forget_authority(ca);
	if (path)
		rc = read_authority(ca, path, &there, err);
	if (!rc && !there)
		rc = make_and_keep(ca, path, err);
	if (!rc)
		rc = publish(ca, err);
	ca->loaded = !rc;
	free(path);
	return rc;
}

/* ---- public ---- */

struct ca *ca_new(const char *dir)
{
	struct ca *ca = xcalloc(1, sizeof(*ca));
	ca->dir = dir ? xstrdup(dir) : NULL;
	return ca;
}

void ca_leaf_drop(struct ca_leaf *leaf)
{
	if (!leaf || --leaf->uses)
		return;
	if (leaf->credentials)
		gnutls_certificate_free_credentials(leaf->credentials);
	free(leaf->name);
	free(leaf);
}

void ca_free(struct ca *ca)
{
	if (!ca)
		return;
	while (ca->leaves) {
		struct ca_leaf *leaf = ca->leaves;
		ca->leaves = leaf->next;
		ca_leaf_drop(leaf);
	}
	forget_authority(ca);
	if (ca->leaf_key)
		gnutls_x509_privkey_deinit(ca->leaf_key);
	free(ca->dir);
	free(ca);
}

int ca_pem(struct ca *ca, struct slice *pem, struct error *err)
{
	int rc = load(ca, err);
	if (!rc)
		*pem = sl_of(ca->pem.data, ca->pem.size);
	return rc;
}

static bool same_host(const union address *a, const union address *b)
{
	if (a->a.sa_family != b->a.sa_family)
		return false;
	if (a->a.sa_family == AF_INET)
		return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
	return a->a.sa_family != AF_INET6 || !memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr, 16);
}

static bool is_name(struct slice name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'))
			return false;
	}
	return name.n <= NAME_MAX_BYTES;
}

/* Takes it out of the list; what is over the bound or out of date goes. */
static struct ca_leaf *find(struct ca *ca, struct slice name, const union address *local)
{
	struct ca_leaf *found = NULL;
	size_t n = 0;
	for (struct ca_leaf **at = &ca->leaves; *at;) {
		struct ca_leaf *leaf = *at;
		bool fits = !found && sl_eq_nocase(name, sl(leaf->name)) && same_host(local, &leaf->local);
		bool old = leaf->until_s <= now_s() || ++n >= LEAVES_MAX;
		if (!fits && !old) {
			at = &leaf->next;
			continue;
		}
		*at = leaf->next;
		if (fits && leaf->until_s > now_s())
			found = leaf;
		else
			ca_leaf_drop(leaf);
	}
	return found;
}

int ca_leaf_for(struct ca *ca, struct slice name, const union address *local, struct ca_leaf **out, struct error *err)
{
	int rc = load(ca, err);
	if (rc)
		return rc;
	if (!is_name(name))
		return err_set(err, ERR_INVALID, "not a name of a host");
	struct ca_leaf *leaf = find(ca, name, local);
	if (!leaf) {
		leaf = xcalloc(1, sizeof(*leaf));
		leaf->uses = 1;
		leaf->name = xstrndup(name.p ? name.p : "", name.n);
		leaf->local = *local;
		leaf->until_s = now_s() + (int64_t)(LEAF_DAYS - 30) * DAY;
		if ((rc = make_leaf(ca, name, local, leaf))) {
			ca_leaf_drop(leaf);
			return err_set(err, ERR_INTERNAL, "certificate for %.*s: %s", SL(name), gnutls_strerror(rc));
		}
	}
	leaf->next = ca->leaves;
	ca->leaves = leaf;
	leaf->uses++;
	*out = leaf;
	return 0;
}

struct gnutls_certificate_credentials_st *ca_credentials(struct ca_leaf *leaf)
{
	return leaf->credentials;
}
