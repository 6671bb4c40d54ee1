#include "front/trust.h"

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/sigv4.h"

enum { STORE_MAX = 8 << 20 };

/* Debian, Red Hat, SUSE, Alpine and what Go and curl look for: the first that is here is the system's. */
static const char *const bundles[] = {
	"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem", "/etc/pki/tls/cert.pem",
};

/* ---- files ---- */

static int write_file(const char *path, struct slice text, struct error *err)
{
	char *fresh = xasprintf("%s.%d", path, (int)getpid());
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int rc = fd < 0 || write(fd, text.p, text.n) != (ssize_t)text.n || rename(fresh, path) ? err_set(err, ERR_STORE, "%s: %m", path) : 0;
	if (fd >= 0)
		close(fd);
	if (rc)
		(void)unlink(fresh);
	free(fresh);
	return rc;
}

/* Adds a file's certificates; whether it is there. */
static bool add_file(struct buf *b, const char *path)
{
	struct stat st;
	int fd = path && *path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	bool good = fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size <= STORE_MAX;
	char *to = good ? buf_room(b, (size_t)st.st_size + 1) : NULL;
	ssize_t n = to ? read(fd, to, (size_t)st.st_size) : -1;
	if (n > 0)
		b->n += (size_t)n;
	if (n > 0 && b->p[b->n - 1] != '\n')
		buf_addc(b, '\n');
	if (fd >= 0)
		close(fd);
	return n >= 0;
}

/* What the user's own variables add to the system's: a proxy's authority, a database's. A bundle of ours from outside is one of them. */
static void add_named(struct buf *b)
{
	static const char *const names[] = { "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *path = getenv(names[i]);
		bool again = false;
		for (size_t k = 0; path && k < i; k++)
			again |= getenv(names[k]) && !strcmp(getenv(names[k]), path);
		for (size_t k = 0; path && k < ARRAY_LEN(bundles); k++)
			again |= !strcmp(bundles[k], path);
		if (!again)
			add_file(b, path);
	}
}

/* ---- Java's key store, JKS version 2 ---- */

/* The next certificate of a PEM text in DER; der has room for the text. -1: there is none. */
static ssize_t next_der(struct slice *pem, uint8_t *der, char *plain)
{
	for (;;) {
		ssize_t at = sl_find(*pem, S("-----BEGIN CERTIFICATE-----"));
		if (at < 0)
			return -1;
		struct slice body = sl_from(*pem, (size_t)at + 27);
		ssize_t end = sl_find(body, S("-----END CERTIFICATE-----"));
		if (end < 0)
			return -1;
		*pem = sl_from(body, (size_t)end);
		size_t n = 0;
		for (ssize_t i = 0; i < end; i++)
			if (body.p[i] > ' ')
				plain[n++] = body.p[i];
		ssize_t got = base64_decode(der, sl_of(plain, n), true);
		if (got > 0)
			return got;
	}
}

void trust_jks(struct slice pem, struct buf *out)
{
	static const char whitener[] = "Mighty Aphrodite", password[] = "changeit";
	uint8_t *der = xmalloc(pem.n + 4), sum[20];
	char *plain = xmalloc(pem.n + 1), alias[16];
	struct buf sealed = { 0 };
	size_t head = out->n;
	ssize_t n;
	buf_u32be(out, 0xfeedfeed);
	buf_u32be(out, 2);
	size_t count_at = out->n;
	uint32_t count = 0;
	buf_u32be(out, 0);
	while ((n = next_der(&pem, der, plain)) > 0) {
		buf_u32be(out, 2); /* a trusted certificate */
		snprintf(alias, sizeof(alias), "ca%u", ++count);
		buf_u16be(out, (uint16_t)strlen(alias));
		buf_adds(out, alias);
		buf_u64be(out, (uint64_t)clock_real_ms());
		buf_u16be(out, 5);
		buf_adds(out, "X.509");
		buf_u32be(out, (uint32_t)n);
		buf_add(out, der, (size_t)n);
	}
	for (int i = 0; i < 4; i++)
		out->p[count_at + (size_t)i] = (char)(count >> (24 - 8 * i));
	for (const char *p = password; *p; p++)
		buf_u16be(&sealed, (uint16_t)*p);
	buf_adds(&sealed, whitener);
	buf_add(&sealed, out->p + head, out->n - head);
	hash_sha1(sealed.p, sealed.n, sum);
	buf_add(out, sum, sizeof(sum));
	buf_free(&sealed);
	free(plain);
	free(der);
}

