#include "names.h"

#include <ctype.h>

const struct setting front_settings[] = {
	{ "front", "names", NULL, "a, b=SERVICE: more host names that lead here under tarn exec and --dns, *.example.com for all below it; SERVICE is what answers "
				  "them on 443 and 80: apigateway, airflow, lake, without it the AWS port" },
	{ "front", "ports", NULL, "443, 3306: more ports that tarn up listens on, each for what AWS has there (tarn help exec lists them), or all; below 1024 "
				  "they are root's on most machines" },
	{ NULL },
};

/* ---- labels ---- */

enum { LABELS_MAX = 12 };
struct labels {
	struct slice whole, at[LABELS_MAX];
	size_t n;
};

static bool split(struct slice text, struct labels *out)
{
	struct slice rest = text;
	out->whole = text;
	out->n = 0;
	while (rest.p && text.n) {
		if (out->n == LABELS_MAX)
			return false;
		sl_cut(rest, '.', &out->at[out->n], &rest);
		if (!out->at[out->n++].n)
			return false;
	}
	return true;
}

static bool is(struct slice label, const char *word)
{
	return sl_eq_nocase(label, sl(word));
}

/* The labels before the i-th, with their points. */
static struct slice before(const struct labels *l, size_t i)
{
	return i ? sl_of(l->whole.p, (size_t)(l->at[i].p - l->whole.p) - 1) : sl(NULL);
}

/* "us-east-1", "us-gov-west-1": two letters first, a digit last. */
static bool is_region(struct slice s)
{
	int dashes = 0;
	for (size_t i = 0; i < s.n; i++) {
		dashes += s.p[i] == '-';
		if (!isalnum((unsigned char)s.p[i]) && s.p[i] != '-')
			return false;
	}
	return dashes >= 2 && s.n >= 7 && isalpha((unsigned char)s.p[1]) && s.p[2] == '-' && isdigit((unsigned char)s.p[s.n - 1]) && s.p[s.n - 2] == '-';
}

/* Takes the last label off, if it is word. */
static bool drop(struct labels *l, const char *word)
{
	if (!l->n || !is(l->at[l->n - 1], word))
		return false;
	l->whole = before(l, --l->n);
	return true;
}

static void take_region(struct labels *l, struct name *out)
{
	if (!l->n || !is_region(l->at[l->n - 1]))
		return;
	out->region = l->at[l->n - 1];
	l->whole = before(l, --l->n);
}

/* ---- AWS ---- */

static bool is_s3(struct slice label)
{
	return is(label, "s3") || sl_starts_nocase(label, S("s3-website")) || is(label, "s3-accelerate") || is(label, "s3-fips") ||
	       (sl_starts_nocase(label, S("s3-")) && is_region(sl_from(label, 3)));
}

/* What is before the last label that is s3's; a bucket's name may have points. */
static bool of_s3(const struct labels *l, struct name *out)
{
	for (size_t i = l->n; i-- > 0;) {
		if (!is_s3(l->at[i]))
			continue;
		out->service = S("s3");
		out->id = before(l, i);
		out->kind = i ? NAME_BUCKET : NAME_AWS;
		return true;
	}
	return false;
}

static bool of_kafka(const struct labels *l, struct name *out)
{
	struct slice last = l->n ? l->at[l->n - 1] : sl(NULL);
	if (l->n < 2 || (!is(last, "kafka") && !is(last, "kafka-serverless")))
		return false;
	out->kind = NAME_BROKER;
	out->id = l->at[0];
	return true;
}

/* NAME.HASH.REGION.rds, in China NAME.HASH.rds.REGION. */
static bool of_rds(struct labels *l, struct name *out)
{
	if (l->n < 2 || !is(l->at[l->n - 1], "rds"))
		return false;
	(void)drop(l, "rds");
	take_region(l, out);
	out->kind = NAME_DATABASE;
	return true;
}

static bool of_machine(const struct labels *l, struct name *out)
{
	if (l->n < 2 || !(sl_starts_nocase(l->at[0], S("ec2-")) || sl_starts_nocase(l->at[0], S("ip-"))) || sl_starts_nocase(l->at[1], S("api")))
		return false;
	out->kind = NAME_MACHINE;
	out->id = l->at[0];
	return true;
}

