/* tarn ca: the certificate authority that clients of TLS are told to trust. */
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#include "core/json.h"
#include "core/tls.h"
#include "tarn/cmd.h"

struct ca_print {
	const char *data;
	bool pem;
};

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
	printf("%s\n\n"
	       "Every port takes TLS, too. A program that trusts this file may say https:// (Kafka: SSL, MySQL: TLS) where it said http://:\n"
	       "  curl          --cacert FILE\n"
	       "  AWS, boto3    export AWS_CA_BUNDLE=FILE\n"
	       "  python        export SSL_CERT_FILE=FILE  (requests: REQUESTS_CA_BUNDLE)\n"
	       "  node          export NODE_EXTRA_CA_CERTS=FILE\n"
	       "  java          keytool -importcert -noprompt -alias tarn -file FILE -keystore trust.p12 -storepass changeit\n"
	       "  kafka         security.protocol=SSL, ssl.ca.location=FILE (Java: ssl.truststore.type=PEM, ssl.truststore.location=FILE)\n"
	       "  mysql         --ssl-ca=FILE\n"
	       "  this machine  cp FILE /usr/local/share/ca-certificates/tarn.crt && update-ca-certificates\n"
	       "Its key lies beside it (ca.key) and never leaves this folder.\n", path);
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
	{ NULL },
};

const struct command command_ca = {
	"ca", "", "Shows the certificate authority of a state folder, and how programs trust it.", sizeof(struct ca_print), ca_run,
	.flags = { flags, data_flags }, .example = "tarn ca --pem > ca.pem",
};
