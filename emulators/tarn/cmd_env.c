/* tarn env: what clients have to know of a running stack, as variables for every kind of shell and file. */
#include <errno.h>
#include <jansson.h>
#include <limits.h>

#include "core/json.h"
#include "front/trust.h"
#include "stack/environment.h"
#include "tarn/cmd.h"

enum { CA_MAX = 64 << 10 };
struct env_print {
	const char *data;
	int format;
	bool unset;
	size_t n;
	struct buf out;
};

/* ---- quoting ---- */

/* In apostrophes; each of the characters in special gets prefix before it. */
static void add_quoted(struct buf *b, const char *value, const char *special, const char *prefix)
{
	buf_addc(b, '\'');
	for (const char *p = value; *p; p++) {
		if (strchr(special, *p))
			buf_adds(b, prefix);
		buf_addc(b, *p);
	}
	buf_addc(b, '\'');
}

static void add_sh(struct buf *b, const char *value)
{
	buf_addc(b, '\'');
	for (const char *p = value; *p; p++)
		if (*p == '\'')
			buf_adds(b, "'\\''");
		else
			buf_addc(b, *p);
	buf_addc(b, '\'');
}

/* PowerShell takes the curly quotes U+2018..U+201B for apostrophes, too. */
static void add_powershell(struct buf *b, const char *value)
{
	buf_addc(b, '\'');
	for (const char *p = value; *p; p++) {
		if (*p == '\'')
			buf_addc(b, '\'');
		else if (!strncmp(p, "\xe2\x80", 2) && (uint8_t)p[2] >= 0x98 && (uint8_t)p[2] <= 0x9b)
			buf_add(b, p, 3);
		buf_addc(b, *p);
	}
	buf_addc(b, '\'');
}

/* Without quotes where every reader agrees on it: docker's --env-file keeps them. */
static void add_dotenv(struct buf *b, const char *value)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,=?[]*";
	if (value[strspn(value, plain)] == '\0')
		buf_adds(b, value);
	else if (!strchr(value, '\''))
		add_quoted(b, value, "", "");
	else
		buf_json_string(b, sl(value));
}

/* ---- forms ---- */

static void put_sh(struct env_print *p, const char *name, const char *value)
{
	buf_addf(&p->out, value ? "export %s=" : "unset %s", name);
	if (value)
		add_sh(&p->out, value);
	buf_addc(&p->out, '\n');
}

static void put_fish(struct env_print *p, const char *name, const char *value)
{
	buf_addf(&p->out, value ? "set -gx %s " : "set -e %s", name);
	if (value)
		add_quoted(&p->out, value, "\\'", "\\");
	buf_addc(&p->out, '\n');
}

static void put_powershell(struct env_print *p, const char *name, const char *value)
{
	buf_addf(&p->out, value ? "$env:%s = " : "Remove-Item -ErrorAction Ignore Env:%s", name);
	if (value)
		add_powershell(&p->out, value);
	buf_addc(&p->out, '\n');
}

/* Files say what is set: who reads them has a clean environment, or one that can't be unset. */
static void put_dotenv(struct env_print *p, const char *name, const char *value)
{
	if (!value)
		return;
	buf_addf(&p->out, "%s=", name);
	add_dotenv(&p->out, value);
	buf_addc(&p->out, '\n');
}

static void put_json(struct env_print *p, const char *name, const char *value)
{
	buf_adds(&p->out, p->n++ ? ",\n  " : "{\n  ");
	buf_json_string(&p->out, sl(name));
	buf_adds(&p->out, ": ");
	if (value)
		buf_json_string(&p->out, sl(value));
	else
		buf_adds(&p->out, "null");
}

/* $GITHUB_ENV can't unset: an empty variable is the nearest. */
static void put_github(struct env_print *p, const char *name, const char *value)
{
	if (value && strchr(value, '\n'))
		buf_addf(&p->out, "%s<<tarn_end_of_%s\n%s\ntarn_end_of_%s\n", name, name, value, name);
	else
		buf_addf(&p->out, "%s=%s\n", name, value ? value : "");
}

static const struct format {
	const char *word, *end;
	void (*put)(struct env_print *p, const char *name, const char *value);
} formats[] = {
	{ "sh", "", put_sh },         { "fish", "", put_fish },     { "powershell", "", put_powershell },
	{ "dotenv", "", put_dotenv }, { "json", "\n}\n", put_json }, { "github", "", put_github },
};

static void on_variable(void *arg, const char *name, const char *value)
{
	struct env_print *p = arg;
	formats[p->format].put(p, name, value);
}

/* ---- the stack ---- */

static const char *from_json(const void *arg, const char *key)
{
	return jstr(arg, key);
}

static int each_of_stack(struct env_print *p)
{
	struct buf out = { 0 };
	int rc = cmd_health(p->data, &out);
	json_t *h = rc ? NULL : json_loadb(out.p, out.n, 0, NULL);
	const json_t *stack = json_object_get(h, "stack"), *who = json_object_get(h, "credentials");
	struct environment e = { from_json, json_object_get(h, "endpoints"), jstr(stack, "database"), jstr(stack, "stage"), jstr(stack, "region"),
				 who ? jstr(who, "key") : "test", who ? jstr(who, "secret") : "test", jstr(who, "session"), who ? cmd_token() : NULL };
	if (!rc)
		environment_each(&e, on_variable, p);
	json_decref(h);
	buf_free(&out);
	return rc;
}