static void of_aws(struct labels *l, struct name *out)
{
	out->kind = NAME_AWS;
	if (l->n >= 2 && drop(l, "airflow")) { /* ID.c2.REGION.airflow, a web server; the API is airflow.REGION */
		take_region(l, out);
		out->kind = NAME_AIRFLOW;
		return;
	}
	if (of_rds(l, out))
		return;
	(void)drop(l, "vpce");
	take_region(l, out);
	(void)(drop(l, "global") || drop(l, "dualstack"));
	if (of_s3(l, out) || of_kafka(l, out) || of_rds(l, out) || of_machine(l, out) || !l->n)
		return;
	size_t last = l->n - 1;
	out->service = l->at[last];
	out->prefix = before(l, last);
	if (last && is(out->service, "execute-api")) {
		out->kind = NAME_INVOKE;
		out->id = l->at[last - 1];
	}
	if (out->service.n > 5 && sl_eq_nocase(sl_from(out->service, out->service.n - 5), S("-fips")))
		out->service.n -= 5;
}

static void of_on_aws(struct labels *l, struct name *out)
{
	take_region(l, out);
	out->kind = drop(l, "airflow") ? NAME_AIRFLOW : NAME_AWS;
}

static void of_databricks(struct labels *l, struct name *out)
{
	out->kind = NAME_DATABRICKS;
}

static void of_internal(struct labels *l, struct name *out)
{
	out->kind = l->n && sl_starts_nocase(l->at[0], S("ip-")) ? NAME_MACHINE : NAME_FOREIGN;
}

static const struct {
	const char *suffix;
	void (*read)(struct labels *l, struct name *out);
} suffixes[] = {
	{ "amazonaws.com", of_aws },
	{ "amazonaws.com.cn", of_aws },
	{ "api.aws", of_aws },
	{ "localhost.localstack.cloud", of_aws },
	{ "on.aws", of_on_aws },
	{ "cloud.databricks.com", of_databricks },
	{ "gcp.databricks.com", of_databricks },
	{ "azuredatabricks.net", of_databricks },
	{ "ec2.internal", of_internal },
	{ "compute.internal", of_internal },
};

/* ---- the stack's own ---- */

static bool fits(struct slice name, struct slice pattern)
{
	struct slice tail = sl_from(pattern, 1);
	if (!pattern.n || pattern.p[0] != '*')
		return pattern.n && sl_eq_nocase(name, pattern);
	return tail.n && name.n > tail.n && sl_eq_nocase(sl_from(name, name.n - tail.n), tail);
}

static bool own(struct slice name, const struct conf *conf, struct name *out)
{
	struct slice one, rest = sl(conf ? conf_get(conf, "front", "names") : NULL), pattern, service;
	while (rest.p) {
		sl_cut(rest, ',', &one, &rest);
		sl_cut(sl_trim(one), '=', &pattern, &service);
		if (!fits(name, sl_trim(pattern)))
			continue;
		out->kind = NAME_OWN;
		out->service = service.p ? sl_trim(service) : sl(NULL);
		return true;
	}
	return false;
}

/* "Name:443" and "name." are the name. */
static struct slice bare(struct slice host)
{
	ssize_t colon = sl_chr(host, ':');
	if (colon >= 0)
		host.n = (size_t)colon;
	if (host.n && host.p[host.n - 1] == '.')
		host.n--;
	return host;
}

enum name_kind name_read(struct slice host, const struct conf *conf, struct name *out)
{
	struct slice name = bare(sl_trim(host));
	struct labels l;
	*out = (struct name){ 0 };
	if (!name.n || own(name, conf, out))
		return out->kind;
	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		struct slice suffix = sl(suffixes[i].suffix);
		if (name.n < suffix.n || !sl_eq_nocase(sl_from(name, name.n - suffix.n), suffix))
			continue;
		if (name.n > suffix.n && name.p[name.n - suffix.n - 1] != '.')
			continue;
		if (split(sl_of(name.p, name.n > suffix.n ? name.n - suffix.n - 1 : 0), &l))
			suffixes[i].read(&l, out);
		break;
	}
	return out->kind;
}