/* ---- public ---- */

int trust_write(const char *dir, struct slice pem, struct trust *t, struct error *err)
{
	struct buf all = { 0 }, jks = { 0 }, option = { 0 };
	*t = (struct trust){ .bundle = xasprintf("%s/ca-bundle.pem", dir), .ours = xasprintf("%s/ca-ours.pem", dir),
			     .java = xasprintf("%s/cacerts.jks", dir), .mysql = xasprintf("%s/mysql", dir) };
	const char *named = getenv("AWS_CA_BUNDLE");
	if (named && !strcmp(named, t->bundle) && !access(named, R_OK)) /* written from these variables' own values would double it */
		return 0;
	buf_addsl(&all, pem);
	for (size_t i = 0; i < ARRAY_LEN(bundles) && !add_file(&all, bundles[i]); i++)
		;
	add_named(&all);
	trust_jks(buf_slice(&all), &jks);
	buf_addf(&option, "[client]\nssl-ca = %s\n", t->bundle);
	char *my = xasprintf("%s/my.cnf", t->mysql);
	int rc = mkdir(t->mysql, 0755) && access(t->mysql, W_OK) ? err_set(err, ERR_STORE, "%s: %m", t->mysql) : 0;
	if (!rc && !(rc = write_file(t->bundle, buf_slice(&all), err)) && !(rc = write_file(t->ours, pem, err)) &&
	    !(rc = write_file(t->java, buf_slice(&jks), err)))
		rc = write_file(my, buf_slice(&option), err);
	free(my);
	buf_free(&all);
	buf_free(&jks);
	buf_free(&option);
	return rc;
}

void trust_free(struct trust *t)
{
	free(t->bundle);
	free(t->ours);
	free(t->java);
	free(t->mysql);
	*t = (struct trust){ 0 };
}

/* Whatever variable names the system's bundle: gRPC's, Nix's, a tool's of its own. */
static void put_bundles(const struct trust *t, void (*fn)(void *arg, const char *name, const char *value), void *arg)
{
	struct buf names = { 0 };
	for (char **e = environ; *e; e++)
		for (size_t i = 0; i < ARRAY_LEN(bundles); i++)
			if (strchr(*e, '=') && !strcmp(strchr(*e, '=') + 1, bundles[i])) {
				buf_add(&names, *e, (size_t)(strchr(*e, '=') - *e));
				buf_addc(&names, '\0');
			}
	for (size_t at = 0; at < names.n; at += strlen(names.p + at) + 1)
		fn(arg, names.p + at, t->bundle);
	buf_free(&names);
}

void trust_variables(const struct trust *t, bool covered, void (*fn)(void *arg, const char *name, const char *value), void *arg)
{
	static const struct {
		const char *name;
		size_t at;
		bool keep; /* one that is set stays: it holds more than trust */
	} rows[] = {
		{ "AWS_CA_BUNDLE", offsetof(struct trust, bundle) },       /* AWS CLI, boto3 */
		{ "REQUESTS_CA_BUNDLE", offsetof(struct trust, bundle) },  /* requests, instead of certifi */
		{ "SSL_CERT_FILE", offsetof(struct trust, bundle) },       /* OpenSSL, Python's ssl, Go, Ruby, Rust, httpx */
		{ "CURL_CA_BUNDLE", offsetof(struct trust, bundle) },
		{ "NODE_EXTRA_CA_CERTS", offsetof(struct trust, ours) },   /* adds to its own */
		{ "DENO_CERT", offsetof(struct trust, ours) },
		{ "PIP_CERT", offsetof(struct trust, bundle) },
		{ "GIT_SSL_CAINFO", offsetof(struct trust, bundle) },
		{ "CARGO_HTTP_CAINFO", offsetof(struct trust, bundle) },
		{ "MARIADB_HOME", offsetof(struct trust, mysql), true },   /* libmariadb's my.cnf */
	};
	put_bundles(t, fn, arg);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!rows[i].keep || !getenv(rows[i].name))
			fn(arg, rows[i].name, *(char *const *)((const char *)t + rows[i].at));
	if (covered)
		return;
	/* Every JVM says on stderr that it has picked this up; only a mounted store is silent. */
	const char *before = getenv("JAVA_TOOL_OPTIONS");
	char *java = xasprintf("%s%s-Djavax.net.ssl.trustStore=%s -Djavax.net.ssl.trustStoreType=JKS", before ? before : "",
			       before && *before ? " " : "", t->java);
	fn(arg, "JAVA_TOOL_OPTIONS", java);
	free(java);
}