/* A stack that has an authority, made by a client of TLS or by tarn ca: who says https:// trusts it. Java's store isn't named: every
 * JVM would say so on stderr. */
static int each_of_trust(struct env_print *p)
{
	char real[PATH_MAX];
	char *path = xasprintf("%s/ca.pem", cmd_data(p->data));
	FILE *f = fopen(path, "r");
	struct buf pem = { 0 };
	struct trust t = { 0 };
	struct error err;
	int rc = EXIT_OK;
	free(path);
	if (!f)
		return EXIT_OK;
	char *to = buf_room(&pem, CA_MAX);
	pem.n += fread(to, 1, CA_MAX, f);
	fclose(f);
	if (!realpath(cmd_data(p->data), real) || trust_write(real, buf_slice(&pem), &t, &err))
		rc = cmd_fail(EXIT_FAILED, NULL, "%s", t.bundle ? err.text : strerror(errno));
	else
		trust_variables(&t, true, on_variable, p);
	trust_free(&t);
	buf_free(&pem);
	return rc;
}

static void back_trust(struct env_print *p)
{
	struct trust none = { 0 };
	const char *bundle = getenv("AWS_CA_BUNDLE");
	if (bundle && strstr(bundle, "/ca-bundle.pem"))
		trust_variables(&none, true, on_variable, p);
}

/* Into the file that the next steps of a GitHub workflow get their environment from. */
static int append_github(struct slice text)
{
	const char *path = getenv("GITHUB_ENV");
	FILE *f = path && *path ? fopen(path, "a") : NULL;
	bool good = f && fwrite(text.p, 1, text.n, f) == text.n;
	if (f && fclose(f))
		good = false;
	if (good)
		return EXIT_OK;
	if (!path || !*path)
		return cmd_fail(EXIT_USAGE, "tarn env --format dotenv", "GITHUB_ENV names no file: this is no step of a GitHub workflow");
	return cmd_fail(EXIT_FAILED, NULL, "GITHUB_ENV=%s: %s", path, strerror(errno));
}

static int env_run(void *self, char **words, int n)
{
	struct env_print *p = self;
	int rc = EXIT_OK;
	if (p->unset)
		environment_back(on_variable, p);
	else if (!(rc = each_of_stack(p)))
		rc = each_of_trust(p);
	if (p->unset)
		back_trust(p);
	if (!rc)
		buf_adds(&p->out, formats[p->format].end);
	if (!rc && !strcmp(formats[p->format].word, "github"))
		rc = append_github(buf_slice(&p->out));
	else if (!rc)
		fwrite(buf_slice(&p->out).p, 1, p->out.n, stdout);
	return rc;
}

static void env_done(void *self)
{
	buf_free(&((struct env_print *)self)->out);
}

#define FORMATS "sh|fish|powershell|dotenv|json|github"
static const struct flag env_flags[] = {
	{ "format", 0, FLAG_WORD, offsetof(struct env_print, format), FORMATS, "for which shell, or kind of file; github appends to $GITHUB_ENV", "sh" },
	{ "shell", 0, FLAG_WORD, offsetof(struct env_print, format), FORMATS, "the same" },
	{ "unset", 0, FLAG_ON, offsetof(struct env_print, unset), NULL, "takes them back, whether or not a stack runs" },
	{ NULL },
};

const struct command command_env = {
	"env", "", "Prints the environment for clients: eval \"$(tarn env)\".", sizeof(struct env_print), env_run, env_done,
	.flags = { data_flags, env_flags }, .example = "tarn env --format dotenv >.env",
	.more = "  bash, zsh, dash  eval \"$(tarn env)\"\n"
		"  fish             tarn env --format fish | source\n"
		"  PowerShell       tarn env --format powershell | Out-String | Invoke-Expression\n"
		"  docker run       --env-file <(tarn env --format dotenv)\n"
		"  GitHub workflow  tarn env --format github     (the steps after it have them)\n"
		"\n"
		"Clients of AWS find everything by these: SDKs, CLI, awslocal, tflocal, cdklocal. S3 clients other than boto3 and the CLI must be\n"
		"told to name buckets in the path (forcePathStyle, s3_use_path_style); SDKs for JavaScript need disableHostPrefix for MWAA.\n"
		"127.0.0.1 and localhost are added to NO_PROXY. What would lead clients elsewhere (AWS_PROFILE, AWS_SESSION_TOKEN,\n"
		"AWS_ENDPOINT_URL_X of other services, FIPS and dual-stack endpoints) is unset where it is set. A stack whose folder has an\n"
		"authority (tarn ca, or a client of TLS came) has AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE, SSL_CERT_FILE, CURL_CA_BUNDLE,\n"
		"NODE_EXTRA_CA_CERTS, too: the system's authorities and its own.\n",
};
