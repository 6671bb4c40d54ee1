/* Trust as programs take it: the bundle, Java's store, the variables, the files that are covered. */
#include <sys/stat.h>

#include "core/sigv4.h"
#include "core/tls.h"
#include "env.h"
#include "front/environ.h"

static void note(void *arg, const char *name, const char *value)
{
	buf_addf(arg, "%s=%s\n", name, value);
}

static bool has(struct buf *seen, const char *line)
{
	return strstr(buf_cstr(seen), line) != NULL;
}

static void read_whole(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	for (int c; (c = getc(f)) != EOF;)
		buf_addc(out, (char)c);
	fclose(f);
}

/* Reads a store as sun.security.provider.JavaKeyStore does; how many certificates it has. */
static uint32_t read_store(struct slice s)
{
	static const char sealed_by[] = "\0c\0h\0a\0n\0g\0e\0i\0tMighty Aphrodite";
	struct rd r = rd_of(s.p, s.n - 20);
	struct buf sealed = { 0 };
	uint8_t sum[20];
	ck_assert_uint_eq(rd_u32be(&r), 0xfeedfeed);
	ck_assert_uint_eq(rd_u32be(&r), 2);
	uint32_t n = rd_u32be(&r);
	for (uint32_t i = 0; i < n; i++) {
		ck_assert_uint_eq(rd_u32be(&r), 2);
		ck_assert_uint_gt(rd_bytes(&r, rd_u16be(&r)).n, 0);
		ck_assert(rd_u64be(&r) > 1600000000000ULL);
		ck_assert(sl_eqs(rd_bytes(&r, rd_u16be(&r)), "X.509"));
		struct slice der = rd_bytes(&r, rd_u32be(&r));
		ck_assert_uint_gt(der.n, 100);
		ck_assert_int_eq((uint8_t)der.p[0], 0x30);
	}
	ck_assert(!r.bad && !r.n);
	buf_add(&sealed, sealed_by, sizeof(sealed_by) - 1);
	buf_add(&sealed, s.p, s.n - 20);
	hash_sha1(sealed.p, sealed.n, sum);
	ck_assert(!memcmp(sum, s.p + s.n - 20, 20));
	buf_free(&sealed);
	return n;
}

START_TEST(files)
{
	struct tls *tls = tls_new(NULL);
	struct slice pem;
	struct error err;
	struct trust t;
	struct buf bundle = { 0 }, store = { 0 }, seen = { 0 };
	env_open("trust");
	env_folder();
	ck_assert_int_eq(tls_ca(tls, &pem, &err), 0);
	setenv("SSL_CERT_FILE", "/nowhere/at/all", 1);
	ck_assert_int_eq(trust_write(env.dir, pem, &t, &err), 0);
	read_whole(t.bundle, &bundle);
	ck_assert(sl_starts(buf_slice(&bundle), pem));
	read_whole(t.java, &store);
	uint32_t in_store = read_store(buf_slice(&store)), in_bundle = 0;
	for (struct slice s = buf_slice(&bundle);; s = sl_from(s, (size_t)sl_find(s, S("-----BEGIN CERT")) + 10)) {
		if (sl_find(s, S("-----BEGIN CERT")) < 0)
			break;
		in_bundle++;
	}
	ck_assert_uint_eq(in_store, in_bundle);

	setenv("MARIADB_HOME", "/mine", 1);
	setenv("JAVA_TOOL_OPTIONS", "-Xmx64m", 1);
	setenv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "/etc/ssl/certs/ca-certificates.crt", 1);
	trust_variables(&t, true, note, &seen);
	ck_assert(has(&seen, "NODE_EXTRA_CA_CERTS=") && has(&seen, "AWS_CA_BUNDLE=") && !has(&seen, "MARIADB_HOME") && !has(&seen, "JAVA"));
	ck_assert(has(&seen, "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH=/tmp/"));
	unsetenv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH");
	buf_reset(&seen);
	trust_variables(&t, false, note, &seen);
	ck_assert(has(&seen, "JAVA_TOOL_OPTIONS=-Xmx64m -Djavax.net.ssl.trustStore="));
	unsetenv("MARIADB_HOME");
	unsetenv("JAVA_TOOL_OPTIONS");
	unsetenv("SSL_CERT_FILE");
	buf_free(&bundle);
	buf_free(&store);
	buf_free(&seen);
	trust_free(&t);
	tls_free(tls);
	env_close();
}
END_TEST

START_TEST(covers)
{
	struct trust t = { .bundle = "BUNDLE", .java = "JKS" };
	struct buf seen = { 0 }, path = { 0 }, want = { 0 };
	env_open("covers");
	env_folder();
	buf_addf(&path, "%s/lib", env.dir);
	ck_assert_int_eq(mkdir(buf_cstr(&path), 0755), 0);
	buf_adds(&path, "/security");
	ck_assert_int_eq(mkdir(buf_cstr(&path), 0755), 0);
	buf_adds(&path, "/cacerts");
	FILE *f = fopen(buf_cstr(&path), "w");
	fwrite("\xfe\xed\xfe\xed\0\0\0\2", 1, 8, f);
	fclose(f);
	setenv("JAVA_HOME", env.dir, 1);
	const char *over[] = { path.p, "/etc/hostname" };
	trust_covers(&t, over, 0, note, &seen);
	buf_addf(&want, "%s=JKS\n", path.p);
	ck_assert(has(&seen, buf_cstr(&want)));
	buf_reset(&seen);
	unsetenv("JAVA_HOME");
	trust_covers(&t, over, 2, note, &seen);
	ck_assert(has(&seen, buf_cstr(&want)) && has(&seen, "/etc/hostname=BUNDLE\n"));
	buf_free(&seen);
	buf_free(&path);
	buf_free(&want);
	env_close();
}
END_TEST

START_TEST(environment)
{
	struct tls *tls = tls_new(NULL);
	struct slice pem;
	struct error err;
	struct trust t;
	env_open("environ");
	env_folder();
	ck_assert_int_eq(tls_ca(tls, &pem, &err), 0);
	char *ca = xstrndup(pem.p, pem.n), *config = xasprintf("%s/config", env.dir);
	setenv("HTTPS_PROXY", "http://proxy.campus:3128", 1);
	setenv("HOME", env.dir, 1);
	unsetenv("AWS_ACCESS_KEY_ID");
	unsetenv("AWS_PROFILE");
	unsetenv("AWS_SHARED_CREDENTIALS_FILE");
	ck_assert_int_eq(environ_front(env.dir, ca, true, &t, &err), 0);
	ck_assert_ptr_null(getenv("HTTPS_PROXY"));
	ck_assert_str_eq(getenv("AWS_CA_BUNDLE"), t.bundle);
	ck_assert_str_eq(getenv("AWS_ACCESS_KEY_ID"), "test");
	unsetenv("AWS_ACCESS_KEY_ID");
	ck_assert(!environ_has_credentials());
	FILE *f = fopen(config, "w");
	fputs("[default]\naws_access_key_id = AKIAMINE\n", f);
	fclose(f);
	setenv("AWS_CONFIG_FILE", config, 1);
	ck_assert(environ_has_credentials());
	unsetenv("AWS_CONFIG_FILE");
	free(ca);
	free(config);
	trust_free(&t);
	tls_free(tls);
	env_close();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("trust");
	TCase *c = tcase_create("trust");
	tcase_add_test(c, files);
	tcase_add_test(c, covers);
	tcase_add_test(c, environment);
	suite_add_tcase(s, c);
	return run_suite(s);
}