/* Patterns of glob(3); %s: a variable's value, the pattern is left out without it. */
static const struct cover {
	const char *pattern, *variable;
	bool java;
} covers[] = {
	{ "%s/lib/security/cacerts", "JAVA_HOME", true },
	{ "%s/jre/lib/security/cacerts", "JAVA_HOME", true },
	{ "/etc/ssl/certs/java/cacerts", NULL, true },
	{ "/etc/pki/java/cacerts", NULL, true },
	{ "/usr/lib/jvm/*/lib/security/cacerts", NULL, true },
	{ "/usr/lib/jvm/*/jre/lib/security/cacerts", NULL, true },
	{ "/opt/java/*/lib/security/cacerts", NULL, true },
	{ "/opt/*/lib/security/cacerts", NULL, true },
	{ "%s/.sdkman/candidates/java/*/lib/security/cacerts", "HOME", true },
	{ "%s/.jdks/*/lib/security/cacerts", "HOME", true },
	/* requests, botocore, httpx and pip have theirs; programs that call certifi.where() look at no variable. */
	{ "%s/lib/python3*/site-packages/certifi/cacert.pem", "VIRTUAL_ENV" },
	{ "%s/lib/python3*/site-packages/certifi/cacert.pem", "CONDA_PREFIX" },
	{ "%s/ssl/cacert.pem", "CONDA_PREFIX" },
	{ "%s/.local/lib/python3*/site-packages/certifi/cacert.pem", "HOME" },
	{ "%s/versions/*/lib/python3*/site-packages/certifi/cacert.pem", "PYENV_ROOT" },
	{ "%s/.pyenv/versions/*/lib/python3*/site-packages/certifi/cacert.pem", "HOME" },
	{ "/usr/lib/python3*/*-packages/certifi/cacert.pem" },
	{ "/usr/local/lib/python3*/*-packages/certifi/cacert.pem" },
	/* The working folder's: environments of its own, and authorities of AWS by the names under which they are downloaded. */
	{ "*/lib/python3*/site-packages/certifi/cacert.pem" },
	{ ".venv/lib/python3*/site-packages/certifi/cacert.pem" },
	{ "global-bundle.pem" }, { "[a-z][a-z]-*-[0-9]-bundle.pem" }, { "rds-combined-ca-bundle.pem" }, { "rds-ca-*.pem" }, { "AmazonRootCA*.pem" },
	{ "certs/global-bundle.pem" }, { "certs/rds-*.pem" },
};

/* Bytes at the head of a file say what it is: a PKCS#12 or JKS store, or text. */
static bool is_pem(const char *path)
{
	char head[64];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof(head));
	if (fd >= 0)
		close(fd);
	return n <= 0 || !memchr(head, 0, (size_t)n);
}

static void cover_pattern(const struct trust *t, const struct cover *c, void (*fn)(void *, const char *, const char *), void *arg)
{
	const char *value = c->variable ? getenv(c->variable) : NULL;
	glob_t found = { 0 };
	struct buf b = { 0 };
	if (c->variable && (!value || *value != '/'))
		return;
	buf_adds(&b, value ? value : "");
	buf_adds(&b, c->pattern + (value ? 2 : 0));
	if (!glob(buf_cstr(&b), GLOB_NOSORT, NULL, &found))
		for (size_t i = 0; i < found.gl_pathc; i++)
			fn(arg, found.gl_pathv[i], c->java ? t->java : t->bundle);
	globfree(&found);
	buf_free(&b);
}

void trust_covers(const struct trust *t, const char *const *over, size_t n, void (*fn)(void *arg, const char *path, const char *by), void *arg)
{
	for (size_t i = 0; i < ARRAY_LEN(bundles); i++)
		if (!access(bundles[i], F_OK))
			fn(arg, bundles[i], t->bundle);
	for (size_t i = 0; i < ARRAY_LEN(covers); i++)
		cover_pattern(t, &covers[i], fn, arg);
	for (size_t i = 0; i < n; i++)
		fn(arg, over[i], is_pem(over[i]) ? t->bundle : t->java);
}