const char *name_kind_doc(enum name_kind kind)
{
	static const char *const docs[NAME_KINDS] = {
		[NAME_FOREIGN] = "not ours",
		[NAME_AWS] = "an API of AWS",
		[NAME_INVOKE] = "an invoke URL of API Gateway",
		[NAME_BUCKET] = "a bucket",
		[NAME_DATABASE] = "a database of RDS",
		[NAME_BROKER] = "a broker of MSK",
		[NAME_MACHINE] = "a machine of EC2",
		[NAME_AIRFLOW] = "a web server of MWAA",
		[NAME_DATABRICKS] = "a workspace of Databricks",
		[NAME_OWN] = "of [front] names",
	};
	return kind < NAME_KINDS ? docs[kind] : docs[NAME_FOREIGN];
}

/* ---- ports ---- */

const struct front_port front_ports[] = {
	{ 443, FRONT_HTTP, "https of every API, invoke URL, bucket and workspace" },
	{ 80, FRONT_HTTP, "the same in plain text" },
	{ 4566, FRONT_HTTP, "the AWS port" },
	{ 3306, FRONT_RDS, "MySQL" },
	{ 9092, FRONT_KAFKA, "brokers, plain text" },
	{ 9093, FRONT_KAFKA, "brokers" },
	{ 9094, FRONT_KAFKA, "brokers, TLS" },
	{ 9095, FRONT_KAFKA, "brokers" },
	{ 9096, FRONT_KAFKA, "brokers, SASL/SCRAM" },
	{ 9097, FRONT_KAFKA, "brokers" },
	{ 9098, FRONT_KAFKA, "brokers, IAM" },
	{ 9194, FRONT_KAFKA, "brokers, TLS from outside of a VPC" },
	{ 9195, FRONT_KAFKA, "brokers" },
	{ 9196, FRONT_KAFKA, "brokers, SASL/SCRAM from outside" },
	{ 9197, FRONT_KAFKA, "brokers" },
	{ 9198, FRONT_KAFKA, "brokers, IAM from outside" },
	{ 8082, FRONT_REST, "REST proxy" },
	{ 8083, FRONT_CONNECT, "Kafka Connect" },
	{ 0 },
};

enum front_service front_service_of(int port)
{
	for (const struct front_port *p = front_ports; p->port; p++)
		if (p->port == port)
			return p->service;
	return port == 53 ? FRONT_DNS : FRONT_NONE;
}

const char *front_service_name(enum front_service service)
{
	static const char *const names[] = {
		[FRONT_HTTP] = "aws", [FRONT_RDS] = "rds", [FRONT_KAFKA] = "kafka", [FRONT_REST] = "rest", [FRONT_CONNECT] = "connect", [FRONT_DNS] = NULL,
	};
	return service < ARRAY_LEN(names) ? names[service] : NULL;
}

enum front_service front_lookup(struct slice host, int port, const struct conf *conf)
{
	struct name n;
	return name_read(host, conf, &n) == NAME_FOREIGN ? FRONT_NONE : front_service_of(port);
}

/* ---- addresses ---- */

uint32_t name_address(struct name_book *book, struct slice host, const struct conf *conf)
{
	struct name n;
	struct slice name = bare(sl_trim(host));
	enum name_kind kind = name_read(host, conf, &n);
	if (kind == NAME_FOREIGN)
		return 0;
	if (kind != NAME_BROKER)
		return FRONT_ADDRESS;
	for (uint32_t i = 0; i < FRONT_BROKERS; i++) {
		if (!book->broker[i]) {
			book->broker[i] = xstrndup(name.p, name.n);
			for (char *p = book->broker[i]; *p; p++)
				*p = (char)tolower((unsigned char)*p);
		}
		if (i == FRONT_BROKERS - 1 || sl_eq_nocase(sl(book->broker[i]), name))
			return FRONT_ADDRESS + 1 + i;
	}
	return 0;
}

const char *name_of_address(const struct name_book *book, uint32_t address)
{
	uint32_t i = address - FRONT_ADDRESS - 1;
	return i < FRONT_BROKERS ? book->broker[i] : NULL;
}

void name_book_free(struct name_book *book)
{
	for (size_t i = 0; i < FRONT_BROKERS; i++)
		free(book->broker[i]);
	*book = (struct name_book){ 0 };
}
