/* tarn ca: the certificate authority that clients of TLS are told to trust. */
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#include "core/json.h"
#include "core/tls.h"
#include "tarn/cmd.h"

struct ca_print {
	const char *data, *out;
	bool pem;
};

static int write_out(const char *path, struct slice pem)
{
	FILE *f = fopen(path, "we");
	bool good = f && fwrite(pem.p, 1, pem.n, f) == pem.n;
	if (f && fclose(f))
		good = false;
	return good ? 0 : cmd_fail(EXIT_FAILED, NULL, "%s: %m", path);
}

static void show(const char *path, struct slice pem)
{
	struct buf b = { 0 };
	if (cmd_is_json()) {
		jw_obj(&b, NULL);
		jw_text(&b, "path", path);
		jw_str(&b, "pem", pem);
		jw_obj_end(&b);
		cmd_json(buf_slice(&b));
		buf_free(&b);
		return;
	}
	printf("%s\n\n%s", path,
	       "tarn exec has its programs trust it without a word. Every port takes TLS, too: a program that trusts this file may say https://\n"
	       "(Kafka: SSL, MySQL: TLS) where it said http://. Some want a bundle, with the system's authorities beside it:\n"
	       "  cat /etc/ssl/certs/ca-certificates.crt FILE > BUNDLE\n"
	       "  curl          --cacert FILE, or export CURL_CA_BUNDLE=BUNDLE\n"
	       "  AWS, boto3    export AWS_CA_BUNDLE=FILE  (the SDK for JavaScript: as node)\n"
	       "  python        export SSL_CERT_FILE=BUNDLE  (requests: REQUESTS_CA_BUNDLE=BUNDLE)\n"
	       "  node, deno    export NODE_EXTRA_CA_CERTS=FILE  (deno: DENO_CERT)\n"
	       "  go, terraform export SSL_CERT_FILE=BUNDLE\n"
	       "  java          keytool -importcert -noprompt -alias tarn -file FILE -keystore trust.p12 -storepass changeit\n"
	       "                java -Djavax.net.ssl.trustStore=trust.p12\n"
	       "  kafka         security.protocol=SSL, ssl.ca.location=FILE (Java: ssl.truststore.type=PEM, ssl.truststore.location=FILE)\n"
	       "  mysql         --ssl-ca=FILE\n"
	       "  git, pip      export GIT_SSL_CAINFO=BUNDLE PIP_CERT=BUNDLE\n"
	       "  Debian        cp FILE /usr/local/share/ca-certificates/tarn.crt && update-ca-certificates\n"
	       "  Red Hat       cp FILE /etc/pki/ca-trust/source/anchors/tarn.pem && update-ca-trust\n"
	       "  macOS         security add-trusted-cert -k ~/Library/Keychains/login.keychain-db FILE\n"
	       "Its key is of this machine's own chance, never of a seed; it lies beside it (ca.key) and never leaves this folder. Whoever has the\n"
	       "key can sign for any name that you visit: trust it for programs rather than for the whole machine.\n");
}

static int ca_run(void *self, char **words, int n)
{
	struct ca_print *o = self;
	const char *data = cmd_data(o->data);
	char real[PATH_MAX];
	struct slice pem;
	struct error err;
	if (mkdir(data, 0777) && errno != EEXIST)
		return cmd_fail(EXIT_START, NULL, "state folder %s: %m", data);
	struct tls *t = tls_new(data);
	int rc = tls_ca(t, &pem, &err);
	char *path = xasprintf("%s/ca.pem", realpath(data, real) ? real : data);
	if (rc)
		rc = cmd_fail(EXIT_START, NULL, "%s", err.text);
	else if (o->out)
		rc = write_out(o->out, pem);
	else if (o->pem)
		printf("%.*s", SL(pem));
	else
		show(path, pem);
	free(path);
	tls_free(t);
	return rc;
}

static const struct flag flags[] = {
	{ "pem", 0, FLAG_ON, offsetof(struct ca_print, pem), NULL, "only the certificate itself, PEM" },
	{ "out", 0, FLAG_TEXT, offsetof(struct ca_print, out), "FILE", "writes the certificate, PEM, into FILE" },
	{ NULL },
};

const struct command command_ca = {
	"ca", "", "Shows the certificate authority of a state folder, and how programs trust it.", sizeof(struct ca_print), ca_run,
	.flags = { flags, data_flags }, .example = "tarn ca --out ca.pem",
};
